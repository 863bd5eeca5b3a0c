"""The loop of a host around the step graphs, for one conversation: prompt in, text ids and speech ids out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable

import numpy as np

from antiphon.export import passes
from antiphon.export.host import Bundle, Sampling, Slab

Uniforms = Callable[[int, int], np.ndarray]
"""Position and count -> so many float32 numbers in [0, 1): first the text's, then the k of the speech."""


@dataclass
class Answer:
    """Generated ids; ``speech_ids`` holds k for each emitted group, a group with an end written as ``end`` throughout."""

    text_ids: list[int] = field(default_factory=list)
    speech_ids: list[int] = field(default_factory=list)
    hidden: np.ndarray | None = None
    text_logits: np.ndarray | None = None


class Generator:
    """Generates in row ``row`` of a slab. Without ``speech`` only the text graphs run."""

    def __init__(self, bundle: Bundle, slab: Slab, row: int = 0, speech: bool = True):
        self._bundle, self._slab, self._row, self._speech = bundle, slab, row, speech
        sizes = bundle.manifest
        self._text, self._codes = sizes["ids"]["text"], sizes["ids"]["speech"]
        self._group = sizes["audio"]["groupSize"]
        self._vocabulary, self._codebook = sizes["sharedLlm"]["vocabularySize"], sizes["refinedHead"]["codebookSize"]
        self._hidden = sizes["sharedLlm"]["hiddenSize"]

    def prefill(self, ids: np.ndarray, groups: np.ndarray, past: int = 0, chunk: int | None = None) -> np.ndarray:
        """Puts positions ``past`` .. into the caches, ``groups`` [n, hidden] at the placeholders among ``ids`` [n].

        ``chunk`` is the largest number of positions at once, at least 2. Returns the outputs [n, hidden].
        """
        audio = ids == self._text["audio"]
        embeddings = np.zeros((len(ids), self._hidden), np.float32)
        embeddings[audio] = groups
        outputs = []
        for start, end in chunks(len(ids), chunk or len(ids)):
            inputs = {
                "text_ids": ids[None, start:end].astype(np.int64),
                "group_embeddings": embeddings[None, start:end],
                "is_audio": audio[None, start:end],
                "past_length": np.array([past + start], np.int32),
            }
            if self._speech:
                inputs["head_past_length"] = inputs["past_length"]
            outputs.append(passes.prefill(self._bundle, self._slab, self._row, inputs, self._speech)[0])
        return np.concatenate(outputs)

    def generate(
        self, prompt: np.ndarray, groups: np.ndarray, limit: int, text: Sampling, speech: Sampling,
        force_speech: bool = False, uniforms: Uniforms | None = None, chunk: int | None = None,
    ) -> Answer:
        """Prefills all of ``prompt`` but its last id, then steps until the turn ends or ``limit`` text ids are there.

        ``uniforms`` is needed as soon as one stream has a temperature.
        """
        answer = Answer(hidden=self.prefill(prompt[:-1], groups, chunk=chunk))
        state = _State(int(prompt[-1]), self._codes["begin"], np.full(self._group, self._codes["pad"], np.int64))
        text_seen, speech_seen = np.zeros(self._vocabulary, np.uint8), np.zeros(self._codebook, np.uint8)
        text_seen[prompt] = 1
        for position in range(len(prompt) - 1, len(prompt) - 1 + limit):
            inputs = self._inputs(state, position, text_seen, speech_seen, text, speech, uniforms)
            sampled = text.temperature > 0 or (self._speech and speech.temperature > 0)
            values = passes.step(self._bundle, self._slab, self._row, inputs, self._speech, sampled)
            if answer.text_logits is None:
                answer.text_logits, answer.hidden = values["text_logits"][0], np.concatenate([answer.hidden, values["hidden"]])
            chosen = self._text["audioBegin"] if force_speech and not answer.text_ids else int(values["next_text_id"][0])
            written = self._speak(state, values["next_speech_ids"][0], chosen, answer, speech_seen) if self._speech else chosen
            answer.text_ids.append(written)
            text_seen[written] = 1
            state.text_id = written
            # The id that the model chose ends the turn, also where the end of speech has overwritten it.
            if chosen in self._text["endOfTurn"]:
                break
        return answer

    def _speak(self, state: "_State", ids: np.ndarray, chosen: int, answer: Answer, seen: np.ndarray) -> int:
        """Takes the k sampled ids of a step in; returns the text id that is written at its position."""
        state.previous = int(ids[-1])
        state.has_group = False
        written = chosen
        if state.speaking:
            state.has_group = not np.any(ids == self._codes["end"])
            state.speaking = state.has_group
            state.group = ids if state.has_group else np.full_like(ids, self._codes["end"])
            written = chosen if state.has_group else self._text["audioEnd"]
            answer.speech_ids.extend(int(each) for each in state.group)
            seen[state.group] = 1
        if written == self._text["audioBegin"]:
            state.speaking = True
        return written

    def _inputs(
        self, state: "_State", position: int, text_seen: np.ndarray, speech_seen: np.ndarray,
        text: Sampling, speech: Sampling, uniforms: Uniforms | None,
    ) -> dict[str, Any]:
        number = lambda value: np.array([value], np.float32)
        inputs: dict[str, Any] = {
            "text_ids": np.array([state.text_id], np.int64),
            "past_length": np.array([position], np.int32),
            "text.seen": text_seen[None],
            "text.penalty": number(text.penalty),
        }
        if self._speech:
            inputs |= {
                "head_past_length": inputs["past_length"],
                "speech_group": state.group[None],
                "has_group": np.array([state.has_group]),
                "previous_speech_id": np.array([state.previous], np.int64),
                "speech.seen": speech_seen[None],
                "speech.penalty": number(speech.penalty),
            }
        if text.temperature > 0 or (self._speech and speech.temperature > 0):
            if uniforms is None:
                raise ValueError("uniforms: None; expected a function, since a temperature is above 0")
            drawn = uniforms(position, 1 + (self._group if self._speech else 0)).astype(np.float32)
            inputs |= {"text.temperature": number(text.temperature), "text.top_p": number(text.top_p), "text.uniform": drawn[:1]}
            if self._speech:
                inputs |= {
                    "speech.temperature": number(speech.temperature), "speech.top_p": number(speech.top_p),
                    "speech.uniform": drawn[None, 1:],
                }
        return inputs


@dataclass
class _State:
    text_id: int
    previous: int
    group: np.ndarray
    speaking: bool = False
    has_group: bool = False


def chunks(length: int, size: int) -> list[tuple[int, int]]:
    """Ranges of at most ``size`` positions, none of them 1 long unless ``length`` is."""
    if size < 2:
        raise ValueError(f"chunk: {size}; expected at least 2 positions")
    ends = list(range(size, length, size))
    if ends and length - ends[-1] == 1:
        ends[-1] -= 1
        if ends[-1] - (ends[-2] if len(ends) > 1 else 0) == 1:  # chunks of 2 cannot give one up: join the last three
            ends.pop()
    starts = [0, *ends]
    return list(zip(starts, [*ends, length]))
