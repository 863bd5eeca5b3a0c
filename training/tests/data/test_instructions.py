"""Instructions stay in force until they are changed; moods have their openings; every styled answer can be spoken."""
import numpy as np
import pytest

from antiphon.data import instructions, understanding
from antiphon.data.callers import in_tone
from antiphon.data.dialogues import is_tool_call
from antiphon.data.instructions import ACKNOWLEDGED, NORMAL, OPENINGS, TONES, WORDINGS, build, styled_answers
from antiphon.speech.styles import STYLES, combined, named


def wordings(split):
    return {words: style for style, by_split in WORDINGS.items() for words in by_split[split]}


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_style_is_in_force_until_it_is_changed(split):
    instructed, _ = build(split, 300, 1, 1)
    asked, styles = wordings(split), set()
    for row in instructed:
        style = "neutral"
        if row["instructions"]:
            words = row["instructions"][:1].lower() + row["instructions"][1:-1]
            style = "+".join(asked[part] for part in words.split(" and ") if part in asked)
            assert style
        for turn in row["turns"]:
            said = turn["user"] or ""
            found = [(said.find(words), style_) for words, style_ in asked.items() if said.startswith(words) or f" and {words}" in said]
            if found:
                style = "+".join(name for _, name in sorted(found))
            elif any(said.startswith(words) for words in NORMAL[split]):
                style = "neutral"
            assert turn["style"] == style, (said, turn["style"], style)
            assert turn["intent"] != "style" or turn["assistant"] == ACKNOWLEDGED
            styles.add(style)
    assert set(STYLES) <= styles and any("+" in style for style in styles)
    assert not set(wordings("train")) & set(wordings("test"))


def test_variants_are_the_same_conversations_in_other_words():
    instructed, _ = build("train", 200, 1, 1)
    others = instructions.reworded("train", 200, 1, 3)

    def without_words(rows):
        return [[(turn["intent"], turn["assistant"], turn["style"]) for turn in row["turns"]] for row in rows]

    assert without_words(instructed) == without_words(others) and others == instructions.reworded("train", 200, 1, 3)
    said = [row["instructions"].lower().rstrip(".") for row in others if row["instructions"]]
    assert len(set(said)) > 0.9 * len(said)
    heard = said + [turn["user"] for row in others for turn in row["turns"] if turn["user"]]
    kept_out = [*wordings("test"), *NORMAL["test"], instructions.KEPT_OUT]
    assert not [text for text in heard for words in kept_out if words in text]


def test_moods_open_and_sound_accordingly():
    _, moody = build("train", 1, 400, 1)
    assert {row["by"] for row in moody} == set(instructions.BY) and {row["mood"] for row in moody} == {*OPENINGS, "neutral"}
    for row in moody:
        assert row["tone"] in understanding.MOODS and (row["by"] != "conflict" or row["tone"] != row["mood"])
        for turn in row["turns"]:
            opening = OPENINGS.get(row["mood"])
            if not is_tool_call(turn["assistant"]) and opening:
                assert turn["assistant"].startswith(opening + " ")
            assert turn["style"] == TONES[row["mood"]]


def test_what_is_spoken_has_a_style_that_the_teacher_knows():
    rows = sum(build("test", 60, 60, 2), [])
    pairs = styled_answers(rows)
    assert len(pairs) == len(set(pairs)) > 60
    for text, style in pairs:
        assert not is_tool_call(text) and named(style).name == style
    both = combined("slower", "softer")
    assert (both.rate, both.level, both.name) == (0.72, -9.0, "slower+softer")
    with pytest.raises(KeyError):
        named("slower+green")


def test_a_tone_changes_pace_and_labels_alike():
    times = np.arange(16_000) / 16_000
    wave = np.round(3_000 * sum(np.sin(2 * np.pi * 150 * k * times) / k for k in range(1, 12))).astype(np.int16)
    samples, phones = in_tone(wave, [[0, "sil"], [500, "ah"]], "sad")
    rate = understanding.MOODS["sad"].rate
    assert len(samples) == pytest.approx(len(wave) / rate, rel=0.03) and phones == [[0, "sil"], [round(500 / rate), "ah"]]
    level = lambda x: 10 * np.log10(np.mean((x / 32768.0) ** 2))
    assert level(samples) < level(wave) - 2
