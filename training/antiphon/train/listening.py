"""A: the speech encoder. First CTC over characters and frame-wise phonemes, then transcription and answers through the LLM.

`python -m antiphon.train.listening --minutes 55 --llm runs/nano/text`
"""
from __future__ import annotations

import argparse
import random
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from antiphon.data import packages, prompt
from antiphon.data.phones import INVENTORY
from antiphon.model import DialogueModel, checkpoint
from antiphon.model.layers import LayerNorm, Linear
from antiphon.model.whisper import fitted, whisper_encoder
from antiphon.word_errors import word_errors
from .audio import Corpus, Features, encode_batch, group_index
from .figures import listen, user_turns
from .losses import batch_loss
from .optimisation import Clock, Optimisers
from .perturbation import perturb
from .run import RUNS, Run
from .sequences import Sequences, Vocabulary
from .text import SIZES, read_dialogues

LETTERS = " abcdefghijklmnopqrstuvwxyz'"
PHONE = {label: number for number, label in enumerate(INVENTORY)}


class Auxiliary(nn.Module):
    """Characters (CTC, class 0 is blank) and phonemes from the encoder's 50 Hz states; used in training only."""

    def __init__(self, d_model: int):
        super().__init__()
        self.norm = LayerNorm(d_model)
        self.characters = Linear(d_model, len(LETTERS) + 1)
        self.phones = Linear(d_model, len(INVENTORY))

    def forward(self, hidden, lengths, recordings):
        """hidden [n50, d] packed → (CTC per character, phoneme cross-entropy per labelled frame)."""
        states = self.norm(hidden)
        scores = self.characters(states).float()
        texts = [[LETTERS.index(c) + 1 for c in r.text if c in LETTERS] for r in recordings]
        padded = torch.nn.utils.rnn.pad_sequence(list(scores.split(lengths)))
        ctc = F.ctc_loss(F.log_softmax(padded, -1), torch.tensor(sum(texts, []), dtype=torch.long), torch.tensor(lengths),
                         torch.tensor([len(t) for t in texts]), reduction="sum", zero_infinity=True)
        ctc = ctc / max(1, sum(len(t) for t in texts))
        labels = np.full(len(hidden), -100)
        offset = 0
        for recording, length in zip(recordings, lengths):
            if recording.phones:
                starts = np.array([p[0] for p in recording.phones])
                classes = np.array([PHONE[p[1]] for p in recording.phones])
                centres = np.arange(length) * 20 + 10
                labels[offset: offset + length] = classes[np.clip(np.searchsorted(starts, centres, "right") - 1, 0, None)]
            offset += length
        labelled = int((labels != -100).sum())
        phones = F.cross_entropy(self.phones(states).float(), torch.from_numpy(labels), ignore_index=-100, reduction="sum") / max(1, labelled)
        return ctc, phones


def initialise_encoder(model: DialogueModel):
    """Kaiming × 1.4 for the convolutions: their output must not drown in the position table."""
    for convolution in (model.continuous_audio_tower.conv1, model.continuous_audio_tower.conv2):
        nn.init.kaiming_normal_(convolution.weight)
        convolution.weight.data *= 1.4
        nn.init.zeros_(convolution.bias)


