"""Everything that can be wrong with downloaded files is said in one sentence that names the file."""

import hashlib
import json

import pytest
import torch
from safetensors.torch import save_file

from antiphon.export.checkpoint import Checkpoint, InvalidCheckpoint


@pytest.fixture
def sharded(tmp_path):
    """A folder with two shards, their index and a config.json."""
    save_file({"a": torch.ones(8, 4)}, tmp_path / "model-1.safetensors")
    save_file({"b": torch.zeros(3)}, tmp_path / "model-2.safetensors")
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    (tmp_path / "config.json").write_text('{"model_type": "funaudiochat"}')
    return tmp_path


def _refused(folder, message):
    with pytest.raises(InvalidCheckpoint) as error:
        Checkpoint(folder)
    assert message in str(error.value) and "\n" not in str(error.value)


def test_missing_shards_are_counted_and_named(sharded):
    (sharded / "model-2.safetensors").unlink()
    _refused(sharded, "1 of 2 shards are missing (model-2.safetensors)")


def test_a_shard_cut_short_is_named_with_both_sizes(sharded):
    file = sharded / "model-1.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    _refused(sharded, f"model-1.safetensors: {len(whole) - 1} bytes; its header implies {len(whole)}, so it was cut short")
    file.write_bytes(whole[:30])
    _refused(sharded, "model-1.safetensors: 30 bytes without a safetensors header")
    file.write_bytes(b"")
    _refused(sharded, "model-1.safetensors: 0 bytes without a safetensors header")


def test_pointers_are_told_apart_from_files(sharded):
    (sharded / "model-2.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 7\n")
    _refused(sharded, "model-2.safetensors: a Git LFS pointer")
    (sharded / "config.json").write_text("version https://git-lfs.github.com/spec/v1\n")
    _refused(sharded, "config.json: a Git LFS pointer")


def test_an_index_of_other_shards_is_refused(sharded):
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model-1.safetensors"}}
    (sharded / "model.safetensors.index.json").write_text(json.dumps(index))
    _refused(sharded, "model-1.safetensors: has no tensor b, which model.safetensors.index.json expects there")
    (sharded / "model.safetensors.index.json").write_text('{"metadata": {}}')
    _refused(sharded, "model.safetensors.index.json: no weight_map")
    (sharded / "model.safetensors.index.json").write_text('{"weight_')
    _refused(sharded, "model.safetensors.index.json: not JSON")


def test_hashes_are_compared_where_they_are_known(sharded):
    checkpoint = Checkpoint(sharded)
    assert checkpoint.check_hashes() == ["model-1.safetensors", "model-2.safetensors"]
    hashes = {file: hashlib.sha256((sharded / file).read_bytes()).hexdigest() for file in checkpoint.weight_files}
    (sharded / "SHA256SUMS").write_text(f"{hashes['model-1.safetensors']}  model-1.safetensors\n")
    notes = sharded / ".cache/huggingface/download/model-2.safetensors.metadata"
    notes.parent.mkdir(parents=True)
    notes.write_text(f"commit\n{hashes['model-2.safetensors']}\n1.0\n")
    assert checkpoint.check_hashes() == []
    notes.write_text(f"commit\n{'0' * 64}\n1.0\n")
    with pytest.raises(InvalidCheckpoint, match=f"model-2.safetensors: SHA-256 {hashes['model-2.safetensors']}; expected 0000"):
        checkpoint.check_hashes()


def test_fingerprints_tell_checkpoints_apart(sharded):
    before = Checkpoint(sharded).fingerprint()
    assert Checkpoint(sharded).fingerprint() == before
    save_file({"a": torch.full((8, 4), 2.0)}, sharded / "model-1.safetensors")
    assert Checkpoint(sharded).fingerprint() != before
