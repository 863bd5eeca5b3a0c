"""``python -m antiphon.export.cosyvoice.voices BUNDLE NAME RECORDING``: a voice from a recording, into ``voices.safetensors``.

A voice is a speaker embedding ``NAME.embedding`` float32 [192] and, where it shall also begin like its recording, speech ids
``NAME.tokens`` int64 [n] with their mel ``NAME.mel`` float32 [2 n, 80]. The networks ``campplus.onnx`` and ``speech_tokenizer_v3.onnx`` of the
release make them; a running dataflow needs neither.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any, Mapping

import numpy as np
import onnxruntime
import torch
from safetensors.numpy import load_file, save_file
from scipy.signal import resample_poly

from antiphon.export.checkpoint import InvalidCheckpoint, refuse_pointer
from antiphon.model.logmel import HOP, N_FFT, SAMPLE_RATE, mel_filters

VOICES = "voices.safetensors"
SPEAKER_NETWORK, TOKEN_NETWORK = "campplus.onnx", "speech_tokenizer_v3.onnx"
LONGEST = 30.0
"""Seconds of a recording that are used."""
SHORTEST = 1.0

_NAME = re.compile(r"[\w -]+\Z")
_MEL_RATE, _MEL_FFT, _MEL_HOP, _MEL_BINS = 24_000, 1920, 480, 80
_SPEAKER_BINS, _FRAME, _SHIFT, _SPEAKER_FFT = 80, 400, 160, 512


class InvalidVoice(ValueError):
    """A recording or a voice's name that cannot be used; the message says why."""


def make_voice(folder: Path, wave: np.ndarray, rate: int, prompt: bool) -> dict[str, np.ndarray]:
    """The parts of a voice from samples float32 [n] at ``rate`` Hz, with the networks in ``folder``; with ``prompt`` also ids and mel."""
    seconds = len(wave) / rate
    if not SHORTEST <= seconds:
        raise InvalidVoice(f"recording: {seconds:.2f} s; expected at least {SHORTEST:.0f} s of one speaker")
    wave = wave[: int(LONGEST * rate)].astype(np.float64)
    if not np.abs(wave).max() > 1e-3:
        raise InvalidVoice("recording: silent; expected a voice")
    slow = _resampled(wave, rate, SAMPLE_RATE)
    features = speaker_features(slow)
    network = _session(folder / SPEAKER_NETWORK)
    embedding = network.run(None, {network.get_inputs()[0].name: features[None]})[0].reshape(-1)
    voice = {"embedding": embedding.astype(np.float32)}
    if prompt:
        network = _session(folder / TOKEN_NETWORK)
        mel = whisper_features(slow)[None]
        names = [declared.name for declared in network.get_inputs()]
        tokens = network.run(None, dict(zip(names, (mel, np.array([mel.shape[2]], np.int32)))))[0].reshape(-1)
        frames = mel_frames(_resampled(wave, rate, _MEL_RATE))
        count = min(len(tokens), len(frames) // 2)
        voice |= {"tokens": tokens[:count].astype(np.int64), "mel": frames[: 2 * count]}
    return voice


def add_voice(folder: Path, name: str, voice: Mapping[str, np.ndarray]) -> None:
    """Puts a voice into the folder's file, in place of one of the same name."""
    if not _NAME.match(name):
        raise InvalidVoice(f"voice name: {name!r}; expected letters, digits, spaces, - and _")
    file = folder / VOICES
    kept = load_file(file) if file.exists() else {}
    kept = {key: value for key, value in kept.items() if key.rpartition(".")[0] != name}
    save_file(kept | {f"{name}.{part}": np.ascontiguousarray(value) for part, value in voice.items()}, file)


def voice_names(folder: Path) -> list[str]:
    """Names of the voices in the folder's file."""
    return sorted(key.rpartition(".")[0] for key in load_file(folder / VOICES) if key.endswith(".embedding"))


def import_voices(path: Path, folder: Path) -> list[str]:
    """Takes the voices of a released ``spk2info.pt`` over: embedding, and ids with mel where it has them. Returns their names."""
    if not path.is_file():
        raise InvalidCheckpoint(f"{path}: no such file; expected a released spk2info.pt")
    refuse_pointer(path)
    content: Any = torch.load(path, map_location="cpu", weights_only=True)
    names = []
    for name, parts in content.items():
        voice = {"embedding": parts["embedding"].float().reshape(-1).numpy()}
        if "speech_token" in parts and "speech_feat" in parts:
            tokens, mel = parts["speech_token"].reshape(-1).long(), parts["speech_feat"].reshape(-1, _MEL_BINS).float()
            count = min(len(tokens), len(mel) // 2)
            voice |= {"tokens": tokens[:count].numpy(), "mel": mel[: 2 * count].numpy()}
        add_voice(folder, name, voice)
        names.append(name)
    return names


def mel_frames(wave: np.ndarray) -> np.ndarray:
    """Log-mel at 50 Hz of samples at 24 kHz, float32 [frames, 80], as the flow was trained with: Slaney mel filters up to 12 kHz of magnitudes."""
    padding = (_MEL_FFT - _MEL_HOP) // 2
    padded = np.pad(wave, padding, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _MEL_FFT)[::_MEL_HOP]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_MEL_FFT) / _MEL_FFT)
    magnitude = np.sqrt(np.abs(np.fft.rfft(frames * window)) ** 2 + 1e-9)
    filters = mel_filters(_MEL_BINS, _MEL_RATE, _MEL_FFT).double().numpy()
    return np.log(np.maximum(magnitude @ filters, 1e-5)).astype(np.float32)


