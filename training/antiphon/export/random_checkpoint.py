"""``python -m antiphon.export.random_checkpoint OUT``: a checkpoint of released names, widths and layout with random weights.

bf16 shards of at most 4 GB and their index. Every tensor has a seed of its own from its name, so that no two rows of an embedding are equal
and a checkpoint with fewer layers holds the same numbers. What a released checkpoint costs to export, load and run is measured
on these; what it says is not.
"""

from __future__ import annotations

import argparse
import json
import struct
import zlib
from pathlib import Path
from typing import Any, Iterator

import torch

from antiphon.export.by_weights import graphs_by_weights
from antiphon.export.checkpoint import INDEX, Checkpoint, StoredTensor
from antiphon.export.configuration import Experts, read_configuration
from antiphon.export.graph import Graph
from antiphon.export.speech_encoder import encoder_graph, grouping_graph
from antiphon.export.weights import SourceWeights

_SHARD = 4 << 30
_AT_ONCE = 1 << 24
_NOT_READ = {"continuous_audio_tower.audio_bos_eos_token.weight": (2, "output_dim")}
"""Tensors of a released checkpoint that no graph needs."""


def released_configuration(size: str, layers: int | None = None, vocabulary: int = 151936) -> dict[str, Any]:
    """``config.json`` of Fun-Audio-Chat ``8b`` or ``30b-a3b``; ``layers`` in each of its three transformers instead of the released numbers."""
    deep = lambda released: released if layers is None else min(layers, released)
    audio = {
        "model_type": "funaudiochat_audio_encoder", "d_model": 1280, "encoder_layers": deep(32), "encoder_attention_heads": 20,
        "encoder_ffn_dim": 5120, "num_mel_bins": 128, "n_window": 100, "max_source_positions": 1500, "activation_function": "gelu",
        "group_size": 5, "codebook_size": 6565, "bos_token_id": 6561, "eos_token_id": 6562, "pad_token_id": 6564,
        "continuous_features_mode": "replace", "enable_audio_invert_tower": True,
        "crq_transformer_config": {
            "model_type": "qwen3", "hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": deep(28), "num_attention_heads": 16,
            "num_key_value_heads": 8, "head_dim": 128, "rope_theta": 1000000.0, "rms_norm_eps": 1e-6, "max_position_embeddings": 32768,
            "vocab_size": 151936, "tie_word_embeddings": True, "attention_bias": False,
        },
    }
    text = {
        "8b": {
            "model_type": "qwen3", "hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": deep(36), "num_attention_heads": 32,
            "num_key_value_heads": 8, "rope_theta": 5000000.0,
        },
        "30b-a3b": {
            "model_type": "qwen3_moe", "hidden_size": 2048, "intermediate_size": 6144, "moe_intermediate_size": 768, "num_experts": 128,
            "num_experts_per_tok": 8, "norm_topk_prob": True, "decoder_sparse_step": 1, "mlp_only_layers": [],
            "num_hidden_layers": deep(48), "num_attention_heads": 32, "num_key_value_heads": 4, "rope_theta": 10000000.0,
        },
    }[size]
    special = vocabulary - 151936  # a smaller vocabulary keeps the places from its end
    text |= {
        "head_dim": 128, "rms_norm_eps": 1e-6, "max_position_embeddings": 40960, "tie_word_embeddings": False, "attention_bias": False,
        "vocab_size": vocabulary, "pad_token_id": 151643 + special, "bos_token_id": 151643 + special, "eos_token_id": 151645 + special,
        "audio_bos_index": 151670 + special, "audio_eos_index": 151671 + special, "sil_index": 151673 + special,
    }
    audio["output_dim"] = text["hidden_size"]
    return {
        "model_type": "funaudiochat", "architectures": ["FunAudioChatForConditionalGeneration"], "torch_dtype": "bfloat16",
        "audio_token_index": 151669 + special, "hidden_size": text["hidden_size"], "text_config": text, "audio_config": audio,
    }


