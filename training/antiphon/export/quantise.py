"""Packs the linear weights of a checkpoint to 4 or 8 bits, a few rows at a time: memory does not grow with the checkpoint.

Round to nearest, symmetric, one float32 scale for each block of 32 inputs. A block's number of largest magnitude becomes the lowest step
(-8 or -128), so that all steps are used. The shared LLM's layers get the bits asked for; what is sampled from (``lm_head``) and
the refined head get 8. Embeddings, norms, convolutions and the speech encoder stay references into the checkpoint.
"""

from __future__ import annotations

import json
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

import torch

from antiphon.export.checkpoint import Checkpoint, InvalidCheckpoint, StoredTensor, metadata_of
from antiphon.export.configuration import Configuration, Experts, TransformerSizes, UnsupportedConfiguration
from antiphon.export.weights import BLOCK

WEIGHTS = {"int4": 4, "int8": 8}
"""Bits of the shared LLM's layers by the name of the choice."""
ENTRY, LEAVING = "refined_head.entry", "refined_head.leaving"
"""The refined head's pairs of maps, each made one (see ``refined_head``)."""

_ROWS_AT_ONCE = 16 << 20
"""Weights that are in memory at a time."""
_TORCH = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
_HEAD = "audio_invert_tower"


@dataclass(frozen=True)
class _Linear:
    """One linear map to pack; ``rows`` yields float32 pieces [n, inputs] in the order of the outputs."""

    name: str
    bits: int
    outputs: int
    inputs: int
    rows: Callable[[], Iterator[torch.Tensor]]


def packed_file(weights: str) -> str:
    """The file's name, for instance ``model.int4.safetensors``."""
    return f"model.{weights}.safetensors"


