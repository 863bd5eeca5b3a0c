"""Questions of the test dialogues with a place in mid-sentence where their caller may hesitate.

    python -m antiphon.data.hesitations OUT [--count 60]

writes `OUT/*.wav` and `OUT/manifest.jsonl`, a line each: `{"audio", "kind", "voice", "text", "said", "pauseMillis"}`. They are spoken
with a comma at a word drawn at random, so that the melody is that of somebody who goes on, and the synthesiser's own pause is taken out;
`pauseMillis` is where it was, `said` the words before it. Kinds of callers: those of training, held-out ones, and hibari, one natural
voice.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
import soundfile

from antiphon.data import dialogues, voices

RATE = 16_000
FRAME = 160
QUIET = 0.02
"""Of the loudest 10 ms."""
SHORTEST = 0.06
"""Seconds of a comma's pause; a voice that makes none is left out."""
KINDS = {"training": voices.training_caller, "held-out": voices.held_out_caller, "hibari": voices.hibari_caller}


def stretches(samples):
    """Speech and the quiet stretches in it: (begin, end), [(begin, end), ...], in samples."""
    frames = len(samples) // FRAME
    level = np.sqrt((samples[:frames * FRAME].reshape(frames, FRAME).astype(np.float64) ** 2).mean(1))
    quiet = level < QUIET * level.max()
    loud = np.flatnonzero(~quiet)
    first, last = loud[0], loud[-1]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet[first: last + 1], [False]]).astype(int)))
    return (int(first) * FRAME, (int(last) + 1) * FRAME), [(int(first + a) * FRAME, int(first + b) * FRAME)
                                                            for a, b in zip(edges[::2], edges[1::2])]


def hesitation(text, caller, generator):
    """Samples without the pause, its place in samples and the words before it; None where the voice makes no pause."""
    words = text.split()
    place = generator.randrange(2, len(words))
    (samples, _), = caller.speak([" ".join(words[:place]) + ", " + " ".join(words[place:])])
    (begin, end), quiet = stretches(samples)
    longest = max(quiet, key=lambda each: each[1] - each[0], default=(0, 0))
    if longest[1] - longest[0] < SHORTEST * RATE:
        return None
    return np.concatenate([samples[begin: longest[0]], samples[longest[1]: end]]), longest[0] - begin, " ".join(words[:place])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=60, help="recordings of each kind of caller")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    rows = iter([row for row in dialogues.read("test")
                 if row["turns"][0]["intent"] != "random" and len((row["turns"][0]["user"] or "").split()) >= 4])
    with open(arguments.out / "manifest.jsonl", "w", encoding="utf-8") as manifest:
        for kind, draw in KINDS.items():
            made = 0
            while made < arguments.count:
                row = next(rows)
                generator = random.Random(f"hesitation-{row['id']}")
                caller, text = draw(generator), row["turns"][0]["user"]
                spoken = hesitation(text, caller, generator)
                if spoken is None:
                    continue
                samples, place, said = spoken
                audio = f"{row['id']}.wav"
                soundfile.write(arguments.out / audio, samples, RATE, subtype="PCM_16")
                manifest.write(json.dumps({"audio": audio, "kind": kind, "voice": caller.name, "text": text, "said": said,
                                           "pauseMillis": place * 1000 // RATE}) + "\n")
                made += 1
            print(f"{kind}: {made} recordings")


if __name__ == "__main__":
    main()
