"""C: everything at once: transcription, spoken questions answered jointly or in text, tool calls and their results,
history as text, written questions, spliced speech.

`python -m antiphon.train.joint --minutes 40`, and beside it, from when its checkpoint is there and for as long as a core is
free, `python -m antiphon.train.joint --minutes 40 --worker 1`: workers share parameters through a file, see `exchange`.
Recordings that are rendered meanwhile join, and so does the assistant's speech once its ids are in the data folder.
"""
from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from antiphon.data import prompt
from antiphon.model import checkpoint
from . import workers
from .audio import Corpus, Features, encode_batch, group_index
from .listening import Auxiliary, evaluate
from .losses import DROPPED, StyleProbe, batch_loss
from .optimisation import Optimisers
from .perturbation import perturb
from .run import RUNS, Run
from .sequences import Sequences, Vocabulary
from .speaking import read_assistant
from .tasks import Conversations, Heard, Jointly, Quiet, Understanding, Written, speech_batch
from .text import read_dialogues
from .voice_figures import Unseen

REFRESH_SECONDS = 120
CHECKPOINT_SECONDS = 240
INSTRUCTED = "instructions_spoken"
ALIKE = 16
"""Samples of similar length in one batch."""


def weighted(loss, run: Run, name: str) -> torch.Tensor:
    """Text loss + speech loss + loss of naming the style, each a mean, and their figures in the log."""
    total = torch.zeros(())
    if loss.text_count:
        run.add(**{f"{name}_text": (loss.text.item(), loss.text_count)})
        total = total + loss.text / loss.text_count
    if loss.speech_count:
        run.add(**{f"{name}_bits": (loss.speech.item() / 0.6931, loss.speech_count)})
        total = total + loss.speech / loss.speech_count
    if loss.style_count:
        run.add(**{f"{name}_style": (loss.style.item(), loss.style_count)})
        total = total + loss.style / loss.style_count
    return total


