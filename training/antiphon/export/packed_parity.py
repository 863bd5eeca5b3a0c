"""``python -m antiphon.export.packed_parity CHECKPOINT WORK --weights int4``: packed weights against the numbers they stand for.

Writes three bundles of the checkpoint into WORK and runs the same prompt through them: ``unpacked`` multiplies the packed file's numbers in
float32; ``exact`` uses the packed kernels with float32 activations and must agree with it; ``fast`` is the bundle that is
served, whose activations are rounded to int8 for each product. Prints how far hidden states and logits are apart and how many ids agree.
"""

from __future__ import annotations

import argparse
import json
import struct
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from antiphon.export import bundle as bundles
from antiphon.export.by_weights import graphs_by_weights
from antiphon.export.checkpoint import Checkpoint, StoredTensor, tensors_of
from antiphon.export.configuration import Experts, read_configuration
from antiphon.export.generation import Answer, Generator
from antiphon.export.graph import FLOAT, Graph
from antiphon.export.host import Bundle, Sampling, Slab
from antiphon.export.quantise import WEIGHTS, packed_file, unpack

UNPACKED = "model.unpacked.safetensors"
PROMPT, NEW_POSITIONS = 24, 24
FIRST, LAST = 8, 16
"""The prompt's positions that are audio."""


class UnpackedWeights:
    """The numbers of a packed file as float32 matrices."""

    pairs = True

    def __init__(self, folder: Path, file: str):
        self._tensors = tensors_of(folder, file)

    def product(self, graph: Graph, x: str, name: str, outputs: int, inputs: int) -> str:
        stored = self._tensors[name]
        assert stored.shape == (outputs, inputs), name
        return graph.op("Gemm", x, graph.stored(stored, f"{name}.unpacked", FLOAT), transB=1)

    def experts(self, graph: Graph, x: str, logits: str, prefix: str, experts: Experts, width: int) -> str:
        """The definition: softmax over all experts, the most likely ones with weights that sum to 1; every expert is computed, most for nothing."""
        axis = graph.constant(np.array([1], np.int64))
        chosen, places = graph.op("TopK", graph.op("Softmax", logits, axis=1), graph.constant(np.array([experts.active], np.int64)), outputs=2, axis=1)
        chosen = graph.op("Div", chosen, graph.op("ReduceSum", chosen, axis, keepdims=1))
        nothing = graph.op("Mul", logits, graph.constant(np.float32(0)))
        mixture = graph.op("ScatterElements", nothing, places, chosen, axis=1)
        gate_up, down = (
            graph.stored(replace(self._tensors[f"{prefix}.{name}"], shape=shape), f"{prefix}.{name}.unpacked", FLOAT)
            for name, shape in (("gate_up", (experts.count, 2 * experts.feed_forward, width)), ("down", (experts.count, width, experts.feed_forward)))
        )
        inner = graph.op("MatMul", x, graph.op("Transpose", gate_up, perm=[0, 2, 1]))  # [experts, n, 2 * feed-forward], gate and up in turn
        pairs = graph.op("Reshape", inner, graph.constant(np.array([experts.count, -1, experts.feed_forward, 2], np.int64)))
        gate, up = (graph.op("Gather", pairs, graph.constant(np.int64(place)), axis=3) for place in (0, 1))
        outer = graph.op("MatMul", graph.op("Mul", graph.microsoft("QuickGelu", gate, alpha=1.0), up), graph.op("Transpose", down, perm=[0, 2, 1]))
        weighted = graph.op("Mul", outer, graph.unsqueeze(graph.op("Transpose", mixture, perm=[1, 0]), 2))
        return graph.op("ReduceSum", weighted, graph.constant(np.array([0], np.int64)), keepdims=0)


