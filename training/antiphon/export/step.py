"""One decoding step for every row: a shared-LLM position, k refined-head passes, and the choice of every id."""

from __future__ import annotations

import numpy as np

from antiphon.export.checkpoint import Checkpoint
from antiphon.export.configuration import Configuration
from antiphon.export.graph import BOOL, FLOAT, INT32, INT64, UINT8, Graph
from antiphon.export.refined_head import RefinedHead, speech_embeddings
from antiphon.export.sampling import Greedy, Nucleus, Penalty
from antiphon.export.shared_llm import SharedLlm
from antiphon.export.speech_encoder import mean_of_group
from antiphon.export.transformer import Caches, single_positions

ROWS = "rows"


def step_graph(checkpoint: Checkpoint, configuration: Configuration, speech: bool, greedy: bool) -> Graph:
    """``step``, ``step_greedy``, ``step_text`` or ``step_text_greedy``.

    Text id and, while speaking, the last group of the previous position -> next text id, next k speech ids. ``past_length`` int32
    [rows] are the positions in the shared LLM's cache, ``head_past_length`` those that the refined head's still holds. Pass p of the
    refined head reads the inputs ``head.past_*`` and writes the outputs ``head.present_*.p.*``: all are the same buffer,
    and the sampled id that pass p + 1 takes from pass p keeps them in order.
    """
    graph = Graph("step" + ("" if speech else "_text") + ("_greedy" if greedy else ""), checkpoint)
    sizes = configuration.shared_llm
    text_ids = graph.input("text_ids", INT64, [ROWS])
    past = graph.input("past_length", INT32, [ROWS])
    llm_caches = Caches.declare(graph, "llm", sizes, ROWS)
    llm = SharedLlm(graph, configuration)
    text = x = llm.embeddings(text_ids)
    if speech:
        x = _with_group(graph, configuration, text)
    graph.output("hidden", FLOAT, [ROWS, sizes.hidden])
    run = llm.transformer.run(
        graph.unsqueeze(x, 1), [-1, 1], llm_caches, single_positions(graph, past), "llm.present_{kind}.{layer}"
    )
    hidden = graph.op("Squeeze", run, graph.constant(np.array([1], np.int64)), outputs="hidden")
    _text_choice(graph, configuration, llm.logits(hidden, outputs="text_logits"), greedy)
    if speech:
        _speech_choices(graph, configuration, hidden, text, past, greedy)
    return graph


def _with_group(graph: Graph, configuration: Configuration, text: str) -> str:
    """(text + output_matching(mean of the group's embeddings)) / 2 in the rows that have a group, text elsewhere."""
    hidden = configuration.shared_llm.hidden
    group = graph.input("speech_group", INT64, [ROWS, configuration.group])
    has_group = graph.input("has_group", BOOL, [ROWS])
    mean = mean_of_group(graph, graph.op("Gather", speech_embeddings(graph, configuration), group))
    mapping = graph.weight("audio_tower.output_matching.weight", hidden, hidden)
    total = graph.op("Add", text, graph.op("MatMul", mean, graph.transposed(mapping)))
    return graph.op("Where", graph.unsqueeze(has_group, 1), graph.op("Mul", total, graph.constant(np.float32(0.5))), text)


def _text_choice(graph: Graph, configuration: Configuration, logits: str, greedy: bool) -> None:
    graph.output("text_logits", FLOAT, [ROWS, configuration.vocabulary])
    penalty, choice = sampling_inputs(graph, "text", configuration.vocabulary, 1, greedy)
    chosen = choice.choose(logits, penalty)
    graph.op("Squeeze", chosen, graph.constant(np.array([1], np.int64)), outputs="next_text_id")
    graph.output("next_text_id", INT64, [ROWS])


def _speech_choices(graph: Graph, configuration: Configuration, hidden: str, text: str, past: str, greedy: bool) -> None:
    group, sizes = configuration.group, configuration.refined_head
    previous = graph.unsqueeze(graph.input("previous_speech_id", INT64, [ROWS]), 1)
    cached = graph.input("head_past_length", INT32, [ROWS])
    caches = Caches.declare(graph, "head", sizes, ROWS)
    penalty, choice = sampling_inputs(graph, "speech", configuration.codebook, group, greedy)
    head = RefinedHead(graph, configuration)
    rows = graph.split(graph.unsqueeze(head.rows(hidden, text), 1), [sizes.hidden] * group)
    chosen = []
    for number, row in enumerate(rows):
        if chosen:
            penalty.add(previous)
        outputs = head.transformer.run(
            graph.op("Add", row, head.previous(previous)), [-1, 1], caches, single_positions(graph, past, cached, group, number),
            f"head.present_{{kind}}.{number}.{{layer}}",
        )
        logits = head.logits(graph.op("Squeeze", outputs, graph.constant(np.array([1], np.int64))))
        previous = choice.choose(logits, penalty, number)
        chosen.append(previous)
    graph.op("Concat", *chosen, axis=1, outputs="next_speech_ids")
    graph.output("next_speech_ids", INT64, [ROWS, group])


def sampling_inputs(graph: Graph, stream: str, ids: int, draws: int, greedy: bool) -> tuple[Penalty, Greedy | Nucleus]:
    """Declares the inputs of one stream, ``text`` (one draw, uniforms [rows]) or ``speech`` (k draws, uniforms [rows, k])."""
    seen = graph.input(f"{stream}.seen", UINT8, [ROWS, ids])
    penalty = Penalty(graph, seen, graph.input(f"{stream}.penalty", FLOAT, [ROWS]))
    if greedy:
        return penalty, Greedy(graph, ids)
    temperature, top_p = (graph.input(f"{stream}.{name}", FLOAT, [ROWS]) for name in ("temperature", "top_p"))
    if stream == "text":
        uniforms = graph.unsqueeze(graph.input("text.uniform", FLOAT, [ROWS]), 1)
    else:
        uniforms = graph.input("speech.uniform", FLOAT, [ROWS, draws])
    return penalty, Nucleus(graph, temperature, top_p, uniforms, draws, ids)
