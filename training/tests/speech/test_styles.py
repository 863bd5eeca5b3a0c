"""Styles move what their names say and nothing else."""
import numpy as np
import pytest

from antiphon.speech.evaluate_styles import prosody
from antiphon.speech.styles import NEUTRAL, SAMPLE_RATE, STYLES, Style, apply, level_of


@pytest.fixture(scope="module")
def voiced():
    """1.5 s of a buzz at 200 Hz whose pitch swings by 3 semitones, as pulses through two resonances."""
    times = np.arange(int(1.5 * SAMPLE_RATE)) / SAMPLE_RATE
    pitch = 200 * 2 ** (3 / 12 * np.sin(2 * np.pi * 1.5 * times))
    phase = np.cumsum(pitch) / SAMPLE_RATE
    wave = sum(np.cos(2 * np.pi * k * phase) / (1 + ((k * 200 - 600) / 300) ** 2) for k in range(1, 20))
    return (0.05 * wave / np.std(wave)).astype(np.float32)


def test_neutral_is_the_recording_itself(voiced):
    assert np.array_equal(apply(voiced, NEUTRAL), voiced)


@pytest.mark.parametrize("name", ["louder", "softer", "cheerful", "sad", "angry", "whisper"])
def test_the_level_moves_by_the_decibels_of_the_style(voiced, name):
    assert level_of(apply(voiced, STYLES[name])) - level_of(voiced) == pytest.approx(STYLES[name].level, abs=0.6)


@pytest.mark.parametrize("name", ["higher", "lower", "sad", "cheerful"])
def test_the_pitch_moves_by_the_factor_of_the_style(voiced, name):
    before, after = prosody(voiced), prosody(apply(voiced, STYLES[name]))
    assert after["hertz"] / before["hertz"] == pytest.approx(STYLES[name].pitch, rel=0.04)
    assert after["spread"] / before["spread"] == pytest.approx(STYLES[name].range, rel=0.25)


def test_a_whisper_has_no_pitch(voiced):
    assert prosody(voiced)["voiced"] > 0.8
    assert prosody(apply(voiced, STYLES["whisper"]))["voiced"] < 0.1


def test_a_tilted_voice_is_duller(voiced):
    def high(audio):
        power = np.abs(np.fft.rfft(audio)) ** 2
        return power[len(power) // 6:].sum() / power.sum()
    assert high(apply(voiced, STYLES["sad"])) < high(apply(voiced, STYLES["calm"])) < high(apply(voiced, STYLES["angry"]))


def test_the_length_stays_and_nothing_clips_beyond_full_scale(voiced):
    for style in STYLES.values():
        made = apply(voiced, style)
        assert len(made) == len(voiced) and np.abs(made).max() <= 1.0


@pytest.mark.parametrize("wrong, message", [({"rate": 9.0}, "rate is 9.0, expected 0.25 to 4"), ({"level": 40.0}, "level is 40.0 dB")])
def test_an_impossible_style_is_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        Style("odd", **wrong)
