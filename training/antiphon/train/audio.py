"""Caller recordings in training: reading, augmentation, features, and the encoder over a batch of them."""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from antiphon.model.dialogue import DialogueModel, audio_groups
from antiphon.model.logmel import HOP, LogMel, clip
from .perturbation import hesitate
from .precision import DTYPE


@dataclass
class Recording:
    """One user turn ready for the encoder. mel [frames, bins]; phones: (start in ms, label) or None."""

    mel: torch.Tensor
    samples: int
    text: str
    phones: list | None
    voice: str

    @property
    def groups(self) -> int:
        """Placeholders in the prompt."""
        return audio_groups(self.samples)


class Corpus:
    """A `{name}.pcm` + `{name}.jsonl` pair of caller audio, read through a memory map.

    Corpora grow while trainings run: `refresh` picks up complete new lines.
    """

    def __init__(self, directory: Path, names: list[str], voices: set[str] | None = None):
        self.directory, self.names, self.voices = directory, names, voices
        self.entries: list[dict] = []
        self.seen = {name: 0 for name in names}
        self.refresh()

    def refresh(self) -> int:
        """Reads lines added since the last call. Returns the number of renderings."""
        self.pcm = {}
        for name in self.names:
            index, audio = self.directory / f"{name}.jsonl", self.directory / f"{name}.pcm"
            if not index.exists() or not audio.exists():
                continue
            self.pcm[name] = np.memmap(audio, np.int16, "r")
            with open(index) as lines:
                lines.seek(self.seen[name])
                while line := lines.readline():
                    if not line.endswith("\n"):
                        break
                    entry = json.loads(line)
                    segments = [s for s in entry["segments"] if s is not None]
                    if segments and max(s["offset"] + s["samples"] for s in segments) > len(self.pcm[name]):
                        break
                    self.seen[name] = lines.tell()
                    entry["corpus"] = name
                    self.entries.append(entry)
        return len(self.entries)

    def wave(self, entry: dict, segment: dict) -> np.ndarray:
        """float32 samples (±1) of one segment."""
        part = self.pcm[entry["corpus"]][segment["offset"]: segment["offset"] + segment["samples"]]
        return part.astype(np.float32) / 32768.0


class Features:
    """Segments to `Recording`s, perturbed in training. Unperturbed features are kept (half precision) for reuse."""

    def __init__(self, perturb=None, running: bool = True):
        self.perturb, self.running, self.log_mel = perturb, running, LogMel()
        self.kept: dict[tuple, torch.Tensor] = {}

    def __call__(self, corpus: Corpus, entry: dict, segment: dict, generator=None, hesitant: float = 0.0, keep=()) -> Recording:
        """hesitant: how often quiet comes before the words, see `perturbation.hesitate`; keep: see `perturbation.perturb`."""
        key = (entry["corpus"], segment["offset"])
        raw = self.kept.get(key)
        if raw is None:
            raw = self.log_mel.raw(torch.from_numpy(corpus.wave(entry, segment))).half()
            self.kept[key] = raw
        raw, samples, phones = raw.float(), segment["samples"], segment.get("phones")
        if hesitant and generator is not None:
            raw, quiet = hesitate(raw, generator, hesitant)
            samples += quiet * HOP
            if phones and quiet:
                phones = [(0, "sil")] + [(start + 1000 * quiet * HOP / 16000, label) for start, label in phones]
        return self.recording(raw, samples, segment["text"], phones, entry["voice"], generator, keep)

    def recording(self, raw, samples, text, phones, voice, generator=None, keep=()) -> Recording:
        """raw log10 mel [frames, bins] → Recording."""
        if self.perturb is not None and generator is not None:
            raw, tempo = self.perturb(raw, generator, keep)
            if tempo != 1.0:
                samples = min(int(samples / tempo), len(raw) * HOP)
                raw = raw[: -(-samples // HOP)]
                phones = phones and [(start / tempo, label) for start, label in phones]
        return Recording(clip(raw, self.log_mel.window_frames if self.running else None), samples, text, phones, voice)


@dataclass
class Encoded:
    """Encoder outputs of a batch. hidden [n50, d_model] packed over recordings with lengths50; groups [n5, d] packed."""

    hidden: torch.Tensor | None
    lengths50: list[int]
    groups: torch.Tensor | None
    group_starts: list[int]


LIMITS = (60, 100, 150, 200)


def encode_batch(model: DialogueModel, recordings: list[Recording], dtype=DTYPE, want_hidden=False,
                 want_groups=True) -> Encoded:
    """All windows of all recordings, in buckets of similar length, and the results gathered per recording."""
    encoder, size = model.continuous_audio_tower, model.c.encoder.window_frames
    buckets: dict[int, list] = {limit: [] for limit in LIMITS}
    for number, recording in enumerate(recordings):
        for start in range(0, len(recording.mel), size):
            length = min(size, len(recording.mel) - start)
            limit = next(limit for limit in LIMITS if length <= limit)
            buckets[limit].append((number, start, length))
    hidden_parts, frame_parts, where = [], [], {}
    offset50 = offset25 = 0
    for limit, windows in buckets.items():
        if not windows:
            continue
        width = max(length for _, _, length in windows)
        batch = torch.zeros(len(windows), width, recordings[0].mel.shape[1])
        for row, (number, start, length) in enumerate(windows):
            batch[row, :length] = recordings[number].mel[start: start + length]
        hidden = encoder.hidden(batch.to(dtype), torch.tensor([w[2] for w in windows]))
        n50 = hidden.shape[1]
        n25 = n50 // 2
        for row, (number, start, length) in enumerate(windows):
            valid = (length - 1) // 2 + 1
            where[number, start] = (offset50 + row * n50, valid, offset25 + row * n25, valid // 2)
        hidden_parts.append(hidden.reshape(-1, hidden.shape[-1]))
        offset50 += len(windows) * n50
        if want_groups:
            frame_parts.append(encoder.frames(hidden).flatten(0, 1))
            offset25 += len(windows) * n25
    result = Encoded(None, [], None, [])
    spans50, index25, total = [], [], 0
    for number, recording in enumerate(recordings):
        windows = [where[number, start] for start in range(0, len(recording.mel), size)]
        if want_hidden:
            spans = [np.arange(a, a + n) for a, n, _, _ in windows]
            spans50.extend(spans)
            result.lengths50.append(sum(len(s) for s in spans))
        if want_groups:
            # Index 0 of the padded frames is the zero row that stands for missing frames.
            frames = np.concatenate([np.arange(a, a + n) + 1 for _, _, a, n in windows])
            padded = np.zeros(recording.groups * model.c.codes.group_size, np.int64)
            padded[: len(frames)] = frames[: len(padded)]
            index25.append(padded)
            result.group_starts.append(total)
            total += recording.groups
    if want_hidden:
        result.hidden = torch.cat(hidden_parts)[torch.from_numpy(np.concatenate(spans50))]
    if want_groups:
        frames = F.pad(torch.cat(frame_parts), (0, 0, 1, 0))
        result.groups = model.groups(frames[torch.from_numpy(np.concatenate(index25))])
    return result


def group_index(samples, encoded: Encoded, numbers: dict[int, int]) -> np.ndarray | None:
    """For every placeholder of `samples`, in order, its row in `encoded.groups`; numbers: id(recording) → position in the batch."""
    parts = [np.arange(r.groups) + encoded.group_starts[numbers[id(r)]] for s in samples for r in s.audio]
    return np.concatenate(parts) if parts else None
