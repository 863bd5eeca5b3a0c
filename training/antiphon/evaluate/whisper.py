"""A judge that understands free speech: Whisper base or tiny.en (MIT) by faster-whisper, greedy, int8, one thread; and word error rates by jiwer."""
from __future__ import annotations

import re

import numpy as np
from scipy.signal import resample_poly

from antiphon.data import packages
from antiphon.data.numbers import number_words
from antiphon.word_errors import word_errors

RATE = 16_000
SPELLINGS = {"okay": "ok", "lbs": "pounds", "color": "colour", "colors": "colours", "gray": "grey", "canceled": "cancelled", "canceling": "cancelling"}
"""What Whisper writes otherwise than the domain, though it is the same word."""


def normalised(text: str, by_digit: bool = False) -> str:
    """Lower case, digits in words (as one number, or digit by digit), no punctuation, the domain's spelling."""
    text = re.sub(r"(\d{1,2}):00", r"\1 o'clock", _currencies(text.lower().replace("’", "'")))
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    for sign, name in (("[-−]", "minus"), (r"\+", "plus"), ("[x×*]", "times"), ("=", "is")):
        text = re.sub(rf"(?<=\d)\s*{sign}\s*(?=\d)", f" {name} ", text)
    text = re.sub(r"\d+", lambda match: f" {_spoken(match.group(), by_digit)} ", text)
    words = re.findall(r"[a-z]+(?:'[a-z]+)?", text.replace("-", " "))
    return " ".join(SPELLINGS.get(word, word) for word in words)


def _currencies(text: str) -> str:
    for sign, name in (("£", "pounds"), ("$", "dollars"), ("€", "euros")):
        text = re.sub(rf"{re.escape(sign)}([\d,]*\d)", rf"\1 {name}", text)
    return text


def _spoken(digits: str, by_digit: bool) -> str:
    """A number under ten thousand in words; longer ones, and those that begin with 0, always digit by digit."""
    if by_digit or len(digits) > 4 or (digits.startswith("0") and len(digits) > 1):
        return " ".join(number_words(int(digit)) for digit in digits)
    return number_words(int(digits))


def heard_errors(reference: str, hypothesis: str) -> tuple[int, int]:
    """(errors, words of the reference) of two texts, both normalised. Whisper writes "one seven zero" as 170: the reading of its
    digits that is nearer counts."""
    wanted = normalised(reference).split()
    return min(word_errors(wanted, normalised(hypothesis, by_digit).split()) for by_digit in (False, True)), len(wanted)


class Whisper:
    """Recognises recordings. `size` is "base" or "tiny". Raises packages.PackageMissing, ModuleNotFoundError without faster-whisper."""

    def __init__(self, size: str = "base"):
        if size not in ("base", "tiny"):
            raise ValueError(f"Whisper's size is {size!r}, expected 'base' or 'tiny'")
        from faster_whisper import WhisperModel
        folder = packages.whisper_base() if size == "base" else packages.whisper_tiny()
        self._model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1, num_workers=1, local_files_only=True)

    def __call__(self, audio: np.ndarray, rate: int) -> str:
        """Text of float samples [N] in [-1, 1]; `rate` 8000, 16000 or 24000."""
        if rate != RATE:
            audio = resample_poly(audio, RATE // 8000, rate // 8000)
        segments, _ = self._model.transcribe(np.asarray(audio, np.float32), language="en", beam_size=1, temperature=0.0,
                                             condition_on_previous_text=False, without_timestamps=True)
        return " ".join(segment.text.strip() for segment in segments)
