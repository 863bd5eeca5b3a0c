"""The optional head that times words: cut out of what listening was trained with, its lateness measured, put beside a checkpoint.

    python -m antiphon.train.word_times runs/nano/final runs/nano/joint/auxiliary.safetensors

writes `CHECKPOINT/word_times.safetensors`, which the export makes a graph of. Its lateness, and what is left of it, come from held-out
sentences spoken by espeak-ng, which tells where it begins each word; half of the voices are held out.
"""
from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from antiphon import word_alignment
from antiphon.data import voices
from antiphon.data.dialogues import WEIGHTS, DialogueBuilder
from antiphon.data.domain import load_domain
from antiphon.data.espeak import espeak
from antiphon.export import word_times
from antiphon.model import checkpoint

from .audio import Features, encode_batch
from .listening import LETTERS, Auxiliary

QUANTILES = (50, 90, 95)


def sentences(count: int, seed: int):
    """(text, int16 samples at 16 kHz, begin of each word in ms); those of which espeak-ng joins words are left out."""
    generator = random.Random(seed)
    builder = DialogueBuilder(load_domain(), "test", f"word-times-{seed}")
    made = 0
    while made < count:
        text = builder.question(generator.choices(list(WEIGHTS), list(WEIGHTS.values()))[0])[0]["user"]
        variant = "+" + generator.choice(voices.HELD_OUT_VARIANTS) if made % 2 else ""
        samples, _ = espeak().synthesise(text, f"gmw/{generator.choice(voices.ACCENTS)}{variant}", generator.randint(110, 210),
                                         generator.randint(20, 80))
        begins = espeak().word_begins()
        if len(begins) == len(text.split()) and all(c in LETTERS for c in text):
            made += 1
            yield text, samples, begins


def scores(model, head: Auxiliary, samples: np.ndarray) -> np.ndarray:
    """int16 [n] → float32 [frames of 20 ms, classes]: logarithms of probabilities."""
    features = Features()
    mel = features.log_mel.raw(torch.from_numpy(samples.astype(np.float32) / 32768)).float()
    with torch.no_grad():
        hidden = encode_batch(model, [features.recording(mel, len(samples), "", None, "")], dtype=torch.float32, want_hidden=True).hidden
        return torch.log_softmax(head.characters(head.norm(hidden)).float(), -1).numpy()


def lateness(model, head: Auxiliary, count: int, seed: int, offset: int = 0) -> np.ndarray:
    """By how many milliseconds each word's first character, less `offset`, comes behind its begin."""
    late = []
    for text, samples, begins in sentences(count, seed):
        found = word_alignment.words(scores(model, head, samples), text.split(), LETTERS, offset)
        late += [begin - truth for (begin, _), truth in zip(found, begins)]
    return np.array(late)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("checkpoint", type=Path)
    arguments.add_argument("heads", type=Path, help="auxiliary.safetensors of the training that the encoder comes from")
    arguments.add_argument("--sentences", type=int, default=100, help="to measure the lateness with, and as many others to test it with")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    model = checkpoint.load(options.checkpoint).eval()
    tensors = load_file(options.heads)
    head = Auxiliary(tensors["norm.weight"].numel())
    head.load_state_dict(tensors)
    offset = int(np.median(lateness(model, head, options.sentences, 1)))
    kept = {name: tensors[name].contiguous() for name in ("norm.weight", "norm.bias", "characters.weight", "characters.bias")}
    path = options.checkpoint / word_times.FILE
    save_file(kept, path, {word_times.CHARACTERS: LETTERS, word_times.OFFSET: str(max(0, offset))})
    left = np.abs(lateness(model, head, options.sentences, 2, offset))
    figures = {f"p{q}": float(np.percentile(left, q)) for q in QUANTILES}
    print(json.dumps({"file": str(path), "beginOffsetMillis": offset, "words": len(left), "millisecondsOff": figures}))


if __name__ == "__main__":
    main()
