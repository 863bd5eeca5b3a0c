"""``python -m antiphon.export.reference_cases REFERENCE OUT``: a small random checkpoint and reference cases for it.

REFERENCE is a checkout of github.com/FunAudioLLM/Fun-Audio-Chat, whose model class computes everything (transformers 4.52.3,
float32). The sizes are drawn from the seed: group size, layers, head counts and sizes, codebook, tied or untied embeddings.
``--attention sdpa`` is how the released weights run; ``eager`` mixes the positions of the encoder.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.numpy import save_file

from antiphon.export.checkpoint import Checkpoint
from antiphon.export.parity import MODES, NEW_POSITIONS

SECONDS = (0.31, 2.0, 2.05, 3.37, 7.93)
"""Lengths of the recordings: less than a window, exactly one, a tiny rest, a half one, several."""
SAMPLE_RATE = 16000


def random_configuration(seed: int, window: int | None = None) -> dict[str, Any]:
    """A ``config.json`` with sizes drawn from ``seed``; the special ids are the last ones of each vocabulary.

    ``window``: keys that a query of the refined head sees, None for all.
    """
    random = np.random.default_rng(seed)
    pick = lambda *values: int(random.choice(values))
    vocabulary, codebook, hidden = pick(211, 304, 400), pick(97, 260, 733), pick(48, 64, 80)
    text = _transformer(pick, hidden, pick(1, 2, 3), rope_theta=float(pick(10000, 1000000, 5000000)))
    head = _transformer(pick, pick(32, 48, 64), pick(1, 2, 3), rope_theta=1000000.0)
    if window:
        head |= {"use_sliding_window": True, "sliding_window": window, "max_window_layers": 0}
    encoder_heads = pick(2, 3, 4)
    return {
        "model_type": "funaudiochat",
        "audio_token_index": vocabulary - 5,
        "hidden_size": hidden,
        "text_config": {
            **text, "vocab_size": vocabulary, "max_position_embeddings": 4096, "tie_word_embeddings": bool(pick(0, 1)),
            "pad_token_id": vocabulary - 7, "bos_token_id": vocabulary - 7, "eos_token_id": vocabulary - 6,
            "audio_bos_index": vocabulary - 4, "audio_eos_index": vocabulary - 3, "sil_index": vocabulary - 2,
        },
        "audio_config": {
            "model_type": "funaudiochat_audio_encoder", "d_model": encoder_heads * pick(8, 16), "encoder_layers": pick(1, 2, 3),
            "encoder_attention_heads": encoder_heads, "encoder_ffn_dim": pick(48, 96), "output_dim": hidden,
            "group_size": pick(2, 3, 4, 5, 7), "codebook_size": codebook, "bos_token_id": codebook - 4,
            "eos_token_id": codebook - 3, "pad_token_id": codebook - 1, "crq_transformer_config": {**head, "vocab_size": 16},
        },
    }


def _transformer(pick: Any, hidden: int, layers: int, rope_theta: float) -> dict[str, Any]:
    key_value_heads = pick(1, 2, 3)
    return {
        "model_type": "qwen3", "hidden_size": hidden, "intermediate_size": pick(64, 96, 128), "num_hidden_layers": layers,
        "num_attention_heads": key_value_heads * pick(1, 2, 3), "num_key_value_heads": key_value_heads, "head_dim": pick(8, 16, 24, 32),
        "rope_theta": rope_theta, "rms_norm_eps": 1e-6, "max_position_embeddings": 40960, "attention_bias": bool(pick(0, 1)),
    }


class ReferenceModel:
    """The reference's model class with random weights of a configuration, or with those of a checkpoint in the released layout."""

    def __init__(self, checkout: Path, configuration: dict[str, Any], seed: int, attention: str, checkpoint: Path | None = None):
        if not (checkout / "funaudiochat").is_dir():
            raise FileNotFoundError(f"{checkout / 'funaudiochat'}: no such folder; expected a checkout of Fun-Audio-Chat")
        if str(checkout) not in sys.path:
            sys.path.insert(0, str(checkout))
        from funaudiochat.configuration_funaudiochat import FunAudioChatConfig
        from funaudiochat.modeling_funaudiochat import FunAudioChatForConditionalGeneration
        from transformers import WhisperFeatureExtractor

        settings = json.loads(json.dumps(configuration))  # the class changes what it is given
        self.configuration = configuration
        config = FunAudioChatConfig(**settings)
        config._attn_implementation = attention
        self.model = FunAudioChatForConditionalGeneration._from_config(config, attn_implementation=attention).eval().float()
        if checkpoint is None:
            _randomise(self.model, torch.Generator().manual_seed(seed))
        else:
            _load(self.model, checkpoint)
        self.model.tie_weights()
        self._extractor = WhisperFeatureExtractor(feature_size=config.audio_config.num_mel_bins)

    def save(self, folder: Path) -> None:
        """Writes ``config.json`` as it was given and ``model.safetensors`` without the tied tensors."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps(self.configuration, indent=1) + "\n")
        tied = {"audio_invert_tower.lm_head.weight"}
        if self.configuration["text_config"]["tie_word_embeddings"]:
            tied.add("language_model.lm_head.weight")
        state = {name: value.numpy().copy() for name, value in self.model.state_dict().items() if name not in tied}
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})

    @torch.no_grad()
    def case(self, wave: np.ndarray, before: list[int], after: list[int]) -> dict[str, np.ndarray]:
        """All tensors of one case; the prompt is ``before``, the audio between its begin and end, ``after``."""
        text, audio = self.configuration["text_config"], self.configuration["audio_config"]
        group = audio["group_size"]
        frames = int(len(wave) / SAMPLE_RATE * 25)
        groups = -(-frames // group)
        placeholders = [self.configuration["audio_token_index"]] * groups
        prompt = [*before, text["audio_bos_index"], *placeholders, text["audio_eos_index"], *after]
        features = self._extractor(wave, sampling_rate=SAMPLE_RATE, return_attention_mask=True, padding="max_length", return_tensors="pt")
        length = int(features["attention_mask"].sum())
        inputs = {
            "input_ids": torch.tensor([prompt]),
            "attention_mask": torch.ones(1, len(prompt), dtype=torch.long),
            "input_features": features["input_features"],
            "feature_attention_mask": features["attention_mask"],
            "speech_ids": torch.full((1, groups * group), audio["pad_token_id"]),
            "speech_attention_mask": (torch.arange(groups * group) < frames).long()[None],
            "feature_exist_mask": torch.ones(1, dtype=torch.bool),
        }
        encoded, _ = self.model.get_audio_features(
            features["input_features"], feature_attention_mask=features["attention_mask"], speech_maxlen=groups * group
        )
        mean = encoded.reshape(1, groups, group, -1).mean(2)
        values = {
            "wav": wave, "mel": features["input_features"][0, :, :length].numpy(), "encoder": encoded[0].numpy(),
            "groups": self.model.audio_tower.continual_output_matching(mean)[0].numpy(),
            "prompt_ids": np.array(prompt, np.int32),
        }
        self.model.sp_gen_kwargs["disable_speech"] = True
        output = self.model(**_copy(inputs))
        values |= {"hidden": output.hidden_states[-1][0].numpy(), "text_logits": output.text_logits[0, -1].numpy()}
        for mode, (speech, penalty, _) in MODES.items():
            self.model.sp_gen_kwargs.update(
                text_greedy=mode == "speech", disable_speech=not speech, force_text_abos=speech, only_crq_sampling=True
            )
            text_ids, speech_ids = self.model.generate(
                **_copy(inputs), max_new_tokens=NEW_POSITIONS, do_sample=False, repetition_penalty=penalty,
                eos_token_id=text["eos_token_id"], pad_token_id=text["pad_token_id"],
            )
            values[f"{mode}.text_ids"] = text_ids[0, len(prompt):].numpy().astype(np.int32)
            values[f"{mode}.speech_ids"] = speech_ids[0].numpy().astype(np.int32)
        return {name: np.ascontiguousarray(value) for name, value in values.items()}


def _copy(inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in inputs.items()}


def _load(model: torch.nn.Module, checkpoint: Path) -> None:
    """Every stored tensor as float32; only tied ones may be absent."""
    stored: set[str] = set()
    parameters = dict(model.named_parameters())
    for file in Checkpoint(checkpoint).weight_files:
        with safe_open(checkpoint / file, framework="pt") as tensors:
            for name in tensors.keys():
                if name not in parameters:
                    raise ValueError(f"{checkpoint / file}: the reference has no tensor {name}")
                parameters[name].data.copy_(tensors.get_tensor(name))
                stored.add(name)
    absent = set(parameters) - stored - {"audio_invert_tower.lm_head.weight", "language_model.lm_head.weight"}
    if absent:
        raise ValueError(f"{checkpoint}: the reference expects the tensor {sorted(absent)[0]}")


def _randomise(model: torch.nn.Module, generator: torch.Generator) -> None:
    """Weights of the size that keeps activations near 1, so that no stage hides another's error."""
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if parameter.dim() == 1:
            parameter.data = (0.0 if name.endswith("bias") else 1.0) + 0.1 * noise
        elif "embed" in name or "lm_head" in name:
            parameter.data = noise
        else:
            parameter.data = noise / parameter[0].numel() ** 0.5


