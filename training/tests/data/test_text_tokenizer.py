import pytest
from transformers import PreTrainedTokenizerFast

from antiphon.data import dialogues, instructions, paths, prompt, robustness, text_tokenizer
from antiphon.data.domain import load_domain


@pytest.fixture(scope="module")
def rows():
    return dialogues.build("train", 600, seed=5)


@pytest.fixture(scope="module")
def tokenizer(rows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    text_tokenizer.save(text_tokenizer.train(text_tokenizer.texts(rows), 2200, load_domain().signatures), folder)
    return PreTrainedTokenizerFast.from_pretrained(folder)


def test_round_trip(tokenizer, rows):
    for dialogue in rows[:100]:
        for turn in dialogue["turns"]:
            assert tokenizer.decode(tokenizer.encode(turn["assistant"])) == turn["assistant"]


def test_special_tokens_and_signatures_are_one_id_each(tokenizer):
    for text in prompt.SPECIAL_TOKENS + load_domain().signatures:
        assert len(tokenizer.encode(text)) == 1
    assert tokenizer.pad_token == prompt.PAD and tokenizer.eos_token == prompt.IM_END


def test_words_of_the_domain_are_one_id_each(tokenizer):
    words = dialogues.vocabulary(load_domain())
    split = [word for word in words if len(tokenizer.encode(" " + word)) > 1]
    assert split == ["o'clock"]


def test_an_unknown_signature_is_still_encoded(tokenizer):
    text = '{"name": "open_door", "parameters": {"door": "string"}}'
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_the_system_message_is_short(tokenizer):
    assert len(tokenizer.encode(prompt.system(prompt.SPEECH))) < 60


def test_what_training_brings_besides_dialogues_makes_its_texts_shorter(rows, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "DIALOGUES", tmp_path)
    assert text_tokenizer.further_texts() == []
    robust = robustness.build("train", 300, 1)
    dialogues.write(tmp_path / "robust_train.jsonl", robust)
    dialogues.write(tmp_path / "instructions_train.jsonl", instructions.build("train", 60, 1, 1)[0])
    further = text_tokenizer.further_texts()
    assert {signature for row in robust for signature in row["signatures"] or ()} <= set(further)
    texts, signatures = text_tokenizer.texts(rows), load_domain().signatures
    before, after = (text_tokenizer.train(learnt, 2200, signatures) for learnt in (texts, texts + further))
    count = lambda tokenizer: sum(len(row.ids) for row in tokenizer.encode_batch(further))
    assert count(after) < 0.95 * count(before)
