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
        "speakerSize": sizes.flow.speaker,
        "delayFrames": sizes.vocoder.look_right,
        "delaySamples": sizes.vocoder.delay_samples,
        "sourceNoise": sizes.vocoder.harmonics + 1,
        "states": [{"name": state.name, "type": state.type, "shape": list(state.shape), "fill": 0.0} for state in states],
    }
    content = {**section, "sizes": {"flow": asdict(sizes.flow), "vocoder": asdict(sizes.vocoder)}}
    (folder / SECTION).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return section


def read_section(folder: Path) -> tuple[dict[str, Any], Sizes]:
    """The section and sizes that were written into ``folder``."""
    content = json.loads((folder / SECTION).read_text(encoding="utf-8"))
    sizes = content.pop("sizes")
    tuples = lambda values: {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return content, Sizes(FlowSizes(**sizes["flow"]), VocoderSizes(**tuples(sizes["vocoder"])))
