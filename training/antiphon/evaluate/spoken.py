"""The spoken answers: none endless, stuck or silent, and how well an independent recogniser understands them."""
from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from antiphon.evaluate.figures import word_error_figure
from antiphon.evaluate.results import SPEECH_RATE, STOP, Answer, Outcome, waves
from antiphon.speech.recognition import Recogniser
from antiphon.speech.teacher import Teacher

# The teacher's 4 894 answers fit 1.91 tokens a letter + 8.85, each within 0.62 to 1.32 times that; in none of them is an
# id, or a pattern of up to ten ids, repeated for more than 3 tokens.
TOKENS_PER_LETTER, TOKENS_BESIDE = 1.91, 8.85
SHORTEST, LONGEST = 0.5, 1.6
LONGEST_PATTERN, LONGEST_REPETITION = 10, 15
SILENT = -45.0
"""Decibels of full scale, of a whole answer's root mean square; the assistant's voice has about -22."""


@dataclass(frozen=True)
class Spoken:
    """One spoken answer with its samples (float32, 24 kHz)."""

    outcome: Outcome
    answer: Answer
    wave: np.ndarray


def spoken(outcomes: list[Outcome]) -> list[Spoken]:
    """All answers with speech, and those that should have it: plain texts that are no tool call."""
    return [Spoken(o, a, w) for o in outcomes for a, w in zip(o.answers, waves(o)) if a.speech_tokens or not a.calls]


def expected_tokens(text: str) -> float:
    """How many 25 Hz speech tokens the teacher would need for a text."""
    return TOKENS_PER_LETTER * len(re.sub("[^a-z]", "", text.lower())) + TOKENS_BESIDE


def repetition(ids) -> int:
    """How many tokens long a pattern of at most LONGEST_PATTERN ids is repeated, beyond its first appearance."""
    longest = 0
    for period in range(1, LONGEST_PATTERN + 1):
        run = 0
        for past, present in zip(ids, ids[period:]):
            run = run + 1 if past == present else 0
            longest = max(longest, run)
    return longest


def faults(one: Spoken) -> list[str]:
    """What is wrong with the speech itself: endless, short, stuck, silent."""
    found = []
    length = one.answer.speech_tokens / expected_tokens(one.answer.text)
    written = len(one.wave) or not one.answer.speech_ids  # a checkpoint's ids need not have been made audible
    level = 20 * np.log10(np.sqrt(np.mean(one.wave ** 2)) + 1e-9) if len(one.wave) else -np.inf
    if one.answer.finish != STOP or length > LONGEST:
        found.append("endless")
    if length < SHORTEST:
        found.append("short")
    if one.answer.speech_ids is not None and repetition(one.answer.speech_ids) > LONGEST_REPETITION:
        found.append("stuck")
    if written and level < SILENT:
        found.append("silent")
    return found


def soundness(answers: list[Spoken]) -> dict:
    """How many answers are endless, short, stuck (None where no ids are known) and silent, and which."""
    wrong = [(s, faults(s)) for s in answers]
    count = lambda name: sum(name in found for _, found in wrong)
    known = all(s.answer.speech_ids is not None for s in answers)
    return {"answers": len(answers), "endless": count("endless"), "short": count("short"),
            "stuck": count("stuck") if known else None, "silent": count("silent"),
            "faulty": [{"id": s.outcome.conversation.id, "turn": s.outcome.number, "text": s.answer.text, "faults": found}
                       for s, found in wrong if found][:20]}


def recognised(answers: list[Spoken], texts: list[str], count: int) -> dict:
    """Word error rates of the first `count` answers against their own text, and of the teacher speaking the same texts.

    texts: sentences of the domain, for the recogniser's trigram.
    """
    part = [s for s in answers if len(s.wave) and s.answer.text][:count]
    said = [s.answer.text for s in part]
    distinct = list(dict.fromkeys(said))
    with tempfile.TemporaryDirectory() as folder:
        recogniser = Recogniser(texts, Path(folder))
        heard = recogniser.recognise([s.wave for s in part], SPEECH_RATE)
        speaker = Teacher()
        teacher = recogniser.recognise([speaker.speak(text).audio for text in distinct], SPEECH_RATE)
    teacher_heard = dict(zip(distinct, teacher))
    known = lambda held_out: [(h, t) for h, t, s in zip(heard, said, part) if s.outcome.conversation.held_out_voice == held_out]
    worst = sorted(zip(heard, said), key=lambda pair: -word_error_figure([pair])["errors"] if word_error_figure([pair]) else 0)
    return {"answers": len(part), "wer": word_error_figure(zip(heard, said)),
            "wer_of_the_teacher": word_error_figure((teacher_heard[t], t) for t in said),
            "wer_to_known_voices": word_error_figure(known(False)), "wer_to_held_out_voices": word_error_figure(known(True)),
            "worst": [list(pair) for pair in worst[:8]]}
