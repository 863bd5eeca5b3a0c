"""Conversations as people and tools hold them: the value that was sent is the one that is said, nothing is called that is not offered."""
import json
import random
import re

from antiphon.data import forms
from antiphon.data.dialogues import is_tool_call
from antiphon.data.domain import load_domain
from antiphon.data.robustness import KINDS, RobustnessBuilder, build, money, spoken_answers

DOMAIN = load_domain()


def test_all_kinds_come_and_follow_from_the_seed():
    rows = build("train", 200, 1)
    assert {row["kind"] for row in rows} == set(KINDS) and rows == build("train", 200, 1) and rows != build("train", 200, 2)
    assert {row["kind"] for row in build("test", 200, 1)} == set(KINDS) - {"choice"}


def test_the_right_option_is_true_of_what_was_written():
    builder, letters = RobustnessBuilder(DOMAIN, "train", 1), set()
    for _ in range(300):
        row = builder.conversation("choice")
        turn, options = row["turns"][0], row["instructions"].split("\n")[1:]
        right = turn["assistant"].split(")")[1]
        letters.add(turn["assistant"][1])
        assert len(set(options)) == 4 and options.count(turn["assistant"]) == 1
        if "word" in row["instructions"].split("?")[0]:
            assert right in turn["user"] and not any(option.split(")")[1] in turn["user"] for option in options if option != turn["assistant"])
    assert letters == set("ABCD")


def test_the_amount_of_the_answer_stands_in_the_result():
    builder = RobustnessBuilder(DOMAIN, "test", 1)
    for _ in range(300):
        asked, told = builder.conversation("value")["turns"]
        assert is_tool_call(asked["assistant"])
        if asked["intent"] == "due_date":
            day = re.search(r"due on (\w+)\.", told["assistant"]).group(1)
            assert day[:3].lower() in told["tool_result"].lower()
            continue
        said = re.search(r"(?:holds|was) (.*?)(?: to (\w+))?\.$", told["assistant"])
        digits = re.sub(r"\s+|,", "", forms.with_digits(said.group(1).replace("pounds", "").replace("pound", "").replace(" pence", "").replace(" and ", " , ")))
        sent = told["tool_result"].replace(",", "")
        assert said.group(1) in told["tool_result"] or digits[:1] in sent
        if asked["intent"] == "last_payment":
            assert said.group(2) in told["tool_result"]


def test_nothing_found_is_admitted():
    builder = RobustnessBuilder(DOMAIN, "train", 1)
    assert {builder.conversation("nothing")["turns"][1]["assistant"] for _ in range(30)} == {forms.NOT_FOUND}


def test_no_call_is_made_that_is_not_offered_and_no_result_comes_without_a_call():
    for split in ("train", "test"):
        builder, refused = RobustnessBuilder(DOMAIN, split, 1), 0
        for _ in range(300):
            row = builder.conversation("offered")
            names, before = {json.loads(signature)["name"] for signature in row["signatures"]}, ""
            for turn in row["turns"]:
                if is_tool_call(turn["assistant"]):
                    assert json.loads(turn["assistant"].split("\n")[1])["name"] in names
                assert turn["user"] is not None or is_tool_call(before)
                refused += turn["assistant"] == forms.CANNOT
                before = turn["assistant"]
        assert refused > 30


def test_amounts_of_all_sizes():
    generator = random.Random(1)
    drawn = [money(generator) for _ in range(400)]
    assert {len(str(m.pounds)) for m in drawn} == {1, 2, 3, 4} and 0.2 < sum(m.pence > 0 for m in drawn) / 400 < 0.5


def test_the_voice_speaks_first_that_nothing_was_found():
    texts = spoken_answers(build("train", 200, 1), 60)
    assert texts[:2] == [forms.CANNOT, forms.NOT_FOUND] and len(texts) == len(set(texts)) == 60 and not any(map(is_tool_call, texts))
