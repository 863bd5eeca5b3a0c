"""Core-Cocktail merge: one model from the listening and the speaking training.

`python -m antiphon.train.merging --alpha 0.5` writes runs/nano/merged. With `--everything` the mean is one of all tensors, to go only a
part of the way that a further training (`--listening`) went from its start (`--speaking`).
"""
from __future__ import annotations

import argparse
import copy
from dataclasses import replace
from pathlib import Path

from antiphon.model import DialogueModel, checkpoint
from .run import RUNS

LISTENING = ("continuous_audio_tower.", "audio_tower.continual_output_matching.")
SHARED = "language_model."


def merge(listening: DialogueModel, speaking: DialogueModel, alpha: float, everything: bool = False) -> DialogueModel:
    """The encoder of `listening`, the refined head and speech table of `speaking`, and the mean of their shared LLMs (or of
    `everything`): alpha · listening + (1 − alpha) · speaking. Changes and returns `speaking`."""
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha={alpha}: expected 0 to 1")
    if listening.c.encoder != speaking.c.encoder:
        # The encoder may have begun with weights of another size.
        speaking.c = replace(speaking.c, encoder=listening.c.encoder)
        speaking.continuous_audio_tower = copy.deepcopy(listening.continuous_audio_tower)
    heard, state = listening.state_dict(), speaking.state_dict()
    for name in state:
        if name.startswith(LISTENING) and not everything:
            state[name] = heard[name]
        elif everything or name.startswith(SHARED):
            state[name] = alpha * heard[name] + (1 - alpha) * state[name]
    speaking.load_state_dict(state)
    return speaking


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--listening", type=Path, default=RUNS / "nano" / "listening")
    arguments.add_argument("--speaking", type=Path, default=RUNS / "nano" / "speaking")
    arguments.add_argument("--out", type=Path, default=RUNS / "nano" / "merged")
    arguments.add_argument("--alpha", type=float, default=0.5)
    arguments.add_argument("--everything", action="store_true")
    options = arguments.parse_args()
    model = merge(checkpoint.load(options.listening), checkpoint.load(options.speaking), options.alpha, options.everything)
    checkpoint.save(model, options.out, options.speaking)


if __name__ == "__main__":
    main()
