"""Prefill: a chunk of prompt positions of one conversation into both caches."""

from __future__ import annotations

import numpy as np

from antiphon.export.checkpoint import Checkpoint
from antiphon.export.configuration import Configuration
from antiphon.export.graph import BOOL, FLOAT, INT32, INT64, Graph
from antiphon.export.refined_head import RefinedHead
from antiphon.export.shared_llm import SharedLlm
from antiphon.export.transformer import Caches, chunk_positions


def prefill_graph(checkpoint: Checkpoint, configuration: Configuration, speech: bool) -> Graph:
    """``text_ids`` int64 [1, n], ``group_embeddings`` float [1, n, hidden] where ``is_audio`` bool [1, n] -> caches, ``hidden``.

    With ``speech`` the refined head gets k rows for each of the n positions, every previous id speech begin; its cache holds
    the last ``head_past_length`` int32 [1] of the ``past_length`` positions before them.
    The caches come out bit-identical in any chunking as long as every n is at least 2.
    """
    graph = Graph("prefill" if speech else "prefill_text", checkpoint)
    sizes = configuration.shared_llm
    text_ids = graph.input("text_ids", INT64, [1, "positions"])
    groups = graph.input("group_embeddings", FLOAT, [1, "positions", sizes.hidden])
    is_audio = graph.input("is_audio", BOOL, [1, "positions"])
    past = graph.input("past_length", INT32, [1])
    llm_caches = Caches.declare(graph, "llm", sizes, 1)
    count = graph.cast(graph.op("Shape", text_ids, start=1, end=2), INT32)

    llm = SharedLlm(graph, configuration)
    text = llm.embeddings(text_ids)
    x = graph.op("Where", graph.unsqueeze(is_audio, -1), groups, text)
    graph.output("hidden", FLOAT, [1, "positions", sizes.hidden])
    hidden = llm.transformer.run(
        x, [1, -1], llm_caches, chunk_positions(graph, past, count), "llm.present_{kind}.{layer}", outputs="hidden"
    )
    if speech:
        head, width, group = RefinedHead(graph, configuration), configuration.refined_head.hidden, configuration.group
        cached = graph.input("head_past_length", INT32, [1])
        head_caches = Caches.declare(graph, "head", configuration.refined_head, 1)
        begin = graph.constant(np.array([configuration.speech_ids["begin"]], np.int64))
        rows = graph.op("Add", graph.reshape(head.rows(hidden, text), [1, -1, width]), head.previous(begin))
        positions = chunk_positions(graph, past, count, cached, group)
        head.transformer.run(rows, [1, -1], head_caches, positions, "head.present_{kind}.{layer}", caches_only=True)
    return graph
