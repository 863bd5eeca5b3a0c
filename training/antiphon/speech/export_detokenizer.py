"""Exports the streaming detokenizer as a small ONNX graph whose weights are byte ranges of `detokenizer.safetensors`."""
import argparse
import json
import struct
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from antiphon.speech.checkpoint import WEIGHTS, load_detokenizer, manifest_section
from antiphon.speech.streaming import StreamingDetokenizer

GRAPH = "detokenizer.onnx"
OPSET = 18
_ELEMENT_TYPES = {"F16": TensorProto.FLOAT16, "F32": TensorProto.FLOAT, "BF16": TensorProto.BFLOAT16}


def _stored_tensors(path: Path) -> dict[str, tuple[int, list[int], int, int]]:
    """Name -> (ONNX element type, shape, byte offset in the file, byte length) from the safetensors header."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
    header.pop("__metadata__", None)
    return {name: (_ELEMENT_TYPES[entry["dtype"]], entry["shape"], 8 + size + entry["data_offsets"][0], entry["data_offsets"][1] - entry["data_offsets"][0])
            for name, entry in header.items()}


def _trace(detokenizer: StreamingDetokenizer) -> onnx.ModelProto:
    names = list(detokenizer.state_shapes)
    inputs = ["ids", *(f"state.{name}" for name in names)]
    outputs = ["pcm", *(f"next.{name}" for name in names)]
    axes = {name: {0: "B"} for name in inputs + outputs} | {"ids": {0: "B", 1: "T"}, "pcm": {0: "B", 1: "S"}}
    example = (torch.zeros(2, 3, dtype=torch.int64), *detokenizer.start(2))
    with tempfile.TemporaryDirectory() as folder, torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder, GRAPH)
        torch.onnx.export(detokenizer, example, str(path), input_names=inputs, output_names=outputs, dynamic_axes=axes, opset_version=OPSET,
                          dynamo=False, do_constant_folding=False)
        return onnx.load(str(path))


def _point_at_weights(model: onnx.ModelProto, stored: dict, file_name: str) -> None:
    """Replaces every initialiser that the checkpoint holds by a reference to its bytes and a Cast to float32."""
    kept, references, casts = [], [], []
    for initializer in model.graph.initializer:
        if initializer.name not in stored:
            kept.append(initializer)
            continue
        element_type, shape, offset, length = stored[initializer.name]
        if shape != list(initializer.dims):
            raise ValueError(f"tensor {initializer.name} has shape {shape}, the graph expects {list(initializer.dims)}")
        reference = TensorProto(name=f"{initializer.name}.stored", data_type=element_type, dims=shape, data_location=TensorProto.EXTERNAL)
        for key, value in (("location", file_name), ("offset", str(offset)), ("length", str(length))):
            reference.external_data.add(key=key, value=value)
        references.append(reference)
        casts.append(helper.make_node("Cast", [reference.name], [initializer.name], to=TensorProto.FLOAT))
    large = [tensor.name for tensor in kept if numpy_helper.to_array(tensor).nbytes > 4096]
    if large:
        raise ValueError(f"tensors {large} are in the graph but not in {file_name}")
    nodes = list(model.graph.node)
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept + references)
    model.graph.node.extend(casts + nodes)


def _simplify(model: onnx.ModelProto) -> None:
    """Evaluates what depends on constants alone, merges equal constants and shortens the names of inner tensors."""
    graph = model.graph
    values: dict[str, np.ndarray] = {}
    rename: dict[str, str] = {}
    nodes = []
    for node in graph.node:
        inputs = [rename.get(name, name) for name in node.input]
        del node.input[:]
        node.input.extend(inputs)
        if node.op_type == "Identity" and node.output[0] not in {output.name for output in graph.output}:
            rename[node.output[0]] = inputs[0]
        elif all(name == "" or name in values for name in inputs) and node.op_type != "Range":
            given = {name: values[name] for name in inputs if name}
            for name, value in zip(node.output, ReferenceEvaluator(node).run(None, given)):
                values[name] = np.asarray(value)
        else:
            nodes.append(node)
    stored = {tensor.name for tensor in graph.initializer}
    outside = stored | {value.name for value in [*graph.input, *graph.output]}
    names, constants, merged = {"": ""}, [], {}

    def short(name: str) -> str:
        if name in outside or name in names:
            return names.get(name, name)
        if name in values:
            key = (values[name].dtype.str, values[name].shape, values[name].tobytes())
            if key not in merged:
                merged[key] = f"c{len(merged)}"
                constants.append(numpy_helper.from_array(values[name], merged[key]))
            names[name] = merged[key]
        else:
            names[name] = f"t{len(names)}"
        return names[name]

    for node in nodes:
        node.name = ""
        node.ClearField("doc_string")
        inputs, outputs = [short(name) for name in node.input], [short(name) for name in node.output]
        del node.input[:], node.output[:]
        node.input.extend(inputs)
        node.output.extend(outputs)
    used = {name for node in nodes for name in node.input}
    initializers = [tensor for tensor in graph.initializer if tensor.name in used] + constants
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(nodes)
    graph.initializer.extend(initializers)


def _expand_normalisations(model: onnx.ModelProto) -> None:
    """Writes LayerNormalization (last axis, with scale and bias) in elementary nodes, which take a quarter of its time in ONNX Runtime.

    Means are matrix products: ONNX Runtime moves transpositions through a ReduceMean, and over another axis than the last that one sums in
    an order which depends on the batch, so that a stream alone would not give the same samples as among others.
    """
    sizes = {tensor.name: tensor.dims[0] for tensor in model.graph.initializer if len(tensor.dims) == 1}
    nodes, constants = [], {}
    for number, node in enumerate(model.graph.node):
        if node.op_type != "LayerNormalization":
            nodes.append(node)
            continue
        (x, scale, bias), (y,) = node.input, node.output
        epsilon = next(attribute.f for attribute in node.attribute if attribute.name == "epsilon")
        constants[f"norm.epsilon.{epsilon}"] = np.float32(epsilon)
        average = f"norm.average.{sizes[scale]}"
        constants[average] = np.full((sizes[scale], 1), 1 / sizes[scale], np.float32)
        names = [f"norm.{number}.{part}" for part in ("mean", "centred", "square", "variance", "above", "deviation", "inverse", "normed", "scaled")]
        mean, centred, square, variance, above, deviation, inverse, normed, scaled = names
        nodes += [
            helper.make_node("MatMul", [x, average], [mean]),
            helper.make_node("Sub", [x, mean], [centred]),
            helper.make_node("Mul", [centred, centred], [square]),
            helper.make_node("MatMul", [square, average], [variance]),
            helper.make_node("Add", [variance, f"norm.epsilon.{epsilon}"], [above]),
            helper.make_node("Sqrt", [above], [deviation]),
            helper.make_node("Reciprocal", [deviation], [inverse]),
            helper.make_node("Mul", [centred, inverse], [normed]),
            helper.make_node("Mul", [normed, scale], [scaled]),
            helper.make_node("Add", [scaled, bias], [y]),
        ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items())


def export_detokenizer(bundle_dir: Path | str) -> dict:
    """Writes `detokenizer.onnx` beside the `detokenizer.safetensors` of the bundle; returns the manifest's `detokenizer` section.

    Raises FileNotFoundError when the weights are not in the bundle.
    """
    bundle = Path(bundle_dir)
    weights = bundle / WEIGHTS
    if not weights.exists():
        raise FileNotFoundError(f"{weights} is missing: copy the detokenizer's checkpoint into the bundle first")
    detokenizer, flush_id = load_detokenizer(weights)
    model = _trace(detokenizer)
    _simplify(model)
    _expand_normalisations(model)
    _point_at_weights(model, _stored_tensors(weights), WEIGHTS)
    (bundle / GRAPH).write_bytes(model.SerializeToString())
    return manifest_section(detokenizer, flush_id)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    print(json.dumps(export_detokenizer(parser.parse_args().bundle), indent=1))


if __name__ == "__main__":
    main()
