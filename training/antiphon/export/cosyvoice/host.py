"""Runs the detokenizer's graphs from Python: the reference for every other host, used by parity and the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Iterator

import numpy as np
import onnxruntime

from antiphon.export.cosyvoice import noise as drawn
from antiphon.export.cosyvoice.bundle import read_section

SourceNoise = Callable[[int, int], np.ndarray]
"""First and last sample -> numbers in [0, 1), float32 [harmonics + 1, samples]."""
Noise = Callable[[int, int], np.ndarray]
"""First and last frame -> normal numbers, float32 [frames, mel]. Frames of a voice's prompt are negative."""

_TYPES = {"float32": np.float32, "float64": np.float64, "int64": np.int64}


class Detokenizer:
    """The sessions of a folder, opened at their first use."""

    def __init__(self, folder: Path, threads: int = 1):
        self.folder = folder
        self.section, self.sizes = read_section(folder)
        self._threads = threads
        self._sessions: dict[str, onnxruntime.InferenceSession] = {}

    def session(self, role: str) -> onnxruntime.InferenceSession:
        if role not in self._sessions:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = self._threads
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            path = self.folder / self.section["graphs"][role]
            self._sessions[role] = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        return self._sessions[role]


def window_flow(
    detokenizer: Detokenizer, tokens: np.ndarray, prompt_mel: np.ndarray, speaker: np.ndarray, noise: np.ndarray, final: bool
) -> np.ndarray:
    """One window: ``tokens`` of the prompt, the new ones and, unless ``final``, the look-ahead -> the new frames [frames, mel]."""
    if final:
        tokens = np.concatenate([tokens, np.full(detokenizer.sizes.flow.look_ahead, -1)])
    inputs = {"tokens": tokens[None].astype(np.int64), "prompt_mel": prompt_mel[None], "speaker": speaker[None], "noise": noise[None]}
    return detokenizer.session("flow").run(["mel"], inputs)[0][0]


class TooLong(ValueError):
    """An answer has more frames than the flow over caches can place."""


class WindowFlow:
    """A stream of windows. State: the ids and frames of the last ``prompt_tokens`` ids. A voice may bring ids and frames to begin with."""

    def __init__(self, detokenizer: Detokenizer, speaker: np.ndarray, noise: Noise, tokens: np.ndarray, mel: np.ndarray):
        self._detokenizer, self._speaker, self._noise = detokenizer, speaker, noise
        self._tokens, self._mel = tokens.astype(np.int64), mel.astype(np.float32)
        self._made = 0

    def push(self, tokens: np.ndarray, ahead: np.ndarray, final: bool = False) -> np.ndarray:
        """New ids and the ``look_ahead`` ids behind them (none if ``final``) -> their frames [2 n, mel]."""
        sizes, kept = self._detokenizer.sizes.flow, self._detokenizer.section["promptTokens"]
        window = np.concatenate([self._tokens, tokens])
        ratio = sizes.frames_of_token
        # A frame's noise is its own, also when it is a prompt's frame later.
        noise = self._noise(self._made - ratio * len(self._tokens), self._made + ratio * len(tokens))
        mel = window_flow(self._detokenizer, np.concatenate([window, ahead]), self._mel, self._speaker, noise, final)
        self._tokens, self._mel = window[-kept:], np.concatenate([self._mel, mel])[-ratio * kept :]
        self._made += len(mel)
        return mel


