"""The 25 Hz speech tokenizer: encoder, finite scalar quantisation (8 dimensions x 3 levels = 6561 codes) and feature decoder."""
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from antiphon.speech.features import MEL_BINS, PHONES
from antiphon.speech.layers import ConvNeXtStack, Delay, Downsample, Stream, Upsample

DIMENSIONS = 8
LEVELS = 3
CODES = LEVELS ** DIMENSIONS
LOOK_AHEAD_TOKENS = 3
# Order of the acoustic features: log mel, log f0, voicing logit.
FEATURES = MEL_BINS + 2


def quantise(z: Tensor) -> Tensor:
    """Rounds values in (-1, 1) to -1, 0 or 1; the gradient passes straight through."""
    return z + (torch.round(z) - z).detach()


def codes_to_ids(codes: Tensor) -> Tensor:
    """[..., 8] values -1, 0, 1 -> [...] ids 0..6560; dimension 0 is the lowest digit in base 3."""
    powers = LEVELS ** torch.arange(DIMENSIONS, device=codes.device)
    return ((codes.round().long() + 1) * powers).sum(-1)


def ids_to_codes(ids: Tensor) -> Tensor:
    """Inverse of `codes_to_ids`: [...] ids -> [..., 8] values -1, 0, 1."""
    powers = LEVELS ** torch.arange(DIMENSIONS, device=ids.device)
    digits = torch.remainder(torch.div(ids.unsqueeze(-1), powers, rounding_mode="floor"), LEVELS)
    return digits.float() - 1.0


class SpeechEncoder(nn.Module):
    """Features [B, 4 T, 102] (log mel, normalised log f0, voicing 0/1) -> pre-quantisation values [B, T, 8] in (-1, 1)."""

    def __init__(self, width: int = 192, hidden: int = 256):
        super().__init__()
        self.input = nn.Linear(FEATURES, width)
        self.stage100 = ConvNeXtStack("encoder.100", 2, width, 2 * width)
        self.down50 = Downsample(width, hidden)
        self.stage50 = ConvNeXtStack("encoder.50", 2, hidden, 2 * hidden)
        self.down25 = Downsample(hidden, hidden)
        self.stage25 = ConvNeXtStack("encoder.25", 2, hidden, 2 * hidden)
        self.norm = nn.LayerNorm(hidden)
        self.output = nn.Linear(hidden, DIMENSIONS)

    def forward(self, features: Tensor, stream: Stream) -> Tensor:
        x = self.stage100(self.input(features), stream)
        x = self.stage50(self.down50(x), stream)
        x = self.stage25(self.down25(x), stream)
        return torch.tanh(self.output(self.norm(x)))


class FeatureDecoder(nn.Module):
    """Codes [B, T, 8] -> features [B, 4 T, 102], late by 3 tokens: row t describes token t - 3."""

    def __init__(self, width: int = 256, fine: int = 192):
        super().__init__()
        self.input = nn.Linear(2 * DIMENSIONS, width)
        self.stage25 = ConvNeXtStack("decoder.25", 4, width, 2 * width)
        self.phone = nn.Linear(width, len(PHONES))
        self.up50 = Upsample(width, width)
        self.stage50 = ConvNeXtStack("decoder.50", 2, width, 2 * width)
        self.up100 = Upsample(width, fine)
        self.stage100 = ConvNeXtStack("decoder.100", 3, fine, 2 * fine)
        self.norm = nn.LayerNorm(fine)
        self.output = nn.Linear(fine, FEATURES)

    def forward(self, codes: Tensor, stream: Stream) -> tuple[Tensor, Tensor]:
        """Returns (features [B, 4 T, 102], phone logits [B, T, phones])."""
        x = self.input(torch.cat([codes, codes * codes], -1))
        x = self.stage25(x, stream)
        phones = self.phone(x)
        x = self.stage50(self.up50(x), stream)
        x = self.stage100(self.up100(x), stream)
        return self.output(self.norm(x)), phones


class SpeechTokenizer(nn.Module):
    """Encoder and decoder together, as trained."""

    def __init__(self):
        super().__init__()
        self.encoder = SpeechEncoder()
        self.decoder = FeatureDecoder()

    def encode(self, features: Tensor) -> Tensor:
        """Features [B, 4 T, 102] of whole utterances -> ids [B, T]."""
        return codes_to_ids(torch.round(self.encoder(features, Stream())))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Returns (decoded features [B, 4 T, 102], late by 12 frames; phone logits; codes [B, T, 8])."""
        codes = quantise(self.encoder(features, Stream()))
        decoded, phones = self.decoder(codes, Stream())
        return decoded, phones, codes


def save_encoder(tokenizer: SpeechTokenizer, path: Path) -> None:
    """Writes the encoder alone (fp16): what a fresh machine needs to make the same ids again."""
    save_file({name: tensor.half().contiguous() for name, tensor in tokenizer.encoder.state_dict().items()}, str(path), {"format": "pt"})


def load_encoder(tokenizer: SpeechTokenizer, path: Path) -> None:
    """Reads the encoder from a training checkpoint, or from what `save_encoder` wrote; a missing or unknown tensor is an error."""
    if path.suffix == ".safetensors":
        tokenizer.encoder.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
    else:
        tokenizer.load_state_dict(torch.load(path))
