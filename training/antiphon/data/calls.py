"""Telephone calls of two by synthesisers, with what is true of them: who says which words when, and which of them are personal.

    python -m antiphon.data.calls FOLDER [--calls 12] [--minutes 3] [--voices held-out] [--seed 1]

writes for each of `LINES` `FOLDER/LINE/CALL.wav` (two channels, the agent's left), which `./antiphon analyze` reads, and
`FOLDER/LINE/CALL.truth.json`: `{"turns": [{"channel", "begin_ms", "end_ms", "text", "voice", "private": [{"first", "last", "kind",
"begin_ms", "end_ms"}, ...]}]}`, where `private` names words of the text from `first` to `last`. The conversations are the test split's, every
fifth turn has sentences of `utterances_test`, and nobody does sums. `python -m antiphon.evaluate.calls` compares.
"""
from __future__ import annotations

import argparse
import json
import random
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from antiphon.data import dialogues, voices
from antiphon.data.augmentation import set_level, telephone
from antiphon.data.callers import DRAWN
from antiphon.data.dialogues import RANDOM, is_tool_call
from antiphon.data.domain import load_domain
from antiphon.data.utterances import spoken

SAMPLE_RATE = 16_000
NARROW = 8_000
AGENT, CUSTOMER = 0, 1
LEVELS = (-29, -23)
"""Root mean square of a voice in decibels below full scale, as calls have it."""
PAUSE = (0.3, 1.2)
"""Seconds between two turns."""
UTTERANCE_SHARE = 0.2
PRIVATE_SHARE = 0.6
"""Dialogues in which something has to be masked."""
SUMS = frozenset("plus minus times add multiply".split())
"""Words of the domain's sums, which nobody says in a call of this kind: "forty five is ninety" counts as a number of four digits."""
NUMBER, NAME, STREET = "number", "name", "street"
ONES = frozenset("zero one two three four five six seven eight nine".split())
TEENS = frozenset("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split())
TENS = frozenset("twenty thirty forty fifty sixty seventy eighty ninety".split())
SILENT = "sil"
FIGURES = ONES | TEENS | TENS
SIZES = ("hundred", "thousand")
PRIVATE_DIGITS = 3
"""A run of that many digits and more is masked, however it is spoken."""


def wide(channels, generator):
    return channels, SAMPLE_RATE


def narrow(channels, generator):
    return [resample_poly(telephone(wave), 1, 2) for wave in channels], NARROW


def with_noise(channels, generator):
    waves, rate = narrow(channels, generator)
    return [wave + 10 ** (-35 / 20) * generator.standard_normal(len(wave)) for wave in waves], rate


def with_leak(channels, generator):
    waves, rate = narrow(channels, generator)
    return [wave + 10 ** (-20 / 20) * other for wave, other in zip(waves, reversed(waves))], rate


def gsm(channels, generator):
    waves, rate = narrow(channels, generator)
    return [_through(wave, rate, format="WAV", subtype="GSM610") for wave in waves], rate


def opus(channels, generator):
    return [_through(wave, SAMPLE_RATE, format="OGG", subtype="OPUS") for wave in channels], SAMPLE_RATE


LINES = {"wide": wide, "telephone": narrow, "telephone-gsm": gsm, "opus": opus, "telephone-noise-35dbfs": with_noise, "telephone-leak-20db": with_leak}
"""What a line does to both channels; a wave in [-1, 1] at 16 kHz becomes one at the rate that is returned."""


def _through(wave, rate, **coding):
    coded = BytesIO()
    soundfile.write(coded, np.clip(wave, -1, 1).astype(np.float32), rate, **coding)
    coded.seek(0)
    return soundfile.read(coded, dtype="float32")[0][:len(wave)]


def digits(words):
    """How many digits a run of number words has: "four two", "forty two" and "twelve" have two, "four hundred" three."""
    count, after_tens = 0, False
    for word in words:
        if word == "and":
            continue
        if word in SIZES:
            count += 2 if word == "hundred" else 3
        elif word in TEENS or word in TENS:
            count += 2
        elif not after_tens:
            count += 1
        after_tens = word in TENS
    return count


def private(words, domain):
    """What has to be masked of a turn: [[first, last, kind], ...] in the order of its words."""
    names = {value.spoken for value in domain.slots["name"]}
    streets = [value.spoken.split() for value in domain.slots["street"]]
    found, place = [], 0
    while place < len(words):
        end = place
        while end < len(words) and (words[end] in FIGURES or (end > place and words[end] in SIZES)
                                    or (words[end] == "and" and words[end - 1] in SIZES and words[end + 1: end + 2] and words[end + 1] in FIGURES)):
            end += 1
        street = next((each for each in streets if words[place:place + len(each)] == each), None)
        if street:
            end, kind = place + len(street), STREET
        elif words[place] in names:
            end, kind = place + 1, NAME
        else:
            kind = NUMBER if digits(words[place:end]) >= PRIVATE_DIGITS else None
        if kind:
            found.append([place, end - 1, kind])
        place = max(end, place + 1)
    return found


def interval(caller, words, first, last, phones, milliseconds):
    """Where the words from `first` to `last` lie in an utterance: begin and end in milliseconds, told by how many phones come before.

    phones: [[start in milliseconds, label], ...] of the utterance, which is `milliseconds` long.
    """
    parts = [" ".join(words[:first]), " ".join(words[:last + 1])]
    spoken = iter(caller.speak([part for part in parts if part]))
    before, until = (sum(label != SILENT for _, label in next(spoken)[1]) if part else 0 for part in parts)
    starts = [start for start, label in phones if label != SILENT] + [milliseconds]
    return starts[min(before, len(starts) - 1)], starts[min(until, len(starts) - 1)]


def script(rows, utterances, domain, generator):
    """Turns without end: (channel, text) of one dialogue after the other."""
    utterances = [text for text in (row["turns"][0]["user"] for row in utterances) if not SUMS & set(text.split())]
    kinds = {True: [], False: []}
    for row in rows:
        if any(SUMS & set(spoken(f"{turn['user']} {turn['assistant']}").split()) for turn in row["turns"]):
            continue
        kinds[any(private(spoken(turn["user"] or "").split(), domain) for turn in row["turns"])].append(row)
    while True:
        for turn in generator.choice(kinds[generator.random() < PRIVATE_SHARE])["turns"]:
            if turn["intent"] == RANDOM:
                continue
            if generator.random() < UTTERANCE_SHARE:
                yield generator.choice((AGENT, CUSTOMER)), generator.choice(utterances)
            if turn["user"]:
                yield CUSTOMER, turn["user"]
            if not is_tool_call(turn["assistant"]):
                yield AGENT, spoken(turn["assistant"])


def milliseconds(samples):
    return round(1000 * samples / SAMPLE_RATE)


def hold(turns, callers, seconds, domain, generator):
    """A call of about `seconds`: two waves at 16 kHz and what is true of them. `callers` are the agent's and the customer's voice."""
    levels = [generator.uniform(*LEVELS) for _ in callers]
    placed, truth, position = [], [], int(SAMPLE_RATE * generator.uniform(*PAUSE))
    for channel, text in turns:
        if position > seconds * SAMPLE_RATE:
            break
        samples, phones = callers[channel].speak([text])[0]
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 150)
        length = milliseconds(len(samples))
        begin = milliseconds(position - loud[0])
        samples, words = samples[loud[0]:loud[-1] + 1], text.split()
        places = [(place, interval(callers[channel], words, *place[:2], phones, length)) for place in private(words, domain)]
        placed.append((channel, position, set_level(samples.astype(np.float32) / 32768, levels[channel])))
        truth.append({"channel": channel, "begin_ms": milliseconds(position), "end_ms": milliseconds(position + len(samples)), "text": text,
                      "voice": callers[channel].name,
                      "private": [{"first": first, "last": last, "kind": kind, "begin_ms": begin + since, "end_ms": begin + until}
                                  for (first, last, kind), (since, until) in places]})
        position += len(samples) + int(SAMPLE_RATE * generator.uniform(*PAUSE))
    channels = [np.zeros(position, np.float32) for _ in callers]
    for channel, begin, wave in placed:
        channels[channel][begin:begin + len(wave)] += wave
    return channels, {"turns": truth}


def build(folder, rows, utterances, calls, minutes, draw_caller, seed, report=print):
    """Writes `calls` calls on every line."""
    domain = load_domain()
    for number in range(calls):
        generator = random.Random(f"calls-{seed}-{number}")
        callers = [draw_caller(generator) for _ in (AGENT, CUSTOMER)]
        channels, truth = hold(script(rows, utterances, domain, generator), callers, 60 * minutes, domain, generator)
        for line, carry in LINES.items():
            waves, rate = carry(channels, np.random.default_rng(number))
            base = Path(folder) / line / f"call-{number:02d}"
            base.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(base.with_suffix(".wav"), np.clip(np.stack(waves, axis=1), -1, 1), rate, subtype="PCM_16")
            base.with_suffix(".truth.json").write_text(json.dumps(truth), encoding="utf-8")
        report(f"call {number}: {len(truth['turns'])} turns, {sum(len(turn['private']) for turn in truth['turns'])} private places")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--calls", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--voices", choices=DRAWN, default="held-out")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    build(options.folder, dialogues.read("test"), dialogues.read("utterances_test"), options.calls, options.minutes, DRAWN[options.voices],
          options.seed)


if __name__ == "__main__":
    main()