class Joint:
    """Model, data and one step of joint training."""

    def __init__(self, options):
        self.options = options
        data = options.data
        self.vocabulary = Vocabulary(data / "tokenizer")
        self.sequences = Sequences(self.vocabulary)
        names = ["train", "test"] + ["empathy_train"] * options.empathy + ["utterances_train"] * bool(options.utterances) + ["strings_train"] * options.strings
        self.dialogues = {d["id"]: d for name in names for d in read_dialogues(data / "dialogues" / f"{name}.jsonl")}
        self.training = [d for d in self.dialogues.values() if d["split"] == "train" and d["turns"][0]["assistant"] is not None]
        self.written = Written(self.sequences, read_dialogues(data / "dialogues" / "text.jsonl"))
        corpus = Corpus(data / "callers", [f"train_{i:02d}" for i in range(40)])
        self.heard = Heard(self.sequences, corpus, self.dialogues, Features(perturb), options.hesitant, options.earlier, options.offered,
                           options.utterances)
        self.quiet = Quiet(self.sequences, self.heard.features)
        self.robust = Conversations(self.sequences, read_dialogues(data / "dialogues" / "robust_train.jsonl")) if options.robust else None
        robust_spoken = options.robust // 2 if options.robust_spoken is None else options.robust_spoken
        self.spoken_counts = {name: count for name, count in (("instructions", options.instructed), ("robust", robust_spoken)) if count}
        self.jointly = {name: Jointly(self.sequences, read_dialogues(data / "dialogues" / f"{name}_train.jsonl"), options.contrary) for name in self.spoken_counts}
        self.understanding = None
        if options.understanding:
            questions = Corpus(data / "callers", ["understanding_train"])
            if not questions.entries:
                raise ValueError(f"{data / 'callers'} has no understanding_train: make it with python -m antiphon.data.understanding")
            self.understanding = Understanding(self.sequences, questions, self.heard.features)
        self.model = checkpoint.load(options.start, factored=True).train()
        self.auxiliary = Auxiliary(self.model.c.encoder.d_model)
        if (options.listening / "state.pt").exists():
            self.auxiliary.load_state_dict(torch.load(options.listening / "state.pt", weights_only=False)["auxiliary"])
        elif options.heads:
            self.auxiliary.load_state_dict(load_file(options.heads))
        for name, parameter in self.model.named_parameters():
            parameter.requires_grad_(not name.startswith(tuple(options.still)))
        self.style_probe = StyleProbe(self.model.c.text.hidden_size)
        # By Adam, as an embedding is.
        aside = [("embed_tokens." + n, p) for part in (self.auxiliary, self.style_probe) for n, p in part.named_parameters()]
        self.optimisers = Optimisers([*self.model.named_parameters(), *aside], options.muon, options.adam)
        self.parts = {"model": self.model, "auxiliary": self.auxiliary, "style_probe": self.style_probe, "optimisers": self.optimisers}
        self._look_for_speech()

    def refresh(self):
        """Takes in new recordings, and the assistant's speech once its ids are there."""
        self._look_for_speech()
        self.heard.refresh()

    def _look_for_speech(self):
        if self.heard.voice is None and (self.options.data / "assistant" / "ids.json").exists():
            self.heard.voice = read_assistant(self.options.data)

    def step(self, run: Run, g: np.random.Generator):
        """Adds the gradients of one step and its figures."""
        self._audio(run, g)
        self._answers(run, g)
        options = self.options
        # Written dialogues keep the LLM's knowledge (arithmetic above all) and cost little; most of the speech is recited or spliced.
        batches = [("written", prompt.TEXT, self.written.batch(options.written, g))]
        if self.robust is not None:
            batches.append(("robust", prompt.TEXT, self.robust.batch(options.robust, g)))
        if self.heard.voice is not None and options.batch:
            name, samples = speech_batch(self.sequences, self.heard.voice, self.training, run.step, options.batch, g)
            batches.append((name, prompt.SPEECH, samples))
        for name, jointly in self.jointly.items() if self.heard.voice is not None else ():
            batches.append((f"{name}_spoken", prompt.SPEECH, jointly.batch(self.heard.voice, self.spoken_counts[name], g)))
        for name, mode, samples in batches:
            if samples:
                loss = batch_loss(self.model, samples, self.vocabulary.prefix(mode), whole_prompt=self._whole_prompt(),
                                  dropped=options.dropped if name == INSTRUCTED else DROPPED, style_probe=self.style_probe)
                weighted(loss, run, name).backward()

    def _audio(self, run: Run, g: np.random.Generator):
        """Recordings that teach the encoder as well: written down, some of them answered too."""
        options, recordings, spoken, intents, seconds = self.options, [], [], {}, 0.0
        while self.heard.entries and seconds < options.listen + options.seconds:
            if seconds < options.listen:
                heard, samples = self.heard.written_down(g)
            else:
                heard, samples, answer, intent = self.heard.answered(g)
                samples = [*samples, answer]
                intents[id(answer)] = intent
            recordings.extend(heard)
            spoken.extend(samples)
            seconds += sum(r.samples for r in heard) / 16000
        for _ in range(options.sounds):
            recording, samples = self.quiet.heard(g, [self._voice_of(g) for _ in range(2)] if self.heard.entries else ())
            recordings.append(recording)
            spoken.extend(samples)
        for _ in range(options.understanding):
            recording, sample = self.understanding.asked(g)
            recordings.append(recording)
            spoken.append(sample)
        if not recordings:
            return
        encoded = encode_batch(self.model, recordings, want_hidden=True)
        ctc, phones = self.auxiliary(encoded.hidden, encoded.lengths50, recordings)
        run.add(ctc=ctc.item(), phones=phones.item(), audio=seconds)
        (options.auxiliary * (ctc + phones) + self._spoken(run, recordings, encoded, spoken, intents)).backward()

    def _voice_of(self, g: np.random.Generator) -> np.ndarray:
        """A recording drawn at random, for babble."""
        entry = self.heard.entries[g.integers(len(self.heard.entries))]
        return self.heard.corpus.wave(entry, entry["segments"][0])

    def _answers(self, run: Run, g: np.random.Generator):
        """Answers and what was said, the encoder as it is: twice as many in the same time."""
        if not self.heard.entries or not self.options.answers:
            return
        drawn = [self.heard.answered(g) for _ in range(self.options.answers)]
        recordings = [r for heard, _, _, _ in drawn for r in heard]
        with torch.no_grad():
            encoded = encode_batch(self.model, recordings)
        intents = {id(answer): intent for _, _, answer, intent in drawn}
        # Samples of similar length share a batch, so that little of it is padding.
        samples = [sample for _, transcriptions, answer, _ in drawn for sample in (transcriptions[-1], answer)]
        samples.sort(key=lambda sample: len(sample.ids))
        for start in range(0, len(samples), ALIKE):
            self._spoken(run, recordings, encoded, samples[start: start + ALIKE], intents).backward()

    def _spoken(self, run: Run, recordings: list, encoded, samples: list, intents: dict) -> torch.Tensor:
        """Loss of samples about encoded recordings, each mode's a mean. intents: of answers, by the sample's identity."""
        total = torch.zeros(())
        numbers = {id(r): i for i, r in enumerate(recordings)}
        for mode in prompt.MODES:
            part = [s for s in samples if s.mode == mode]
            if part:
                loss = batch_loss(self.model, part, self.vocabulary.prefix(mode), encoded.groups,
                                  group_index(part, encoded, numbers), whole_prompt=self._whole_prompt())
                answers = [n for n, s in enumerate(part) if id(s) in intents]
                self.heard.practice.learned([intents[id(part[n])] for n in answers], loss.by_sample[answers])
                total = total + weighted(loss, run, mode)
        return total

    def _whole_prompt(self) -> bool:
        return random.random() < self.options.whole_prompt


