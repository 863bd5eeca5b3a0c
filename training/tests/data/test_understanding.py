"""Four-choice questions: their form, that what is answered is what was done to the recording, and that a run goes on to the same bytes."""
import json
import random
import re

import numpy as np
import pytest

from antiphon.data import paths, understanding
from antiphon.data.understanding import CHOOSE, RATE, TASKS, Recordings, paced, question, sex


def voice(hertz, seconds=0.8):
    """Pulses through a resonance, with a moving level: enough for WORLD to find a pitch."""
    times = np.arange(int(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * hertz * k * times) / k for k in range(1, 20)) * (1.2 + np.sin(2 * np.pi * 3 * times))
    return (0.05 * wave).astype(np.float32)


@pytest.fixture(scope="module")
def recordings():
    return Recordings([voice(110), voice(120), voice(210), voice(220)], ["flite:awb", "flite:awb", "flite:slt", "flite:slt"])


@pytest.mark.parametrize("task", sorted(TASKS))
def test_one_option_of_four_is_right(task, recordings):
    answers = set()
    for seed in range(12):
        line, wave = question(recordings, task, random.Random(seed))
        options = re.findall(r"^\(([ABCD])\)(.+)$", line["question"], re.MULTILINE)
        assert CHOOSE in line["question"] and [letter for letter, _ in options] == list("ABCD") and len({o for _, o in options}) == 4
        letter, answer = re.fullmatch(r"\((\w)\)(.+)", line["answer"]).groups()
        assert (letter, answer) in options and wave.ndim == 1 and np.isfinite(wave).all() and np.abs(wave).max() <= 1
        answers.add(answer)
    assert len(answers) > 1
    again = question(recordings, task, random.Random(3))
    assert again[0] == question(recordings, task, random.Random(3))[0]


def test_what_is_answered_is_what_was_done(recordings):
    levels, halves = {}, []
    for seed in range(40):
        line, wave = question(recordings, "level", random.Random(seed))
        levels.setdefault(line["answer"][3:], []).append(10 * np.log10(np.mean(wave ** 2)))
        line, wave = question(recordings, "louder", random.Random(seed))
        first, second = (np.sqrt(np.mean(part ** 2)) for part in (wave[: len(wave) // 3], wave[-len(wave) // 3:]))
        halves.append({"the first": first > 1.3 * second, "the second": second > 1.3 * first}.get(line["answer"][3:], True))
    assert max(levels["very soft"]) < min(levels["normal"]) < max(levels["normal"]) < min(levels["very loud"]) and np.mean(halves) > 0.9


def test_pace_changes_the_length_and_not_the_pitch():
    import pyworld
    wave, fast = voice(150, 1.5), paced(voice(150, 1.5), 1.5)
    assert len(fast) == pytest.approx(len(wave) / 1.5, rel=0.02)
    pitch = pyworld.dio(fast.astype(np.float64), RATE)[0]
    assert np.median(pitch[pitch > 0]) == pytest.approx(150, rel=0.05)


def test_the_sex_of_a_voice_follows_from_its_name():
    assert [sex(v) for v in ("kokoro:af_sky", "kokoro:bm_lewis", "flite:rms", "hibari:heart", "espeak:gmw/en+f2", "espeak:gmw/en-US+m3")] == [
        "a woman", "a man", "a man", "a woman", "a woman", "a man"]
    assert sex("espeak:gmw/en") is None and sex("flite:awb*1.2") is None and sex("kokoro:am_puck*1.01") == "a man"


def test_a_corpus_goes_on_to_the_same_bytes(recordings, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "CALLERS", tmp_path)
    understanding.build("whole", recordings, 14, 1)
    lines = (tmp_path / "whole.jsonl").read_text().splitlines()
    (tmp_path / "broken.jsonl.part").write_text("\n".join(lines[:5]) + "\n" + lines[5][:30])
    (tmp_path / "broken.pcm.part").write_bytes((tmp_path / "whole.pcm").read_bytes()[: 2 * json.loads(lines[5])["segments"][0]["offset"] + 300])
    understanding.build("broken", recordings, 14, 1)
    assert (tmp_path / "broken.pcm").read_bytes() == (tmp_path / "whole.pcm").read_bytes()
    assert (tmp_path / "broken.jsonl").read_text().splitlines() == lines
    with pytest.raises(FileNotFoundError, match="no corpora .'nobody'"):
        understanding.read_recordings(["nobody"])
    voices = [f"espeak:gmw/en+f2*1.{number}" for number in range(1, 8)]
    with pytest.raises(ValueError, match=r"train_00, train_20: none of 7 voices is one whose name tells a man or a woman.*\+f2\*1\.5, …\. Expected one"):
        question(Recordings([voice(110)] * 7, voices, ["train_00", "train_20"]), "speaker", random.Random(1))
    with pytest.raises(ValueError, match="1 recordings of 1 voices"):
        Recordings([voice(100)], ["flite:awb"])
