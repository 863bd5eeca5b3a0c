"""C: everything at once: transcription, spoken questions answered jointly or in text, tool calls and their results,
history as text, written questions, spliced speech.

`python -m antiphon.train.joint --minutes 40 --ranks 2` (one process per rank, parameters averaged every few steps).
"""
from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as distributed
import torch.multiprocessing as multiprocessing

from antiphon.data import prompt
from antiphon.model import checkpoint
from .audio import Corpus, Features, encode_batch, group_index
from .figures import user_turns
from .listening import Auxiliary, evaluate
from .losses import batch_loss
from .optimisation import Optimisers
from .perturbation import perturb
from .run import RUNS, Run
from .sequences import Sample, Sequences, Vocabulary
from .speaking import answered, held_out_sample, read_assistant, spliced
from .text import read_dialogues

NEEDS_CONTEXT = ("follow_up", "confirmed", "declined", "repeat")


def history_start(turns: list[dict], last: int, g: np.random.Generator, whole: float = 0.3) -> int:
    """First turn to show when turn `last` is answered: all turns now and then, else what the answer depends on."""
    if g.random() < whole:
        return 0
    first = last
    while first > 0 and (turns[first]["user"] is None or turns[first]["intent"].endswith(NEEDS_CONTEXT)):
        first -= 1
    return first


def spoken_task(sequences: Sequences, voice, corpus, dialogues, features, g) -> tuple[list, list[Sample]]:
    """One rendering: its recordings, and the samples made from one encoding of them (transcriptions and an answer)."""
    while True:
        entry = corpus.entries[g.integers(len(corpus.entries))]
        dialogue = dialogues.get(entry["dialogue"])
        if dialogue is None:
            continue
        turns, spoken = dialogue["turns"], user_turns(dialogue)
        last = int(g.integers(len(turns)))
        first = history_start(turns, last, g)
        if turns[first]["user"] is None:
            continue
        recordings = [features(corpus, entry, entry["segments"][spoken.index(n)], g) if n in spoken else None
                      for n in range(first, last + 1)]
        part = turns[first: last + 1]
        samples = [sequences.transcription(t, r) for t, r in zip(part, recordings) if r is not None]
        answer, sample = part[-1]["assistant"], None
        kind = g.random()
        if kind < 0.65 and "<tool_call>" not in answer and answer in voice.sentences:
            sample = sequences.joint_answer(part, recordings, voice.sentences[answer].ids)
        if sample is None:
            speech_mode = "<tool_call>" in answer and kind < 0.65
            sample = sequences.text_answer(part, recordings, prompt.SPEECH if speech_mode else prompt.TEXT)
        return [r for r in recordings if r is not None], samples + [sample]


def random_strings(corpus, dialogues) -> list[dict]:
    """Renderings of random words, which only listening (no guess from the context) can write down."""
    return [e for e in corpus.entries if dialogues.get(e["dialogue"], {"turns": [{"intent": ""}]})["turns"][0]["intent"] == "random"]


def listening_task(sequences: Sequences, corpus, strings, dialogues, features, g) -> tuple[list, list[Sample]]:
    """One recording and its transcription; half of them random words."""
    while True:
        entries = strings if strings and g.random() < 0.5 else corpus.entries
        entry = entries[g.integers(len(entries))]
        dialogue = dialogues.get(entry["dialogue"])
        if dialogue is None:
            continue
        spoken = user_turns(dialogue)
        place = int(g.integers(len(spoken)))
        recording = features(corpus, entry, entry["segments"][place], g)
        return [recording], [sequences.transcription(dialogue["turns"][spoken[place]], recording)]


def written_task(sequences: Sequences, dialogues: list, g) -> Sample:
    """A whole written dialogue in text mode."""
    return sequences.written_dialogue(dialogues[g.integers(len(dialogues))]["turns"])


