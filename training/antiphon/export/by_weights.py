"""Graphs by weights, for models too large to be held twice: each weight is in one graph, which serves prompts and steps alike.

| graph | weights | a step calls it |
|---|---|---|
| ``llm`` | the shared LLM's layers and embeddings | once |
| ``text_choice`` | ``lm_head`` | once |
| ``speech_group`` | ``audio_tower.output_matching`` | once while a row speaks |
| ``head_entry`` | the refined head's way in | once |
| ``head`` | the refined head's layers and way out | k times |

A prompt takes ``llm``, ``head_entry`` and ``head``. There are no variants without sampling: temperature 0 takes the largest logit.
"""

from __future__ import annotations

import numpy as np

from antiphon.export.checkpoint import Checkpoint
from antiphon.export.configuration import Configuration
from antiphon.export.flat_transformer import FlatTransformer, new_positions
from antiphon.export.graph import FLOAT, INT32, INT64, UINT8, Graph
from antiphon.export.quantise import ENTRY, LEAVING
from antiphon.export.refined_head import RefinedHead
from antiphon.export.speech_encoder import mean_of_group
from antiphon.export.step import ROWS, sampling_inputs
from antiphon.export.transformer import Caches
from antiphon.export.weights import LinearWeights

POSITIONS = "positions"
TEXT, GROUP, BOTH = range(3)
"""What a position's input is: a text id's embedding, a group embedding, the mean of both."""
_HEAD = "audio_invert_tower"


def graphs_by_weights(checkpoint: Checkpoint, configuration: Configuration, weights: LinearWeights) -> dict[str, Graph]:
    """All five graphs by the manifest's key."""
    builders = {"llm": _llm, "textChoice": _text_choice, "speechGroup": _speech_group, "headEntry": _head_entry, "head": _head}
    return {key: build(checkpoint, configuration, weights) for key, build in builders.items()}


def _llm(checkpoint: Checkpoint, configuration: Configuration, weights: LinearWeights) -> Graph:
    """``text_ids`` int64 [rows, positions], ``group_embeddings`` float [rows, positions, hidden], ``input`` uint8 [rows, positions]
    (TEXT, GROUP or BOTH), ``past_length`` int32 [rows] -> caches, ``hidden``, ``head_inputs`` float [rows, positions, hidden].

    More than one row must have one position each. Caches come out bit-identical in any chunking as long as every chunk has at least 2.
    """
    graph, sizes = Graph("llm", checkpoint), configuration.shared_llm
    text_ids = graph.input("text_ids", INT64, [ROWS, POSITIONS])
    groups = graph.input("group_embeddings", FLOAT, [ROWS, POSITIONS, sizes.hidden])
    kind = graph.unsqueeze(graph.input("input", UINT8, [ROWS, POSITIONS]), -1)
    past = graph.input("past_length", INT32, [ROWS])
    caches = Caches.declare(graph, "llm", sizes, ROWS)
    batch = graph.op("Shape", text_ids)
    text = graph.gathered("language_model.model.embed_tokens.weight", text_ids, configuration.vocabulary, sizes.hidden)
    is_kind = lambda value: graph.op("Equal", kind, graph.constant(np.uint8(value)))
    mean = graph.op("Mul", graph.op("Add", text, groups), graph.constant(np.float32(0.5)))
    x = graph.op("Where", is_kind(GROUP), groups, graph.op("Where", is_kind(BOTH), mean, text))
    transformer = FlatTransformer(graph, "language_model.model", sizes, configuration.maximum_positions, weights, batch)
    flat = graph.reshape(x, [-1, sizes.hidden])
    hidden = transformer.run(flat, (), caches, new_positions(graph, past, past, batch), "llm.present_{kind}.{layer}")
    shape = graph.op("Concat", batch, graph.constant(np.array([sizes.hidden], np.int64)), axis=0)
    graph.op("Reshape", hidden, shape, outputs="hidden")
    graph.op("Add", "hidden", text, outputs="head_inputs")
    for name in ("hidden", "head_inputs"):
        graph.output(name, FLOAT, [ROWS, POSITIONS, sizes.hidden])
    return graph


