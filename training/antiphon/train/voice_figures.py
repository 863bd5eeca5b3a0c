"""Figures of the voice: answers spoken by the released loop, resynthesised and recognised by pocketsphinx."""
from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import torch

from antiphon.data import prompt
from antiphon.model.dialogue import DialogueModel
from antiphon.model.generation import generate, speech_codes
from antiphon.speech.checkpoint import load_detokenizer
from antiphon.speech.recognition import Recogniser
from .figures import word_error_rate
from .losses import batch_loss
from .sequences import Sequences
from .speaking import reciting
from .text import read_dialogues


class Judge:
    """Turns speech ids into text: detokenizer, then pocketsphinx with a trigram of the domain's answers."""

    def __init__(self, detokenizer: Path, answers: list[str]):
        self.detokenizer, self.flush = load_detokenizer(detokenizer)
        self.folder = tempfile.TemporaryDirectory()
        self.recogniser = Recogniser(answers, Path(self.folder.name))

    def heard(self, codes: list[list[int]]) -> list[str]:
        """Recognised words of every answer's ids (empty for no ids)."""
        waves = [self.detokenizer.speak(ids, self.flush).numpy() if ids else torch.zeros(2400).numpy() for ids in codes]
        return self.recogniser.recognise(waves, 24000)


class Unseen:
    """Answers that no training has: bits per speech id with the true ids before it and, where there is a detokenizer, word error
    rate when spoken freely."""

    def __init__(self, sequences: Sequences, data: Path, detokenizer: Path):
        self.vocabulary = sequences.v
        dialogues = read_dialogues(data / "dialogues" / "test.jsonl")
        ids = json.loads((data / "assistant" / "unseen.json").read_text())
        g = np.random.default_rng(0)
        self.texts = list(ids)
        self.samples = [reciting(sequences, dialogues, g, text, codes) for text, codes in ids.items()]
        if None in self.samples:
            raise ValueError(f"{self.texts[self.samples.index(None)]!r}: the text is longer than its speech")
        texts = (data / "answers.txt").read_text().splitlines() + self.texts
        self.judge = Judge(detokenizer, texts) if detokenizer.exists() else None

    @torch.no_grad()
    def bits(self, model: DialogueModel) -> float:
        """Bits per speech id."""
        loss = batch_loss(model, self.samples, self.vocabulary.prefix(prompt.SPEECH), dropped=0.0)
        return round(loss.speech.item() / np.log(2) / loss.speech_count, 3)

    def error_rate(self, model: DialogueModel) -> float | None:
        """Word error rate of the freely spoken ids, resynthesised and recognised; None without a detokenizer."""
        if self.judge is None:
            return None
        prefix = self.vocabulary.prefix(prompt.SPEECH)
        prompts = [torch.tensor(prefix + s.ids[: s.speech_start]) for s in self.samples]
        model.eval()
        made = generate(model, prompts, force_speech=True, limit=64, forced_text=[list(self.vocabulary.encode(t)) for t in self.texts])
        model.train()
        heard = self.judge.heard([speech_codes(one, model) for one in made])
        return round(word_error_rate(zip(heard, self.texts)), 4)
