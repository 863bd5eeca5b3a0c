"""Sizes and ids of a checkpoint, read from its ``config.json``; every unsupported setting is refused here by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

DEFAULT_MAXIMUM_POSITIONS = 2048
"""The whole-conversation context of the released models, in shared-LLM positions."""

_TRANSFORMER_DEFAULTS = {
    "vocab_size": 151936,
    "hidden_size": 4096,
    "intermediate_size": 22016,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 32,
    "head_dim": 128,
    "hidden_act": "silu",
    "max_position_embeddings": 32768,
    "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0,
    "rope_scaling": None,
    "attention_bias": False,
    "use_sliding_window": False,
    "sliding_window": 4096,
    "max_window_layers": 28,
    "tie_word_embeddings": False,
}
"""What the ``qwen3`` model type means by an absent key."""

_AUDIO_DEFAULTS = {
    "num_mel_bins": 128,
    "encoder_layers": 32,
    "encoder_attention_heads": 20,
    "encoder_ffn_dim": 5120,
    "d_model": 1280,
    "activation_function": "gelu",
    "max_source_positions": 1500,
    "n_window": 100,
    "output_dim": 3584,
    "group_size": 5,
    "continuous_features_mode": "replace",
    "enable_audio_invert_tower": True,
}
"""What the ``funaudiochat_audio_encoder`` model type means by an absent key."""


class UnsupportedConfiguration(ValueError):
    """A setting of ``config.json`` that these graphs cannot express; the message names it, its value and what is expected."""


@dataclass(frozen=True)
class Experts:
    """A mixture of experts in place of every feed-forward: ``active`` of ``count`` are chosen for a position, their weights sum to 1."""

    count: int
    active: int
    feed_forward: int


@dataclass(frozen=True)
class TransformerSizes:
    """One Qwen3 decoder: the shared LLM or the refined head's transformer. ``window``: keys that a query sees, itself among them; None: all."""

    hidden: int
    layers: int
    heads: int
    key_value_heads: int
    head_size: int
    feed_forward: int
    epsilon: float
    rope_theta: float
    attention_bias: bool
    window: int | None
    experts: Experts | None = None


@dataclass(frozen=True)
class EncoderSizes:
    """The speech encoder; ``window_frames`` mel frames (100 Hz) are one independent window."""

    mel_bins: int
    width: int
    layers: int
    heads: int
    feed_forward: int
    activation: str
    window_frames: int


@dataclass(frozen=True)
class Configuration:
    """Everything that the graphs and the manifest need to know about a checkpoint."""

    shared_llm: TransformerSizes
    refined_head: TransformerSizes
    encoder: EncoderSizes
    vocabulary: int
    codebook: int
    group: int
    maximum_positions: int
    tied_text_head: bool
    text_ids: Mapping[str, Any]
    speech_ids: Mapping[str, int]


def read_configuration(
    config: Mapping[str, Any], generation: Mapping[str, Any], maximum_positions: int | None = None
) -> Configuration:
    """Reads ``config.json`` and ``generation_config.json`` (an empty mapping where there is none).

    ``maximum_positions`` overrides the context in shared-LLM positions, by default the checkpoint's own, at most 2048.
    Raises UnsupportedConfiguration with the setting's name, its value and what is expected.
    """
    text = {**_TRANSFORMER_DEFAULTS, **_section(config, "text_config", "config.json")}
    audio = {**_AUDIO_DEFAULTS, **_section(config, "audio_config", "config.json")}
    head = {**_TRANSFORMER_DEFAULTS, **_section(audio, "crq_transformer_config", "audio_config")}
    _expect("audio_config.enable_audio_invert_tower", audio["enable_audio_invert_tower"], True)
    _expect("audio_config.continuous_features_mode", audio["continuous_features_mode"], "replace")
    _expect("audio_config.output_dim", audio["output_dim"], text["hidden_size"], "the shared LLM's hidden_size")

    # A host keeps the shared LLM's whole context.
    _expect("text_config.use_sliding_window", text["use_sliding_window"], False)

    limit = int(text["max_position_embeddings"])
    positions = maximum_positions or min(limit, DEFAULT_MAXIMUM_POSITIONS)
    if not 2 <= positions <= limit:
        raise UnsupportedConfiguration(
            f"maximum positions: {positions}; expected between 2 and text_config.max_position_embeddings = {limit}"
        )
    return Configuration(
        shared_llm=_transformer(text, "text_config", ("qwen3", "qwen3_moe")),
        refined_head=_transformer(head, "audio_config.crq_transformer_config"),
        encoder=_encoder(audio),
        vocabulary=_size(text, "vocab_size", "text_config"),
        codebook=_size(audio, "codebook_size", "audio_config"),
        group=_size(audio, "group_size", "audio_config"),
        maximum_positions=positions,
        tied_text_head=bool(text["tie_word_embeddings"]),
        text_ids=_text_ids(config, text, generation),
        speech_ids=_speech_ids(audio),
    )


def _experts(settings: Mapping[str, Any], where: str) -> Experts | None:
    if settings.get("model_type") != "qwen3_moe":
        return None
    for name, absent, expected in (("decoder_sparse_step", 1, 1), ("mlp_only_layers", [], []), ("norm_topk_prob", False, True)):
        _expect(f"{where}.{name}", settings.get(name, absent), expected)
    experts = Experts(*(_size(settings, name, where) for name in ("num_experts", "num_experts_per_tok", "moe_intermediate_size")))
    if experts.active > experts.count:
        raise UnsupportedConfiguration(f"{where}.num_experts_per_tok: {experts.active}; expected at most num_experts = {experts.count}")
    return experts


