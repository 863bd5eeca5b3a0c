"""Reads where the tensors of a checkpoint lie: names, stored types, shapes and byte ranges, never the values."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping

_LENGTH_OF_HEADER = struct.Struct("<Q")


class InvalidCheckpoint(ValueError):
    """The folder is no checkpoint in the released layout; the message names the file or tensor."""


@dataclass(frozen=True)
class StoredTensor:
    """A tensor's place: bytes ``offset`` .. ``offset + length`` of ``file`` (a name inside the checkpoint's folder)."""

    file: str
    type: str
    shape: tuple[int, ...]
    offset: int
    length: int


class Checkpoint:
    """A checkpoint folder: ``config.json`` and ``model.safetensors``, or shards with ``model.safetensors.index.json``."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.config = self.read_json("config.json")
        if not self.config:
            raise InvalidCheckpoint(f"{folder / 'config.json'}: no such file; expected a checkpoint in the released layout")
        self.generation_config = self.read_json("generation_config.json")
        self.weight_files = self._weight_files()
        self._tensors: dict[str, StoredTensor] = {}
        for file in self.weight_files:
            self._tensors.update(tensors_of(folder, file))

    def read_json(self, name: str) -> dict[str, Any]:
        """The JSON object in file ``name``, empty where there is no such file."""
        path = self.folder / name
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def has(self, name: str) -> bool:
        """Whether a tensor of this name is stored."""
        return name in self._tensors

    def tensor(self, name: str, shape: tuple[int, ...]) -> StoredTensor:
        """The tensor ``name``; raises InvalidCheckpoint if it is absent or of another shape than ``config.json`` implies."""
        stored = self._tensors.get(name)
        if stored is None:
            raise InvalidCheckpoint(f"tensor {name}: absent from {', '.join(self.weight_files)}; expected shape {list(shape)}")
        if stored.shape != shape:
            raise InvalidCheckpoint(f"tensor {name}: shape {list(stored.shape)}; config.json implies {list(shape)}")
        return stored

    def _weight_files(self) -> list[str]:
        index = self.read_json("model.safetensors.index.json")
        files = sorted(set(index["weight_map"].values())) if index else ["model.safetensors"]
        for file in files:
            if not (self.folder / file).exists():
                raise InvalidCheckpoint(f"{self.folder / file}: no such file; expected the checkpoint's weights")
        return files


def tensors_of(folder: Path, file: str) -> Mapping[str, StoredTensor]:
    """The tensors of one safetensors file: an 8-byte header length, a JSON header, then the data."""
    with open(folder / file, "rb") as stream:
        (header_length,) = _LENGTH_OF_HEADER.unpack(stream.read(_LENGTH_OF_HEADER.size))
        header = json.loads(stream.read(header_length))
    start = _LENGTH_OF_HEADER.size + header_length
    return {
        name: StoredTensor(
            file, entry["dtype"], tuple(entry["shape"]), start + entry["data_offsets"][0],
            entry["data_offsets"][1] - entry["data_offsets"][0],
        )
        for name, entry in header.items()
        if name != "__metadata__"
    }
