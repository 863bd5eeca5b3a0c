"""Synthesis of the assistant's sentences with festival, several per process, with phone times.

Writes a packed corpus ``<prefix>.pcm`` (int16, 24 kHz, mono) and ``<prefix>.jsonl`` with one line per sentence:
``{"text", "offset", "samples", "phones": [[end in seconds, label], ...]}``; offsets count samples.
"""
import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

VOICE = "cmu_us_slt_arctic_hts"
NATIVE_RATE = 32_000
SAMPLE_RATE = 24_000
SENTENCES_PER_PROCESS = 100

_PROGRAM = """(voice_%s)
(define (say text name)
  (let ((utterance (utt.synth (eval (list 'Utterance 'Text text)))))
    (utt.save.wave utterance (string-append name ".wav") 'riff)
    (utt.save.segs utterance (string-append name ".lab"))))
"""


def _read_phones(path: Path) -> list[list]:
    phones = []
    for line in path.read_text().splitlines()[1:]:
        fields = line.split()
        if len(fields) == 3:
            phones.append([round(float(fields[0]), 4), fields[2]])
    return phones


def synthesise(texts: list[str]) -> list[tuple[np.ndarray, list[list]]]:
    """Speaks every text in one festival process; returns (int16 samples at 24 kHz, phones) in order.

    Raises RuntimeError when festival is missing or one of the texts gave no sound.
    """
    with tempfile.TemporaryDirectory() as folder:
        calls = [f'(say {json.dumps(text)} "{folder}/{i}")' for i, text in enumerate(texts)]
        script = Path(folder, "say.scm")
        script.write_text(_PROGRAM % VOICE + "\n".join(calls) + "\n")
        finished = subprocess.run(["festival", "--batch", str(script)], capture_output=True, text=True)
        result = []
        for i, text in enumerate(texts):
            wave = Path(folder, f"{i}.wav")
            if not wave.exists():
                raise RuntimeError(f"festival gave no sound for {text!r}: {finished.stderr[-300:]}")
            samples, rate = soundfile.read(wave, dtype="float32")
            if rate != NATIVE_RATE:
                raise RuntimeError(f"voice {VOICE} gave {rate} Hz, expected {NATIVE_RATE} Hz")
            resampled = resample_poly(samples, 3, 4)
            pcm = np.clip(np.round(resampled * 32767), -32768, 32767).astype(np.int16)
            result.append((pcm, _read_phones(Path(folder, f"{i}.lab"))))
        return result


def write_corpus(texts: list[str], prefix: Path) -> float:
    """Synthesises all texts into a packed corpus; returns its length in seconds."""
    prefix.parent.mkdir(parents=True, exist_ok=True)
    offset = 0
    with open(f"{prefix}.pcm", "wb") as audio, open(f"{prefix}.jsonl", "w") as index:
        for start in range(0, len(texts), SENTENCES_PER_PROCESS):
            batch = texts[start:start + SENTENCES_PER_PROCESS]
            for text, (pcm, phones) in zip(batch, synthesise(batch)):
                audio.write(pcm.tobytes())
                index.write(json.dumps({"text": text, "offset": offset, "samples": len(pcm), "phones": phones}) + "\n")
                offset += len(pcm)
            index.flush()
    return offset / SAMPLE_RATE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path, help="one sentence a line")
    parser.add_argument("prefix", type=Path, help="corpus to write, without suffix")
    parser.add_argument("--part", default="0/1", help="k/n: synthesise every n-th sentence, starting with the k-th")
    options = parser.parse_args()
    part, parts = map(int, options.part.split("/"))
    texts = options.texts.read_text().splitlines()[part::parts]
    seconds = write_corpus(texts, options.prefix)
    print(f"{len(texts)} sentences, {seconds / 60:.1f} minutes in {options.prefix}.pcm")


if __name__ == "__main__":
    main()
