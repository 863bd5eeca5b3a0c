"""A dynamically quantised graph, dequantised, is the graph of the same weights in float."""
import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from antiphon.data.kokoro import dequantised
from antiphon.data.voices import HELD_OUT_KOKORO


@pytest.fixture(scope="module")
def graphs(tmp_path_factory):
    """(float, int8) files: a convolution with bias, an LSTM of two directions and a product with bias."""
    g = np.random.default_rng(1)
    constants = {"k": g.normal(0, 0.3, (8, 6, 3)), "kb": g.normal(0, 0.5, 8), "w": g.normal(0, 0.3, (2, 16, 8)), "r": g.normal(0, 0.3, (2, 16, 4)),
                 "b": g.normal(0, 0.3, (2, 32)), "m": g.normal(0, 0.3, (8, 5)), "mb": g.normal(0, 0.3, 5)}
    nodes = [helper.make_node("Conv", ["x", "k", "kb"], ["c"], pads=[1, 1]), helper.make_node("Transpose", ["c"], ["t"], perm=[2, 0, 1]),
             helper.make_node("LSTM", ["t", "w", "r", "b"], ["l"], hidden_size=4, direction="bidirectional"),
             helper.make_node("Transpose", ["l"], ["p"], perm=[2, 0, 1, 3]), helper.make_node("Reshape", ["p", "shape"], ["f"]),
             helper.make_node("MatMul", ["f", "m"], ["q"]), helper.make_node("Add", ["q", "mb"], ["y"])]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", 1, [1, 6, 20])], [helper.make_tensor_value_info("y", 1, None)],
                              [*(numpy_helper.from_array(v.astype(np.float32), k) for k, v in constants.items()),
                               numpy_helper.from_array(np.array([1, 20, 8]), "shape")])
    folder = tmp_path_factory.mktemp("graphs")
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), folder / "float.onnx")
    quantize_dynamic(folder / "float.onnx", folder / "int8.onnx", weight_type=QuantType.QUInt8, op_types_to_quantize=["Conv", "LSTM", "MatMul"])
    return folder / "float.onnx", folder / "int8.onnx"


def run(model, x):
    content = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]


def test_what_comes_out_is_float_and_near_the_first_graph(graphs):
    x = np.random.default_rng(2).normal(0, 1, (1, 6, 20)).astype(np.float32)
    quantised = onnx.load(graphs[1])
    kinds = {node.op_type for node in quantised.graph.node}
    assert {"ConvInteger", "DynamicQuantizeLSTM", "MatMulInteger"} <= kinds
    restored = dequantised(quantised)
    assert not {node.op_type for node in restored.graph.node} & {"ConvInteger", "DynamicQuantizeLSTM", "MatMulInteger", "DynamicQuantizeLinear"}
    expected = run(graphs[0], x)
    after, before = (np.abs(y - expected).max() for y in (run(restored.SerializeToString(), x), run(graphs[1], x)))
    assert after < 0.02 and after < before


def test_both_sexes_and_accents_are_held_out():
    assert len(HELD_OUT_KOKORO) == 8 and {name[:2] for name in HELD_OUT_KOKORO} == {"af", "am", "bf", "bm"}
