"""Figures of robustness count what an untrained and a prepared model do."""
import json

import numpy as np
import pytest
import torch

from antiphon.data import dialogues, robustness, text_tokenizer
from antiphon.data.domain import load_domain
from antiphon.evaluate import robustness as figures
from antiphon.model import DialogueModel
from antiphon.model.configuration import toy
from antiphon.train.audio import Corpus
from antiphon.train.preferences import Answer
from antiphon.train.sequences import Sequences, Vocabulary


@pytest.fixture(scope="module")
def sequences(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    texts = text_tokenizer.texts(dialogues.build("train", 60, 1))
    text_tokenizer.save(text_tokenizer.train(texts, 2200, load_domain().signatures), folder)
    return Sequences(Vocabulary(folder))


@pytest.fixture(scope="module")
def model(sequences):
    torch.manual_seed(0)
    return DialogueModel(toy(sequences.v.special, sequences.v.size)).eval()


def test_right_answers_and_calls_that_were_not_offered_are_counted(sequences, monkeypatch):
    rows = robustness.build("test", 60, 1)
    wanted = iter([])

    def right(model, sequences, prompts, count, temperature, seed):
        return [[Answer(next(wanted))] for _ in prompts]

    monkeypatch.setattr(figures, "sampled", right)
    places = sorted(((row, n) for row in rows for n in range(len(row["turns"]))),
                    key=lambda place: len(str(place[0]["signatures"])) + len(str(place[0]["turns"][: place[1] + 1])))
    wanted = iter([row["turns"][n]["assistant"] for row, n in places])
    result = figures.written(None, sequences, rows)
    assert all(right == count for right, count in result["exact"].values()) and result["calls_not_offered"][0] == 0
    call = '<tool_call>\n{"name": "no_such_tool", "arguments": {}}\n</tool_call>'
    wanted = iter([call] * len(places))
    result = figures.written(None, sequences, rows)
    assert all(right == 0 for right, _ in result["exact"].values())
    assert result["calls_not_offered"][0] == result["calls_not_offered"][1] == sum(len(row["turns"]) for row in rows if row["signatures"] is not None)


def test_sounds_are_heard_to_the_end(sequences, model):
    result = figures.quiet(model, sequences.v, 6, 1, [])
    assert result["answered"][1] == 6 and sum(count for _, count in result["answered_by_kind"].values()) == 6


def test_options_are_counted_by_task(sequences, model, tmp_path):
    np.zeros(32_000, np.int16).tofile(tmp_path / "understanding_test.pcm")
    lines = [{"task": task, "question": "How loud?\n(A)soft", "answer": "(A)soft", "keep": [], "voice": "v",
              "segments": [{"offset": 0, "samples": 16_000, "text": "", "phones": None}]} for task in ("level", "level", "mood")]
    (tmp_path / "understanding_test.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = figures.understanding(model, sequences, Corpus(tmp_path, ["understanding_test"]))
    assert {task: count for task, (_, count) in result.items()} == {"level": 2, "mood": 1}
