"""Four-choice questions about how something sounds: who speaks, how many, how loud, how fast, in which mood, over which line, what else.

    python -m antiphon.data.understanding understanding_train --callers train_00 train_01 --count 6000
    python -m antiphon.data.understanding understanding_test --callers test_held_out --split test --count 1300

makes recordings out of those of a callers' corpus and writes `runs/data/callers/NAME.pcm` and `NAME.jsonl`, a line for each question:
`{"task", "question", "answer", "keep", "voice", "segments": [{"offset", "samples", "text": "", "phones": null}]}`. `question` has the
reference's form, `answer` is one of its options, `keep` names what augmentation must not change (`antiphon.train.perturbation`). An
interrupted run goes on where it was; every question follows from the seed and its number.
"""
from __future__ import annotations

import argparse
import json
import os
import random
import re
import time
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from antiphon.data import paths, sounds
from antiphon.data.augmentation import add_noise, set_level, telephone
from antiphon.speech.styles import Style, apply

RATE = 16_000
CHOOSE = "Choose the correct option from the following options:"
LETTERS = "ABCD"
MOODS = {style.name: style for style in (
    Style("happy", 1.25, 1.7, 1.22, 3.0, -0.15), Style("angry", 1.2, 1.5, 1.28, 6.0, -0.35), Style("sad", 0.92, 0.6, 0.74, -5.0, 0.4),
    Style("afraid", 1.55, 1.2, 1.28, -1.0, 0.0), Style("neutral"))}
"""How a caller's mood sounds, by the rules of Schröder (2003) and Emofilt, held back so that words stay intelligible."""
WHISPER = Style("whisper", whisper=True, level=-6.0)
EVENTS = ("hum", "ringback", "dial", "keypad", "music", "clicks", "knocks", "beep")
WOMEN = ("Annie", "Alicia", "Andrea", "anika", "aunty", "belinda", "grandma", "linda", "steph")


def styled(wave: np.ndarray, style: Style) -> np.ndarray:
    """float32 [n] at 16 kHz → in a style; its pace by resynthesis at another frame period, so that pitch stays its own rule's."""
    if style.rate != 1.0:
        wave = paced(wave, style.rate)
    changed = apply(resample_poly(wave, 3, 2).astype(np.float32), style)
    return resample_poly(changed, 2, 3).astype(np.float32)


def paced(wave: np.ndarray, rate: float) -> np.ndarray:
    """`rate` times as fast at the same pitch."""
    import pyworld
    samples = wave.astype(np.float64)
    pitch, power, aperiodicity = pyworld.wav2world(samples, RATE)
    return pyworld.synthesize(pitch, power, aperiodicity, RATE, 5.0 / rate).astype(np.float32)


def sex(voice: str) -> str | None:
    """"a man" or "a woman" by a caller's name; None where the name does not say, or where its tract was changed."""
    engine, _, name = voice.partition(":")
    name, _, tract = name.partition("*")
    if tract and not 0.95 < float(tract) < 1.05:
        return None
    if engine == "kokoro":
        return "a woman" if name[1] == "f" else "a man"
    if engine in ("hibari", "flite", "festival"):
        return "a woman" if engine == "hibari" or "slt" in name else "a man"
    variant = name.partition("+")[2]
    if not variant:
        return None
    return "a woman" if re.fullmatch(r"f\d", variant) or variant in WOMEN else "a man" if re.fullmatch(r"m\d", variant) else None


class Recordings:
    """Speech to make questions of: `waves` float32 [n] at 16 kHz with their voices; names: the corpora that they are from, for errors."""

    def __init__(self, waves: list[np.ndarray], voices: list[str], names=()):
        self.names = ", ".join(names) or "the callers' corpora"
        if len(waves) < 2 or len(set(voices)) < 2:
            raise ValueError(f"{self.names}: {len(waves)} recordings of {len(set(voices))} voices; expected two of each at least")
        self.waves, self.voices = waves, voices

    def one(self, g: random.Random, wanted=lambda voice: True, what: str = "any voice") -> tuple[np.ndarray, str]:
        """A recording at a level of its own whose voice is `wanted`. what: that, in words. Raises ValueError where there is none."""
        numbers = [number for number, voice in enumerate(self.voices) if wanted(voice)]
        if not numbers:
            there = list(dict.fromkeys(self.voices))
            raise ValueError(f"{self.names}: none of {len(there)} voices is {what}; they are {', '.join(there[:5])}{', …' if len(there) > 5 else ''}. "
                             "Expected one at least: name a callers' corpus that has one")
        number = g.choice(numbers)
        return set_level(self.waves[number].astype(np.float32), g.uniform(-28, -22)), self.voices[number]


