"""Bundles against reference cases, in every stored form; refusals name what is wrong."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from antiphon.export.bundle import Options, write_bundle
from antiphon.export.checkpoint import Checkpoint, InvalidCheckpoint
from antiphon.export.configuration import UnsupportedConfiguration, read_configuration
from antiphon.export.generation import Generator
from antiphon.export.host import Bundle, Sampling, Slab
from antiphon.export.manifest import InvalidGenerationConfig
from antiphon.export.parity import compare

CASES = Options(conversational=False)


def test_all_stages_and_ids_agree_with_the_reference(bundle, golden):
    different = [result for result in compare(bundle, golden) if not result.agrees]
    assert different == []


def test_committed_bundles_are_what_the_export_writes(exported, golden):
    for file in ("antiphon.json", *(path.name for path in exported.glob("*.onnx"))):
        assert (exported / file).read_bytes() == (golden / file).read_bytes(), f"{file}: export the reference bundles again"


def test_graphs_hold_no_weights(exported):
    assert sum(path.stat().st_size for path in exported.glob("*.onnx")) < 600_000


def test_manifest_takes_everything_from_the_checkpoint(bundle, configuration):
    text, audio, manifest = configuration["text_config"], configuration["audio_config"], bundle.manifest
    assert manifest["sharedLlm"]["headSize"] == text["head_dim"] and manifest["sharedLlm"]["vocabularySize"] == text["vocab_size"]
    assert manifest["refinedHead"]["layers"] == audio["crq_transformer_config"]["num_hidden_layers"]
    assert manifest["ids"]["text"]["audioBegin"] == text["audio_bos_index"]
    assert manifest["ids"]["speech"] == {
        "begin": audio["bos_token_id"], "end": audio["eos_token_id"], "pad": audio["pad_token_id"], "codes": audio["bos_token_id"],
    }
    assert "prompt" not in manifest and "detokenizer" not in manifest


@pytest.mark.parametrize("stored", [torch.float16, torch.bfloat16])
def test_shards_of_half_precision_equal_one_file_of_their_values(golden, prompt, tmp_path, stored):
    tensors = {name: value.to(stored) for name, value in load_file(golden / "model.safetensors").items()}
    whole, sharded = _checkpoint(golden, tmp_path / "whole"), _checkpoint(golden, tmp_path / "sharded")
    save_file({name: value.float() for name, value in tensors.items()}, whole / "model.safetensors")
    index = {name: f"model-{number % 3:05}.safetensors" for number, name in enumerate(tensors)}
    for file in set(index.values()):
        save_file({name: value for name, value in tensors.items() if index[name] == file}, sharded / file)
    (sharded / "model.safetensors.index.json").write_text(json.dumps({"weight_map": index}))

    answers = []
    for folder in (whole, sharded):
        write_bundle(folder, folder, CASES)
        bundle = Bundle(folder)
        answers.append(Generator(bundle, Slab(bundle, 1, 64)).generate(*prompt, 6, Sampling(), Sampling(), force_speech=True))

    np.testing.assert_array_equal(answers[0].hidden, answers[1].hidden)
    assert answers[0].speech_ids == answers[1].speech_ids and len(answers[0].speech_ids) > 0


def test_generation_config_gives_the_sampling_defaults(golden, tmp_path):
    settings = {"do_sample": True, "temperature": 0.8, "top_p": 0.9, "repetition_penalty": 1.2, "eos_token_id": [3, 4], "text": {"do_sample": False}}
    folder = _checkpoint(golden, tmp_path / "checkpoint", settings)
    (folder / "model.safetensors").symlink_to(golden / "model.safetensors")
    manifest = json.loads(write_bundle(folder, tmp_path / "bundle", CASES).read_text())
    assert manifest["sampling"]["speech"] == {"temperature": 0.8, "topP": 0.9, "repetitionPenalty": 1.2}
    assert manifest["sampling"]["text"] == {"temperature": 0.0, "topP": 1.0, "repetitionPenalty": 1.2}
    assert manifest["ids"]["text"]["endOfTurn"] == [3, 4]

    (folder / "generation_config.json").write_text(json.dumps(settings | {"top_p": 1.5}))
    with pytest.raises(InvalidGenerationConfig, match="speech topP: 1.5"):
        write_bundle(folder, tmp_path / "bundle", CASES)


@pytest.mark.parametrize(
    "section, setting, value, message",
    [
        ("text_config", "model_type", "llama", "text_config.model_type: 'llama'; expected 'qwen3' or 'qwen3_moe'"),
        ("text_config", "model_type", "qwen3_moe", "text_config.norm_topk_prob: False; expected True"),
        ("text_config", "rope_scaling", {"type": "yarn"}, "text_config.rope_scaling"),
        ("text_config", "audio_bos_index", 100000, "text id audioBegin: 100000; expected an id below"),
        ("text_config", "num_key_value_heads", 5, "num_key_value_heads: 5; expected a divisor"),
        ("audio_config", "codebook_size", None, "audio_config.codebook_size: None; expected a positive number"),
        ("audio_config", "continuous_features_mode", "add", "continuous_features_mode: 'add'; expected 'replace'"),
        ("audio_config", "output_dim", 7, "audio_config.output_dim: 7"),
        ("audio_config", "n_window", 75, "audio_config.n_window: 75; expected an even number"),
    ],
)
def test_unsupported_settings_are_named(configuration, section, setting, value, message):
    configuration[section][setting] = value
    with pytest.raises(UnsupportedConfiguration) as error:
        read_configuration(configuration, {})
    assert message in str(error.value)


def test_missing_and_misshapen_tensors_are_named(golden, tmp_path):
    folder = _checkpoint(golden, tmp_path / "checkpoint")
    with pytest.raises(InvalidCheckpoint, match="model.safetensors: no such file"):
        Checkpoint(folder)
    tensors = load_file(golden / "model.safetensors")
    name = "language_model.model.norm.weight"
    save_file({other: value for other, value in tensors.items() if other != name}, folder / "model.safetensors")
    with pytest.raises(InvalidCheckpoint, match=f"tensor {name}: absent"):
        write_bundle(folder, folder, CASES)
    save_file(tensors | {name: torch.ones(3)}, folder / "model.safetensors")
    with pytest.raises(InvalidCheckpoint, match=rf"tensor {name}: shape \[3\]; config.json implies"):
        write_bundle(folder, folder, CASES)


def _checkpoint(golden, folder, generation=None):
    folder.mkdir()
    (folder / "config.json").write_text((golden / "config.json").read_text())
    if generation:
        (folder / "generation_config.json").write_text(json.dumps(generation))
    return folder
