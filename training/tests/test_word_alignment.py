"""Times of words: the same cases as the product's, a path that every other one is compared with, texts that do not fit."""
import itertools
import json
from pathlib import Path

import numpy as np

from antiphon import word_alignment

CASES = Path(__file__).parents[2] / "model-runtime/src/test/resources/word-alignment.json"


def test_the_cases_of_the_product():
    file = json.loads(CASES.read_text())
    for case in file["cases"]:
        scores = np.array(case["scores"], np.float32).reshape(case["frames"], -1)
        times = word_alignment.words(scores, case["words"], file["characters"], file["beginOffsetMillis"])
        assert [list(each) for each in times] == case["times"]


def test_no_other_path_is_more_probable():
    generator = np.random.default_rng(1)
    for classes in ([1, 2], [1, 1], [2, 1, 2]):
        scores = generator.normal(size=(6, 3)).astype(np.float32)
        collapsed = lambda each: [c for c, _ in itertools.groupby(each) if c]
        best = max((p for p in itertools.product(range(3), repeat=6) if collapsed(p) == classes),
                   key=lambda p: sum(scores[frame, c] for frame, c in enumerate(p)))
        spans, at = [], 0
        for value, run in itertools.groupby(best):
            length = len(list(run))
            if value:
                spans.append((at, at + length - 1))
            at += length
        assert word_alignment.path(scores, classes) == spans


def test_a_text_that_is_longer_than_its_sound_has_no_times():
    assert word_alignment.path(np.zeros((3, 3), np.float32), [1, 1]) == [(0, 0), (2, 2)]
    assert word_alignment.path(np.zeros((2, 3), np.float32), [1, 1]) is None
