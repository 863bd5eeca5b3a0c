"""``flow.pt`` and ``hift.pt`` as one ``cosyvoice3.safetensors``: weight norms folded, what depends on the solver's time alone computed.

The flow's time embedding goes through a linear map in every layer at every step of the solver; its input is one of ten times, so the
results are stored instead of the maps (1.4 million numbers instead of 139 million at the released sizes).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Mapping

import torch
from safetensors.torch import save_file

from antiphon.export.checkpoint import InvalidCheckpoint, refuse_pointer
from antiphon.export.cosyvoice.sizes import FlowSizes

WEIGHTS = "cosyvoice3.safetensors"
_TIME_EMBEDDING, _LONGEST_WAVE, _TIME_SCALE = 256, 10_000, 1000

Tensors = Mapping[str, torch.Tensor]


def load_pickled(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a ``.pt`` file; nothing else in it is run. Raises InvalidCheckpoint where it is absent or something else."""
    if not path.is_file():
        raise InvalidCheckpoint(f"{path}: no such file; expected a released CosyVoice 3 folder")
    refuse_pointer(path)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:  # pickle, zip and torch each have their own
        raise InvalidCheckpoint(f"{path}: cannot be read as tensors ({str(error).splitlines()[0]}); download the file again") from None
    if not isinstance(content, dict) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise InvalidCheckpoint(f"{path}: holds something else than tensors; expected a state dictionary")
    return {name.removeprefix("generator."): value for name, value in content.items()}


def convert(flow: Tensors, vocoder: Tensors, sizes: FlowSizes, target: Path) -> None:
    """Writes the file ``target`` with tensors ``flow.*`` and ``vocoder.*`` in float32."""
    tensors = {f"flow.{name}": value for name, value in _flow(flow, sizes).items()}
    tensors |= {f"vocoder.{name}": value for name, value in folded(vocoder).items()}
    save_file({name: value.float().contiguous() for name, value in tensors.items()}, target)


def folded(tensors: Tensors) -> dict[str, torch.Tensor]:
    """Tensors with every weight norm multiplied out, in the older and the newer way of storing it."""
    result = {}
    for name, value in tensors.items():
        if name.endswith((".parametrizations.weight.original0", ".weight_g")):
            continue
        for direction, size in ((".parametrizations.weight.original1", ".parametrizations.weight.original0"), (".weight_v", ".weight_g")):
            if name.endswith(direction):
                base = name.removesuffix(direction)
                norm = value.double().flatten(1).norm(dim=1).reshape(-1, *[1] * (value.dim() - 1))
                name, value = f"{base}.weight", (value.double() / norm * tensors[base + size].double()).float()
                break
        result[name] = value
    return result


def solver_times(steps: int) -> list[tuple[float, float]]:
    """Time and length of every step of the solver, in float32 as the reference adds them up."""
    span = 1 - torch.cos(torch.linspace(0, 1, steps + 1) * 0.5 * torch.pi)
    time, length, times = span[0], span[1] - span[0], []
    for step in range(1, steps + 1):
        times.append((float(time), float(length)))
        time = time + length
        if step < steps:
            length = span[step + 1] - time
    return times


def _flow(tensors: Tensors, sizes: FlowSizes) -> dict[str, torch.Tensor]:
    estimator = "decoder.estimator"
    dropped = (f"{estimator}.time_embed", f"{estimator}.rotary_embed", f"{estimator}.norm_out.linear")
    kept = {
        name: value for name, value in tensors.items()
        if not name.startswith(dropped) and ".attn_norm.linear." not in name and not name.startswith("speech_token_extractor")
    }
    frequencies = torch.exp(torch.arange(_TIME_EMBEDDING // 2).float() * -(math.log(_LONGEST_WAVE) / (_TIME_EMBEDDING // 2 - 1)))
    times = torch.tensor([time for time, _ in solver_times(sizes.steps)])
    angles = _TIME_SCALE * times[:, None] * frequencies[None]
    linear = lambda x, name: torch.nn.functional.linear(x, tensors[f"{name}.weight"].float(), tensors[f"{name}.bias"].float())
    silu = torch.nn.functional.silu
    embedded = linear(torch.cat((angles.sin(), angles.cos()), -1), f"{estimator}.time_embed.time_mlp.0")
    time = silu(linear(silu(embedded), f"{estimator}.time_embed.time_mlp.2"))
    for layer in range(sizes.layers):
        shift, scale, gate, shift_2, scale_2, gate_2 = linear(time, f"{estimator}.transformer_blocks.{layer}.attn_norm.linear").chunk(6, 1)
        kept[f"modulation.{layer}"] = torch.stack((1 + scale, shift, gate, 1 + scale_2, shift_2, gate_2), 1)
    scale, shift = linear(time, f"{estimator}.norm_out.linear").chunk(2, 1)
    kept["modulation.out"] = torch.stack((1 + scale, shift), 1)
    return kept
