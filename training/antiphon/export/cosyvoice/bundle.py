"""Writes the detokenizer's graphs and its section of the manifest beside ``cosyvoice3.safetensors``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from antiphon.export.checkpoint import InvalidCheckpoint, StoredTensor, tensors_of
from antiphon.export.cosyvoice.convert import WEIGHTS, convert, load_pickled
from antiphon.export.cosyvoice.flow import blocks_graph, window_graph
from antiphon.export.cosyvoice.sizes import FlowSizes, Sizes, VocoderSizes
from antiphon.export.cosyvoice.vocoder import vocoder_graph

SECTION = "cosyvoice3.json"
FLOW, VOCODER = "flow.pt", "hift.pt"
WINDOW_TOKENS = 25
"""Ids whose frames are the prompt of the next window: half of a window of two seconds."""
FIRST_TOKENS, HOP_TOKENS = 5, 25
"""New ids of a stream's first window, and of one far from the beginning. Between them windows double, so that speech begins early."""
CUMULATIVE = ["position", "phases"]
"""States of the vocoder to which every frame before has added; all others are forgotten after ``memory_frames``."""
MANIFEST = "antiphon.json"
OTHER_WEIGHTS = "detokenizer.safetensors"
"""Of a detokenizer of our own, in whose place this one comes."""


class Stored:
    """The tensors of one safetensors file, as graphs ask for them."""

    def __init__(self, folder: Path, file: str):
        self.folder, self._file, self._tensors = folder, file, tensors_of(folder, file)

    def tensor(self, name: str, shape: tuple[int, ...]) -> StoredTensor:
        stored = self._tensors.get(name)
        if stored is None or stored.shape != tuple(shape):
            found = "absent" if stored is None else f"shape {list(stored.shape)}"
            raise InvalidCheckpoint(f"{self.folder / self._file}: tensor {name}: {found}; CosyVoice 3 has {list(shape)}")
        return stored


def write_detokenizer(source: Path, target: Path, sizes: Sizes = Sizes(), blocks: bool = False) -> dict[str, Any]:
    """Converts the released ``flow.pt`` and ``hift.pt`` of ``source`` and writes weights, graphs and section into ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    convert(load_pickled(source / FLOW), load_pickled(source / VOCODER), sizes.flow, target / WEIGHTS)
    return write_graphs(target, sizes, blocks)


def write_graphs(folder: Path, sizes: Sizes, blocks: bool) -> dict[str, Any]:
    """Writes the graphs over ``folder``'s weights and returns the section, which is also written as ``cosyvoice3.json``.

    ``blocks``: also the exact graph over caches.
    """
    stored = Stored(folder, WEIGHTS)
    graph, states = vocoder_graph(stored, sizes.vocoder)
    graphs = {"flow": window_graph(stored, sizes.flow).save(folder), "vocoder": graph.save(folder)}
    if blocks:
        graphs["flowBlocks"] = blocks_graph(stored, sizes.flow).save(folder)
    section = {
        "kind": "cosyvoice3",
        "graphs": graphs,
        "weights": WEIGHTS,
        "sampleRate": sizes.vocoder.sample_rate,
        "samplesPerToken": sizes.flow.frames_of_token * sizes.vocoder.frame_samples,
        "melBins": sizes.flow.mel,
        "framesPerToken": sizes.flow.frames_of_token,
        "codes": sizes.flow.vocabulary,
        "lookAheadTokens": sizes.flow.look_ahead,
        "promptTokens": WINDOW_TOKENS,
        "firstTokens": FIRST_TOKENS,
        "hopTokens": HOP_TOKENS,
        "speakerSize": sizes.flow.speaker,
        "delayFrames": sizes.vocoder.look_right,
        "delaySamples": sizes.vocoder.delay_samples,
        "sourceNoise": sizes.vocoder.harmonics + 1,
        "memoryFrames": sizes.vocoder.memory_frames,
        "pitchFrames": sizes.vocoder.pitch_frames,
        "cumulativeStates": CUMULATIVE,
        "states": [{"name": state.name, "type": state.type, "shape": list(state.shape), "fill": 0.0} for state in states],
    }
    content = {**section, "sizes": {"flow": asdict(sizes.flow), "vocoder": asdict(sizes.vocoder)}}
    (folder / SECTION).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return section


def join_manifest(folder: Path, section: dict[str, Any]) -> bool:
    """Makes ``section`` the detokenizer of the bundle in ``folder``; False where there is no manifest yet."""
    path = folder / MANIFEST
    if not path.is_file():
        return False
    content = json.loads(path.read_text(encoding="utf-8"))
    codes = content["ids"]["speech"]["codes"]
    if codes > section["codes"]:
        raise InvalidCheckpoint(f"{path}: ids.speech.codes: {codes}; this CosyVoice 3 knows {section['codes']}")
    if content["audio"]["tokenRate"] * section["samplesPerToken"] != section["sampleRate"]:
        raise InvalidCheckpoint(f"{path}: audio.tokenRate: {content['audio']['tokenRate']}; this CosyVoice 3 speaks "
                                f"{section['sampleRate'] / section['samplesPerToken']:g} ids a second")
    content["graphs"].pop("detokenizer", None)
    content["weights"] = [file for file in content["weights"] if file not in (OTHER_WEIGHTS, WEIGHTS)] + [WEIGHTS]
    content["detokenizer"] = section
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return True


def read_section(folder: Path) -> tuple[dict[str, Any], Sizes]:
    """The section and sizes that were written into ``folder``."""
    content = json.loads((folder / SECTION).read_text(encoding="utf-8"))
    sizes = content.pop("sizes")
    tuples = lambda values: {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return content, Sizes(FlowSizes(**sizes["flow"]), VocoderSizes(**tuples(sizes["vocoder"])))
