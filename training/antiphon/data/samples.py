"""Makes the sample recordings of the repository, whose questions are not in training wherever the domain allows.

    python -m antiphon.data.samples ../samples

writes `OUT/*.wav` and `OUT/manifest.jsonl`: `{"id", "audio", "text", "expected", "result"?, "intent", "voice"}`. With `--natural` it
adds four by Kokoro's held-out voices, who sound human, to those that are there.
"""

import argparse
from pathlib import Path

from antiphon.data import dialogues, evaluation_set
from antiphon.data.domain import load_domain
from antiphon.data.voices import ESPEAK, FLITE, KOKORO, Caller

# Intent, voice, speed: each sample is the first question of its own seeded draw from the test split.
SAMPLES = (("capital", Caller(ESPEAK, "gmw/en", 160, 50)), ("add", Caller(FLITE, "slt", 1.0)),
           ("balance", Caller(ESPEAK, "gmw/en-US", 155, 45)), ("block_card", Caller(FLITE, "slt", 1.1)),
           ("opposite", Caller(ESPEAK, "gmw/en-US+f2", 150, 55)), ("hours", Caller(ESPEAK, "gmw/en", 150, 40)),
           ("transfer", Caller(FLITE, "awb", 1.0)), ("colour", Caller(ESPEAK, "gmw/en-GB-x-rp", 155, 50)))

NATURAL = (("multiply", Caller(KOKORO, "am_puck", 1.0)), ("due_date", Caller(KOKORO, "bf_lily", 1.0)),
           ("day_before", Caller(KOKORO, "af_sky", 1.0)), ("switch_off", Caller(KOKORO, "bm_fable", 1.0)))


def recordings(samples=SAMPLES):
    """(manifest line, int16 samples at 16 kHz) of every sample."""
    for name, caller in samples:
        turns = dialogues.DialogueBuilder(load_domain(), "test", f"sample-{name}").question(name)
        row = evaluation_set.entry(name.replace("_", "-"), turns, caller.name)
        row["text"] = row.pop("reference")
        yield row, caller.speak([turns[0]["user"]])[0][0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--natural", action="store_true", help="add the natural voices' to the manifest that is there")
    options = parser.parse_args()
    manifest = options.out / "manifest.jsonl"
    kept = manifest.read_text() if options.natural else ""
    evaluation_set.write_recordings(options.out, recordings(NATURAL if options.natural else SAMPLES), manifest.name)
    manifest.write_text(kept + manifest.read_text())


if __name__ == "__main__":
    main()