def _joined(g: random.Random, *parts) -> np.ndarray:
    pause = [np.zeros(int(g.uniform(0.15, 0.5) * RATE), np.float32) for _ in parts]
    return np.concatenate([piece for pair in zip(parts, pause) for piece in pair][:-1])


def _loud(wave, decibels):
    return np.clip(wave * np.float32(10 ** (decibels / 20)), -1, 1)


def _speaker(r, g):
    wave, voice = r.one(g, lambda voice: sex(voice) is not None, "one whose name tells a man or a woman, its tract unchanged")
    return "Who speaks?", sex(voice), ("a man", "a woman", "nobody", "a crowd"), wave, voice


def _speakers(r, g):
    first, voice = r.one(g)
    two = g.random() < 0.5
    second, _ = r.one(g, (lambda other: other != voice) if two else (lambda other: other == voice))
    return "How many people speak?", "two" if two else "one", ("one", "two", "none", "more than ten"), _joined(g, first, second), voice


def _level(r, g):
    wave, voice = r.one(g)
    answer, level = g.choice((("very soft", g.uniform(-52, -44)), ("normal", g.uniform(-28, -22)), ("very loud", g.uniform(-12, -8))))
    return "How loud is the voice?", answer, ("very soft", "normal", "very loud", "silent"), set_level(wave, level), voice


def _speed(r, g):
    wave, voice = r.one(g)
    answer, rate = g.choice((("slow", g.uniform(0.55, 0.68)), ("normal", 1.0), ("fast", g.uniform(1.5, 1.8))))
    return "How fast is the voice?", answer, ("slow", "normal", "fast", "nobody speaks"), wave if rate == 1.0 else paced(wave, rate), voice


def _whisper(r, g):
    wave, voice = r.one(g)
    answer = g.choice(("whispered", "spoken aloud"))
    return "How is it said?", answer, ("whispered", "spoken aloud", "sung", "nobody speaks"), styled(wave, WHISPER) if answer == "whispered" else wave, voice


def _line(r, g):
    wave, voice = r.one(g)
    answer = g.choice(("by telephone", "with noise", "clearly"))
    if answer == "by telephone":
        wave = telephone(wave)
    if answer == "with noise":
        wave = add_noise(wave, g.uniform(0, 8), g.uniform(0, 1.5), np.random.default_rng(g.randrange(2**32)))
    return "How does the line sound?", answer, ("by telephone", "with noise", "clearly", "silent"), wave, voice


def _compared(question, change):
    """Two pieces by one voice, one of which is changed by `change(wave, g)`, or neither."""
    def make(r, g):
        first, voice = r.one(g)
        second, _ = r.one(g, lambda other: other == voice)
        answer = g.choice(("the first", "the second", "both alike"))
        if answer == "the first":
            first = change(first, g)
        if answer == "the second":
            second = change(second, g)
        return question, answer, ("the first", "the second", "both alike", "nobody speaks"), _joined(g, first, second), voice
    return make


def _event_wave(g, seconds):
    kind = g.choice(EVENTS)
    return kind, sounds.sound(kind, seconds, np.random.default_rng(g.randrange(2**32)))


def _event(r, g):
    kind, wave = _event_wave(g, g.uniform(1.5, 4.0))
    others = g.sample([other for other in EVENTS if other != kind], 3)
    voice = "sounds"
    if g.random() < 0.5:
        speech, voice = r.one(g)
        wave = np.resize(set_level(wave, -30), len(speech)) + speech
    return "Which sound is it?", kind, (kind, *others), wave, voice


def _place(r, g):
    speech, voice = r.one(g)
    _, wave = _event_wave(g, g.uniform(1.0, 2.0))
    wave = set_level(wave, -26)
    answer = g.choice(("before the words", "after the words", "there is none"))
    parts = {"before the words": (wave, speech), "after the words": (speech, wave), "there is none": (speech,)}[answer]
    return "Where is the sound?", answer, ("before the words", "after the words", "there is none", "there are no words"), _joined(g, *parts), voice


def _mood(r, g):
    wave, voice = r.one(g)
    name = g.choice(sorted(MOODS))
    others = g.sample([other for other in sorted(MOODS) if other != name], 3)
    return "How does the caller feel?", name, (name, *others), styled(wave, MOODS[name]), voice