def _transformer(settings: Mapping[str, Any], where: str, kinds: tuple[str, ...] = ("qwen3",)) -> TransformerSizes:
    if settings.get("model_type") not in kinds:
        raise UnsupportedConfiguration(f"{where}.model_type: {settings.get('model_type')!r}; expected {' or '.join(map(repr, kinds))}")
    _expect(f"{where}.hidden_act", settings["hidden_act"], "silu")
    _expect(f"{where}.rope_scaling", settings["rope_scaling"], None)
    if settings["use_sliding_window"]:
        _expect(f"{where}.max_window_layers", settings["max_window_layers"], 0, "a window in every layer")
    sizes = TransformerSizes(
        hidden=_size(settings, "hidden_size", where),
        layers=_size(settings, "num_hidden_layers", where),
        heads=_size(settings, "num_attention_heads", where),
        key_value_heads=_size(settings, "num_key_value_heads", where),
        head_size=_size(settings, "head_dim", where),
        feed_forward=_size(settings, "intermediate_size", where),
        epsilon=float(settings["rms_norm_eps"]),
        rope_theta=float(settings["rope_theta"]),
        attention_bias=bool(settings["attention_bias"]),
        window=_size(settings, "sliding_window", where) if settings["use_sliding_window"] else None,
        experts=_experts(settings, where),
    )
    if sizes.heads % sizes.key_value_heads:
        raise UnsupportedConfiguration(
            f"{where}.num_key_value_heads: {sizes.key_value_heads}; "
            f"expected a divisor of num_attention_heads = {sizes.heads}"
        )
    # The rotation pairs the two halves of a head.
    if sizes.head_size % 2:
        raise UnsupportedConfiguration(f"{where}.head_dim: {sizes.head_size}; expected an even number")
    return sizes


def _encoder(audio: Mapping[str, Any]) -> EncoderSizes:
    sizes = EncoderSizes(
        mel_bins=_size(audio, "num_mel_bins", "audio_config"),
        width=_size(audio, "d_model", "audio_config"),
        layers=_size(audio, "encoder_layers", "audio_config"),
        heads=_size(audio, "encoder_attention_heads", "audio_config"),
        feed_forward=_size(audio, "encoder_ffn_dim", "audio_config"),
        activation=audio["activation_function"],
        window_frames=2 * _size(audio, "n_window", "audio_config"),
    )
    # Whole windows must pool without a remainder, or a frame would join two windows.
    if sizes.window_frames % 4:
        raise UnsupportedConfiguration(f"audio_config.n_window: {audio['n_window']}; expected an even number")
    if sizes.width % (2 * sizes.heads):
        raise UnsupportedConfiguration(
            f"audio_config.d_model: {sizes.width}; "
            f"expected an even multiple of encoder_attention_heads = {sizes.heads}"
        )
    if sizes.window_frames // 2 > int(audio["max_source_positions"]):
        raise UnsupportedConfiguration(
            f"audio_config.n_window: {audio['n_window']}; "
            f"expected at most max_source_positions = {audio['max_source_positions']}"
        )
    return sizes


def _text_ids(config: Mapping[str, Any], text: Mapping[str, Any], generation: Mapping[str, Any]) -> dict[str, Any]:
    end = generation.get("eos_token_id")
    end = text.get("eos_token_id") if end is None else end
    end_of_turn = [end] if isinstance(end, int) else list(end or [])
    if not end_of_turn:
        raise UnsupportedConfiguration("eos_token_id: absent from generation_config.json and text_config; expected ids")
    pads = [settings.get("pad_token_id") for settings in (text, generation)]
    ids = {
        "pad": next((pad for pad in pads if pad is not None), end_of_turn[0]),
        "endOfTurn": end_of_turn,
        "audio": config.get("audio_token_index"),
        "audioBegin": text.get("audio_bos_index"),
        "audioEnd": text.get("audio_eos_index"),
        "silence": text.get("sil_index"),
    }
    vocabulary = int(text["vocab_size"])
    for name, value in ids.items():
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, int) or not 0 <= each < vocabulary:
                raise UnsupportedConfiguration(f"text id {name}: {each}; expected an id below vocab_size = {vocabulary}")
    return ids


def _speech_ids(audio: Mapping[str, Any]) -> dict[str, int]:
    ids = {name: audio.get(key) for name, key in (("begin", "bos_token_id"), ("end", "eos_token_id"), ("pad", "pad_token_id"))}
    codebook = _size(audio, "codebook_size", "audio_config")
    for name, value in ids.items():
        if not isinstance(value, int) or not 0 <= value < codebook:
            raise UnsupportedConfiguration(f"speech id {name}: {value}; expected an id below codebook_size = {codebook}")
    # The special ids follow the codes.
    return {**ids, "codes": min(ids.values())}


def _section(settings: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    section = settings.get(name)
    if not isinstance(section, Mapping):
        raise UnsupportedConfiguration(f"{where} {name}: {section!r}; expected a section")
    return section


def _size(settings: Mapping[str, Any], name: str, where: str) -> int:
    value = settings.get(name)
    if not isinstance(value, int) or value < 1:
        raise UnsupportedConfiguration(f"{where}.{name}: {value!r}; expected a positive number")
    return value


def _expect(name: str, value: Any, expected: Any, meaning: str = "") -> None:
    if value != expected:
        raise UnsupportedConfiguration(f"{name}: {value!r}; expected {expected!r}{f' ({meaning})' if meaning else ''}")
