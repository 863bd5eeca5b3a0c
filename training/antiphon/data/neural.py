"""Callers spoken by neural synthesisers: Kokoro's voices and hibari, brought to the callers' rate and phone labels."""
from __future__ import annotations

import functools

import numpy as np
from scipy.signal import resample_poly

from antiphon.data import phones
from antiphon.data.augmentation import resample
from antiphon.data.kokoro import Kokoro
from antiphon.speech.styles import Style
from antiphon.speech.teacher import Teacher

HIBARI = "heart"


@functools.cache
def _kokoro() -> Kokoro:
    return Kokoro()


@functools.cache
def _hibari() -> Teacher:
    return Teacher()


def kokoro(text: str, voice: str, speed: float, size: float = 1.0):
    """(int16 samples at 16 kHz, [[start in milliseconds, label], …]) of one of Kokoro's voices.

    `speed` is a factor of the pace; `size` above 1 is a smaller speaker: played that many times as fast, pitch and formants go up,
    the pace stays as asked for. Raises packages.PackageMissing.
    """
    return _narrowed(*_kokoro().speak(text, voice, speed / size), size)


def hibari(text: str, speed: float, size: float = 1.0):
    """The same of hibari's one voice."""
    spoken = _hibari().speak(text, Style("caller", rate=round(speed / size, 2)))
    return _narrowed(spoken.audio, spoken.phones, size)


def _narrowed(audio: np.ndarray, spoken: list, size: float):
    wave = resample_poly(audio, 2, 3)
    if size != 1.0:
        wave = resample(wave.astype(np.float32), size)
    starts = [0.0, *(end for end, _ in spoken[:-1])]
    labels = phones.label((round(1000 * start / size), phones.from_misaki(symbol)) for start, (_, symbol) in zip(starts, spoken))
    return np.clip(np.round(wave * 32767), -32768, 32767).astype(np.int16), labels
