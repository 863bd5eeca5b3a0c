"""The shared LLM (``language_model``) in a graph: embeddings, transformer and text logits."""

from __future__ import annotations

from antiphon.export.configuration import Configuration
from antiphon.export.graph import Graph
from antiphon.export.transformer import Transformer


class SharedLlm:
    """The weights of the shared LLM in one graph; ``transformer`` runs its layers."""

    def __init__(self, graph: Graph, configuration: Configuration):
        self._graph = graph
        self._configuration = configuration
        self._shape = (configuration.vocabulary, configuration.shared_llm.hidden)
        self.transformer = Transformer(graph, "language_model.model", configuration.shared_llm, configuration.maximum_positions)

    def embeddings(self, text_ids: str) -> str:
        """Text ids [..] -> embeddings [.., hidden]."""
        return self._graph.op("Gather", self._table(), text_ids)

    def logits(self, hidden: str, outputs: str | int = 1) -> str:
        """Outputs [.., hidden] -> text logits [.., vocabulary]."""
        tied = self._configuration.tied_text_head
        matrix = self._table() if tied else self._graph.weight("language_model.lm_head.weight", *self._shape)
        return self._graph.op("MatMul", hidden, self._graph.transposed(matrix), outputs=outputs)

    def _table(self) -> str:
        return self._graph.weight("language_model.model.embed_tokens.weight", *self._shape)
