"""What recovery and batching rest on: the same bits in any batch, in any chunking, in place or not."""

import numpy as np
import pytest

from antiphon.export.generation import Generator, chunks
from antiphon.export.host import Bundle, Slab
from antiphon.export.step_time import step_inputs

CAPACITY = 64


def _filled(bundle: Bundle, rows: int) -> Slab:
    """A slab with random caches, the same numbers whatever the batch."""
    slab = Slab(bundle, rows, CAPACITY)
    for number, (name, buffer) in enumerate(sorted(slab.buffers().items())):
        buffer[:] = np.random.default_rng(number).standard_normal(buffer.shape, np.float32)
    return slab


def _ragged(bundle: Bundle, role: str, rows: int) -> dict[str, np.ndarray]:
    inputs = step_inputs(bundle, role, rows, past=0)
    random = np.random.default_rng(1)
    inputs["past_length"] = random.integers(0, CAPACITY, rows).astype(np.int32)
    if "head_past_length" in inputs:
        inputs["head_past_length"] = random.integers(0, CAPACITY, rows).astype(np.int32)
        inputs["has_group"] = random.random(rows) < 0.5
    for name in ("text.temperature", "speech.temperature"):
        if name in inputs:
            inputs[name][random.random(rows) < 0.3] = 0
    return inputs


@pytest.mark.parametrize("role", ["step", "stepGreedy", "stepText", "stepTextGreedy"])
@pytest.mark.parametrize("rows", [2, 7, 33])
def test_row_alone_equals_row_in_batch(bundle, role, rows):
    inputs = _ragged(bundle, role, rows)
    outputs = [declared.name for declared in bundle.session(role).get_outputs() if "present" not in declared.name]
    together = _filled(bundle, rows)
    batch = together.run(bundle, role, 0, inputs, outputs)

    alone = _filled(bundle, rows)
    for row in range(rows):
        values = alone.run(bundle, role, row, {name: value[row : row + 1].copy() for name, value in inputs.items()}, outputs)
        for name, value, expected in zip(outputs, values, batch):
            np.testing.assert_array_equal(value[0], expected[row], err_msg=f"{name} of row {row}")
    for name, buffer in together.buffers().items():
        np.testing.assert_array_equal(buffer, alone.buffers()[name], err_msg=name)


@pytest.mark.parametrize("speech", [True, False])
def test_prefill_is_the_same_in_any_chunking(bundle, prompt, speech):
    ids, groups = prompt
    whole = Slab(bundle, 1, CAPACITY)
    hidden = Generator(bundle, whole, speech=speech).prefill(ids, groups)
    for chunk in (2, 3, 5, 16, len(ids) - 1):
        slab = Slab(bundle, 1, CAPACITY)
        np.testing.assert_array_equal(Generator(bundle, slab, speech=speech).prefill(ids, groups, chunk=chunk), hidden)
        for name, buffer in whole.buffers().items():
            np.testing.assert_array_equal(slab.buffers()[name], buffer, err_msg=f"{name} in chunks of {chunk}")


@pytest.mark.parametrize("role", ["step", "stepText"])
def test_caches_in_place_equal_fresh_caches(bundle, role):
    rows = 3
    inputs, session = _ragged(bundle, role, rows), bundle.session(role)
    slab = _filled(bundle, rows)
    names = [declared.name for declared in session.get_outputs()]
    bound = {declared.name for declared in session.get_inputs()}
    # Separate buffers cannot carry the head's own passes, so only what the first pass and the shared LLM write is compared.
    feeds = inputs | {name.replace("key", "past_key").replace("value", "past_value"): buffer.copy() for name, buffer in slab.buffers().items()}
    fresh = dict(zip(names, session.run(None, {name: value for name, value in feeds.items() if name in bound})))
    ids, logits = slab.run(bundle, role, 0, inputs, ["next_text_id", "text_logits"])

    np.testing.assert_array_equal(ids, fresh["next_text_id"])
    np.testing.assert_array_equal(logits, fresh["text_logits"])
    for name, value in fresh.items():
        stream, _, rest = name.partition(".present_")
        if stream != "llm":
            continue
        buffer = slab.buffers()[f"llm.{rest}"]
        for row, past in enumerate(inputs["past_length"]):
            np.testing.assert_array_equal(buffer[row, :, : past + 1], value[row, :, : past + 1], err_msg=name)


def test_a_step_appends_and_leaves_the_rest_alone(bundle):
    rows, group = 4, bundle.manifest["audio"]["groupSize"]
    inputs, slab, before = _ragged(bundle, "step", rows), _filled(bundle, rows), _filled(bundle, rows)
    slab.run(bundle, "step", 0, inputs, [])
    for name, buffer in slab.buffers().items():
        count, length = (group, "head_past_length") if name.startswith("head") else (1, "past_length")
        for row, past in enumerate(inputs[length]):
            changed = np.any(buffer[row] != before.buffers()[name][row], axis=(0, 2))
            assert set(np.flatnonzero(changed)) == set(range(past * count, (past + 1) * count)), f"{name} of row {row}"


def test_encoder_rows_are_independent(bundle):
    audio = bundle.manifest["audio"]
    mel = np.random.default_rng(0).standard_normal((5, audio["melBins"], 37), np.float32)
    together = bundle.session("encoder").run(["frames"], {"mel": mel})[0]
    for row in range(len(mel)):
        np.testing.assert_array_equal(bundle.session("encoder").run(["frames"], {"mel": mel[row : row + 1]})[0][0], together[row])


@pytest.mark.parametrize("size", [2, 3, 4])
def test_no_chunk_has_one_position(size):
    for length in range(2, 20):
        ranges = chunks(length, size)
        assert [start for start, _ in ranges] == [0, *(end for _, end in ranges[:-1])] and ranges[-1][1] == length
        assert all(end - start >= 2 for start, end in ranges)
