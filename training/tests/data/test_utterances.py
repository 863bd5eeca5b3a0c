"""Utterances are written as transcripts are, of one to three sentences, without an answer."""
import re

from antiphon.data.dialogues import DialogueBuilder
from antiphon.data.domain import load_domain
from antiphon.data.utterances import LONGEST, build, spoken


def test_utterances_read_like_transcripts():
    rows = build("train", 300, 1)
    assert rows == build("train", 300, 1) and len({row["id"] for row in rows}) == 300
    for row in rows:
        (turn,) = row["turns"]
        assert re.fullmatch(r"[a-z' ]+", turn["user"]) and turn["assistant"] is None and len(turn["user"].split()) <= LONGEST
    assert max(len(row["turns"][0]["user"].split()) for row in rows) > 16
    assert spoken("You are booked for Monday at ten o'clock.") == "you are booked for monday at ten o'clock"


def test_single_utterances_are_an_agents():
    builder = DialogueBuilder(load_domain(), "test", 1)
    answers = {spoken(turn["assistant"]) for _ in range(3000) for turn in builder.dialogue()}
    rows = [row["turns"][0]["user"] for row in build("test", 200, 2)]
    assert sum(text in answers for text in rows) > 40
