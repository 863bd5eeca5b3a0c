"""The Qwen3 decoder for large models: one graph serves prompts and steps, and its weights come as they are stored or packed."""

from __future__ import annotations

from typing import Sequence

import numpy as np

from antiphon.export.configuration import TransformerSizes
from antiphon.export.graph import FLOAT, INT32, INT64, Graph
from antiphon.export.transformer import NO_SINK, ROTATED_AT_ONCE, Caches, Positions, Transformer
from antiphon.export.weights import LinearWeights


class FlatTransformer(Transformer):
    """A transformer over ``x`` float [rows * positions, hidden]: either several rows of one position or one row of several."""

    def __init__(self, graph: Graph, prefix: str, sizes: TransformerSizes, positions: int, weights: LinearWeights, batch: str):
        """``batch`` is an int64 value [2]: rows and positions."""
        super().__init__(graph, prefix, sizes, positions)
        self._weights = weights
        self._batch = batch

    def _linear(self, x: str, inputs: int, *outputs: tuple[str, int], bias: bool = False) -> str:
        ((name, width),) = outputs
        product = self._weights.product(self._graph, x, f"{name}.weight", width, inputs)
        return self._graph.op("Add", product, self._graph.weight(f"{name}.bias", width)) if bias else product

    def _attention(
        self, prefix: str, x: str, sequence: Sequence[int | str], caches: Caches, positions: Positions, presents: str, layer: int,
        caches_only: bool,
    ) -> str:
        graph, sizes = self._graph, self._sizes
        query, cached = sizes.heads * sizes.head_size, sizes.key_value_heads * sizes.head_size
        attention = f"{prefix}.self_attn"
        parts = [
            self._linear(x, sizes.hidden, (f"{attention}.{name}_proj", width), bias=sizes.attention_bias)
            for name, width in (("q", query), ("k", cached), ("v", cached))
        ]
        # The scale of the logits is in the queries' norm.
        factor = graph.constant(np.float32(sizes.head_size**-0.5))
        scales = [graph.weight(f"{attention}.{name}_norm.weight", sizes.head_size) for name in "qk"]
        scales[0] = graph.once("Mul", scales[0], factor)
        for number, (scale, width) in enumerate(zip(scales, (query, cached))):
            normed = graph.op("SimplifiedLayerNormalization", graph.reshape(parts[number], [-1, sizes.head_size]), scale, axis=-1, epsilon=sizes.epsilon)
            parts[number] = self._unfold(normed, width)
        parts[2] = self._unfold(parts[2], cached)
        tables = [self._cosines, self._sines]
        rotate = sizes.head_size % ROTATED_AT_ONCE == 0 and sizes.window is None
        if not rotate:
            parts[:2] = [graph.microsoft("RotaryEmbedding", part, positions.indices(), *tables) for part in parts[:2]]
            tables = ["", ""]
        names = [presents.format(kind=kind, layer=layer) for kind in ("key", "value")]
        sink = graph.constant(np.full(sizes.heads, NO_SINK, np.float32))
        attended, *_ = graph.microsoft(
            "GroupQueryAttention", *parts, caches.keys[layer], caches.values[layer], positions.last, positions.total,
            *tables, "", "", sink, outputs=[f"{names[0]}.attended", *names],
            num_heads=sizes.heads, kv_num_heads=sizes.key_value_heads, do_rotary=int(rotate), scale=1.0,
            **({"local_window_size": sizes.window} if sizes.window else {}),
        )
        for name in names:
            graph.output(name, FLOAT, caches.shape)
        return graph.reshape(attended, [-1, query])

    def _feed_forward(self, prefix: str, x: str) -> str:
        experts = self._sizes.experts
        if experts is None:
            return super()._feed_forward(prefix, x)
        router = self._graph.weight(f"{prefix}.mlp.gate.weight", experts.count, self._sizes.hidden)
        logits = self._graph.op("Gemm", x, router, transB=1)
        return self._weights.experts(self._graph, x, logits, f"{prefix}.mlp.experts", experts, self._sizes.hidden)

    def _unfold(self, x: str, width: int) -> str:
        graph = self._graph
        shape = graph.once("Concat", self._batch, graph.constant(np.array([width], np.int64)), axis=0)
        return graph.op("Reshape", x, shape)


def new_positions(graph: Graph, past: str, cached: str, batch: str) -> Positions:
    """The new positions of every row from index ``past`` int32 [rows] on, of which the cache still holds the last ``cached``."""
    count = graph.once("Cast", graph.once("Slice", batch, *(graph.constant(np.array([i], np.int64)) for i in (1, 2))), to=INT32)
    one = graph.constant(np.array([1], np.int32))
    last = graph.op("Sub", graph.op("Add", cached, count), one)
    total = graph.op("Add", graph.op("ReduceMax", last, keepdims=0), graph.constant(np.array(1, np.int32)))

    def indices() -> str:
        scalar = graph.once("Squeeze", graph.once("Cast", count, to=INT64))
        offsets = graph.once("Range", graph.constant(np.int64(0)), scalar, graph.constant(np.int64(1)))
        column = graph.once("Unsqueeze", graph.once("Cast", past, to=INT64), graph.constant(np.array([1], np.int64)))
        return graph.once("Add", column, offsets)

    return Positions(last, total, indices)
