"""Figures of the voice: answers spoken by the released loop, resynthesised and recognised by pocketsphinx."""
from __future__ import annotations

import tempfile
from pathlib import Path

import torch

from antiphon.data import prompt
from antiphon.model.dialogue import DialogueModel
from antiphon.model.generation import Generated, generate, speech_codes
from antiphon.speech.checkpoint import load_detokenizer
from antiphon.speech.recognition import Recogniser
from .figures import same, word_error_rate
from .sequences import Sequences, Vocabulary


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


def spoken_turns(dialogues: list[dict], count: int) -> list[list[dict]]:
    """Histories ending in a turn that is answered in speech, one per dialogue, random strings left out."""
    result = []
    for dialogue in dialogues:
        turns = dialogue["turns"]
        plain = [n for n, t in enumerate(turns) if "<tool_call>" not in t["assistant"] and t["intent"] != "random"]
        if plain and len(result) < count:
            result.append(turns[: plain[0] + 1])
    return result


def ended(answer: Generated, model: DialogueModel) -> bool:
    """Whether the speech came to its end by itself."""
    return model.c.codes.eos in answer.speech


def speak(model: DialogueModel, vocabulary: Vocabulary, judge: Judge, dialogues: list[dict], count: int = 40) -> dict:
    """Written questions answered in text and speech: exact text, WER of the voice against the text it had and the true text."""
    sequences = Sequences(vocabulary)
    histories = spoken_turns(dialogues, count)
    prompts = []
    for turns in histories:
        sample = sequences.text_answer(turns, [None] * len(turns), prompt.SPEECH)
        length = len(sample.ids) - len(vocabulary.encode(turns[-1]["assistant"]))
        prompts.append(torch.tensor(vocabulary.prefix(prompt.SPEECH) + sample.ids[:length]))
    model.eval()
    answers = generate(model, prompts, force_speech=True, limit=64)
    model.train()
    texts = [vocabulary.decode(a.text) for a in answers]
    truth = [turns[-1]["assistant"] for turns in histories]
    heard = judge.heard([speech_codes(a, model) for a in answers])
    return {"voice_wer": round(word_error_rate(zip(heard, texts)), 4),
            "voice_wer_truth": round(word_error_rate(zip(heard, truth)), 4),
            "joint_exact": round(sum(same(a, b) for a, b in zip(texts, truth)) / len(truth), 3),
            "ended": round(sum(ended(a, model) for a in answers) / len(answers), 3),
            "example": (texts[0], heard[0])}
