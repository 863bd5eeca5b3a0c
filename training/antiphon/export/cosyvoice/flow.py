"""The flow as graphs: speech ids -> log-mel by ten steps of a solver over a transformer (DiT), unrolled; two ways to stream it.

``flow``: one window. The last frames that were made are its prompt, ids and mel, and only the new ones are taken from its end: the state of a
stream is a few ids and frames. It is what the reference computes for these prompts.
``flow_blocks``: one block of 25 ids over caches of everything before it. It is exactly what the reference computes in its streaming mode,
whose attention sees whole blocks and all before them; the caches grow by 0.9 million numbers a frame.
"""

from __future__ import annotations

import numpy as np

from antiphon.export.cosyvoice.convert import solver_times
from antiphon.export.cosyvoice.sizes import FlowSizes
from antiphon.export.graph import FLOAT, INT64, Graph

_ESTIMATOR = "flow.decoder.estimator"
_EPSILON = 1e-6
_ROPE_THETA = 10_000.0


def window_graph(checkpoint, sizes: FlowSizes) -> Graph:
    """``tokens`` int64 [streams, n + look-ahead], a negative id being none, ``prompt_mel`` float [streams, p, mel], ``speaker`` float
    [streams, 192], ``noise`` float [streams, 2 n, mel], normal -> ``mel`` float [streams, 2 n - p, mel].

    The first p / 2 ids are those of the prompt's frames.
    """
    graph = Graph("flow", checkpoint)
    flow = _Flow(graph, sizes)
    tokens = graph.input("tokens", INT64, ["streams", "tokens"])
    prompt = graph.input("prompt_mel", FLOAT, ["streams", "prompt_frames", sizes.mel])
    noise = graph.input("noise", FLOAT, ["streams", "frames", sizes.mel])
    speaker = flow.speaker(graph.input("speaker", FLOAT, ["streams", sizes.speaker]))
    mean = flow.mean(tokens)
    count, given = (graph.op("Shape", value, start=1, end=2) for value in (noise, prompt))
    # Without a prompt the condition is zero.
    zero = graph.constant(np.array([0], np.int64))
    missing = graph.op("Concat", zero, zero, zero, zero, graph.op("Sub", count, given), zero, axis=0)
    condition = graph.op("Pad", prompt, missing)
    x = flow.solve(noise, mean, speaker, condition, None)
    end = graph.constant(np.array([2**62], np.int64))
    graph.op("Slice", x, given, end, graph.constant(np.array([1], np.int64)), outputs="mel")
    graph.output("mel", FLOAT, ["streams", "new_frames", sizes.mel])
    return graph


def blocks_graph(checkpoint, sizes: FlowSizes) -> Graph:
    """``tokens`` int64 [1, n + look-ahead], at most one block, ``condition`` float [1, 2 n, mel] (the prompt's mel, else 0), ``speaker``,
    ``noise`` float [1, 2 n, mel], ``position`` int64 [1] frames before them, caches -> ``mel`` float [1, 2 n, mel], caches.

    ``past_keys`` and ``past_values`` float [steps * layers * 2, frames, width] hold both branches of the guidance; ``past_tails`` float
    [steps * 2 * 2, width, kernel - 1] what the position convolutions see to their left, ``past_mean`` float [1, channels, 2].
    """
    graph = Graph("flow_blocks", checkpoint)
    flow = _Flow(graph, sizes)
    tokens = graph.input("tokens", INT64, [1, "tokens"])
    condition = graph.input("condition", FLOAT, [1, "frames", sizes.mel])
    noise = graph.input("noise", FLOAT, [1, "frames", sizes.mel])
    speaker = flow.speaker(graph.input("speaker", FLOAT, [1, sizes.speaker]))
    caches = _BlockCaches(graph, sizes)
    mean = flow.mean(tokens, caches)
    x = flow.solve(noise, mean, speaker, condition, caches)
    graph.op("Identity", x, outputs="mel")
    graph.output("mel", FLOAT, [1, "frames", sizes.mel])
    caches.finish()
    return graph


