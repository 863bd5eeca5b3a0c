"""The released decoding loop, greedy or drawn, for many conversations at once (a cache per conversation, rows padded on the right)."""
from __future__ import annotations

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F

from .dialogue import DialogueModel
from .transformer import Past, causal_mask


@dataclass
class Generated:
    """One conversation's answer: generated text ids (from audio_bos on) and speech ids (groups of eos included)."""

    text: list[int] = field(default_factory=list)
    speech: list[int] = field(default_factory=list)


class _Rows:
    """A growing cache shared by rows of unequal prompt length: every column's position (padding: after all), each row's next."""

    def __init__(self, lengths: torch.Tensor, width: int, window: int | None):
        columns = torch.arange(width)[None]
        self.columns = torch.where(columns < lengths[:, None], columns, torch.iinfo(torch.int64).max // 2)
        self.position = lengths.clone()
        self.window = window
        self.past: Past | None = None

    def step(self, run, x):
        """Runs one new column x [rows, 1, d] through `run` and grows the cache. Returns its output [rows, 1, d]."""
        self.columns = torch.cat([self.columns, self.position[:, None]], 1)
        mask = causal_mask(self.position[:, None], self.columns, self.window, x.dtype)[None, :, None]
        out, past = run(x, positions=self.position[:, None], mask=mask, past=self.past, keep=True)
        past.shared = False
        self.past = past
        self.position = self.position + 1
        return out


@torch.no_grad()
def generate(model: DialogueModel, prompts: list[torch.Tensor], groups: list[torch.Tensor] | None = None,
             speech: bool = True, force_speech: bool = False, limit: int = 80,
             forced_text: list[list[int]] | None = None, temperature: float = 0.0,
             generator: torch.Generator | None = None) -> list[Generated]:
    """Answers to `prompts` (text ids, one placeholder per group) by the released loop.

    groups: per prompt the 5 Hz embeddings [placeholders, d] of all its recordings. speech=False leaves the refined
    head out; force_speech forces audio_bos as the first id. forced_text: ids that replace the argmax of the text
    (to measure the voice alone), then sil, until the speech ends. temperature: 0 takes the likeliest ids, above 0 text and speech
    ids are drawn by `generator`.
    """
    def pick(logits: torch.Tensor) -> torch.Tensor:
        if temperature == 0.0:
            return logits.argmax(-1)
        return torch.multinomial(torch.softmax(logits.float() / temperature, -1), 1, generator=generator)[:, 0]

    c, special, codes, k = model.c, model.c.special, model.c.codes, model.c.codes.group_size
    rows = len(prompts)
    lengths = torch.tensor([len(p) for p in prompts])
    width = int(lengths.max())
    ids = torch.full((rows, width), special.pad)
    for row, prompt in enumerate(prompts):
        ids[row, : len(prompt)] = prompt
    text_inputs = model.embed(ids)
    x = text_inputs.clone()
    if groups is not None:
        for row in range(rows):
            x[row, ids[row] == special.audio] = groups[row].to(x.dtype)
    table = model.audio_tower.embed_tokens.table()
    text_rows = _Rows(lengths, width, c.text.sliding_window)
    hidden, text_rows.past = model.llm(x, keep=True)
    text_rows.past.shared = False
    last = hidden[torch.arange(rows), lengths - 1]
    head = model.audio_invert_tower
    if speech:
        previous = table[codes.bos].expand(rows, width * k, -1)
        ungrouped = head.ungroup(hidden + text_inputs)
        # The last four rows of a prompt take the head's own ids, so only the first 5·P − 4 are prefilled.
        prefill = lengths * k - (k - 1)
        speech_rows = _Rows(prefill, width * k, c.head.sliding_window)
        out, speech_rows.past = head(ungrouped, previous, keep=True)
        speech_rows.past.shared = False
        chosen = pick(F.linear(out[torch.arange(rows), prefill - 1], table))
        for offset in range(1, k):
            row_input = ungrouped[torch.arange(rows), (lengths - 1) * k + offset][:, None]
            chosen = _head_step(head, speech_rows, row_input, chosen, table, pick)

    answers = [Generated() for _ in range(rows)]
    speaking = torch.zeros(rows, dtype=torch.bool)
    finished = torch.zeros(rows, dtype=torch.bool)
    group = torch.zeros(rows, k, dtype=torch.long)
    spoken = torch.zeros(rows, dtype=torch.bool)
    for step in range(limit):
        logits = model.language_model.logits(last)
        token = pick(logits)
        if step == 0 and force_speech:
            token = torch.full_like(token, special.audio_bos)
        if forced_text is not None and step > 0:
            for row, text in enumerate(forced_text):
                if speaking[row]:
                    token[row] = text[step - 1] if step - 1 < len(text) else special.sil
        token = torch.where(finished, special.pad, token)
        # An end drawn in the step in which speech ends stops the answer, though that step's id is the end of speech.
        stopped = token == special.end
        # The group that belongs to this position was made from the previous input (see the end of the loop).
        if speech and step > 0:
            ended = speaking & (group == codes.eos).any(-1)
            token = torch.where(ended & ~finished, special.audio_eos, token)
            for row in torch.nonzero(speaking & ~finished).flatten().tolist():
                answers[row].speech.extend([codes.eos] * k if ended[row] else group[row].tolist())
            spoken = speaking & ~ended
            speaking = spoken.clone()
        for row in torch.nonzero(~finished).flatten().tolist():
            answers[row].text.append(int(token[row]))
        finished = finished | stopped
        if bool(finished.all()):
            break
        speaking = speaking | (token == special.audio_bos) if speech else speaking
        embedded = model.embed(token)
        fed = embedded
        if speech:
            feedback = model.audio_tower.output_matching(table[group].mean(1))
            fed = torch.where((spoken & speaking)[:, None], (embedded + feedback) / 2, embedded)
        hidden = text_rows.step(model.llm, fed[:, None])
        last = hidden[:, 0]
        if speech:
            if not bool((speaking & ~finished).any()):
                continue
            ungrouped = head.ungroup(hidden + embedded[:, None])
            made = []
            for offset in range(k):
                chosen = _head_step(head, speech_rows, ungrouped[:, offset : offset + 1], chosen, table, pick)
                made.append(chosen)
            group = torch.stack(made, 1)
    return answers


def _head_step(head, rows: _Rows, ungrouped, previous, table, pick):
    """One refined-head pass: ungrouped [rows, 1, d], previous ids [rows] → ids [rows] that `pick` takes from their logits."""
    out = rows.step(lambda x, **keywords: head(x, table[previous][:, None], **keywords), ungrouped)
    return pick(F.linear(out[:, 0], table))


def speech_codes(answer: Generated, model: DialogueModel) -> list[int]:
    """The valid codes of an answer (delay of bos and everything from the first eos on removed)."""
    codes = []
    for code in answer.speech:
        if code == model.c.codes.eos:
            break
        if code < model.c.codes.bos:
            codes.append(code)
    return codes
