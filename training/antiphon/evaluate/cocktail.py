"""What the Core-Cocktail merge gives: the first joint steps from the merge and, the same steps, from unmerged LLMs.

`python -m antiphon.evaluate.cocktail --steps 60 --out runs/figures/cocktail.json`

The encoder of the listening training and the refined head of the speaking training are kept; the shared LLM at the start is
the mean of theirs, listening's alone or speaking's alone. Every start gets the same batches of joint training (a quarter of
its usual size, without auxiliary losses, on one process) and is measured before and after: written questions against M0,
word error rate of held-out voices, bits per speech id of held-out answers.
"""
from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
import torch

from antiphon.data import prompt
from antiphon.evaluate import manifest, text_questions
from antiphon.evaluate.agreement import show
from antiphon.evaluate.card import STAGES
from antiphon.evaluate.conversing import TRANSCRIPT_LIMIT, prompts_for, read_recording
from antiphon.evaluate.figures import word_error_figure
from antiphon.model import checkpoint
from antiphon.model.generation import generate
from antiphon.train.audio import Corpus, Features, encode_batch, group_index
from antiphon.train.losses import batch_loss
from antiphon.train.merging import merge
from antiphon.train.optimisation import Optimisers
from antiphon.train.perturbation import perturb
from antiphon.train.run import RUNS
from antiphon.train.sequences import Sequences, Vocabulary
from antiphon.train.speaking import held_out_sample, read_assistant, spliced
from antiphon.train.tasks import Heard, Written
from antiphon.train.text import read_dialogues

STARTS = {"mean of both (Core-Cocktail)": 0.45, "listening's alone": 1.0, "speaking's alone": 0.0}
"""Name to the share of the listening training's LLM."""
SECONDS, SPLICED, WRITTEN = 10.0, 4, 6
"""Of one step: audio of spoken questions, spliced speech samples, written dialogues."""
RISE, DECAY = 5, 1 / 3
"""Steps in which the rate rises, last part of the steps in which it falls."""


class Bench:
    """Data and measurements that all starts share."""

    def __init__(self, data: Path, manifest_path: Path, m0: Path, questions: int, recordings: int):
        self.vocabulary = Vocabulary(data / "tokenizer")
        self.sequences, self.voice = Sequences(self.vocabulary), read_assistant(data)
        self.training = read_dialogues(data / "dialogues" / "train.jsonl")
        self.written = Written(self.sequences, read_dialogues(data / "dialogues" / "text.jsonl"))
        test = read_dialogues(data / "dialogues" / "test.jsonl")
        self.spoken = [s for s in (held_out_sample(self.sequences, self.voice, d["turns"]) for d in test) if s][:40]
        corpus = Corpus(data / "callers", ["train_00", "train_01"])
        self.heard = Heard(self.sequences, corpus, {d["id"]: d for d in self.training}, Features(perturb))
        self.heard.voice, self.plain = self.voice, Features()
        self.histories = text_questions.questions(test, questions)
        self.m0 = text_questions.answers(checkpoint.load(m0), self.vocabulary, self.histories)
        self.questions = [c.turns[0] for c in manifest.read(manifest_path)
                          if c.set == manifest.QUESTIONS and c.held_out_voice and c.turns[0].in_domain][:recordings]

    def step(self, model, optimisers, g, factor: float):
        """One step of joint training on freshly drawn samples."""
        recordings, samples, seconds = [], [], 0.0
        while seconds < SECONDS:
            heard, transcriptions, answer, _ = self.heard.answered(g)
            recordings, samples = recordings + heard, [*samples, *transcriptions, answer]
            seconds += sum(r.samples for r in heard) / 16_000
        encoded = encode_batch(model, recordings)
        numbers = {id(r): i for i, r in enumerate(recordings)}
        total = torch.zeros(())
        for mode in prompt.MODES:
            part = [s for s in samples if s.mode == mode]
            if part:
                total = total + mean(batch_loss(model, part, self.vocabulary.prefix(mode), encoded.groups, group_index(part, encoded, numbers)))
        for mode, part in ((prompt.TEXT, self.written.batch(WRITTEN, g)),
                           (prompt.SPEECH, [spliced(self.sequences, self.voice, self.training, g) for _ in range(SPLICED)])):
            total = total + mean(batch_loss(model, part, self.vocabulary.prefix(mode)))
        total.backward()
        optimisers.step(factor)

    @torch.no_grad()
    def measure(self, model) -> dict:
        """Written questions, transcripts, bits per speech id."""
        model.eval()
        after = text_questions.answers(model, self.vocabulary, self.histories)
        pairs = []
        for start in range(0, len(self.questions), 20):
            turns = self.questions[start: start + 20]
            recordings = [read_recording(t.audio, self.plain, t.reference, "") for t in turns]
            encoded = encode_batch(model, recordings, torch.float32)
            groups = [encoded.groups[a: a + r.groups] for a, r in zip(encoded.group_starts, recordings)]
            made = generate(model, prompts_for(self.vocabulary, recordings, prompt.TRANSCRIBE), groups, speech=False, limit=TRANSCRIPT_LIMIT)
            pairs += [(self.vocabulary.decode(m.text), t.reference) for m, t in zip(made, turns)]
        loss = batch_loss(model, self.spoken, self.vocabulary.prefix(prompt.SPEECH), dropped=0.0)
        model.train()
        return {"text_questions": text_questions.figures(self.histories, self.m0, after)["all"], "wer": word_error_figure(pairs),
                "held_out_bits": round(loss.speech.item() / np.log(2) / loss.speech_count, 3)}


