"""Speech quality as DNSMOS (P.835) predicts it: no reference needed, 1 to 5, for SIG (speech), BAK (background) and OVRL (overall).

The graph comes from the package speechmos (MIT); its own module needs librosa for a fourth figure that is not used here.
"""
from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from scipy.signal import resample_poly

RATE = 16_000
WINDOW, HOP = 144_160, 16_000
# The published fits from the network's outputs to scores, highest power first.
FITS = ((-0.08397278, 1.22083953, 0.0052439), (-0.13166888, 1.60915514, -0.39604546), (-0.06766283, 1.11546468, 0.04602535))


@dataclass(frozen=True)
class Quality:
    """Mean scores of one recording."""

    sig: float
    bak: float
    ovrl: float


class Dnsmos:
    """Scores recordings on one thread. Raises ModuleNotFoundError without the package speechmos."""

    def __init__(self):
        found = importlib.util.find_spec("speechmos")
        if found is None:
            raise ModuleNotFoundError("speech quality needs the package speechmos: pip install -e .[judges]")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        model = Path(found.origin).parent / "dnsmos_models" / "sig_bak_ovr.onnx"
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def __call__(self, audio: np.ndarray, rate: int) -> Quality:
        """`audio` [N] float in [-1, 1]; rates 16000 and 24000. A recording under 9.01 s is repeated, as in the published tool."""
        audio = np.clip(audio, -1.0, 1.0).astype(np.float32)
        if len(audio) == 0:
            raise ValueError("a recording without samples has no quality")
        if rate != RATE:
            audio = np.clip(resample_poly(audio, RATE // 8000, rate // 8000), -1.0, 1.0).astype(np.float32)
        while len(audio) < WINDOW:
            audio = np.concatenate([audio, audio])
        count = int(len(audio) / RATE - WINDOW / RATE) + 1
        rows = [self._session.run(None, {"input_1": audio[None, k * HOP:k * HOP + WINDOW]})[0][0] for k in range(count)]
        return Quality(*(float(np.mean([np.polyval(fit, row[i]) for row in rows])) for i, fit in enumerate(FITS)))
