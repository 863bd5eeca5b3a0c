"""Batches of samples through the model: text loss, speech loss, with the system prompt computed once per batch."""
from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from antiphon.model.dialogue import DialogueModel
from antiphon.model.layers import cross_entropy
from .sequences import IGNORE, Sample

SPECIAL_ROWS = 0.3


@dataclass
class Loss:
    """Sums over predicted ids and their counts; `text` and `speech` are differentiable. by_sample: text loss of every sample."""

    text: torch.Tensor
    text_count: int
    by_sample: np.ndarray
    speech: torch.Tensor | None = None
    speech_count: int = 0


def batch_loss(model: DialogueModel, samples: list[Sample], prefix: list[int], groups: torch.Tensor | None = None,
               group_index: np.ndarray | None = None, whole_prompt: bool = False, context: int = 4,
               dropped: float = 0.1, dtype: torch.dtype = torch.bfloat16) -> Loss:
    """Losses of samples that share one system prompt (`prefix`).

    groups [n, d]: 5 Hz embeddings; group_index: for every placeholder of the samples, in order, its row in `groups`.
    whole_prompt: give the refined head all prompt positions instead of the last few (up to `context`); the head must
    not depend on them. dropped: part of the previous-id embeddings that is set to zero.
    """
    special = model.c.special
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
    if speaking:
        table = model.audio_tower.embed_tokens.table().to(dtype)
        places = np.concatenate([row * width + samples[row].speech_start + 1 + np.arange(len(samples[row].speech) - 1)
                                 for row in speaking])
        fed = torch.from_numpy(np.concatenate([samples[row].speech[:-1] for row in speaking]))
        feedback = model.audio_tower.output_matching(F.embedding(fed, table).mean(1))
        places = torch.from_numpy(places)
        x = x.index_put((places,), (x[places] + feedback) * 0.5)
    prefix_embedded = F.embedding(torch.tensor([prefix]), text_table)
    prefix_hidden, past = model.llm(prefix_embedded, keep=True)
    hidden, _ = model.llm(x.view(rows, width, -1), past=past)
    flat = hidden.reshape(rows * width, -1)
    chosen = np.flatnonzero(targets.reshape(-1) != IGNORE)
    wanted = torch.from_numpy(targets.reshape(-1)[chosen])
    loss = Loss(torch.zeros(()), 0, np.zeros(rows))
    if len(chosen):
        logits = model.language_model.logits(flat[torch.from_numpy(chosen)])
        each = cross_entropy(logits, wanted)
        loss = Loss(each.sum(), len(chosen), np.bincount(chosen // width, each.detach().numpy(), rows))
    if speaking:
        _speech(model, loss, [samples[row] for row in speaking], speaking, width, flat, embedded.reshape(rows * width, -1),
                table, (prefix_hidden + prefix_embedded) if whole_prompt else None, context, dropped)
    return loss


def _speech(model, loss, samples, rows, width, hidden, embedded, table, prefix_states, context, dropped):
    """Refined-head loss of the speaking samples, added to `loss`. hidden, embedded: [rows · width, d]."""
    codes, k, head = model.c.codes, model.c.codes.group_size, model.audio_invert_tower
    starts = [0 if prefix_states is not None else max(0, s.speech_start - random.randint(1, context)) for s in samples]
    lengths = [s.speech_start + len(s.speech) - start for s, start in zip(samples, starts)]
    longest = max(lengths)
    places = np.zeros((len(samples), longest), np.int64)
    previous = np.full((len(samples), longest, k), codes.bos)
    wanted = np.full((len(samples), longest, k), IGNORE)
    for number, (sample, row, start, length) in enumerate(zip(samples, rows, starts, lengths)):
        places[number, :length] = row * width + start + np.arange(length)
        first = sample.speech_start - start
        shifted = np.concatenate([[codes.bos], sample.speech.reshape(-1)[:-1]])
        previous[number, first:length] = shifted.reshape(-1, k)
        wanted[number, first:length] = sample.speech
        # The last prompt position makes throw-away ids; teaching bos keeps the first spoken row's input known.
        if first > 0:
            wanted[number, first - 1] = codes.bos
    flat_places = torch.from_numpy(places.reshape(-1))
    states = (hidden[flat_places] + embedded[flat_places]).view(len(samples), longest, -1)
    before = F.embedding(torch.from_numpy(previous.reshape(len(samples), -1)), table)
    if dropped:
        before = before * (torch.rand(before.shape[:2]) >= dropped).to(before.dtype).unsqueeze(-1)
    past = None
    if prefix_states is not None:
        bos = table[codes.bos].expand(1, prefix_states.shape[1] * k, -1)
        _, past = head(head.ungroup(prefix_states), bos, keep=True)
    out, _ = head(head.ungroup(states), before, past=past)
    wanted = wanted.reshape(-1)
    kept = wanted != IGNORE
    if model.training:
        # Delay and end groups are soon learned: a part of their rows is enough, and saves a fifth of the logits.
        kept &= (wanted < codes.bos) | (np.random.random(len(wanted)) < SPECIAL_ROWS)
    chosen = np.flatnonzero(kept)
    rows_out = out.reshape(-1, out.shape[-1])[torch.from_numpy(chosen)]
    logits = F.linear(rows_out, table)
    loss.speech = cross_entropy(logits, torch.from_numpy(wanted[chosen])).sum()
    loss.speech_count = len(chosen)
