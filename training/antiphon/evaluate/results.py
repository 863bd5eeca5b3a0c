"""Results of an evaluation, one JSON object a line: written by `./antiphon evaluate` for the dataflow and by
`python -m antiphon.evaluate` for a checkpoint, read alike.

`{"id", "speech": path or null, "answers": [{"callerTurn", "text", "finishReason", "toolCalls": [{"name", "arguments"}],
"transcript", "usage": {"speechTokens"}, "speechSamples", "speechIds"?}], "error"?}`: `callerTurn` counts the caller's turns
from 0, an answer after a tool's result belongs to the turn that caused the call, and `speechSamples` of every answer lie one
after the other in the WAV `speech` (24 kHz). `speechIds` are there only from a checkpoint.
"""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from antiphon.evaluate.manifest import Conversation, Turn

SPEECH_RATE = 24_000
STOP, TOOL_CALL, LENGTH = "STOP", "TOOL_CALL", "LENGTH"


@dataclass(frozen=True)
class Answer:
    """One answer. `start` is where its samples begin in the conversation's WAV."""

    text: str
    finish: str
    calls: tuple[dict, ...]
    speech_tokens: int
    speech_samples: int
    start: int
    speech_ids: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of one turn; no answers where the conversation failed before."""

    conversation: Conversation
    number: int
    transcript: str
    answers: tuple[Answer, ...] = field(default=())
    speech: Path | None = None

    @property
    def turn(self) -> Turn:
        return self.conversation.turns[self.number]

    @property
    def text(self) -> str:
        """Text of the last answer."""
        return self.answers[-1].text if self.answers else ""

    @property
    def call(self) -> dict | None:
        """Name and arguments where the first answer called exactly one tool."""
        calls = self.answers[0].calls if self.answers else ()
        return calls[0] if len(calls) == 1 else None


def read(path: Path, conversations: list[Conversation]) -> tuple[list[Outcome], list[str]]:
    """The outcomes of all turns in the manifest's order, and the ids of conversations that failed.

    Raises ValueError where a conversation has no result: a figure over a part of the set would be none of the set.
    """
    lines = {line["id"]: line for line in map(json.loads, path.read_text().splitlines())}
    missing = [c.id for c in conversations if c.id not in lines]
    if missing:
        raise ValueError(f"{path} has no result of {len(missing)} conversations, the first {missing[:3]}; expected one of each")
    outcomes, failed = [], []
    for conversation in conversations:
        line = lines[conversation.id]
        if "error" in line:
            failed.append(conversation.id)
        outcomes.extend(_outcomes(conversation, line, path.parent))
    return outcomes, failed


def _outcomes(conversation: Conversation, line: dict, folder: Path):
    by_turn = [[] for _ in conversation.turns]
    transcripts = [""] * len(conversation.turns)
    start = 0
    for row in line.get("answers", ()):
        number = row["callerTurn"]
        answer = Answer(row["text"], row["finishReason"],
                        tuple({"name": c["name"], "arguments": c["arguments"]} for c in row["toolCalls"]),
                        row["usage"]["speechTokens"], row["speechSamples"], start,
                        tuple(row["speechIds"]) if "speechIds" in row else None)
        start += answer.speech_samples
        by_turn[number].append(answer)
        transcripts[number] = transcripts[number] or row.get("transcript") or ""
    speech = line.get("speech")
    # Paths stand as the command was given them; the file's name beside the results is what counts.
    speech = folder / "speech" / Path(speech).name if speech else None
    for number, answers in enumerate(by_turn):
        yield Outcome(conversation, number, transcripts[number], tuple(answers), speech)


def waves(outcome: Outcome) -> list[np.ndarray]:
    """Samples (float32, 24 kHz) of every answer of a turn, empty ones for answers without speech."""
    if outcome.speech is None:
        return [np.zeros(0, np.float32) for _ in outcome.answers]
    samples, rate = soundfile.read(outcome.speech, dtype="float32")
    if rate != SPEECH_RATE:
        raise ValueError(f"{outcome.speech}: {rate} Hz; expected {SPEECH_RATE} Hz")
    return [samples[a.start: a.start + a.speech_samples] for a in outcome.answers]
