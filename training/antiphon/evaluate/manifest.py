"""The manifest of an evaluation: one conversation a line, as `./antiphon evaluate` reads it, with what a grader needs.

A line with one turn: `{id, set, audio, intent, voice, held_out_voice, reference, expected, call?, result?}`. A line with
several: `{id, set, audio: [...], voice, held_out_voice, result: [text or null, ...], turns: [{intent, reference, expected,
call?}, ...]}`. `reference` is what the caller says, `expected` the text of the answer (after the tool's result where a call
is expected), `call` the expected tool call, `result` what a called tool answers in that turn (null: it gets no answer).
"""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

QUESTIONS, TELEPHONE, TURNS, OUTSIDE, HESITANT, LONG, NATURAL, NATURAL_TELEPHONE = SETS = (
    "questions", "telephone", "turns", "outside", "hesitant", "long", "natural", "natural-telephone")
RANDOM = "random"
"""Intent of word strings that mean nothing, and …"""
OUTSIDE_INTENT = "outside"
"""… of sentences that mean something the domain does not know."""


@dataclass(frozen=True)
class Turn:
    """One turn of the caller and what is expected of the assistant."""

    audio: Path
    intent: str
    reference: str
    expected: str
    call: dict | None = None
    result: str | None = None

    @property
    def in_domain(self) -> bool:
        return self.intent not in (RANDOM, OUTSIDE_INTENT)


@dataclass(frozen=True)
class Conversation:
    """One line. `set` is one of SETS; `voice` as `Caller.name` gives it."""

    id: str
    set: str
    voice: str
    held_out_voice: bool
    turns: tuple[Turn, ...]


def read(path: Path) -> list[Conversation]:
    """The conversations of a manifest. Raises ValueError naming the file, the line and what is missing in it."""
    conversations = []
    for number, text in enumerate(path.read_text().splitlines(), 1):
        if text.strip():
            try:
                conversations.append(_conversation(json.loads(text), path.parent))
            except (KeyError, ValueError) as error:
                raise ValueError(f"{path}, line {number}: {error!r}; expected a line as antiphon.evaluate.manifest describes") from error
    if not conversations:
        raise ValueError(f"{path}: no line; expected one conversation a line")
    return conversations


def _conversation(line: dict, folder: Path) -> Conversation:
    rows = line.get("turns", [line])
    audio = line["audio"] if isinstance(line["audio"], list) else [line["audio"]]
    result = line.get("result")
    results = result if isinstance(result, list) else [result] * len(rows)
    if not len(rows) == len(audio) == len(results):
        raise ValueError(f"{len(rows)} turns, {len(audio)} recordings, {len(results)} results; expected as many of each")
    turns = [Turn(folder / name, row["intent"], row["reference"], row["expected"], row.get("call"), answer)
             for row, name, answer in zip(rows, audio, results)]
    return Conversation(line["id"], line.get("set", QUESTIONS), line["voice"], line["held_out_voice"], tuple(turns))
