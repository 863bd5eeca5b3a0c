"""The held-out sets: reproducible, several turns as the caller says them, the telephone band, strangers' sentences."""
import itertools

import numpy as np

from antiphon.data import dialogues, evaluation_set, outside, voices
from antiphon.data.domain import load_domain


def test_dialogues_become_the_callers_turns():
    rows = dialogues.build("test", 60, 1)
    for dialogue in rows:
        spoken = evaluation_set.exchanges(dialogue["turns"])
        assert [t["reference"] for t in spoken] == [t["user"] for t in dialogue["turns"] if t["user"] is not None]
        assert all(("call" in t) == ("result" in t) and "<tool_call>" not in t["expected"] for t in spoken)
        assert spoken[-1]["expected"] == dialogue["turns"][-1]["assistant"]
    assert any("call" in t for d in rows for t in evaluation_set.exchanges(d["turns"]))


def test_conversations_have_two_and_three_turns():
    for number, (row, waves) in enumerate(evaluation_set.conversations(2, 3)):
        assert len(row["turns"]) == len(row["audio"]) == len(row["result"]) == len(waves) == 2 + number
        intents = [turn["intent"] for turn in row["turns"]]
        assert "random" not in intents and any(i.endswith(evaluation_set.DEPENDENT[number]) for i in intents[1:])


def test_the_telephone_band_leaves_random_words_out():
    questions = list(evaluation_set.recordings(12, 3))
    assert [row for row, _ in questions] == [row for row, _ in evaluation_set.recordings(12, 3)]
    narrow = list(evaluation_set.through_the_telephone(questions))
    assert [r["id"] for r, _ in narrow] == [f"telephone-{r['id']}" for r, _ in questions if r["intent"] != "random"]
    assert all(r["set"] == "telephone" for r, _ in narrow)


def test_natural_callers_ask_in_the_full_band_and_by_telephone(monkeypatch):
    synthesiser = voices.Caller(voices.ESPEAK, "gmw/en", 150, 50, 50)  # Kokoro's packages are large, and its voices are drawn the same way
    monkeypatch.setattr(evaluation_set.voices, "held_out_natural_caller", lambda generator: synthesiser)
    spoken = list(evaluation_set.natural(6, 3))
    assert [row["id"] for row, _ in spoken] == [f"natural-{n:03d}" for n in range(6)]
    assert all(row["set"] == "natural" and row["held_out_voice"] and row["intent"] != dialogues.RANDOM for row, _ in spoken)
    narrow = list(evaluation_set.through_the_telephone(spoken, "natural-telephone"))
    assert [(row["id"], row["set"]) for row, _ in narrow] == [(f"telephone-natural-{n:03d}", "natural-telephone") for n in range(6)]


def test_hesitant_callers_ask_every_second_question_after_a_silence():
    questions = list(evaluation_set.recordings(12, 3))
    late = list(evaluation_set.hesitant(questions, 3))
    asked = [pair for pair in questions if pair[0]["intent"] != "random"][::2]
    assert [r["id"] for r, _ in late] == [f"hesitant-{r['id']}" for r, _ in asked]
    for (row, samples), (_, before) in zip(late, asked):
        quiet = len(samples) - len(before)
        assert row["set"] == "hesitant" and 4 * 16000 <= quiet <= 27 * 16000 and np.array_equal(samples[quiet:], before)
        assert np.abs(samples[:quiet]).max() < 200


def test_long_conversations_have_six_turns_and_more():
    (row, waves), = evaluation_set.long_conversations(1, 3)
    assert row["set"] == "long" and len(waves) == len(row["turns"]) == len(row["audio"]) >= 6
    assert "random" not in [turn["intent"] for turn in row["turns"]]


def test_strangers_say_what_the_domain_does_not_know():
    asked = {template for intent in load_domain().intents.values() for template in intent.ask}
    assert not asked & set(outside.SENTENCES) and len(set(outside.SENTENCES)) == len(outside.SENTENCES)
    row, _ = next(iter(itertools.islice(evaluation_set.strangers(3), 1)))
    assert row["set"] == "outside" and row["expected"] == dialogues.REFUSAL