def tensor_shapes(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Names and shapes of all tensors of a checkpoint with this configuration: what the graphs ask for."""
    recorder = _Recorder(config)
    configuration = read_configuration(config, {})
    for graph in (encoder_graph, grouping_graph):
        graph(recorder, configuration)
    graphs_by_weights(recorder, configuration, _AllExperts(recorder))
    for name, (rows, width) in _NOT_READ.items():
        recorder.shapes[name] = (rows, config["audio_config"][width])
    return recorder.shapes


class _Recorder(Checkpoint):
    """A checkpoint that has every tensor and notes which were asked for."""

    def __init__(self, config: dict[str, Any]):
        self.config, self.generation_config, self.shapes = config, {}, {}

    def has(self, name: str) -> bool:
        return False

    def tensor(self, name: str, shape: tuple[int, ...]) -> StoredTensor:
        self.shapes[name] = tuple(shape)
        return StoredTensor("absent", "BF16", tuple(shape), 0, 2 * torch.Size(shape).numel())


class _AllExperts(SourceWeights):
    """Asks for every expert."""

    def __init__(self, recorder: _Recorder):
        self._recorder = recorder

    def experts(self, graph: Graph, x: str, logits: str, prefix: str, experts: Experts, width: int) -> str:
        for number in range(experts.count):
            for name, shape in (("gate_proj", (experts.feed_forward, width)), ("up_proj", (experts.feed_forward, width)), ("down_proj", (width, experts.feed_forward))):
                self._recorder.tensor(f"{prefix}.{number}.{name}.weight", shape)
        return x


def write_random_checkpoint(folder: Path, config: dict[str, Any], seed: int = 0, shard: int = _SHARD) -> int:
    """Writes the checkpoint and returns its weights' bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    shards: list[dict[str, tuple[int, ...]]] = [{}]
    filled = 0
    for name, shape in tensor_shapes(config).items():
        length = 2 * torch.Size(shape).numel()
        if filled and filled + length > shard:
            shards.append({})
            filled = 0
        shards[-1][name] = shape
        filled += length
    weight_map, total = {}, 0
    for number, shapes in enumerate(shards, 1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors"
        header, offset = {"__metadata__": {"format": "pt"}}, 0
        for name, shape in shapes.items():
            length = 2 * torch.Size(shape).numel()
            header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [offset, offset + length]}
            offset += length
            weight_map[name] = file
        text = json.dumps(header).encode()
        with open(folder / file, "wb") as stream:
            stream.write(struct.pack("<Q", len(text)) + text)
            for name, shape in shapes.items():
                for part in _values(name, shape, seed):
                    stream.write(part.view(torch.uint8).numpy().data)
        total += offset
    (folder / INDEX).write_text(json.dumps({"metadata": {"total_size": total}, "weight_map": weight_map}, indent=1) + "\n")
    return total


def _values(name: str, shape: tuple[int, ...], seed: int) -> Iterator[torch.Tensor]:
    """The tensor's numbers in bf16, piece by piece, of the size that keeps activations near 1."""
    generator = torch.Generator().manual_seed(zlib.crc32(f"{seed} {name}".encode()))
    count, vector = torch.Size(shape).numel(), len(shape) == 1
    fan_in = count // shape[0]
    offset = 1.0 if vector and not name.endswith("bias") else 0.0
    scale = 0.1 if vector else 1.0 if "embed" in name else fan_in**-0.5
    for first in range(0, count, _AT_ONCE):
        part = torch.randn(min(_AT_ONCE, count - first), generator=generator)
        yield part.mul_(scale).add_(offset).bfloat16()


def main() -> None:
    parser = argparse.ArgumentParser(prog="antiphon.export.random_checkpoint", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", choices=("8b", "30b-a3b"), default="8b")
    parser.add_argument("--layers", type=int, help="in each transformer; the released numbers if left out")
    parser.add_argument("--vocabulary", type=int, default=151936)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    config = released_configuration(arguments.size, arguments.layers, arguments.vocabulary)
    total = write_random_checkpoint(arguments.out, config, arguments.seed)
    print(f"{arguments.out}: {total / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
