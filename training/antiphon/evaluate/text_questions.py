"""Written questions: what the text-only model M0 answered rightly and another checkpoint still does.

`python -m antiphon.evaluate.text_questions runs/nano/text runs/nano/final --out runs/figures/text_questions.json`

Every assistant turn of held-out written dialogues, the turns before it as they should have gone, greedy, in the mode `text`.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from antiphon.data import prompt
from antiphon.data.dialogues import is_tool_call
from antiphon.evaluate.agreement import show
from antiphon.evaluate.figures import share
from antiphon.model import DialogueModel, checkpoint
from antiphon.model.generation import generate
from antiphon.train.figures import same
from antiphon.train.run import RUNS
from antiphon.train.sequences import Sequences, Vocabulary
from antiphon.train.text import read_dialogues

LIMIT = 48
"""Positions; the longest tool call has 40."""


def questions(dialogues: list[dict], count: int) -> list[list[dict]]:
    """The histories that end in a turn to be answered: every turn of every dialogue, the first `count` of them."""
    return [d["turns"][: n + 1] for d in dialogues for n in range(len(d["turns"]))][:count]


def answers(model: DialogueModel, vocabulary: Vocabulary, histories: list[list[dict]], batch: int = 50) -> list[str]:
    """A model's greedy answers."""
    sequences, made = Sequences(vocabulary), [""] * len(histories)
    order = sorted(range(len(histories)), key=lambda i: len(histories[i]))
    for start in range(0, len(order), batch):
        part, prompts = order[start: start + batch], []
        for turns in (histories[i] for i in part):
            ids = sequences.text_answer(turns, [None] * len(turns), prompt.TEXT).ids
            ids = ids[: len(ids) - len(vocabulary.encode(turns[-1]["assistant"]))]
            prompts.append(torch.tensor(vocabulary.prefix(prompt.TEXT) + ids))
        for i, one in zip(part, generate(model, prompts, speech=False, limit=LIMIT)):
            made[i] = vocabulary.decode(one.text)
    return made


def figures(histories: list[list[dict]], before: list[str], after: list[str]) -> dict:
    """Exact answers of both, and of those that the first had right how many the second has, by plain answer and tool call."""
    wanted = [turns[-1]["assistant"] for turns in histories]
    rows = [(same(b, w), same(a, w), is_tool_call(w)) for b, a, w in zip(before, after, wanted)]
    result = {}
    for name, part in (("all", rows), ("plain", [r for r in rows if not r[2]]), ("calls", [r for r in rows if r[2]])):
        result[name] = {"m0_exact": share(b for b, _, _ in part), "exact": share(a for _, a, _ in part),
                        "kept": share(a for b, a, _ in part if b)}
    return result


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("m0", type=Path)
    arguments.add_argument("checkpoint", type=Path)
    arguments.add_argument("--data", type=Path, default=RUNS / "data")
    arguments.add_argument("--count", type=int, default=500)
    arguments.add_argument("--out", type=Path, help="file of the figures")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    histories = questions(read_dialogues(options.data / "dialogues" / "test.jsonl"), options.count)
    before, after = (answers(checkpoint.load(d), Vocabulary(d), histories) for d in (options.m0, options.checkpoint))
    result = figures(histories, before, after)
    for name, row in result.items():
        print(name, {key: show(value) for key, value in row.items()})
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
