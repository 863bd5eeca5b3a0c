"""The whole model with the released tensor names: encoder, grouping, shared LLM and refined head."""
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from .configuration import ModelConfiguration, TransformerConfiguration
from .encoder import SpeechEncoder
from .layers import Linear
from .transformer import Past, Transformer


class SpeechEmbedding(nn.Module):
    """The speech tokens' table, tied to the refined head's output.

    In training the table is `weight` + one-hot(base-3 digits of the id) · `digits`, so that ids which share a
    digit of the finite scalar quantiser share learning; a checkpoint holds the plain sum.
    """

    LEVELS, DIMENSIONS = 3, 8

    def __init__(self, size: int, dim: int, factored: bool):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(size, dim) * 0.05)
        self.digits = None
        if factored:
            codes = self.LEVELS**self.DIMENSIONS
            self.digits = nn.Parameter(torch.randn(self.LEVELS * self.DIMENSIONS, dim) * 0.05)
            ids = torch.arange(codes)
            hot = torch.zeros(size, self.LEVELS * self.DIMENSIONS)
            for place in range(self.DIMENSIONS):
                hot[ids, place * self.LEVELS + ids // self.LEVELS**place % self.LEVELS] = 1.0
            self.register_buffer("hot", hot, persistent=False)

    def forget(self):
        """Makes the codes' rows new, for ids of another speech tokenizer: no row of its own, digits as wide as the rows were.

        Raises ValueError for a table without digits. The rows of bos, eos and pad stay.
        """
        if self.digits is None:
            raise ValueError("the speech table has no digits: load the checkpoint with factored=True")
        codes = self.LEVELS**self.DIMENSIONS
        with torch.no_grad():
            torch.nn.init.normal_(self.digits, std=float(self.table()[:codes].std()) / self.DIMENSIONS**0.5)
            self.weight[:codes] = 0

    def table(self) -> torch.Tensor:
        """The plain table [codebook, dim] in float32."""
        return self.weight if self.digits is None else self.weight + self.hot @ self.digits


class Grouping(nn.Module):
    """`audio_tower`: mean of k 25 Hz frames, then a linear map; one for speech tokens, one for the caller's audio."""

    def __init__(self, c: ModelConfiguration, factored: bool):
        super().__init__()
        d = c.text.hidden_size
        self.embed_tokens = SpeechEmbedding(c.codes.codebook_size, d, factored)
        self.output_matching = Linear(d, d, bias=False)
        self.continual_output_matching = Linear(d, d, bias=False)


class TextModel(nn.Module):
    """`language_model.model`: the token table beside the transformer's layers, as Qwen3 names them."""

    def __init__(self, c: TransformerConfiguration):
        super().__init__()
        self.embed_tokens = nn.Embedding(c.vocab_size, c.hidden_size)
        nn.init.normal_(self.embed_tokens.weight, std=0.05)
        inner = Transformer(c)
        self.layers, self.norm = inner.layers, inner.norm
        # The transformer shares these modules; kept out of the registry so that names stay as released.
        object.__setattr__(self, "transformer", inner)


class LanguageModel(nn.Module):
    """`language_model`: the shared LLM."""

    def __init__(self, c: ModelConfiguration):
        super().__init__()
        self.model = TextModel(c.text)
        self.lm_head = None if c.tie_word_embeddings else Linear(c.text.hidden_size, c.text.vocab_size, bias=False)

    def logits(self, hidden):
        """hidden [..., d] → text logits [..., vocabulary]."""
        if self.lm_head is not None:
            return self.lm_head(hidden)
        return F.linear(hidden, self.model.embed_tokens.weight.to(hidden.dtype))


class RefinedHead(nn.Module):
    """`audio_invert_tower`: every LLM position becomes k rows, each predicting one speech token after the previous one."""

    def __init__(self, c: ModelConfiguration):
        super().__init__()
        d, inner = c.text.hidden_size, c.head.hidden_size
        self.group = c.codes.group_size
        self.pre_matching = Linear(d, d * self.group)
        self.crq_transformer = Transformer(c.head)
        self.input_matching = Linear(d, inner, bias=False)
        self.output_matching = Linear(inner, d, bias=False)

    def ungroup(self, states):
        """states = hidden + E_text(input id) [rows, T, d] → [rows, T·k, d]."""
        rows, length, d = states.shape
        return self.pre_matching(states).view(rows, length * self.group, d)

    def forward(self, ungrouped, previous, **keywords):
        """ungrouped and embeddings of the previous speech ids [rows, n, d] → states before the tied output [rows, n, d], Past."""
        out, past = self.crq_transformer(self.input_matching(ungrouped + previous), **keywords)
        return self.output_matching(out), past


class DialogueModel(nn.Module):
    """Speech and text in, text and speech out. `factored`: see `SpeechEmbedding` (training only)."""

    def __init__(self, c: ModelConfiguration, factored: bool = False):
        super().__init__()
        self.c = c
        self.continuous_audio_tower = SpeechEncoder(c.encoder, c.text.hidden_size)
        self.audio_tower = Grouping(c, factored)
        self.language_model = LanguageModel(c)
        self.audio_invert_tower = RefinedHead(c)

    def embed(self, ids: torch.Tensor, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """Text ids [...] → embeddings [..., d] in `dtype`."""
        return F.embedding(ids, self.language_model.model.embed_tokens.weight.to(dtype))

    def llm(self, x, **keywords):
        """Input embeddings [rows, T, d] → (hidden after the last norm, Past | None); see `Transformer.forward`."""
        return self.language_model.model.transformer(x, **keywords)

    def groups(self, frames: torch.Tensor) -> torch.Tensor:
        """25 Hz frames [..., n·k, d] (zeros where missing) → 5 Hz embeddings [..., n, d]."""
        return self.audio_tower.continual_output_matching(frames.unflatten(-2, (-1, self.c.codes.group_size)).mean(-2))

    def encode(self, mel: torch.Tensor, samples: int) -> tuple[torch.Tensor, torch.Tensor]:
        """One recording: mel [frames, bins], its samples at 16 kHz → 25 Hz frames padded to the group, 5 Hz groups."""
        window, k = self.c.encoder.window_frames, self.c.codes.group_size
        count = -(-mel.shape[0] // window)
        lengths = torch.tensor([min(window, mel.shape[0] - i * window) for i in range(count)])
        padded = F.pad(mel, (0, 0, 0, count * window - mel.shape[0])).view(count, window, -1)
        out = self.continuous_audio_tower(padded[:, : int(lengths.max())], lengths)
        out = torch.cat([out[i, : ((int(n) - 1) // 2 + 1) // 2] for i, n in enumerate(lengths)])
        total = -(-audio_frames(samples) // k) * k
        frames = out.new_zeros(total, out.shape[-1])
        frames[: min(total, len(out))] = out[:total]
        return frames, self.groups(frames)


def audio_frames(samples: int) -> int:
    """25 Hz frames of a recording: int(seconds · 25) at 16 kHz."""
    return samples * 25 // 16000


def audio_groups(samples: int, group_size: int = 5) -> int:
    """5 Hz groups (placeholders in the prompt) of a recording."""
    return -(-audio_frames(samples) // group_size)


__all__ = ["DialogueModel", "Past", "audio_frames", "audio_groups"]
