"""Batches of samples through the model: text loss, speech loss, with the system prompt computed once per batch."""
from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from antiphon.model.dialogue import DialogueModel
from antiphon.model.layers import LayerNorm, Linear, cross_entropy
from antiphon.speech.styles import STYLES
from .precision import DTYPE
from .sequences import IGNORE, Sample

SPECIAL_ROWS = 0.3
DROPPED = 0.1


@dataclass
class Loss:
    """Sums over predicted ids and their counts; `text` and `speech` are differentiable. by_sample: text loss of every sample.

    text_rows, speech_rows: the same sums by sample [samples], differentiable, where `by_row` asked for them.
    style: loss of naming the style of the samples that have one, by the probe where there is one; differentiable.
    """

    text: torch.Tensor
    text_count: int
    by_sample: np.ndarray
    speech: torch.Tensor | None = None
    speech_count: int = 0
    text_rows: torch.Tensor | None = None
    speech_rows: torch.Tensor | None = None
    style: torch.Tensor | None = None
    style_count: int = 0


class StyleProbe(nn.Module):
    """Names the style in force from the LLM's states where an answer's speech begins; used in training only.

    Soon after the begin the speech itself tells the style, so that the head learns to follow itself and not what was asked for. The probe
    makes the LLM tell it before anything is said.
    """

    POSITIONS = 4

    def __init__(self, d_model: int):
        super().__init__()
        self.norm = LayerNorm(d_model)
        self.names = Linear(d_model, len(STYLES))

    def forward(self, states: torch.Tensor, styles: list[str]) -> torch.Tensor:
        """states [n, d], a style's name for each → the sum of their losses."""
        wanted = torch.tensor([[float(name in style.split("+")) for name in STYLES] for style in styles])
        return F.binary_cross_entropy_with_logits(self.names(self.norm(states)).float(), wanted, reduction="none").sum()


