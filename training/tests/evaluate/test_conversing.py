"""Conversations with a checkpoint: prompts grow turn by turn, tools get their results, recordings must fit."""
import numpy as np
import pytest
import soundfile
import torch

from antiphon.data import dialogues, prompt, text_tokenizer
from antiphon.data.domain import load_domain
from antiphon.evaluate import conversing, manifest
from antiphon.model import DialogueModel
from antiphon.model.configuration import toy
from antiphon.model.generation import Generated
from antiphon.train.audio import Features
from antiphon.train.sequences import Vocabulary

CALL = '<tool_call>\n{"name": "get_balance", "arguments": {"account": "joint account"}}\n</tool_call>'


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    texts = text_tokenizer.texts(dialogues.build("test", 40, 1))
    text_tokenizer.save(text_tokenizer.train(texts, 2200, load_domain().signatures), folder)
    return Vocabulary(folder)


@pytest.fixture
def conversation(tmp_path):
    for name, seconds in (("a.wav", 1.0), ("b.wav", 0.5)):
        soundfile.write(tmp_path / name, np.sin(np.arange(int(16_000 * seconds)) / 9) / 3, 16_000, subtype="PCM_16")
    turns = [manifest.Turn(tmp_path / "a.wav", "balance", "x", "Ten.", None, "ten pounds"),
             manifest.Turn(tmp_path / "b.wav", "repeat", "y", "Ten.")]
    return manifest.Conversation("one", "turns", "flite:slt", False, tuple(turns))


def test_tools_are_answered_and_history_grows(vocabulary, conversation, monkeypatch):
    torch.manual_seed(0)
    model = DialogueModel(toy(vocabulary.special, vocabulary.size)).eval()
    end, prompts = vocabulary.special.end, []
    said = iter(["ignored", CALL, "Ten.", "ignored", "Ten."])

    def generate(model, given, groups, **options):
        prompts.append(vocabulary.tokenizer.decode(given[0].tolist(), skip_special_tokens=False))
        assert int((given[0] == vocabulary.special.audio).sum()) == len(groups[0])
        return [Generated(list(vocabulary.encode(next(said))) + [end], [])]

    monkeypatch.setattr(conversing, "generate", generate)
    line = conversing.Conversing(model, vocabulary).hold([conversation])[0]
    assert [(a["callerTurn"], a["finishReason"], a["text"]) for a in line["answers"]] == [
        (0, "TOOL_CALL", CALL), (0, "STOP", "Ten."), (1, "STOP", "Ten.")]
    assert line["answers"][0]["toolCalls"] == [{"name": "get_balance", "arguments": {"account": "joint account"}}]
    audio = prompt.audio_turn(5), prompt.audio_turn(3)
    answered = prompt.assistant_history(CALL) + prompt.tool_result_turn("ten pounds") + prompt.assistant_history("Ten.")
    assert prompts[-1] == prompt.system(prompt.SPEECH) + audio[0] + answered + audio[1]
    assert prompts[-2] == prompt.system(prompt.TRANSCRIBE) + audio[1]


def test_an_untrained_model_holds_a_conversation_to_its_end(vocabulary, conversation, monkeypatch, tmp_path):
    monkeypatch.setattr(conversing, "ANSWER_LIMIT", 4)
    torch.manual_seed(0)
    model = DialogueModel(toy(vocabulary.special, vocabulary.size)).eval()
    lines = conversing.Conversing(model, vocabulary).hold([conversation])
    assert [a["callerTurn"] for a in lines[0]["answers"]][-1] == 1
    lines[0]["answers"][0]["speechIds"] = [1, 2]
    conversing.write_speech(lines, tmp_path / "speech", lambda ids: np.zeros(960 * len(ids), np.float32))
    assert lines[0]["answers"][0]["speechSamples"] == 1920 and lines[0]["speech"].endswith("one.wav")


def test_tool_calls_that_are_no_json_count_as_none():
    assert conversing.tool_call("<tool_call>\n{}\n</tool_call>") == {}
    assert conversing.tool_call("<tool_call>\n{\n</tool_call>") is None
    assert conversing.tool_call("Paris.") is None


def test_recordings_of_another_rate_are_refused(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(800), 8000)
    with pytest.raises(ValueError, match="8000 Hz"):
        conversing.read_recording(tmp_path / "a.wav", Features(), "", "v")
