"""Sounds without speech: every kind sounds, is drawn by its seed, and the test's kinds are not training's."""
import numpy as np
import pytest

from antiphon.data.sounds import KINDS, RATE, drawn, sound

SPEECH = [np.sin(np.arange(9_000) / 7).astype(np.float32), np.sin(np.arange(20_000) / 11).astype(np.float32)]


@pytest.mark.parametrize("kind", sorted({*KINDS["train"], *KINDS["test"]} - {"silence"}))
def test_every_kind_sounds_at_a_level_of_a_line(kind):
    for seed in range(5):
        wave = sound(kind, 2.0, np.random.default_rng(seed), SPEECH)
        assert wave.shape == (2 * RATE,) and wave.dtype == np.float32 and np.abs(wave).max() <= 1
        if kind not in ("clicks", "knocks"):  # a quiet line may carry none for two seconds
            assert -55 < 20 * np.log10(np.sqrt(np.mean(wave ** 2))) < -8


def test_the_same_seed_draws_the_same():
    first, second = (drawn("train", np.random.default_rng(4), SPEECH) for _ in range(2))
    assert first[0] == second[0] and np.array_equal(first[1], second[1])


def test_splits_share_only_silence_and_all_kinds_come():
    assert set(KINDS["train"]) & set(KINDS["test"]) == {"silence"}
    g = np.random.default_rng(1)
    for split, kinds in KINDS.items():
        rows = [drawn(split, g, SPEECH) for _ in range(150)]
        assert {kind for kind, _ in rows} == set(kinds)
        assert all(0.55 * RATE < len(wave) < 8.1 * RATE for _, wave in rows)
    assert "babble" not in {drawn("train", g)[0] for _ in range(80)}


def test_unknown_kinds_and_missing_recordings_are_named():
    with pytest.raises(ValueError, match="sound is 'rain', expected one of arpeggio"):
        sound("rain", 1.0, np.random.default_rng(1))
    with pytest.raises(ValueError, match="babble is made of recordings"):
        sound("babble", 1.0, np.random.default_rng(1))
