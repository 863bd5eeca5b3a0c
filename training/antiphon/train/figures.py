"""Figures: word error rate, exact answers, and greedy answers to recordings."""
from __future__ import annotations

import re

import torch

from antiphon.data import prompt
from antiphon.model.dialogue import DialogueModel
from antiphon.model.generation import generate
from antiphon.word_errors import word_errors
from .audio import Features, encode_batch
from .sequences import Sequences, Vocabulary


def words(text: str) -> list[str]:
    """Lower-case words without punctuation: the unit of word error rates and of comparing answers."""
    return re.findall(r"[a-z0-9_']+", text.lower())


def word_error_rate(pairs) -> float:
    """Errors over true words of (heard text, true text) pairs, as a fraction."""
    pairs = list(pairs)
    errors = sum(word_errors(words(b), words(a)) for a, b in pairs)
    return errors / max(1, sum(len(words(b)) for _, b in pairs))


def same(answer: str, truth: str) -> bool:
    """Equal words in equal order (case, punctuation and spaces aside)."""
    return words(answer) == words(truth)


def user_turns(dialogue: dict) -> list[int]:
    """Indices of the turns that the user speaks, in the order of a rendering's segments."""
    return [i for i, turn in enumerate(dialogue["turns"]) if turn["user"] is not None]


def listen(model: DialogueModel, vocabulary: Vocabulary, features: Features, corpus, entries, dialogues,
           answers: bool = True, batch: int = 32) -> dict:
    """First turns of renderings: transcription WER and exact text answers (tool calls and plain), random strings apart."""
    sequences = Sequences(vocabulary)
    heard, random_heard, plain, tools, refused = [], [], [], [], []
    for start in range(0, len(entries), batch):
        part = entries[start: start + batch]
        recordings = [features(corpus, entry, entry["segments"][0]) for entry in part]
        turns = [dialogues[entry["dialogue"]]["turns"][0] for entry in part]
        with torch.no_grad():
            encoded = encode_batch(model, recordings, torch.float32)
        groups = [encoded.groups[a: a + r.groups] for a, r in zip(encoded.group_starts, recordings)]

        def answer(mode, limit):
            prompts = []
            for turn, recording in zip(turns, recordings):
                ids = sequences.transcription(turn, recording).ids
                ids = ids[: len(ids) - len(vocabulary.encode(turn["user"]))]
                prompts.append(torch.tensor(vocabulary.prefix(mode) + ids))
            return [vocabulary.decode(a.text) for a in generate(model, prompts, groups, speech=False, limit=limit)]

        for text, turn in zip(answer(prompt.TRANSCRIBE, 30), turns):
            (random_heard if turn["intent"] == "random" else heard).append((text, turn["user"]))
        if answers:
            for text, turn in zip(answer(prompt.TEXT, 45), turns):
                kind = refused if turn["intent"] == "random" else tools if "<tool_call>" in turn["assistant"] else plain
                kind.append(same(text, turn["assistant"]))
    result = {"wer": round(word_error_rate(heard), 4), "wer_random": round(word_error_rate(random_heard), 4)}
    for name, kind in (("plain", plain), ("tools", tools), ("refused", refused)):
        if kind:
            result[name] = round(sum(kind) / len(kind), 3)
    result["example"] = heard[0] if heard else random_heard[:1]
    return result
