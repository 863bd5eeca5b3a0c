"""Renders dialogues with caller voices into a corpus.

    python -m antiphon.data.callers NAME --split train --hours 4 [--start 0] [--voices training] [--seed 1]

writes `runs/data/callers/NAME.pcm` (int16, 16 kHz, mono, no header) and `NAME.jsonl`, a line for each rendering:
`{"dialogue", "voice", "segments": [{"offset", "samples", "text", "phones": [[start_ms, label], ...]}], "sha256"}` with one
segment for each spoken user turn, offsets in samples. A dialogue has one caller. An interrupted run is gone on with.
"""

import argparse
import hashlib
import json
import os
import random
import time
from pathlib import Path

import numpy as np

from antiphon.data import dialogues, paths, voices

SAMPLE_RATE = 16_000
SILENCE_SHARE = 0.12
SILENCE_SECONDS = (0.1, 0.6)
TRIM_SHARE = 0.4
DRAWN = {"training": voices.training_caller, "held-out": voices.held_out_caller, "varied": voices.varied_caller,
         "natural": voices.natural_caller, "hibari": voices.hibari_caller, "held-out-natural": voices.held_out_natural_caller}
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
    """Speaks all user turns of a dialogue, in its "tone" if it has one; a list of (text, int16 samples at 16 kHz, phones)."""
    texts = [turn["user"] for turn in dialogue["turns"] if turn["user"]]
    spoken = caller.speak([written(text, generator) for text in texts])
    if dialogue.get("tone", "neutral") != "neutral":
        spoken = [in_tone(samples, phones, dialogue["tone"]) for samples, phones in spoken]
    return [(text, *edge_silence(samples, phones, generator)) for text, (samples, phones) in zip(texts, spoken)]


def in_tone(samples, phones, tone):
    """An utterance (int16 [n], labels) in one of `understanding.MOODS`."""
    from antiphon.data.understanding import MOODS, styled
    mood = MOODS[tone]
    wave = styled(samples.astype(np.float32) / 32768, mood)
    return np.round(np.clip(wave, -1, 1) * 32767).astype(np.int16), [[round(start / mood.rate), label] for start, label in phones]


def build(name, rows, draw_caller, seed, hours=None, report=lambda line: None):
    """Renders dialogues in order, until `hours` of audio if given; returns (renderings, seconds).

    What an interrupted run left in `NAME.*.part` is gone on with: every dialogue has a generator of its own, so that the bytes are
    those of a run without a break.
    """
    base = paths.CALLERS / name
    base.parent.mkdir(parents=True, exist_ok=True)
    audio_part, index_part = Path(f"{base}.pcm.part"), Path(f"{base}.jsonl.part")
    done = _left_behind(index_part)
    last = done[-1]["segments"][-1] if done else {"offset": 0, "samples": 0}
    offset, count, begin, reported = last["offset"] + last["samples"], len(done), time.monotonic(), 0.0
    for entry, dialogue in zip(done, rows):
        if entry["dialogue"] != dialogue["id"]:
            raise ValueError(f"{index_part} holds {entry['dialogue']}, expected {dialogue['id']}: remove it, or give the arguments of then")
    index_part.write_text("".join(json.dumps(entry) + "\n" for entry in done), encoding="utf-8")
    with open(audio_part, "r+b" if audio_part.exists() else "wb") as audio, open(index_part, "a", encoding="utf-8") as index:
        audio.truncate(2 * offset)
        audio.seek(2 * offset)
        for dialogue in rows[count:]:
            if hours and offset >= hours * 3600 * SAMPLE_RATE:
                break
            generator = random.Random(f"{name}-{seed}-{dialogue['id']}")
            caller = draw_caller(generator)
            segments, digest = [], hashlib.sha256()
            for text, samples, phones in render(dialogue, caller, generator):
                audio.write(samples.tobytes())
                digest.update(samples.tobytes())
                segments.append({"offset": offset, "samples": len(samples), "text": text, "phones": phones})
                offset += len(samples)
            audio.flush()
            index.write(json.dumps({"dialogue": dialogue["id"], "voice": caller.name, "segments": segments, "sha256": digest.hexdigest()}) + "\n")
            index.flush()
            count += 1
            if (spent := time.monotonic() - begin) - reported > 30:
                reported = spent
                report(f"{name}: {count} of {len(rows)} dialogues, {offset / SAMPLE_RATE / 60:.1f} min, {spent:.0f} s")
    os.replace(audio_part, f"{base}.pcm")
    os.replace(index_part, f"{base}.jsonl")
    return count, offset / SAMPLE_RATE


def _left_behind(index):
    """The whole lines of an interrupted run's index."""
    if not index.exists():
        return []
    return [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines() if line.endswith("}")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("--split", choices=("train", "test"), default="train")
    parser.add_argument("--dialogues", help="name of the file in runs/data/dialogues, by default the split's")
    parser.add_argument("--voices", choices=DRAWN, default="training")
    parser.add_argument("--start", type=int, default=0, help="first dialogue of the split")
    parser.add_argument("--count", type=int, help="how many dialogues at most")
    parser.add_argument("--hours", type=float, help="stop after this much audio")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rows = dialogues.read(arguments.dialogues or arguments.split)
    rows = rows[arguments.start:][:arguments.count]
    count, seconds = build(arguments.name, rows, DRAWN[arguments.voices], arguments.seed, arguments.hours, lambda line: print(line, flush=True))
    print(f"{arguments.name}: {count} dialogues, {seconds / 3600:.2f} h")


if __name__ == "__main__":
    main()
