"""What `./antiphon analyze` wrote of generated calls against what is true of them.

    python -m antiphon.evaluate.calls FOLDER/LINE OUT [--out FILE]

`FOLDER` is of `python -m antiphon.data.calls`, `OUT` of `./antiphon analyze FOLDER/LINE/*.wav --out OUT`.

* `wer`: of the words outside masks, by party, and of utterances of 12 words and more.
* `private`: places by kind that were masked whole; told, of which at least one word stands there; misheard, of which none does.
* `other_words_masked`: words that are not personal and lie under a mask.
* `audible`: private places of which more than a tenth still sounds in `OUT/CALL.wav`, by the outcome in the text. Their times are the
  synthesiser's phones', to about one of them; so 60 ms at either end do not count.
"""
from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from antiphon.data.calls import AGENT, CUSTOMER

LONG_WORDS = 12
OTHER_UNDER_MASK = 0.4
"""Less than an error: a mask rather lies on a word than beside it, but on a private word before another."""
MATCH, SUBSTITUTED, DELETED, MASKED = "match", "substituted", "deleted", "masked"
EDGE_MILLIS = 60
AUDIBLE_SHARE = 0.1


@dataclass(frozen=True)
class Word:
    """A word that was said. `place` numbers the private place that it belongs to, if to one."""

    text: str
    place: int | None
    long: bool


def is_mask(token):
    return token.startswith("[") and token.endswith("]")


def align(said: list[Word], written: list[str]) -> tuple[list[str], list[int]]:
    """What became of each word; how many words were written after it that nobody said, the last entry for those before the first."""
    rows, columns = len(said) + 1, len(written) + 1
    cost = [[0.0] * columns for _ in range(rows)]
    step = [[""] * columns for _ in range(rows)]
    for row in range(rows):
        for column in range(columns):
            options = []
            if row and column:
                word, token = said[row - 1], written[column - 1]
                if is_mask(token):
                    under = 0.0 if word.place is not None else OTHER_UNDER_MASK
                    options += [(cost[row - 1][column - 1] + under, MASKED), (cost[row - 1][column] + under, "on " + MASKED)]
                else:
                    same = word.text == token
                    options.append((cost[row - 1][column - 1] + (not same), MATCH if same else SUBSTITUTED))
            if row:
                options.append((cost[row - 1][column] + 1, DELETED))
            if column:
                options.append((cost[row][column - 1] + 1, "inserted"))
            if options:
                cost[row][column], step[row][column] = min(options, key=lambda option: option[0])
    fates, inserted = [DELETED] * len(said), [0] * (len(said) + 1)
    row, column = rows - 1, columns - 1
    while row or column:
        taken = step[row][column]
        if taken == "inserted":
            column -= 1
            inserted[row - 1] += not is_mask(written[column])
        else:
            row -= 1
            fates[row] = taken.removeprefix("on ")
            column -= taken in (MATCH, SUBSTITUTED, MASKED)
    return fates, inserted


@dataclass
class Tally:
    """What was counted of some calls."""

    words: Counter = field(default_factory=Counter)
    errors: Counter = field(default_factory=Counter)
    places: Counter = field(default_factory=Counter)
    other_words: int = 0
    other_masked: int = 0
    audible: Counter = field(default_factory=Counter)

    def add(self, said: list[Word], places: list[dict], written: list[str], party: str, sounding) -> None:
        """What stands in the transcript of a party. sounding(place): the share of it that still sounds."""
        fates, inserted = align(said, written)
        place_fates: dict[int, set] = {}
        for number, (word, fate) in enumerate(zip(said, fates)):
            if word.place is not None:
                place_fates.setdefault(word.place, set()).add(fate)
            else:
                self.other_words += 1
                self.other_masked += fate == MASKED
            for group in (party, *(("long",) if word.long else ())):
                self.words[group] += fate != MASKED
                self.errors[group] += (fate not in (MATCH, MASKED)) + inserted[number]
        self.errors[party] += inserted[-1]
        for place, met in place_fates.items():
            outcome = "told" if MATCH in met else "masked" if met == {MASKED} else "misheard"
            self.places[places[place]["kind"], outcome] += 1
            self.audible[outcome] += sounding(places[place]) > AUDIBLE_SHARE

    def figures(self) -> dict:
        outcomes = ("masked", "misheard", "told")
        return {"wer": {group: {"errors": self.errors[group], "words": count, "rate": round(self.errors[group] / count, 4)}
                          for group, count in self.words.items()},
                  "private": {kind: {outcome: self.places[kind, outcome] for outcome in outcomes} for kind in sorted({kind for kind, _ in self.places})},
                  "private_places": sum(self.places.values()),
                  "told": sum(count for (_, outcome), count in self.places.items() if outcome == "told"),
                  "other_words_masked": {"words": self.other_masked, "of": self.other_words},
                "audible": {outcome: self.audible[outcome] for outcome in outcomes}}


def of_channel(truth, channel):
    """The words that a party said, and its private places."""
    said, private = [], []
    for turn in truth["turns"]:
        if turn["channel"] != channel:
            continue
        words, places = turn["text"].split(), {}
        for place in turn["private"]:
            places |= {number: len(private) for number in range(place["first"], place["last"] + 1)}
            private.append(place)
        said += [Word(word, places.get(number), len(words) >= LONG_WORDS) for number, word in enumerate(words)]
    return said, private


def transcript(call, channel):
    """The words and masks that stand in `CALL.json` for a channel, in the order of time."""
    segments = sorted((each for each in call["transcript"] if each["channel"] == channel), key=lambda each: each["interval"]["beginMillis"])
    tokens = [token for each in segments for token in re.findall(r"\[[A-Z]+\]|[A-Za-z']+", each["text"])]
    return [token if is_mask(token) else token.lower() for token in tokens]


def sounding(wave, rate, place):
    """The share of a private place in which a redacted channel is not silent."""
    edge = min(EDGE_MILLIS, (place["end_ms"] - place["begin_ms"]) // 3)
    part = wave[(place["begin_ms"] + edge) * rate // 1000: (place["end_ms"] - edge) * rate // 1000]
    return float(np.mean(part != 0)) if len(part) else 0.0


def measure(folder: Path, analysed: Path) -> dict:
    tally, calls = Tally(), 0
    for path in sorted(folder.glob("*.truth.json")):
        name = path.name.removesuffix(".truth.json")
        truth = json.loads(path.read_text(encoding="utf-8"))
        call = json.loads((analysed / f"{name}.json").read_text(encoding="utf-8"))
        waves, rate = soundfile.read(analysed / f"{name}.wav", dtype="int16")
        calls += 1
        for channel, party in ((AGENT, "agent"), (CUSTOMER, "customer")):
            said, places = of_channel(truth, channel)
            tally.add(said, places, transcript(call, channel), party, partial(sounding, waves[:, channel], rate))
    if not calls:
        raise SystemExit(f"{folder} has no CALL.truth.json; expected a folder of python -m antiphon.data.calls")
    return {"calls": calls} | tally.figures()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("analysed", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    text = json.dumps(measure(options.folder, options.analysed), indent=1)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
