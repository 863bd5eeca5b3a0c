"""The speech encoder over independent windows (``continuous_audio_tower``), and grouping (``audio_tower``)."""

from __future__ import annotations

from typing import Callable

import numpy as np

from antiphon.export.checkpoint import Checkpoint
from antiphon.export.configuration import Configuration, EncoderSizes, UnsupportedConfiguration
from antiphon.export.graph import FLOAT, Graph
from antiphon.export.word_times import WORD_TIMES, WordTimesHead

Attention = Callable[[str, str, str], str]
_TOWER = "continuous_audio_tower"
_LAYER_NORM_EPSILON = 1e-5
_LONGEST_WAVE = 10_000.0
"""Of the sinusoidal position table, in positions per radian."""


def encoder_graph(checkpoint: Checkpoint, configuration: Configuration) -> Graph:
    """``mel`` float [rows, mel bins, n] -> ``frames`` float [rows, max(1, m // 2), hidden], m = (n - 1) // 2 + 1.

    Every row is one window of n <= window_frames mel frames; convolutions, positions and attention stay inside it.
    """
    graph = Graph("encoder", checkpoint)
    x, length = _window_states(graph, configuration.encoder)
    _finish(graph, x, length, configuration, "rows")
    return graph


def word_times_graph(checkpoint: Checkpoint, configuration: Configuration, head: WordTimesHead) -> Graph:
    """``mel`` as the encoder's -> ``characters`` float [rows, m, classes], m = (n - 1) // 2 + 1: logarithms of probabilities, the
    blank's first, of each 20 ms; the encoder's layers with a head of their own, for texts that are known already."""
    graph, sizes = Graph("word_times", checkpoint), configuration.encoder
    x, _ = _window_states(graph, sizes)
    part = lambda name, *shape: graph.stored_weight(head.tensor(name, shape), f"{WORD_TIMES}.{name}")
    normed = _normed(graph, x, part("norm.weight", sizes.width), part("norm.bias", sizes.width))
    classes = len(head.characters) + 1
    product = graph.op("MatMul", normed, graph.transposed(part("characters.weight", classes, sizes.width)))
    scores = graph.op("Add", product, part("characters.bias", classes))
    graph.op("LogSoftmax", scores, axis=-1, outputs="characters")
    graph.output("characters", FLOAT, ["rows", "frames_50hz", classes])
    return graph


def _window_states(graph: Graph, sizes: EncoderSizes) -> tuple[str, str]:
    """Input ``mel``; the last layer's states [rows, m, width], and m."""
    mel = graph.input("mel", FLOAT, ["rows", sizes.mel_bins, "mel_frames"])
    x = _convolution(graph, mel, "conv1", sizes.mel_bins, sizes, stride=1)
    x = graph.op("Transpose", _convolution(graph, x, "conv2", sizes.width, sizes, stride=2), perm=[0, 2, 1])
    length = graph.op("Shape", x, start=1, end=2)
    zero = graph.constant(np.array([0], np.int64))
    x = graph.op("Add", x, graph.op("Slice", _positions(graph, sizes), zero, length, zero))

    def attention(queries: str, keys: str, values: str) -> str:
        return graph.microsoft("MultiHeadAttention", queries, keys, values, num_heads=sizes.heads)

    return _layers(graph, x, sizes, attention), length


