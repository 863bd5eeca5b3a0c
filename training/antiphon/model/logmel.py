"""Whisper's log-mel features, with the maximum over the utterance or running over the windows so far."""
from __future__ import annotations

import numpy as np
import torch

SAMPLE_RATE, N_FFT, HOP = 16000, 400, 160


def _mel_corners(bins: int, highest: float = SAMPLE_RATE / 2) -> np.ndarray:
    """Corner frequencies (Hz) of the triangular filters on Slaney's mel scale: bins + 2 values up to ``highest``."""
    def to_mel(hertz):
        return np.where(hertz >= 1000.0, 15.0 + np.log(np.maximum(hertz, 1000.0) / 1000.0) * (27.0 / np.log(6.4)),
                        hertz * 3.0 / 200.0)

    def to_hertz(mel):
        return np.where(mel >= 15.0, 1000.0 * np.exp((np.log(6.4) / 27.0) * (mel - 15.0)), mel * 200.0 / 3.0)

    return to_hertz(np.linspace(to_mel(np.float64(0.0)), to_mel(np.float64(highest)), bins + 2))


def mel_centres(bins: int = 128) -> np.ndarray:
    """Centre frequency (Hz) of every mel bin, rising."""
    return _mel_corners(bins)[1:-1]


def mel_filters(bins: int = 128, rate: int = SAMPLE_RATE, fft: int = N_FFT) -> torch.Tensor:
    """Slaney-scale, slaney-normalised mel filter bank, by default Whisper's. Returns float32 [fft / 2 + 1, bins]."""
    corners = _mel_corners(bins, rate / 2)
    frequencies = np.linspace(0.0, rate // 2, fft // 2 + 1)
    slopes = corners[None, :] - frequencies[:, None]
    width = np.diff(corners)
    filters = np.maximum(0.0, np.minimum(-slopes[:, :-2] / width[:-1], slopes[:, 2:] / width[1:]))
    filters *= 2.0 / (corners[2:] - corners[:-2])
    return torch.from_numpy(filters).float()


class LogMel:
    """Waveform to log-mel. Stateless after construction; may be shared by threads."""

    def __init__(self, bins: int = 128, window_frames: int = 200):
        self.filters = mel_filters(bins)
        self.window = torch.hann_window(N_FFT)
        self.window_frames = window_frames

    def frames(self, samples: int) -> int:
        """Mel frames of a recording: ceil(samples / 160)."""
        return -(-samples // HOP)

    def raw(self, wave: torch.Tensor) -> torch.Tensor:
        """wave: float [..., samples] (16 kHz, ±1) → log10 mel power [..., frames, bins], not yet clipped.

        The recording is followed by silence and preceded by its reflection, as Whisper's padding to 30 s gives.
        """
        samples = wave.shape[-1]
        if samples == 0:
            raise ValueError("wave is empty: at least one sample is expected")
        frames = self.frames(samples)
        padded = torch.nn.functional.pad(wave, (0, max(N_FFT, frames * HOP + N_FFT // 2 - samples)))
        left = padded[..., 1 : N_FFT // 2 + 1].flip(-1)
        padded = torch.cat([left, padded], -1)[..., : (frames - 1) * HOP + N_FFT]
        spectrum = torch.stft(padded, N_FFT, HOP, window=self.window, center=False, return_complex=True)
        power = torch.view_as_real(spectrum).square().sum(-1).transpose(-1, -2)
        return torch.clamp(power @ self.filters, min=1e-10).log10()

    def __call__(self, wave: torch.Tensor, running: bool = False) -> torch.Tensor:
        """wave [..., samples] → features [..., frames, bins].

        running=False clips at (maximum over the utterance − 8), as Whisper does; running=True uses, for every
        window of `window_frames`, the maximum up to the end of that window, which a streaming front end knows.
        """
        return clip(self.raw(wave), self.window_frames if running else None)


def clip(raw: torch.Tensor, window_frames: int | None) -> torch.Tensor:
    """raw [..., frames, bins] → (max(raw, maximum − 8) + 4) / 4; see `LogMel.__call__` for the maximum."""
    if window_frames is None:
        maximum = raw.amax((-1, -2), keepdim=True)
    else:
        frames = raw.shape[-2]
        peaks = raw.amax(-1)
        missing = -frames % window_frames
        peaks = torch.nn.functional.pad(peaks, (0, missing), value=-10.0).unflatten(-1, (-1, window_frames)).amax(-1)
        peaks = torch.cummax(peaks, -1).values.repeat_interleave(window_frames, -1)[..., :frames]
        maximum = peaks.unsqueeze(-1)
    return (torch.maximum(raw, maximum - 8.0) + 4.0) / 4.0
