"""Graphs by weights: the reference's results, the same bits in any batch and chunking, packed weights and the numbers they stand for."""


import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.torch import load_file

from antiphon.export import passes
from antiphon.export.bundle import Options, write_bundle
from antiphon.export.checkpoint import Checkpoint, InvalidCheckpoint
from antiphon.export.configuration import Experts, UnsupportedConfiguration
from antiphon.export.generation import Generator
from antiphon.export.graph import FLOAT, Graph
from antiphon.export.host import Bundle, Sampling, Slab
from antiphon.export.packed_parity import compare_packed
from antiphon.export.parity import compare
from antiphon.export.quantise import pack, read_rows, unpack
from antiphon.export.random_checkpoint import released_configuration, write_random_checkpoint
from antiphon.export.weights import PackedWeights

CAPACITY = 48
KINDS = ("source", "int4", "int8")


def small_configuration(window=None) -> dict:
    """The released layout in small widths, multiples of 32."""
    config = released_configuration("8b", layers=2, vocabulary=512)
    config["text_config"] |= {"hidden_size": 96, "intermediate_size": 160, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32}
    config["audio_config"] |= {"d_model": 32, "encoder_attention_heads": 2, "encoder_ffn_dim": 64, "output_dim": 96}
    head = config["audio_config"]["crq_transformer_config"]
    head |= {"hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16}
    if window:
        head |= {"use_sliding_window": True, "sliding_window": window, "max_window_layers": 0}
    return config | {"hidden_size": 96}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A random checkpoint in several bf16 shards."""
    folder = tmp_path_factory.mktemp("random")
    write_random_checkpoint(folder, small_configuration(), shard=1 << 20)
    assert len(Checkpoint(folder).weight_files) > 2
    return folder


@pytest.fixture(scope="module", params=KINDS)
def bundle(request, source, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    write_bundle(source, folder, Options(weights=request.param, conversational=False))
    return Bundle(folder)


def test_by_weights_agrees_with_the_reference_as_by_role(golden, tmp_path):
    write_bundle(golden, tmp_path, Options(weights="source", conversational=False))
    bundle = Bundle(tmp_path)
    assert bundle.by_weights
    assert [result for result in compare(bundle, golden) if not result.agrees] == []


def test_large_models_are_by_weights_unless_asked(source, tmp_path, monkeypatch):
    monkeypatch.setattr("antiphon.export.bundle.LARGEST_FUSED", 1000)
    write_bundle(source, tmp_path / "large", Options(conversational=False))
    write_bundle(source, tmp_path / "asked", Options(conversational=False, weights="fused"))
    assert Bundle(tmp_path / "large").by_weights and not Bundle(tmp_path / "asked").by_weights


def _filled(bundle, rows):
    slab = Slab(bundle, rows, CAPACITY)
    for number, (name, buffer) in enumerate(sorted(slab.buffers().items())):
        buffer[:] = np.random.default_rng(number).standard_normal(buffer.shape, np.float32)
    return slab


def _inputs(bundle, rows):
    random, sizes = np.random.default_rng(1), bundle.manifest
    vocabulary, codebook, group = sizes["sharedLlm"]["vocabularySize"], sizes["refinedHead"]["codebookSize"], sizes["audio"]["groupSize"]
    past = random.integers(0, CAPACITY, rows).astype(np.int32)
    inputs = {
        "text_ids": random.integers(0, vocabulary, rows), "past_length": past, "head_past_length": past,
        "speech_group": random.integers(0, codebook, (rows, group)), "has_group": random.random(rows) < 0.5,
        "previous_speech_id": random.integers(0, codebook, rows),
    }
    for stream, ids, draws in (("text", vocabulary, ()), ("speech", codebook, (group,))):
        inputs |= {
            f"{stream}.seen": (random.random((rows, ids)) < 0.1).astype(np.uint8),
            f"{stream}.penalty": np.full(rows, 1.2, np.float32), f"{stream}.top_p": np.full(rows, 0.9, np.float32),
            f"{stream}.temperature": np.where(random.random(rows) < 0.3, 0, 0.8).astype(np.float32),
            f"{stream}.uniform": random.random((rows, *draws), np.float32),
        }
    return inputs


def _fewest_exact_rows(bundle) -> int:
    """2 where the products of 4 bits have a kernel of their own for one row, as with AVX2 and without AVX-512; else 1."""
    weights = [name for name in bundle.manifest["weights"] if name.endswith(".int4.safetensors")]
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    return 2 if weights and "avx512" not in flags else 1


@pytest.mark.parametrize("rows", [2, 7, 33])
def test_row_in_few_equals_row_in_batch(bundle, rows):
    """A row alone where the processor's kernels allow it, else one of two."""
    inputs, together, alone = _inputs(bundle, rows), _filled(bundle, rows), _filled(bundle, rows)
    batch, few = passes.step(bundle, together, 0, inputs, True, True), _fewest_exact_rows(bundle)
    for row in range(0, rows, few):
        first = min(row, rows - few)
        values = passes.step(bundle, alone, first, {name: value[first : first + few].copy() for name, value in inputs.items()}, True, True)
        for name, value in values.items():
            np.testing.assert_array_equal(value, batch[name][first : first + few], err_msg=f"{name} from row {first} on")
    for name, buffer in together.buffers().items():
        np.testing.assert_array_equal(buffer, alone.buffers()[name], err_msg=name)


def test_prefill_is_the_same_in_any_chunking(bundle):
    random, audio = np.random.default_rng(2), bundle.manifest["ids"]["text"]["audio"]
    ids = random.integers(0, 400, 23)
    ids[4:12] = audio
    groups = random.standard_normal((8, bundle.manifest["sharedLlm"]["hiddenSize"])).astype(np.float32)
    whole = Slab(bundle, 1, CAPACITY)
    hidden = Generator(bundle, whole).prefill(ids, groups)
    for chunk in (2, 5, 16):
        slab = Slab(bundle, 1, CAPACITY)
        np.testing.assert_array_equal(Generator(bundle, slab).prefill(ids, groups, chunk=chunk), hidden)
        for name, buffer in whole.buffers().items():
            np.testing.assert_array_equal(slab.buffers()[name], buffer, err_msg=f"{name} in chunks of {chunk}")


@pytest.mark.parametrize("weights", ["int4", "int8"])
def test_packed_kernels_agree_with_the_numbers_they_stand_for(source, tmp_path, weights):
    results = compare_packed(source, tmp_path, weights)
    exact, fast = results["exact"], results["fast"]
    assert exact.hidden < 1e-5 and exact.logits < 1e-5
    assert exact.text_ids[0] == 0 and exact.speech_ids == (0, exact.speech_ids[1]) and exact.speech_ids[1] > 50
    # Activations of the served bundle are rounded to int8.
    assert 1e-5 < fast.hidden < 0.05 and fast.logits < 0.05


@pytest.mark.parametrize("bits", [4, 8])
def test_packing_is_within_a_step_and_keeps_the_largest(bits):
    values = torch.randn(64, 96, generator=torch.Generator().manual_seed(0))
    values[3, 32:64] = 0
    packed, scales = pack(values, bits)
    made = unpack(packed, scales)
    step = scales.abs().repeat_interleave(32, 1)
    assert torch.all((made - values).abs() <= step * 1.001) and torch.all(made[3, 32:64] == 0)
    # The largest number of a block is met exactly, of whichever sign it is.
    places = values.reshape(64, 3, 32).abs().argmax(2, keepdim=True)
    largest = values.reshape(64, 3, 32).gather(2, places)
    torch.testing.assert_close(made.reshape(64, 3, 32).gather(2, places), largest)


def test_the_packed_file_is_kept_for_its_checkpoint_and_refused_for_another(source, tmp_path):
    options = Options(weights="int4", conversational=False)
    write_bundle(source, tmp_path / "bundle", options)
    file = tmp_path / "bundle/model.int4.safetensors"
    before = file.stat().st_mtime_ns
    write_bundle(source, tmp_path / "bundle", options)
    assert file.stat().st_mtime_ns == before and not list(file.parent.glob("*.unfinished"))

    other = tmp_path / "other"
    write_random_checkpoint(other, small_configuration(), seed=1)
    with pytest.raises(InvalidCheckpoint, match="model.int4.safetensors: packed weights of another checkpoint"):
        PackedWeights(file.parent, file.name, Checkpoint(other))


def test_widths_that_have_no_whole_blocks_are_named(tmp_path):
    config = small_configuration()
    config["text_config"]["intermediate_size"] = 100
    write_random_checkpoint(tmp_path, config)
    with pytest.raises(UnsupportedConfiguration, match="mlp.down_proj.weight: 100 inputs; expected a multiple of 32"):
        write_bundle(tmp_path, tmp_path, Options(weights="int8", conversational=False))


def test_large_matrices_are_cast_in_pieces(source, tmp_path, monkeypatch):
    monkeypatch.setattr("antiphon.export.weights.LARGEST_PIECE", 96 * 4 * 100)
    write_bundle(source, tmp_path / "pieces", Options(weights="source", conversational=False))
    monkeypatch.undo()
    write_bundle(source, tmp_path / "whole", Options(weights="source", conversational=False))
    logits = []
    for name in ("pieces", "whole"):
        bundle = Bundle(tmp_path / name)
        logits.append(passes.step(bundle, _filled(bundle, 3), 0, _inputs(bundle, 3), True, True)["text_logits"])
    np.testing.assert_allclose(logits[0], logits[1], rtol=1e-5, atol=1e-5)


def _experts_configuration() -> dict:
    config = small_configuration()
    config["text_config"] |= {
        "model_type": "qwen3_moe", "num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 64, "norm_topk_prob": True,
        "decoder_sparse_step": 1, "mlp_only_layers": [],
    }
    return config


@pytest.mark.parametrize("weights", ["int4", "int8"])
def test_packed_experts_agree_with_the_definition(tmp_path, weights):
    write_random_checkpoint(tmp_path / "source", _experts_configuration())
    exact = compare_packed(tmp_path / "source", tmp_path, weights)["exact"]
    assert exact.hidden < 1e-5 and exact.logits < 1e-5 and exact.text_ids[0] == 0 and exact.speech_ids[0] == 0


def test_experts_agree_with_the_library(tmp_path):
    """The definition above against transformers' own block, with the numbers that the packed weights stand for."""
    transformers = pytest.importorskip("transformers", reason="transformers, which has Qwen3's mixture of experts, is not installed")
    from transformers.models.qwen3_moe.modeling_qwen3_moe import Qwen3MoeSparseMoeBlock

    config = _experts_configuration()
    write_random_checkpoint(tmp_path / "source", config)
    write_bundle(tmp_path / "source", tmp_path / "bundle", Options(weights="int8", conversational=False, accuracy_level=0))
    checkpoint = Checkpoint(tmp_path / "source")
    block = Qwen3MoeSparseMoeBlock(transformers.Qwen3MoeConfig(**config["text_config"])).eval()
    prefix, packed = "language_model.model.layers.0.mlp", load_file(tmp_path / "bundle/model.int8.safetensors")
    gate_up = unpack(packed[f"{prefix}.experts.gate_up.packed"], packed[f"{prefix}.experts.gate_up.scales"]).reshape(6, 64, 2, 96)
    down = unpack(packed[f"{prefix}.experts.down.packed"], packed[f"{prefix}.experts.down.scales"]).reshape(6, 96, 64)
    block.gate.weight.data = read_rows(checkpoint, checkpoint.tensor(f"{prefix}.gate.weight", (6, 96)), 0, 6)
    for number, expert in enumerate(block.experts):
        expert.gate_proj.weight.data, expert.up_proj.weight.data = gate_up[number, :, 0], gate_up[number, :, 1]
        expert.down_proj.weight.data = down[number]
    x = torch.randn(5, 96, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        wanted = block(x[None])[0][0]
        logits = x @ block.gate.weight.T
    graph = Graph("experts", checkpoint)
    graph.input("x", FLOAT, ["n", 96])
    graph.input("logits", FLOAT, ["n", 6])
    mixture = PackedWeights(tmp_path / "bundle", "model.int8.safetensors", checkpoint).experts(graph, "x", "logits", f"{prefix}.experts", Experts(6, 2, 64), 96)
    graph.op("Identity", mixture, outputs="y")
    graph.output("y", FLOAT, ["n", 96])
    session = onnxruntime.InferenceSession(str(tmp_path / "bundle" / graph.save(tmp_path / "bundle")))
    made = session.run(None, {"x": x.numpy(), "logits": logits.numpy()})[0]
    np.testing.assert_allclose(made, wanted.numpy(), atol=1e-5)


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"num_experts": 0}, "text_config.num_experts: 0; expected a positive number"),
        ({"num_experts_per_tok": 7}, "text_config.num_experts_per_tok: 7; expected at most num_experts = 6"),
        ({"norm_topk_prob": False}, "text_config.norm_topk_prob: False; expected True"),
        ({"num_experts": 7}, "language_model.model.layers.0.mlp.experts.6.gate_proj.weight"),
    ],
)
def test_impossible_experts_are_named(tmp_path, changed, said):
    """The last: a checkpoint that lacks an expert which its configuration counts."""
    write_random_checkpoint(tmp_path, _experts_configuration())
    config = json.loads((tmp_path / "config.json").read_text())
    config["text_config"] |= changed
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises((UnsupportedConfiguration, InvalidCheckpoint)) as told:
        write_bundle(tmp_path, tmp_path, Options(weights="int4", conversational=False))
    assert said in str(told.value) and "\n" not in str(told.value)


