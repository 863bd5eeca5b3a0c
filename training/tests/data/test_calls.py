"""Generated calls say what is true of them, and every line carries both parties."""
import itertools
import json
import random
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from antiphon.data.calls import AGENT, CUSTOMER, LINES, NAME, NUMBER, PRIVATE_DIGITS, STREET, build, digits, interval, private, script
from antiphon.data.dialogues import build as draw
from antiphon.data.domain import load_domain
from antiphon.data.utterances import build as utterances


@pytest.mark.parametrize("words, count", [("four two", 2), ("forty two", 2), ("forty two twelve", 4), ("four hundred", 3), ("twenty", 2),
                                          ("zero zero seven one", 4), ("sixty twenty", 4)])
def test_digits_of_a_run_of_numbers(words, count):
    assert digits(words.split()) == count


def test_what_is_private():
    domain = load_domain()

    def of(text):
        return private(text.split(), domain)

    assert of("my meter reading is one six six eight") == [[4, 7, NUMBER]]
    assert of("send nine hundred pounds to karen") == [[1, 2, NUMBER], [5, 5, NAME]]
    assert of("pay him six hundred and forty pounds") == [[2, 5, NUMBER]] and of("one hundred and what") == [[0, 1, NUMBER]]
    assert of("there is no power in oak street") == [[5, 6, STREET]]
    assert of("what is forty two plus seven") == [] and PRIVATE_DIGITS == 3


def voice(name, level):
    """Half a second a text, of one level."""
    wave = np.full(8000, round(32768 * level), np.int16)
    def speak(texts):
        return [(wave, [[0, "sil"]] + [[10 + 40 * number, "t"] for number in range(len(text.split()))]) for text in texts]

    return SimpleNamespace(name=name, speak=speak)


def test_where_a_private_word_lies():
    _, phones = voice("a", 0.1).speak(["pay karen now please"])[0]
    assert interval(voice("a", 0.1), "pay karen now please".split(), 1, 1, phones, 500) == (50, 90)
    assert interval(voice("a", 0.1), "pay karen now please".split(), 3, 3, phones, 500) == (130, 500)


def test_a_call_on_every_line(tmp_path):
    rows, drawn = draw("test", 60, 1), iter((voice("a", 0.1), voice("b", 0.05)))
    build(tmp_path, rows, utterances("test", 30, 1), 1, 0.3, lambda generator: next(drawn), 1, lambda line: None)
    truths = {line: json.loads((tmp_path / line / "call-00.truth.json").read_text()) for line in LINES}
    assert all(truth == truths["wide"] for truth in truths.values())
    turns = truths["wide"]["turns"]
    assert {turn["channel"] for turn in turns} == {AGENT, CUSTOMER} and all(turn["end_ms"] - turn["begin_ms"] == 500 for turn in turns)
    assert all(after["begin_ms"] >= before["end_ms"] for before, after in itertools.pairwise(turns))
    for line in LINES:
        waves, rate = soundfile.read(tmp_path / line / "call-00.wav")
        assert waves.shape[1] == 2 and abs(len(waves) / rate - turns[-1]["end_ms"] / 1000) < 1.3
    waves, rate = soundfile.read(tmp_path / "wide" / "call-00.wav")
    for turn in turns:
        middle = int(rate * (turn["begin_ms"] + turn["end_ms"]) / 2000)
        assert waves[middle, turn["channel"]] > 0.02 and waves[middle, 1 - turn["channel"]] == 0


def test_most_dialogues_have_something_private():
    domain = load_domain()
    turns = list(itertools.islice(script(draw("test", 400, 1), utterances("test", 30, 1), domain, random.Random(1)), 2000))
    assert 0.15 < sum(bool(private(text.split(), domain)) for _, text in turns) / len(turns) < 0.6
