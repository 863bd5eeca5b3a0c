"""``python -m antiphon.export.step_time BUNDLE``: how long a decoding step of a bundle takes on one thread, for several batch sizes."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from antiphon.export.host import Bundle, Slab

ROLES = ("stepGreedy", "step", "stepTextGreedy", "stepText")


def step_inputs(bundle: Bundle, role: str, rows: int, past: int, seed: int = 0, penalty: float = 1.2) -> dict[str, np.ndarray]:
    """Random inputs of a step graph for ``rows`` conversations with ``past`` cached positions, a tenth of all ids seen."""
    random = np.random.default_rng(seed)
    sizes: dict[str, Any] = bundle.manifest
    vocabulary, codebook, group = sizes["sharedLlm"]["vocabularySize"], sizes["refinedHead"]["codebookSize"], sizes["audio"]["groupSize"]
    full = lambda value, *shape: np.full((rows, *shape), value, np.float32)
    inputs = {
        "text_ids": random.integers(0, vocabulary, rows), "past_length": np.full(rows, past, np.int32),
        "head_past_length": np.full(rows, past, np.int32),
        "speech_group": random.integers(0, codebook, (rows, group)), "has_group": np.ones(rows, bool),
        "previous_speech_id": random.integers(0, codebook, rows),
    }
    for stream, ids, draws in (("text", vocabulary, ()), ("speech", codebook, (group,))):
        inputs |= {
            f"{stream}.seen": (random.random((rows, ids)) < 0.1).astype(np.uint8), f"{stream}.penalty": full(penalty),
            f"{stream}.temperature": full(0.8), f"{stream}.top_p": full(0.9),
            f"{stream}.uniform": random.random((rows, *draws), np.float32),
        }
    accepted = {declared.name for declared in bundle.session(role).get_inputs()}
    return {name: value for name, value in inputs.items() if name in accepted}


def step_seconds(bundle: Bundle, role: str, rows: int, past: int, repeats: int, penalty: float) -> np.ndarray:
    """Wall seconds of ``repeats`` steps in place at ``past`` cached positions, after one to warm up."""
    slab, inputs = Slab(bundle, rows, past + 1), step_inputs(bundle, role, rows, past, penalty=penalty)
    bound = slab.bind(bundle, role, 0, inputs)
    seconds = np.empty(repeats + 1)
    for repeat in range(repeats + 1):
        start = time.perf_counter()
        bundle.session(role).run_with_iobinding(bound)
        seconds[repeat] = time.perf_counter() - start
    return seconds[1:]


def main() -> None:
    parser = argparse.ArgumentParser(prog="antiphon.export.step_time", description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--past", type=int, default=200, help="positions in the caches")
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--penalty", type=float, default=1.0, help="repetition penalty of both streams; 1 is none")
    arguments = parser.parse_args()
    bundle = Bundle(arguments.bundle)
    print(f"{'graph':16} {'rows':>4} {'median ms':>10} {'fastest ms':>10} {'ms per row':>10}")
    for role in ROLES:
        for rows in arguments.rows:
            seconds = 1000 * step_seconds(bundle, role, rows, arguments.past, arguments.repeats, arguments.penalty)
            print(f"{role:16} {rows:4} {np.median(seconds):10.2f} {seconds.min():10.2f} {seconds.min() / rows:10.3f}")


if __name__ == "__main__":
    main()