def test_committed_answer_of_experts_is_this_hosts():
    """What the Java host's answer is compared with."""
    resources = Path(__file__).parents[3] / "model-runtime/src/test/resources/goldens-by-weights"
    expected, bundle = load_file(resources / "experts.safetensors"), Bundle(resources / "experts")
    penalised = Sampling(penalty=1.2)
    answer = Generator(bundle, Slab(bundle, 1, CAPACITY)).generate(
        expected["prompt_ids"].long().numpy(), expected["groups"].numpy(), 24, penalised, penalised, force_speech=True
    )
    assert answer.text_ids == expected["text_ids"].tolist() and answer.speech_ids == expected["speech_ids"].tolist()


def test_experts_need_packed_weights(tmp_path):
    write_random_checkpoint(tmp_path, _experts_configuration())
    with pytest.raises(UnsupportedConfiguration, match="'qwen3_moe' with the checkpoint's own weights; expected --weights int4 or int8"):
        write_bundle(tmp_path, tmp_path, Options(weights="source", conversational=False))


@pytest.mark.parametrize("weights", ["source", "int4"])
def test_committed_graphs_are_what_the_export_writes(weights, tmp_path):
    """The bundles of the Java tests: reference bundles by weights, and random ones with packed weights."""
    resources = Path(__file__).parents[3] / "model-runtime/src/test/resources"
    for name in ("a", "b", "c") if weights == "source" else ("int4", "experts"):
        committed = resources / "goldens-by-weights" / name
        source = resources / "goldens" / name if weights == "source" else committed
        write_bundle(source, tmp_path / name, Options(name=name, weights=weights, conversational=False))
        for file in committed.iterdir():
            assert (tmp_path / name / file.name).read_bytes() == file.read_bytes(), f"{file}: export the bundles by weights again"
