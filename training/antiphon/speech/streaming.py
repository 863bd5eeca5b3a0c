"""The streaming detokenizer: speech ids with carried states in, audio out; any chunking gives the same sound.

Purely causal. The look-ahead is a constant lateness of `DELAY_TOKENS`: the first `DELAY_TOKENS * 960` samples lie before the
beginning, and after the last id the caller feeds `DELAY_TOKENS` flush ids.
"""
import torch
from torch import Tensor, nn

from antiphon.speech.features import FRAMES_PER_TOKEN, SAMPLES_PER_TOKEN
from antiphon.speech.layers import Stream
from antiphon.speech.tokenizer import LOOK_AHEAD_TOKENS, FeatureDecoder, ids_to_codes
from antiphon.speech.vocoder import DELAY_FRAMES, Vocoder

assert DELAY_FRAMES % FRAMES_PER_TOKEN == 0
DELAY_TOKENS = LOOK_AHEAD_TOKENS + DELAY_FRAMES // FRAMES_PER_TOKEN
DELAY_SAMPLES = DELAY_TOKENS * SAMPLES_PER_TOKEN


class StreamingDetokenizer(nn.Module):
    """ids [B, T] int64 (0..6560), states (each [B, ...] float32, all zeros at the start) -> pcm [B, 960 T] in [-1, 1], next states.

    `state_shapes` gives name and shape without the batch, in the order of the arguments.
    """

    def __init__(self, decoder: FeatureDecoder | None = None, vocoder: Vocoder | None = None):
        super().__init__()
        self.decoder = decoder or FeatureDecoder()
        self.vocoder = vocoder or Vocoder()
        self.eval()
        with torch.no_grad():
            stream = Stream()
            self._run(torch.zeros(1, 1, dtype=torch.int64), stream)
        self.state_shapes = {name: tuple(state.shape[1:]) for name, state in sorted(stream.after.items())}

    def _run(self, ids: Tensor, stream: Stream) -> Tensor:
        features, _ = self.decoder(ids_to_codes(ids), stream)
        features = torch.cat([features[..., :-1], torch.sigmoid(features[..., -1:])], 2)
        return self.vocoder(features, stream)

    def start(self, batch: int) -> list[Tensor]:
        """The states of `batch` conversations in which nothing has been said."""
        return [torch.zeros(batch, *shape) for shape in self.state_shapes.values()]

    def forward(self, ids: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        stream = Stream(dict(zip(self.state_shapes, states, strict=True)))
        pcm = self._run(ids, stream)
        return pcm, *(stream.after[name] for name in self.state_shapes)

    @torch.no_grad()
    def speak(self, ids: list[int], flush_id: int, chunk: int | None = None) -> Tensor:
        """A whole answer in chunks of `chunk` ids (None: at once): pcm [960 * len(ids)], lateness removed."""
        row = torch.tensor([ids + [flush_id] * DELAY_TOKENS])
        states, parts = self.start(1), []
        for part in row.split(chunk or row.shape[1], 1):
            pcm, *states = self(part, *states)
            parts.append(pcm[0])
        return torch.cat(parts)[DELAY_SAMPLES:DELAY_SAMPLES + len(ids) * SAMPLES_PER_TOKEN]
