import json

import pytest

from antiphon.data import dialogues, outside
from antiphon.data.domain import load_domain


@pytest.fixture(scope="module")
def splits():
    return {split: dialogues.build(split, 400, seed=3) for split in ("train", "test")}


def test_the_same_seed_gives_the_same_dialogues(splits):
    assert dialogues.build("train", 50, seed=3) == splits["train"][:50]


def test_every_tool_call_is_followed_by_its_result(splits):
    tools = load_domain().tools
    calls = 0
    for dialogue in splits["train"] + splits["test"]:
        turns = dialogue["turns"]
        for turn, following in zip(turns, turns[1:] + [None]):
            assert (turn["user"] is None) != (turn["tool_result"] is None)
            if dialogues.is_tool_call(turn["assistant"]):
                call = json.loads(turn["assistant"].split("\n")[1])
                assert set(call["arguments"]) == set(tools[call["name"]])
                assert following["tool_result"]
                calls += 1
    assert calls > 100


def test_the_splits_share_no_held_out_question(splits):
    asked = {split: {turn["user"] for dialogue in rows for turn in dialogue["turns"] if turn["intent"] in ("add", "transfer", "capital")}
             for split, rows in splits.items()}
    assert len(asked["train"]) > 50 and len(asked["test"]) > 50
    assert not asked["train"] & asked["test"] - {None}


def test_a_repetition_gives_the_previous_answer(splits):
    repeats = 0
    for dialogue in splits["train"]:
        for before, turn in zip(dialogue["turns"], dialogue["turns"][1:]):
            if turn["intent"] == "repeat":
                assert turn["assistant"] == before["assistant"]
                repeats += 1
    assert repeats > 10


def test_random_words_are_refused(splits):
    turns = [turn for dialogue in splits["train"] for turn in dialogue["turns"] if turn["intent"] == dialogues.RANDOM]
    assert 0.1 < len(turns) / 400 < 0.3
    for turn in turns:
        assert turn["assistant"] == dialogues.REFUSAL
        assert 2 <= len(turn["user"].split()) <= 8


def test_strings_are_random_words_and_no_two_alike():
    rows = dialogues.strings("train", 500, 3)
    users = [turn["user"] for row in rows for turn in row["turns"]]
    assert len({row["id"] for row in rows}) == len(set(users)) == len(users) == 500
    assert {row["turns"][0]["intent"] for row in rows} == {dialogues.RANDOM}
    again = dialogues.strings("train", 500, 3, kept_out=set(users[:100]))
    assert [row["turns"][0]["user"] for row in again][:400] == users[100:]


def test_sentences_of_other_domains_are_refused_and_none_of_them_is_for_evaluation(splits):
    turns = [turn for dialogue in splits["train"] for turn in dialogue["turns"] if turn["intent"] == dialogues.OUTSIDE]
    assert 0.03 < len(turns) / 400 < 0.15
    for turn in turns:
        assert turn["assistant"] == dialogues.REFUSAL
        assert turn["user"] not in outside.SENTENCES
        assert "{" not in turn["user"]


def test_further_dialogues_keep_to_the_answers_that_are_there(splits):
    answers = [text for text, _ in dialogues.spoken_answers(splits["train"])]
    more = dialogues.build("train", 50, seed=9, answer_limit=len(answers), answers=answers, first=400)
    assert more[0]["id"] == "train-00400"
    assert {text for text, _ in dialogues.spoken_answers(more)} <= set(answers)


def test_the_answer_limit_holds():
    rows = dialogues.build("train", 300, seed=4, answer_limit=100)
    assert len(dialogues.spoken_answers(rows)) <= 100


def test_spoken_answers_come_most_frequent_first(splits):
    counts = [count for _, count in dialogues.spoken_answers(splits["train"])]
    assert counts == sorted(counts, reverse=True)
    assert not any(dialogues.is_tool_call(text) for text, _ in dialogues.spoken_answers(splits["train"]))