class BlockFlow:
    """A stream over caches, block by block, exactly as the reference's streaming mode has it.

    Blocks lie at fixed places, counted from the prompt's first id, so that the same ids bring back the same caches, bit for bit.
    """

    def __init__(self, detokenizer: Detokenizer, speaker: np.ndarray, noise: Noise, prompt_tokens: np.ndarray, prompt_mel: np.ndarray):
        sizes = detokenizer.sizes.flow
        self._detokenizer, self._speaker, self._noise, self._sizes = detokenizer, speaker, noise, sizes
        calls = sizes.steps * sizes.layers * 2
        self._caches = {
            "keys": np.zeros((calls, 0, sizes.width), np.float32), "values": np.zeros((calls, 0, sizes.width), np.float32),
            "tails": np.zeros((sizes.steps * 4, sizes.width, sizes.position_kernel - 1), np.float32),
            "mean": np.zeros((1, sizes.look_ahead_channels, 2), np.float32),
        }
        self._position, self._skipped = 0, len(prompt_mel)
        self._pending, self._prompt = prompt_tokens, prompt_mel

    def push(self, tokens: np.ndarray) -> np.ndarray:
        """Frames [frames, mel] of all blocks that are whole, their look-ahead included."""
        return np.concatenate([np.zeros((0, self._sizes.mel), np.float32), *self.pieces(tokens, last=False)])

    def finish(self) -> np.ndarray:
        """Frames of what is left."""
        return np.concatenate([np.zeros((0, self._sizes.mel), np.float32), *self.pieces(self._pending[:0], last=True)])

    def pieces(self, tokens: np.ndarray, last: bool) -> Iterator[np.ndarray]:
        """Frames [frames, mel] of each block that is whole; of all blocks if these are the last ids."""
        self._pending = np.concatenate([self._pending, tokens])
        block, ahead = self._sizes.block_tokens, self._sizes.look_ahead
        while len(self._pending) >= block + ahead or (last and len(self._pending)):
            count = min(block, len(self._pending))
            known = self._pending[: count + ahead]
            mel = self._run(np.concatenate([known, np.full(count + ahead - len(known), -1)]), count)
            self._pending = self._pending[count:]
            yield mel

    def _run(self, tokens: np.ndarray, count: int) -> np.ndarray:
        sizes, frames = self._sizes, self._sizes.frames_of_token * count
        if self._position + frames > sizes.most_frames:
            raise TooLong(f"frames of an answer and its voice's prompt: {self._position + frames}; the flow over caches has {sizes.most_frames}")
        # A frame's noise is counted from the answer's first, as a window's is.
        first = self._position - self._skipped
        condition = np.zeros((frames, sizes.mel), np.float32)
        given = self._prompt[self._position : self._position + frames]
        condition[: len(given)] = given
        inputs = {
            "tokens": tokens[None].astype(np.int64), "condition": condition[None], "speaker": self._speaker[None],
            "noise": self._noise(first, first + frames)[None], "position": np.array([self._position]),
            **{f"past_{name}": value for name, value in self._caches.items()},
        }
        names = list(self._caches)
        mel, *caches = self._detokenizer.session("flowBlocks").run(["mel", *(f"present_{name}" for name in names)], inputs)
        self._caches = dict(zip(names, caches))
        skipped = max(0, min(frames, self._skipped - self._position))
        self._position += frames
        return mel[0, skipped:]