TASKS = {"speaker": (_speaker, ("speaker",)), "speakers": (_speakers, ("speaker",)), "level": (_level, ("level", "noise")), "speed": (_speed, ("pace",)),
         "whisper": (_whisper, ("noise", "speaker")), "line": (_line, ("noise", "band", "level")),
         "louder": (_compared("Which part is louder?", lambda wave, g: _loud(wave, g.uniform(7, 11))), ("level",)),
         "faster": (_compared("Which part is faster?", lambda wave, g: paced(wave, g.uniform(1.5, 1.8))), ("pace",)),
         "higher": (_compared("Which part is higher?", lambda wave, g: styled(wave, Style("higher", pitch=g.uniform(1.4, 1.6)))), ("speaker",)),
         "event": (_event, ("noise", "band", "level")), "place": (_place, ("noise", "level")), "mood": (_mood, ("speaker", "pace", "level"))}


def posed(asked: str, answer: str, options, g: random.Random) -> tuple[str, str]:
    """(question with its options in any order, the answer with its letter)."""
    options = g.sample(options, len(options))
    text = f"{asked} {CHOOSE}\n" + "\n".join(f"({letter}){option}" for letter, option in zip(LETTERS, options))
    return text, f"({LETTERS[options.index(answer)]}){answer}"


def question(recordings: Recordings, task: str, g: random.Random) -> tuple[dict, np.ndarray]:
    """(line without segments, float32 recording at 16 kHz) of one question."""
    make, keep = TASKS[task]
    asked, answer, options, wave, voice = make(recordings, g)
    text, right = posed(asked, answer, options, g)
    return {"task": task, "question": text, "answer": right, "keep": list(keep), "voice": voice}, np.clip(wave, -1, 1)


def build(name: str, recordings: Recordings, count: int, seed: int, split: str = "train", report=lambda line: None) -> int:
    """Writes `count` questions, all tasks equally often, going on after the whole lines that an interrupted run left."""
    base, names = paths.CALLERS / name, sorted(TASKS)
    base.parent.mkdir(parents=True, exist_ok=True)
    audio_part, index_part = Path(f"{base}.pcm.part"), Path(f"{base}.jsonl.part")
    done = [line for line in index_part.read_text().splitlines() if line.endswith("}")] if index_part.exists() else []
    index_part.write_text("".join(line + "\n" for line in done))
    last = json.loads(done[-1])["segments"][0] if done else {"offset": 0, "samples": 0}
    offset, reported = last["offset"] + last["samples"], time.monotonic()
    with open(audio_part, "r+b" if audio_part.exists() else "wb") as audio, open(index_part, "a") as index:
        audio.truncate(2 * offset)
        audio.seek(2 * offset)
        for number in range(len(done), count):
            line, wave = question(recordings, names[number % len(names)], random.Random(f"{split}-{seed}-{number}"))
            pcm = np.round(wave * 32767).astype("<i2")
            audio.write(pcm.tobytes())
            audio.flush()
            index.write(json.dumps(line | {"segments": [{"offset": offset, "samples": len(pcm), "text": "", "phones": None}]}) + "\n")
            index.flush()
            offset += len(pcm)
            if time.monotonic() - reported > 30:
                reported = time.monotonic()
                report(f"{name}: {number + 1} of {count} questions, {offset / RATE / 60:.1f} min")
    os.replace(audio_part, f"{base}.pcm")
    os.replace(index_part, f"{base}.jsonl")
    return count


def read_recordings(names: list[str], longest: float = 4.0) -> Recordings:
    """Spoken turns of callers' corpora, of `longest` seconds at most. Raises FileNotFoundError naming a corpus that is not there."""
    from antiphon.train.audio import Corpus
    missing = [name for name in names if not (paths.CALLERS / f"{name}.jsonl").exists()]
    if missing:
        raise FileNotFoundError(f"{paths.CALLERS} has no corpora {missing}: make them with python -m antiphon.data.callers")
    corpus = Corpus(paths.CALLERS, names)
    rows = [(corpus.wave(entry, segment), entry["voice"]) for entry in corpus.entries for segment in entry["segments"] if segment["samples"] < longest * RATE]
    return Recordings([wave for wave, _ in rows], [voice for _, voice in rows], names)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("--callers", nargs="+", required=True, help="corpora of runs/data/callers")
    parser.add_argument("--split", choices=("train", "test"), default="train")
    parser.add_argument("--count", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    count = build(options.name, read_recordings(options.callers), options.count, options.seed, options.split, lambda line: print(line, flush=True))
    print(f"{options.name}: {count} questions")


if __name__ == "__main__":
    main()
