import random

import pytest

from antiphon.data.domain import DOMAIN_FILE, load_domain
from antiphon.data.numbers import number_words


@pytest.mark.parametrize("number, words", [(0, "zero"), (19, "nineteen"), (40, "forty"), (85, "eighty five"),
                                           (100, "one hundred"), (142, "one hundred and forty two"), (1000, "one thousand"),
                                           (2350, "two thousand three hundred and fifty")])
def test_speaks_numbers(number, words):
    assert number_words(number) == words


def test_refuses_a_number_that_it_cannot_speak():
    with pytest.raises(ValueError, match="-1"):
        number_words(-1)


def _values(intent, **spoken):
    domain = load_domain()
    variables = domain.variables(domain.intents[intent])
    return {name: next(value for value in domain.slots[variables[name]] if value.spoken == words)
            for name, words in spoken.items()}


@pytest.mark.parametrize("intent, values, question, answer", [
    ("capital", {"country": "mexico"}, "what is the capital of mexico", "The capital of Mexico is Mexico City."),
    ("add", {"a": "ninety nine", "b": "two"}, "what is ninety nine plus two", "Ninety nine plus two is one hundred and one."),
    ("day_after", {"day": "sunday"}, "what day comes after sunday", "Monday comes after Sunday."),
    ("month_after", {"month": "december"}, "what month comes after december", "January comes after December."),
    ("month_days", {"month": "june"}, "how many days are in june", "June has thirty days."),
    ("hours", {"day": "saturday"}, "what are your opening hours on saturday", "On Saturday we are open from ten to four."),
    ("hours", {"day": "friday"}, "what are your opening hours on friday", "On Friday we are open from nine to five."),
    ("outage", {"street": "oak street"}, "there is no power in oak street",
     "I am sorry about that. A team is on its way to Oak Street."),
    ("alarm", {"hour": "six o'clock"}, "wake me at six o'clock", "Your alarm is set for six o'clock."),
])
def test_fills_templates(intent, values, question, answer):
    domain, row = load_domain(), load_domain().intents[intent]
    filled = _values(intent, **values)
    assert domain.spoken(row.ask[0], filled) == question
    assert domain.printed(row.answer, filled) == answer


def test_writes_a_tool_call():
    domain = load_domain()
    text = domain.tool_call(domain.intents["switch_off"], _values("switch_off", device="lamp", room="living room"))
    assert text == ('<tool_call>\n{"name": "switch_device", "arguments": {"device": "lamp", "room": "living room", '
                    '"state": "off"}}\n</tool_call>')


def test_conditions_hold_in_what_is_sampled():
    domain, generator = load_domain(), random.Random(1)
    for _ in range(50):
        values = domain.sample(domain.intents["subtract"], generator)
        assert values["a"].number >= values["b"].number


def test_words_of_yaml_stay_words():
    transfer = load_domain().intents["transfer"]
    assert transfer.then[0].ask[0] == "yes" and transfer.then[1].ask[0] == "no"
    assert DOMAIN_FILE.exists()


def test_every_memorised_fact_keeps_a_wording_in_training():
    domain = load_domain()
    for name in ("capital", "multiply", "day_after", "opposite", "month_days", "appointment"):
        intent = domain.intents[name]
        held_out = 0
        for values in domain.enumerate(intent):
            split = [domain.held_out(intent, wording, values) for wording in range(len(intent.ask))]
            assert not all(split)
            held_out += any(split)
        assert held_out > 0


def test_large_intents_hold_out_combinations_in_every_wording():
    domain = load_domain()
    intent = domain.intents["transfer"]
    rows = [[domain.held_out(intent, wording, values) for wording in range(4)] for values in domain.enumerate(intent)]
    assert all(len(set(row)) == 1 for row in rows)
    assert 0.15 < sum(row[0] for row in rows) / len(rows) < 0.25
