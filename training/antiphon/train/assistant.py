"""The assistant's speech for training: ids of every answer, where its words lie in them, and splices of spans of words.

Splicing keeps the refined head honest: it must read the text, because the words around a span say nothing about it.
"""
from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from antiphon.model.configuration import SpeechCodes
from antiphon.speech.styles import named


@dataclass
class Spoken:
    """One sentence: ids [n] (25 Hz, padded to the group with silence) and, per word, its first and last + 1 id."""

    text: str
    ids: np.ndarray
    words: list[tuple[str, int, int]] | None


class Assistant:
    """All spoken sentences. `sentences`: text → Spoken; `all`: the same in order; `spliceable`: those with word positions; `styled`:
    (text, style) → ids of those that are spoken in another style."""

    def __init__(self, sentences: list[Spoken], codes: SpeechCodes = SpeechCodes()):
        self.sentences = {s.text: s for s in sentences}
        self.all = list(self.sentences.values())
        self.spliceable = [s for s in sentences if s.words]
        self.codes = codes
        if not sentences:
            raise ValueError("no spoken sentences were given: synthesise the answers first")
        self.styled: dict[tuple[str, str], np.ndarray] = {}
        self.tail = max(sentences, key=lambda s: len(s.ids)).ids[-2:]

    def ids(self, text: str, style: str = "neutral") -> np.ndarray | None:
        """Of a sentence in a style, None where it was not recorded."""
        if style == "neutral" and text in self.sentences:
            return self.sentences[text].ids
        return self.styled.get((text, style))

    def in_another_style(self, text: str, style: str, g: np.random.Generator) -> np.ndarray | None:
        """Ids of the sentence in a style drawn from the others that it was recorded in, stretched to the length that it has in `style`.

        Styles of the same pace are the same recording before the style is put on, so their words lie at the same places. None where
        the sentence was recorded in no other style.
        """
        recorded = self._styles.get(text, ())
        paced = named(style).rate
        others = [name for name in recorded if name != style]
        others = [name for name in others if named(name).rate == paced] or others
        if not others:
            return None
        ids, length = self.ids(text, others[g.integers(len(others))]), len(self.ids(text, style))
        return ids[np.arange(length) * len(ids) // length]

    @functools.cached_property
    def _styles(self) -> dict[str, list[str]]:
        styles = {text: ["neutral"] for text in self.sentences}
        for text, style in self.styled:
            names = styles.setdefault(text, [])
            if style not in names:
                names.append(style)
        return styles

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


def read(ids_file: Path) -> Assistant:
    """Reads {text: ids} and, beside it, where words lie in them, as `antiphon.speech.encode_answers` wrote both; `styled.json`
    too, if it is there."""
    ids = json.loads(ids_file.read_text())
    words = json.loads(words_file(ids_file).read_text())
    voice = Assistant([Spoken(text, np.asarray(codes, np.int64), words.get(text) and [tuple(word) for word in words[text]])
                       for text, codes in ids.items()])
    styled_file = ids_file.with_name("styled.json")
    if styled_file.exists():
        voice.styled = {(text, style): np.asarray(codes, np.int64) for style, texts in json.loads(styled_file.read_text()).items()
                        for text, codes in texts.items()}
    return voice


def words_file(ids_file: Path) -> Path:
    """{text: [[word, first id, last + 1], …]} of the sentences in `ids_file`."""
    return ids_file.with_name(f"{ids_file.stem}.words.json")