def whisper_features(wave: np.ndarray) -> np.ndarray:
    """Whisper's log-mel of samples at 16 kHz, float32 [128, frames], clipped at 8 below the recording's own maximum."""
    padded = np.pad(wave, N_FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP][: len(wave) // HOP]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    power = np.abs(np.fft.rfft(frames * window)) ** 2
    logarithm = np.log10(np.maximum(power @ mel_filters(128).double().numpy(), 1e-10)).T
    return ((np.maximum(logarithm, logarithm.max() - 8) + 4) / 4).astype(np.float32)


def speaker_features(wave: np.ndarray) -> np.ndarray:
    """Kaldi's 80 log filter-bank energies of samples at 16 kHz without dither, their mean over time removed, float32 [frames, 80]."""
    count = 1 + (len(wave) - _FRAME) // _SHIFT
    frames = np.lib.stride_tricks.sliding_window_view(wave, _FRAME)[: count * _SHIFT : _SHIFT].astype(np.float64)
    frames = frames - frames.mean(1, keepdims=True)
    frames = frames - 0.97 * np.concatenate([frames[:, :1], frames[:, :-1]], 1)
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FRAME) / (_FRAME - 1))) ** 0.85
    power = np.abs(np.fft.rfft(frames * window, _SPEAKER_FFT)) ** 2
    mel = lambda hertz: 1127 * np.log(1 + np.asarray(hertz) / 700)
    edges = np.linspace(mel(20), mel(SAMPLE_RATE / 2), _SPEAKER_BINS + 2)
    bins = mel(np.arange(_SPEAKER_FFT // 2) * SAMPLE_RATE / _SPEAKER_FFT)
    up = (bins[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - bins[None]) / (edges[2:] - edges[1:-1])[:, None]
    filters = np.maximum(0, np.minimum(up, down))
    energies = np.log(np.maximum(power[:, : _SPEAKER_FFT // 2] @ filters.T, np.finfo(np.float32).eps))
    return (energies - energies.mean(0)).astype(np.float32)


def _resampled(wave: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    divisor = np.gcd(rate, wanted)
    return wave if rate == wanted else resample_poly(wave, wanted // divisor, rate // divisor)


def _session(path: Path) -> onnxruntime.InferenceSession:
    if not path.is_file():
        raise InvalidCheckpoint(f"{path}: no such file; expected it from the released CosyVoice 3 folder")
    refuse_pointer(path)
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="antiphon.export.cosyvoice.voices", description=__doc__)
    parser.add_argument("bundle", type=Path, help="folder that gets the voice")
    parser.add_argument("name")
    parser.add_argument("recording", type=Path, help="one speaker, 1 to 30 s, any rate")
    parser.add_argument("--networks", type=Path, help=f"folder with {SPEAKER_NETWORK} and {TOKEN_NETWORK}; the bundle's if left out")
    parser.add_argument("--embedding-only", action="store_true", help="do not let answers begin like the recording")
    arguments = parser.parse_args()
    import soundfile

    try:
        wave, rate = soundfile.read(arguments.recording, dtype="float32", always_2d=True)
        voice = make_voice(arguments.networks or arguments.bundle, wave.mean(1), rate, not arguments.embedding_only)
        add_voice(arguments.bundle, arguments.name, voice)
    except (InvalidCheckpoint, InvalidVoice, soundfile.LibsndfileError, OSError) as error:
        print(f"antiphon.export.cosyvoice.voices: {error}", file=sys.stderr)
        return 2
    print(f"{arguments.bundle / VOICES}: {', '.join(voice_names(arguments.bundle))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
