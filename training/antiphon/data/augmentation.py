"""Waveform augmentation in numpy, quick enough to run in the training loop on one thread.

    augmented, tempo = Augmenter(seed)(waveform)

waveform: float32 [samples] at 16 kHz in -1..1. `tempo` is how many times shorter the result is, for moving the times of
phone labels (time / tempo). The strongest help against voices never heard is `resample` (pitch, formants and tempo
together) and `warp_spectrum` (formants alone); the rest stands for microphones and telephone lines.
"""

from dataclasses import dataclass, fields

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import butter, fftconvolve, lfilter, resample_poly

SAMPLE_RATE = 16_000
_WARP_FFT, _WARP_HOP = 512, 128
_WINDOW = np.hanning(_WARP_FFT + 1)[:-1].astype(np.float32)
_LIFTER = 40


@dataclass(frozen=True)
class Probabilities:
    """How often each change is made."""

    resample: float = 0.6
    warp_spectrum: float = 0.4
    tilt: float = 0.4
    reverberate: float = 0.15
    noise: float = 0.6
    telephone: float = 0.15
    mu_law: float = 0.1
    gain: float = 1.0

    def __post_init__(self):
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0 <= value <= 1:
                raise ValueError(f"probability {field.name} is {value}, expected 0 to 1")


class Augmenter:
    """Draws a random chain of changes for each waveform; the same seed gives the same chains."""

    def __init__(self, seed=0, probabilities=Probabilities()):
        self.generator = np.random.default_rng(seed)
        self.probabilities = probabilities

    def __call__(self, waveform):
        """float32 [samples] → (float32 [samples / tempo], tempo)."""
        generator, chances = self.generator, self.probabilities
        wave, tempo = np.asarray(waveform, np.float32), 1.0
        if generator.random() < chances.resample:
            factor = float(np.exp(generator.uniform(np.log(0.82), np.log(1.22))))
            wave, tempo = resample(wave, factor), factor
        if generator.random() < chances.warp_spectrum:
            wave = warp_spectrum(wave, float(np.exp(generator.uniform(np.log(0.84), np.log(1.19)))))
        if generator.random() < chances.tilt:
            wave = tilt(wave, generator.uniform(-0.6, 0.6))
        if generator.random() < chances.reverberate:
            wave = reverberate(wave, generator)
        if generator.random() < chances.gain:
            wave = set_level(wave, generator.uniform(-38, -14))
        if generator.random() < chances.noise:
            wave = add_noise(wave, generator.uniform(10, 45), generator.uniform(0, 1.5), generator)
        if generator.random() < chances.telephone:
            wave = telephone(wave)
        if generator.random() < chances.mu_law:
            wave = mu_law(wave)
        return np.clip(wave, -1, 1).astype(np.float32), tempo


def resample(wave, factor):
    """Plays the waveform `factor` times as fast: pitch, formants and tempo move together. [n] → [n / factor]."""
    if factor > 1:  # what would fold back is taken away first
        numerator, denominator = butter(6, 0.97 / factor)
        wave = lfilter(numerator, denominator, wave).astype(np.float32)
    count = max(1, int(len(wave) / factor))
    places = np.arange(count, dtype=np.float64) * factor
    index = np.minimum(places.astype(np.int64), len(wave) - 1)
    part = (places - index).astype(np.float32)
    padded = np.concatenate([wave[:1], wave, wave[-1:], wave[-1:]])
    before, here, after, later = (padded[index + shift] for shift in range(4))
    # Catmull-Rom: cubic, so that the high bands are not dulled as by a straight line.
    return here + 0.5 * part * (after - before + part * (2 * before - 5 * here + 4 * after - later
                                                         + part * (3 * (here - after) + later - before)))


