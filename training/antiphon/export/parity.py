"""``python -m antiphon.export.parity BUNDLE CASES``: compares every stage of a bundle with reference cases.

Prints one line per stage and case, and ends with exit code 0 only if all stages are within tolerance and all ids identical.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import numpy as np
from safetensors.numpy import load_file

from antiphon.export.generation import Generator
from antiphon.export.host import Bundle, Sampling, Slab

MEL_TOLERANCE = 1e-4
"""Absolute; features are about -1 .. 2."""
RELATIVE_TOLERANCE = 1e-4
"""Of embeddings, hidden states and logits, against the largest value of the reference."""
PENALTY = 1.2
NEW_POSITIONS = 24

MODES = {
    # name: speech, penalty of the text, penalty of the speech
    "speech": (True, 1.0, 1.0),
    "speech_penalty": (True, PENALTY, PENALTY),
    "text": (False, 1.0, 1.0),
    "text_penalty": (False, PENALTY, PENALTY),
}


@dataclass(frozen=True)
class Comparison:
    """One stage of one case: the deviation (ids: how many differ) and whether it is accepted."""

    case: int
    stage: str
    deviation: float
    agrees: bool


def compare(bundle: Bundle, cases: Path) -> Iterator[Comparison]:
    """All stages and modes of all cases in folder ``cases``; each stage is fed with the reference's own previous stage."""
    values = load_file(cases / "cases.safetensors")
    for case in (entry["case"] for entry in json.loads((cases / "cases.json").read_text(encoding="utf-8"))):
        reference = {name.split(".", 1)[1]: value for name, value in values.items() if name.split(".", 1)[0] == str(case)}
        yield _absolute(case, "mel", bundle.log_mel(reference["wav"]), reference["mel"])
        yield _encoder(bundle, case, reference)
        yield _relative(case, "groups", bundle.group(reference["encoder"]), reference["groups"])
        prompt = reference["prompt_ids"].astype(np.int64)
        slab = Slab(bundle, 1, len(prompt) + NEW_POSITIONS)
        for mode, (speech, text_penalty, speech_penalty) in MODES.items():
            answer = Generator(bundle, slab, speech=speech).generate(
                prompt, reference["groups"], NEW_POSITIONS, Sampling(penalty=text_penalty), Sampling(penalty=speech_penalty),
                force_speech=speech,
            )
            if mode in ("speech", "text"):
                yield _relative(case, f"{mode} hidden", answer.hidden, reference["hidden"])
                yield _relative(case, f"{mode} text_logits", answer.text_logits, reference["text_logits"])
            yield _ids(case, f"{mode} text_ids", answer.text_ids, reference[f"{mode}.text_ids"])
            yield _ids(case, f"{mode} speech_ids", answer.speech_ids, reference[f"{mode}.speech_ids"])


def _encoder(bundle: Bundle, case: int, reference: dict[str, np.ndarray]) -> Comparison:
    """Window by window as a host encodes, or else as the reference's eager attention has it."""
    streamed = _relative(case, "encoder", _frames(bundle, bundle.encode(reference["mel"]), reference), reference["encoder"])
    if streamed.agrees:
        return streamed
    eager = _frames(bundle, bundle.encode_eager(reference["mel"]), reference)
    other = _relative(case, "encoder (eager layout)", eager, reference["encoder"])
    return other if other.agrees else streamed


def _frames(bundle: Bundle, encoded: np.ndarray, reference: dict[str, np.ndarray]) -> np.ndarray:
    """``int(seconds * 25)`` encoder frames rounded up to whole groups; missing ones are zero."""
    audio = bundle.manifest["audio"]
    count = len(reference["wav"]) * audio["tokenRate"] // audio["sampleRate"]
    padded = np.zeros((_rounded_up(count, audio["groupSize"]), encoded.shape[-1]), np.float32)
    kept = encoded[: len(padded)]
    padded[: len(kept)] = kept
    return padded


def _rounded_up(count: int, group: int) -> int:
    return -(-count // group) * group


def _absolute(case: int, stage: str, actual: np.ndarray, expected: np.ndarray) -> Comparison:
    deviation = _deviation(actual, expected)
    return Comparison(case, stage, deviation, deviation <= MEL_TOLERANCE)


def _relative(case: int, stage: str, actual: np.ndarray, expected: np.ndarray) -> Comparison:
    deviation = _deviation(actual, expected) / float(np.abs(expected).max())
    return Comparison(case, stage, deviation, deviation <= RELATIVE_TOLERANCE)


def _deviation(actual: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(actual - expected).max()) if actual.shape == expected.shape else float("inf")


def _ids(case: int, stage: str, actual: list[int], expected: np.ndarray) -> Comparison:
    wanted = [int(value) for value in expected]
    differing = sum(a != b for a, b in zip(actual, wanted)) + abs(len(actual) - len(wanted))
    return Comparison(case, stage, differing, differing == 0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="antiphon.export.parity", description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("cases", type=Path, help="folder with cases.json and cases.safetensors")
    arguments = parser.parse_args()
    results = list(compare(Bundle(arguments.bundle), arguments.cases))
    for result in results:
        verdict = "identical" if result.deviation == 0 else "within tolerance" if result.agrees else "DIFFERENT"
        print(f"case {result.case}  {result.stage:26} {verdict:17} {result.deviation:.3g}")
    failed = sum(not result.agrees for result in results)
    print(f"{len(results)} comparisons, {failed} different")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
