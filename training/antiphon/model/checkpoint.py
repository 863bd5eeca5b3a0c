"""Checkpoints in the released layout: config.json, model.safetensors, tokenizer files, generation_config.json."""
from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from .configuration import ModelConfiguration
from .dialogue import DialogueModel

TABLE = "audio_tower.embed_tokens.weight"
DIGITS = "audio_tower.embed_tokens.digits"


def released_state(model: DialogueModel, dtype: torch.dtype = torch.float16) -> dict[str, torch.Tensor]:
    """The model's tensors under released names: the speech table as the plain sum, tied heads left out."""
    state = {k: v.detach() for k, v in model.state_dict().items() if k != DIGITS}
    state[TABLE] = model.audio_tower.embed_tokens.table().detach()
    return {k: v.to(dtype).contiguous() for k, v in state.items()}


def save(model: DialogueModel, directory: str | Path, tokenizer: str | Path | None = None,
         dtype: torch.dtype = torch.float16) -> None:
    """Writes a checkpoint directory. `tokenizer`: directory whose tokenizer files are copied beside it."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    model.c.write(directory / "config.json", str(dtype).removeprefix("torch."))
    partial = directory / "model.safetensors.partial"
    save_file(released_state(model, dtype), partial, metadata={"format": "pt"})
    partial.chmod(0o644)
    partial.replace(directory / "model.safetensors")
    special = model.c.special
    (directory / "generation_config.json").write_text(json.dumps({
        "bos_token_id": special.pad, "pad_token_id": special.pad, "eos_token_id": special.end,
        "do_sample": False, "transformers_version": "4.52.3",
    }, indent=1) + "\n")
    if tokenizer is not None:
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copyfile(Path(tokenizer) / name, directory / name)


def load(directory: str | Path, factored: bool = False) -> DialogueModel:
    """Reads a checkpoint directory in float32. Raises ValueError naming missing or unexpected tensors."""
    directory = Path(directory)
    model = DialogueModel(ModelConfiguration.read(directory / "config.json"), factored)
    load_into(model, load_file(directory / "model.safetensors"), str(directory))
    return model.eval()


def load_into(model: DialogueModel, tensors: dict[str, torch.Tensor], origin: str) -> None:
    """Copies released tensors into the model; a factored speech table starts with zero digits. Names must match."""
    tensors = {k: v.float() for k, v in tensors.items()
               if k != "audio_invert_tower.lm_head.weight"
               and not (model.c.tie_word_embeddings and k == "language_model.lm_head.weight")}
    if model.audio_tower.embed_tokens.digits is not None:
        tensors[DIGITS] = torch.zeros_like(model.audio_tower.embed_tokens.digits)
    missing = sorted(set(model.state_dict()) - set(tensors))
    unexpected = sorted(set(tensors) - set(model.state_dict()))
    if missing or unexpected:
        raise ValueError(f"{origin}: missing tensors {missing}, unexpected tensors {unexpected}")
    model.load_state_dict(tensors)
