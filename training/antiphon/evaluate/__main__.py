"""Holds the conversations of a manifest with a checkpoint, without the dataflow, by the released greedy loop.

`python -m antiphon.evaluate runs/nano/final --out runs/figures/checkpoint`

writes DIR/results.jsonl and DIR/speech/ID.wav in the form of `./antiphon evaluate`; `python -m antiphon.evaluate.score`
makes figures of either.
"""
from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch

from antiphon.evaluate import manifest
from antiphon.evaluate.conversing import Conversing, write_speech
from antiphon.model import checkpoint
from antiphon.train.run import RUNS
from antiphon.train.sequences import Vocabulary


def batches(conversations: list[manifest.Conversation], size: int):
    """Conversations of as many turns side by side, in the manifest's order otherwise."""
    ordered = sorted(conversations, key=lambda c: len(c.turns))
    for start in range(0, len(ordered), size):
        yield ordered[start: start + size]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("checkpoint", type=Path)
    arguments.add_argument("--manifest", type=Path, default=RUNS / "evaluation" / "MANIFEST.jsonl")
    arguments.add_argument("--out", type=Path, required=True, help="folder of the results; made if missing")
    arguments.add_argument("--detokenizer", type=Path, default=RUNS / "detokenizer" / "detokenizer.safetensors")
    arguments.add_argument("--no-speech", action="store_true", help="write no WAVs")
    arguments.add_argument("--set", choices=manifest.SETS, action="append", help="only this set; may be given again")
    arguments.add_argument("--count", type=int, default=10**6, help="only the first conversations")
    arguments.add_argument("--whole-maximum", action="store_true", help="clip log-mel at the whole utterance's maximum")
    arguments.add_argument("--batch", type=int, default=20)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    conversations = manifest.read(options.manifest)
    conversations = [c for c in conversations if not options.set or c.set in options.set][: options.count]
    conversing = Conversing(checkpoint.load(options.checkpoint), Vocabulary(options.checkpoint), not options.whole_maximum)
    speak = None
    if not options.no_speech:
        from antiphon.speech.checkpoint import load_detokenizer
        detokenizer, flush = load_detokenizer(options.detokenizer)
        speak = lambda ids: detokenizer.speak(ids, flush).numpy()
    options.out.mkdir(parents=True, exist_ok=True)
    begin, done = time.monotonic(), 0
    with open(options.out / "results.jsonl", "w") as file:
        for part in batches(conversations, options.batch):
            lines = conversing.hold(part)
            if speak:
                write_speech(lines, options.out / "speech", speak)
            file.writelines(json.dumps(line) + "\n" for line in lines)
            file.flush()
            done += len(part)
            left = (time.monotonic() - begin) / done * (len(conversations) - done)
            print(f"{done} of {len(conversations)} conversations, {left:.0f} s left", flush=True)


if __name__ == "__main__":
    main()
