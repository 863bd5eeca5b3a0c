"""Sampling in the graph against the definition: repetition penalty, temperature, top-p, inverse transform of a uniform."""

import numpy as np
import onnxruntime
import pytest
from scipy.stats import chisquare

from antiphon.export.graph import FLOAT, INT64, UINT8, Graph
from antiphon.export.sampling import CANDIDATES, Greedy, Nucleus, Penalty


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """Sessions of a graph that only samples, by vocabulary size and kind."""
    folder, made = tmp_path_factory.mktemp("sampling"), {}

    def make(ids: int, greedy: bool = False, added: bool = False) -> onnxruntime.InferenceSession:
        key = (ids, greedy, added)
        if key not in made:
            graph = Graph(f"sampling_{ids}_{greedy}_{added}", checkpoint=None)
            logits = graph.input("logits", FLOAT, ["rows", ids])
            penalty = Penalty(graph, graph.input("seen", UINT8, ["rows", ids]), graph.input("penalty", FLOAT, ["rows"]))
            if added:
                penalty.add(graph.input("added", INT64, ["rows", 1]))
            choice = Greedy(graph, ids)
            if not greedy:
                temperature, top_p = (graph.input(name, FLOAT, ["rows"]) for name in ("temperature", "top_p"))
                choice = Nucleus(graph, temperature, top_p, graph.input("uniform", FLOAT, ["rows", 1]), 1, ids)
            graph.op("Identity", choice.choose(logits, penalty), outputs="id")
            graph.output("id", INT64, ["rows", 1])
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            made[key] = onnxruntime.InferenceSession(str(folder / graph.save(folder)), options)
        return made[key]

    return make


def penalised(logits, seen, penalty):
    return np.where(seen > 0, np.where(logits < 0, logits * penalty, logits / penalty), logits)


def nucleus(logits, temperature, top_p):
    """Probabilities float64 after temperature and top-p: the smallest set of most likely ids that reaches top_p."""
    scaled = logits.astype(np.float64) / temperature
    probabilities = np.exp(scaled - scaled.max())
    probabilities /= probabilities.sum()
    order = np.argsort(-probabilities, kind="stable")[:CANDIDATES]
    before = np.cumsum(probabilities[order]) - probabilities[order]
    kept = np.where(before < top_p, probabilities[order], 0)
    return order, kept / kept.sum()


@pytest.mark.parametrize("ids", [50, 733, 6565])
def test_choices_follow_the_definition(session, ids):
    rows, random = 400, np.random.default_rng(ids)
    logits = (3 * random.standard_normal((rows, ids))).astype(np.float32)
    seen = (random.random((rows, ids)) < 0.2).astype(np.uint8)
    penalty = random.uniform(0.8, 2, rows).astype(np.float32)
    temperature = random.uniform(0.3, 1.5, rows).astype(np.float32)
    top_p, uniform = random.uniform(0.1, 1, rows).astype(np.float32), random.random((rows, 1), np.float32)
    feeds = {"logits": logits, "seen": seen, "penalty": penalty, "temperature": temperature, "top_p": top_p, "uniform": uniform}

    chosen = session(ids).run(None, feeds)[0][:, 0]

    for row in range(rows):
        order, kept = nucleus(penalised(logits[row], seen[row], penalty[row]), temperature[row], top_p[row])
        reached = np.cumsum(kept)
        rank = int(np.flatnonzero(order == chosen[row])[0])
        # A uniform within rounding of a boundary may fall to either side.
        assert reached[rank] >= uniform[row, 0] - 1e-5 and (reached[rank] - kept[rank]) <= uniform[row, 0] + 1e-5


def test_frequencies_are_the_nucleus_probabilities(session):
    draws, ids = 40000, 50
    random = np.random.default_rng(7)
    logits = np.tile((2 * random.standard_normal(ids)).astype(np.float32), (draws, 1))
    full = lambda value: np.full(draws, value, np.float32)
    feeds = {
        "logits": logits, "seen": np.zeros((draws, ids), np.uint8), "penalty": full(1), "temperature": full(0.9), "top_p": full(0.85),
        "uniform": random.random((draws, 1), np.float32),
    }

    chosen = session(ids).run(None, feeds)[0][:, 0]

    order, kept = nucleus(logits[0], 0.9, 0.85)
    counts, inside = np.bincount(chosen, minlength=ids), kept > 0
    assert counts[order[inside]].sum() == draws
    assert chisquare(counts[order[inside]], draws * kept[inside]).pvalue > 1e-3


def test_uniforms_at_both_ends_take_the_first_and_the_last_of_the_nucleus(session):
    logits = np.log(np.array([[0.1, 0.4, 0.2, 0.3]] * 2, np.float32))
    feeds = {
        "logits": logits, "seen": np.zeros((2, 4), np.uint8), "penalty": np.ones(2, np.float32), "temperature": np.ones(2, np.float32),
        "top_p": np.full(2, 0.75, np.float32), "uniform": np.array([[0], [np.nextafter(np.float32(1), np.float32(0))]], np.float32),
    }
    assert session(4).run(None, feeds)[0][:, 0].tolist() == [1, 2]


def test_temperature_zero_takes_the_lowest_of_the_largest_logits(session):
    random = np.random.default_rng(3)
    logits = np.round(random.standard_normal((64, 300)) * 2).astype(np.float32)  # many equal ones
    seen, penalty = (random.random((64, 300)) < 0.5).astype(np.uint8), np.full(64, 1.2, np.float32)
    common = {"logits": logits, "seen": seen, "penalty": penalty}
    sampled = common | {"temperature": np.zeros(64, np.float32), "top_p": np.ones(64, np.float32), "uniform": random.random((64, 1), np.float32)}
    expected = np.argmax(penalised(logits, seen, np.float32(1.2)), axis=1)

    assert session(300).run(None, sampled)[0][:, 0].tolist() == expected.tolist()
    assert session(300, greedy=True).run(None, common)[0][:, 0].tolist() == expected.tolist()


def test_ids_of_the_step_itself_are_penalised_too(session):
    logits = np.array([[1.0, 0.9, -1], [-0.1, -0.11, -1]], np.float32)
    feeds = {"logits": logits, "seen": np.zeros((2, 3), np.uint8), "penalty": np.full(2, 1.5, np.float32), "added": np.array([[0], [0]])}
    assert session(3, greedy=True, added=True).run(None, feeds)[0][:, 0].tolist() == [1, 1]
