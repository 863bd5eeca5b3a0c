"""Samples of robustness: system messages of their own, silence without an answer."""
import json

import numpy as np
import pytest

from antiphon.data import dialogues, instructions, prompt, robustness, text_tokenizer
from antiphon.data.domain import load_domain
from antiphon.train import assistant
from antiphon.train.audio import Corpus, Features
from antiphon.train.sequences import IGNORE, Sequences, Vocabulary
from antiphon.train.tasks import Conversations, Heard, Jointly, Quiet, Understanding


@pytest.fixture(scope="module")
def sequences(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    texts = text_tokenizer.texts(dialogues.build("train", 60, 1))
    text_tokenizer.save(text_tokenizer.train(texts, 2200, load_domain().signatures), folder)
    return Sequences(Vocabulary(folder))


def test_robust_conversations_stand_under_the_tools_they_were_offered(sequences):
    rows = robustness.build("train", 150, 1)
    seen = set()
    for sample in Conversations(sequences, rows).batch(60, np.random.default_rng(0)):
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


def test_answers_are_spoken_in_the_style_that_is_in_force(sequences, tmp_path):
    instructed, _ = instructions.build("train", 80, 1, 1)
    pairs = instructions.styled_answers(instructed)
    by_style = {}
    for number, (text, style) in enumerate(pairs):
        by_style.setdefault(style, {})[text] = [number] * 50
    (tmp_path / "ids.json").write_text(json.dumps({"Hello.": [1] * 10}))
    (tmp_path / "ids.words.json").write_text(json.dumps({"Hello.": None}))
    (tmp_path / "styled.json").write_text(json.dumps(by_style))
    voice = assistant.read(tmp_path / "ids.json")
    samples = Jointly(sequences, instructed).batch(voice, 20, np.random.default_rng(0))
    assert len(samples) == 20 and {bool(sample.system) for sample in samples} == {True, False}
    for sample in samples:
        if sample.speech is None:  # a call
            continue
        text, style = pairs[sample.speech[2, 0]]
        assert sample.mode == prompt.SPEECH and len(sequences.v.encode(text)) < len(sample.speech) and sample.style == style
    assert sum(sample.speech is not None for sample in samples) > 10
    assert voice.ids("Hello.").tolist() == [1] * 10 and voice.ids("Hello.", "whisper") is None


def test_an_answer_hears_itself_in_another_style_as_long_as_in_its_own(sequences, tmp_path):
    instructed, _ = instructions.build("train", 40, 1, 1)
    pairs = instructions.styled_answers(instructed)
    by_style = {}
    for text, style in pairs:
        by_style.setdefault(style, {})[text] = [1] * 50
    for text, _ in pairs:
        by_style.setdefault("neutral", {})[text] = [2] * 40
    by_style.setdefault("angry", {})["Only so."] = [3] * 10
    (tmp_path / "ids.json").write_text(json.dumps({"Hello.": [1] * 10}))
    (tmp_path / "ids.words.json").write_text(json.dumps({"Hello.": None}))
    (tmp_path / "styled.json").write_text(json.dumps(by_style))
    voice, g = assistant.read(tmp_path / "ids.json"), np.random.default_rng(0)
    spoken = [s for s in Jointly(sequences, instructed, contrary=1.0).batch(voice, 40, g) if s.speech is not None]
    styled = [s for s in spoken if s.style != "neutral"]
    assert len(styled) > 10
    for sample in styled:
        assert sample.history.shape == sample.speech.shape and set(sample.speech[2:-1].ravel()) == {1} and set(sample.history[2:-1].ravel()) <= {1, 2}
        assert np.array_equal(sample.history[[0, 1, -1]], sample.speech[[0, 1, -1]])
    assert {2} in [set(sample.history[2:-1].ravel()) for sample in styled] and voice.in_another_style("Only so.", "angry", g) is None
    assert all(s.history is None for s in Jointly(sequences, instructed).batch(voice, 40, g))


def test_another_style_is_of_the_same_pace_where_there_is_one():
    spoken = [assistant.Spoken("Hello.", np.arange(10), None)]
    voice = assistant.Assistant(spoken)
    voice.styled = {("Hello.", "slower"): np.arange(100, 115), ("Hello.", "slower+whisper"): np.arange(200, 215), ("Hello.", "louder"): np.arange(300, 310)}
    g = np.random.default_rng(0)
    assert voice.in_another_style("Hello.", "slower", g).tolist() == list(range(200, 215))
    assert voice.in_another_style("Hello.", "louder", g).tolist() == list(range(10))
    assert voice.in_another_style("Hello.", "neutral", g).tolist() == list(range(300, 310))
    del voice.styled["Hello.", "slower+whisper"], voice._styles
    assert voice.in_another_style("Hello.", "slower", g)[[0, -1]].tolist() in ([0, 9], [300, 309])


def test_a_question_about_a_recording_stands_in_the_system_message(sequences, tmp_path):
    np.zeros(16_000, np.int16).tofile(tmp_path / "understanding_train.pcm")
    line = {"task": "level", "question": "How loud? Choose the correct option from the following options:\n(A)soft", "answer": "(A)soft",
            "keep": ["level"], "voice": "v", "segments": [{"offset": 0, "samples": 16_000, "text": "", "phones": None}]}
    (tmp_path / "understanding_train.jsonl").write_text(json.dumps(line) + "\n")
    asking = Understanding(sequences, Corpus(tmp_path, ["understanding_train"]), Features())
    recording, sample = asking.asked(np.random.default_rng(0))
    assert recording.groups == 5 and "How loud?" in sequences.v.tokenizer.decode(list(sample.system))
    assert sequences.v.decode([t for t in sample.targets if t != IGNORE]) == "(A)soft"


def test_utterances_that_nobody_answers_are_only_written_down(sequences, tmp_path):
    np.zeros(48_000, np.int16).tofile(tmp_path / "train_00.pcm")
    turns = {"a": {"intent": "greet", "user": "hello", "tool_result": None, "assistant": "Hello."},
             "u": {"intent": "utterance", "user": "it barks", "tool_result": None, "assistant": None}}
    (tmp_path / "train_00.jsonl").write_text("".join(json.dumps({"dialogue": name, "voice": "v", "segments": [
        {"offset": 0, "samples": 16_000, "text": turn["user"], "phones": None}]}) + "\n" for name, turn in turns.items()))
    heard = Heard(sequences, Corpus(tmp_path, ["train_00"]), {name: {"turns": [turn]} for name, turn in turns.items()}, Features(),
                  utterances=0.5)
    g = np.random.default_rng(0)
    assert {heard.written_down(g)[0][0].text for _ in range(40)} == {"hello", "it barks"}
    assert {heard.answered(g)[3] for _ in range(20)} == {"greet"}


def test_answers_are_spoken_under_the_tools_that_were_offered(sequences, tmp_path):
    rows = robustness.build("train", 120, 1)
    texts = robustness.spoken_answers(rows, 500)
    (tmp_path / "ids.json").write_text(json.dumps({text: [1] * 100 for text in texts}))
    (tmp_path / "ids.words.json").write_text(json.dumps(dict.fromkeys(texts)))
    samples = Jointly(sequences, rows).batch(assistant.read(tmp_path / "ids.json"), 40, np.random.default_rng(0))
    assert len(samples) == 40 and {(sample.mode, bool(sample.system)) for sample in samples} == {(prompt.SPEECH, True), (prompt.SPEECH, False)}
    assert {sample.speech is None for sample in samples} == {True, False}
