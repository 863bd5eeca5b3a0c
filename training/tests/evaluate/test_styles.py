"""How an answer's style is measured, on sounds whose pace, pitch and level are known."""
import numpy as np
import pytest

from antiphon.evaluate.styles import figures, measured, moved, nearest
from antiphon.speech.features import SAMPLE_RATE
from antiphon.speech.styles import STYLES, named

NEUTRAL = {"seconds": 2.0, "hertz": 200.0, "spread": 2.0, "decibels": -22.0, "voiced": 0.5}


def as_asked(style, part=1.0):
    """What an answer measures that went `part` of the way to a style."""
    return {"seconds": 2.0 / style.rate ** part, "hertz": 200.0 * style.pitch ** part, "spread": 2.0 * style.range ** part,
            "decibels": -22.0 + style.level * part, "voiced": 0.0 if style.whisper else 0.5}


def buzz(seconds, hertz, decibels):
    """A voice without words: harmonics of a pitch that moves a little."""
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    phase = 2 * np.pi * hertz * (time + 0.01 * np.sin(2 * np.pi * 3 * time) / (2 * np.pi * 3))
    wave = sum(np.sin(n * phase) / n for n in range(1, 12))
    return (wave * 10 ** (decibels / 20) / np.sqrt(np.mean(wave ** 2))).astype(np.float32)


@pytest.mark.parametrize("name", [name for name in STYLES if name != "neutral"])
def test_what_went_the_whole_way_has_moved_and_is_named(name):
    answer = as_asked(STYLES[name])
    assert all(part == pytest.approx(1.0) for part in moved(STYLES[name], answer, NEUTRAL).values())
    assert nearest(answer, NEUTRAL) == name


def test_two_at_once_are_measured_each():
    style = named("slower+higher")
    way = moved(style, {**as_asked(STYLES["higher"], 0.5), "seconds": 2.0 / STYLES["slower"].rate}, NEUTRAL)
    assert way == {"rate": pytest.approx(1.0), "pitch": pytest.approx(0.5)}


def test_the_neutral_voice_has_moved_nowhere():
    for style in STYLES.values():
        assert all(part == pytest.approx(0.0) for part in moved(style, dict(NEUTRAL), NEUTRAL).values())


def test_sounds_are_measured_between_their_edges():
    quiet = np.zeros(SAMPLE_RATE // 2, np.float32)
    found = measured(np.concatenate([quiet, buzz(1.5, 180.0, -20.0), quiet]))
    assert found["seconds"] == pytest.approx(1.5, abs=0.03)
    assert found["hertz"] == pytest.approx(180.0, rel=0.03)
    assert found["decibels"] == pytest.approx(-20.0, abs=0.3)
    assert measured(quiet) is None


def test_an_answer_that_cannot_be_heard_counts_as_not_moved():
    rows = [{"style": "softer", "text": True, "moved": {"level": 0.9}, "named": "softer"}, {"style": "softer", "text": False},
            {"style": "softer+slower", "text": True, "moved": {"level": 0.9, "rate": 0.2}, "named": "calm"}]
    result = figures(rows)
    assert result["text"] == [2, 3] and result["moved"] == {"level": [2, 2], "rate": [0, 1], "all": [1, 3]}
    assert result["named"] == [1, 2] and result["styles"]["softer"]["moved"]["all"] == [1, 2]
