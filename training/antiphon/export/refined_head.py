"""The refined head (``audio_invert_tower``): k rows for each shared-LLM position, one speech id for each row.

The checkpoint applies two linear maps in a row at both ends of its transformer: ``pre_matching`` (ungrouping) and
``input_matching`` on the way in, ``output_matching`` and the tied ``lm_head`` on the way out. Here each pair is one matrix,
multiplied once when the session loads, so that a step reads four times fewer of these weights at the released sizes.
"""

from __future__ import annotations

import numpy as np

from antiphon.export.configuration import Configuration
from antiphon.export.graph import Graph
from antiphon.export.transformer import Transformer

_HEAD = "audio_invert_tower"


class RefinedHead:
    """The weights of the refined head in one graph; ``transformer`` runs its layers, None where they were not asked for."""

    def __init__(self, graph: Graph, configuration: Configuration, layers: bool = True):
        self._graph = graph
        self._configuration = configuration
        self._hidden = configuration.shared_llm.hidden
        self._width = configuration.refined_head.hidden
        positions = configuration.group * configuration.maximum_positions
        self.transformer = Transformer(graph, f"{_HEAD}.crq_transformer", configuration.refined_head, positions) if layers else None

    def rows(self, hidden: str, text_embeddings: str) -> str:
        """Shared-LLM outputs and input embeddings [.., hidden] -> the transformer's rows before the previous ids [.., k * width]."""
        graph = self._graph
        matrix, offset = self.entry_matrix(), self.entry_offset()
        inputs = graph.op("Add", hidden, text_embeddings)
        return graph.op("Add", graph.op("MatMul", inputs, graph.transposed(matrix)), offset)

    def entry_matrix(self) -> str:
        """``pre_matching`` and ``input_matching`` as one matrix [k * width, hidden]."""
        graph, group = self._graph, self._configuration.group
        entry = self._entry()
        ungrouping = graph.weight(f"{_HEAD}.pre_matching.weight", group * self._hidden, self._hidden)
        stacked = graph.once("Reshape", ungrouping, graph.constant(np.array([group, self._hidden, self._hidden], np.int64)))
        product = graph.once("MatMul", entry, stacked)
        return graph.once("Reshape", product, graph.constant(np.array([group * self._width, self._hidden], np.int64)))

    def entry_offset(self) -> str:
        """What the bias of ``pre_matching`` adds to the rows [k * width]."""
        graph, group = self._graph, self._configuration.group
        bias = graph.weight(f"{_HEAD}.pre_matching.bias", group * self._hidden)
        bias_rows = graph.once("Reshape", bias, graph.constant(np.array([group, self._hidden], np.int64)))
        product = graph.once("MatMul", bias_rows, graph.transposed(self._entry()))
        return graph.once("Reshape", product, graph.constant(np.array([group * self._width], np.int64)))

    def previous(self, speech_ids: str) -> str:
        """Previous speech ids [..] -> what they add to a row [.., width]."""
        table = self._graph.once("MatMul", speech_embeddings(self._graph, self._configuration), self._graph.transposed(self._entry()))
        return self._graph.op("Gather", table, speech_ids)

    def logits(self, outputs: str) -> str:
        """The transformer's outputs [.., width] -> logits [.., codebook]."""
        graph = self._graph
        leaving = graph.weight(f"{_HEAD}.output_matching.weight", self._hidden, self._width)
        return graph.op("MatMul", outputs, graph.transposed(graph.once("MatMul", speech_embeddings(graph, self._configuration), leaving)))

    def _entry(self) -> str:
        return self._graph.weight(f"{_HEAD}.input_matching.weight", self._width, self._hidden)


def speech_embeddings(graph: Graph, configuration: Configuration) -> str:
    """The speech embeddings float [codebook, hidden], which are also the head's output matrix."""
    return graph.weight("audio_tower.embed_tokens.weight", configuration.codebook, configuration.shared_llm.hidden)