def warp_spectrum(wave, factor):
    """Moves the formants to `factor` times their frequency; pitch and tempo stay. [n] → [n]."""
    count = len(wave)
    if count < _WARP_FFT:
        return wave
    padded = np.pad(wave, (_WARP_FFT, 2 * _WARP_FFT))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WARP_FFT)[::_WARP_HOP]
    spectrum = rfft(frames * _WINDOW).astype(np.complex64)
    envelope = _log_envelope(np.abs(spectrum))
    bins = np.arange(_WARP_FFT // 2 + 1, dtype=np.float32)
    source = np.minimum(bins / factor, bins[-1])
    low = np.minimum(source.astype(int), len(bins) - 2)
    part = source - low
    warped = envelope[:, low] * (1 - part) + envelope[:, low + 1] * part
    shifted = spectrum * np.exp(np.clip(warped - envelope, -4, 4))
    pieces = irfft(shifted).astype(np.float32) * _WINDOW
    result = np.zeros(len(frames) * _WARP_HOP + _WARP_FFT, np.float32)
    overlap = _WARP_FFT // _WARP_HOP
    for phase in range(overlap):
        part = pieces[phase::overlap].reshape(-1)
        start = phase * _WARP_HOP
        result[start:start + len(part)] += part
    return result[_WARP_FFT:_WARP_FFT + count] / np.float32((_WINDOW ** 2).sum() / _WARP_HOP)


def _log_envelope(magnitude):
    """Cepstrally smoothed log magnitude, [frames, bins]."""
    logarithm = np.log(magnitude + 1e-5)
    cepstrum = irfft(logarithm)
    cepstrum[:, _LIFTER:-_LIFTER + 1] = 0
    return rfft(cepstrum).real.astype(np.float32)


def tilt(wave, coefficient):
    """A first-order filter: above 0 dulls, below 0 brightens (-0.6 to 0.6)."""
    return lfilter([1 - abs(coefficient)], [1, -coefficient], wave).astype(np.float32)


def reverberate(wave, generator):
    """A small room: direct sound and an exponentially fading tail of noise of 60 to 250 ms."""
    count = int(generator.uniform(0.06, 0.25) * SAMPLE_RATE)
    tail = generator.standard_normal(count).astype(np.float32) * np.exp(-5 * np.arange(count, dtype=np.float32) / count)
    tail *= generator.uniform(0.1, 0.5) / np.sqrt((tail ** 2).sum())
    tail[0] = 1
    return fftconvolve(wave, tail)[:len(wave)].astype(np.float32)


def set_level(wave, decibels):
    """Scales to a root mean square of `decibels` below full scale, but never beyond full scale."""
    level = np.sqrt(np.mean(wave ** 2)) + 1e-8
    peak = np.abs(wave).max() + 1e-8
    return wave * np.float32(min(10 ** (decibels / 20) / level, 0.99 / peak))


def add_noise(wave, ratio, slope, generator):
    """Adds noise `ratio` decibels below the signal; its power falls as frequency to the power of -`slope`."""
    count = len(wave)
    spectrum = rfft(generator.standard_normal(next_fast_len(count), dtype=np.float32))
    noise = irfft(spectrum / np.maximum(np.arange(len(spectrum), dtype=np.float32), 20) ** np.float32(slope / 2))[:count]
    level = np.sqrt(np.mean(wave ** 2)) + 1e-8
    return (wave + noise * (level * 10 ** (-ratio / 20) / (np.sqrt(np.mean(noise ** 2)) + 1e-12))).astype(np.float32)


_BAND = butter(4, [300 / (SAMPLE_RATE / 2), 3400 / (SAMPLE_RATE / 2)], btype="band")


def telephone(wave):
    """300 to 3400 Hz, 8 kHz, mu-law and back to 16 kHz. [n] → [n]."""
    narrow = resample_poly(lfilter(*_BAND, wave), 1, 2)
    return resample_poly(mu_law(np.clip(narrow, -1, 1)), 2, 1)[:len(wave)].astype(np.float32)


def mu_law(wave):
    """Rounds to the 255 levels of mu-law companding and back."""
    mu = 255.0
    compressed = np.sign(wave) * np.log1p(mu * np.abs(wave)) / np.log1p(mu)
    rounded = np.round(compressed * 127) / 127
    return (np.sign(rounded) * np.expm1(np.abs(rounded) * np.log1p(mu)) / mu).astype(np.float32)
