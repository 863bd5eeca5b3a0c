"""How an answer sounds where a style is in force, measured against the same words in the neutral voice, by the released greedy loop.

    python -m antiphon.evaluate.styles runs/nano/final --out runs/figures/instructed.json

Held-out conversations of `antiphon.data.instructions`, written questions, answers in speech. Every measure of an answer (pace, pitch and
level, the voiced share for a whisper) is set against the same checkpoint's neutral reading of the same words; `moved` is the part of the way
to the style's own numbers (`antiphon.speech.styles`) that it went. Pace and pitch count in the log domain, level in decibels.

* `text`: answers whose words are exactly the expected ones;
* `moved`: by measure, answers that went at least 60 % of the way; `all` where every measure of the style did;
* `styles`: the same by style, with the median parts of the way;
* `named`: answers whose style is the nearest of all single styles (pace, pitch, its range and level, in steps that a listener tells apart).

Counts stand as [right, all].
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from antiphon.data import prompt
from antiphon.model import checkpoint
from antiphon.model.generation import generate, speech_codes
from antiphon.speech.checkpoint import load_detokenizer
from antiphon.speech.evaluate_styles import prosody
from antiphon.speech.features import HOP, SAMPLE_RATE
from antiphon.speech.styles import NEUTRAL, STYLES, Style, named
from antiphon.train.figures import same
from antiphon.train.preferences import prompt_ids
from antiphon.train.run import RUNS
from antiphon.train.sequences import Sequences, Vocabulary
from antiphon.train.text import read_dialogues

WAY = 0.6
"""Part of the way to a style's numbers that counts as moved."""
ANSWER_LIMIT = 100
EDGE = -50.0
"""Decibels of full scale below which a frame at an answer's edge is no speech."""
WHISPERED = 0.15
"""Greatest voiced share of a whisper; the neutral voice has about a half."""
STEPS = {"rate": 0.1, "pitch": 0.08, "range": 0.25, "level": 2.0}
"""What a listener tells apart: natural logarithms, and decibels for the level."""


