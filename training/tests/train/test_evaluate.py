"""Figures over evaluation results, and sequences' form of every task."""
import json

import numpy as np
import pytest
import soundfile
import torch

from antiphon import evaluate
from antiphon.train.audio import Corpus, Features
from antiphon.train.perturbation import perturb

CALL = {"name": "get_balance", "arguments": {"account": "joint account"}}


def result(**changes):
    row = {"intent": "capital", "voice": "flite:rms", "held_out_voice": True, "reference": "tell me", "transcript": "tell me",
           "expected": "Paris.", "text": "Paris.", "joint": "Paris.", "called": None, "speech": [1, 2], "heard": "paris",
           "speech_ended": True}
    return row | changes


def test_figures_keep_strings_tools_and_answers_apart():
    text = f"<tool_call>\n{json.dumps(CALL)}\n</tool_call>"
    rows = [result(), result(transcript="tell you", joint="Rome.", heard="rome"),
            result(intent="balance", call=CALL, called=CALL, text=text, expected="Ten.", joint="Ten.", heard="ten"),
            result(intent="random", reference="a b", transcript="a c", expected="Sorry.", joint="Sorry.")]
    figures = evaluate.figures(rows)
    assert figures["wer"] == pytest.approx(1 / 6, abs=1e-4) and figures["wer_random"] == 0.5
    assert figures["answers_exact"] == 0.5 and figures["answers_exact_text_mode"] == 1.0
    assert figures["tool_calls_exact"] == figures["tool_calls_exact_text_mode"] == figures["answers_after_tool_exact"] == 1.0
    assert figures["refused"] == 1.0 and figures["voice_wer"] == 0.0 and figures["speech_ended"] == 1.0
    assert set(evaluate.summary(rows)) >= {"all", "held-out voices", "intent balance", "voice flite:rms"}


def test_tool_calls_that_are_no_json_count_as_none():
    assert evaluate.tool_call("<tool_call>\n{}\n</tool_call>") == {}
    assert evaluate.tool_call("<tool_call>\n{\n</tool_call>") is None
    assert evaluate.tool_call("Paris.") is None


def test_recordings_of_another_rate_are_refused(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(800), 8000)
    with pytest.raises(ValueError, match="8000 Hz"):
        evaluate.read_recording(tmp_path / "a.wav", Features(), "", "v")


def test_a_corpus_grows_and_its_recordings_are_perturbed_in_time(tmp_path):
    corpus = Corpus(tmp_path, ["train_00"])
    assert corpus.entries == []
    (np.sin(np.arange(32000) / 5) * 8000).astype(np.int16).tofile(tmp_path / "train_00.pcm")
    line = {"dialogue": "d", "voice": "v", "segments": [{"offset": 0, "samples": 32000, "text": "hello", "phones": [[0, "hh"]]}]}
    (tmp_path / "train_00.jsonl").write_text(json.dumps(line) + "\n")
    assert corpus.refresh() == 1 and corpus.refresh() == 1
    entry = corpus.entries[0]
    plain = Features()(corpus, entry, entry["segments"][0])
    assert plain.mel.shape == (200, 128) and plain.groups == 10
    torch.manual_seed(0)
    for seed in range(8):
        other = Features(perturb)(corpus, entry, entry["segments"][0], np.random.default_rng(seed))
        assert len(other.mel) == -(-other.samples // 160) and abs(other.groups - 10) <= 3
