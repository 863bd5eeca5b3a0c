"""What every training of several processes does alike: options, a run folder for each process, meetings with the others."""
from __future__ import annotations

import argparse
import time

import torch

from .exchange import Exchange
from .run import Run


def add_options(arguments: argparse.ArgumentParser):
    """Adds `--worker`, `--share` and `--meet`."""
    arguments.add_argument("--worker", type=int, default=0, help="number of this process; 0 leads, saves and evaluates")
    arguments.add_argument("--share", type=float, default=0.75, help="part of a worker's movement that counts; 0: a single process without exchange")
    arguments.add_argument("--meet", type=int, default=8, help="steps between exchanges")


class Worker:
    """One process of a training. options: `add_options` and out, seed, minutes, fresh.

    run: its folder, with a seed of its own; leader: whether it saves and evaluates.
    """

    def __init__(self, options: argparse.Namespace):
        self.options, self.leader, self.exchange = options, options.worker == 0, None
        self.run = Run(options.out if self.leader else options.out / f"worker{options.worker}",
                       vars(options) | {"seed": options.seed + 7919 * options.worker}, options.fresh or not self.leader)

    def begin(self, parameters: list[torch.Tensor]):
        """Starts the clock; shares the parameters from now on."""
        self.run.begin()
        if self.options.share:
            self.exchange = Exchange(self.options.out / "common", parameters, self.leader, self.options.share, self.run.clock.elapsed)
            self._follow_clock()

    def _follow_clock(self):
        self.run.clock.start = time.monotonic() - self.exchange.elapsed()

    def stepped(self):
        """After each update, before the run's tick: meets the others when it is time."""
        if self.exchange and self.run.step % self.options.meet == self.options.meet - 1:
            self.exchange.meet()
            self._follow_clock()

    def end(self):
        """After the last step: leaves its part with the others."""
        if self.exchange:
            self.exchange.meet()
