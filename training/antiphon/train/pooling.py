"""Fewer key-value heads for the refined head of a trained checkpoint, each the mean of those that it replaces.

`python -m antiphon.train.pooling CHECKPOINT OUT --heads 1`

The head reads its whole cache five times for every group, so that its width decides how many conversations a core holds.
Some further training must follow (Ainslie et al. 2023, GQA, section 2.1).
"""
from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from antiphon.model import DialogueModel, checkpoint

POOLED = (".k_proj.weight", ".v_proj.weight")


def pool(weight: torch.Tensor, heads: int, head_dim: int) -> torch.Tensor:
    """[old heads · head_dim, n] → [heads · head_dim, n]: means over neighbouring heads."""
    old = weight.shape[0] // head_dim
    if heads < 1 or old % heads:
        raise ValueError(f"heads={heads}: expected a divisor of the {old} key-value heads that are there")
    return weight.view(heads, old // heads, head_dim, -1).mean(1).reshape(heads * head_dim, -1)


def pooled(model: DialogueModel, heads: int) -> DialogueModel:
    """The same model with `heads` key-value heads in the refined head."""
    c = model.c
    size = c.head.head_dim
    state = {name: pool(tensor, heads, size) if name.startswith("audio_invert_tower.") and name.endswith(POOLED) else tensor
             for name, tensor in model.state_dict().items()}
    result = DialogueModel(replace(c, head=replace(c.head, num_key_value_heads=heads)), model.audio_tower.embed_tokens.digits is not None)
    result.load_state_dict(state)
    return result


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("checkpoint", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--heads", type=int, default=1)
    options = arguments.parse_args()
    checkpoint.save(pooled(checkpoint.load(options.checkpoint), options.heads), options.out, options.checkpoint)


if __name__ == "__main__":
    main()
