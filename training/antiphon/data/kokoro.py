"""Callers that sound human: Kokoro-82M (Apache-2.0) with its 28 English voices, 24 kHz.

What packages hold is an int8 graph for machines that multiply int8 fast; ONNX Runtime's int8 convolutions are slow on the CPU.
`dequantised` turns it into float32 with the same weights, once, in the packages' cache.
"""
from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from antiphon.data import packages
from antiphon.speech.teacher import PAUSE, PUNCTUATION

SAMPLE_RATE = 24_000
STYLE_ROWS = 510
FLOAT_GRAPH = "kokoro-82m-float32.onnx"
DURATIONS, FRAME = "/encoder/Clip_output_0", 600 / SAMPLE_RATE
"""The graph's tensor with how many frames of 25 ms each symbol takes."""


def dequantised(graph):
    """An onnx.ModelProto without dynamically quantised products: same weights, exact activations.

    Every quantised input stands for itself and its scale becomes 1, so that what follows a product (cast, scale, bias) stays.
    Raises ValueError for a weight that is not a constant.
    """
    from onnx import helper, numpy_helper
    constants = {tensor.name: tensor for tensor in graph.graph.initializer}
    added, nodes, real, makers = {}, [], {}, {output: node for node in graph.graph.node for output in node.output}

    def constant(name: str) -> np.ndarray:
        if name not in constants:
            raise ValueError(f"{name} is not a constant of the graph")
        return numpy_helper.to_array(constants[name])

    def real_weight(name: str, zero: str) -> str:
        key = f"{name}.real"
        if key not in added:
            shift = constant(zero).astype(np.float32) if zero else np.float32(0)
            added[key] = constant(name).astype(np.float32) - shift
        return key

    for node in graph.graph.node:
        if node.op_type == "DynamicQuantizeLinear":
            real[node.output[0]] = node.input[0]
            added[node.output[1]] = np.float32(1.0)
    for node in graph.graph.node:
        if node.op_type == "DynamicQuantizeLinear":
            continue
        if node.op_type == "Cast" and (rounded := makers.get(node.input[0])) is not None and rounded.op_type == "Floor" \
                and "bias_quant" in node.output[0]:
            # A convolution's bias was rounded to whole steps of the product's scale.
            nodes.append(helper.make_node("Identity", [rounded.input[0]], list(node.output), name=node.name))
        elif node.op_type in ("MatMulInteger", "ConvInteger"):
            weight = real_weight(node.input[1], node.input[3] if len(node.input) > 3 else "")
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            nodes.append(helper.make_node("MatMul" if node.op_type == "MatMulInteger" else "Conv", [real[node.input[0]], weight],
                                          list(node.output), name=node.name, **attributes))
        elif node.op_type == "DynamicQuantizeLSTM":
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            weights = []
            for place, scale, zero in ((1, 8, 9), (2, 10, 11)):
                key = f"{node.input[place]}.lstm"
                if key not in added:
                    whole = constant(node.input[place]).astype(np.float32)
                    directions = whole.shape[0]
                    shift = constant(node.input[zero]).astype(np.float32).reshape(directions, 1, -1) if constant(node.input[zero]).size > 1 \
                        else np.float32(constant(node.input[zero]).item())
                    factor = constant(node.input[scale]).reshape(directions, 1, -1)
                    added[key] = np.ascontiguousarray(((whole - shift) * factor).transpose(0, 2, 1))
                weights.append(key)
            nodes.append(helper.make_node("LSTM", [node.input[0], *weights, *node.input[3:8]], list(node.output), name=node.name, **attributes))
        else:
            nodes.append(node)
    used = {name for node in nodes for name in node.input} | {o.name for o in graph.graph.output}
    del graph.graph.node[:], graph.graph.value_info[:]  # the types that were noted for the integers' outputs are no longer theirs
    graph.graph.node.extend(nodes)
    kept = [tensor for tensor in graph.graph.initializer if tensor.name in used]
    del graph.graph.initializer[:]
    graph.graph.initializer.extend(kept)
    graph.graph.initializer.extend(numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in added.items() if name in used)
    return graph


def float_graph() -> Path:
    """The float32 graph, made from the pinned int8 one where it is missing. Raises packages.PackageMissing."""
    target = packages.cache() / FLOAT_GRAPH
    if not target.exists():
        import onnx
        partial = target.with_suffix(".part")
        graph = dequantised(onnx.load(packages.kokoro()))
        graph.graph.output.append(onnx.helper.make_tensor_value_info(DURATIONS, onnx.TensorProto.FLOAT, None))
        onnx.save(graph, partial)
        partial.replace(target)
    return target


class Kokoro:
    """Speaks on one thread; hibari's rules give the phonemes."""

    def __init__(self, graph: Path | None = None):
        import onnxruntime
        from hibari import Hibari
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(graph or float_graph()), options, providers=["CPUExecutionProvider"])
        self._phonemes = {british: self._rules(Hibari(), british) for british in (False, True)}

    @staticmethod
    def _rules(hibari, british: bool):
        from hibari.g2p import G2P
        hibari._g2p = G2P(british=british)
        return hibari

    @functools.lru_cache(maxsize=64)
    def _style(self, voice: str) -> np.ndarray:
        found = packages.kokoro_voices()
        if voice not in found:
            raise ValueError(f"Kokoro has no English voice {voice!r}, expected one of {', '.join(found)}")
        return np.fromfile(found[voice], np.float32).reshape(STYLE_ROWS, 1, 256)

    def speak(self, text: str, voice: str, speed: float = 1.0) -> tuple[np.ndarray, list]:
        """(float samples [N] at 24 kHz, [[end in seconds, symbol], …]); `voice` as `af_bella`, its first letter a (American) or b
        (British); `speed` 0.5 to 2."""
        style, rules, parts, phones = self._style(voice), self._phonemes[voice.startswith("b")], [], []
        for sentence in rules.phonemize(text):
            ids = rules.ids(sentence)
            begin = sum(map(len, parts)) / SAMPLE_RATE
            audio, durations = self._session.run(None, {"tokens": np.asarray([ids], np.int64), "style": style[min(len(ids) - 2, STYLE_ROWS) - 1],
                                                        "speed": np.asarray([speed], np.float32)})
            parts.append(audio.ravel())
            symbols = [PAUSE, *(PAUSE if s in PUNCTUATION else s for s in sentence if s in rules.vocab), PAUSE]
            phones += [[round(float(end), 4), symbol] for end, symbol in zip(begin + np.cumsum(durations.ravel()) * FRAME, symbols, strict=True)]
        if not parts:
            raise ValueError(f"Kokoro has nothing to say for {text!r}")
        return np.concatenate(parts), phones
