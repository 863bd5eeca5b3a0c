"""M0: the shared LLM on written dialogues. `python -m antiphon.train.text --minutes 8`."""
from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import torch

from antiphon.data import prompt
from antiphon.model import DialogueModel, checkpoint
from antiphon.model.configuration import nano, toy
from antiphon.model.generation import generate
from .figures import same
from .losses import batch_loss
from .optimisation import Optimisers
from .run import RUNS, Run
from .sequences import Sequences, Vocabulary


SIZES = {"nano": nano, "toy": toy}


def read_dialogues(path: Path) -> list[dict]:
    """Dialogues of a JSON-lines file; raises FileNotFoundError naming the file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def bucketed(samples, size: int, generator: random.Random):
    """Endless batches of `size` samples of similar length: sorts pools of 16 batches by length."""
    order = []
    while True:
        while len(order) < size * 16:
            fresh = list(range(len(samples)))
            generator.shuffle(fresh)
            order.extend(fresh)
        pool, order = order[: size * 16], order[size * 16:]
        pool.sort(key=lambda i: len(samples[i].ids) + generator.random())
        batches = [pool[i : i + size] for i in range(0, len(pool), size)]
        generator.shuffle(batches)
        for batch in batches:
            yield [samples[i] for i in batch]


def written_accuracy(model, vocabulary, dialogues, count: int = 100) -> dict:
    """Greedy answers to the last assistant turns of `count` dialogues in text mode: exact part, by plain answer and tool call."""
    sequences = Sequences(vocabulary)
    prompts, wanted = [], []
    for dialogue in dialogues[:count]:
        turns = dialogue["turns"]
        turns = turns[: 1 + len(prompts) % len(turns)]
        sample = sequences.text_answer(turns, [None] * len(turns), prompt.TEXT)
        answer = list(vocabulary.encode(turns[-1]["assistant"]))
        ids = vocabulary.prefix(prompt.TEXT) + sample.ids[: len(sample.ids) - len(answer)]
        prompts.append(torch.tensor(ids))
        wanted.append(turns[-1]["assistant"])
    made = [vocabulary.decode(a.text) for a in generate(model, prompts, speech=False, limit=48)]
    right = [same(a, b) for a, b in zip(made, wanted)]
    tools = [r for r, w in zip(right, wanted) if "<tool_call>" in w]
    plain = [r for r, w in zip(right, wanted) if "<tool_call>" not in w]
    return {"exact_tools": sum(tools) / max(1, len(tools)), "exact_plain": sum(plain) / max(1, len(plain))}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=8)
    arguments.add_argument("--batch", type=int, default=64)
    arguments.add_argument("--size", choices=SIZES, default="nano")
    arguments.add_argument("--data", type=Path, default=RUNS / "data")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--out", type=Path, default=RUNS / "nano" / "text")
    arguments.add_argument("--fresh", action="store_true")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    run = Run(options.out, vars(options), options.fresh)
    data = options.data
    vocabulary = Vocabulary(data / "tokenizer")
    model = DialogueModel(SIZES[options.size](vocabulary.special, vocabulary.size))
    optimisers = Optimisers(model.language_model.named_parameters(), 3e-3, 2e-3)
    if run.resumed:
        model.load_state_dict(run.resumed["model"])
        optimisers.load_state_dict(run.resumed["optimisers"])
    sequences = Sequences(vocabulary)
    dialogues = read_dialogues(data / "dialogues" / "text.jsonl")
    test = read_dialogues(data / "dialogues" / "test.jsonl")
    samples = [sequences.written_dialogue(d["turns"]) for d in dialogues]
    run.note(samples=len(samples), parameters=sum(p.numel() for p in model.parameters()))

    def state():
        return {"model": model.state_dict(), "optimisers": optimisers.state_dict()}

    run.begin()
    prefix = vocabulary.prefix(prompt.TEXT)
    for batch in bucketed(samples, options.batch, random.Random(options.seed + run.step)):
        loss = batch_loss(model, batch, prefix)
        (loss.text / loss.text_count).backward()
        optimisers.step(run.clock.factor())
        run.add(text=(loss.text.item(), loss.text_count), samples_seen=len(batch))
        if run.step % 400 == 399:
            run.note(**written_accuracy(model, vocabulary, test))
        if not run.tick(state):
            break
    run.save(state)
    run.note(**written_accuracy(model, vocabulary, test, 300))
    checkpoint.save(model, options.out, vocabulary.directory)


if __name__ == "__main__":
    main()
