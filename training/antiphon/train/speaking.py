"""B: speech. The LLM and the refined head on written questions answered in text and speech, half of the speech spliced.

`python -m antiphon.train.speaking --minutes 30 --llm runs/nano/text`

With `--new-ids` a finished checkpoint learns to speak the ids of another speech tokenizer: what it hears and answers stays as it is,
only the refined head, the speech tokens' table and what brings both to the LLM move.
"""
from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
import torch

from antiphon.data import prompt
from antiphon.model import checkpoint
from . import assistant
from .losses import batch_loss
from .optimisation import Optimisers
from .run import RUNS, Run
from .sequences import Sample, Sequences, Vocabulary
from .text import read_dialogues


def spliced(sequences: Sequences, voice: assistant.Assistant, dialogues: list, g: np.random.Generator,
            spans: int | None = None) -> Sample:
    """A splice of `spans` spans, see `Assistant.splice`, spoken after an arbitrary written question."""
    return _given(sequences, dialogues, g, lambda: voice.splice(g, spans))


def recited(sequences: Sequences, voice: assistant.Assistant, dialogues: list, g: np.random.Generator) -> Sample:
    """Any whole answer after an arbitrary written question. Every answer comes equally often, so that numbers, of which there
    are most, are read most."""
    def answer():
        spoken = voice.all[g.integers(len(voice.all))]
        return spoken.text, spoken.ids

    return _given(sequences, dialogues, g, answer)


def _given(sequences: Sequences, dialogues: list, g: np.random.Generator, draw) -> Sample:
    """What `draw` gives (text, ids), spoken after an arbitrary written question; the text is given, not predicted."""
    while True:
        sample = reciting(sequences, dialogues, g, *draw())
        if sample is not None:
            return sample


def reciting(sequences: Sequences, dialogues: list, g: np.random.Generator, text: str, ids) -> Sample | None:
    """This text and its ids, spoken after an arbitrary written question; None where the text is longer than the speech."""
    sample = Sample(prompt.SPEECH)
    sequences.user(sample, dialogues[g.integers(len(dialogues))]["turns"][0])
    return sequences.speak(sample, list(sequences.v.encode(text)), ids, text_loss=False)


def answered(sequences: Sequences, voice: assistant.Assistant, dialogues: list, g: np.random.Generator) -> Sample:
    """A written dialogue up to a random turn, answered jointly, or with a tool call."""
    while True:
        turns = dialogues[g.integers(len(dialogues))]["turns"]
        turns = turns[: int(g.integers(len(turns))) + 1]
        if "<tool_call>" in turns[-1]["assistant"]:
            if g.random() < 0.3:
                return sequences.text_answer(turns, [None] * len(turns), prompt.SPEECH)
            continue
        spoken = voice.sentences.get(turns[-1]["assistant"])
        sample = spoken and sequences.joint_answer(turns, [None] * len(turns), spoken.ids)
        if sample is not None:
            return sample


def read_assistant(data: Path) -> assistant.Assistant:
    """The assistant's ids and word positions from the data folder."""
    return assistant.read(data / "assistant" / "ids.json")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=30)
    arguments.add_argument("--batch", type=int, default=24)
    arguments.add_argument("--whole-prompt", type=float, default=0.1)
    arguments.add_argument("--llm", type=Path, default=RUNS / "nano" / "text")
    arguments.add_argument("--out", type=Path, default=RUNS / "nano" / "speaking")
    arguments.add_argument("--data", type=Path, default=RUNS / "data")
    arguments.add_argument("--seed", type=int, default=3)
    arguments.add_argument("--new-ids", action="store_true", help="forget the speech tokens' table; the LLM stays as it is")
    arguments.add_argument("--rates", type=float, nargs=2, default=(3e-3, 2e-3), metavar=("MUON", "ADAM"), help="of the refined head and the table")
    arguments.add_argument("--decay", type=float, default=1 / 3)
    arguments.add_argument("--fresh", action="store_true")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    run = Run(options.out, vars(options), options.fresh)
    run.clock.decay, run.clock.floor = options.decay, 0.1
    data = options.data
    vocabulary = Vocabulary(data / "tokenizer")
    sequences = Sequences(vocabulary)
    dialogues = read_dialogues(data / "dialogues" / "train.jsonl")
    test = read_dialogues(data / "dialogues" / "test.jsonl")
    voice = read_assistant(data)
    model = checkpoint.load(options.llm, factored=True).train()
    if options.new_ids:
        model.audio_tower.embed_tokens.forget()
        model.language_model.requires_grad_(False)
    else:
        torch.nn.init.normal_(model.audio_tower.embed_tokens.digits, std=0.05)

    def head_parameters():
        yield from (("audio_tower." + n, p) for n, p in model.audio_tower.named_parameters() if "continual" not in n)
        yield from (("audio_invert_tower." + n, p) for n, p in model.audio_invert_tower.named_parameters())

    parts = {"model": model, "head": Optimisers(head_parameters(), *options.rates)}
    if not options.new_ids:
        parts["llm"] = Optimisers(model.language_model.named_parameters(), 2e-3, 1e-3)
    if run.resumed:
        for name, part in parts.items():
            part.load_state_dict(run.resumed[name])

    def state():
        return {name: part.state_dict() for name, part in parts.items()}

    g = np.random.default_rng(options.seed + run.step)
    random.seed(options.seed + run.step)
    prefix = vocabulary.prefix(prompt.SPEECH)
    run.note(sentences=len(voice.sentences), spliceable=len(voice.spliceable),
             ids=sum(len(s.ids) for s in voice.sentences.values()))
    held_out = [s for s in (held_out_sample(sequences, voice, d["turns"]) for d in test) if s][:40]
    run.begin()
    while True:
        # What is to be answered is known already where only the ids are new: then whole sentences are read instead.
        makers = (("splice", spliced), ("recite", recited) if options.new_ids and run.step % 4 else ("answer", answered))
        for name, make in makers:
            samples = [make(sequences, voice, dialogues, g) for _ in range(options.batch)]
            loss = batch_loss(model, samples, prefix, whole_prompt=random.random() < options.whole_prompt)
            total = loss.text / max(1, loss.text_count)
            if loss.speech_count:
                total = total + loss.speech / loss.speech_count
                run.add(**{f"{name}_bits": (loss.speech.item() / 0.6931, loss.speech_count),
                           "ids": (loss.speech_count, 0.5)})
            if loss.text_count:
                run.add(**{f"{name}_text": (loss.text.item(), loss.text_count)})
            if total.requires_grad:
                total.backward()
        for name in ("head", "llm"):
            if name in parts:
                parts[name].step(run.clock.factor())
        if run.step % 300 == 299 and held_out:
            with torch.no_grad():
                loss = batch_loss(model, held_out, prefix, dropped=0.0)
            run.note(held_out_bits=round(loss.speech.item() / 0.6931 / loss.speech_count, 3),
                     held_out_text=round(loss.text.item() / loss.text_count, 3))
        if not run.tick(state):
            break
    run.save(state)
    checkpoint.save(model, options.out, vocabulary.directory)


def held_out_sample(sequences, voice, turns):
    """The first jointly answerable turn of a test dialogue whose answer has been synthesised, or None."""
    for number, turn in enumerate(turns):
        if turn["assistant"] in voice.sentences:
            return sequences.joint_answer(turns[: number + 1], [None] * (number + 1), voice.sentences[turn["assistant"]].ids)
    return None


if __name__ == "__main__":
    main()
