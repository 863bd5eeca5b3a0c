"""``python -m antiphon.export.cosyvoice.reference_case OUT``: a small random detokenizer with voices, and what it says to some ids.

In a bundle's folder it becomes the bundle's detokenizer. ``--released`` writes the released widths and no case, to measure what they cost.

Every host's samples are compared with ``case.safetensors``: ``ids`` int32 [n], ``seed`` int32 [1], ``samples`` float32 by voice.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from safetensors.torch import save_file as save_tensors

from antiphon.export.checkpoint import StoredTensor
from antiphon.export.cosyvoice.bundle import join_manifest, read_section, write_graphs
from antiphon.export.cosyvoice.convert import WEIGHTS
from antiphon.export.cosyvoice.flow import blocks_graph, window_graph
from antiphon.export.cosyvoice.host import Detokenizer, Speech
from antiphon.export.cosyvoice.sizes import FlowSizes, Sizes, VocoderSizes
from antiphon.export.cosyvoice.voices import VOICES, add_voice
from antiphon.export.cosyvoice.vocoder import vocoder_graph

SMALL = Sizes(
    FlowSizes(mel=8, speaker=6, look_ahead_channels=12, width=32, layers=2, head_size=8, feed_forward=48, position_kernel=5,
              position_groups=4, steps=3, block_tokens=5),
    VocoderSizes(mel=8, channels=16, pitch_channels=6),
)
CASE, SEED, COUNT = "case.safetensors", 20251216, 73


class _Asked:
    """Notes the tensors that graphs ask for."""

    def __init__(self):
        self.shapes = {}

    def tensor(self, name, shape):
        self.shapes[name] = tuple(shape)
        return StoredTensor("absent", "F32", tuple(shape), 0, 4)


def write_random(folder: Path, sizes: Sizes, blocks: bool) -> None:
    """A detokenizer with random weights that speaks neither silence nor clipped samples."""
    asked = _Asked()
    window_graph(asked, sizes.flow)
    blocks_graph(asked, sizes.flow)
    vocoder_graph(asked, sizes.vocoder)
    generator = torch.Generator().manual_seed(0)
    tensors = {}
    for name, shape in asked.shapes.items():
        scale = 0.3 if "modulation" in name else 0.05 if len(shape) == 1 else torch.Size(shape[1:]).numel() ** -0.5
        tensors[name] = (1.0 if name.endswith("alpha") else 0.0) + scale * torch.randn(shape, generator=generator)
    tensors["vocoder.conv_post.weight"] *= 0.3
    tensors["vocoder.f0_predictor.classifier.weight"] *= 100
    tensors["vocoder.f0_predictor.classifier.bias"].fill_(90)
    save_tensors(tensors, folder / WEIGHTS)
    write_graphs(folder, sizes, blocks=blocks)


def write_voices(folder: Path, sizes: Sizes) -> None:
    """Two voices: ``Ann`` begins from nothing, ``Bert`` like a recording of 31 ids."""
    random, flow = np.random.default_rng(1), sizes.flow
    of_voice = lambda: {"embedding": random.standard_normal(flow.speaker).astype(np.float32)}
    add_voice(folder, "Ann", of_voice())
    recording = {"tokens": random.integers(0, flow.vocabulary, 31), "mel": random.standard_normal((62, flow.mel)).astype(np.float32)}
    add_voice(folder, "Bert", of_voice() | recording)


def voice_of(folder: Path, name: str) -> dict[str, np.ndarray]:
    """One voice's parts."""
    return {key.rpartition(".")[2]: value for key, value in load_file(folder / VOICES).items() if key.rpartition(".")[0] == name}


def main() -> None:
    parser = argparse.ArgumentParser(prog="antiphon.export.cosyvoice.reference_case", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--released", action="store_true", help="weights of the released widths, 1.3 GB")
    arguments = parser.parse_args()
    out, sizes = arguments.out, Sizes() if arguments.released else SMALL
    out.mkdir(parents=True, exist_ok=True)
    write_random(out, sizes, blocks=False)
    write_voices(out, sizes)
    join_manifest(out, read_section(out)[0])
    if arguments.released:
        return
    ids = np.random.default_rng(2).integers(0, SMALL.flow.vocabulary, COUNT)
    case = {"ids": ids.astype(np.int32), "seed": np.array([SEED], np.int32)}
    for name in ("Ann", "Bert"):
        case[f"samples.{name}"] = Speech(Detokenizer(out), voice_of(out, name), SEED).push(ids, last=True)
    save_file(case, out / CASE)


if __name__ == "__main__":
    main()
