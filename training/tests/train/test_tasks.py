"""Samples of robustness: system messages of their own, silence without an answer."""
import numpy as np
import pytest

from antiphon.data import dialogues, prompt, robustness, text_tokenizer
from antiphon.data.domain import load_domain
from antiphon.train.audio import Features
from antiphon.train.sequences import IGNORE, Sequences, Vocabulary
from antiphon.train.tasks import Heard, Quiet, Robust


@pytest.fixture(scope="module")
def sequences(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    texts = text_tokenizer.texts(dialogues.build("train", 60, 1))
    text_tokenizer.save(text_tokenizer.train(texts, 2200, load_domain().signatures), folder)
    return Sequences(Vocabulary(folder))


def test_robust_conversations_stand_under_the_tools_they_were_offered(sequences):
    rows = robustness.build("train", 150, 1)
    seen = set()
    for sample in Robust(sequences, rows).batch(60, np.random.default_rng(0)):
        seen.add(bool(sample.system))
        if sample.system:
            text = sequences.v.tokenizer.decode(list(sample.system), skip_special_tokens=False)
            assert "generate text tokens" in text
    assert seen == {True, False}


def test_nobody_spoke_and_nothing_is_said(sequences):
    quiet, g = Quiet(sequences, Features()), np.random.default_rng(0)
    modes = set()
    for _ in range(12):
        recording, (written, answer) = quiet.heard(g)
        assert recording.text == "" and recording.groups > 0 and written.mode == prompt.TRANSCRIBE
        for sample in (written, answer):
            assert [t for t in sample.targets if t != IGNORE] == [sequences.v.special.end] and sample.targets[-1] == sequences.v.special.end
        modes.add(answer.mode)
    assert modes == {prompt.SPEECH, prompt.TEXT}


def test_a_recordings_turns_are_answered_under_another_offer():
    g, seen = np.random.default_rng(0), set()
    builder = dialogues.DialogueBuilder(load_domain(), "train", 3)
    for _ in range(100):
        part = builder.question("balance")
        signatures, kept, recordings = Heard._offered(part, ["first", None], g)
        assert [turn["user"] is None for turn in kept] == [recording is None for recording in recordings]
        seen.add((bool(signatures), len(kept)))
    assert {(True, 1), (True, 2), (False, 1)} <= seen