class Vocoder:
    """A stream of samples from mel frames."""

    def __init__(self, detokenizer: Detokenizer, noise: SourceNoise):
        self._detokenizer, self._noise, self._sizes = detokenizer, noise, detokenizer.sizes.vocoder
        self._states = {
            state["name"]: np.zeros((1, *state["shape"]), _TYPES[state["type"]]) for state in detokenizer.section["states"]
        }
        self._waiting = np.zeros((0, self._sizes.mel), np.float32)
        self._frames, self._to_drop, self._given = 0, self._sizes.delay_samples, 0

    def push(self, mel: np.ndarray) -> np.ndarray:
        """Frames [n, mel] -> samples that are complete."""
        ahead = self._sizes.look_right
        if self._frames == 0:
            self._waiting = np.concatenate([self._waiting, mel])
            if len(self._waiting) < ahead:
                return np.zeros(0, np.float32)
            first, mel = self._waiting[:ahead], self._waiting[ahead:]
            self._run(first)
        return self._run(mel) if len(mel) else np.zeros(0, np.float32)

    def finish(self) -> np.ndarray:
        """The samples that are still to come; frames of zeros bring them."""
        total = self._frames * self._sizes.frame_samples
        missing = -(-self._sizes.delay_samples // self._sizes.frame_samples)
        samples = self._run(np.zeros((missing, self._sizes.mel), np.float32))
        return samples[: len(samples) - (self._given - total)]

    def _run(self, mel: np.ndarray) -> np.ndarray:
        size = self._sizes.frame_samples
        # The source is made one frame ahead of the filter.
        first = (self._frames - self._sizes.look_right + 1) * size
        noise = np.zeros((self._sizes.harmonics + 1, len(mel) * size), np.float32)
        known = max(0, -first)
        if known < noise.shape[1]:
            noise[:, known:] = self._noise(first + known, first + noise.shape[1])
        inputs = {"mel": mel.T[None].copy(), "noise": noise[None], **{f"state.{name}": value for name, value in self._states.items()}}
        names = list(self._states)
        pcm, *states = self._detokenizer.session("vocoder").run(["pcm", *(f"next.{name}" for name in names)], inputs)
        self._states = dict(zip(names, states))
        self._frames += len(mel)
        kept = pcm[0, min(self._to_drop, pcm.shape[1]) :]
        self._to_drop -= pcm.shape[1] - len(kept)
        self._given += len(kept)
        return kept


class Speech:
    """A stream from speech ids to samples, as every host cuts it: windows at fixed places, whatever pieces the ids came in.

    With ``blocks`` the flow over caches makes the frames instead, from the same prompt and the same noise.
    """

    def __init__(self, detokenizer: Detokenizer, voice: dict[str, np.ndarray], seed: int, blocks: bool = False):
        sizes, section = detokenizer.sizes, detokenizer.section
        self._section, self._ahead = section, sizes.flow.look_ahead
        kept, mel = section["promptTokens"], sizes.flow.mel
        tokens, frames = voice.get("tokens", np.zeros(0, np.int64)), voice.get("mel", np.zeros((0, mel), np.float32))
        normal = lambda first, last: drawn.normal(seed, first, last, mel)
        prompt = tokens[-kept:], frames[-kept * sizes.flow.frames_of_token :]
        self._flow = (BlockFlow if blocks else WindowFlow)(detokenizer, voice["embedding"], normal, *prompt)
        self._vocoder = Vocoder(detokenizer, lambda first, last: drawn.uniform(seed, first, last, sizes.vocoder.harmonics + 1))
        self._pending, self._windows = np.zeros(0, np.int64), 0

    def push(self, tokens: np.ndarray, last: bool) -> np.ndarray:
        """Samples that are complete; all of them if these are the last ids."""
        # The vocoder's calls follow the flow's, so that pieces of ids change no bit.
        pieces = self._flow.pieces(tokens, last) if isinstance(self._flow, BlockFlow) else self._windows_of(tokens, last)
        samples = [self._vocoder.push(mel) for mel in pieces]
        if last:
            samples.append(self._vocoder.finish())
        return np.concatenate([np.zeros(0, np.float32), *samples])

    def _windows_of(self, tokens: np.ndarray, last: bool) -> Iterator[np.ndarray]:
        self._pending = np.concatenate([self._pending, tokens])
        while len(self._pending) >= self._size + self._ahead or (last and len(self._pending)):
            size = min(self._size, len(self._pending))
            ahead = self._pending[size : size + self._ahead]
            ahead = np.concatenate([ahead, np.full(self._ahead - len(ahead), -1)])
            mel = self._flow.push(self._pending[:size], ahead)
            self._pending, self._windows = self._pending[size:], self._windows + 1
            yield mel

    @property
    def _size(self) -> int:
        return min(self._section["firstTokens"] << min(self._windows, 30), self._section["hopTokens"])