def mean(loss) -> torch.Tensor:
    """Text loss and speech loss, each a mean, added."""
    total = torch.zeros(())
    if loss.text_count:
        total = total + loss.text / loss.text_count
    return total + loss.speech / loss.speech_count if loss.speech_count else total


def rate(step: int, steps: int) -> float:
    """Multiple of the learning rate at a step: rise, constant, linear fall."""
    return min(1.0, (step + 1) / RISE) * min(1.0, max(0.02, (1 - step / steps) / DECAY))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--steps", type=int, default=60)
    arguments.add_argument("--questions", type=int, default=200, help="written ones")
    arguments.add_argument("--recordings", type=int, default=60)
    arguments.add_argument("--nano", type=Path, default=RUNS / "nano", help="folder of the stages text, listening, speaking")
    arguments.add_argument("--data", type=Path, default=RUNS / "data")
    arguments.add_argument("--manifest", type=Path, default=RUNS / "evaluation" / "MANIFEST.jsonl")
    arguments.add_argument("--seed", type=int, default=5)
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    bench = Bench(options.data, options.manifest, options.nano / "text", options.questions, options.recordings)
    minutes = {stage: json.loads((options.nano / stage / "configuration.json").read_text())["minutes"] for stage in STAGES}
    rows, begin = [], time.monotonic()
    for name, share in STARTS.items():
        random.seed(options.seed)
        torch.manual_seed(options.seed)
        g = np.random.default_rng(options.seed)
        listening, speaking = (checkpoint.load(options.nano / stage, factored=True) for stage in ("listening", "speaking"))
        model = merge(listening, speaking, share).train()
        optimisers = Optimisers(model.named_parameters(), 2e-3, 1e-3)
        before = bench.measure(model)
        for step in range(options.steps):
            bench.step(model, optimisers, g, rate(step, options.steps))
            if step % 10 == 9:
                print(f"{name}: {step + 1} of {options.steps} steps, {time.monotonic() - begin:.0f} s", flush=True)
        rows.append({"start": name, "share": share, "before": before, **bench.measure(model)})
        print(name, {k: show(v) for k, v in rows[-1]["text_questions"].items()}, show(rows[-1]["wer"]), rows[-1]["held_out_bits"], flush=True)
        options.out.write_text(json.dumps({"steps": options.steps, "seed": options.seed, "minutes": minutes, "starts": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
