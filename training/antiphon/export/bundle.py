"""Writes a bundle: graphs beside the checkpoint's weights, log-mel constants and the manifest."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import torch
from safetensors.torch import save

from antiphon.export.checkpoint import Checkpoint
from antiphon.export.configuration import read_configuration
from antiphon.export.manifest import manifest
from antiphon.export.prefill import prefill_graph
from antiphon.export.speech_encoder import eager_encoder_graph, encoder_graph, grouping_graph
from antiphon.export.step import step_graph
from antiphon.model.logmel import N_FFT, mel_filters

MANIFEST = "antiphon.json"
CONSTANTS = "log_mel.safetensors"
DETOKENIZER = "detokenizer.safetensors"
_COPIED = (
    "config.json", "generation_config.json", "model.safetensors.index.json", "tokenizer*.json", "vocab.json", "merges.txt",
    "special_tokens_map.json", "added_tokens.json", "chat_template*", "README.md", "detokenizer.*",
)


def write_bundle(source: Path, target: Path, name: str | None = None, maximum_positions: int | None = None) -> Path:
    """Makes ``target`` a bundle of the checkpoint ``source`` (the same folder, or one that is created) and returns the manifest's path.

    Weights are linked or copied, never changed; a bundle written again is overwritten. Graphs lie beside the weights, since
    ONNX Runtime refuses external data outside a graph's own folder.
    """
    checkpoint = Checkpoint(source)
    configuration = read_configuration(checkpoint.config, checkpoint.generation_config, maximum_positions)
    graphs = {
        "encoder": encoder_graph(checkpoint, configuration),
        "encoderEager": eager_encoder_graph(checkpoint, configuration),
        "grouping": grouping_graph(checkpoint, configuration),
        "prefill": prefill_graph(checkpoint, configuration, speech=True),
        "prefillText": prefill_graph(checkpoint, configuration, speech=False),
        "step": step_graph(checkpoint, configuration, speech=True, greedy=False),
        "stepGreedy": step_graph(checkpoint, configuration, speech=True, greedy=True),
        "stepText": step_graph(checkpoint, configuration, speech=False, greedy=False),
        "stepTextGreedy": step_graph(checkpoint, configuration, speech=False, greedy=True),
    }
    if target.resolve() != source.resolve():
        _copy_checkpoint(checkpoint, target)
    files = {role: graph.save(target) for role, graph in graphs.items()}
    _write_constants(target / CONSTANTS, configuration.encoder.mel_bins)
    weights, prompt, detokenizer = list(checkpoint.weight_files), None, None
    if (target / "tokenizer.json").exists():
        from antiphon.export.prompt import prompt_section

        prompt = prompt_section()
    if (target / DETOKENIZER).exists():
        from antiphon.speech.export_detokenizer import GRAPH, export_detokenizer

        detokenizer = export_detokenizer(target)
        files["detokenizer"] = GRAPH
        weights.append(DETOKENIZER)
    content = manifest(
        name or source.resolve().name, checkpoint, configuration, files, CONSTANTS, prompt, detokenizer, weights
    )
    path = target / MANIFEST
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _copy_checkpoint(checkpoint: Checkpoint, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    patterns = (*_COPIED, *checkpoint.weight_files)
    for file in sorted({file for pattern in patterns for file in checkpoint.folder.glob(pattern)}):
        copy = target / file.name
        copy.unlink(missing_ok=True)
        try:
            os.link(file.resolve(), copy)
        except OSError:  # another file system, or one without hard links
            shutil.copyfile(file, copy)


def _write_constants(path: Path, bins: int) -> None:
    """``mel_filters`` F64 [bins, fft / 2 + 1] and ``window`` F64 [fft]."""
    tensors = {
        "mel_filters": mel_filters(bins).double().t().contiguous(),
        "window": torch.hann_window(N_FFT, dtype=torch.float64),
    }
    path.write_bytes(save(tensors))
