"""What is counted of an analysed call."""
import json

import numpy as np
import pytest
import soundfile

from antiphon.evaluate.calls import DELETED, MASKED, MATCH, SUBSTITUTED, Word, align, measure, transcript


def said(text, private=()):
    return [Word(word, 0 if number in private else None, False) for number, word in enumerate(text.split())]


@pytest.mark.parametrize("text, private, written, fates, inserted", [
    ("pay karen now", {1}, "pay [NAME] now", [MATCH, MASKED, MATCH], 0),
    ("read one two three four please", {1, 2, 3, 4}, "read [NUMBER] please", [MATCH] + 4 * [MASKED] + [MATCH], 0),
    ("pay karen now", {1}, "pay karen now", [MATCH, MATCH, MATCH], 0),
    ("pay karen now", {1}, "pay clara now", [MATCH, SUBSTITUTED, MATCH], 0),
    ("pay karen now", {1}, "pay [NAME]", [MATCH, MASKED, MASKED], 0),
    ("the house is big", (), "the house big", [MATCH, MATCH, DELETED, MATCH], 0),
    ("the house is big", (), "the house is very big", 4 * [MATCH], 1),
    ("yes", (), "", [DELETED], 0),
    ("", (), "who is that", [], 3),
])
def test_what_became_of_words(text, private, written, fates, inserted):
    found, beside = align(said(text, private), written.split())
    assert found == fates and sum(beside) == inserted


def test_a_folder(tmp_path):
    def place(first, last, kind, begin):
        return {"first": first, "last": last, "kind": kind, "begin_ms": begin, "end_ms": begin + 300}

    truth = {"turns": [{"channel": 0, "begin_ms": 0, "end_ms": 900, "text": "how can i help you", "voice": "a", "private": []},
                       {"channel": 1, "begin_ms": 1000, "end_ms": 2000, "text": "pay karen four four two", "voice": "b",
                        "private": [place(1, 1, "name", 1200), place(2, 4, "number", 1600)]}]}
    (tmp_path / "call.truth.json").write_text(json.dumps(truth))
    analysed = tmp_path / "analysed"
    analysed.mkdir()
    waves = np.full((2 * 8000, 2), 900, np.int16)
    waves[1600 * 8: 1880 * 8, 1] = 0
    soundfile.write(analysed / "call.wav", waves, 8000)
    (analysed / "call.json").write_text(json.dumps({"transcript": [
        {"channel": 1, "interval": {"beginMillis": 1000}, "text": "pay karen [NUMBER]"},
        {"channel": 0, "interval": {"beginMillis": 10}, "text": "how can i held you"}]}))
    assert measure(tmp_path, analysed) == {
        "calls": 1, "private_places": 2, "told": 1, "other_words_masked": {"words": 0, "of": 6},
        "private": {"name": {"masked": 0, "misheard": 0, "told": 1}, "number": {"masked": 1, "misheard": 0, "told": 0}},
        "audible": {"masked": 0, "misheard": 0, "told": 1},
        "wer": {"agent": {"errors": 1, "words": 5, "rate": 0.2}, "customer": {"errors": 0, "words": 2, "rate": 0.0}}}
    with pytest.raises(SystemExit, match="truth.json"):
        measure(analysed, analysed)


def test_a_transcript_is_in_the_order_of_time():
    said = ((0, 5, "to [NAME], now."), (0, 1, "Pay"), (1, 2, "no"))
    call = {"transcript": [{"channel": channel, "interval": {"beginMillis": begin}, "text": text} for channel, begin, text in said]}
    assert transcript(call, 0) == ["pay", "to", "[NAME]", "now"]
