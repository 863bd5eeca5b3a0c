"""How large graphs take their linear weights: as the checkpoint stores them, or packed in a file beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Mapping, Protocol

from antiphon.export.checkpoint import Checkpoint, InvalidCheckpoint, StoredTensor, metadata_of, tensors_of
from antiphon.export.configuration import Experts, UnsupportedConfiguration
from antiphon.export.graph import FLOAT, UINT8, Graph

BLOCK = 32
"""Weights that share a scale. With blocks of 32 a row's result is the same bits in any batch; with 64 and more it is not."""
ACCURACY_LEVEL = 4
"""Activations are rounded to int8 for the product: the only level whose kernels are faster than float32."""
LARGEST_PIECE = 512 << 20
"""Bytes in float32: ONNX Runtime folds the cast of no constant above 1 GiB, but would repeat it in every run."""


class LinearWeights(Protocol):
    """Adds a product with a linear map of the checkpoint to a graph. ``pairs``: it has the refined head's pairs of maps as one."""

    pairs: bool

    def product(self, graph: Graph, x: str, name: str, outputs: int, inputs: int) -> str:
        """``x`` float [n, inputs] times the weights ``name`` [outputs, inputs] -> float [n, outputs]."""

    def experts(self, graph: Graph, x: str, logits: str, prefix: str, experts: Experts, width: int) -> str:
        """The mixture ``prefix`` of ``x`` float [n, width] by the router's ``logits`` float [n, experts] -> float [n, width]."""


class SourceWeights:
    """The checkpoint's own numbers, float32 in memory. ``Gemm`` reads them as they lie, so that nothing is transposed and copied."""

    pairs = False

    def product(self, graph: Graph, x: str, name: str, outputs: int, inputs: int) -> str:
        rows = max(1, LARGEST_PIECE // (4 * inputs))
        if outputs <= rows:
            return graph.op("Gemm", x, graph.weight(name, outputs, inputs), transB=1)
        pieces = [
            graph.op("Gemm", x, graph.weight_rows(name, first, min(first + rows, outputs), outputs, inputs), transB=1)
            for first in range(0, outputs, rows)
        ]
        return graph.op("Concat", *pieces, axis=1)

    def experts(self, graph: Graph, x: str, logits: str, prefix: str, experts: Experts, width: int) -> str:
        # The checkpoint has a tensor for each expert, and the kernel takes all of them as one.
        raise UnsupportedConfiguration("text_config.model_type: 'qwen3_moe' with the checkpoint's own weights; expected --weights int4 or int8")


class PackedWeights:
    """Weights of 4 or 8 bits with a scale for each block, from the file that ``antiphon.export.quantise`` wrote."""

    pairs = True

    def __init__(self, folder: Path, file: str, checkpoint: Checkpoint, accuracy_level: int = ACCURACY_LEVEL):
        self._tensors: Mapping[str, StoredTensor] = tensors_of(folder, file)
        self._accuracy_level = accuracy_level
        self.file = file
        made_from = metadata_of(folder / file).get("checkpoint")
        if made_from != checkpoint.fingerprint():
            raise InvalidCheckpoint(f"{folder / file}: packed weights of another checkpoint; delete the file and export with --weights again")

    def product(self, graph: Graph, x: str, name: str, outputs: int, inputs: int) -> str:
        packed, scales, bits = self._find(name, outputs, inputs)
        return graph.microsoft(
            "MatMulNBits", x, graph.stored(packed, f"{name}.packed", UINT8), graph.stored(scales, f"{name}.scales", FLOAT),
            K=inputs, N=outputs, bits=bits, block_size=BLOCK, accuracy_level=self._accuracy_level,
        )

    def experts(self, graph: Graph, x: str, logits: str, prefix: str, experts: Experts, width: int) -> str:
        values, bits = [], 0
        for name, outputs, inputs in ((f"{prefix}.gate_up", 2 * experts.feed_forward, width), (f"{prefix}.down", width, experts.feed_forward)):
            packed, scales, bits = self._find(name, experts.count * outputs, inputs)
            packed = replace(packed, shape=(experts.count, outputs, inputs * bits // 8))
            scales = replace(scales, shape=(experts.count, outputs, inputs // BLOCK))
            values += [graph.stored(packed, f"{name}.packed", UINT8), graph.stored(scales, f"{name}.scales", FLOAT), ""]
        return graph.microsoft(
            "QMoE", x, logits, *values[:-1], k=experts.active, normalize_routing_weights=1, activation_type="swiglu", swiglu_fusion=1,
            activation_alpha=1.0, activation_beta=0.0, expert_weight_bits=bits, block_size=BLOCK,
        )

    def _find(self, name: str, outputs: int, inputs: int) -> tuple[StoredTensor, StoredTensor, int]:
        """Packed weights, scales and bits of a linear map."""
        packed, scales = (self._tensors.get(f"{name}.{part}") for part in ("packed", "scales"))
        if packed is None or scales is None:
            raise InvalidCheckpoint(f"{self.file}: has no packed weights of {name}; delete the file and export with --weights again")
        blocks = inputs // BLOCK
        if packed.shape[:2] != (outputs, blocks) or scales.shape != (outputs, blocks):
            raise InvalidCheckpoint(f"{self.file}: {name} is packed as {list(packed.shape)}; config.json implies {[outputs, blocks]} blocks")
        return packed, scales, 8 * packed.shape[-1] // BLOCK