def batch_loss(model: DialogueModel, samples: list[Sample], prefix: list[int], groups: torch.Tensor | None = None,
               group_index: np.ndarray | None = None, whole_prompt: bool = False, context: int = 4,
               dropped: float = DROPPED, own: float = 0.0, dtype: torch.dtype = DTYPE, by_row: bool = False,
               style_probe: StyleProbe | None = None) -> Loss:
    """Losses of samples under the system message `prefix`, or each under its own where it has one (`Sample.system`).

    A message that all share is computed once. As soon as one sample has its own, every sample carries its message itself.

    groups [n, d]: 5 Hz embeddings; group_index: for every placeholder of the samples, in order, its row in `groups`.
    whole_prompt: give the refined head all prompt positions instead of the last few (up to `context`); the head must
    not depend on them. dropped: part of the previous-id embeddings that is set to zero. own: of every sample a part, between
    none and this, of the ids that the model hears of itself are its own guesses; what it must say stays the same.
    """
    special = model.c.special
    if any(s.system for s in samples):
        samples, prefix = [_with_system(s, s.system or prefix) for s in samples], []
    rows, width = len(samples), max(len(s.ids) for s in samples)
    ids = np.full((rows, width), special.pad)
    targets = np.full((rows, width), IGNORE)
    for row, sample in enumerate(samples):
        ids[row, : len(sample.ids)] = sample.ids
        targets[row, : len(sample.targets)] = sample.targets
    ids_tensor = torch.from_numpy(ids)
    text_table = model.language_model.model.embed_tokens.weight.to(dtype)
    embedded = F.embedding(ids_tensor, text_table)
    x = embedded.reshape(rows * width, -1)
    if groups is not None:
        places = torch.from_numpy(np.flatnonzero(ids.reshape(-1) == special.audio))
        x = x.index_put((places,), groups[torch.from_numpy(group_index)].to(dtype))
    speaking = [row for row, sample in enumerate(samples) if sample.speech is not None]
    past = prefix_states = voice = None
    if prefix:
        prefix_embedded = F.embedding(torch.tensor([prefix]), text_table)
        prefix_hidden, past = model.llm(prefix_embedded, keep=True)
        prefix_states = prefix_hidden + prefix_embedded if whole_prompt else None
    if speaking:
        voice = _Voice(model, [samples[row] for row in speaking], speaking, width, embedded.reshape(rows * width, -1), context,
                       whole_prompt, prefix_states)

    def states(heard: list[np.ndarray]) -> torch.Tensor:
        fed = voice.fed_back(x, heard) if voice else x
        return model.llm(fed.view(rows, width, -1), past=past)[0].reshape(rows * width, -1)

    heard = voice.history if voice else []
    if voice and own:
        with torch.no_grad():
            heard = _mixed(heard, voice.guesses(states(heard), heard), own, model.c.codes.bos)
    flat = states(heard)
    chosen = np.flatnonzero(targets.reshape(-1) != IGNORE)
    wanted = torch.from_numpy(targets.reshape(-1)[chosen])
    loss = Loss(torch.zeros(()), 0, np.zeros(rows))
    if len(chosen):
        logits = model.language_model.logits(flat[torch.from_numpy(chosen)])
        each = cross_entropy(logits, wanted)
        loss = Loss(each.sum(), len(chosen), np.bincount(chosen // width, each.detach().numpy(), rows))
        if by_row:
            loss.text_rows = torch.zeros(rows).index_add(0, torch.from_numpy(chosen // width), each)
    if voice:
        voice.add_loss(loss, flat, heard, dropped, by_row)
        if style_probe is not None:
            voice.add_style(loss, flat, style_probe)
    return loss


def _with_system(sample: Sample, system) -> Sample:
    """The sample with its system message among its own positions."""
    return replace(sample, ids=[*system, *sample.ids], targets=[IGNORE] * len(system) + sample.targets, system=(),
                   speech_start=sample.speech_start + len(system) if sample.speech is not None else -1)


def _mixed(heard: list[np.ndarray], guesses: list[np.ndarray], most: float, codes: int) -> list[np.ndarray]:
    """Of every sample's ids a part, even between none and `most`, replaced by guesses; only codes by codes."""
    return [np.where((np.random.random(true.shape) < np.random.random() * most) & (true < codes) & (guess < codes), guess, true)
            for true, guess in zip(heard, guesses)]


class _Voice:
    """The refined head's part of a batch. `heard`: per speaking sample the ids [G, k] taken for those said before.

    rows: numbers of the speaking samples among `width` wide rows; embedded: [rows · width, d] of all of them. prefix_states: of a
    shared system message that the head sees too, where it sees the whole prompt.
    """

    def __init__(self, model: DialogueModel, samples: list[Sample], rows: list[int], width: int, embedded: torch.Tensor,
                 context: int, whole_prompt: bool, prefix_states: torch.Tensor | None):
        self.model, self.samples, self.embedded, self.prefix_states = model, samples, embedded, prefix_states
        self.rows, self.row_count = rows, len(embedded) // width
        self.speech = [sample.speech for sample in samples]
        self.history = [sample.speech if sample.history is None else sample.history for sample in samples]
        self.table = model.audio_tower.embed_tokens.table().to(embedded.dtype)
        self.feedback_places = torch.from_numpy(np.concatenate(
            [row * width + s.speech_start + 1 + np.arange(len(s.speech) - 1) for row, s in zip(rows, samples)]))
        starts = [0 if whole_prompt else max(0, s.speech_start - random.randint(1, context)) for s in samples]
        self.lengths = [s.speech_start + len(s.speech) - start for s, start in zip(samples, starts)]
        self.firsts = [s.speech_start - start for s, start in zip(samples, starts)]
        self.places = np.zeros((len(samples), max(self.lengths)), np.int64)
        for number, (row, start, length) in enumerate(zip(rows, starts, self.lengths)):
            self.places[number, :length] = row * width + start + np.arange(length)

    def fed_back(self, x: torch.Tensor, heard: list[np.ndarray]) -> torch.Tensor:
        """The LLM's inputs x [rows · width, d] with the groups said before."""
        fed = torch.from_numpy(np.concatenate([speech[:-1] for speech in heard]))
        feedback = self.model.audio_tower.output_matching(F.embedding(fed, self.table).mean(1))
        return x.index_put((self.feedback_places,), (x[self.feedback_places] + feedback) * 0.5)

    def _head(self, hidden: torch.Tensor, heard: list[np.ndarray], dropped: float) -> torch.Tensor:
        """States before the tied output [samples, longest · k, d] from the LLM's hidden [rows · width, d]."""
        codes, k, head = self.model.c.codes, self.model.c.codes.group_size, self.model.audio_invert_tower
        previous = np.full((*self.places.shape, k), codes.bos)
        for number, (speech, first, length) in enumerate(zip(heard, self.firsts, self.lengths)):
            previous[number, first:length] = np.concatenate([[codes.bos], speech.reshape(-1)[:-1]]).reshape(-1, k)
        flat_places = torch.from_numpy(self.places.reshape(-1))
        states = (hidden[flat_places] + self.embedded[flat_places]).view(*self.places.shape, -1)
        before = F.embedding(torch.from_numpy(previous.reshape(len(previous), -1)), self.table)
        if dropped:
            before = before * (torch.rand(before.shape[:2]) >= dropped).to(before.dtype).unsqueeze(-1)
        past = None
        if self.prefix_states is not None:
            bos = self.table[codes.bos].expand(1, self.prefix_states.shape[1] * k, -1)
            _, past = head(head.ungroup(self.prefix_states), bos, keep=True)
        return head(head.ungroup(states), before, past=past)[0]

    def guesses(self, hidden: torch.Tensor, heard: list[np.ndarray]) -> list[np.ndarray]:
        """The likeliest ids [G, k] of every sample."""
        k = self.model.c.codes.group_size
        out = self._head(hidden, heard, 0.0)
        return [F.linear(out[number, first * k: length * k], self.table).argmax(-1).view(-1, k).numpy()
                for number, (first, length) in enumerate(zip(self.firsts, self.lengths))]

    def add_style(self, loss: Loss, hidden: torch.Tensor, probe: StyleProbe):
        """Adds the loss of naming every sample's style where its speech begins."""
        places, styles = [], []
        for number, (sample, first, length) in enumerate(zip(self.samples, self.firsts, self.lengths)):
            if sample.style:
                begin = self.places[number, first: min(length, first + probe.POSITIONS)]
                places.extend(begin)
                styles += [sample.style] * len(begin)
        if places:
            loss.style, loss.style_count = probe(hidden[torch.tensor(places)], styles), len(places)

    def add_loss(self, loss: Loss, hidden: torch.Tensor, heard: list[np.ndarray], dropped: float, by_row: bool = False):
        """Adds the loss of saying every sample's speech to `loss`."""
        codes = self.model.c.codes
        wanted = np.full((*self.places.shape, codes.group_size), IGNORE)
        for number, (sample, first, length) in enumerate(zip(self.samples, self.firsts, self.lengths)):
            wanted[number, first:length] = sample.speech
            # The last prompt position makes throw-away ids; teaching bos keeps the first spoken row's input known.
            if first > 0:
                wanted[number, first - 1] = codes.bos
        out = self._head(hidden, heard, dropped)
        wanted = wanted.reshape(-1)
        kept = wanted != IGNORE
        if self.model.training:
            # Delay and end groups are soon learned: a part of their rows is enough, and saves a fifth of the logits.
            kept &= (wanted < codes.bos) | (np.random.random(len(wanted)) < SPECIAL_ROWS)
        chosen = np.flatnonzero(kept)
        logits = F.linear(out.reshape(-1, out.shape[-1])[torch.from_numpy(chosen)], self.table)
        each = cross_entropy(logits, torch.from_numpy(wanted[chosen]))
        loss.speech, loss.speech_count = each.sum(), len(chosen)
        if by_row:
            row = np.asarray(self.rows)[chosen // (self.places.shape[1] * codes.group_size)]
            loss.speech_rows = torch.zeros(self.row_count).index_add(0, torch.from_numpy(row), each)
