"""Makes the eight sample recordings of the repository, whose questions are not in training wherever the domain allows.

    python -m antiphon.data.samples ../samples

writes `OUT/*.wav` and `OUT/manifest.jsonl`: `{"id", "audio", "text", "expected", "result"?, "intent", "voice"}`.
"""

import argparse
from pathlib import Path

from antiphon.data import dialogues, evaluation_set
from antiphon.data.domain import load_domain
from antiphon.data.voices import ESPEAK, FLITE, Caller

# Intent, voice, speed: each sample is the first question of its own seeded draw from the test split.
SAMPLES = (("capital", Caller(ESPEAK, "gmw/en", 160, 50)), ("add", Caller(FLITE, "slt", 1.0)),
           ("balance", Caller(ESPEAK, "gmw/en-US", 155, 45)), ("block_card", Caller(FLITE, "slt", 1.1)),
           ("opposite", Caller(ESPEAK, "gmw/en-US+f2", 150, 55)), ("hours", Caller(ESPEAK, "gmw/en", 150, 40)),
           ("transfer", Caller(FLITE, "awb", 1.0)), ("colour", Caller(ESPEAK, "gmw/en-GB-x-rp", 155, 50)))


def recordings():
    """(manifest line, int16 samples at 16 kHz) of every sample."""
    for name, caller in SAMPLES:
        turns = dialogues.DialogueBuilder(load_domain(), "test", f"sample-{name}").question(name)
        row = evaluation_set.entry(name.replace("_", "-"), turns, caller.name)
        row["text"] = row.pop("reference")
        yield row, caller.speak([turns[0]["user"]])[0][0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    evaluation_set.write_recordings(parser.parse_args().out, recordings(), "manifest.jsonl")


if __name__ == "__main__":
    main()
