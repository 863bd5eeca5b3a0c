"""D: the voice alone. The refined head learns to read any text, and answers in the style that is in force; what both depend on stays as it is.

`python -m antiphon.train.reading --minutes 25 --start runs/nano/longer`, and beside it, for as long as a core is free, the same
with `--worker 1`. Only `audio_invert_tower` moves: transcripts, answers and calls of the checkpoint stay what they were.
"""
from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import numpy as np
import torch

from antiphon.data import prompt
from antiphon.model import checkpoint
from . import workers
from .losses import batch_loss
from .optimisation import Optimisers
from .run import RUNS
from .sequences import Sequences, Vocabulary
from .speaking import answered, read_assistant, recited
from .tasks import Jointly
from .text import read_dialogues
from .voice_figures import Unseen

ANSWERED_EVERY = 4
"""One step in so many has answers to written questions, one answers in a style where that is asked for, the others recite."""


def train(options):
    """One worker's process."""
    torch.set_num_threads(1)
    worker = workers.Worker(options)
    run, leader = worker.run, worker.leader
    run.clock.decay, run.clock.floor = options.decay, 0.02
    vocabulary = Vocabulary(options.data / "tokenizer")
    sequences, voice = Sequences(vocabulary), read_assistant(options.data)
    dialogues = read_dialogues(options.data / "dialogues" / "train.jsonl")
    instructed = Jointly(sequences, read_dialogues(options.data / "dialogues" / "instructions_train.jsonl"), options.contrary) if options.instructed else None
    unseen = Unseen(sequences, options.data, options.detokenizer) if leader else None
    model = checkpoint.load(options.start).train()
    model.requires_grad_(False)
    model.audio_invert_tower.requires_grad_(True)
    optimisers = Optimisers(model.named_parameters(), options.muon, options.adam)
    parts = {"head": model.audio_invert_tower, "optimisers": optimisers}
    if run.resumed:
        for name, part in parts.items():
            part.load_state_dict(run.resumed[name])
    state = (lambda: {name: part.state_dict() for name, part in parts.items()}) if leader else None
    prefix, g = vocabulary.prefix(prompt.SPEECH), np.random.default_rng(run.seed + run.step)

    def figures():
        run.note(unseen_bits=unseen.bits(model), unseen_wer=unseen.error_rate(model))

    run.note(sentences=len(voice.all))
    if leader:
        figures()
    worker.begin(optimisers.parameters)
    evaluated = time.monotonic()
    going = True
    while going:
        if instructed and run.step % ANSWERED_EVERY == ANSWERED_EVERY // 2:
            name, samples = "instructed", instructed.batch(voice, options.instructed, g)
        else:
            name, make = ("read", answered) if run.step % ANSWERED_EVERY == 0 else ("recite", recited)
            samples = [make(sequences, voice, dialogues, g) for _ in range(options.batch)]
        loss = batch_loss(model, samples, prefix, whole_prompt=random.random() < options.whole_prompt, dropped=options.dropped, own=options.own)
        if loss.speech_count:
            run.add(**{f"{name}_bits": (loss.speech.item() / np.log(2), loss.speech_count)})
            (loss.speech / loss.speech_count).backward()
            optimisers.step(run.clock.factor())
        worker.stepped()
        if leader and time.monotonic() - evaluated > options.evaluate_minutes * 60:
            evaluated = time.monotonic()
            figures()
            checkpoint.save(model, options.out, vocabulary.directory)
        going = run.tick(state)
    worker.end()
    if leader:
        run.save(state)
        checkpoint.save(model, options.out, vocabulary.directory)
        figures()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=25)
    arguments.add_argument("--batch", type=int, default=24)
    arguments.add_argument("--dropped", type=float, default=0.1, help="part of the previous ids that is withheld")
    arguments.add_argument("--own", type=float, default=0.7, help="greatest part of a sentence's previous ids that are guesses of its own")
    arguments.add_argument("--instructed", type=int, default=0, help="answers in a style of instructions_train.jsonl, every fourth step")
    arguments.add_argument("--contrary", type=float, default=0.0, help="share of them that hear themselves in another style")
    workers.add_options(arguments)
    arguments.add_argument("--muon", type=float, default=2e-3)
    arguments.add_argument("--adam", type=float, default=1e-3)
    arguments.add_argument("--whole-prompt", type=float, default=0.1)
    arguments.add_argument("--decay", type=float, default=0.6)
    arguments.add_argument("--evaluate-minutes", type=float, default=5)
    arguments.add_argument("--start", type=Path, default=RUNS / "nano" / "longer")
    arguments.add_argument("--detokenizer", type=Path, default=RUNS / "detokenizer" / "detokenizer.safetensors", help="for the figures")
    arguments.add_argument("--out", type=Path, default=RUNS / "nano" / "reading")
    arguments.add_argument("--data", type=Path, default=RUNS / "data")
    arguments.add_argument("--seed", type=int, default=6)
    arguments.add_argument("--fresh", action="store_true")
    train(arguments.parse_args())


if __name__ == "__main__":
    main()