def eager_encoder_graph(checkpoint: Checkpoint, configuration: Configuration) -> Graph:
    """The encoder as the reference's eager attention computes it: ``mel`` float [1, mel bins, n], any n -> ``frames`` [1, f, hidden].

    Eager attention leaves its result as [heads, length, head size] and reads it as [length, width], so that all positions of
    the recording are mixed. The reference's other attention implementations, with which the released weights run, do not.
    Only reference cases that were made with eager attention need this graph.
    """
    graph, sizes = Graph("encoder_eager", checkpoint), configuration.encoder
    constant = lambda value: graph.constant(np.array(value, np.int64))
    mel = graph.input("mel", FLOAT, [1, sizes.mel_bins, "mel_frames"])
    frames = graph.op("Shape", mel, start=2, end=3)
    length = graph.op("Div", graph.op("Add", frames, constant([1])), constant([2]))
    windows = graph.op("Div", graph.op("Add", frames, constant([sizes.window_frames - 1])), constant([sizes.window_frames]))
    missing = graph.op("Sub", graph.op("Mul", windows, constant([sizes.window_frames])), frames)
    padded = graph.op("Pad", mel, graph.op("Concat", constant([0, 0, 0, 0, 0]), missing, axis=0))
    cut = graph.op("Transpose", graph.reshape(padded, [sizes.mel_bins, -1, sizes.window_frames]), perm=[1, 0, 2])
    # What the first convolution makes of the padding must not reach the second.
    indices = graph.op("Range", constant(0), graph.reshape(graph.op("Mul", windows, constant([sizes.window_frames])), []), constant(1))
    mask = graph.reshape(graph.cast(graph.op("Less", indices, frames), FLOAT), [-1, 1, sizes.window_frames])
    x = graph.op("Mul", _convolution(graph, cut, "conv1", sizes.mel_bins, sizes, stride=1), mask)
    x = graph.op("Transpose", _convolution(graph, x, "conv2", sizes.width, sizes, stride=2), perm=[0, 2, 1])
    x = graph.reshape(graph.op("Add", x, _positions(graph, sizes)), [1, -1, sizes.width])
    x = graph.op("Slice", x, constant([0]), length, constant([1]))
    window = graph.op("Div", graph.op("Range", constant(0), graph.reshape(length, []), constant(1)), constant(sizes.window_frames // 2))
    same = graph.op("Equal", graph.unsqueeze(window, 0), graph.unsqueeze(window, 1))
    lowest = graph.constant(np.finfo(np.float32).min)
    bias = graph.op("Where", same, graph.constant(np.float32(0)), lowest)

    def attention(queries: str, keys: str, values: str) -> str:
        per_head = lambda value: graph.op("Transpose", graph.reshape(value, [0, 0, sizes.heads, -1]), perm=[0, 2, 1, 3])
        scores = graph.op("MatMul", per_head(queries), graph.op("Transpose", per_head(keys), perm=[0, 1, 3, 2]))
        scale = graph.constant(np.float32((sizes.width // sizes.heads) ** -0.5))
        weights = graph.op("Softmax", graph.op("Add", graph.op("Mul", scores, scale), bias), axis=-1)
        return graph.reshape(graph.op("MatMul", weights, per_head(values)), [1, -1, sizes.width])

    _finish(graph, _layers(graph, x, sizes, attention), length, configuration, 1)
    return graph


def grouping_graph(checkpoint: Checkpoint, configuration: Configuration) -> Graph:
    """``frames`` float [groups, k, hidden], missing ones zero -> ``groups`` float [groups, hidden]: mean, then a linear map."""
    graph, hidden = Graph("grouping", checkpoint), configuration.shared_llm.hidden
    frames = graph.input("frames", FLOAT, ["groups", configuration.group, hidden])
    mapping = graph.weight("audio_tower.continual_output_matching.weight", hidden, hidden)
    graph.op("MatMul", mean_of_group(graph, frames), graph.transposed(mapping), outputs="groups")
    graph.output("groups", FLOAT, ["groups", hidden])
    return graph


def mean_of_group(graph: Graph, group: str) -> str:
    """The mean over axis 1."""
    return graph.op("ReduceMean", group, graph.constant(np.array([1], np.int64)), keepdims=0)


def _convolution(graph: Graph, x: str, name: str, inputs: int, sizes: EncoderSizes, stride: int) -> str:
    weight = graph.weight(f"{_TOWER}.{name}.weight", sizes.width, inputs, 3)
    bias = graph.weight(f"{_TOWER}.{name}.bias", sizes.width)
    # The released convolutions are followed by GELU whatever the layers' activation is.
    return graph.op("Gelu", graph.op("Conv", x, weight, bias, kernel_shape=[3], pads=[1, 1], strides=[stride]))


def _positions(graph: Graph, sizes: EncoderSizes) -> str:
    """The sinusoidal table float [window_frames / 2, width], computed when the session loads: sines, then cosines."""
    half = sizes.width // 2
    step = np.log(_LONGEST_WAVE) / (half - 1)
    frequencies = graph.constant(np.exp(np.float32(-step) * np.arange(half, dtype=np.float32)).astype(np.float32)[None])
    indices = graph.constant(np.arange(sizes.window_frames // 2, dtype=np.float32)[:, None])
    angles = graph.once("Mul", indices, frequencies)
    return graph.once("Concat", graph.once("Sin", angles), graph.once("Cos", angles), axis=1)


def _layers(graph: Graph, x: str, sizes: EncoderSizes, attention: Attention) -> str:
    """All layers, each with the attention from queries, keys and values [rows, length, width] to [rows, length, width]."""
    for layer in range(sizes.layers):
        prefix = f"{_TOWER}.layers.{layer}"
        normed = _layer_norm(graph, f"{prefix}.self_attn_layer_norm", x, sizes)
        projected = [
            _linear(graph, normed, f"{prefix}.self_attn.{name}_proj", sizes.width, sizes.width, bias=name != "k")
            for name in "qkv"
        ]
        x = graph.op("Add", x, _linear(graph, attention(*projected), f"{prefix}.self_attn.out_proj", sizes.width, sizes.width))
        normed = _layer_norm(graph, f"{prefix}.final_layer_norm", x, sizes)
        inner = _activation(graph, sizes.activation, _linear(graph, normed, f"{prefix}.fc1", sizes.feed_forward, sizes.width))
        x = graph.op("Add", x, _linear(graph, inner, f"{prefix}.fc2", sizes.width, sizes.feed_forward))
    return x


def _finish(graph: Graph, x: str, length: str, configuration: Configuration, rows: int | str) -> None:
    """Pooling, the last norm and the projection to the shared LLM's size."""
    sizes, hidden = configuration.encoder, configuration.shared_llm.hidden
    x = _layer_norm(graph, f"{_TOWER}.ln_post", _pooled(graph, x, length), sizes)
    product = graph.op("MatMul", x, graph.transposed(graph.weight(f"{_TOWER}.proj.weight", hidden, sizes.width)))
    graph.op("Add", product, graph.weight(f"{_TOWER}.proj.bias", hidden), outputs="frames")
    graph.output("frames", FLOAT, [rows, "frames_25hz", hidden])


def _linear(graph: Graph, x: str, name: str, outputs: int, inputs: int, bias: bool = True) -> str:
    product = graph.op("MatMul", x, graph.transposed(graph.weight(f"{name}.weight", outputs, inputs)))
    return graph.op("Add", product, graph.weight(f"{name}.bias", outputs)) if bias else product


def _layer_norm(graph: Graph, name: str, x: str, sizes: EncoderSizes) -> str:
    return _normed(graph, x, *(graph.weight(f"{name}.{part}", sizes.width) for part in ("weight", "bias")))


def _normed(graph: Graph, x: str, scale: str, bias: str) -> str:
    """In elementary nodes, which take a quarter of the time of ONNX Runtime's LayerNormalization."""
    mean = lambda value: graph.op("ReduceMean", value, graph.constant(np.array([-1], np.int64)), keepdims=1)
    centred = graph.op("Sub", x, mean(x))
    variance = mean(graph.op("Mul", centred, centred))
    deviation = graph.op("Sqrt", graph.op("Add", variance, graph.constant(np.float32(_LAYER_NORM_EPSILON))))
    return graph.op("Add", graph.op("Mul", graph.op("Mul", centred, graph.op("Reciprocal", deviation)), scale), bias)


def _activation(graph: Graph, name: str, x: str) -> str:
    if name == "gelu":
        return graph.op("Gelu", x)
    if name == "gelu_new":
        return graph.op("Gelu", x, approximate="tanh")
    if name == "relu":
        return graph.op("Relu", x)
    if name == "silu":
        return graph.microsoft("QuickGelu", x, alpha=1.0)
    raise UnsupportedConfiguration(f"audio_config.activation_function: {name!r}; expected gelu, gelu_new, relu or silu")


def _pooled(graph: Graph, x: str, length: str) -> str:
    """The mean of frames 2i and 2i + 1, an odd last frame dropped; a single frame stays as it is."""
    constant = lambda value: graph.constant(np.array(value, np.int64))
    count = graph.op("Max", graph.op("Div", length, constant([2])), constant([1]))
    first = graph.op("Mul", graph.op("Range", constant(0), graph.reshape(count, []), constant(1)), constant(2))
    second = graph.op("Min", graph.op("Add", first, constant(1)), graph.op("Sub", length, constant([1])))
    total = graph.op("Add", graph.op("Gather", x, first, axis=1), graph.op("Gather", x, second, axis=1))
    return graph.op("Mul", total, graph.constant(np.float32(0.5)))
