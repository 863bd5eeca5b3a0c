"""The speech encoder `continuous_audio_tower`: log-mel windows of 2 s → 25 Hz frames, windows independent of each other."""
from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

from .configuration import EncoderConfiguration
from .layers import LayerNorm, Linear


class Convolution(nn.Conv1d):
    """Kernel-3 convolution over [rows, T, channels] as one matrix product (faster than conv1d on CPUs)."""

    def forward(self, x):
        padded = F.pad(x, (0, 0, 1, 1))
        length = (x.shape[1] - 1) // self.stride[0] + 1
        stride = self.stride[0]
        taps = [padded[:, tap : tap + (length - 1) * stride + 1 : stride] for tap in range(3)]
        weight = self.weight.permute(0, 2, 1).reshape(self.out_channels, -1).to(x.dtype)
        return F.linear(torch.cat(taps, -1), weight, self.bias.to(x.dtype))


class EncoderAttention(nn.Module):
    """Bidirectional attention inside a window; the key projection has no bias."""

    def __init__(self, c: EncoderConfiguration):
        super().__init__()
        d = c.d_model
        self.heads = c.encoder_attention_heads
        self.k_proj = Linear(d, d, bias=False)
        self.v_proj = Linear(d, d)
        self.q_proj = Linear(d, d)
        self.out_proj = Linear(d, d)

    def forward(self, x, mask):
        rows, length, d = x.shape
        size = d // self.heads

        def split(y):
            return y.view(rows, length, self.heads, size).transpose(1, 2).reshape(rows * self.heads, length, size)

        q, k, v = split(self.q_proj(x) * size**-0.5), split(self.k_proj(x)), split(self.v_proj(x))
        scores = torch.bmm(q, k.transpose(1, 2))
        if mask is not None:
            scores = (scores.view(rows, self.heads, length, length) + mask).view(rows * self.heads, length, length)
        out = torch.bmm(torch.softmax(scores, -1), v)
        return self.out_proj(out.view(rows, self.heads, length, size).transpose(1, 2).reshape(rows, length, d))


class EncoderLayer(nn.Module):
    """Pre-norm Whisper encoder layer."""

    def __init__(self, c: EncoderConfiguration):
        super().__init__()
        self.self_attn = EncoderAttention(c)
        self.self_attn_layer_norm = LayerNorm(c.d_model)
        self.fc1 = Linear(c.d_model, c.encoder_ffn_dim)
        self.fc2 = Linear(c.encoder_ffn_dim, c.d_model)
        self.final_layer_norm = LayerNorm(c.d_model)

    def forward(self, x, mask):
        x = x + self.self_attn(self.self_attn_layer_norm(x), mask)
        return x + self.fc2(F.gelu(self.fc1(self.final_layer_norm(x))))


class SpeechEncoder(nn.Module):
    """See the module's docstring. Sizes: T ≤ 200 mel frames of a window → (T−1)//2+1 at 50 Hz → half of that at 25 Hz."""

    def __init__(self, c: EncoderConfiguration, output_dim: int):
        super().__init__()
        self.c = c
        self.conv1 = Convolution(c.num_mel_bins, c.d_model, 3, padding=1)
        self.conv2 = Convolution(c.d_model, c.d_model, 3, stride=2, padding=1)
        self.layers = nn.ModuleList(EncoderLayer(c) for _ in range(c.encoder_layers))
        self.ln_post = LayerNorm(c.d_model)
        self.proj = Linear(c.d_model, output_dim)
        # Present in the released checkpoint, unused by the released code.
        self.audio_bos_eos_token = nn.Embedding(2, output_dim)
        increment = math.log(10000) / (c.d_model // 2 - 1)
        times = torch.arange(c.max_source_positions)[:, None] * torch.exp(-increment * torch.arange(c.d_model // 2).float())
        self.register_buffer("positions", torch.cat([times.sin(), times.cos()], 1), persistent=False)

    def hidden(self, windows: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """windows [W, T, bins] (zero beyond lengths [W]) → hidden at 50 Hz [W, (T−1)//2+1, d_model], before pooling."""
        frames = windows.shape[1]
        partial = bool((lengths < frames).any())
        x = F.gelu(self.conv1(windows))
        if partial:
            x = x * (torch.arange(frames)[None] < lengths[:, None]).unsqueeze(-1).to(x.dtype)
        x = F.gelu(self.conv2(x))
        x = x + self.positions[: x.shape[1]].to(x.dtype)
        mask = None
        if partial:
            outside = torch.arange(x.shape[1])[None] >= ((lengths - 1) // 2 + 1)[:, None]
            mask = (outside[:, None, None, :] * -1e9).to(x.dtype)
        for layer in self.layers:
            x = layer(x, mask)
        return x

    def frames(self, hidden: torch.Tensor) -> torch.Tensor:
        """hidden [W, n, d_model] at 50 Hz → 25 Hz frames [W, n // 2, output_dim] (mean of 2, norm, projection)."""
        even = hidden.shape[1] // 2 * 2
        pooled = hidden[:, :even].unflatten(1, (-1, 2)).mean(2)
        return self.proj(self.ln_post(pooled))

    def forward(self, windows, lengths):
        """windows [W, T, bins], lengths [W] → 25 Hz frames [W, n, output_dim]; of window w the first
        ((lengths[w] − 1)//2 + 1)//2 are valid."""
        return self.frames(self.hidden(windows, lengths))


def valid_frames(length: int) -> int:
    """25 Hz frames that a window of `length` mel frames yields."""
    return ((length - 1) // 2 + 1) // 2
