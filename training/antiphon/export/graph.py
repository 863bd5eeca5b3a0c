"""A small builder on top of ``onnx.helper``: values are strings, weights are references into the checkpoint."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Callable, Sequence

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from antiphon.export.checkpoint import Checkpoint, InvalidCheckpoint, StoredTensor

OPSET = 20
MICROSOFT = "com.microsoft"
FLOAT, INT32, INT64, UINT8, BOOL, DOUBLE = (
    TensorProto.FLOAT, TensorProto.INT32, TensorProto.INT64, TensorProto.UINT8, TensorProto.BOOL, TensorProto.DOUBLE,
)

_STORED_TYPES = {"F32": TensorProto.FLOAT, "F16": TensorProto.FLOAT16, "BF16": TensorProto.BFLOAT16, "F64": TensorProto.DOUBLE}


class Graph:
    """One ONNX graph under construction.

    Whatever is computed from weights and constants alone (casts, transposes, products of two weights) is written as nodes
    and folded when a session loads the graph, so that the file holds no weights and the checkpoint stays as it is.
    """

    def __init__(self, name: str, checkpoint: Checkpoint):
        self.name = name
        self._checkpoint = checkpoint
        self._nodes: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._initializers: list[Any] = []
        self._added: dict[Any, str] = {}
        self._names = 0
        self.loaded_bytes = 0
        """What the weights take in memory once a session has loaded the graph, as far as they do not stay in their file."""

    # Inputs and outputs

    def input(self, name: str, type: int, shape: Sequence[int | str]) -> str:
        """Declares a graph input; a string in ``shape`` is a dynamic dimension."""
        self._inputs.append(helper.make_tensor_value_info(name, type, list(shape)))
        return name

    def output(self, name: str, type: int, shape: Sequence[int | str]) -> str:
        """Declares a graph output; some node must write a value of this very name."""
        self._outputs.append(helper.make_tensor_value_info(name, type, list(shape)))
        return name

    # Nodes

    def op(self, kind: str, *inputs: str, outputs: int | str | Sequence[str] = 1, domain: str = "", **attributes: Any) -> Any:
        """Adds a node. ``outputs`` is a count, or the names of the values it writes. Returns one name, or a list of them."""
        if isinstance(outputs, int):
            names = [self._name(kind) for _ in range(outputs)]
        else:
            names = [outputs] if isinstance(outputs, str) else list(outputs)
        self._nodes.append(helper.make_node(kind, list(inputs), names, name=self._name("node"), domain=domain, **attributes))
        return names[0] if len(names) == 1 else names

    def microsoft(self, kind: str, *inputs: str, outputs: int | str | Sequence[str] = 1, **attributes: Any) -> Any:
        """Adds a node of ONNX Runtime's own operator set."""
        return self.op(kind, *inputs, outputs=outputs, domain=MICROSOFT, **attributes)

    def once(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """A node that is added once: asked for again with the same inputs, it is the same value."""
        key = (kind, inputs, tuple(sorted((name, str(value)) for name, value in attributes.items())))
        if key not in self._added:
            self._added[key] = self.op(kind, *inputs, **attributes)
        return self._added[key]

    def cast(self, value: str, type: int) -> str:
        return self.op("Cast", value, to=type)

    def reshape(self, value: str, shape: Sequence[int]) -> str:
        return self.op("Reshape", value, self.constant(np.array(shape, np.int64)))

    def unsqueeze(self, value: str, axis: int) -> str:
        return self.op("Unsqueeze", value, self.constant(np.array([axis], np.int64)))

    def split(self, value: str, sizes: Sequence[int], axis: int = -1) -> list[str]:
        if len(sizes) == 1:
            return [value]
        return self.op("Split", value, self.constant(np.array(sizes, np.int64)), outputs=len(sizes), axis=axis)

    def choice(self, condition: str, type: int, then: Callable[[], str], otherwise: Callable[[], str]) -> str:
        """The value of ``then`` where ``condition`` (bool scalar) holds, else of ``otherwise``; only that one is computed.

        Both are called once and add the nodes of their branch.
        """
        branches = {"then_branch": self._branch(then, type), "else_branch": self._branch(otherwise, type)}
        return self.op("If", condition, **branches)

    def _branch(self, build: Callable[[], str], type: int) -> Any:
        outside, self._nodes, added = self._nodes, [], dict(self._added)
        value = build()
        graph = helper.make_graph(self._nodes, self._name("branch"), [], [helper.make_tensor_value_info(value, type, None)])
        # Nodes of a branch are not seen outside of it; constants and weights are the whole graph's.
        values = {name for node in self._nodes for name in node.output}
        self._nodes = outside
        self._added = added | {key: name for key, name in self._added.items() if name not in values}
        return graph

    # Constants and weights

    def constant(self, value: np.ndarray | np.generic) -> str:
        """A small constant inside the file; equal ones are stored once."""
        array = np.asarray(value)
        key = ("constant", array.dtype.str, array.shape, array.tobytes())
        if key not in self._added:
            name = self._name("constant")
            self._initializers.append(numpy_helper.from_array(array, name))
            self._added[key] = name
        return self._added[key]

    def weight(self, name: str, *shape: int) -> str:
        """The checkpoint's tensor ``name`` as float32, read from its own bytes when the session loads."""
        stored = self._checkpoint.tensor(name, shape)
        self._external(name, name, stored, stored.shape, stored.offset, stored.length)
        return name if stored.type == "F32" else self.once("Cast", name, to=FLOAT)

    def weight_rows(self, name: str, first: int, last: int, *shape: int) -> str:
        """Rows ``first`` .. ``last`` (exclusive) of a tensor as float32: a byte range of its own."""
        stored = self._checkpoint.tensor(name, shape)
        row, part = stored.length // shape[0], f"{name}[{first}:{last}]"
        self._external(part, name, stored, (last - first, *shape[1:]), stored.offset + first * row, (last - first) * row)
        return part if stored.type == "F32" else self.once("Cast", part, to=FLOAT)

    def gathered(self, name: str, ids: str, *shape: int) -> str:
        """The rows ``ids`` of a tensor as float32; only they are cast, the tensor stays in its file."""
        stored = self._checkpoint.tensor(name, shape)
        self._external(name, name, stored, stored.shape, stored.offset, stored.length, loaded=False)
        rows = self.op("Gather", name, ids)
        return rows if stored.type == "F32" else self.cast(rows, FLOAT)

    def stored_weight(self, tensor: StoredTensor, name: str) -> str:
        """A tensor of another safetensors file in the same folder as float32."""
        self._external(name, name, tensor, tensor.shape, tensor.offset, tensor.length)
        return name if tensor.type == "F32" else self.once("Cast", name, to=FLOAT)

    def stored(self, tensor: StoredTensor, name: str, type: int) -> str:
        """A tensor of another safetensors file in the same folder as it stands there, for instance packed weights."""
        if ("weight", name) not in self._added:
            self._added["weight", name] = name
            self._reference(name, type, tensor.file, tensor.shape, tensor.offset, tensor.length)
            self.loaded_bytes += tensor.length * 3 // 2  # kernels keep a copy in an order of their own
        return name

    def _external(
        self, value: str, name: str, stored: StoredTensor, shape: Sequence[int], offset: int, length: int, loaded: bool = True
    ) -> None:
        if stored.type not in _STORED_TYPES:
            raise InvalidCheckpoint(f"tensor {name}: stored as {stored.type}; expected one of {', '.join(_STORED_TYPES)}")
        if ("weight", value) not in self._added:
            self._added["weight", value] = value
            self._reference(value, _STORED_TYPES[stored.type], stored.file, shape, offset, length)
            self.loaded_bytes += 4 * math.prod(shape) if loaded else 0

    def _reference(self, value: str, type: int, file: str, shape: Sequence[int], offset: int, length: int) -> None:
        tensor = TensorProto(name=value, data_type=type, dims=shape)
        tensor.data_location = TensorProto.EXTERNAL
        for key, entry in (("location", file), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(entry))
        self._initializers.append(tensor)

    def transposed(self, *weights: str) -> str:
        """Linear weights [out, in], several of them stacked by their outputs, as one matrix [in, outs]."""
        stacked = weights[0] if len(weights) == 1 else self.once("Concat", *weights, axis=0)
        return self.once("Transpose", stacked, perm=[1, 0])

    # The file

    def save(self, folder: Path) -> str:
        """Writes ``folder/NAME.onnx`` and returns the file's name."""
        graph = helper.make_graph(self._nodes, self.name, self._inputs, self._outputs, self._initializers)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="antiphon")
        file = f"{self.name}.onnx"
        (folder / file).write_bytes(model.SerializeToString(deterministic=True))
        return file

    def _name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}.{self._names}"
