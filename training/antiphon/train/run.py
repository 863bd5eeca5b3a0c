"""One training's directory: saved configuration, log with time left, resumable state."""
from __future__ import annotations

import json
import random
import time
from collections import defaultdict
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import torch

from .optimisation import Clock

RUNS = Path(__file__).resolve().parents[2] / "runs"


class Run:
    """Keeps `directory/{configuration.json, log.jsonl, state.pt}`; a state that is there is resumed unless `fresh`."""

    def __init__(self, directory: Path, configuration: dict, fresh: bool = False, save_minutes: float = 8.0,
                 log_seconds: float = 60.0):
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "configuration.json").write_text(json.dumps(configuration, indent=1, default=str) + "\n")
        self.configuration = configuration
        self.resumed = None
        if not fresh and (directory / "state.pt").exists():
            self.resumed = torch.load(directory / "state.pt", weights_only=False)
        elapsed = self.resumed["elapsed"] if self.resumed else 0.0
        self.step = self.resumed["step"] if self.resumed else 0
        self.seed = configuration.get("seed", 1)
        seed = self.seed + self.step
        random.seed(seed)
        np.random.seed(seed % 2**32)
        torch.manual_seed(seed)
        self.clock = Clock(configuration["minutes"], elapsed)
        self.sums, self.counts = defaultdict(float), defaultdict(float)
        self.last_log = self.last_save = time.monotonic()
        self.save_seconds, self.log_seconds = save_minutes * 60, log_seconds

    def begin(self):
        """Starts the clock again once everything is read, so that reading does not count as training."""
        self.clock.start = time.monotonic() - (self.resumed["elapsed"] if self.resumed else 0.0)
        self.last_log = self.last_save = time.monotonic()

    def add(self, **values):
        """Accumulates figures for the next log line: name=(sum, count) or name=value."""
        for name, value in values.items():
            total, count = value if isinstance(value, tuple) else (value, 1)
            self.sums[name] += float(total)
            self.counts[name] += float(count)

    def note(self, **values):
        """Writes one line to the log and the console at once."""
        line = {"time": datetime.now(timezone.utc).strftime("%H:%M:%S"), "step": self.step,
                "left_s": round(self.clock.left), **values}
        with open(self.directory / "log.jsonl", "a") as out:
            out.write(json.dumps(line) + "\n")
        print(" ".join(f"{k}={v}" for k, v in line.items()), flush=True)

    def tick(self, save=None) -> bool:
        """After every step: logs each minute, saves when due. Returns False once the time is over."""
        self.step += 1
        now = time.monotonic()
        if now - self.last_log >= self.log_seconds and self.counts:
            figures = {k: round(self.sums[k] / max(self.counts[k], 1e-9), 4) for k in self.sums}
            self.note(rate=round(self.clock.factor(), 3), **figures)
            self.sums.clear()
            self.counts.clear()
            self.last_log = now
        if save is not None and now - self.last_save >= self.save_seconds:
            self.save(save)
        return self.clock.left > 0

    def save(self, save):
        """save: function that returns a dict of state dicts."""
        state = {"elapsed": self.clock.elapsed, "step": self.step, **save()}
        torch.save(state, self.directory / "state.partial")
        (self.directory / "state.partial").replace(self.directory / "state.pt")
        self.last_save = time.monotonic()
