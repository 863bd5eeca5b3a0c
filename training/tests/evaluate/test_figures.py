"""Figures with their counts, agreement of two results, and faults of spoken answers."""
from pathlib import Path

import numpy as np
import pytest

from antiphon.data.dialogues import REFUSAL
from antiphon.evaluate import agreement, figures, spoken, text_questions
from antiphon.evaluate.manifest import Conversation, Turn
from antiphon.evaluate.results import Answer, Outcome

CALL = {"name": "get_balance", "arguments": {"account": "joint account"}}


def answer(text, calls=(), tokens=0, finish="STOP", ids=None):
    return Answer(text, finish, tuple(calls), tokens, tokens * 960, 0, ids)


def outcome(answers, intent="capital", reference="tell me", transcript="tell me", expected="Paris.", call=None, identifier="a",
            kind="questions", number=0, turns=1, voice="flite:rms", held_out=True):
    turn = Turn(Path("x.wav"), intent, reference, expected, call, "ten" if call else None)
    return Outcome(Conversation(identifier, kind, voice, held_out, (turn,) * turns), number, transcript, tuple(answers))


def test_questions_calls_and_random_words_are_kept_apart():
    rows = [outcome([answer("paris")]), outcome([answer("Rome.")], transcript="tell you"),
            outcome([answer("", [CALL]), answer("Ten.")], "balance", expected="Ten.", call=CALL),
            outcome([answer("", [{**CALL, "name": "connect"}]), answer("Ten.")], "balance", expected="Ten.", call=CALL),
            outcome([answer(REFUSAL)], "random", "a b", "a c", REFUSAL)]
    made = figures.summary(rows)["questions"]
    whole = made["all"]
    assert whole["answers_exact"] == {"right": 1, "of": 2, "share": 0.5}
    assert whole["calls_exact"]["right"] == 1 and whole["answers_after_tool_exact"]["right"] == 2
    assert whole["answers_after_right_call_exact"] == {"right": 1, "of": 1, "share": 1.0}
    assert whole["wer"] == {"errors": 1, "words": 8, "rate": 0.125} and whole["wer_random"]["rate"] == 0.5
    assert whole["random_refused"]["right"] == 1 and whole["wrongly_refused"]["right"] == 0
    assert set(made) == {"all", "held-out voices", "voice flite rms", "intent capital", "intent balance", "intent random"}
    assert "calls_exact" not in made["intent capital"]


def test_a_call_where_none_is_expected_is_wrong():
    assert not figures.turn_right(outcome([answer("", [CALL]), answer("Paris.")]))
    assert not figures.call_right(outcome([answer("", [CALL, CALL])], call=CALL))


def test_voices_are_named_by_engine_and_held_out_variant():
    assert figures.voice_name("espeak:gmw/en-GB-x-rp+Annie", True) == "espeak Annie"
    assert figures.voice_name("espeak:gmw/en+m3", False) == "espeak"
    assert figures.voice_name("flite:slt*1.1", False) == "flite slt"


def test_later_turns_count_by_place_and_kind():
    rows = [outcome([answer("Paris.")], kind="turns", turns=3),
            outcome([answer("Rome.")], "capital_follow_up", kind="turns", turns=3, number=1),
            outcome([answer("Paris.")], "repeat", kind="turns", turns=3, number=2)]
    whole = figures.summary(rows)["turns"]["all"]
    assert [whole[f"turn_{n}_exact"]["right"] for n in (1, 2, 3)] == [1, 0, 1]
    assert whole["later_exact"]["share"] == 0.5 and whole["later_exact_after_right_turns"]["of"] == 1
    assert whole["follow-up_exact"]["right"] == 0 and whole["repeat_exact"]["right"] == 1


@pytest.mark.parametrize("full, narrow", [("questions", "telephone"), ("natural", "natural-telephone")])
def test_the_telephone_band_stands_beside_the_full_band(full, narrow):
    rows = [outcome([answer("Paris.")], kind=full),
            outcome([answer("Paris.")], kind=narrow, identifier="telephone-a", transcript="sell me")]
    whole = figures.summary(rows)[narrow]["all"]
    assert whole["wer"]["errors"] == 1 and whole["wer_full_band"]["errors"] == 0


def test_hesitant_callers_and_long_conversations_have_their_own_figures():
    rows = [outcome([answer("Paris.")], kind="hesitant")]
    rows += [outcome([answer("Paris." if n % 2 else "Rome.")], kind="long", turns=6, number=n) for n in range(6)]
    made = figures.summary(rows)
    assert made["hesitant"]["all"]["answers_exact"]["right"] == 1
    assert made["long"]["all"]["fourth_and_later_exact"] == {"right": 2, "of": 3, "share": 0.6667}


def test_results_are_compared_turn_by_turn():
    ours, theirs = [outcome([answer("Paris.", tokens=3)])], [outcome([answer("Rome.", tokens=3)])]
    made = agreement.agreement(ours, theirs)
    assert made["texts"]["right"] == 0 and made["speech_tokens"]["right"] == made["transcripts"]["right"] == made["calls"]["right"] == 1
    assert made["differing"] == [{"id": "a", "turn": 0, "what": ["texts"], "texts": ["Paris.", "Rome."]}]
    assert "questions wer" in agreement.table(["ours"], [figures.summary(ours)])
    assert agreement.show({"right": 1, "of": 3, "share": 0.3333}) == "33.3 % (1 of 3)"


@pytest.mark.parametrize("changes, level, found", [
    ({}, 0.1, []), ({"finish": "LENGTH"}, 0.1, ["endless"]), ({"tokens": 200}, 0.1, ["endless"]),
    ({"tokens": 5}, 0.1, ["short"]), ({}, 0.0001, ["silent"]), ({"ids": (1, 2, 3) * 8}, 0.1, ["stuck"])])
def test_faults_of_a_spoken_answer(changes, level, found):
    text = "The capital of France is Paris."
    one = answer(text, **{"tokens": round(spoken.expected_tokens(text)), **changes})
    assert spoken.faults(spoken.Spoken(outcome([one]), one, np.full(24_000, level, np.float32))) == found


def test_text_questions_count_what_m0_had_right():
    turns = lambda text: [{"assistant": text}]
    made = text_questions.figures([turns("a"), turns("b"), turns("c"), turns("<tool_call> x")], ["a", "b", "x", "y"], ["a", "x", "c", "y"])
    assert made["all"]["kept"] == {"right": 1, "of": 2, "share": 0.5} and made["all"]["exact"]["right"] == 2
    assert made["calls"]["m0_exact"] == {"right": 0, "of": 1, "share": 0.0}
