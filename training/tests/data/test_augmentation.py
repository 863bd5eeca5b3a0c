import numpy as np
import pytest

from antiphon.data import augmentation


def tone(frequency, count=16_000):
    return (0.3 * np.sin(2 * np.pi * frequency * np.arange(count) / 16_000)).astype(np.float32)


def peak(wave):
    spectrum = np.abs(np.fft.rfft(wave[2000:10_000] * np.hanning(8000)))
    return 2 * np.argmax(spectrum)


def test_resampling_moves_pitch_and_tempo_together():
    fast = augmentation.resample(tone(500), 1.2)
    assert len(fast) == pytest.approx(16_000 / 1.2, abs=1)
    assert peak(fast) == pytest.approx(600, abs=4)


def test_a_warp_by_one_changes_nothing():
    noise = np.random.default_rng(1).standard_normal(9001).astype(np.float32) * 0.1
    assert np.abs(augmentation.warp_spectrum(noise, 1.0) - noise).max() < 1e-5


def test_a_warp_keeps_length_and_pitch_and_moves_formants():
    pulses = np.zeros(16_000, np.float32)
    pulses[::160] = 1
    places = np.arange(400)
    voice = np.convolve(pulses, np.sin(2 * np.pi * 1000 * places / 16_000) * np.exp(-places / 12))[:16_000].astype(np.float32)
    warped = augmentation.warp_spectrum(voice, 1.19)
    assert len(warped) == 16_000
    assert peak(warped) % 100 == 0  # still on a harmonic of 100 Hz
    assert peak(warped) > peak(voice)


def test_telephone_takes_away_what_is_outside_the_band():
    kept = np.std(augmentation.telephone(tone(1000)))
    assert np.std(augmentation.telephone(tone(60))) < 0.1 * kept
    assert np.std(augmentation.telephone(tone(6000))) < 0.1 * kept


def test_mu_law_is_close():
    wave = tone(300)
    assert np.abs(augmentation.mu_law(wave) - wave).max() < 0.02


def test_noise_has_the_ratio_asked_for():
    wave = tone(300)
    noise = augmentation.add_noise(wave, 20, 1.0, np.random.default_rng(2)) - wave
    assert 20 * np.log10(np.std(wave) / np.std(noise)) == pytest.approx(20, abs=0.5)


def test_the_level_is_set():
    assert 20 * np.log10(np.sqrt(np.mean(augmentation.set_level(tone(300), -30) ** 2))) == pytest.approx(-30, abs=0.1)


def test_chains_follow_from_the_seed_and_report_their_tempo():
    first, second = augmentation.Augmenter(3), augmentation.Augmenter(3)
    for _ in range(10):
        wave, tempo = first(tone(400))
        again, _ = second(tone(400))
        assert np.array_equal(wave, again)
        assert wave.dtype == np.float32 and np.isfinite(wave).all() and np.abs(wave).max() <= 1
        assert len(wave) == pytest.approx(16_000 / tempo, abs=2)


def test_a_probability_out_of_range_is_named():
    with pytest.raises(ValueError, match="noise is 1.5"):
        augmentation.Probabilities(noise=1.5)