def write_unpacked(folder: Path, packed: str) -> str:
    """Writes the packed file's numbers as float32 into ``folder``; one matrix is in memory at a time."""
    stored = tensors_of(folder, packed)
    names = [name.removesuffix(".packed") for name in stored if name.endswith(".packed")]
    header, offset = {}, 0
    for name in names:
        rows, blocks, width = stored[f"{name}.packed"].shape
        inputs = blocks * 32
        header[name] = {"dtype": "F32", "shape": [rows, inputs], "data_offsets": [offset, offset + 4 * rows * inputs]}
        offset += 4 * rows * inputs
    text = json.dumps(header).encode()
    with open(folder / UNPACKED, "wb") as out, open(folder / packed, "rb") as stream:
        out.write(struct.pack("<Q", len(text)) + text)

        def read(tensor: StoredTensor, type: torch.dtype) -> torch.Tensor:
            stream.seek(tensor.offset)
            return torch.frombuffer(bytearray(stream.read(tensor.length)), dtype=type).reshape(tensor.shape)

        for name in names:
            values = unpack(read(stored[f"{name}.packed"], torch.uint8), read(stored[f"{name}.scales"], torch.float32))
            out.write(values.contiguous().numpy().data)
    return UNPACKED


@dataclass(frozen=True)
class Result:
    """Distances of one bundle from the unpacked one: hidden and logits relative to the largest, ids that differ of how many."""

    hidden: float
    logits: float
    text_ids: tuple[int, int]
    speech_ids: tuple[int, int]


def compare_packed(source: Path, work: Path, weights: str) -> dict[str, Result]:
    """Writes and runs the three bundles; ``exact`` and ``fast`` against ``unpacked``. Text is generated on the ids of ``unpacked``."""
    options = lambda level: bundles.Options(weights=weights, conversational=False, accuracy_level=level)
    folders = {name: work / name for name in ("unpacked", "exact", "fast")}
    bundles.write_bundle(source, folders["exact"], options(0))
    bundles.write_bundle(source, folders["fast"], options(4))
    bundles.write_bundle(source, folders["unpacked"], options(0))
    folder = folders["unpacked"]
    checkpoint = Checkpoint(source)
    configuration = read_configuration(checkpoint.config, checkpoint.generation_config)
    values = UnpackedWeights(folder, write_unpacked(folder, packed_file(weights)))
    for graph in graphs_by_weights(checkpoint, configuration, values).values():
        graph.save(folder)
    answers = {name: _answer(Bundle(folder)) for name, folder in folders.items()}
    wanted = answers["unpacked"]
    return {name: _result(answers[name], wanted) for name in ("exact", "fast")}


def _answer(bundle: Bundle) -> Answer:
    random, sizes = np.random.default_rng(0), bundle.manifest
    hidden, audio = sizes["sharedLlm"]["hiddenSize"], sizes["ids"]["text"]["audio"]
    prompt = random.integers(0, audio - 8, PROMPT)
    prompt[FIRST:LAST] = audio
    groups = random.standard_normal((LAST - FIRST, hidden)).astype(np.float32)
    generator = Generator(bundle, Slab(bundle, 1, PROMPT + NEW_POSITIONS))
    return generator.generate(prompt, groups, NEW_POSITIONS, Sampling(penalty=1.2), Sampling(penalty=1.2), force_speech=True)


def _result(actual: Answer, wanted: Answer) -> Result:
    relative = lambda a, b: float(np.abs(a - b).max() / np.abs(b).max())
    differing = lambda a, b: (sum(x != y for x, y in zip(a, b)) + abs(len(a) - len(b)), len(b))
    return Result(
        relative(actual.hidden, wanted.hidden), relative(actual.text_logits, wanted.text_logits),
        differing(actual.text_ids, wanted.text_ids), differing(actual.speech_ids, wanted.speech_ids),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="antiphon.export.packed_parity", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--weights", choices=tuple(WEIGHTS), default="int4")
    arguments = parser.parse_args()
    for name, result in compare_packed(arguments.checkpoint, arguments.work, arguments.weights).items():
        print(
            f"{name:6} hidden {result.hidden:.2e}  logits {result.logits:.2e}  text ids {result.text_ids[0]} of {result.text_ids[1]} differ, "
            f"speech ids {result.speech_ids[0]} of {result.speech_ids[1]}"
        )


if __name__ == "__main__":
    main()