def measured(audio: np.ndarray) -> dict[str, float] | None:
    """Seconds between the edges, pitch in hertz, its spread, level and voiced share; None for an answer that nobody can hear."""
    frames = audio[: len(audio) // HOP * HOP].reshape(-1, HOP)
    loud = np.flatnonzero(10 * np.log10(np.mean(np.square(frames, dtype=np.float64), 1) + 1e-12) > EDGE) if len(frames) else []
    if not len(loud):
        return None
    speech = audio[loud[0] * HOP: (loud[-1] + 1) * HOP]
    return {"seconds": len(speech) / SAMPLE_RATE, **prosody(speech)}


def moved(style: Style, answer: dict[str, float], neutral: dict[str, float]) -> dict[str, float]:
    """Part of the way to the style's numbers by measure, of those that the style changes."""
    way = {}
    if style.rate != 1.0:
        way["rate"] = np.log(neutral["seconds"] / answer["seconds"]) / np.log(style.rate)
    if style.level != 0.0:
        way["level"] = (answer["decibels"] - neutral["decibels"]) / style.level
    if style.whisper:
        way["whisper"] = 1.0 if answer["voiced"] <= WHISPERED else 0.0
    elif style.pitch != 1.0:
        way["pitch"] = np.log(answer["hertz"] / neutral["hertz"]) / np.log(style.pitch) if answer["hertz"] and neutral["hertz"] else 0.0
    return {measure: float(part) for measure, part in way.items()}


def nearest(answer: dict[str, float], neutral: dict[str, float]) -> str:
    """Name of the single style whose numbers lie nearest to the difference between both."""
    if answer["voiced"] <= WHISPERED:
        return "whisper"
    pitch = np.log(answer["hertz"] / neutral["hertz"]) if neutral["hertz"] else 0.0
    spread = np.log(max(answer["spread"], 0.05) / max(neutral["spread"], 0.05))
    found = {"rate": np.log(neutral["seconds"] / answer["seconds"]), "pitch": pitch, "range": spread, "level": answer["decibels"] - neutral["decibels"]}

    def distance(style: Style) -> float:
        wanted = {"rate": np.log(style.rate), "pitch": np.log(style.pitch), "range": np.log(style.range), "level": style.level}
        return sum(((found[name] - wanted[name]) / step) ** 2 for name, step in STEPS.items())

    return min((style for style in STYLES.values() if not style.whisper), key=distance).name


def answered_in_style(model, sequences: Sequences, conversations: list[dict], question: str, speak, count: int, batch: int = 24,
                      report=lambda line: None) -> list[dict]:
    """One row an answer: style, whether its text is exact, parts of the way, the nearest style. question: what the neutral reading is
    asked; speak: ids → samples at 24 kHz."""
    places = [(row, n) for row in conversations for n, turn in enumerate(row["turns"])
              if turn["style"] != NEUTRAL.name and prompt.TOOL_CALL not in turn["assistant"]][:count]
    neutral_prompt = torch.tensor(prompt_ids(sequences, [{"user": question}], None, prompt.SPEECH))
    rows = []
    for start in range(0, len(places), batch):
        part = places[start: start + batch]
        with torch.no_grad():
            made = generate(model, [torch.tensor(prompt_ids(sequences, row["turns"][: n + 1], None, prompt.SPEECH, row.get("instructions")))
                                    for row, n in part], limit=ANSWER_LIMIT)
            texts = [sequences.v.decode(one.text).strip() for one in made]
            read = generate(model, [neutral_prompt] * len(part), force_speech=True, limit=ANSWER_LIMIT,
                            forced_text=[list(sequences.v.encode(text)) for text in texts])
        for (row, n), text, answer, neutral in zip(part, texts, made, read):
            turn = row["turns"][n]
            heard, compared = (measured(speak(speech_codes(one, model))) for one in (answer, neutral))
            rows.append({"style": turn["style"], "text": same(text, turn["assistant"])})
            if heard and compared:
                rows[-1] |= {"moved": moved(named(turn["style"]), heard, compared), "named": nearest(heard, compared)}
        report(f"{len(rows)} of {len(places)} answers")
    return rows


def figures(rows: list[dict]) -> dict:
    """Counts of `answered_in_style`'s rows; answers that cannot be heard have moved nowhere."""
    def counted(part: list[dict]) -> dict:
        measures = sorted({measure for row in part for measure in row.get("moved", ())})
        ways = {measure: [row["moved"][measure] for row in part if measure in row.get("moved", ())] for measure in measures}
        return {"text": [sum(row["text"] for row in part), len(part)],
                "moved": {**{measure: [sum(way >= WAY for way in ways[measure]), len(ways[measure])] for measure in measures},
                          "all": [sum(bool(row.get("moved")) and min(row["moved"].values()) >= WAY for row in part), len(part)]},
                "way": {measure: round(float(np.median(ways[measure])), 2) for measure in measures}}

    single = [row for row in rows if row["style"] in STYLES]
    return {**counted(rows), "named": [sum(row.get("named") == row["style"] for row in single), len(single)],
            "styles": {style: {**counted(part), "named": [sum(row.get("named") == style for row in part), len(part)]}
                       for style in STYLES if (part := [row for row in single if row["style"] == style])}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--detokenizer", type=Path, default=RUNS / "detokenizer" / "detokenizer.safetensors")
    parser.add_argument("--data", type=Path, default=RUNS / "data")
    parser.add_argument("--count", type=int, default=400)
    options = parser.parse_args()
    torch.set_num_threads(1)
    detokenizer, flush = load_detokenizer(options.detokenizer)
    speak = lambda ids: detokenizer.speak(ids, flush).numpy() if len(ids) else np.zeros(0, np.float32)  # noqa: E731
    dialogues = options.data / "dialogues"
    question = read_dialogues(dialogues / "test.jsonl")[0]["turns"][0]["user"]
    rows = answered_in_style(checkpoint.load(options.checkpoint).eval(), Sequences(Vocabulary(options.checkpoint)),
                             read_dialogues(dialogues / "instructions_test.jsonl"), question, speak, options.count, report=lambda line: print(line, flush=True))
    result = figures(rows)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
