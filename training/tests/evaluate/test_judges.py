"""The judges' arithmetic: what Whisper writes is compared as it is spoken; DNSMOS tells clean from noisy."""
import numpy as np
import pytest

from antiphon.evaluate.whisper import heard_errors, normalised


@pytest.mark.parametrize("wanted, heard, errors", [
    ("Please pay Anna two hundred and fifty pounds.", "Please pay Anna £250.", 0),
    ("Thank you, I have noted one seven zero two.", "Thank you. I have noted 1702.", 0),
    ("Your alarm is set for ten o'clock.", "Your alarm is set for 10:00.", 0),
    ("Forty two plus one is forty three.", "42 plus 1 is 33.", 1),
    ("Eighty nine minus fifty is thirty nine.", "89-50 is 39.", 0), ("Two times three is six.", "2 x 3 = 6", 0),
    ("It barks.", "", 2), ("", "you", 1)])
def test_errors_are_counted_as_spoken(wanted, heard, errors):
    assert heard_errors(wanted, heard)[0] == errors


def test_numbers_are_written_out():
    assert normalised("It's 1,250 gray cats") == "it's one thousand two hundred and fifty grey cats"
    assert normalised("0 7 and 07") == "zero seven and zero seven"


def test_noise_costs_quality():
    pytest.importorskip("speechmos", reason="needs the package speechmos (extra 'judges')")
    from antiphon.evaluate.quality import Dnsmos
    from antiphon.speech.teacher import Teacher
    audio, judge = Teacher().speak("You are booked for Friday at ten o'clock.").audio, Dnsmos()
    noisy = audio + np.random.default_rng(1).normal(0, 0.03, len(audio)).astype(np.float32)
    assert judge(audio, 24_000).ovrl > judge(noisy, 24_000).ovrl + 0.5
    with pytest.raises(ValueError, match="without samples"):
        judge(np.zeros(0, np.float32), 24_000)
