"""Writes the graph with which the model runtime moves entries of a key-value cache where they lie.

`python -m antiphon.export.move_entries ../model-runtime/src/main/resources/io/antiphon/runtime/llm/move-entries.onnx`
"""

import argparse
from pathlib import Path

import onnx
from onnx import TensorProto, helper


def graph() -> bytes:
    """``rows`` float [rows, heads, capacity, size] and ``entries`` int64 [count] -> ``moved`` float [rows, heads, count, size].

    Entry i of ``moved`` is entry ``entries[i]`` of ``rows``. ``Gather`` copies on every execution provider.
    """
    node = helper.make_node("Gather", ["rows", "entries"], ["moved"], axis=2)
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["rows", "heads", "entries", "size"])
    entries = helper.make_tensor_value_info("entries", TensorProto.INT64, ["count"])
    moved = helper.make_tensor_value_info("moved", TensorProto.FLOAT, ["rows", "heads", "count", "size"])
    model = helper.make_model(
        helper.make_graph([node], "move_entries", [rows, entries], [moved]), opset_imports=[helper.make_opsetid("", 17)], producer_name="antiphon"
    )
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.parse_args().path.write_bytes(graph())
