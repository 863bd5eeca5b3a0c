"""Pairs from samples, their file, the loss, and a toy that learns what is preferred, by DPO and by SFT."""
import argparse
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from antiphon.data import dialogues, prompt, text_tokenizer
from antiphon.data.domain import load_domain
from antiphon.model import DialogueModel, checkpoint
from antiphon.model.configuration import toy
from antiphon.model.generation import generate
from antiphon.train import preferences
from antiphon.train.preferences import Answer, Pair, Preferences, dpo_loss, log_probabilities, prefer, prompt_ids, read_pairs, write_pairs
from antiphon.train.sequences import Sequences, Vocabulary


@pytest.fixture(scope="module")
def sequences(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    texts = text_tokenizer.texts(dialogues.build("train", 60, 1))
    text_tokenizer.save(text_tokenizer.train(texts, 2200, load_domain().signatures), folder)
    return Sequences(Vocabulary(folder))


def model_for(sequences):
    torch.manual_seed(0)
    return DialogueModel(toy(sequences.v.special, sequences.v.size))


def turn(text):
    return {"intent": "greet", "user": text, "tool_result": None, "assistant": ""}


PAIRS = [Pair("typed", (turn("hello"),), Answer("Hello, how can I help you?"), Answer("You are welcome.")),
         Pair("offered", (turn("turn on the light"),), Answer("I am sorry, I cannot do that here."), Answer("It barks."), ()),
         Pair("voice", (turn("thank you"),), Answer("Goodbye.", tuple(range(20))), Answer("Goodbye.", tuple(range(100, 115))))]


def test_the_most_frequent_wrong_answer_stands_against_a_right_one():
    a, b, c = Answer("a"), Answer("b"), Answer("c")
    assert prefer([b, a, c, b], [0, 1, 0, 0], a) == (a, b)
    assert prefer([a, a], [1, 1], a) is None
    assert prefer([b, b, c], [0, 0, 0], a) == (a, b)
    assert prefer([b, c], [0.2, 0.9], None, least=0.5) == (c, b)


def test_pairs_are_read_as_they_were_written_and_from_the_topic(tmp_path):
    path = tmp_path / "pairs.jsonl"
    pairs = [*PAIRS, replace(PAIRS[0], instructions="please be brief.")]
    write_pairs(path, pairs)
    assert read_pairs(path) == pairs
    record = {"conversationId": "c", "turn": 1, "source": "PREFERRED_TEXT", "question": "hello", "chosen": {"text": "Hello.", "speechIds": []},
              "rejected": {"text": "Bye.", "speechIds": [6561] * 5 + list(range(12)) + [6562] * 5}}
    path.write_text(json.dumps(record) + "\n" + json.dumps(record | {"question": None}) + "\n")
    (pair,) = read_pairs(path)
    assert pair.set == "preferred_text" and pair.turns[0]["user"] == "hello" and pair.rejected.speech == tuple(range(10))
    path.write_text("".join(json.dumps(record | more) + "\n" for more in (
        {"instructions": "Be brief.", "truncations": [{"field": "rejected.speechIds", "omitted": 5}]}, {"instructions": None},
        {"tools": []}, {"tools": ['{"type": "function", "name": "ring", "parameters": {"type": "object", "properties": {"who": {"type": "string"}}}}']},
        *({"truncations": [{"field": field, "omitted": 5}]} for field in ("question", "instructions", "tools", "text")))))
    assert [pair.instructions for pair in read_pairs(path)] == ["Be brief.", None, None, None]
    assert [pair.signatures for pair in read_pairs(path)] == [None, None, (), ('{"name": "ring", "parameters": {"who": "string"}}',)]
    path.write_text('{"chosen": {"text": "a"}}\n')
    with pytest.raises(ValueError, match="line 1: expected 'turns'"):
        read_pairs(path)


def test_a_record_about_a_tools_result_is_answered_as_one(tmp_path):
    path = tmp_path / "records.jsonl"
    record = {"conversationId": "a", "source": "PREFERRED_TEXT", "question": "n / a", "chosen": {"text": "Nothing."}, "rejected": {"text": "Five."}}
    path.write_text("".join(json.dumps(record | {"questionType": kind, "question": question}) + "\n"
                            for kind, question in (("TOOL_RESULTS", "n / a"), ("WRITTEN", "n / a"), ("TOOL_RESULTS", ""), ("WRITTEN", ""))))
    assert [(turn["user"], turn["tool_result"]) for pair in read_pairs(path) for turn in pair.turns] == [(None, "n / a"), ("n / a", None), (None, "")]


def test_a_call_of_a_record_is_read_from_its_ids(tmp_path, sequences):
    path, call = tmp_path / "records.jsonl", '<tool_call>\n{"name": "ring", "arguments": {}}\n</tool_call>'
    record = {"conversationId": "a", "source": "PREFERRED_TEXT", "question": "ring anna", "chosen": {"text": "I cannot."},
              "rejected": {"text": "", "textIds": [*sequences.v.encode(call), sequences.v.special.end]}}
    path.write_text(json.dumps(record) + "\n")
    (pair,) = read_pairs(path, vocabulary=sequences.v)
    assert pair.rejected.text == call and pair.chosen.text == "I cannot."


def test_instructions_stand_behind_those_of_the_mode(sequences):
    def system(pair):
        samples = preferences.pair_samples(sequences, pair)
        assert samples[0].system == samples[1].system
        return samples[0].mode, sequences.v.tokenizer.decode(samples[0].system, skip_special_tokens=False)
    instructed = replace(PAIRS[0], instructions="please be brief.")
    assert system(instructed) == (prompt.TEXT, prompt.system(prompt.TEXT, None, f"{prompt.instructions(prompt.TEXT)} please be brief."))
    assert system(replace(instructed, signatures=()))[1].endswith("text tokens. please be brief.<|im_end|>\n")
    mode, spoken = system(replace(PAIRS[2], instructions="please be brief."))
    assert mode == prompt.SPEECH and spoken.startswith("<|im_start|>system\nYou are asked to generate both text and speech tokens at the same time. please")
    assert system(PAIRS[0])[1] == ""


def test_the_loss_is_that_of_the_paper():
    chosen, rejected, zero = torch.tensor([-1.0, -2.0]), torch.tensor([-3.0, -1.0]), torch.zeros(2)
    expected = np.mean([-np.log(1 / (1 + np.exp(-0.5 * 2))), -np.log(1 / (1 + np.exp(0.5 * 1)))])
    assert dpo_loss(chosen, rejected, zero, zero, 0.5).item() == pytest.approx(expected, rel=1e-5)
    assert dpo_loss(chosen, rejected, chosen, rejected, 0.5).item() == pytest.approx(np.log(2), rel=1e-5)


def test_log_probabilities_are_means_over_ids(sequences):
    model = model_for(sequences).eval()
    sample = preferences.pair_samples(sequences, PAIRS[0])[0]
    with torch.no_grad():
        value = log_probabilities(model, [sample], sequences.v.prefix(prompt.TEXT), torch.ones(1), torch.float32)
        ids = torch.tensor([sequences.v.prefix(prompt.TEXT) + sample.ids])
        rows = torch.log_softmax(model.language_model.logits(model.llm(model.embed(ids))[0]), -1)[0, -len(sample.ids):]
    wanted = [rows[place, target].item() for place, target in enumerate(sample.targets) if target >= 0]
    assert value.item() == pytest.approx(np.mean(wanted), rel=1e-3)


def test_the_text_of_equal_words_prefers_nothing(sequences):
    model = model_for(sequences)
    voice = Preferences(model, sequences, [PAIRS[2]])
    (samples,) = [samples for _, samples in voice.batches[0]]
    assert all(sample.speech is not None for sample in samples)
    model.zero_grad()
    voice.scores(model, 0)[0].sum().backward()
    assert model.audio_invert_tower.pre_matching.weight.grad.abs().sum() > 0


@pytest.mark.parametrize("method", ["dpo", "sft"])
def test_a_toy_learns_what_is_preferred(sequences, tmp_path, method):
    start, out = tmp_path / "start", tmp_path / "out"
    checkpoint.save(model_for(sequences), start, sequences.v.directory)
    write_pairs(tmp_path / "pairs.jsonl", PAIRS * 4)
    guard = tmp_path / "guard.jsonl"
    guard.write_text(json.dumps({"turns": [turn("hello") | {"assistant": "Hello, how can I help you?"}]}) + "\n")
    options = argparse.Namespace(pairs=tmp_path / "pairs.jsonl", start=start, method=method, beta=1.0, cross_entropy=0.3, minutes=5, steps=40, batch=4,
                                 muon=2e-3, adam=1e-3, still=["continuous_audio_tower"], guards=[guard], guard_count=5, fresh=False, out=out,
                                 tokenizer=sequences.v.directory, seed=1, rehearse=[], rehearsed=2, rehearsal_weight=1.0)
    figures = preferences.train(options)
    assert figures["steps"] == 40 and figures["before"]["exact"]["dialogue"][1] == 1
    before, after = (np.mean([row["margin"] for row in figures[side]["margins"].values()]) for side in ("before", "after"))
    assert after > before + 0.1
    assert json.loads((out / "figures.json").read_text())["method"] == method
    assert (out / "model.safetensors").exists()


def test_what_is_rehearsed_is_not_forgotten(sequences, tmp_path):
    start = tmp_path / "start"
    checkpoint.save(model_for(sequences), start, sequences.v.directory)
    sorry = [replace(PAIRS[0], turns=(turn(question),), chosen=Answer("I am sorry.")) for question in ("hello", "lights on", "who are you", "what day is it")]
    write_pairs(tmp_path / "pairs.jsonl", sorry)
    kept = [{"turns": [turn(question) | {"assistant": answer}]} for question, answer in (("good evening", "Hello."), ("switch it off", "The lamp is off."))]
    known = tmp_path / "known.jsonl"
    known.write_text("".join(json.dumps(row) + "\n" for row in kept))

    def exact(rehearse):
        options = argparse.Namespace(pairs=tmp_path / "pairs.jsonl", start=start, method="dpo", beta=1.0, cross_entropy=0.3, minutes=5, steps=250, batch=4,
                                     muon=2e-3, adam=1e-3, still=["continuous_audio_tower"], guards=[known], guard_count=5, fresh=True, out=tmp_path / "out",
                                     tokenizer=sequences.v.directory, seed=1, rehearse=rehearse, rehearsed=4, rehearsal_weight=1.0)
        return preferences.train(options)["after"]["exact"]["dialogue"]

    assert exact([]) == [0, 2]
    assert exact([known]) == [2, 2]


def test_pairs_come_from_the_models_own_answers(sequences):
    rows = [{"kind": "typed", "signatures": None, "turns": [turn("hello") | {"assistant": "Hello, how can I help you?"}]},
            {"kind": "offered", "signatures": [], "instructions": "Whisper.", "turns": [turn("lights on") | {"assistant": "I am sorry, I cannot do that here."}]}]
    made = preferences.make_pairs(model_for(sequences).eval(), sequences, rows, 2, 1.0, 1)
    assert {pair.set for pair in made} == {"typed", "offered"}
    for pair in made:  # an untrained model is never right
        assert pair.chosen.text in ("Hello, how can I help you?", "I am sorry, I cannot do that here.") and pair.rejected.text != pair.chosen.text
        assert pair.instructions == ("Whisper." if pair.set == "offered" else None)


def test_drawn_answers_follow_from_the_seed_and_differ_from_greedy_ones(sequences):
    model = model_for(sequences).eval()
    ids = [torch.tensor(prompt_ids(sequences, [turn("hello")], None, prompt.TEXT))]
    def drawn(seed):
        return generate(model, ids, speech=False, limit=12, temperature=1.0, generator=torch.Generator().manual_seed(seed))[0].text
    assert drawn(1) == drawn(1) != drawn(2)
    assert generate(model, ids, speech=False, limit=12)[0].text == generate(model, ids, speech=False, limit=12, temperature=0.0)[0].text