def write_cases(model: ReferenceModel, folder: Path, seed: int) -> None:
    """Saves ``cases.json`` and ``cases.safetensors`` for recordings of SECONDS and random text around them."""
    random = np.random.default_rng(seed)
    ordinary = model.configuration["audio_token_index"] - 2
    tensors, listed = {}, []
    for case, seconds in enumerate(SECONDS):
        before, after = (random.integers(0, ordinary, random.integers(3, 13)).tolist() for _ in range(2))
        values = model.case(_recording(seconds, random), before, after)
        tensors |= {f"{case}.{name}": value for name, value in values.items()}
        frames, groups = int(seconds * 25), len(values["groups"])
        listed.append({"case": case, "seconds": seconds, "frames": frames, "groups": groups, "prompt_ids": values["prompt_ids"].tolist()})
    save_file(tensors, folder / "cases.safetensors")
    (folder / "cases.json").write_text(json.dumps(listed, indent=1) + "\n")


def _recording(seconds: float, random: np.random.Generator) -> np.ndarray:
    """Tones that come and go over a little noise."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tones = sum(
        np.sin(2 * np.pi * frequency * time + phase) * np.maximum(0, np.sin(2 * np.pi * rate * time))
        for frequency, rate, phase in zip(random.uniform(100, 3000, 6), random.uniform(0.2, 3, 6), random.uniform(0, 6, 6))
    )
    return (0.1 * tones + 0.005 * random.standard_normal(len(time))).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(prog="antiphon.export.reference_cases", description=__doc__)
    parser.add_argument("reference", type=Path, help="checkout of Fun-Audio-Chat")
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--window", type=int, help="sliding window of the refined head; with random sizes")
    parser.add_argument("--config", type=Path, help="config.json to use instead of random sizes")
    parser.add_argument("--checkpoint", type=Path, help="its weights instead of random ones; only the cases are written")
    parser.add_argument("--attention", choices=("sdpa", "eager"), default="sdpa")
    arguments = parser.parse_args()
    given = arguments.config or (arguments.checkpoint and arguments.checkpoint / "config.json")
    configuration = json.loads(given.read_text()) if given else random_configuration(arguments.seed, arguments.window)
    model = ReferenceModel(arguments.reference, configuration, arguments.seed, arguments.attention, arguments.checkpoint)
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.checkpoint is None:
        model.save(arguments.out)
    write_cases(model, arguments.out, arguments.seed)


if __name__ == "__main__":
    main()
