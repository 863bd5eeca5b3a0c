"""Forms that people type and tools send: the same value, and nothing of the test split in training."""
import json
import random
import re

import pytest

from antiphon.data import drawn_forms, forms
from antiphon.data.domain import load_domain
from antiphon.data.dialogues import DialogueBuilder

DOMAIN = load_domain()


@pytest.mark.parametrize("spoken, written", [
    ("what is twenty three plus five", "what is 23 plus 5"), ("send anna two hundred and fifty pounds", "send anna 250 pounds"),
    ("the meter says four two zero seven one", "the meter says 42071"), ("wake me at ten o'clock", "wake me at 10 o'clock"),
    ("one thousand two hundred and thirty four", "1234"), ("nothing to count", "nothing to count")])
def test_number_words_become_digits(spoken, written):
    assert forms.with_digits(spoken) == written


def test_what_is_typed_is_still_the_same_question():
    generator, proper = random.Random(1), forms.proper_nouns(DOMAIN)
    spoken, seen = "what is the capital of france", set()
    for _ in range(300):
        text = forms.typed(spoken, proper, generator)
        seen.add(text)
        assert "capital of france" in re.sub(r"\s+", " ", text.lower())
    assert "What is the capital of France?" in seen and len(seen) > 40 and any(text.isupper() for text in (re.sub(r"\W", "", t) for t in seen))


def test_the_money_of_a_result_is_always_there():
    generator = random.Random(2)
    for split in ("train", "test"):
        for _ in range(400):
            money = forms.Money(generator.randint(0, 9_999), generator.choice((0, 0, generator.randint(1, 99))))
            result = forms.money_result(money, split, generator).replace(",", "")
            digits = re.search(rf"(?<![\d.]){re.escape(money.number)}(?!\d)", result)
            rounded = money.pence % 10 == 0 and re.search(rf"(?<![\d.]){money.pounds}\.{money.pence // 10}\b", result)
            assert digits or rounded or money.spoken in result, (money, result)
            assert split == "test" or not drawn_forms.kept_out(result)
    assert forms.Money(1).spoken == "one pound" and forms.Money(20, 5).spoken == "twenty pounds and five pence"
    with pytest.raises(ValueError, match="expected 0 to 9999"):
        forms.Money(10_000)


def test_training_sees_no_form_of_the_test():
    generator = random.Random(3)
    for made in (lambda split: forms.day_result("monday", split, generator), lambda split: forms.nothing(split, generator)):
        drawn = {split: {made(split) for _ in range(2_000)} for split in ("train", "test")}
        assert drawn["train"] and drawn["test"] and not {form for form in drawn["train"] & drawn["test"] if not re.fullmatch(r"\w+", form)}
    keys = {drawn_forms.key(stems, generator) for stems in (drawn_forms.AMOUNTS, drawn_forms.DAYS, drawn_forms.RECIPIENTS) for _ in range(3_000)}
    assert len(keys) > 4_000 and not keys & {*forms.KEYS, *forms.DAY_KEYS, *forms.RECIPIENT_KEYS, *(key for key, _ in forms.OTHER)}
    assert {drawn_forms.to_recipient(generator) for _ in range(500)}.isdisjoint(forms.TO)
    assert all(drawn_forms.kept_out(form) for form in (*forms.EMPTY, *forms.ERRORS, *(wrapper.format(12) for wrapper in forms.WRAPPERS)))


def test_hardly_a_form_of_training_comes_twice():
    generator = random.Random(5)
    amounts = {forms.money_result(forms.Money(7), "train", generator) for _ in range(2_000)}
    nothing = {drawn_forms.empty(generator) for _ in range(1_000)} | {drawn_forms.error(generator) for _ in range(1_000)}
    assert len(amounts) > 1_500 and len(nothing) > 1_000
    assert all("7" in result or "seven" in result for result in amounts)


def test_a_record_holds_its_value_whatever_stands_beside_it():
    generator = random.Random(6)
    for _ in range(2_000):
        name = drawn_forms.person(generator)
        result = drawn_forms.record("balance", 7312, (("to", name),), generator)
        assert "7312" in result and name in result and "balance" in result


def test_only_what_is_offered_is_called():
    generator = random.Random(4)
    kinds = set()
    for split in ("train", "test"):
        builder = DialogueBuilder(DOMAIN, split, 1)
        for _ in range(200):
            offered = forms.offer(DOMAIN, split, generator)
            names = {json.loads(signature)["name"] for signature in offered.signatures}
            kinds.add((bool(names), None in offered.names.values(), any(n not in (None, t) for t, n in offered.names.items())))
            turn = builder.question(generator.choice(("balance", "heating", "capital", "agent")))[0]
            answer = forms.offered_answer(turn["assistant"], offered)
            if "<tool_call>" in answer:
                assert json.loads(answer.split("\n")[1])["name"] in names
            elif "<tool_call>" in turn["assistant"]:
                assert answer == forms.CANNOT
            else:
                assert answer == turn["assistant"]
    assert {(False, True, False), (True, True, False), (True, False, True)} <= kinds


def test_every_tool_has_other_names_in_both_splits():
    generator = random.Random(7)
    kept_out = {name for names in forms.RENAMED.values() for name in names} | {tool["name"] for tool in forms.FOREIGN}
    assert set(forms.RENAMED) == set(drawn_forms.TOOL_WORDS) == set(DOMAIN.tools)
    for tool in DOMAIN.tools:
        drawn = {drawn_forms.tool_name(tool, generator) for _ in range(400)}
        assert len(drawn) > 60 and not drawn & kept_out
    assert not {drawn_forms.foreign_tool(generator)["name"] for _ in range(2_000)} & kept_out
    assert [set(DOMAIN.tools[tool]) for tool in drawn_forms.ALIKE] == [{"account"}] * 2


def test_no_two_tools_of_an_offer_have_one_name():
    generator = random.Random(8)
    for _ in range(500):
        offered = forms.offer(DOMAIN, "train", generator)
        names = [name for name in offered.names.values() if name]
        assert len(names) == len(set(names))
