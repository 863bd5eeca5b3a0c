"""The assistant's speech for training: ids of every answer, where its words lie in them, and splices of spans of words.

Splicing keeps the refined head honest: it must read the text, because the words around a span say nothing about it.
"""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from antiphon.model.configuration import SpeechCodes

ID_RATE = 25
LEADING_SILENCE = 0.04


@dataclass
class Spoken:
    """One sentence: ids [n] (25 Hz, padded to the group with silence) and, per word, its first and last + 1 id."""

    text: str
    ids: np.ndarray
    words: list[tuple[str, int, int]] | None


def align(words: list[list[str]], phones: list[str]) -> list[tuple[int, int]]:
    """Monotonic alignment of expected phones per word with the phones spoken. Returns (first, last + 1) phone of every word."""
    expected = [(phone, number) for number, word in enumerate(words) for phone in word]
    rows, columns = len(expected) + 1, len(phones) + 1
    cost = np.zeros((rows, columns))
    cost[:, 0], cost[0, :] = np.arange(rows), np.arange(columns)
    for i in range(1, rows):
        for j in range(1, columns):
            swap = cost[i - 1, j - 1] + (expected[i - 1][0] != phones[j - 1])
            cost[i, j] = min(swap, cost[i - 1, j] + 1, cost[i, j - 1] + 1)
    owner = [0] * len(phones)
    i, j = rows - 1, columns - 1
    while j > 0:
        if i > 0 and cost[i, j] == cost[i - 1, j - 1] + (expected[i - 1][0] != phones[j - 1]):
            owner[j - 1] = expected[i - 1][1]
            i, j = i - 1, j - 1
        elif i > 0 and cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
        else:
            owner[j - 1] = expected[min(i, len(expected) - 1)][1]
            j -= 1
    spans = []
    for number in range(len(words)):
        own = [k for k, o in enumerate(owner) if o == number]
        spans.append((own[0], own[-1] + 1) if own else (-1, -1))
    return spans


def word_spans(text: str, ids: int, phones: list, pronunciation: dict[str, list[str]]) -> list[tuple[str, int, int]] | None:
    """Words of `text` with their id ranges from phone end times ([end in seconds, label]); None if a word got no phone.

    A pause belongs to the word before it. Times count from the start of the synthesis; the ids start
    LEADING_SILENCE before the first phone.
    """
    words = text.split()
    begin = phones[0][0] if phones[0][1] == "pau" else 0.0
    cut = max(0.0, begin - LEADING_SILENCE)
    sounding = [(label, end) for end, label in phones if label != "pau"]
    starts, last = [], begin
    for end, label in phones:
        if label != "pau":
            starts.append(last)
        last = end
    spans = align([pronunciation[w.strip(".,?!").lower()] for w in words], [label for label, _ in sounding])
    if any(first < 0 for first, _ in spans):
        return None
    edges = [round((starts[first] - cut) * ID_RATE) for first, _ in spans]
    edges.append(min(ids, round((sounding[spans[-1][1] - 1][1] - cut) * ID_RATE) + 1))
    if any(b <= a for a, b in zip(edges, edges[1:])):
        return None
    return [(word, a, b) for word, a, b in zip(words, edges, edges[1:])]


class Assistant:
    """All spoken sentences. `sentences`: text → Spoken; `all`: the same in order; `spliceable`: those with word positions."""

    def __init__(self, sentences: list[Spoken], codes: SpeechCodes = SpeechCodes()):
        self.sentences = {s.text: s for s in sentences}
        self.all = list(self.sentences.values())
        self.spliceable = [s for s in sentences if s.words]
        self.codes = codes
        if not sentences:
            raise ValueError("no spoken sentences were given: synthesise the answers first")
        self.tail = max(sentences, key=lambda s: len(s.ids)).ids[-2:]

    def splice(self, g: np.random.Generator, spans: int | None = None) -> tuple[str, np.ndarray]:
        """`spans` (two to six if not given) random spans of 1–4 words from different sentences: (text, ids padded to the
        group with silence)."""
        words, parts = [], []
        for _ in range(spans or g.integers(2, 7)):
            sentence = self.spliceable[g.integers(len(self.spliceable))]
            first = int(g.integers(len(sentence.words)))
            last = min(len(sentence.words), first + int(g.integers(1, 5)))
            words.extend(w for w, _, _ in sentence.words[first:last])
            parts.append(sentence.ids[sentence.words[first][1]: sentence.words[last - 1][2]])
        parts.append(self.tail)
        ids = np.concatenate(parts)
        missing = -len(ids) % self.codes.group_size
        return " ".join(words), np.concatenate([ids, np.full(missing, self.tail[-1])])


def read(ids_file: Path, phone_files: list[Path], cache: Path) -> Assistant:
    """Reads {text: ids} and aligns words by the phone times of `phone_files`. Pronunciations are synthesised once
    and kept in `cache`, the words' positions beside it."""
    ids = json.loads(ids_file.read_text())
    phones = {}
    for path in phone_files:
        for line in path.read_text().splitlines():
            entry = json.loads(line)
            phones[entry["text"]] = entry["phones"]
    aligned_file = cache.with_name("words.json")
    aligned = json.loads(aligned_file.read_text()) if aligned_file.exists() else {}
    new = [text for text, codes in ids.items() if text in phones and f"{len(codes)} {text}" not in aligned]
    if new:
        pronunciation = _pronunciations({w.strip(".,?!").lower() for text in new for w in text.split()}, cache)
        for text in new:
            count = len(ids[text])
            aligned[f"{count} {text}"] = word_spans(text, count, phones[text], pronunciation)
        aligned_file.write_text(json.dumps(aligned))
    return Assistant([Spoken(text, np.asarray(codes, np.int64), aligned.get(f"{len(codes)} {text}"))
                      for text, codes in ids.items()])


def _pronunciations(vocabulary: set[str], cache: Path) -> dict[str, list[str]]:
    """Phones of single words, synthesised once and kept in `cache`."""
    pronunciation = json.loads(cache.read_text()) if cache.exists() else {}
    missing = sorted(vocabulary - set(pronunciation))
    if missing:
        from antiphon.speech.festival import synthesise
        for start in range(0, len(missing), 100):
            part = missing[start: start + 100]
            for word, (_, spoken) in zip(part, synthesise(part)):
                pronunciation[word] = [label for _, label in spoken if label != "pau"]
        cache.write_text(json.dumps(pronunciation))
    return pronunciation