def train(options):
    """One worker's process."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # some processors take many times longer over them
    worker = workers.Worker(options)
    run, leader = worker.run, worker.leader
    run.clock.decay, run.clock.floor = options.decay, 0.03
    joint, plain, corpora = Joint(options), Features(), {}
    measurable = leader and (options.data / "assistant" / "unseen.json").exists()
    unseen = Unseen(joint.sequences, options.data, options.detokenizer) if measurable else None
    if run.resumed:
        for name, part in joint.parts.items():
            part.load_state_dict(run.resumed[name])

    def state():
        return {name: part.state_dict() for name, part in joint.parts.items()}

    def figures(count: int):
        if unseen:
            run.note(unseen_bits=unseen.bits(joint.model), unseen_wer=unseen.error_rate(joint.model))
        run.note(worst={intent: round(loss, 2) for intent, loss in sorted(
            joint.heard.practice.losses.items(), key=lambda item: -item[1])[:12]})
        evaluate(run, joint.model, joint.auxiliary, joint.vocabulary, plain, joint.dialogues, options.data, corpora, True, count)

    def save():
        checkpoint.save(joint.model, options.out, joint.vocabulary.directory)
        save_file(joint.auxiliary.state_dict(), options.out / "auxiliary.safetensors")

    run.note(renderings=len(joint.heard.entries))
    g = np.random.default_rng(run.seed + run.step)
    worker.begin(joint.optimisers.parameters)
    refreshed = evaluated = saved = time.monotonic()
    going = True
    while going:
        joint.step(run, g)
        joint.optimisers.step(run.clock.factor())
        worker.stepped()
        now = time.monotonic()
        if now - refreshed > REFRESH_SECONDS:
            refreshed = now
            joint.refresh()
        if leader and now - saved > CHECKPOINT_SECONDS:
            saved = now
            save()
        if leader and now - evaluated > options.evaluate_minutes * 60:
            evaluated = now
            figures(48)
        going = run.tick(state if leader else None)
    worker.end()
    if leader:
        run.save(state)
        save()
        figures(200)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=40)
    arguments.add_argument("--seconds", type=float, default=32, help="audio seconds per step, answered and transcribed")
    arguments.add_argument("--listen", type=float, default=0, help="further audio seconds, transcribed only")
    arguments.add_argument("--answers", type=int, default=0, help="further answers per step, which do not teach the encoder")
    arguments.add_argument("--batch", type=int, default=16, help="spliced or read samples per step")
    arguments.add_argument("--written", type=int, default=24, help="written dialogues per step")
    arguments.add_argument("--robust", type=int, default=0,
                           help="written conversations of robust_train.jsonl per step")
    arguments.add_argument("--robust-spoken", type=int, help="turns of them in speech per step, half as many where it is not given")
    arguments.add_argument("--sounds", type=int, default=0, help="recordings without speech per step")
    arguments.add_argument("--understanding", type=int, default=0, help="four-choice questions of understanding_train per step")
    arguments.add_argument("--instructed", type=int, default=0, help="answers in a style of instructions_train.jsonl per step")
    arguments.add_argument("--contrary", type=float, default=0.0, help="share of the answers in a style that hear themselves in another one")
    arguments.add_argument("--dropped", type=float, default=DROPPED,
                           help="part of what an answer in a style has said before that the head does not hear: the more, the more it heeds what was asked for")
    arguments.add_argument("--empathy", action="store_true", help="recordings may belong to dialogues of empathy_train.jsonl")
    arguments.add_argument("--utterances", type=float, nargs="?", const=0.25, default=0.0,
                           help="share of utterances_train.jsonl in what is only written down, where there are recordings of it; 0.25 without a number")
    arguments.add_argument("--strings", action="store_true", help="recordings may belong to strings_train.jsonl: random words, which only listening tells")
    arguments.add_argument("--offered", type=float, default=0.0, help="share of the answers to recordings under another offer of tools")
    workers.add_options(arguments)
    arguments.add_argument("--muon", type=float, default=2e-3)
    arguments.add_argument("--adam", type=float, default=1e-3)
    arguments.add_argument("--auxiliary", type=float, default=0.1)
    arguments.add_argument("--hesitant", type=float, default=0.0, help="share of the turns to answer that begin with up to 28 s of quiet")
    arguments.add_argument("--earlier", type=float, default=0.0, help="share of the answers that have another dialogue before theirs")
    arguments.add_argument("--still", nargs="*", default=[], help="prefixes of parameters that do not move")
    arguments.add_argument("--whole-prompt", type=float, default=0.15)
    arguments.add_argument("--decay", type=float, default=0.5)
    arguments.add_argument("--evaluate-minutes", type=float, default=6)
    arguments.add_argument("--start", type=Path, default=RUNS / "nano" / "merged")
    arguments.add_argument("--listening", type=Path, default=RUNS / "nano" / "listening")
    arguments.add_argument("--heads", type=Path, help="auxiliary.safetensors of an earlier run, where there is no listening stage")
    arguments.add_argument("--detokenizer", type=Path, default=RUNS / "detokenizer" / "detokenizer.safetensors", help="for the figures of the voice")
    arguments.add_argument("--out", type=Path, default=RUNS / "nano" / "joint")
    arguments.add_argument("--data", type=Path, default=RUNS / "data")
    arguments.add_argument("--seed", type=int, default=4)
    arguments.add_argument("--fresh", action="store_true")
    train(arguments.parse_args())


if __name__ == "__main__":
    main()
