"""Building blocks that compute in the type of their input while parameters stay in float32."""
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn


class Linear(nn.Linear):
    """A linear map whose weight follows the input's type (bfloat16 in training, float32 in checks)."""

    def forward(self, x):
        bias = None if self.bias is None else self.bias.to(x.dtype)
        return F.linear(x, self.weight.to(x.dtype), bias)


class LayerNorm(nn.LayerNorm):
    """Layer norm in the type of its input (statistics are kept in float32 by the kernel)."""

    def forward(self, x):
        return F.layer_norm(x, self.normalized_shape, self.weight.to(x.dtype), self.bias.to(x.dtype), self.eps)


class _RootMeanSquareNorm(torch.autograd.Function):
    """x · rsqrt(mean(x²) + eps) · weight with a hand-written backward pass: half the memory traffic of autograd's."""

    @staticmethod
    def forward(ctx, x, weight, eps):
        inverse = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
        inverse = inverse.square_().div_(x.shape[-1]).add_(eps).rsqrt_()
        normed = x * inverse.to(x.dtype)
        ctx.save_for_backward(normed, weight, inverse)
        return normed * weight.to(x.dtype)

    @staticmethod
    def backward(ctx, grad):
        normed, weight, inverse = ctx.saved_tensors
        product = grad * normed
        weight_grad = product.reshape(-1, product.shape[-1]).sum(0, dtype=torch.float32)
        scaled = grad * weight.to(grad.dtype)
        mean = (product @ weight.to(grad.dtype).unsqueeze(-1)) / product.shape[-1]
        return (scaled - normed * mean) * inverse.to(grad.dtype), weight_grad, None


class RMSNorm(nn.Module):
    """Root-mean-square norm over the last axis with a learned gain."""

    def __init__(self, size: int, eps: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        if x.dtype == torch.float32:
            return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps))
        return _RootMeanSquareNorm.apply(x, self.weight, self.eps)


class _CrossEntropy(torch.autograd.Function):
    """Sum of −log p[target] over rows; softmax in float32, gradient stored in the logits' type."""

    @staticmethod
    def forward(ctx, logits, target):
        probability = torch.softmax(logits, -1, dtype=torch.float32)
        chosen = probability.gather(-1, target[:, None]).squeeze(-1)
        ctx.save_for_backward(probability.to(logits.dtype), target)
        return -torch.log(chosen.clamp_min(1e-20))

    @staticmethod
    def backward(ctx, grad):
        probability, target = ctx.saved_tensors
        scale = grad.to(probability.dtype)[:, None]
        result = probability * scale
        result.scatter_add_(-1, target[:, None], -scale)
        return result, None


def cross_entropy(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """logits [rows, classes], target [rows] (no ignored entries) → loss of every row, float32 [rows]."""
    return _CrossEntropy.apply(logits, target)