def start_encoder(model: DialogueModel, start: str, corpus: Corpus, count: int = 40) -> DialogueModel:
    """The model with first weights for its encoder: `whisper-tiny`'s, which changes its sizes, or those of a checkpoint folder."""
    if start != "whisper-tiny":
        weights = checkpoint.load(Path(start)).continuous_audio_tower.state_dict()
        model.continuous_audio_tower.load_state_dict(weights)
        return model
    whisper = whisper_encoder(packages.whisper_tiny())
    entries = corpus.entries[:: max(1, len(corpus.entries) // count)][:count]
    waves = [torch.from_numpy(corpus.wave(entry, entry["segments"][0])) for entry in entries]
    sizes = replace(whisper.c, num_mel_bins=model.c.encoder.num_mel_bins, n_window=model.c.encoder.n_window)
    others = {name: value for name, value in model.state_dict().items() if not name.startswith("continuous_audio_tower.")}
    model = DialogueModel(replace(model.c, encoder=sizes), factored=True)
    initialise_encoder(model)
    model.load_state_dict(others, strict=False)
    model.continuous_audio_tower.load_state_dict(fitted(whisper, waves, sizes.num_mel_bins), strict=False)
    return model


@torch.no_grad()
def spell(model: DialogueModel, auxiliary: Auxiliary, recordings: list) -> list[str]:
    """What the encoder alone has heard: the likeliest characters, without a language model."""
    encoded = encode_batch(model, recordings, want_hidden=True, want_groups=False)
    rows = auxiliary.characters(auxiliary.norm(encoded.hidden)).float().argmax(-1).split(encoded.lengths50)
    return ["".join(LETTERS[c - 1] for c in torch.unique_consecutive(row).tolist() if c) for row in rows]


def spelling(model: DialogueModel, auxiliary: Auxiliary, features: Features, corpus: Corpus, entries: list) -> dict[str, float]:
    """Character and word error rates of `spell` over the first turns of `entries`."""
    recordings = [features(corpus, entry, entry["segments"][0]) for entry in entries]
    heard = [text for start in range(0, len(recordings), 16) for text in spell(model, auxiliary, recordings[start: start + 16])]
    truth = ["".join(c for c in r.text if c in LETTERS) for r in recordings]
    characters = sum(word_errors(list(t.replace(" ", "_")), list(h.replace(" ", "_"))) for t, h in zip(truth, heard))
    words = sum(word_errors(t.split(), h.split()) for t, h in zip(truth, heard))
    return {"recordings": len(recordings), "cer": round(characters / sum(map(len, truth)), 4),
            "wer": round(words / sum(len(t.split()) for t in truth), 4)}


def draw(corpus, dialogues, features, sequences, g: np.random.Generator, seconds: float, history: float = 0.2):
    """A batch of about `seconds` of audio: recordings, transcription samples, text-answer samples (or None for history turns)."""
    recordings, transcriptions, answers = [], [], []
    total = 0.0
    while total < seconds:
        entry = corpus.entries[g.integers(len(corpus.entries))]
        dialogue = dialogues.get(entry["dialogue"])
        if dialogue is None:
            continue
        spoken = user_turns(dialogue)
        chosen = int(g.integers(len(spoken)))
        first = chosen
        if spoken[chosen] > 0 and g.random() < history or dialogue["turns"][spoken[chosen]]["intent"] == "repeat":
            first = max(0, chosen - 1)
        turns, heard = [], []
        for number in range(spoken[first], spoken[chosen] + 1):
            turn = dialogue["turns"][number]
            recording = None
            if turn["user"] is not None:
                recording = features(corpus, entry, entry["segments"][spoken.index(number)], g)
                recordings.append(recording)
                transcriptions.append(sequences.transcription(turn, recording))
                total += recording.samples / 16000
            turns.append(turn)
            heard.append(recording)
        context_missing = first > 0 and turns[0]["intent"].endswith(("follow_up", "confirmed", "declined", "repeat"))
        if not context_missing:
            answers.append(sequences.text_answer(turns, heard, prompt.TEXT))
    return recordings, transcriptions, answers


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=55)
    arguments.add_argument("--seconds", type=float, default=40, help="audio seconds per step")
    arguments.add_argument("--size", choices=SIZES, default="nano")
    arguments.add_argument("--ctc-part", type=float, default=0.2)
    arguments.add_argument("--encoder", default=None, metavar="whisper-tiny|CHECKPOINT", help="first weights of the encoder, instead of none")
    arguments.add_argument("--rates", type=float, nargs=2, default=(3e-3, 1e-3), metavar=("MUON", "ADAM"), help="of the encoder")
    arguments.add_argument("--llm", type=Path, default=RUNS / "nano" / "text")
    arguments.add_argument("--out", type=Path, default=RUNS / "nano" / "listening")
    arguments.add_argument("--corpora", nargs="+", default=[f"train_{i:02d}" for i in range(40)])
    arguments.add_argument("--data", type=Path, default=RUNS / "data")
    arguments.add_argument("--seed", type=int, default=2)
    arguments.add_argument("--fresh", action="store_true")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    run = Run(options.out, vars(options), options.fresh)
    run.clock.decay, run.clock.floor = 0.2, 0.2
    data = options.data
    vocabulary = Vocabulary(data / "tokenizer")
    sequences = Sequences(vocabulary)
    dialogues = {d["id"]: d for name in ("train", "test") for d in read_dialogues(data / "dialogues" / f"{name}.jsonl")}
    corpus = Corpus(data / "callers", options.corpora)
    features, plain = Features(perturb), Features()
    llm_loaded = (options.llm / "model.safetensors").exists()
    if llm_loaded:
        model = checkpoint.load(options.llm, factored=True).train()
    else:
        # The encoder's own phase needs no LLM: it is loaded as soon as its training has saved it.
        model = DialogueModel(SIZES[options.size](vocabulary.special, vocabulary.size), factored=True)
    initialise_encoder(model)
    if options.encoder:
        model = start_encoder(model, options.encoder, corpus).train()
    auxiliary = Auxiliary(model.c.encoder.d_model)

    def listening_parameters():
        yield from (("continuous_audio_tower." + n, p) for n, p in model.continuous_audio_tower.named_parameters())
        yield "continual_output_matching", model.audio_tower.continual_output_matching.weight
        yield from (("embed_tokens." + n, p) for n, p in auxiliary.named_parameters())

    encoder_optimisers = Optimisers(listening_parameters(), *options.rates)
    llm_optimisers = Optimisers(model.language_model.named_parameters(), 1.5e-3, 7e-4)
    everything = {"model": model, "auxiliary": auxiliary, "encoder": encoder_optimisers, "llm": llm_optimisers}
    if run.resumed:
        for name, part in everything.items():
            part.load_state_dict(run.resumed[name])
        llm_loaded = run.resumed["llm_loaded"]

    def state():
        return {"llm_loaded": llm_loaded, **{name: part.state_dict() for name, part in everything.items()}}

    run.note(renderings=len(corpus.entries), llm=llm_loaded)
    run.begin()
    g = np.random.default_rng(options.seed + run.step)
    evaluations = {}
    last_refresh = last_evaluation = time.monotonic()
    while True:
        joint = run.clock.progress >= options.ctc_part
        if joint and not llm_loaded:
            if not (options.llm / "model.safetensors").exists():
                joint = False
            else:
                model.language_model.load_state_dict(checkpoint.load(options.llm).language_model.state_dict())
                llm_loaded = True
                run.note(llm="loaded")
        recordings, transcriptions, answers = draw(corpus, dialogues, features, sequences, g, options.seconds)
        auxiliary_weight = 1.0 if not joint else 0.3 if run.clock.progress < 0.7 else 0.1
        encoded = encode_batch(model, recordings, want_hidden=True, want_groups=joint)
        ctc, phones = auxiliary(encoded.hidden, encoded.lengths50, recordings)
        total = auxiliary_weight * (ctc + phones)
        run.add(ctc=ctc.item(), phones=phones.item(), audio=sum(r.samples for r in recordings) / 16000)
        if joint:
            numbers = {id(r): i for i, r in enumerate(recordings)}
            for name, mode, samples in (("transcribe", prompt.TRANSCRIBE, transcriptions), ("answer", prompt.TEXT, answers)):
                loss = batch_loss(model, samples, vocabulary.prefix(mode), encoded.groups,
                                  group_index(samples, encoded, numbers))
                total = total + loss.text / loss.text_count
                run.add(**{name: (loss.text.item(), loss.text_count)})
        total.backward()
        factor = run.clock.factor()
        encoder_optimisers.step(factor)
        if joint:
            rise = min(1.0, (run.clock.progress - options.ctc_part) / 0.02 + 0.05)
            llm_optimisers.step(factor * rise)
        now = time.monotonic()
        if now - last_refresh > 60:
            corpus.refresh()
            last_refresh = now
        if now - last_evaluation > 300:
            last_evaluation = now
            evaluate(run, model, auxiliary, vocabulary, plain, dialogues, data, evaluations, joint)
        if not run.tick(state):
            break
    run.save(state)
    evaluate(run, model, auxiliary, vocabulary, plain, dialogues, data, evaluations, llm_loaded, 200)
    checkpoint.save(model, options.out, vocabulary.directory)


def evaluate(run, model, auxiliary, vocabulary, features, dialogues, data, corpora, answers: bool, count: int = 48):
    """Notes listening figures on the seen-voice and held-out-voice sets that are there: what the encoder spells alone, and with
    `answers` transcripts and answers by the LLM."""
    model.eval()
    for name, pattern in (("seen", "seen_*.jsonl"), ("unseen", "test_held*.jsonl"), ("natural", "test_natural*.jsonl")):
        names = sorted(p.stem for p in (data / "callers").glob(pattern))
        if not names:
            continue
        if name not in corpora or len(corpora[name].entries) == 0:
            corpora[name] = Corpus(data / "callers", names)
        corpus = corpora[name]
        entries = [e for e in corpus.entries if e["dialogue"] in dialogues][:count]
        if entries:
            run.note(set=name, **{f"spelled_{k}": v for k, v in spelling(model, auxiliary, features, corpus, entries).items()})
        if entries and answers:
            run.note(set=name, **listen(model, vocabulary, features, corpus, entries, dialogues))
    model.train()


if __name__ == "__main__":
    main()
