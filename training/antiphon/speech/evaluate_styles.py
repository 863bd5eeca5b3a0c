"""What the ids keep of each style: teacher against resynthesis, heard by Whisper base, scored by DNSMOS, measured by WORLD's pitch.

    python -m antiphon.speech.evaluate_styles runs/speech/held_out --tokenizer runs/speech/tokenizer.safetensors
        --detokenizer runs/detokenizer/detokenizer.safetensors --out runs/figures/styles.json

Figures by style: WER, DNSMOS overall (median), mean pitch in hertz, its spread in semitones, level in decibels, voiced share of the
frames; `mel` is the distance in nats of the log mel of both recordings.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from antiphon.evaluate.quality import Dnsmos
from antiphon.evaluate.whisper import Whisper, heard_errors
from antiphon.speech.checkpoint import load_detokenizer
from antiphon.speech.corpus import load
from antiphon.speech.encode_answers import encode
from antiphon.speech.features import MEL_SCALE, SAMPLE_RATE, log_mel
from antiphon.speech.styles import FRAME_PERIOD, PITCH_HIGH, PITCH_LOW, level_of
from antiphon.speech.tokenizer import SpeechTokenizer, load_encoder


def prosody(audio: np.ndarray) -> dict[str, float]:
    """Measures of one recording at 24 kHz that do not come from the networks' own features."""
    import pyworld
    samples = audio.astype(np.float64)
    pitch, times = pyworld.dio(samples, SAMPLE_RATE, f0_floor=PITCH_LOW, f0_ceil=PITCH_HIGH, frame_period=FRAME_PERIOD)
    pitch = pyworld.stonemask(samples, pitch, times, SAMPLE_RATE)
    semitones = 12 * np.log2(pitch[pitch > 0] / 100.0) if (pitch > 0).any() else np.zeros(1)
    return {"hertz": float(100 * 2 ** (semitones.mean() / 12)) if (pitch > 0).any() else 0.0, "spread": float(semitones.std()),
            "decibels": level_of(audio), "voiced": float((pitch > 0).mean())}


def summary(rows: list[dict]) -> dict[str, float]:
    """Of one system and one style."""
    words = sum(row["words"] for row in rows)
    return {"count": len(rows), "wer": sum(row["errors"] for row in rows) / max(1, words), "words": words,
            "ovrl": float(np.median([row["ovrl"] for row in rows])),
            **{key: float(np.mean([row[key] for row in rows])) for key in ("hertz", "spread", "decibels", "voiced", "mel") if key in rows[0]}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="analysed held-out corpus, without suffix")
    parser.add_argument("--tokenizer", type=Path, required=True, help="the encoder whose ids are spoken")
    parser.add_argument("--detokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--sentences", type=int, help="only so many")
    parser.add_argument("--whisper", choices=("base", "tiny"), default="base")
    options = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = SpeechTokenizer().eval()
    load_encoder(tokenizer, options.tokenizer)
    detokenizer, flush_id = load_detokenizer(options.detokenizer)
    judge, quality = Whisper(options.whisper), Dnsmos()
    figures: dict[str, dict[str, list]] = {"teacher": {}, "resynthesis": {}}
    for utterance in load([options.corpus])[:options.sentences]:
        teacher = utterance.audio.astype(np.float32) / 32767
        made = detokenizer.speak(encode(tokenizer, utterance), flush_id, 5).numpy()
        count = min(len(teacher), len(made))
        mels = [log_mel(torch.from_numpy(audio[None, :count])) for audio in (teacher, made)]
        distance = float((mels[0] - mels[1]).abs().mean()) * MEL_SCALE
        for system, audio in (("teacher", teacher), ("resynthesis", made)):
            errors, words = heard_errors(utterance.text, heard := judge(audio, SAMPLE_RATE))
            row = {"errors": errors, "words": words, "ovrl": quality(audio, SAMPLE_RATE).ovrl, **prosody(audio)}
            if system == "resynthesis":
                row["mel"] = distance
            if errors:
                print(f"{system} {utterance.style}: {utterance.text!r} heard as {heard!r}", flush=True)
            figures[system].setdefault(utterance.style, []).append(row)
    result = {system: {"all": summary([row for rows in styles.values() for row in rows]), **{style: summary(rows) for style, rows in sorted(styles.items())}}
              for system, styles in figures.items()}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({"whisper": options.whisper, **result}, indent=1) + "\n")
    for style in result["teacher"]:
        for system in ("teacher", "resynthesis"):
            print(f"{style:9s} {system:12s}", " ".join(f"{k} {v:.3g}" for k, v in result[system][style].items()))


if __name__ == "__main__":
    main()