@torch.no_grad()
def average_parameters(parameters, stop: bool) -> bool:
    """Sets every rank's parameters to the mean over ranks, in one message; returns whether any rank wants to stop."""
    flat = torch.cat([p.reshape(-1) for p in parameters] + [torch.tensor([float(stop)])])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    start = 0
    for parameter in parameters:
        parameter.copy_(flat[start: start + parameter.numel()].view_as(parameter))
        start += parameter.numel()
    return bool(flat[-1] > 0)


def train(rank: int, options, store: str):
    """One rank's process."""
    torch.set_num_threads(1)
    if options.ranks > 1:
        distributed.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=options.ranks)
    configuration = vars(options) | {"seed": options.seed + 7919 * rank}
    run = Run(options.out if rank == 0 else options.out / f"rank{rank}", configuration, options.fresh)
    run.clock.decay, run.clock.floor = options.decay, 0.03
    if options.ranks > 1 and rank > 0 and (options.out / "state.pt").exists() and not options.fresh:
        run.resumed = torch.load(options.out / "state.pt", weights_only=False)
        run.step = run.resumed["step"]
    data = options.data
    vocabulary = Vocabulary(data / "tokenizer")
    sequences = Sequences(vocabulary)
    dialogues = {d["id"]: d for name in ("train", "test") for d in read_dialogues(data / "dialogues" / f"{name}.jsonl")}
    training = [d for d in dialogues.values() if d["split"] == "train"]
    test = [d for d in dialogues.values() if d["split"] != "train"]
    written = read_dialogues(data / "dialogues" / "text.jsonl")
    voice = read_assistant(data)
    corpus = Corpus(data / "callers", [f"train_{i:02d}" for i in range(40)])
    strings = random_strings(corpus, dialogues)
    features, plain = Features(perturb), Features()
    model = checkpoint.load(options.start, factored=True).train()
    auxiliary = Auxiliary(model.c.encoder.d_model)
    listening_state = options.listening / "state.pt"
    if listening_state.exists():
        auxiliary.load_state_dict(torch.load(listening_state, weights_only=False)["auxiliary"])
    named = list(model.named_parameters()) + [("embed_tokens." + n, p) for n, p in auxiliary.named_parameters()]
    named = [(n, p) for n, p in named if "audio_bos_eos_token" not in n]
    optimisers = Optimisers(named, options.muon, options.adam)
    parts = {"model": model, "auxiliary": auxiliary, "optimisers": optimisers}
    if run.resumed:
        for name, part in parts.items():
            part.load_state_dict(run.resumed[name])

    def state():
        return {name: part.state_dict() for name, part in parts.items()}

    if rank == 0:
        run.note(renderings=len(corpus.entries), sentences=len(voice.sentences), spliceable=len(voice.spliceable))
    g = np.random.default_rng(configuration["seed"] + run.step)
    held_out = [s for s in (held_out_sample(sequences, voice, d["turns"]) for d in test) if s][:40]
    corpora = {}
    run.begin()
    refreshed = evaluated = saved = time.monotonic()
    going = True
    while going:
        recordings, spoken, seconds = [], [], 0.0
        while seconds < options.listen + options.seconds:
            if seconds < options.listen:
                heard, samples = listening_task(sequences, corpus, strings, dialogues, features, g)
            else:
                heard, samples = spoken_task(sequences, voice, corpus, dialogues, features, g)
            recordings.extend(heard)
            spoken.extend(samples)
            seconds += sum(r.samples for r in heard) / 16000
        encoded = encode_batch(model, recordings, want_hidden=True)
        ctc, phones = auxiliary(encoded.hidden, encoded.lengths50, recordings)
        total = options.auxiliary * (ctc + phones)
        numbers = {id(r): i for i, r in enumerate(recordings)}
        run.add(ctc=ctc.item(), phones=phones.item(), audio=seconds)
        for mode in prompt.MODES:
            samples = [s for s in spoken if s.mode == mode]
            if not samples:
                continue
            loss = batch_loss(model, samples, vocabulary.prefix(mode), encoded.groups,
                              group_index(samples, encoded, numbers), whole_prompt=random.random() < options.whole_prompt)
            total = total + weighted(loss, run, mode)
        total.backward()
        # Written dialogues keep the LLM's knowledge (arithmetic above all) and cost little; most of the rest is spliced.
        make, name = (spliced, "splice") if run.step % 4 else (answered, "read")
        batches = [("written", prompt.TEXT, [written_task(sequences, written, g) for _ in range(options.written)]),
                   (name, prompt.SPEECH, [make(sequences, voice, training, g) for _ in range(options.batch)])]
        for name, mode, samples in batches:
            loss = batch_loss(model, samples, vocabulary.prefix(mode), whole_prompt=random.random() < options.whole_prompt)
            weighted(loss, run, name).backward()
        optimisers.step(run.clock.factor())
        # Ranks train on their own and meet now and then, so that none waits for the other at every step.
        if options.ranks > 1 and run.step % options.meet == options.meet - 1:
            going = not average_parameters(optimisers.parameters, run.clock.left <= 0)
        now = time.monotonic()
        if now - refreshed > 120:
            corpus.refresh()
            strings = random_strings(corpus, dialogues)
            refreshed = now
        if rank == 0 and now - saved > 240:
            saved = now
            checkpoint.save(model, options.out, vocabulary.directory)
        if now - evaluated > options.evaluate_minutes * 60:
            evaluated = now
            if rank == 0:
                if held_out:
                    with torch.no_grad():
                        loss = batch_loss(model, held_out, vocabulary.prefix(prompt.SPEECH), dropped=0.0)
                    run.note(held_out_bits=round(loss.speech.item() / 0.6931 / loss.speech_count, 3))
                evaluate(run, model, vocabulary, plain, dialogues, data, corpora, 32)
        more = run.tick(state if rank == 0 else None)
        if options.ranks == 1:
            going = more
    if rank == 0:
        run.save(state)
        checkpoint.save(model, options.out, vocabulary.directory)
        evaluate(run, model, vocabulary, plain, dialogues, data, corpora, 200)