def _text_choice(checkpoint: Checkpoint, configuration: Configuration, weights: LinearWeights) -> Graph:
    """``hidden`` float [rows, hidden] and the text stream's sampling inputs -> ``text_logits``, ``next_text_id`` int64 [rows]."""
    graph, size = Graph("text_choice", checkpoint), configuration.shared_llm.hidden
    hidden = graph.input("hidden", FLOAT, [ROWS, size])
    table = "language_model.model.embed_tokens.weight" if configuration.tied_text_head else "language_model.lm_head.weight"
    logits = graph.op("Identity", weights.product(graph, hidden, table, configuration.vocabulary, size), outputs="text_logits")
    graph.output("text_logits", FLOAT, [ROWS, configuration.vocabulary])
    penalty, choice = sampling_inputs(graph, "text", configuration.vocabulary, 1, greedy=False)
    graph.op("Squeeze", choice.choose(logits, penalty), graph.constant(np.array([1], np.int64)), outputs="next_text_id")
    graph.output("next_text_id", INT64, [ROWS])
    return graph


def _speech_group(checkpoint: Checkpoint, configuration: Configuration, weights: LinearWeights) -> Graph:
    """``speech_group`` int64 [rows, k] -> ``group_embeddings`` float [rows, hidden], as ``llm`` takes them for BOTH."""
    graph, hidden = Graph("speech_group", checkpoint), configuration.shared_llm.hidden
    group = graph.input("speech_group", INT64, [ROWS, configuration.group])
    mean = mean_of_group(graph, graph.gathered("audio_tower.embed_tokens.weight", group, configuration.codebook, hidden))
    product = weights.product(graph, mean, "audio_tower.output_matching.weight", hidden, hidden)
    graph.op("Identity", product, outputs="group_embeddings")
    graph.output("group_embeddings", FLOAT, [ROWS, hidden])
    return graph


def _head_entry(checkpoint: Checkpoint, configuration: Configuration, weights: LinearWeights) -> Graph:
    """``head_inputs`` float [n, hidden] -> ``head_rows`` float [n, k, width]: what the refined head sees before the previous ids."""
    graph, hidden, width = Graph("head_entry", checkpoint), configuration.shared_llm.hidden, configuration.refined_head.hidden
    inputs = graph.input("head_inputs", FLOAT, ["n", hidden])
    head = RefinedHead(graph, configuration, layers=False)
    if weights.pairs:
        rows = graph.op("Add", weights.product(graph, inputs, ENTRY, configuration.group * width, hidden), head.entry_offset())
    else:
        rows = graph.op("Add", graph.op("MatMul", inputs, graph.transposed(head.entry_matrix())), head.entry_offset())
    graph.op("Reshape", rows, graph.constant(np.array([-1, configuration.group, width], np.int64)), outputs="head_rows")
    graph.output("head_rows", FLOAT, ["n", configuration.group, width])
    return graph


def _head(checkpoint: Checkpoint, configuration: Configuration, weights: LinearWeights) -> Graph:
    """One pass of the refined head: ``head_rows`` float [rows, positions, width], ``previous_speech_ids`` int64 [rows, positions]
    -> caches, and the id chosen at the last position, ``next_speech_id`` int64 [rows].

    ``past_length`` int32 [rows] counts the head's own positions, k for each of the shared LLM's; its cache holds the last ``cached_length``.
    Ids of the present group count as seen: the host marks them in ``speech.seen`` between two passes.
    """
    graph, sizes = Graph("head", checkpoint), configuration.refined_head
    rows = graph.input("head_rows", FLOAT, [ROWS, POSITIONS, sizes.hidden])
    previous = graph.input("previous_speech_ids", INT64, [ROWS, POSITIONS])
    past, cached = (graph.input(name, INT32, [ROWS]) for name in ("past_length", "cached_length"))
    caches = Caches.declare(graph, "head", sizes, ROWS)
    penalty, choice = sampling_inputs(graph, "speech", configuration.codebook, 1, greedy=False)
    batch = graph.op("Shape", previous)
    x = graph.op("Add", rows, RefinedHead(graph, configuration, layers=False).previous(previous))
    transformer = FlatTransformer(graph, f"{_HEAD}.crq_transformer", sizes, configuration.group * configuration.maximum_positions, weights, batch)
    flat = graph.reshape(x, [-1, sizes.hidden])
    outputs = transformer.run(flat, (), caches, new_positions(graph, past, cached, batch), "head.present_{kind}.{layer}")
    shape = graph.op("Concat", batch, graph.constant(np.array([sizes.hidden], np.int64)), axis=0)
    last = graph.op("Gather", graph.op("Reshape", outputs, shape), graph.constant(np.int64(-1)), axis=1)
    if weights.pairs:
        logits = weights.product(graph, last, LEAVING, configuration.codebook, sizes.hidden)
    else:
        logits = RefinedHead(graph, configuration, layers=False).logits(last)
    graph.op("Squeeze", choice.choose(logits, penalty), graph.constant(np.array([1], np.int64)), outputs="next_speech_id")
    graph.output("next_speech_id", INT64, [ROWS])
    return graph
