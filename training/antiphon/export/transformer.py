"""The Qwen3 decoder of the shared LLM and of the refined head, over caches that the caller keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Sequence

import numpy as np
import torch

from antiphon.export.configuration import TransformerSizes
from antiphon.export.graph import DOUBLE, FLOAT, INT64, Graph


ROTATED_AT_ONCE = 16
"""GroupQueryAttention rotates only heads of a multiple of this size; others are rotated by nodes of their own."""
NO_SINK = -1e30
"""The logit of an attention sink that gets no attention: e to it is 0 beside any other logit."""


@dataclass(frozen=True)
class Caches:
    """The key and value caches of one transformer as graph inputs, each [rows, key-value heads, capacity, head size]."""

    keys: Sequence[str]
    values: Sequence[str]
    shape: Sequence[int | str]

    @staticmethod
    def declare(graph: Graph, name: str, sizes: TransformerSizes, rows: int | str) -> "Caches":
        """Declares the inputs ``NAME.past_key.i`` and ``NAME.past_value.i`` of every layer i."""
        shape = (rows, sizes.key_value_heads, f"{name}.capacity", sizes.head_size)
        layers = range(sizes.layers)
        return Caches(
            [graph.input(f"{name}.past_key.{i}", FLOAT, shape) for i in layers],
            [graph.input(f"{name}.past_value.{i}", FLOAT, shape) for i in layers],
            shape,
        )


@dataclass(frozen=True)
class Positions:
    """Where new positions go.

    ``last`` int32 [rows] is each row's valid length in the cache - 1 after them, ``total`` int32 the longest row's length.
    ``indices`` adds the nodes for the new positions themselves, int64 [rows, positions], which not every transformer needs.
    """

    last: str
    total: str
    indices: Callable[[], str]


class Transformer:
    """``layers`` decoder layers and the final norm of one transformer of the checkpoint (``prefix``), reusable within a graph."""

    def __init__(self, graph: Graph, prefix: str, sizes: TransformerSizes, positions: int):
        self._graph = graph
        self._prefix = prefix
        self._sizes = sizes
        self._cosines, self._sines = _rotary(graph, sizes, positions)

    def run(
        self, x: str, sequence: Sequence[int], caches: Caches, positions: Positions, presents: str, caches_only: bool = False,
        outputs: str | int = 1,
    ) -> str:
        """Appends the positions of ``x`` (float [rows, positions, hidden]) to the caches and returns the final norm's output.

        ``sequence`` is [rows, positions] with -1 for the dynamic one. The attention nodes write the graph outputs
        ``presents.format(kind="key" or "value", layer=i)``, which the caller pins to the inputs' buffers.
        ``caches_only`` stops after the last layer's keys and values; its result is then meaningless.
        """
        graph, sizes = self._graph, self._sizes
        delta = None
        for layer in range(sizes.layers):
            prefix = f"{self._prefix}.layers.{layer}"
            normed, x = self._norm(f"{prefix}.input_layernorm", x, delta)
            enough = caches_only and layer == sizes.layers - 1
            attended = self._attention(prefix, normed, sequence, caches, positions, presents, layer, enough)
            if enough:
                return attended
            projected = self._linear(
                attended, sizes.heads * sizes.head_size, (f"{prefix}.self_attn.o_proj", sizes.hidden), bias=sizes.attention_bias
            )
            normed, x = self._norm(f"{prefix}.post_attention_layernorm", x, projected)
            delta = self._feed_forward(prefix, normed)
        return self._norm(f"{self._prefix}.norm", x, delta, outputs)[0]

    def _norm(self, name: str, x: str, delta: str | None, outputs: str | int = 1) -> tuple[str, str]:
        """RMSNorm of ``x + delta`` (equally of ``x`` at the first layer), and that sum."""
        graph = self._graph
        scale = graph.weight(f"{name}.weight", self._sizes.hidden)
        if delta is None:
            return graph.op("SimplifiedLayerNormalization", x, scale, axis=-1, epsilon=self._sizes.epsilon), x
        names = [f"{name}.{x}.out" if outputs == 1 else outputs, "", "", f"{name}.{x}.sum"]
        graph.microsoft("SkipSimplifiedLayerNormalization", x, delta, scale, outputs=names, epsilon=self._sizes.epsilon)
        return names[0], names[3]

    def _linear(self, x: str, inputs: int, *outputs: tuple[str, int], bias: bool = False) -> str:
        """``x`` times the stacked weights ``outputs`` = (name, width), each [width, inputs] in the checkpoint."""
        graph = self._graph
        weights = [graph.weight(f"{name}.weight", width, inputs) for name, width in outputs]
        product = graph.op("MatMul", x, graph.transposed(*weights))
        if not bias:
            return product
        biases = [graph.weight(f"{name}.bias", width) for name, width in outputs]
        return graph.op("Add", product, graph.once("Concat", *biases, axis=0))

    def _attention(
        self, prefix: str, x: str, sequence: Sequence[int], caches: Caches, positions: Positions, presents: str, layer: int,
        caches_only: bool,
    ) -> str:
        """The result of the heads; with ``caches_only`` keys stand in for the queries, so that only the caches are of use."""
        graph, sizes = self._graph, self._sizes
        heads = 0 if caches_only else sizes.heads
        query, cached = heads * sizes.head_size, sizes.key_value_heads * sizes.head_size
        attention = f"{prefix}.self_attn"
        projections = [(f"{attention}.q_proj", query), (f"{attention}.k_proj", cached), (f"{attention}.v_proj", cached)]
        mixed = self._linear(x, sizes.hidden, *projections[caches_only:], bias=sizes.attention_bias)
        rotated, values = graph.split(mixed, [query + cached, cached])
        # Queries and keys are normed per head; one node does both, with a scale per head. The scale of the logits is in the
        # queries' norm: ONNX Runtime copies a matrix before it multiplies it by a vector with a factor, but not without one.
        scale = self._per_head(f"{attention}.k_norm", sizes.key_value_heads)
        if not caches_only:
            factor = graph.constant(np.float32(sizes.head_size**-0.5))
            scale = graph.once("Concat", graph.once("Mul", self._per_head(f"{attention}.q_norm", heads), factor), scale, axis=1)
        split = graph.reshape(rotated, [-1, heads + sizes.key_value_heads, sizes.head_size])
        normed = graph.op("SimplifiedLayerNormalization", split, scale, axis=-1, epsilon=sizes.epsilon)
        normed = graph.reshape(normed, [*sequence, query + cached])
        tables = [self._cosines, self._sines]
        # GroupQueryAttention takes places in the cache for positions, which they are not where a host has taken entries out of sight away.
        rotate = sizes.head_size % ROTATED_AT_ONCE == 0 and sizes.window is None
        if not rotate:
            normed = graph.microsoft("RotaryEmbedding", normed, positions.indices(), *tables)
            tables = ["", ""]
        queries, keys = (normed, normed) if caches_only else graph.split(normed, [query, cached])
        names = [presents.format(kind=kind, layer=layer) for kind in ("key", "value")]
        heads = heads or sizes.key_value_heads
        # With a sink ONNX Runtime takes its plain attention, which is faster than its tiled one at these lengths.
        sink = graph.constant(np.full(heads, NO_SINK, np.float32))
        attended, *_ = graph.microsoft(
            "GroupQueryAttention", queries, keys, values, caches.keys[layer], caches.values[layer], positions.last, positions.total,
            *tables, "", "", sink, outputs=[f"{names[0]}.attended", *names],
            num_heads=heads, kv_num_heads=sizes.key_value_heads, do_rotary=int(rotate), scale=1.0,
            **({"local_window_size": sizes.window} if sizes.window else {}),
        )
        for name in names:
            graph.output(name, FLOAT, caches.shape)
        return attended

    def _per_head(self, name: str, heads: int) -> str:
        graph, size = self._graph, self._sizes.head_size
        return graph.once("Expand", graph.weight(f"{name}.weight", size), graph.constant(np.array([1, heads, size], np.int64)))

    def _feed_forward(self, prefix: str, x: str) -> str:
        graph, sizes = self._graph, self._sizes
        gate = self._linear(x, sizes.hidden, (f"{prefix}.mlp.gate_proj", sizes.feed_forward))
        up = self._linear(x, sizes.hidden, (f"{prefix}.mlp.up_proj", sizes.feed_forward))
        activated = graph.microsoft("QuickGelu", gate, alpha=1.0)  # x * sigmoid(x), which is SiLU
        return self._linear(graph.op("Mul", activated, up), sizes.feed_forward, (f"{prefix}.mlp.down_proj", sizes.hidden))


def single_positions(graph: Graph, past: str, cached: str | None = None, per_position: int = 1, offset: int = 0) -> Positions:
    """One new position for every row, of index ``per_position * past + offset``.

    ``cached`` are the positions that the cache still holds where it is not all of ``past``.
    """

    def index(positions: str) -> str:
        if per_position > 1:
            positions = graph.once("Mul", positions, graph.constant(np.array([per_position], np.int32)))
        return graph.once("Add", positions, graph.constant(np.array([offset], np.int32))) if offset else positions

    last = index(cached or past)
    total = graph.op("Add", graph.op("ReduceMax", last, keepdims=0), graph.constant(np.array(1, np.int32)))
    column = graph.constant(np.array([1], np.int64))
    return Positions(last, total, lambda: graph.once("Unsqueeze", graph.once("Cast", index(past), to=INT64), column))


def chunk_positions(graph: Graph, past: str, count: str, cached: str | None = None, per_position: int = 1) -> Positions:
    """``per_position * count`` new positions for the only row, from index ``per_position * past`` on; ``cached`` as above."""

    def bounds(positions: str) -> tuple[str, str]:
        length = graph.once("Add", positions, count)
        if per_position == 1:
            return positions, length
        factor = graph.constant(np.array([per_position], np.int32))
        return graph.once("Mul", positions, factor), graph.once("Mul", length, factor)

    length = bounds(cached or past)[1]
    last = graph.op("Sub", length, graph.constant(np.array([1], np.int32)))
    scalar = graph.constant(np.array([], np.int64))

    def row() -> str:
        begin, end = (graph.once("Reshape", graph.once("Cast", value, to=INT64), scalar) for value in bounds(past))
        indices = graph.once("Range", begin, end, graph.constant(np.int64(1)))
        return graph.once("Unsqueeze", indices, graph.constant(np.array([0], np.int64)))

    return Positions(last, graph.reshape(length, []), row)


def _rotary(graph: Graph, sizes: TransformerSizes, positions: int) -> tuple[str, str]:
    """Cosine and sine tables float [positions, head size / 2], computed when the session loads.

    The angles are float32 products, as the model was trained with; their sines are exact. ONNX Runtime has no double Cos:
    cos x = sin(x + pi / 2).
    """
    exponents = torch.arange(0, sizes.head_size, 2, dtype=torch.int64).float() / sizes.head_size
    frequencies = graph.constant((1.0 / sizes.rope_theta**exponents).numpy()[None])
    scalar = lambda value: graph.constant(np.array(value, np.int64))
    indices = graph.once("Cast", graph.once("Range", scalar(0), scalar(positions), scalar(1)), to=FLOAT)
    column = graph.once("Unsqueeze", indices, graph.constant(np.array([1], np.int64)))
    angles = graph.once("Cast", graph.once("Mul", column, frequencies), to=DOUBLE)
    shifted = graph.once("Add", angles, graph.constant(np.float64(np.pi / 2)))
    cosines, sines = (graph.once("Cast", graph.once("Sin", value), to=FLOAT) for value in (shifted, angles))
    return cosines, sines
