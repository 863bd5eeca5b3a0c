"""What a caller's line carries when nobody speaks: noise, hum, tones, hold music, clicks, babble, silence. All of it is computed.

Their transcript is empty and nothing is answered with a call. The test split has kinds of its own beside those of training.
"""
from __future__ import annotations

import numpy as np
from scipy.signal import butter, lfilter

from antiphon.data.augmentation import set_level

RATE = 16_000
KINDS = {"train": ("silence", "white", "brown", "hum", "ringback", "dial", "keypad", "music", "clicks", "babble"),
         "test": ("silence", "pink", "engine", "busy", "beep", "arpeggio", "knocks", "crowd")}
LEVELS = (-50, -14)
KEYPAD = ((697, 770, 852, 941), (1209, 1336, 1477, 1633))
SCALE = (0, 2, 4, 5, 7, 9, 11)


def _coloured(count, slope, g):
    spectrum = np.fft.rfft(g.standard_normal(count))
    return np.fft.irfft(spectrum / np.maximum(np.arange(len(spectrum)), 20) ** (slope / 2), count)


def _tones(count, frequencies, on, off, phase=0.0):
    """A sum of sines, `on` seconds there and `off` seconds not; `on` None: always."""
    times = np.arange(count) / RATE
    wave = sum(np.sin(2 * np.pi * frequency * times) for frequency in frequencies)
    return wave if on is None else wave * ((times + phase) % (on + off) < on)


def _notes(count, sequence, seconds, decay):
    """Chords (lists of hertz) one after another, each of three partials that fade."""
    wave, step = np.zeros(count), int(seconds * RATE)
    for place, chord in enumerate(sequence):
        start = place * step
        if start >= count:
            break
        times = np.arange(min(count - start, 4 * step)) / RATE
        fading = np.exp(-times / decay) * np.minimum(1, times / 0.01)
        for hertz in chord:
            for partial, share in ((1, 1.0), (2, 0.4), (3, 0.15)):
                wave[start:start + len(times)] += share * fading * np.sin(2 * np.pi * hertz * partial * times)
    return wave


def _hertz(degree, root):
    return root * 2 ** ((SCALE[degree % 7] + 12 * (degree // 7)) / 12)


def _impulses(count, rate, length, g):
    wave = np.zeros(count)
    for start in np.flatnonzero(g.random(count) < rate / RATE):
        size = min(length, count - start)
        wave[start:start + size] += g.standard_normal(size) * np.exp(-np.arange(size) / (length / 5)) * g.uniform(0.2, 1)
    return wave


def _voices(count, recordings, voices, g):
    """Several people at once, none of them understandable: recordings from random places, every second one backwards."""
    wave = np.zeros(count)
    for number in range(voices):
        piece = np.resize(recordings[g.integers(len(recordings))], count)
        piece = np.roll(piece, int(g.integers(count)))
        wave += piece[::-1] if number % 2 else piece
    return wave


def sound(kind: str, seconds: float, g: np.random.Generator, recordings=()) -> np.ndarray:
    """float32 [seconds · 16000]. `recordings`: float [n] arrays of speech, which babble and crowd are made of.

    Raises ValueError for an unknown kind, and for babble and crowd without recordings.
    """
    count = int(seconds * RATE)
    if kind in ("babble", "crowd") and not len(recordings):
        raise ValueError(f"{kind} is made of recordings, but none were given")
    if kind == "silence":
        return (g.standard_normal(count) * g.choice((0.0, 1e-5, 1e-4))).astype(np.float32)
    makers = {
        "white": lambda: _coloured(count, 0.0, g), "pink": lambda: _coloured(count, 1.0, g), "brown": lambda: _coloured(count, 2.0, g),
        "hum": lambda: _tones(count, [50 * k for k in range(1, 7)], None, 0) + 2 * _coloured(count, 1.5, g),
        "engine": lambda: lfilter(*butter(2, 400 / 8000), _coloured(count, 1.0, g)) * (1 + 0.5 * _tones(count, [g.uniform(8, 20)], None, 0)),
        "ringback": lambda: _tones(count, (400, 450), 0.4, g.uniform(0.2, 2.0), g.uniform(0, 2)),
        "dial": lambda: _tones(count, (350, 440), None, 0), "busy": lambda: _tones(count, (480, 620), 0.5, 0.5, g.uniform(0, 1)),
        "beep": lambda: _tones(count, (g.uniform(700, 1500),), 0.3, g.uniform(0.7, 3), 0),
        "keypad": lambda: _keypad(count, g),
        "music": lambda: _notes(count, [[_hertz(int(d) + s, 220) for s in (0, 2, 4)] for d in g.integers(0, 7, 40)], g.uniform(0.4, 0.9), 0.8),
        "arpeggio": lambda: _notes(count, [[_hertz(int(d), 262)] for d in g.integers(0, 14, 120)], g.uniform(0.15, 0.3), 0.4),
        "clicks": lambda: _impulses(count, g.uniform(1, 8), 200, g), "knocks": lambda: _impulses(count, g.uniform(0.5, 3), 1_600, g),
        "babble": lambda: _voices(count, recordings, 6, g), "crowd": lambda: _voices(count, recordings, 16, g)}
    if kind not in makers:
        raise ValueError(f"sound is {kind!r}, expected one of {', '.join(sorted({*makers, 'silence'}))}")
    return set_level(makers[kind]().astype(np.float32), g.uniform(*LEVELS))


def _keypad(count, g):
    wave = np.zeros(count)
    for start in range(0, count, int(RATE * g.uniform(0.2, 0.5))):
        size = min(int(0.1 * RATE), count - start)
        wave[start:start + size] = _tones(size, [g.choice(row) for row in KEYPAD], None, 0)
    return wave


def drawn(split: str, g: np.random.Generator, recordings=()) -> tuple[str, np.ndarray]:
    """(kind, sound of 0.6 to 8 s) of a split; a quarter have another kind below them."""
    kinds = [kind for kind in KINDS[split] if len(recordings) or kind not in ("babble", "crowd")]
    kind, seconds = str(g.choice(kinds)), float(np.exp(g.uniform(np.log(0.6), np.log(8.0))))
    wave = sound(kind, seconds, g, recordings)
    if g.random() < 0.25:
        wave = wave + 0.5 * sound(str(g.choice(kinds)), seconds, g, recordings)
    return kind, np.clip(wave, -1, 1).astype(np.float32)