def weighted(loss, run: Run, name: str) -> torch.Tensor:
    """Text loss + speech loss, each a mean, and their figures in the log."""
    total = torch.zeros(())
    if loss.text_count:
        run.add(**{f"{name}_text": (loss.text.item(), loss.text_count)})
        total = total + loss.text / loss.text_count
    if loss.speech_count:
        run.add(**{f"{name}_bits": (loss.speech.item() / 0.6931, loss.speech_count)})
        total = total + loss.speech / loss.speech_count
    return total


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=40)
    arguments.add_argument("--seconds", type=float, default=32, help="audio seconds per step and rank, answered and transcribed")
    arguments.add_argument("--listen", type=float, default=0, help="further audio seconds, transcribed only")
    arguments.add_argument("--batch", type=int, default=16, help="spliced or read samples per step and rank")
    arguments.add_argument("--written", type=int, default=24, help="written dialogues per step and rank")
    arguments.add_argument("--ranks", type=int, default=1)
    arguments.add_argument("--meet", type=int, default=8, help="steps between averages over the ranks")
    arguments.add_argument("--muon", type=float, default=2e-3)
    arguments.add_argument("--adam", type=float, default=1e-3)
    arguments.add_argument("--auxiliary", type=float, default=0.1)
    arguments.add_argument("--whole-prompt", type=float, default=0.15)
    arguments.add_argument("--decay", type=float, default=0.5)
    arguments.add_argument("--evaluate-minutes", type=float, default=6)
    arguments.add_argument("--start", type=Path, default=RUNS / "nano" / "merged")
    arguments.add_argument("--listening", type=Path, default=RUNS / "nano" / "listening")
    arguments.add_argument("--out", type=Path, default=RUNS / "nano" / "joint")
    arguments.add_argument("--data", type=Path, default=RUNS / "data")
    arguments.add_argument("--seed", type=int, default=4)
    arguments.add_argument("--fresh", action="store_true")
    options = arguments.parse_args()
    if options.ranks == 1:
        train(0, options, "")
        return
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    with tempfile.TemporaryDirectory() as directory:
        multiprocessing.spawn(train, (options, str(Path(directory) / "store")), nprocs=options.ranks)


if __name__ == "__main__":
    main()
