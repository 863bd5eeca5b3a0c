"""Muon for the layers' matrices, AdamW for the rest, and a learning-rate schedule that follows the clock."""
from __future__ import annotations

import time
from collections import defaultdict

import torch

from .precision import DTYPE


class Muon(torch.optim.Optimizer):
    """Momentum orthogonalised by Newton–Schulz iterations, matrices of one shape together (products in `DTYPE`).

    The update is scaled to the root mean square of an AdamW update (0.2 · sqrt(larger side)).
    """

    COEFFICIENTS = (3.4445, -4.7750, 2.0315)

    def __init__(self, parameters, lr: float, momentum: float = 0.95, weight_decay: float = 0.05, iterations: int = 5):
        super().__init__(parameters, dict(lr=lr, momentum=momentum, weight_decay=weight_decay, iterations=iterations))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            shapes = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    shapes[parameter.shape].append(parameter)
            for (rows, columns), parameters in shapes.items():
                gradient = torch.stack([p.grad for p in parameters])
                buffers = []
                for p in parameters:
                    state = self.state[p]
                    if "momentum" not in state:
                        state["momentum"] = torch.zeros_like(p)
                    buffers.append(state["momentum"])
                torch._foreach_lerp_(buffers, list(gradient), 1 - group["momentum"])
                update = gradient.lerp_(torch.stack(buffers), group["momentum"])
                update = orthogonalise(update, group["iterations"])
                scale = group["lr"] * 0.2 * max(rows, columns) ** 0.5
                torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
                torch._foreach_add_(parameters, list(update.float()), alpha=-scale)


def orthogonalise(matrices: torch.Tensor, iterations: int) -> torch.Tensor:
    """matrices [n, rows, columns] → nearly orthogonal matrices of the same shape, in `DTYPE`."""
    a, b, c = Muon.COEFFICIENTS
    x = matrices.to(DTYPE)
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.transpose(1, 2)
    x = (x / (x.float().norm(dim=(1, 2), keepdim=True).clamp_min(1e-7)).to(DTYPE)).contiguous()
    for _ in range(iterations):
        gram = torch.bmm(x, x.transpose(1, 2))
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.transpose(1, 2) if tall else x


class Optimisers:
    """Both optimisers over the trainable parameters of several modules; rates are multiplied by the schedule's factor."""

    EMBEDDINGS = ("embed_tokens", "audio_bos_eos_token", "conv")

    def __init__(self, named_parameters, muon_rate: float, adam_rate: float, clip: float = 1.0):
        matrices, rest = [], []
        for name, parameter in named_parameters:
            if not parameter.requires_grad:
                continue
            matrix = parameter.ndim == 2 and not any(part in name for part in self.EMBEDDINGS)
            (matrices if matrix else rest).append(parameter)
        self.parameters = matrices + rest
        self.clip = clip
        self.muon = Muon(matrices, muon_rate) if matrices else None
        self.adam = torch.optim.AdamW(rest, adam_rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
        self.rates = (muon_rate, adam_rate)

    def step(self, factor: float) -> float:
        """Clips, updates at factor × the base rates and clears gradients. Returns the gradient's norm."""
        norm = float(torch.nn.utils.clip_grad_norm_(self.parameters, self.clip))
        for optimiser, rate in zip((self.muon, self.adam), self.rates):
            if optimiser is None:
                continue
            for group in optimiser.param_groups:
                group["lr"] = rate * factor
            if norm == norm and norm != float("inf"):
                optimiser.step()
        for parameter in self.parameters:
            parameter.grad = None
        return norm

    def state_dict(self):
        """Both optimisers' states, for resuming."""
        return {"muon": self.muon.state_dict() if self.muon else None, "adam": self.adam.state_dict()}

    def load_state_dict(self, state):
        """Restores what `state_dict` gave."""
        if self.muon:
            self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])


class Clock:
    """Learning-rate factor from elapsed training time: short rise, constant, then linear decay over the last part."""

    def __init__(self, minutes: float, elapsed: float = 0.0, rise: float = 10.0, decay: float = 1 / 3, floor: float = 0.02):
        if minutes <= 0:
            raise ValueError(f"minutes={minutes}: expected more than 0")
        self.total, self.rise, self.decay, self.floor = minutes * 60, min(rise, minutes * 6), decay, floor
        self.start = time.monotonic() - elapsed

    @property
    def elapsed(self) -> float:
        """Seconds of training so far, earlier runs included."""
        return time.monotonic() - self.start

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.total - self.elapsed

    @property
    def progress(self) -> float:
        """Part of the time that has passed, 0 to 1."""
        return min(1.0, self.elapsed / self.total)

    def factor(self) -> float:
        """Present multiple of the base learning rate."""
        rising = min(1.0, (self.elapsed + 0.5) / self.rise)
        falling = min(1.0, max(self.floor, (1 - self.progress) / self.decay))
        return rising * falling
