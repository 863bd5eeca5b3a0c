"""Prefill and decoding step of a bundle, whether its graphs are by role (``step``, ``prefill``) or by weights (``llm``, ``head``, ...)."""

from __future__ import annotations

from typing import Mapping

import numpy as np

from antiphon.export.by_weights import BOTH, GROUP, TEXT
from antiphon.export.host import Bundle, Slab

Inputs = Mapping[str, np.ndarray]


def prefill(bundle: Bundle, slab: Slab, row: int, inputs: Inputs, speech: bool) -> np.ndarray:
    """Puts a chunk into row ``row``'s caches; ``inputs`` as ``prefill`` takes them. Returns ``hidden`` [1, n, hidden]."""
    if not bundle.by_weights:
        return slab.run(bundle, "prefill" if speech else "prefillText", row, inputs, ["hidden"])[0]
    hidden, head_inputs = slab.run(bundle, "llm", row, {
        "text_ids": inputs["text_ids"], "group_embeddings": inputs["group_embeddings"],
        "input": np.where(inputs["is_audio"], GROUP, TEXT).astype(np.uint8), "past_length": inputs["past_length"],
    }, ["hidden", "head_inputs"])
    if speech:
        group, begin = bundle.manifest["audio"]["groupSize"], bundle.manifest["ids"]["speech"]["begin"]
        rows = slab.run(bundle, "headEntry", row, {"head_inputs": head_inputs[0]}, ["head_rows"])[0]
        rows = rows.reshape(1, -1, rows.shape[-1])
        slab.run(bundle, "head", row, {
            "head_rows": rows, "previous_speech_ids": np.full(rows.shape[:2], begin, np.int64),
            "past_length": inputs["past_length"] * group, "cached_length": inputs["head_past_length"] * group,
            **_choice(bundle, "speech", {}, 1, 0),
        }, [])
    return hidden


def step(bundle: Bundle, slab: Slab, first: int, inputs: Inputs, speech: bool, sampled: bool) -> dict[str, np.ndarray]:
    """One position for every row from ``first`` on; ``inputs`` as the step graphs take them, what greedy ones lack may be left out.

    Returns ``next_text_id``, ``text_logits``, ``hidden`` and with ``speech`` ``next_speech_ids``.
    """
    if not bundle.by_weights:
        outputs = ["next_text_id", "text_logits", "hidden"] + (["next_speech_ids"] if speech else [])
        role = ("step" if speech else "stepText") + ("" if sampled else "Greedy")
        return dict(zip(outputs, slab.run(bundle, role, first, inputs, outputs)))
    rows = len(inputs["text_ids"])
    groups = np.zeros((rows, bundle.manifest["sharedLlm"]["hiddenSize"]), np.float32)
    has_group = inputs["has_group"] if speech else np.zeros(rows, bool)
    if has_group.any():
        groups = slab.run(bundle, "speechGroup", first, {"speech_group": inputs["speech_group"]}, ["group_embeddings"])[0]
    hidden, head_inputs = slab.run(bundle, "llm", first, {
        "text_ids": inputs["text_ids"][:, None], "group_embeddings": groups[:, None],
        "input": np.where(has_group, BOTH, TEXT).astype(np.uint8)[:, None], "past_length": inputs["past_length"],
    }, ["hidden", "head_inputs"])
    chosen, logits = slab.run(
        bundle, "textChoice", first, {"hidden": hidden[:, 0], **_choice(bundle, "text", inputs, rows, None)}, ["next_text_id", "text_logits"]
    )
    values = {"next_text_id": chosen, "text_logits": logits, "hidden": hidden[:, 0]}
    if speech:
        values["next_speech_ids"] = _speech(bundle, slab, first, inputs, head_inputs[:, 0])
    return values


def _speech(bundle: Bundle, slab: Slab, first: int, inputs: Inputs, head_inputs: np.ndarray) -> np.ndarray:
    """The k passes of the refined head."""
    group, rows = bundle.manifest["audio"]["groupSize"], len(head_inputs)
    head_rows = slab.run(bundle, "headEntry", first, {"head_inputs": head_inputs}, ["head_rows"])[0]
    previous, ids = inputs["previous_speech_id"], []
    seen = inputs["speech.seen"].copy()
    for number in range(group):
        previous = slab.run(bundle, "head", first, {
            "head_rows": head_rows[:, number : number + 1], "previous_speech_ids": previous[:, None],
            "past_length": inputs["past_length"] * group + np.int32(number),
            "cached_length": inputs["head_past_length"] * group + np.int32(number),
            **_choice(bundle, "speech", inputs | {"speech.seen": seen}, rows, number),
        }, ["next_speech_id"])[0]
        ids.append(previous)
        seen[np.arange(rows), previous] = 1
    return np.stack(ids, 1)


def _choice(bundle: Bundle, stream: str, inputs: Inputs, rows: int, draw: int | None) -> dict[str, np.ndarray]:
    """The sampling inputs of one stream; greedy without penalty where there are none. ``draw``: which of the k uniforms."""
    ids = bundle.manifest["sharedLlm"]["vocabularySize"] if stream == "text" else bundle.manifest["refinedHead"]["codebookSize"]
    full = lambda value: np.full(rows, value, np.float32)
    values = {
        "seen": np.zeros((rows, ids), np.uint8), "penalty": full(1), "temperature": full(0), "top_p": full(1),
        "uniform": full(0) if draw is None else np.zeros((rows, draw + 1), np.float32),
    }
    values |= {name: inputs[f"{stream}.{name}"] for name in values if f"{stream}.{name}" in inputs}
    if draw is not None:
        values["uniform"] = values["uniform"][:, draw : draw + 1]
    return {f"{stream}.{name}": np.ascontiguousarray(value) for name, value in values.items()}
