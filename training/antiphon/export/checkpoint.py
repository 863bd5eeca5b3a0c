"""Reads where the tensors of a checkpoint lie: names, stored types, shapes and byte ranges, never the values."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
_LENGTH_OF_HEADER = struct.Struct("<Q")
_LONGEST_HEADER = 100_000_000
"""The format's own limit."""
_POINTER = b"version https://git-lfs"
_SHARDS_NAMED = 3
_HASHES = "SHA256SUMS"
_DOWNLOADED = ".cache/huggingface/download/{file}.metadata"
"""Where the hub's client notes a file's hash, in the second line."""


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
    """A checkpoint folder: ``config.json`` and ``model.safetensors``, or shards with ``model.safetensors.index.json``.

    Raises InvalidCheckpoint where a file is absent, cut short, only a pointer, or does not hold what the index says.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        if not (folder / "config.json").is_file():
            raise InvalidCheckpoint(f"{folder / 'config.json'}: no such file; expected a checkpoint in the released layout")
        self.config = self.read_json("config.json")
        self.generation_config = self.read_json("generation_config.json")
        index = self.read_json(INDEX)
        self.weight_files = self._weight_files(index)
        self._tensors: dict[str, StoredTensor] = {}
        for file in self.weight_files:
            self._tensors.update(tensors_of(folder, file))
        for name, file in index.get("weight_map", {}).items():
            if name not in self._tensors or self._tensors[name].file != file:
                raise InvalidCheckpoint(f"{folder / file}: has no tensor {name}, which {INDEX} expects there; download the file again")

    def read_json(self, name: str) -> dict[str, Any]:
        """The JSON object in file ``name``, empty where there is no such file."""
        path = self.folder / name
        if not path.exists():
            return {}
        refuse_pointer(path)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InvalidCheckpoint(f"{path}: not JSON ({error}); download the file again") from None
        if not isinstance(content, dict):
            raise InvalidCheckpoint(f"{path}: {type(content).__name__}; expected a JSON object")
        return content

    def has(self, name: str) -> bool:
        """Whether a tensor of this name is stored."""
        return name in self._tensors

    def tensor(self, name: str, shape: tuple[int, ...]) -> StoredTensor:
        """The tensor ``name``; raises InvalidCheckpoint if it is absent or of another shape than ``config.json`` implies."""
        stored = self._tensors.get(name)
        if stored is None:
            shown = ", ".join(self.weight_files[:_SHARDS_NAMED]) + (" ..." if len(self.weight_files) > _SHARDS_NAMED else "")
            raise InvalidCheckpoint(f"tensor {name}: absent from {shown}; expected shape {list(shape)}")
        if stored.shape != shape:
            raise InvalidCheckpoint(f"tensor {name}: shape {list(stored.shape)}; config.json implies {list(shape)}")
        return stored

    def fingerprint(self) -> str:
        """SHA-256 over names, types, shapes, places of all tensors and a few bytes of each: tells checkpoints apart in milliseconds."""
        digest = hashlib.sha256()
        for name, stored in sorted(self._tensors.items()):
            digest.update(f"{name} {stored.type} {stored.shape}\n".encode())
            with open(self.folder / stored.file, "rb") as stream:
                stream.seek(stored.offset + stored.length // 2 // 64 * 64)
                digest.update(stream.read(min(64, stored.length)))
        return digest.hexdigest()

    def check_hashes(self) -> list[str]:
        """Compares each weight file's SHA-256 with the one in ``SHA256SUMS`` or in the hub client's notes; returns the files without either.

        Reads every byte, so it is done only where asked for.
        """
        sums = self.folder / _HASHES
        lines = sums.read_text(encoding="utf-8").splitlines() if sums.exists() else []
        listed = {parts[1].lstrip("*"): parts[0] for parts in (line.split() for line in lines) if len(parts) == 2}
        unknown = []
        for file in self.weight_files:
            expected = listed.get(file) or self._downloaded_hash(file)
            if expected is None:
                unknown.append(file)
                continue
            with open(self.folder / file, "rb") as stream:
                actual = hashlib.file_digest(stream, "sha256").hexdigest()
            if actual != expected:
                raise InvalidCheckpoint(f"{self.folder / file}: SHA-256 {actual}; expected {expected}; download the file again")
        return unknown

    def _downloaded_hash(self, file: str) -> str | None:
        notes = self.folder / _DOWNLOADED.format(file=file)
        lines = notes.read_text(encoding="utf-8").split() if notes.exists() else []
        return lines[1] if len(lines) > 1 and len(lines[1]) == hashlib.sha256().digest_size * 2 else None

    def _weight_files(self, index: Mapping[str, Any]) -> list[str]:
        if index and not isinstance(index.get("weight_map"), Mapping):
            raise InvalidCheckpoint(f"{self.folder / INDEX}: no weight_map; download the file again")
        files = sorted(set(index["weight_map"].values())) if index else [SINGLE]
        absent = [file for file in files if not (self.folder / file).is_file()]
        if absent and index:
            listed = ", ".join(absent[:_SHARDS_NAMED]) + (" ..." if len(absent) > _SHARDS_NAMED else "")
            raise InvalidCheckpoint(f"{self.folder}: {len(absent)} of {len(files)} shards are missing ({listed}); download them")
        if absent:
            raise InvalidCheckpoint(f"{self.folder / SINGLE}: no such file; expected the checkpoint's weights (or {INDEX} and its shards)")
        return files


def tensors_of(folder: Path, file: str) -> Mapping[str, StoredTensor]:
    """The tensors of one safetensors file: an 8-byte header length, a JSON header, then the data."""
    path = folder / file
    header, start = _header(path)
    tensors = {
        name: StoredTensor(
            file, entry["dtype"], tuple(entry["shape"]), start + entry["data_offsets"][0],
            entry["data_offsets"][1] - entry["data_offsets"][0],
        )
        for name, entry in header.items()
        if name != "__metadata__"
    }
    size, expected = path.stat().st_size, max((stored.offset + stored.length for stored in tensors.values()), default=start)
    if size < expected:
        raise InvalidCheckpoint(f"{path}: {size} bytes; its header implies {expected}, so it was cut short; download it again")
    return tensors


def metadata_of(path: Path) -> Mapping[str, str]:
    """The free-form texts in a safetensors file's header."""
    return _header(path)[0].get("__metadata__", {})


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """The JSON header and the place where the data begin."""
    refuse_pointer(path)
    with open(path, "rb") as stream:
        prefix = stream.read(_LENGTH_OF_HEADER.size)
        length = _LENGTH_OF_HEADER.unpack(prefix)[0] if len(prefix) == _LENGTH_OF_HEADER.size else _LONGEST_HEADER
        text = stream.read(length) if length < _LONGEST_HEADER else b""
    try:
        header = json.loads(text)
    except ValueError:
        raise InvalidCheckpoint(f"{path}: {path.stat().st_size} bytes without a safetensors header; download the file again") from None
    return header, _LENGTH_OF_HEADER.size + length


def refuse_pointer(path: Path) -> None:
    with open(path, "rb") as stream:
        if stream.read(len(_POINTER)) == _POINTER:
            raise InvalidCheckpoint(f"{path}: a Git LFS pointer, not the file itself; run 'git lfs pull' in the checkpoint's folder")