class _BlockCaches:
    """Inputs and outputs of ``flow_blocks`` beside the block itself."""

    def __init__(self, graph: Graph, sizes: FlowSizes):
        self._graph, self._sizes = graph, sizes
        calls = sizes.steps * sizes.layers * 2
        keys, values = (graph.input(f"past_{name}", FLOAT, [calls, "past_frames", sizes.width]) for name in ("keys", "values"))
        tails = graph.input("past_tails", FLOAT, [sizes.steps * 4, sizes.width, sizes.position_kernel - 1])
        self.mean = graph.input("past_mean", FLOAT, [1, sizes.look_ahead_channels, 2])
        self.position = graph.input("position", INT64, [1])
        pairs = lambda value, count: graph.op("Split", value, outputs=count, axis=0, num_outputs=count)
        self.keys, self.values = pairs(keys, calls // 2), pairs(values, calls // 2)
        self.tails = pairs(tails, sizes.steps * 2)
        self.next: dict[str, list[str]] = {"keys": [], "values": [], "tails": [], "mean": []}

    def finish(self) -> None:
        shapes = {
            "keys": [self._sizes.steps * self._sizes.layers * 2, "all_frames", self._sizes.width],
            "tails": [self._sizes.steps * 4, self._sizes.width, self._sizes.position_kernel - 1],
            "mean": [1, self._sizes.look_ahead_channels, 2],
        }
        shapes["values"] = shapes["keys"]
        for name, parts in self.next.items():
            if len(parts) == 1:
                self._graph.op("Identity", parts[0], outputs=f"present_{name}")
            else:
                self._graph.op("Concat", *parts, axis=0, outputs=f"present_{name}")
            self._graph.output(f"present_{name}", FLOAT, shapes[name])


class _Flow:
    """The flow's parts in one graph."""

    def __init__(self, graph: Graph, sizes: FlowSizes):
        self._graph, self._sizes = graph, sizes
        half = sizes.head_size // 2
        frequencies = (1.0 / _ROPE_THETA ** (np.arange(0, sizes.head_size, 2, dtype=np.float32) / sizes.head_size)).astype(np.float32)
        scalar = lambda value: graph.constant(np.int64(value))
        indices = graph.once("Cast", graph.once("Range", scalar(0), scalar(sizes.most_frames), scalar(1)), to=FLOAT)
        angles = graph.once("Mul", graph.once("Unsqueeze", indices, graph.constant(np.array([1], np.int64))), graph.constant(frequencies[None]))
        self._cosines, self._sines = graph.once("Cos", angles), graph.once("Sin", angles)
        assert half == len(frequencies)

    def speaker(self, embedding: str) -> str:
        """Speaker embedding [streams, 192] -> [streams, mel]."""
        graph, sizes = self._graph, self._sizes
        norm = graph.op("Sqrt", graph.op("ReduceSum", graph.op("Mul", embedding, embedding), graph.constant(np.array([1], np.int64)), keepdims=1))
        unit = graph.op("Div", embedding, graph.op("Max", norm, graph.constant(np.float32(1e-12))))
        return self._linear(unit, "flow.spk_embed_affine_layer", sizes.mel, sizes.speaker)

    def mean(self, tokens: str, caches: _BlockCaches | None = None) -> str:
        """Ids [streams, n + look-ahead] -> what the mel is expected to be, [streams, 2 n, mel]."""
        graph, sizes = self._graph, self._sizes
        zero = graph.constant(np.int64(0))
        known = graph.unsqueeze(graph.cast(graph.op("GreaterOrEqual", tokens, zero), FLOAT), -1)
        table = graph.weight("flow.input_embedding.weight", sizes.vocabulary, sizes.mel)
        embedded = graph.op("Mul", graph.op("Gather", table, graph.op("Max", tokens, zero)), known)
        transposed = graph.op("Transpose", embedded, perm=[0, 2, 1])
        inner = self._convolution(transposed, "flow.pre_lookahead_layer.conv1", sizes.look_ahead_channels, sizes.mel, sizes.look_ahead + 1)
        inner = graph.op("LeakyRelu", inner, alpha=0.01)
        if caches is None:
            inner = graph.op("Pad", inner, graph.constant(np.array([0, 0, 2, 0, 0, 0], np.int64)))
        else:
            inner = graph.op("Concat", caches.mean, inner, axis=2)
            caches.next["mean"].append(self._last(inner, 2, 2))
        outer = self._convolution(inner, "flow.pre_lookahead_layer.conv2", sizes.mel, sizes.look_ahead_channels, 3)
        own = graph.op(
            "Slice", embedded, graph.constant(np.array([0], np.int64)), graph.constant(np.array([-sizes.look_ahead], np.int64)),
            graph.constant(np.array([1], np.int64)),
        )
        total = graph.op("Add", graph.op("Transpose", outer, perm=[0, 2, 1]), own)
        # Every id is two frames.
        twice = graph.op("Concat", *[graph.unsqueeze(total, 2)] * sizes.frames_of_token, axis=2)
        return graph.op("Reshape", twice, graph.constant(np.array([0, -1, sizes.mel], np.int64)))

    def solve(self, noise: str, mean: str, speaker: str, condition: str, caches: _BlockCaches | None) -> str:
        """Noise [streams, frames, mel] to mel. Rows of the transformer: all streams, then all streams without conditions."""
        graph, sizes = self._graph, self._sizes
        count = graph.op("Shape", noise, start=1, end=2)
        spread = graph.op("Add", graph.unsqueeze(speaker, 1), graph.op("Mul", mean, graph.constant(np.float32(0))))
        positions = self._positions(noise, count, caches)
        # The condition's share of the first linear map is the same in every step.
        weight = graph.weight(f"{_ESTIMATOR}.input_embed.proj.weight", sizes.width, 4 * sizes.mel)
        parts = graph.op("Split", graph.transposed(weight), graph.constant(np.array([sizes.mel, 3 * sizes.mel], np.int64)), outputs=2, axis=0)
        moving, fixed = parts
        bias = graph.weight(f"{_ESTIMATOR}.input_embed.proj.bias", sizes.width)
        given = graph.op("Add", graph.op("MatMul", graph.op("Concat", condition, mean, spread, axis=2), fixed), bias)
        x = noise
        for step, (_, length) in enumerate(solver_times(sizes.steps)):
            own = graph.op("MatMul", x, moving)
            both = graph.op("Concat", graph.op("Add", own, given), graph.op("Add", own, bias), axis=0)
            slope = self._transformer(both, step, positions, caches)
            guided, free = graph.op("Split", slope, outputs=2, axis=0, num_outputs=2)
            ahead = graph.op("Mul", guided, graph.constant(np.float32(length * (1 + sizes.guidance))))
            back = graph.op("Mul", free, graph.constant(np.float32(length * sizes.guidance)))
            x = graph.op("Add", x, graph.op("Sub", ahead, back))
        return x

    def _positions(self, noise: str, count: str, caches: _BlockCaches | None) -> str:
        """Frame numbers int64 [rows, frames]."""
        graph = self._graph
        scalar = graph.constant(np.array([], np.int64))
        numbers = graph.op("Range", graph.constant(np.int64(0)), graph.op("Reshape", count, scalar), graph.constant(np.int64(1)))
        if caches is not None:
            numbers = graph.op("Add", numbers, caches.position)
        rows = graph.op("Mul", graph.op("Shape", noise, start=0, end=1), graph.constant(np.array([2], np.int64)))
        return graph.op("Expand", graph.unsqueeze(numbers, 0), graph.op("Concat", rows, count, axis=0))

    def _transformer(self, x: str, step: int, positions: str, caches: _BlockCaches | None) -> str:
        graph, sizes = self._graph, self._sizes
        x = graph.op("Add", x, self._position_embedding(x, step, caches))
        for layer in range(sizes.layers):
            prefix = f"{_ESTIMATOR}.transformer_blocks.{layer}"
            scale, shift, gate, scale_2, shift_2, gate_2 = self._modulation(f"flow.modulation.{layer}", step, 6)
            normed = self._norm(x, scale, shift)
            attended = self._attention(prefix, normed, step, layer, positions, caches)
            x = graph.op("Add", x, graph.op("Mul", attended, gate))
            normed = self._norm(x, scale_2, shift_2)
            inner = graph.op("Gelu", self._linear(normed, f"{prefix}.ff.ff.0.0", sizes.feed_forward, sizes.width), approximate="tanh")
            x = graph.op("Add", x, graph.op("Mul", self._linear(inner, f"{prefix}.ff.ff.2", sizes.width, sizes.feed_forward), gate_2))
        return self._linear(self._norm(x, *self._modulation("flow.modulation.out", step, 2)), f"{_ESTIMATOR}.proj_out", sizes.mel, sizes.width)

    def _modulation(self, name: str, step: int, count: int) -> list[str]:
        """The step's vectors [width]; the scales have their 1 in them."""
        graph, sizes = self._graph, self._sizes
        whole = graph.weight(name, sizes.steps, count, sizes.width)
        own = graph.once("Gather", whole, graph.constant(np.int64(step)), axis=0)
        return [graph.once("Gather", own, graph.constant(np.int64(number)), axis=0) for number in range(count)]

    def _norm(self, x: str, scale: str, shift: str) -> str:
        return self._graph.op("LayerNormalization", x, scale, shift, axis=-1, epsilon=_EPSILON)

    def _attention(self, prefix: str, x: str, step: int, layer: int, positions: str, caches: _BlockCaches | None) -> str:
        graph, sizes = self._graph, self._sizes
        queries, keys, values = (self._linear(x, f"{prefix}.attn.to_{name}", sizes.width, sizes.width) for name in "qkv")
        queries, keys = self._rotated(queries, positions), self._rotated(keys, positions)
        if caches is not None:
            number = step * sizes.layers + layer
            keys = graph.op("Concat", caches.keys[number], keys, axis=1)
            values = graph.op("Concat", caches.values[number], values, axis=1)
            caches.next["keys"].append(keys)
            caches.next["values"].append(values)
        attended = graph.microsoft("MultiHeadAttention", queries, keys, values, num_heads=sizes.heads)
        return self._linear(attended, f"{prefix}.attn.to_out.0", sizes.width, sizes.width)

    def _rotated(self, x: str, positions: str) -> str:
        """The reference rotates before it splits the heads, by angles for one head: only the first head is rotated."""
        graph, sizes = self._graph, self._sizes
        first, rest = graph.split(x, [sizes.head_size, sizes.width - sizes.head_size])
        turned = graph.microsoft("RotaryEmbedding", first, positions, self._cosines, self._sines, interleaved=1, num_heads=1, rotary_embedding_dim=0)
        return graph.op("Concat", turned, rest, axis=-1)

    def _position_embedding(self, x: str, step: int, caches: _BlockCaches | None) -> str:
        graph, sizes = self._graph, self._sizes
        value = graph.op("Transpose", x, perm=[0, 2, 1])
        left = sizes.position_kernel - 1
        for number in range(2):
            if caches is None:
                value = graph.op("Pad", value, graph.constant(np.array([0, 0, left, 0, 0, 0], np.int64)))
            else:
                value = graph.op("Concat", caches.tails[2 * step + number], value, axis=2)
                caches.next["tails"].append(self._last(value, left, 2))
            value = self._convolution(
                value, f"{_ESTIMATOR}.input_embed.conv_pos_embed.conv{number + 1}.0", sizes.width, sizes.width // sizes.position_groups,
                sizes.position_kernel, sizes.position_groups,
            )
            value = graph.op("Mul", value, graph.op("Tanh", graph.op("Softplus", value)))  # Mish
        return graph.op("Transpose", value, perm=[0, 2, 1])

    def _convolution(self, x: str, name: str, outputs: int, inputs: int, kernel: int, groups: int = 1) -> str:
        graph = self._graph
        weight, bias = graph.weight(f"{name}.weight", outputs, inputs, kernel), graph.weight(f"{name}.bias", outputs)
        return graph.op("Conv", x, weight, bias, kernel_shape=[kernel], group=groups)

    def _linear(self, x: str, name: str, outputs: int, inputs: int) -> str:
        graph = self._graph
        product = graph.op("MatMul", x, graph.transposed(graph.weight(f"{name}.weight", outputs, inputs)))
        return graph.op("Add", product, graph.weight(f"{name}.bias", outputs))

    def _last(self, x: str, count: int, axis: int) -> str:
        bound = lambda value: self._graph.constant(np.array([value], np.int64))
        return self._graph.op("Slice", x, bound(-count), bound(2**62), bound(axis))
