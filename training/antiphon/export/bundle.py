"""Writes a bundle: graphs beside the checkpoint's weights, log-mel constants and the manifest."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import torch
from safetensors.torch import save

from antiphon.export.by_weights import graphs_by_weights
from antiphon.export.checkpoint import Checkpoint
from antiphon.export.configuration import Configuration, read_configuration
from antiphon.export.graph import Graph
from antiphon.export.licence import stated_licence, write_note
from antiphon.export.manifest import manifest
from antiphon.export.prefill import prefill_graph
from antiphon.export.prompt import prompt_section
from antiphon.export.quantise import WEIGHTS, quantise
from antiphon.export.speech_encoder import eager_encoder_graph, encoder_graph, grouping_graph, word_times_graph
from antiphon.export.step import step_graph
from antiphon.export.tokenizer import TOKENIZER, read_tokenizer, save_tokenizer
from antiphon.export.weights import ACCURACY_LEVEL, LinearWeights, PackedWeights, SourceWeights
from antiphon.export.word_times import FILE as WORD_TIMES_FILE
from antiphon.export.word_times import read_word_times_head
from antiphon.model.logmel import N_FFT, mel_filters

LARGEST_FUSED = 250_000_000
"""Weights of the shared LLM up to which prompts and steps get graphs of their own, each with all weights in memory."""
MANIFEST = "antiphon.json"
CONSTANTS = "log_mel.safetensors"
DETOKENIZER = "detokenizer.safetensors"
TURN_ENDINGS = "turn_endings.json"
_COPIED = (
    "config.json", "generation_config.json", "model.safetensors.index.json", "tokenizer*.json", "vocab.json", "merges.txt",
    "special_tokens_map.json", "added_tokens.json", "chat_template*", "README.md", "detokenizer.*", TURN_ENDINGS, WORD_TIMES_FILE,
)


@dataclass(frozen=True)
class Options:
    """What may be chosen. ``weights``: ``fused``, ``source``, ``int4`` or ``int8``; None: by size. ``conversational``: with tokenizer and prompt.

    ``accuracy_level`` of packed products; 0 keeps activations in float32, for comparisons with the reference.
    """

    name: str | None = None
    maximum_positions: int | None = None
    weights: str | None = None
    conversational: bool = True
    accuracy_level: int = ACCURACY_LEVEL


def write_bundle(source: Path, target: Path, options: Options = Options(), progress: Callable[[str], None] = lambda line: None) -> Path:
    """Makes ``target`` a bundle of the checkpoint ``source`` (the same folder, or one that is created) and returns the manifest's path.

    Weights are linked or copied, never changed; a bundle written again is overwritten. Graphs lie beside the weights, since
    ONNX Runtime refuses external data outside a graph's own folder. ``progress`` gets lines for a person.
    """
    checkpoint = Checkpoint(source)
    configuration = read_configuration(checkpoint.config, checkpoint.generation_config, options.maximum_positions)
    tokenizer = read_tokenizer(checkpoint, configuration.text_ids) if options.conversational else None
    section = prompt_section(checkpoint, tokenizer, configuration.text_ids) if tokenizer else None
    for note in section.notes if section else ():
        progress(f"note: {note}")
    if target.resolve() != source.resolve():
        _copy_checkpoint(checkpoint, target)
    weight_files, graphs = _graphs(checkpoint, configuration, options, target, progress)
    word_times = read_word_times_head(target)
    if word_times:
        weight_files.append(WORD_TIMES_FILE)
        graphs["wordTimes"] = word_times_graph(checkpoint, configuration, word_times)
    files = {role: graph.save(target) for role, graph in graphs.items()}
    _write_constants(target / CONSTANTS, configuration.encoder.mel_bins)
    if tokenizer and not (source / TOKENIZER).exists():
        save_tokenizer(tokenizer, target / TOKENIZER)
    detokenizer = None
    if (target / DETOKENIZER).exists():
        from antiphon.speech.export_detokenizer import GRAPH, export_detokenizer

        detokenizer = export_detokenizer(target)
        files["detokenizer"] = GRAPH
        weight_files.append(DETOKENIZER)
    if section and section.foreign:
        write_note(target, {"shared LLM, refined head, speech encoder": stated_licence(source)})
    content = manifest(
        options.name or source.resolve().name, checkpoint, configuration, files, CONSTANTS, section, detokenizer, weight_files, word_times
    )
    if section and (target / TURN_ENDINGS).exists():
        content["prompt"]["turnEndings"] = TURN_ENDINGS
    if "llm" in graphs:
        loaded = sum(graph.loaded_bytes for role, graph in graphs.items() if role != "encoderEager")
        content["weightsMebibytes"] = -(-loaded // (1 << 20))
    path = target / MANIFEST
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _graphs(
    checkpoint: Checkpoint, configuration: Configuration, options: Options, target: Path, progress: Callable[[str], None]
) -> tuple[list[str], dict[str, Graph]]:
    """The weight files, and the graphs by the manifest's key."""
    files = list(checkpoint.weight_files)
    common = {
        "encoder": encoder_graph(checkpoint, configuration),
        "encoderEager": eager_encoder_graph(checkpoint, configuration),
        "grouping": grouping_graph(checkpoint, configuration),
    }
    weights = options.weights or ("fused" if _shared_llm_weights(configuration) <= LARGEST_FUSED else "source")
    if weights == "fused":
        return files, common | {
            "prefill": prefill_graph(checkpoint, configuration, speech=True),
            "prefillText": prefill_graph(checkpoint, configuration, speech=False),
            "step": step_graph(checkpoint, configuration, speech=True, greedy=False),
            "stepGreedy": step_graph(checkpoint, configuration, speech=True, greedy=True),
            "stepText": step_graph(checkpoint, configuration, speech=False, greedy=False),
            "stepTextGreedy": step_graph(checkpoint, configuration, speech=False, greedy=True),
        }
    linear: LinearWeights = SourceWeights()
    if weights in WEIGHTS:
        progress(f"packing weights to {weights} ...")
        files.append(quantise(checkpoint, configuration, weights, target, _Tenths(progress)))
        linear = PackedWeights(target, files[-1], checkpoint, options.accuracy_level)
    return files, common | graphs_by_weights(checkpoint, configuration, linear)


def _shared_llm_weights(configuration: Configuration) -> int:
    sizes = configuration.shared_llm
    heads = 2 * (sizes.heads + sizes.key_value_heads) * sizes.head_size
    return sizes.layers * sizes.hidden * (heads + 3 * sizes.feed_forward) + configuration.vocabulary * sizes.hidden


class _Tenths:
    """Says how far something long is, ten times."""

    def __init__(self, say: Callable[[str], None]):
        self._say, self._said = say, 0

    def __call__(self, share: float) -> None:
        if share * 10 >= self._said + 1:
            self._said = int(share * 10)
            self._say(f"{self._said * 10} %")


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
