"""Speech synthesis with the command lines of flite and festival, with the times of the phones."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from antiphon.data import phones

SAMPLE_RATE = 16_000


def flite(text, voice, stretch=1.0, pitch=None):
    """Speaks `text` with a flite voice; returns (int16 samples at 16 kHz, [[start in milliseconds, label], ...]).

    stretch: duration factor; pitch: mean f0 in Hz, None for the voice's own. Raises RuntimeError when flite fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        wave = Path(folder, "speech.wav")
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch}", "-psdur", "-t", text, "-o", str(wave)]
        if pitch is not None:
            command[3:3] = ["--setf", f"int_f0_target_mean={pitch}"]
        finished = subprocess.run(command, capture_output=True, text=True)
        if finished.returncode != 0 or not wave.exists():
            raise RuntimeError(f"flite voice {voice!r} gave no sound for {text!r}: {finished.stderr[-300:]}")
        samples = _read(wave)
    return samples, flite_phones(finished.stdout)


def flite_phones(text):
    """The labels of what `flite -psdur` prints: `phone:end` pairs, ends in seconds."""
    pairs = [pair.rsplit(":", 1) for pair in text.split()]
    return phones.label(_starts((float(end), name) for name, end in pairs))


def festival_phones(text):
    """The labels of a file that `utt.save.segs` wrote: a header line, then rows of end in seconds, colour and phone."""
    rows = [line.split() for line in text.splitlines()[1:]]
    return phones.label(_starts((float(row[0]), row[2]) for row in rows if len(row) == 3))


def festival(texts, voice, stretch=1.0, pitch=None):
    """Speaks several texts in one festival process; returns a list of what `flite` returns.

    pitch: mean f0 in Hz for the diphone voices. Raises RuntimeError when festival is missing or gave no sound.
    """
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"(voice_{voice})", f"(Parameter.set 'Duration_Stretch {stretch})"]
        if pitch is not None:
            lines.append(f"(set! int_lr_params '((target_f0_mean {pitch}) (target_f0_std 14) (model_f0_mean 170) (model_f0_std 34)))")
        for index, text in enumerate(texts):
            lines.append(f"(set! utterance (utt.synth (eval (list 'Utterance 'Text {json.dumps(text)}))))")
            lines.append(f"(utt.save.wave utterance {json.dumps(f'{folder}/{index}.wav')} 'riff)")
            lines.append(f"(utt.save.segs utterance {json.dumps(f'{folder}/{index}.lab')})")
        script = Path(folder, "speak.scm")
        script.write_text("\n".join(lines) + "\n", encoding="utf-8")
        finished = subprocess.run(["festival", "--batch", str(script)], capture_output=True, text=True)
        spoken = []
        for index, text in enumerate(texts):
            wave = Path(folder, f"{index}.wav")
            if not wave.exists():
                raise RuntimeError(f"festival voice {voice!r} gave no sound for {text!r}: {finished.stderr[-300:]}")
            spoken.append((_read(wave), festival_phones(Path(folder, f"{index}.lab").read_text())))
        return spoken


def _starts(ends):
    """(end in seconds, phone) → (start in milliseconds, label)."""
    start = 0
    for end, name in ends:
        yield start, phones.from_arpabet(name)
        start = round(1000 * end)


def _read(path):
    samples, rate = soundfile.read(path, dtype="float32")
    if rate != SAMPLE_RATE:
        samples = resample_poly(samples, SAMPLE_RATE // 1000, rate // 1000)
    return np.clip(np.round(samples * 32767), -32768, 32767).astype(np.int16)
