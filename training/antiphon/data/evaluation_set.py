"""Builds a held-out evaluation set: questions that training has not seen, spoken by voices known and never heard.

    python -m antiphon.data.evaluation_set OUT [--count 300] [--seed 7]

writes `OUT/*.wav` (16 kHz PCM16 mono) and `OUT/MANIFEST.jsonl` for `./antiphon evaluate`: `{"id", "audio", "result"?}` and
beside them what a grader needs: `intent`, `voice`, `held_out_voice`, `reference` (the words said), `expected` (the answer's
text) and `call` (the tool call expected, if any). Half of the voices are held out; 15 % are random words.
"""

import argparse
import json
import random
from pathlib import Path

import soundfile

from antiphon.data import dialogues, paths, voices
from antiphon.data.domain import load_domain

SAMPLE_RATE = 16_000
HELD_OUT_SHARE = 0.5
RANDOM_SHARE = 0.15


def entry(identifier, turns, voice):
    """A manifest line for a question: `turns` of `DialogueBuilder.question`."""
    row = {"id": identifier, "audio": f"{identifier}.wav", "intent": turns[0]["intent"], "voice": voice,
           "reference": turns[0]["user"], "expected": turns[-1]["assistant"]}
    if len(turns) > 1:
        row["result"] = turns[1]["tool_result"]
        row["call"] = json.loads(turns[0]["assistant"].split("\n")[1])
    return row


def write_recordings(folder, rows, name="MANIFEST.jsonl"):
    """Writes the WAVs and the manifest; rows: (manifest line, int16 samples at 16 kHz)."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with paths.atomic(folder / name) as manifest:
        for row, samples in rows:
            soundfile.write(folder / row["audio"], samples, SAMPLE_RATE, subtype="PCM_16")
            manifest.write(json.dumps(row) + "\n")


def recordings(count, seed):
    """Draws and speaks `count` questions of the test split."""
    generator = random.Random(seed)
    builder = dialogues.DialogueBuilder(load_domain(), "test", f"evaluation-{seed}")
    names, weights = list(dialogues.WEIGHTS), list(dialogues.WEIGHTS.values())
    for index in range(count):
        name = dialogues.RANDOM if generator.random() < RANDOM_SHARE else generator.choices(names, weights)[0]
        held_out = generator.random() < HELD_OUT_SHARE
        caller = voices.held_out_caller(generator) if held_out else voices.training_caller(generator)
        turns = builder.question(name)
        row = entry(f"{index:03d}-{name}", turns, caller.name)
        row["held_out_voice"] = held_out
        yield row, caller.speak([turns[0]["user"]])[0][0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    write_recordings(arguments.out, recordings(arguments.count, arguments.seed))
    print(f"{arguments.count} recordings in {arguments.out}")


if __name__ == "__main__":
    main()
