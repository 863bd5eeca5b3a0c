"""Whisper's encoder (MIT) as the first weights of `continuous_audio_tower`: read as named tensors from a CTranslate2 file.

Whisper tiny hears 80 mel bins in windows of 30 s; here it is given 128 bins in windows of 2 s. `fitted` folds the step from 128 to 80
bins into the first convolution, so that nothing but the window is new to it.
"""
from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import torch

from .configuration import EncoderConfiguration
from .encoder import SpeechEncoder
from .logmel import LogMel

TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)
RIDGE = 1e-4


def read_variables(path: Path) -> dict[str, np.ndarray]:
    """All variables of a CTranslate2 `model.bin`. Raises ValueError for a file of another kind."""
    content, place = Path(path).read_bytes(), 0

    def number(kind: str) -> int:
        nonlocal place
        value, = struct.unpack_from("<" + kind, content, place)
        place += struct.calcsize("<" + kind)
        return value

    def text() -> str:
        nonlocal place
        size = number("H")
        place += size
        return content[place - size: place - 1].decode()

    version = number("I")
    if version != 6 or (kind := text()) != "WhisperSpec":
        raise ValueError(f"{path} is not a Whisper model of CTranslate2's file version 6: it begins with {content[:24]!r}")
    number("I")
    variables = {}
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        kind, size = number("B"), number("I")
        if kind >= len(TYPES):
            raise ValueError(f"{path}: {name} has the type number {kind}, expected 0 to {len(TYPES) - 1}")
        variables[name] = np.frombuffer(content, TYPES[kind], size // np.dtype(TYPES[kind]).itemsize, place).reshape(shape)
        place += size
    return variables


def whisper_encoder(folder: Path) -> SpeechEncoder:
    """The encoder of a CTranslate2 folder with Whisper's own sizes; `ln_post` is Whisper's, `proj` the identity."""
    variables = read_variables(folder / "model.bin")
    tensor = lambda name: torch.from_numpy(variables[f"encoder/{name}"].astype(np.float32))
    width, bins, _ = variables["encoder/conv1/weight"].shape
    layers = len({name.split("/")[1] for name in variables if name.startswith("encoder/layer_") and not name.startswith("encoder/layer_norm")})
    encoder = SpeechEncoder(EncoderConfiguration(width, layers, int(variables["encoder/num_heads"]),
                                                 len(variables["encoder/layer_0/ffn/linear_0/bias"]), bins), width)
    state = {"positions": tensor("position_encodings/encodings"), "audio_bos_eos_token.weight": torch.zeros(2, width),
             "proj.weight": torch.eye(width), "proj.bias": torch.zeros(width)}
    for ours, theirs in (("conv1", "conv1"), ("conv2", "conv2")):
        state |= {f"{ours}.{part}": tensor(f"{theirs}/{part}") for part in ("weight", "bias")}
    norms = {"ln_post": "layer_norm"}
    for number in range(layers):
        ours, theirs = f"layers.{number}", f"layer_{number}"
        norms |= {f"{ours}.self_attn_layer_norm": f"{theirs}/self_attention/layer_norm", f"{ours}.final_layer_norm": f"{theirs}/ffn/layer_norm"}
        linear = {"fc1": "ffn/linear_0", "fc2": "ffn/linear_1", "self_attn.out_proj": "self_attention/linear_1"}
        state |= {f"{ours}.{a}.{part}": tensor(f"{theirs}/{b}/{part}") for a, b in linear.items() for part in ("weight", "bias")}
        for part in ("weight", "bias"):
            whole = tensor(f"{theirs}/self_attention/linear_0/{part}").chunk(3)
            state |= {f"{ours}.self_attn.{name}.{part}": piece for name, piece in zip(("q_proj", "k_proj", "v_proj"), whole)}
        # Whisper's keys have no bias; CTranslate2 stores zeros for it.
        if state.pop(f"{ours}.self_attn.k_proj.bias").abs().max() > 0:
            raise ValueError(f"{folder}: the keys of layer {number} have a bias, which Whisper's have not")
    for ours, theirs in norms.items():
        state |= {f"{ours}.weight": tensor(f"{theirs}/gamma"), f"{ours}.bias": tensor(f"{theirs}/beta")}
    encoder.positions = state.pop("positions")
    encoder.load_state_dict(state)
    return encoder


def fitted(encoder: SpeechEncoder, waves: list[torch.Tensor], bins: int = 128) -> dict[str, torch.Tensor]:
    """Weights (without `proj` and `audio_bos_eos_token`) for features of `bins` bins.

    The encoder's own bins are fitted as an affine function of the others by least squares over the frames of `waves` (float [n] at
    16 kHz), and the fit is folded into the first convolution. At a recording's edge, where the convolution sees zeros, the
    constant part is there as well: one frame in a window differs by that.
    """
    theirs, ours = LogMel(encoder.c.num_mel_bins), LogMel(bins)
    wanted = torch.cat([theirs(wave, running=True) for wave in waves]).double()
    given = torch.cat([ours(wave, running=True) for wave in waves]).double()
    if len(given) < 4 * bins:
        raise ValueError(f"{len(given)} frames are too few to fit {encoder.c.num_mel_bins} bins of {bins}, expected at least {4 * bins}")
    extended = torch.cat([given, torch.ones(len(given), 1).double()], 1)
    square = extended.T @ extended + RIDGE * len(given) * torch.eye(bins + 1).double()
    matrix = torch.linalg.solve(square, extended.T @ wanted).float()
    state = {name: value for name, value in encoder.state_dict().items() if not name.startswith(("proj.", "audio_bos_eos_token."))}
    state["conv1.weight"] = torch.einsum("obk,ib->oik", encoder.conv1.weight.detach(), matrix[:-1])
    state["conv1.bias"] = encoder.conv1.bias.detach() + torch.einsum("obk,b->o", encoder.conv1.weight.detach(), matrix[-1])
    return state
