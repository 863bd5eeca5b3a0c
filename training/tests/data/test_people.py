"""A real person's prompts, joined: the words of the manifest are those of the prompts."""
import random

import pytest
import soundfile

from antiphon.data import people
from antiphon.data.numbers import number_words


@pytest.fixture
def installed():
    try:
        people.available()
    except people.PromptsMissing as error:
        pytest.skip(str(error))
    pytest.importorskip("av", reason="needs the package av, which faster-whisper brings (extra 'judges')")


def test_numbers_are_said_in_parts_without_and():
    for number in (0, 7, 20, 42, 90, 100, 305, 1000, 2719, 9999):
        assert " ".join(map(people.word, people.number_parts(number))) == number_words(number).replace(" and ", " ")


def test_every_kind_has_words():
    generator = random.Random(1)
    for kind in ("digits", "number", "date", "letters"):
        for _ in range(50):
            assert all(people.word(name) for name in people.draw(kind, generator))
    with pytest.raises(ValueError, match="kind is 'song'"):
        people.draw("song", generator)


def test_recordings_of_both_bands_are_written(installed, tmp_path):
    lines = people.build(tmp_path, 2, 1)
    assert len(lines) == 16 and {line["band"] for line in lines} == {"wide", "narrow"}
    for line in lines:
        audio, rate = soundfile.read(tmp_path / line["audio"])
        assert rate == 16_000 and 0.15 * len(line["text"].split()) < len(audio) / rate < 1.2 * len(line["text"].split()) + 0.5


def test_the_words_are_those_of_debians_transcripts(installed):
    texts = people.transcripts()
    for name in ("digits/day-3", "digits/mon-11", "digits/17", "digits/hundred"):
        assert people.word(name) in texts[name].lower()
