"""The Qwen3-style decoder used by the shared LLM and by the refined head: per-head norm of queries and keys, RoPE, SwiGLU."""
from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from .configuration import TransformerConfiguration
from .layers import Linear, RMSNorm


@dataclass
class Past:
    """Keys and values of earlier positions, one pair per layer.

    keys/values: [kv heads, rows, positions, head_dim]. rows is 1 when all rows of the batch share the same past
    (the system prompt, `shared` True) and the batch size otherwise.
    """

    keys: list[torch.Tensor]
    values: list[torch.Tensor]
    shared: bool = True

    @property
    def positions(self) -> int:
        return self.keys[0].shape[2]


def causal_mask(queries: torch.Tensor, keys: torch.Tensor, window: int | None, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Additive [.., queries, keys] mask of positions [.., n]: 0 for keys up to the query, −1e9 (finite, so bf16-safe) beyond.

    window: a query sees so many keys at most, itself among them (`sliding_window` of Qwen3); None for all.
    """
    distance = queries[..., :, None] - keys[..., None, :]
    hidden = distance < 0 if window is None else (distance < 0) | (distance >= window)
    return torch.where(hidden, -1e9, 0.0).to(dtype)


class Attention(nn.Module):
    """Grouped-query attention. Tensors are laid out [kv heads, rows, queries, head_dim] inside."""

    def __init__(self, c: TransformerConfiguration):
        super().__init__()
        self.c = c
        self.q_proj = Linear(c.hidden_size, c.num_attention_heads * c.head_dim, bias=False)
        self.k_proj = Linear(c.hidden_size, c.num_key_value_heads * c.head_dim, bias=False)
        self.v_proj = Linear(c.hidden_size, c.num_key_value_heads * c.head_dim, bias=False)
        self.o_proj = Linear(c.num_attention_heads * c.head_dim, c.hidden_size, bias=False)
        self.q_norm = RMSNorm(c.head_dim, c.rms_norm_eps)
        self.k_norm = RMSNorm(c.head_dim, c.rms_norm_eps)

    def forward(self, x, rotation, mask, past, layer, keep):
        """x [rows, T, hidden]; rotation: cos, sin [T or rows·T…]; mask: additive over x's own and unshared keys, and over shared ones."""
        c = self.c
        mask, shared_mask = mask
        rows, length, _ = x.shape
        heads, kv, size = c.num_attention_heads, c.num_key_value_heads, c.head_dim
        share = heads // kv
        q = rotate(self.q_norm(self.q_proj(x).view(rows, length, heads, size)), rotation)
        k = rotate(self.k_norm(self.k_proj(x).view(rows, length, kv, size)), rotation)
        v = self.v_proj(x).view(rows, length, kv, size)
        q = (q * size**-0.5).view(rows, length, kv, share, size).permute(2, 0, 3, 1, 4)
        q = q.reshape(kv * rows, share * length, size)
        k = k.permute(2, 0, 1, 3)
        v = v.permute(2, 0, 1, 3)
        if past is not None and not past.shared:
            k = torch.cat([past.keys[layer], k], 2)
            v = torch.cat([past.values[layer], v], 2)
        kept = (k, v) if keep else None
        keys = k.shape[2]
        k = k.reshape(kv * rows, keys, size)
        v = v.reshape(kv * rows, keys, size)
        scores = torch.bmm(q, k.transpose(1, 2)).view(kv, rows, share, length, keys) + mask
        if past is not None and past.shared:
            before = past.positions
            pk, pv = past.keys[layer].view(kv, before, size), past.values[layer].view(kv, before, size)
            earlier = torch.bmm(q.view(kv, rows * share * length, size), pk.transpose(1, 2))
            earlier = earlier.view(kv, rows, share, length, before) + shared_mask
            weights = torch.softmax(torch.cat([earlier, scores], -1), -1)
            out = torch.bmm(weights[..., before:].reshape(kv * rows, share * length, keys), v)
            shared = torch.bmm(weights[..., :before].reshape(kv, rows * share * length, before), pv)
            out = out.view(kv, rows, share, length, size) + shared.view(kv, rows, share, length, size)
        else:
            weights = torch.softmax(scores, -1)
            out = torch.bmm(weights.view(kv * rows, share * length, keys), v).view(kv, rows, share, length, size)
        out = out.permute(1, 3, 0, 2, 4).reshape(rows, length, heads * size)
        return self.o_proj(out), kept


def rotate(x: torch.Tensor, rotation: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    """RoPE on x [rows, T, heads, size] with cos/sin [T, 1, size] or [rows, T, 1, size] (rotate-half convention)."""
    cos, sin = rotation
    half = x.shape[-1] // 2
    return x * cos + torch.cat([-x[..., half:], x[..., :half]], -1) * sin


class FeedForward(nn.Module):
    """SwiGLU: down(silu(gate(x)) · up(x))."""

    def __init__(self, c: TransformerConfiguration):
        super().__init__()
        self.gate_proj = Linear(c.hidden_size, c.intermediate_size, bias=False)
        self.up_proj = Linear(c.hidden_size, c.intermediate_size, bias=False)
        self.down_proj = Linear(c.intermediate_size, c.hidden_size, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    """Pre-norm decoder layer."""

    def __init__(self, c: TransformerConfiguration):
        super().__init__()
        self.self_attn = Attention(c)
        self.mlp = FeedForward(c)
        self.input_layernorm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(c.hidden_size, c.rms_norm_eps)

    def forward(self, x, rotation, mask, past, layer, keep):
        attended, kept = self.self_attn(self.input_layernorm(x), rotation, mask, past, layer, keep)
        x = x + attended
        return x + self.mlp(self.post_attention_layernorm(x)), kept


class Transformer(nn.Module):
    """Decoder layers and the final norm, without embeddings (checkpoint names `layers.*`, `norm`)."""

    def __init__(self, c: TransformerConfiguration):
        super().__init__()
        self.c = c
        self.layers = nn.ModuleList(Layer(c) for _ in range(c.num_hidden_layers))
        self.norm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        inverse = 1.0 / (c.rope_theta ** (torch.arange(0, c.head_dim, 2, dtype=torch.int64).float() / c.head_dim))
        self.register_buffer("inverse", inverse, persistent=False)

    def rotation(self, positions: torch.Tensor, dtype: torch.dtype):
        """positions [T] or [rows, T] → cos, sin with an axis for the heads."""
        angle = positions[..., None].float() * self.inverse
        angle = torch.cat([angle, angle], -1).unsqueeze(-2)
        return angle.cos().to(dtype), angle.sin().to(dtype)

    def forward(self, x, positions=None, mask=None, past: Past | None = None, keep: bool = False):
        """x [rows, T, hidden] → (normed hidden [rows, T, hidden], Past of x's own and unshared earlier positions | None).

        positions: [T] or [rows, T], default continues after `past`. mask: additive, broadcastable to
        [kv heads, rows, heads per kv, T, keys] over x's own (and unshared past) keys; default causal, within the
        window where there is one. Rows are padded on the right: real positions never see the padding. A shared past
        is visible to all, within the window.
        """
        length, before, window = x.shape[1], past.positions if past is not None else 0, self.c.sliding_window
        if positions is None:
            positions = torch.arange(before, before + length)
        if mask is None:
            if past is not None and not past.shared:
                raise ValueError("mask=None with an unshared past: give the mask over all keys")
            mask = causal_mask(torch.arange(length), torch.arange(length), window, x.dtype)
        shared_mask = 0.0
        if window is not None and past is not None and past.shared:
            shared_mask = causal_mask(torch.arange(before, before + length), torch.arange(before), window, x.dtype)
        rotation = self.rotation(positions, x.dtype)
        kept = []
        for number, layer in enumerate(self.layers):
            x, pair = layer(x, rotation, (mask, shared_mask), past, number, keep)
            kept.append(pair)
        x = self.norm(x)
        return x, (Past([k for k, _ in kept], [v for _, v in kept], x.shape[0] == 1) if keep else None)
