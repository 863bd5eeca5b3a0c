"""Noise that depends on a seed and a place in the stream alone, as the Java host draws it: SplitMix64 of a counter."""

from __future__ import annotations

import numpy as np

_GOLDEN, _FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
FLOW, SECOND_OF_FLOW, SOURCE = 1, 2, 3
"""Streams of numbers that one seed gives."""


def _mixed(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * _FIRST
        values = (values ^ (values >> np.uint64(27))) * _SECOND
    return values ^ (values >> np.uint64(31))


def _bits(seed: int, stream: int, first: int, count: int) -> np.ndarray:
    """Numbers ``first`` to ``first + count`` of a stream, uint64 [count]; ``first`` may be negative."""
    with np.errstate(over="ignore"):
        key = _mixed(np.array([seed % 2**64], np.uint64) + _GOLDEN * np.uint64(stream))
        return _mixed(key + _GOLDEN * (np.arange(first, first + count).astype(np.int64).astype(np.uint64) + np.uint64(1)))


def uniform(seed: int, first: int, last: int, channels: int) -> np.ndarray:
    """For samples ``first`` to ``last``: numbers in [0, 1), float32 [channels, last - first]."""
    bits = _bits(seed, SOURCE, first * channels, (last - first) * channels)
    return ((bits >> np.uint64(40)).astype(np.float32) * np.float32(2**-24)).reshape(-1, channels).T.copy()


def normal(seed: int, first: int, last: int, channels: int) -> np.ndarray:
    """For frames ``first`` to ``last``: normal numbers by Box and Muller, float32 [last - first, channels]."""
    one, other = (_bits(seed, stream, first * channels, (last - first) * channels) for stream in (FLOW, SECOND_OF_FLOW))
    radius = np.sqrt(-2 * np.log(((one >> np.uint64(11)).astype(np.float64) + 1) * 2.0**-53))
    return (radius * np.cos(2 * np.pi * ((other >> np.uint64(11)).astype(np.float64) * 2.0**-53))).astype(np.float32).reshape(-1, channels)
