"""A real person's voice to measure by, never to train on: Debian's call-centre prompts, joined to digits, numbers, dates and letters.

    python -m antiphon.data.people runs/people [--count 60]

writes 16 kHz wave files, `wide/` from the G.722 recordings and `narrow/` from the 8 kHz ones (resampled), and `MANIFEST.jsonl` with
`{"audio", "band", "kind", "text"}`. Needs Debian's asterisk-core-sounds-en, -wav and -g722 (CC-BY-SA-3.0: measured with, not shipped).
"""
from __future__ import annotations

import argparse
import gzip
import json
import random
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from antiphon.data import paths
from antiphon.data.numbers import number_words

SOUNDS = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
TEXTS = Path("/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz")
RATE = 16_000
BANDS = {"wide": ".g722", "narrow": ".wav"}
PAUSE = (0.02, 0.12)
"""Seconds between two joined prompts, whose own silence is cut."""
QUIET = 0.02
DAYS = "sunday monday tuesday wednesday thursday friday saturday".split()
MONTHS = "january february march april may june july august september october november december".split()


class PromptsMissing(RuntimeError):
    """Debian's prompts are not installed."""


def available() -> None:
    """Raises PromptsMissing with what to install."""
    if not (SOUNDS / "digits" / "1.g722").exists() or not (SOUNDS / "digits" / "1.wav").exists():
        raise PromptsMissing("a real person's prompts need: apt-get install asterisk-core-sounds-en asterisk-core-sounds-en-wav asterisk-core-sounds-en-g722")


def transcripts() -> dict[str, str]:
    """Name ("digits/1") → what is said, of all prompts."""
    available()
    with gzip.open(TEXTS, "rt", encoding="utf-8", errors="replace") as lines:
        rows = (line.split(":", 1) for line in lines if ":" in line and not line.startswith(";"))
        return {name.strip(): text.strip() for name, text in rows}


def recording(name: str, band: str) -> np.ndarray:
    """float32 [n] at 16 kHz of one prompt, the silence around it cut."""
    path = SOUNDS / f"{name}{BANDS[band]}"
    if band == "narrow":
        samples, rate = soundfile.read(path, dtype="float32")
        wave = resample_poly(samples, RATE, rate)
    else:
        import av
        with av.open(str(path), format="g722") as container:
            wave = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)]).astype(np.float32) / 32768
    loud = np.flatnonzero(np.abs(wave) > QUIET * np.abs(wave).max())
    margin = RATE // 50
    return wave[max(0, loud[0] - margin): loud[-1] + margin].astype(np.float32)


def number_parts(number: int) -> list[str]:
    """The prompts that say 0 to 9999 as this voice does, without "and"."""
    if number >= 1000:
        return [*number_parts(number // 1000), "digits/thousand", *(number_parts(number % 1000) if number % 1000 else [])]
    if number >= 100:
        return [f"digits/{number // 100}", "digits/hundred", *(number_parts(number % 100) if number % 100 else [])]
    if number <= 20 or number % 10 == 0:
        return [f"digits/{number}"]
    return [f"digits/{number // 10 * 10}", f"digits/{number % 10}"]


def word(name: str) -> str:
    """What a prompt of digits, days, months or letters says, in the domain's words."""
    folder, _, rest = name.partition("/")
    if folder == "letters":
        return rest
    if rest.startswith("day-"):
        return DAYS[int(rest[4:])]
    if rest.startswith("mon-"):
        return MONTHS[int(rest[4:])]
    return rest if rest in ("hundred", "thousand") else number_words(int(rest))


def draw(kind: str, generator) -> list[str]:
    """The prompts of one utterance of a kind: digits, number, date or letters."""
    if kind == "digits":
        return [f"digits/{generator.randint(0, 9)}" for _ in range(generator.randint(4, 6))]
    if kind == "number":
        return number_parts(generator.choice((generator.randint(0, 99), generator.randint(100, 999), generator.randint(1000, 9999))))
    if kind == "date":
        return [f"digits/day-{generator.randint(0, 6)}", f"digits/mon-{generator.randint(0, 11)}", *number_parts(generator.randint(1, 28))]
    if kind == "letters":
        return [f"letters/{generator.choice('abcdefghijklmnopqrstuvwxy')}" for _ in range(generator.randint(3, 5))]
    raise ValueError(f"kind is {kind!r}, expected digits, number, date or letters")


def build(out: Path, count: int, seed: int) -> list[dict]:
    """Writes `count` utterances of every kind in both bands; returns the manifest's lines."""
    available()
    generator, lines = random.Random(seed), []
    for kind in ("digits", "number", "date", "letters"):
        for number in range(count):
            parts = draw(kind, generator)
            pauses = [round(generator.uniform(*PAUSE) * RATE) for _ in parts]
            for band in BANDS:
                pieces = [piece for part, pause in zip(parts, pauses) for piece in (recording(part, band), np.zeros(pause, np.float32))]
                path = out / band / f"{kind}-{number:03d}.wav"
                path.parent.mkdir(parents=True, exist_ok=True)
                soundfile.write(path, np.concatenate(pieces), RATE, subtype="PCM_16")
                lines.append({"audio": f"{band}/{path.name}", "band": band, "kind": kind, "text": " ".join(map(word, parts))})
    with paths.atomic(out / "MANIFEST.jsonl") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=60, help="utterances of every kind")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"{len(build(options.out, options.count, options.seed))} recordings in {options.out}")


if __name__ == "__main__":
    main()
