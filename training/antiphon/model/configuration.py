"""Sizes of the model, read from and written to the released `config.json` layout."""
from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path


@dataclass(frozen=True)
class TransformerConfiguration:
    """Sizes of a Qwen3-style decoder (`text_config` or `audio_config.crq_transformer_config`).

    sliding_window: keys that a query sees at most, itself among them, in every layer; None for all.
    """

    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    rope_theta: float = 1e6
    rms_norm_eps: float = 1e-6
    vocab_size: int = 16
    max_position_embeddings: int = 4096
    sliding_window: int | None = None

    def __post_init__(self):
        if self.num_attention_heads % self.num_key_value_heads:
            raise ValueError(
                f"num_attention_heads={self.num_attention_heads} must be a multiple of "
                f"num_key_value_heads={self.num_key_value_heads}"
            )


@dataclass(frozen=True)
class EncoderConfiguration:
    """Sizes of the speech encoder (`audio_config`, Whisper-like, independent windows)."""

    d_model: int
    encoder_layers: int
    encoder_attention_heads: int
    encoder_ffn_dim: int
    num_mel_bins: int = 128
    n_window: int = 100
    max_source_positions: int = 1500

    def __post_init__(self):
        if self.d_model % self.encoder_attention_heads:
            raise ValueError(
                f"d_model={self.d_model} must be a multiple of encoder_attention_heads={self.encoder_attention_heads}"
            )

    @property
    def window_frames(self) -> int:
        """Mel frames of one window (2 s at 100 Hz for n_window 100)."""
        return 2 * self.n_window


@dataclass(frozen=True)
class SpecialTokens:
    """Text ids with a meaning for the decoding loop."""

    pad: int
    end: int
    audio: int
    audio_bos: int
    audio_eos: int
    sil: int


@dataclass(frozen=True)
class SpeechCodes:
    """The codebook of speech tokens: sizes and the ids beyond the valid codes."""

    codebook_size: int = 6565
    bos: int = 6561
    eos: int = 6562
    pad: int = 6564
    group_size: int = 5


@dataclass(frozen=True)
class ModelConfiguration:
    """Everything the architecture needs; `read`/`write` convert from/to `config.json`."""

    text: TransformerConfiguration
    head: TransformerConfiguration
    encoder: EncoderConfiguration
    special: SpecialTokens
    codes: SpeechCodes = field(default_factory=SpeechCodes)
    tie_word_embeddings: bool = True

    @staticmethod
    def read(path: str | Path) -> "ModelConfiguration":
        """Reads a released `config.json`. Raises ValueError naming a setting this architecture cannot serve."""
        data = json.loads(Path(path).read_text())
        audio, text = data["audio_config"], data["text_config"]
        if audio.get("continuous_features_mode", "replace") != "replace":
            raise ValueError(f"continuous_features_mode={audio['continuous_features_mode']!r}: only 'replace' is supported")
        if text.get("model_type") != "qwen3":
            raise ValueError(f"text_config.model_type={text.get('model_type')!r}: only 'qwen3' (dense) is supported")
        return ModelConfiguration(
            text=_transformer(text),
            head=_transformer(audio["crq_transformer_config"]),
            encoder=EncoderConfiguration(**{k: audio[k] for k in EncoderConfiguration.__dataclass_fields__}),
            special=SpecialTokens(
                pad=text["pad_token_id"], end=text["eos_token_id"], audio=data["audio_token_index"],
                audio_bos=text["audio_bos_index"], audio_eos=text["audio_eos_index"], sil=text["sil_index"],
            ),
            codes=SpeechCodes(
                codebook_size=audio["codebook_size"], bos=audio["bos_token_id"], eos=audio["eos_token_id"],
                pad=audio["pad_token_id"], group_size=audio["group_size"],
            ),
            tie_word_embeddings=bool(text.get("tie_word_embeddings", False)),
        )

    def write(self, path: str | Path, dtype: str = "float16") -> None:
        """Writes the released `config.json` layout."""
        audio = dict(
            model_type="funaudiochat_audio_encoder", dropout=0, attention_dropout=0, activation_function="gelu",
            activation_dropout=0, scale_embedding=False, continuous_features_mode="replace",
            enable_audio_invert_tower=True, output_dim=self.text.hidden_size,
            num_hidden_layers=self.encoder.encoder_layers, initializer_range=0.02,
            codebook_size=self.codes.codebook_size, bos_token_id=self.codes.bos, eos_token_id=self.codes.eos,
            pad_token_id=self.codes.pad, group_size=self.codes.group_size, tie_word_embeddings=True,
            crq_transformer_config=dict(model_type="qwen3", attention_bias=False, **_written(self.head)),
            **self.encoder.__dict__,
        )
        text = dict(
            model_type="qwen3", hidden_act="silu", attention_bias=False, attention_dropout=0.0, use_cache=True,
            rope_scaling=None, initializer_range=0.02,
            tie_word_embeddings=self.tie_word_embeddings, bos_token_id=self.special.pad, pad_token_id=self.special.pad,
            eos_token_id=self.special.end, audio_bos_index=self.special.audio_bos,
            audio_eos_index=self.special.audio_eos, sil_index=self.special.sil, **_written(self.text),
        )
        data = dict(
            architectures=["FunAudioChatForConditionalGeneration"], model_type="funaudiochat",
            audio_token_index=self.special.audio, ignore_index=-100, hidden_size=self.text.hidden_size,
            tie_word_embeddings=True, torch_dtype=dtype, transformers_version="4.52.3",
            audio_config=audio, text_config=text,
        )
        Path(path).write_text(json.dumps(data, indent=1) + "\n")


def _transformer(data: dict) -> TransformerConfiguration:
    settings = {k: data[k] for k in TransformerConfiguration.__dataclass_fields__ if k in data}
    if not data.get("use_sliding_window", False):
        settings["sliding_window"] = None
    elif data.get("max_window_layers") != 0:
        raise ValueError(f"max_window_layers={data.get('max_window_layers')!r}: only 0, a window in every layer, is supported")
    return TransformerConfiguration(**settings)


def _written(sizes: TransformerConfiguration) -> dict:
    return {**sizes.__dict__, "use_sliding_window": sizes.sliding_window is not None, "max_window_layers": 0}


def nano(special: SpecialTokens, vocabulary: int) -> ModelConfiguration:
    """The shipped size: about 10 M parameters; the head sees 3.2 s. `vocabulary`: entries of the tokenizer, rounded up to 16 here."""
    rows = -(-vocabulary // 16) * 16
    return ModelConfiguration(
        text=TransformerConfiguration(256, 704, 4, 8, 4, 32, vocab_size=rows),
        head=TransformerConfiguration(192, 512, 4, 6, 1, 32, sliding_window=80),
        encoder=EncoderConfiguration(d_model=192, encoder_layers=4, encoder_attention_heads=4, encoder_ffn_dim=768),
        special=special,
    )


def toy(special: SpecialTokens, vocabulary: int) -> ModelConfiguration:
    """A size for tests and the toy recipe: seconds instead of hours."""
    full = nano(special, vocabulary)
    return replace(
        full,
        text=replace(full.text, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
                     num_key_value_heads=2, head_dim=16),
        head=replace(full.head, hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
                     num_key_value_heads=2, head_dim=16),
        encoder=replace(full.encoder, d_model=48, encoder_layers=2, encoder_ffn_dim=96),
    )
