"""The encoder in batches, the running maximum, and checkpoints."""
import numpy as np
import pytest
import torch

from antiphon.model import DialogueModel, LogMel, ModelConfiguration, audio_groups, load, save
from antiphon.model.configuration import SpecialTokens, toy
from antiphon.train.audio import Features, encode_batch

SPECIAL = SpecialTokens(pad=0, end=1, audio=2, audio_bos=3, audio_eos=4, sil=5)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return DialogueModel(toy(SPECIAL, 60), factored=True).eval()


def wave(seconds, seed=0):
    generator = np.random.default_rng(seed)
    return (generator.standard_normal(int(seconds * 16000)) * 0.1).astype(np.float32)


@torch.no_grad()
def test_recordings_in_one_batch_equal_each_alone(model):
    features = Features()
    recordings = [features.recording(features.log_mel.raw(torch.from_numpy(wave(s, n))), int(s * 16000), "", None, "v")
                  for n, s in enumerate((0.31, 2.0, 2.05, 4.4, 1.13))]
    encoded = encode_batch(model, recordings, torch.float32, want_hidden=True)
    for start, recording in zip(encoded.group_starts, recordings):
        _, groups = model.encode(recording.mel, recording.samples)
        assert len(groups) == recording.groups == audio_groups(recording.samples)
        assert torch.allclose(encoded.groups[start: start + recording.groups], groups, atol=1e-5)
    assert encoded.lengths50 == [(len(r.mel) - 1) // 2 + 1 for r in recordings]


@torch.no_grad()
def test_a_finished_window_does_not_change_with_what_follows(model):
    features = LogMel()
    short, long = wave(2.0), np.concatenate([wave(2.0), 1000 * wave(1.5, 1)])
    first = model.encode(features(torch.from_numpy(short), running=True)[:190], 190 * 160)[0]
    second = model.encode(features(torch.from_numpy(long), running=True), len(long))[0]
    assert second.shape[0] > first.shape[0]
    running = features(torch.from_numpy(long), running=True)
    whole = features(torch.from_numpy(long))
    alone = features(torch.from_numpy(short), running=True)
    assert torch.allclose(running[:197], alone[:197], atol=1e-5)
    assert not torch.allclose(running[:197], whole[:197], atol=1e-2)
    assert torch.allclose(running[200:], whole[200:])


def test_empty_recording_is_refused():
    with pytest.raises(ValueError, match="empty"):
        LogMel().raw(torch.zeros(0))


def test_checkpoint_keeps_every_tensor_and_the_sum_of_the_factored_table(model, tmp_path):
    save(model, tmp_path, dtype=torch.float32)
    again = load(tmp_path)
    assert torch.allclose(again.audio_tower.embed_tokens.table(), model.audio_tower.embed_tokens.table(), atol=1e-6)
    assert again.c == model.c
    for name, tensor in again.state_dict().items():
        if "audio_tower.embed_tokens" not in name:
            assert torch.equal(tensor, model.state_dict()[name])


def test_missing_tensors_are_named(model, tmp_path):
    from safetensors.torch import load_file, save_file
    save(model, tmp_path, dtype=torch.float32)
    tensors = load_file(tmp_path / "model.safetensors")
    del tensors["audio_tower.output_matching.weight"]
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match="audio_tower.output_matching.weight"):
        load(tmp_path)


def test_configuration_round_trip_and_refusals(model, tmp_path):
    path = tmp_path / "config.json"
    model.c.write(path)
    assert ModelConfiguration.read(path) == model.c
    path.write_text(path.read_text().replace('"replace"', '"add"'))
    with pytest.raises(ValueError, match="continuous_features_mode='add'"):
        ModelConfiguration.read(path)
