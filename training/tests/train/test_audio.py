"""Corpora of recordings and their features."""
import json

import numpy as np
import torch

from antiphon.train.audio import Corpus, Features
from antiphon.train.perturbation import perturb


def hello(tmp_path):
    """A corpus of one recording of two seconds."""
    (np.sin(np.arange(32000) / 5) * 8000).astype(np.int16).tofile(tmp_path / "train_00.pcm")
    line = {"dialogue": "d", "voice": "v", "segments": [{"offset": 0, "samples": 32000, "text": "hello", "phones": [[0, "hh"]]}]}
    (tmp_path / "train_00.jsonl").write_text(json.dumps(line) + "\n")


def test_a_corpus_grows_and_its_recordings_are_perturbed_in_time(tmp_path):
    corpus = Corpus(tmp_path, ["train_00"])
    assert corpus.entries == []
    hello(tmp_path)
    assert corpus.refresh() == 1 and corpus.refresh() == 1
    entry = corpus.entries[0]
    plain = Features()(corpus, entry, entry["segments"][0])
    assert plain.mel.shape == (200, 128) and plain.groups == 10
    torch.manual_seed(0)
    for seed in range(8):
        other = Features(perturb)(corpus, entry, entry["segments"][0], np.random.default_rng(seed))
        assert len(other.mel) == -(-other.samples // 160) and abs(other.groups - 10) <= 3


def test_a_hesitant_caller_is_silent_first(tmp_path):
    hello(tmp_path)
    corpus = Corpus(tmp_path, ["train_00"])
    entry, seconds = corpus.entries[0], []
    plain = Features()(corpus, entry, entry["segments"][0])
    for seed in range(12):
        late = Features()(corpus, entry, entry["segments"][0], np.random.default_rng(seed), hesitant=1.0)
        quiet = len(late.mel) - len(plain.mel)
        assert late.samples == 32000 + quiet * 160 and late.phones == [(0, "sil"), (quiet * 10, "hh")]
        assert late.mel[:quiet].amax() < late.mel[quiet:].amax() and late.groups == -(-late.samples // 3200)
        seconds.append(quiet / 100)
    assert 0.5 <= min(seconds) < 3 and 10 < max(seconds) <= 28
    assert Features()(corpus, entry, entry["segments"][0], np.random.default_rng(0), hesitant=0.0).samples == 32000
