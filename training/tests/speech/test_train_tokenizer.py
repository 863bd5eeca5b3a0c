"""Losses of the speech tokenizer, and a training that goes on where it was stopped."""
import sys

import pytest
import torch

from antiphon.speech import train_tokenizer
from antiphon.speech.corpus import write_features
from antiphon.speech.features import MEL_BINS
from antiphon.speech.styles import NEUTRAL, STYLES
from antiphon.speech.teacher import write_corpus
from antiphon.speech.tokenizer import SpeechTokenizer, save_encoder
from antiphon.speech.train_tokenizer import loudness, reconstruction_losses, total_loss


def test_a_louder_copy_differs_by_its_level_alone():
    true = torch.randn(2, 40, MEL_BINS + 2)
    louder = true.clone()
    louder[..., :MEL_BINS] += 0.25
    assert torch.allclose(loudness(louder[..., :MEL_BINS]) - loudness(true[..., :MEL_BINS]), torch.tensor(0.25), atol=1e-5)
    losses = reconstruction_losses(louder, torch.cat([true[..., :-1], (true[..., -1:] > 0).float()], -1))
    assert losses["level"].item() == pytest.approx(0.25, abs=1e-4) and losses["mel"].item() == pytest.approx(0.25, abs=1e-4)
    assert losses["delta"].item() == pytest.approx(0, abs=1e-5)
    assert total_loss(losses) > 0.5


def test_a_stopped_training_goes_on(tmp_path, monkeypatch, capsys):
    write_corpus([("You are welcome.", NEUTRAL), ("It barks.", STYLES["louder"]), ("It meows.", NEUTRAL)], tmp_path / "voice", report=lambda line: None)
    write_features(tmp_path / "voice")
    arguments = ["train_tokenizer", str(tmp_path / "voice"), "--check", str(tmp_path / "voice"), "--out", str(tmp_path / "t.pt"), "--batch", "1",
                 "--tokens", "20"]
    for minutes in ("0.02", "0.05"):
        monkeypatch.setattr(sys, "argv", [*arguments, "--minutes", minutes])
        train_tokenizer.main()
    printed = capsys.readouterr().out
    first = torch.load(tmp_path / "t.pt.state")
    assert "goes on after" in printed and first["step"] >= 2 and first["spent"] >= 3.0
    assert (tmp_path / "t.figures.json").exists() and (tmp_path / "t.safetensors").exists()


def test_a_kept_encoder_keeps_its_ids_while_a_decoder_learns(tmp_path, monkeypatch):
    write_corpus([("You are welcome.", NEUTRAL), ("It barks.", NEUTRAL)], tmp_path / "voice", report=lambda line: None)
    write_features(tmp_path / "voice")
    torch.manual_seed(5)
    save_encoder(SpeechTokenizer(), tmp_path / "kept.safetensors")
    monkeypatch.setattr(sys, "argv", ["train_tokenizer", str(tmp_path / "voice"), "--check", str(tmp_path / "voice"), "--out", str(tmp_path / "t.pt"),
                                      "--batch", "1", "--tokens", "20", "--minutes", "0.03", "--encoder", str(tmp_path / "kept.safetensors")])
    train_tokenizer.main()
    assert (tmp_path / "t.safetensors").read_bytes() == (tmp_path / "kept.safetensors").read_bytes()
    torch.manual_seed(1)
    before = SpeechTokenizer().decoder.state_dict()
    after = {name: value for name, value in torch.load(tmp_path / "t.pt").items() if name.startswith("decoder.")}
    assert any(not torch.equal(value, before[name.removeprefix("decoder.")]) for name, value in after.items())