def quantise(
    checkpoint: Checkpoint, configuration: Configuration, weights: str, folder: Path, progress: Callable[[float], None] = lambda share: None
) -> str:
    """Writes the packed file into ``folder`` unless it is there already for this very checkpoint; returns its name.

    ``progress`` gets the share that is done. The file appears under its name only when it is whole.
    """
    file, fingerprint = packed_file(weights), checkpoint.fingerprint()
    if (folder / file).exists() and metadata_of(folder / file).get("checkpoint") == fingerprint:
        return file
    linears = list(_linears(checkpoint, configuration, WEIGHTS[weights]))
    header: dict[str, object] = {"__metadata__": {"checkpoint": fingerprint, "weights": weights, "block": str(BLOCK)}}
    offset = 0
    for linear in linears:
        if linear.inputs % BLOCK:
            raise UnsupportedConfiguration(f"{linear.name}: {linear.inputs} inputs; expected a multiple of {BLOCK} for packed weights")
        blocks = linear.inputs // BLOCK
        for part, type, shape in (
            ("packed", "U8", [linear.outputs, blocks, BLOCK * linear.bits // 8]), ("scales", "F32", [linear.outputs, blocks])
        ):
            length = (4 if type == "F32" else 1) * torch.Size(shape).numel()
            header[f"{linear.name}.{part}"] = {"dtype": type, "shape": shape, "data_offsets": [offset, offset + length]}
            offset += length
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 64)
    unfinished, done, total = folder / f"{file}.unfinished", 0, sum(linear.outputs * linear.inputs for linear in linears)
    try:
        with open(unfinished, "wb") as stream:
            stream.write(struct.pack("<Q", len(text)) + text)
            for linear in linears:
                scales = []
                for rows in linear.rows():
                    packed, scale = pack(rows, linear.bits)
                    stream.write(packed.numpy().data)
                    scales.append(scale)
                    done += rows.numel()
                    progress(done / total)
                stream.write(torch.cat(scales).numpy().data)
        os.replace(unfinished, folder / file)
    finally:
        unfinished.unlink(missing_ok=True)
    return file


def pack(rows: torch.Tensor, bits: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Float32 [n, inputs] -> packed uint8 [n, blocks, 32 * bits / 8], scales float32 [n, blocks]."""
    blocks = rows.reshape(len(rows), -1, BLOCK)
    largest = blocks.gather(2, blocks.abs().argmax(2, keepdim=True)).squeeze(2)
    zero = 1 << (bits - 1)
    scales = largest / -zero
    inverse = torch.where(scales == 0, 0.0, 1.0 / scales)
    steps = (blocks * inverse[..., None]).round_().add_(zero).clamp_(0, 2 * zero - 1).to(torch.uint8)
    if bits == 4:
        steps = steps[..., 0::2] | (steps[..., 1::2] << 4)
    return steps.contiguous(), scales


def unpack(packed: torch.Tensor, scales: torch.Tensor) -> torch.Tensor:
    """The numbers that packed weights stand for, float32 [n, inputs]."""
    bits = packed.shape[-1] * 8 // BLOCK
    if bits == 4:
        packed = torch.stack((packed & 15, packed >> 4), -1).flatten(-2)
    return ((packed.float() - (1 << (bits - 1))) * scales[..., None]).flatten(1)


def _linears(checkpoint: Checkpoint, configuration: Configuration, bits: int) -> Iterator[_Linear]:
    llm, head = configuration.shared_llm, configuration.refined_head
    yield from _transformer(checkpoint, "language_model.model", llm, bits)
    table = "language_model.model.embed_tokens.weight" if configuration.tied_text_head else "language_model.lm_head.weight"
    yield _stored(checkpoint, table, 8, configuration.vocabulary, llm.hidden)
    yield from _transformer(checkpoint, f"{_HEAD}.crq_transformer", head, 8)
    yield _stored(checkpoint, "audio_tower.output_matching.weight", 8, llm.hidden, llm.hidden)
    entry = checkpoint.tensor(f"{_HEAD}.input_matching.weight", (head.hidden, llm.hidden))
    ungrouping = checkpoint.tensor(f"{_HEAD}.pre_matching.weight", (configuration.group * llm.hidden, llm.hidden))
    leaving = checkpoint.tensor(f"{_HEAD}.output_matching.weight", (llm.hidden, head.hidden))
    codes = checkpoint.tensor("audio_tower.embed_tokens.weight", (configuration.codebook, llm.hidden))

    def entering() -> Iterator[torch.Tensor]:
        left = read_rows(checkpoint, entry, 0, head.hidden)
        for number in range(configuration.group):
            yield left @ read_rows(checkpoint, ungrouping, number * llm.hidden, (number + 1) * llm.hidden)

    def leaving_rows() -> Iterator[torch.Tensor]:
        yield read_rows(checkpoint, codes, 0, configuration.codebook) @ read_rows(checkpoint, leaving, 0, llm.hidden)

    yield _Linear(ENTRY, 8, configuration.group * head.hidden, llm.hidden, entering)
    yield _Linear(LEAVING, 8, configuration.codebook, head.hidden, leaving_rows)


def _transformer(checkpoint: Checkpoint, prefix: str, sizes: TransformerSizes, bits: int) -> Iterator[_Linear]:
    query, cached = sizes.heads * sizes.head_size, sizes.key_value_heads * sizes.head_size
    for layer in range(sizes.layers):
        attention, dense = f"{prefix}.layers.{layer}.self_attn", f"{prefix}.layers.{layer}.mlp"
        yield _stored(checkpoint, f"{attention}.q_proj.weight", bits, query, sizes.hidden)
        yield _stored(checkpoint, f"{attention}.k_proj.weight", bits, cached, sizes.hidden)
        yield _stored(checkpoint, f"{attention}.v_proj.weight", bits, cached, sizes.hidden)
        yield _stored(checkpoint, f"{attention}.o_proj.weight", bits, sizes.hidden, query)
        if sizes.experts:
            yield from _experts(checkpoint, f"{dense}.experts", sizes.experts, sizes.hidden, bits)
            continue
        yield _stored(checkpoint, f"{dense}.gate_proj.weight", bits, sizes.feed_forward, sizes.hidden)
        yield _stored(checkpoint, f"{dense}.up_proj.weight", bits, sizes.feed_forward, sizes.hidden)
        yield _stored(checkpoint, f"{dense}.down_proj.weight", bits, sizes.hidden, sizes.feed_forward)


def _experts(checkpoint: Checkpoint, prefix: str, experts: Experts, hidden: int, bits: int) -> Iterator[_Linear]:
    """All experts of a layer as two maps: gate and up row by row in turn, as the kernel wants them, and down."""
    inner = experts.feed_forward
    shapes = {"gate_proj": (inner, hidden), "up_proj": (inner, hidden), "down_proj": (hidden, inner)}
    parts = [{name: checkpoint.tensor(f"{prefix}.{number}.{name}.weight", shape) for name, shape in shapes.items()} for number in range(experts.count)]

    def gate_up() -> Iterator[torch.Tensor]:
        for part in parts:
            gate, up = (read_rows(checkpoint, part[name], 0, inner) for name in ("gate_proj", "up_proj"))
            yield torch.stack((gate, up), 1).flatten(0, 1)

    def down() -> Iterator[torch.Tensor]:
        for part in parts:
            yield read_rows(checkpoint, part["down_proj"], 0, hidden)

    yield _Linear(f"{prefix}.gate_up", bits, experts.count * 2 * inner, hidden, gate_up)
    yield _Linear(f"{prefix}.down", bits, experts.count * hidden, inner, down)


def _stored(checkpoint: Checkpoint, name: str, bits: int, outputs: int, inputs: int) -> _Linear:
    tensor = checkpoint.tensor(name, (outputs, inputs))
    step = max(1, _ROWS_AT_ONCE // inputs)

    def rows() -> Iterator[torch.Tensor]:
        for first in range(0, outputs, step):
            yield read_rows(checkpoint, tensor, first, min(first + step, outputs))

    return _Linear(name, bits, outputs, inputs, rows)


def read_rows(checkpoint: Checkpoint, tensor: StoredTensor, first: int, last: int) -> torch.Tensor:
    """Rows ``first`` .. ``last`` (exclusive) of a stored matrix as float32."""
    if tensor.type not in _TORCH:
        raise InvalidCheckpoint(f"{tensor.file}: stored as {tensor.type}; expected one of {', '.join(_TORCH)}")
    width = tensor.length // tensor.shape[0]
    data = bytearray((last - first) * width)
    with open(checkpoint.folder / tensor.file, "rb") as stream:
        stream.seek(tensor.offset + first * width)
        stream.readinto(data)
    return torch.frombuffer(data, dtype=_TORCH[tensor.type]).reshape(last - first, *tensor.shape[1:]).float()
