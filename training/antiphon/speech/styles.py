"""How the assistant can speak: styles by published rules, applied to a natural recording.

Pace comes from the voice's own duration model, level is a gain, everything else is analysis and synthesis by WORLD
(Morise 2016): pitch and its range in the log domain, spectral tilt, whisper as aperiodicity without pitch. The emotions'
numbers follow the activation, evaluation and power rules of Schröder (2003) and Emofilt, held back so that words stay
intelligible. What comes out is prosody by rule, not an actor's.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SAMPLE_RATE = 24_000
FRAME_PERIOD = 5.0
PITCH_LOW, PITCH_HIGH = 60.0, 600.0
TILT_CENTRE = 1_000.0
LEAST_TILTED = 100.0
"""Hertz below which the tilt stays as it is there."""
WHISPER_BREATH = 0.35
"""How strongly a whisper is high-passed: below about 500 Hz a vocal tract without voice radiates little."""


@dataclass(frozen=True)
class Style:
    """Factors against the neutral voice. `pitch`: of the mean f0; `range`: of its deviation from the mean in octaves; `rate`: of
    the pace; `level`: decibels; `tilt`: amplitude goes with frequency to the power of −tilt, above 0 is softer."""

    name: str
    pitch: float = 1.0
    range: float = 1.0
    rate: float = 1.0
    level: float = 0.0
    tilt: float = 0.0
    whisper: bool = False

    def __post_init__(self):
        for field in ("pitch", "range", "rate"):
            if not 0.25 <= getattr(self, field) <= 4.0:
                raise ValueError(f"style {self.name!r}: {field} is {getattr(self, field)}, expected 0.25 to 4")
        if not -30.0 <= self.level <= 12.0:
            raise ValueError(f"style {self.name!r}: level is {self.level} dB, expected -30 to 12")

    @property
    def analysed(self) -> bool:
        """Whether the recording must go through WORLD."""
        return self.whisper or (self.pitch, self.range, self.tilt) != (1.0, 1.0, 0.0)


NEUTRAL = Style("neutral")
STYLES = {style.name: style for style in (
    NEUTRAL,
    Style("slower", rate=0.72), Style("faster", rate=1.35),
    Style("louder", level=6.0), Style("softer", level=-9.0),
    Style("higher", pitch=1.26), Style("lower", pitch=0.8),
    Style("whisper", whisper=True, level=-8.0),
    Style("cheerful", pitch=1.2, range=1.6, rate=1.12, level=2.0, tilt=-0.15),
    Style("sad", pitch=0.88, range=0.5, rate=0.78, level=-5.0, tilt=0.35),
    Style("calm", pitch=0.93, range=0.7, rate=0.88, level=-3.0, tilt=0.15),
    Style("angry", pitch=1.12, range=1.4, rate=1.2, level=5.0, tilt=-0.3),
)}


def combined(*names: str) -> Style:
    """Several of STYLES at once: factors multiplied, decibels and tilts added. Raises KeyError for an unknown one."""
    styles = [STYLES[name] for name in names]
    if len(styles) == 1:
        return styles[0]
    return Style("+".join(names), *(float(np.prod([getattr(style, field) for style in styles])) for field in ("pitch", "range", "rate")),
                 sum(style.level for style in styles), sum(style.tilt for style in styles), any(style.whisper for style in styles))


def named(name: str) -> Style:
    """A style of STYLES, or several joined by "+"."""
    return combined(*name.split("+"))


def _tilted(power: np.ndarray, tilt: float) -> np.ndarray:
    frequencies = np.maximum(np.linspace(0.0, SAMPLE_RATE / 2, power.shape[1]), LEAST_TILTED)
    return power * (frequencies / TILT_CENTRE) ** (-2.0 * tilt)


def _breathed(power: np.ndarray) -> np.ndarray:
    frequencies = np.linspace(0.0, SAMPLE_RATE / 2, power.shape[1])
    return power * (WHISPER_BREATH + (1.0 - WHISPER_BREATH) * np.minimum(1.0, frequencies / 1_500.0)) ** 2


def level_of(audio: np.ndarray) -> float:
    """Root mean square of [N] samples in decibels of full scale."""
    return float(10.0 * np.log10(np.mean(np.square(audio, dtype=np.float64)) + 1e-12))


def apply(audio: np.ndarray, style: Style) -> np.ndarray:
    """`audio` float [N] at 24 kHz, already spoken at the style's pace → the same words in the style, as long."""
    result = audio.astype(np.float64)
    if style.analysed:
        import pyworld
        pitch, times = pyworld.dio(result, SAMPLE_RATE, f0_floor=PITCH_LOW, f0_ceil=PITCH_HIGH, frame_period=FRAME_PERIOD)
        pitch = pyworld.stonemask(result, pitch, times, SAMPLE_RATE)
        power = pyworld.cheaptrick(result, pitch, times, SAMPLE_RATE)
        aperiodicity = pyworld.d4c(result, pitch, times, SAMPLE_RATE)
        voiced = pitch > 0
        if style.whisper:
            pitch, power, aperiodicity = np.zeros_like(pitch), _breathed(power), np.ones_like(aperiodicity)
        elif voiced.any():
            octaves = np.log2(pitch[voiced])
            centre = octaves.mean()
            pitch[voiced] = np.clip(2.0 ** (centre + np.log2(style.pitch) + style.range * (octaves - centre)), PITCH_LOW, PITCH_HIGH)
        made = pyworld.synthesize(pitch, _tilted(power, style.tilt), aperiodicity, SAMPLE_RATE, FRAME_PERIOD)[:len(result)]
        made = np.pad(made, (0, len(result) - len(made)))
        # The rules name the level; what analysis and tilt did to it is taken out.
        result = made * 10.0 ** ((level_of(result) - level_of(made)) / 20.0)
    return np.clip(result * 10.0 ** (style.level / 20.0), -1.0, 1.0).astype(np.float32)
