"""Choosing an id inside the graph: repetition penalty, then the largest logit, or temperature and nucleus with a given uniform."""

from __future__ import annotations

import numpy as np

from antiphon.export.graph import BOOL, FLOAT, INT64, Graph

CANDIDATES = 128
"""The nucleus is looked for among so many most likely ids."""


class Penalty:
    """The repetition penalty of one step: the ids seen so far, to which ids sampled within the step may be added.

    ``seen`` uint8 [rows, ids] is not 0 where an id occurred; ``penalty`` float [rows]. ``present`` bool scalar is whether any row has one.
    """

    def __init__(self, graph: Graph, seen: str, penalty: str):
        self._graph = graph
        self._penalty = graph.unsqueeze(penalty, 1)
        self._added: list[str] = []
        one = graph.constant(np.float32(1))
        self.present = graph.op("Greater", graph.op("ReduceMax", graph.op("Abs", graph.op("Sub", penalty, one)), keepdims=0), graph.constant(np.float32(0)))
        factors = lambda: graph.op("Where", graph.cast(seen, BOOL), self._penalty, one)
        self._factors = graph.choice(self.present, FLOAT, factors, lambda: graph.op("Identity", self._penalty))

    def add(self, ids: str) -> None:
        """Penalises ``ids`` int64 [rows, 1] too from now on."""
        self._added.append(ids)

    def apply(self, logits: str) -> str:
        """Negative logits of seen ids times the penalty, others divided by it. Only to be computed where ``present``."""
        graph, factors = self._graph, self._factors
        for ids in self._added:
            factors = graph.op("ScatterElements", factors, ids, self._penalty, axis=1)
        negative = graph.op("Less", logits, graph.constant(np.float32(0)))
        return graph.op("Where", negative, graph.op("Mul", logits, factors), graph.op("Div", logits, factors))


class Greedy:
    """Takes the id with the largest logit after the penalty, the lowest of equal ones. ``ids`` is the number of ids."""

    def __init__(self, graph: Graph, ids: int):
        self._graph = graph
        divisors = [size for size in range(2, ids) if ids % size == 0]
        self._block = min(divisors, key=lambda size: size + ids // size, default=1)

    def choose(self, logits: str, penalty: Penalty, draw: int = 0) -> str:
        """Logits float [rows, ids] -> int64 [rows, 1]."""
        return self._graph.choice(penalty.present, INT64, lambda: self._largest(penalty.apply(logits)), lambda: self._largest(logits))

    def _largest(self, logits: str) -> str:
        """The largest is looked for in the block with the largest maximum: ArgMax reads one number at a time, ReduceMax many."""
        graph, block = self._graph, self._block
        if block == 1:
            return graph.op("ArgMax", logits, axis=1, keepdims=1)
        blocks = graph.op("Reshape", logits, graph.constant(np.array([0, -1, block], np.int64)))
        maxima = graph.op("ReduceMax", blocks, graph.constant(np.array([2], np.int64)), keepdims=0)
        best = graph.op("ArgMax", maxima, axis=1, keepdims=1)
        inside = graph.op("ArgMax", graph.op("GatherND", blocks, best, batch_dims=1), axis=1, keepdims=1)
        return graph.op("Add", graph.op("Mul", best, graph.constant(np.int64(block))), inside)


class Nucleus:
    """Samples from the nucleus; a row of temperature 0 takes the largest logit.

    ``temperature`` and ``top_p`` float [rows], ``uniforms`` float [rows, draws] in [0, 1), ``ids`` the number of ids.
    """

    def __init__(self, graph: Graph, temperature: str, top_p: str, uniforms: str, draws: int, ids: int):
        self._graph = graph
        self._greedy = graph.unsqueeze(graph.op("Equal", temperature, graph.constant(np.float32(0))), 1)
        self._divisor = graph.op("Where", self._greedy, graph.constant(np.float32(1)), graph.unsqueeze(temperature, 1))
        self._top_p = graph.unsqueeze(top_p, 1)
        self._uniforms = graph.split(uniforms, [1] * draws)
        self._candidates = min(CANDIDATES, ids)

    def choose(self, logits: str, penalty: Penalty, draw: int = 0) -> str:
        """Logits float [rows, ids] and the uniform of number ``draw`` -> int64 [rows, 1]."""
        graph = self._graph
        penalised = graph.choice(penalty.present, FLOAT, lambda: penalty.apply(logits), lambda: graph.op("Identity", logits))
        last, axis = graph.constant(np.array([-1], np.int64)), graph.constant(np.int64(1))
        scaled = graph.op("Div", penalised, self._divisor)
        likely, candidates = graph.op("TopK", scaled, graph.constant(np.array([self._candidates], np.int64)), outputs=2)
        # Probabilities are of the whole vocabulary, not of the candidates alone.
        probabilities = graph.op("GatherElements", graph.op("Softmax", scaled, axis=-1), candidates, axis=1)
        before = graph.op("CumSum", probabilities, axis, exclusive=1)
        kept = graph.op("Where", graph.op("Less", before, self._top_p), probabilities, graph.constant(np.float32(0)))
        reached = graph.op("CumSum", kept, axis)
        target = graph.op("Mul", self._uniforms[draw], graph.op("Gather", reached, last, axis=1))
        below = graph.cast(graph.op("Less", reached, target), INT64)
        index = graph.op("ReduceSum", below, graph.constant(np.array([1], np.int64)), keepdims=1)
        index = graph.op("Where", self._greedy, graph.constant(np.int64(0)), index)
        return graph.op("GatherElements", candidates, index, axis=1)
