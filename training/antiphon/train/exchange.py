"""Parameters that several training processes share through a file, each at its own pace.

A worker trains alone for a few steps, adds a share of how far it moved to the common parameters and goes on from them.
Nobody waits for anybody: a worker on a busy core simply adds less, one that stops adds nothing.
"""
from __future__ import annotations

import fcntl
import time
from pathlib import Path

import numpy as np
import torch

HEADER = 16  # two float64: when the leader's training began, in seconds of the epoch, and the number of parameters


class Exchange:
    """The common parameters of `parameters` in `path` (float32, after a header), and a lock beside it.

    leader: writes its own parameters as the common ones; the others take what is there, also when a leader starts anew.
    share: part of a worker's movement that counts; with n equal workers the common parameters move n · share times the mean.
    elapsed: seconds that the leader has trained already. `elapsed()` tells every worker, so that all follow one schedule.
    """

    def __init__(self, path: Path, parameters: list[torch.Tensor], leader: bool, share: float = 0.75, elapsed: float = 0.0):
        if not 0 < share <= 1:
            raise ValueError(f"share={share}: expected more than 0, at most 1")
        self.parameters, self.share = parameters, share
        self.size = sum(p.numel() for p in parameters)
        self.lock = open(path.with_suffix(".lock"), "w")
        if leader:
            partial = path.with_suffix(".partial")
            with open(partial, "wb") as out:
                out.write(np.array([time.time() - elapsed, self.size], np.float64).tobytes())
                out.write(self._own().numpy().tobytes())
            partial.replace(path)
        elif not path.exists():
            raise FileNotFoundError(f"{path}: expected the parameters of the first worker; start it before the others")
        self.path = path
        self._open()
        if not leader:
            self._take()

    def _open(self):
        # The leader replaces the file when it starts anew, so a mapping tells nothing about the present file.
        expected = HEADER + 4 * self.size
        if self.path.stat().st_size != expected:
            raise ValueError(f"{self.path} holds {self.path.stat().st_size} bytes, expected {expected} for these parameters")
        self.inode = self.path.stat().st_ino
        self.begun = float(np.fromfile(self.path, np.float64, 1)[0])
        self.common = torch.from_numpy(np.memmap(self.path, np.float32, "r+", HEADER))
        self.last = self.common.clone()

    def elapsed(self) -> float:
        """Seconds that the leader has trained."""
        return time.time() - self.begun

    def _own(self) -> torch.Tensor:
        return torch.cat([p.detach().reshape(-1) for p in self.parameters])

    @torch.no_grad()
    def _take(self):
        start = 0
        for parameter in self.parameters:
            parameter.copy_(self.last[start: start + parameter.numel()].view_as(parameter))
            start += parameter.numel()

    def meet(self):
        """Adds this worker's movement since the last meeting to the common parameters and takes them over."""
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        try:
            if self.path.stat().st_ino != self.inode:
                self._open()
            else:
                self.common.add_(self._own().sub_(self.last), alpha=self.share)
                self.last.copy_(self.common)
        finally:
            fcntl.flock(self.lock, fcntl.LOCK_UN)
        self._take()
