"""Acoustic features of the assistant's voice at 100 frames a second.

Frame m describes samples [240 m, 240 m + 240) of 24 kHz audio; its analysis window is centred on them.
"""
import functools

import numpy as np
import torch
from scipy.signal import resample_poly

SAMPLE_RATE = 24_000
HOP = 240
FRAMES_PER_TOKEN = 4
SAMPLES_PER_TOKEN = HOP * FRAMES_PER_TOKEN
MEL_BINS = 100
MEL_WINDOW = 1024
MEL_FLOOR = 1e-5
# Normalisation of log mel and of log f0, so that the networks see values of about unit size.
MEL_MEAN, MEL_SCALE = -3.2, 2.5
F0_CENTRE, F0_SCALE = 180.0, 0.25
F0_LOW, F0_HIGH = 80.0, 500.0
# hibari's symbols for English (misaki's), single letters for diphthongs and affricates too; a blank lies between two words.
PHONES = ("pau", " ", *"ˈˌAIOQSTWYabdefhijklmnopstuvwzæðŋɐɑɒɔəɚɛɜɡɪɹɾʃʊʌʒʔʤʧθᵊᵻː")
PHONE_INDEX = {phone: index for index, phone in enumerate(PHONES)}


@functools.lru_cache(maxsize=None)
def mel_filters(bins: int = MEL_BINS) -> torch.Tensor:
    """Triangular filters on the Slaney mel scale, [513, bins], area-normalised, 0 Hz to 12 kHz."""
    def to_hertz(mel: np.ndarray) -> np.ndarray:
        return np.where(mel < 15.0, mel * 200.0 / 3.0, 1000.0 * np.exp(np.maximum(mel - 15.0, 0.0) * np.log(6.4) / 27.0))

    top = 15.0 + 27.0 * np.log(SAMPLE_RATE / 2 / 1000.0) / np.log(6.4)
    edges = to_hertz(np.linspace(0.0, top, bins + 2))
    frequencies = np.linspace(0, SAMPLE_RATE / 2, MEL_WINDOW // 2 + 1)
    rising = (frequencies[:, None] - edges[None, :-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[None, 2:] - frequencies[:, None]) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (edges[2:] - edges[:-2]))
    return torch.from_numpy(triangles.astype(np.float32)) * SAMPLE_RATE / MEL_WINDOW


def log_mel(audio: torch.Tensor) -> torch.Tensor:
    """Normalised log mel [B, N / 240, 100] of audio [B, N] in [-1, 1]; N is a multiple of 240."""
    margin = (MEL_WINDOW - HOP) // 2
    padded = torch.nn.functional.pad(audio, (margin, margin))
    spectrum = torch.stft(padded, MEL_WINDOW, HOP, window=torch.hann_window(MEL_WINDOW), center=False, return_complex=True)
    mel = spectrum.abs().transpose(1, 2) @ mel_filters()
    return (torch.log(torch.clamp(mel, min=MEL_FLOOR)) - MEL_MEAN) / MEL_SCALE


def track_pitch(audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pitch of one utterance [N] (float, 24 kHz): (f0 in Hz, interpolated where unvoiced; voicing 0/1), each [N / 240].

    Normalised autocorrelation of 40 ms at 8 kHz with a shortest-path search over the lags.
    """
    frames = len(audio) // HOP
    low = resample_poly(audio.astype(np.float32), 1, 3)
    width, hop, size = 320, HOP // 3, 1024
    padded = np.pad(low, (width // 2 - hop // 2, width))
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)[::hop][:frames]
    window = np.hanning(width + 2)[1:-1].astype(np.float32)
    tapered = (windows - windows.mean(1, keepdims=True)) * window
    correlation = np.fft.irfft(np.abs(np.fft.rfft(tapered, size)) ** 2, size)[:, :width // 2]
    window_correlation = np.fft.irfft(np.abs(np.fft.rfft(window, size)) ** 2, size)[:width // 2]
    power = correlation[:, :1]
    normalised = correlation / (power + 1e-4) / (window_correlation / window_correlation[0])
    first, last = int(8000 / F0_HIGH), int(8000 / F0_LOW)
    lags = np.arange(first, last + 1)
    score = normalised[:, first:last + 1] - 0.0008 * (lags - first)
    jump = 1.5 * np.abs(np.log(lags[:, None] / lags[None, :])).astype(np.float32)
    best = score[0]
    back = np.zeros((frames, len(lags)), np.int32)
    for m in range(1, frames):
        total = best[None, :] - jump
        back[m] = total.argmax(1)
        best = total[np.arange(len(lags)), back[m]] + score[m]
    path = np.zeros(frames, np.int64)
    path[-1] = best.argmax()
    for m in range(frames - 1, 0, -1):
        path[m - 1] = back[m, path[m]]
    row, lag = np.arange(frames), path + first
    left, middle, right = normalised[row, lag - 1], normalised[row, lag], normalised[row, lag + 1]
    bend = left - 2 * middle + right
    shift = np.where(np.abs(bend) > 1e-6, 0.5 * (left - right) / np.where(np.abs(bend) > 1e-6, bend, 1), 0.0)
    f0 = 8000.0 / (lag + np.clip(shift, -0.5, 0.5))
    voiced = (middle > 0.6) & (power[:, 0] / width > 2e-6)
    # Islands of one or two frames are errors of the tracker, not speech.
    for length in (1, 2):
        for m in range(1, frames - length):
            inside = voiced[m:m + length]
            if inside.all() and not voiced[m - 1] and not voiced[m + length]:
                voiced[m:m + length] = False
            elif not inside.any() and voiced[m - 1] and voiced[m + length]:
                voiced[m:m + length] = True
    if voiced.any():
        f0 = np.exp(np.interp(row, row[voiced], np.log(f0[voiced])))
    else:
        f0 = np.full(frames, F0_CENTRE)
    return f0.astype(np.float32), voiced.astype(np.float32)


def frame_phones(phones: list[list], frames: int, start: float = 0.0) -> np.ndarray:
    """Phone index of every frame; `phones` holds [end in seconds, label], `start` seconds were cut off the audio."""
    ends = np.array([end for end, _ in phones]) - start
    labels = np.array([PHONE_INDEX.get(label, 0) for _, label in phones] + [0])
    centres = (np.arange(frames) + 0.5) * HOP / SAMPLE_RATE
    return labels[np.searchsorted(ends, centres)].astype(np.int64)
