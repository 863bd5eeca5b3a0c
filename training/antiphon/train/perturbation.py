"""Cheap perturbation of log-mel features: vocal tract, tempo, loudness, tilt, noise, band limits and masks.

Working on features keeps training on one thread busy with the model: a recording costs well under a millisecond.
"""
from __future__ import annotations

import numpy as np
import torch

from antiphon.model.logmel import mel_centres, mel_filters

BINS = 128


FILTERS = mel_filters(BINS).numpy()
# Centres of the bins on the mel scale's own grid: at low frequencies a filter holds a single line of the spectrum, so that
# its weighted mean would not rise from bin to bin.
CENTRES = mel_centres(BINS)
# How much a flat spectrum gives in every bin: narrow filters differ by where the spectrum's lines fall.
OFFSET = torch.from_numpy(np.log10(FILTERS.sum(0) + 1e-6)).float()

QUIET_SECONDS = 28.0
CUES = ("speaker", "pace", "level", "noise", "band")
"""What a label may rest on: vocal tract, tempo, loudness, noise (or its absence), the line's band."""


def warp(raw: torch.Tensor, factor: float) -> torch.Tensor:
    """Moves frequencies by `factor` (0.8 a longer, 1.25 a shorter vocal tract), the top compressed to stay below 8 kHz."""
    knee = 8000 * 0.8 * min(1.0, 1 / factor)
    scaled = np.where(CENTRES <= knee, CENTRES * factor,
                      knee * factor + (CENTRES - knee) * (8000 - knee * factor) / (8000 - knee))
    place = np.interp(CENTRES, scaled, np.arange(BINS))
    low = np.clip(np.floor(place).astype(np.int64), 0, BINS - 2)
    part = torch.from_numpy((place - low).astype(np.float32))
    low = torch.from_numpy(low)
    flat = raw - OFFSET
    return flat[:, low] * (1 - part) + flat[:, low + 1] * part + OFFSET


def stretch(raw: torch.Tensor, tempo: float) -> torch.Tensor:
    """Plays the features `tempo` times as fast (linear interpolation over time)."""
    frames = max(2, int(len(raw) / tempo))
    place = torch.linspace(0, len(raw) - 1, frames)
    low = place.long().clamp_max(len(raw) - 2)
    part = (place - low).unsqueeze(1)
    return raw[low] * (1 - part) + raw[low + 1] * part


def hesitate(raw: torch.Tensor, g: np.random.Generator, share: float) -> tuple[torch.Tensor, int]:
    """Now and then a caller who thinks first: quiet before the words, for half a second to QUIET_SECONDS, digital silence or a
    room's noise. raw log10 mel [frames, 128] → (with the quiet, its frames)."""
    if g.random() >= share:
        return raw, 0
    frames = int(100 * np.exp(g.uniform(np.log(0.5), np.log(QUIET_SECONDS))))
    quiet = torch.full((frames, BINS), -10.0)
    if g.random() < 0.6:
        axis = torch.linspace(-1, 1, BINS)
        level = float(raw.amax()) - g.uniform(4.0, 8.0) + g.normal(0, 0.4) * axis
        quiet = (level + 0.25 * torch.randn(quiet.shape)).float()
    return torch.cat([quiet, raw]), frames


def perturb(raw: torch.Tensor, g: np.random.Generator, keep=()) -> tuple[torch.Tensor, float]:
    """raw log10 mel [frames, 128], not clipped → (perturbed, tempo). keep: of CUES, what a label rests on and must stay.

    Raises ValueError for a cue that is not known.
    """
    if unknown := set(keep) - set(CUES):
        raise ValueError(f"cues to keep are {sorted(unknown)}, expected some of {', '.join(CUES)}")
    tempo = 1.0
    if "speaker" not in keep and g.random() < 0.8:
        raw = warp(raw, float(np.exp(np.clip(g.normal(0, 0.1), -0.22, 0.22))))
    if "pace" not in keep and g.random() < 0.6:
        tempo = float(np.exp(g.uniform(-0.2, 0.2)))
        raw = stretch(raw, tempo)
    axis = torch.linspace(-1, 1, BINS)
    if g.random() < 0.7:
        colour = g.normal(0, 0.25) * axis + g.normal(0, 0.15) * torch.cos(np.pi * (axis * g.uniform(0.5, 3) + g.random()))
        raw = raw + (colour + (0.0 if "level" in keep else g.normal(0, 0.3))).float()
    if "noise" not in keep and g.random() < 0.5:
        peak = float(raw.amax())
        floor = peak - g.uniform(2.5, 6.0) + g.normal(0, 0.3) * axis
        noise = floor + 0.25 * torch.randn(raw.shape)
        raw = torch.logaddexp(raw * 2.302585, noise.float() * 2.302585) / 2.302585
    if "band" not in keep and g.random() < 0.25:
        low = int(np.searchsorted(CENTRES, g.uniform(150, 400)))
        high = int(np.searchsorted(CENTRES, g.uniform(3200, 4000)))
        raw = raw.clone()
        raw[:, :low] -= float(g.uniform(1, 4))
        raw[:, high:] -= float(g.uniform(3, 6))
    if g.random() < 0.5:
        raw = raw.clone()
        mean = float(raw.mean())
        for _ in range(g.integers(1, 3)):
            width, at = int(g.integers(2, 16)), int(g.integers(0, BINS - 16))
            raw[:, at: at + width] = mean
        if len(raw) > 60:
            width, at = int(g.integers(2, 12)), int(g.integers(0, len(raw) - 12))
            raw[at: at + width] = mean
    return raw.clamp_min(-10.0), tempo
