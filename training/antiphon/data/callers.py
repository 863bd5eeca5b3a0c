"""Renders dialogues with caller voices into a corpus.

    python -m antiphon.data.callers NAME --split train --hours 4 [--start 0] [--voices training] [--seed 1]

writes `runs/data/callers/NAME.pcm` (int16, 16 kHz, mono, no header) and `NAME.jsonl`, a line for each rendering:
`{"dialogue", "voice", "segments": [{"offset", "samples", "text", "phones": [[start_ms, label], ...]}]}` with one segment
for each spoken user turn, offsets in samples. A dialogue has one caller.
"""

import argparse
import json
import os
import random

import numpy as np

from antiphon.data import dialogues, paths, voices

SAMPLE_RATE = 16_000
SILENCE_SHARE = 0.12
SILENCE_SECONDS = (0.1, 0.6)
TRIM_SHARE = 0.4
QUESTION_WORDS = ("what", "which", "how", "when", "can", "who", "am", "and")


def written(text, generator):
    """The text given to the synthesiser: now and then with a question mark or a comma, which change the melody."""
    words = text.split()
    if len(words) > 3 and generator.random() < 0.06:
        place = generator.randrange(1, len(words) - 1)
        words[place] += ","
    if words[0] in QUESTION_WORDS and generator.random() < 0.5:
        words[-1] += "?"
    elif generator.random() < 0.2:
        words[-1] += "."
    return " ".join(words)


def edge_silence(samples, phones, generator):
    """Changes the silence around an utterance: some have the synthesiser's own trimmed, some have more put in.

    samples: int16 [n]; phones: [[start_ms, label], ...]. Returns both, with the phones' times moved along.
    """
    lead = trail = 0
    loud = np.flatnonzero(np.abs(samples) > 150)
    if generator.random() < TRIM_SHARE and len(loud):
        start = max(0, loud[0] - generator.randint(0, 1600))
        end = min(len(samples), loud[-1] + 1 + generator.randint(0, 3200))
        samples, lead = samples[start:end], -start
    if generator.random() < SILENCE_SHARE:
        put = int(generator.uniform(*SILENCE_SECONDS) * SAMPLE_RATE)
        lead += put
        samples = np.concatenate([np.zeros(put, np.int16), samples])
    if generator.random() < SILENCE_SHARE:
        trail = int(generator.uniform(*SILENCE_SECONDS) * SAMPLE_RATE)
        samples = np.concatenate([samples, np.zeros(trail, np.int16)])
    shift = round(1000 * lead / SAMPLE_RATE)
    moved = [[max(0, start + shift), label] for start, label in phones]
    if lead > 0 and moved and moved[0][1] != "sil":
        moved.insert(0, [0, "sil"])
    return samples, moved


def render(dialogue, caller, generator):
    """Speaks all user turns of a dialogue; a list of (text, int16 samples at 16 kHz, phones)."""
    texts = [turn["user"] for turn in dialogue["turns"] if turn["user"]]
    spoken = caller.speak([written(text, generator) for text in texts])
    return [(text, *edge_silence(samples, phones, generator)) for text, (samples, phones) in zip(texts, spoken)]


def build(name, rows, draw_caller, seed, hours=None):
    """Renders dialogues in order, until `hours` of audio if given; returns (renderings, seconds)."""
    generator = random.Random(f"{name}-{seed}")
    base = paths.CALLERS / name
    base.parent.mkdir(parents=True, exist_ok=True)
    offset = count = 0
    with open(f"{base}.pcm.part", "wb") as audio, open(f"{base}.jsonl.part", "w", encoding="utf-8") as index:
        for dialogue in rows:
            if hours and offset >= hours * 3600 * SAMPLE_RATE:
                break
            caller = draw_caller(generator)
            segments = []
            for text, samples, phones in render(dialogue, caller, generator):
                audio.write(samples.tobytes())
                segments.append({"offset": offset, "samples": len(samples), "text": text, "phones": phones})
                offset += len(samples)
            index.write(json.dumps({"dialogue": dialogue["id"], "voice": caller.name, "segments": segments}) + "\n")
            count += 1
    os.replace(f"{base}.pcm.part", f"{base}.pcm")
    os.replace(f"{base}.jsonl.part", f"{base}.jsonl")
    return count, offset / SAMPLE_RATE


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("--split", choices=("train", "test"), default="train")
    parser.add_argument("--voices", choices=("training", "held-out", "varied"), default="training")
    parser.add_argument("--start", type=int, default=0, help="first dialogue of the split")
    parser.add_argument("--count", type=int, help="how many dialogues at most")
    parser.add_argument("--hours", type=float, help="stop after this much audio")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rows = dialogues.read(arguments.split)
    rows = rows[arguments.start:][:arguments.count]
    draw = {"training": voices.training_caller, "held-out": voices.held_out_caller,
            "varied": voices.varied_caller}[arguments.voices]
    count, seconds = build(arguments.name, rows, draw, arguments.seed, arguments.hours)
    print(f"{arguments.name}: {count} dialogues, {seconds / 3600:.2f} h")


if __name__ == "__main__":
    main()
