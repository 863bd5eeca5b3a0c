"""The voice corpus in memory: trimmed audio and its features, cut to whole speech tokens."""
import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from antiphon.speech.features import (F0_CENTRE, F0_SCALE, HOP, MEL_BINS, MEL_SCALE, SAMPLE_RATE, SAMPLES_PER_TOKEN, frame_phones, log_mel, track_pitch)

LEADING_SILENCE = 0.04
TRAILING_SILENCE = 0.08
QUIET = 0.01
"""Share of the loudest 10 ms under which 10 ms count as silence."""
GROUP = 5
GAINS = (-12.0, 8.0)


@dataclass
class Utterance:
    """One sentence: `audio` float [N], `features` [N / 240, 102], `phones` [N / 240]; N is a multiple of 4800 (a group of tokens)."""
    text: str
    audio: np.ndarray
    features: np.ndarray
    phones: np.ndarray
    style: str = "neutral"


def trim(samples: np.ndarray) -> tuple[np.ndarray, float]:
    """Cuts the silence around a sentence (int16, 24 kHz) and pads it with zeros to whole groups; returns (float audio, seconds cut
    in front).

    By sound, not by phone times: hibari's fricatives begin up to 0.1 s before their phone and its last word ends 0.3 s early.
    """
    audio = samples.astype(np.float32) / 32768.0
    blocks = audio[:len(audio) // HOP * HOP].reshape(-1, HOP)
    level = np.sqrt(np.square(blocks).mean(1))
    loud = np.flatnonzero(level > QUIET * level.max()) if level.any() else np.zeros(0, int)
    if not len(loud):
        raise ValueError(f"a recording of {len(samples)} samples is silent")
    cut = max(0, int((loud[0] * HOP / SAMPLE_RATE - LEADING_SILENCE) * SAMPLE_RATE))
    audio = audio[cut:(loud[-1] + 1) * HOP + int(TRAILING_SILENCE * SAMPLE_RATE)].copy()
    fade = np.linspace(1.0, 0.0, HOP, dtype=np.float32)
    if len(audio) > HOP:
        audio[-HOP:] *= fade
        audio[:HOP] *= fade[::-1]
    size = GROUP * SAMPLES_PER_TOKEN
    return np.pad(audio, (0, -len(audio) % size)), cut / SAMPLE_RATE


def analyse(samples: np.ndarray, phones: list[list], text: str, style: str = "neutral") -> Utterance:
    """Features of one synthesised sentence (int16, 24 kHz)."""
    audio, cut = trim(samples)
    frames = len(audio) // HOP
    mel = log_mel(torch.from_numpy(audio)[None])[0].numpy()
    f0, voiced = track_pitch(audio)
    pitch = np.log(f0 / F0_CENTRE) / F0_SCALE
    features = np.concatenate([mel, pitch[:, None], voiced[:, None]], 1).astype(np.float32)
    return Utterance(text, audio, features, frame_phones(phones, frames, cut), style)


def read_index(prefix: Path):
    """Yields (text, int16 samples, phones, style) of a packed corpus written by `antiphon.speech.teacher`."""
    data = np.memmap(f"{prefix}.pcm", dtype=np.int16, mode="r")
    for line in open(f"{prefix}.jsonl"):
        entry = json.loads(line)
        yield entry["text"], np.array(data[entry["offset"]:entry["offset"] + entry["samples"]]), entry["phones"], entry["style"]


def write_features(prefix: Path) -> int:
    """Analyses a packed corpus into `<prefix>.npz`; returns the number of sentences."""
    utterances = [analyse(samples, phones, text, style) for text, samples, phones, style in read_index(prefix)]
    np.savez(f"{prefix}.part.npz", texts=np.array([u.text for u in utterances]), styles=np.array([u.style for u in utterances]),
             frames=np.array([len(u.phones) for u in utterances]),
             audio=np.concatenate([np.round(u.audio * 32767).astype(np.int16) for u in utterances]),
             features=np.concatenate([u.features.astype(np.float16) for u in utterances]),
             phones=np.concatenate([u.phones.astype(np.uint8) for u in utterances]))
    Path(f"{prefix}.part.npz").rename(f"{prefix}.npz")
    return len(utterances)


def load(prefixes: list[Path]) -> list[Utterance]:
    """Reads analysed corpora."""
    utterances = []
    for prefix in prefixes:
        with np.load(f"{prefix}.npz") as data:
            texts, styles, frames, audio, features, phones = (data[key] for key in ("texts", "styles", "frames", "audio", "features", "phones"))
        ends = np.cumsum(frames)
        for text, style, begin, end in zip(texts, styles, ends - frames, ends):
            utterances.append(Utterance(str(text), audio[begin * HOP:end * HOP], features[begin:end], phones[begin:end], str(style)))
    return utterances


class Crops:
    """Random crops of whole tokens; a third begins with the sentence, sentences that are too short are followed by silence.

    gain_share: how many crops are made louder or softer, by up to GAINS decibels, features and audio alike.
    """

    def __init__(self, utterances: list[Utterance], tokens: int, seed: int, gain_share: float = 0.0):
        self.utterances, self.tokens, self.gain_share = utterances, tokens, gain_share
        self.random = np.random.default_rng(seed)
        silence = log_mel(torch.zeros(1, SAMPLES_PER_TOKEN))[0, 0].numpy()
        self.silence = np.concatenate([silence, np.zeros(2, np.float32)])
        lengths = np.array([len(u.phones) for u in utterances], np.float64)
        self.weights = lengths / lengths.sum()

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(features [size, 4 tokens, 102], phones [size, 4 tokens], audio [size, 960 tokens])."""
        frames = 4 * self.tokens
        features = np.tile(self.silence, (size, frames, 1)).astype(np.float32)
        phones = np.zeros((size, frames), np.int64)
        audio = np.zeros((size, frames * HOP), np.float32)
        for row, choice in enumerate(self.random.choice(len(self.utterances), size, p=self.weights)):
            u = self.utterances[choice]
            spare = len(u.phones) // 4 - self.tokens
            begin = 0 if spare <= 0 or self.random.random() < 0.33 else 4 * int(self.random.integers(0, spare + 1))
            count = min(frames, len(u.phones) - begin)
            features[row, :count] = u.features[begin:begin + count]
            phones[row, :count] = u.phones[begin:begin + count]
            audio[row, :count * HOP] = u.audio[begin * HOP:(begin + count) * HOP].astype(np.float32) / 32767.0
            if self.gain_share and self.random.random() < self.gain_share:
                # In the log mel a gain is a shift, and digital silence stays where it is.
                gain = self.random.uniform(*GAINS)
                floor = self.silence[:MEL_BINS]
                features[row, :, :MEL_BINS] = np.maximum(floor, features[row, :, :MEL_BINS] + gain * np.log(10) / 20 / MEL_SCALE)
                audio[row] *= 10 ** (gain / 20)
        return torch.from_numpy(features), torch.from_numpy(phones), torch.from_numpy(audio)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prefixes", type=Path, nargs="+")
    torch.set_num_threads(1)
    for prefix in parser.parse_args().prefixes:
        print(f"{write_features(prefix)} sentences in {prefix}.npz")


if __name__ == "__main__":
    main()
