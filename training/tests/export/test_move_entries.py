from pathlib import Path

import numpy as np
import onnxruntime

from antiphon.export.move_entries import graph

SHIPPED = Path(__file__).parents[3] / "model-runtime/src/main/resources/io/antiphon/runtime/llm/move-entries.onnx"


def test_the_runtimes_graph_is_the_one_that_is_written_here():
    assert SHIPPED.read_bytes() == graph()


def test_entries_come_from_where_the_index_says():
    rows = np.random.default_rng(1).standard_normal((1, 2, 7, 3)).astype(np.float32)
    entries = np.array([4, 5, 0, 1, 2, 3, 6])
    moved = onnxruntime.InferenceSession(graph()).run(None, {"rows": rows, "entries": entries})[0]
    assert np.array_equal(moved, rows[:, :, entries])
