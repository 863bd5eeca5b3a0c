"""Corpora of recordings and their features."""
import json

import numpy as np
import torch

from antiphon.train.audio import Corpus, Features
from antiphon.train.perturbation import perturb


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
