import pytest
import torch

from antiphon.speech.features import MEL_BINS
from antiphon.speech.tokenizer import SpeechTokenizer, load_encoder, save_encoder


def test_an_encoder_alone_makes_nearly_the_same_ids(tmp_path):
    tokenizer, other = SpeechTokenizer().eval(), SpeechTokenizer().eval()
    save_encoder(tokenizer, tmp_path / "encoder.safetensors")
    load_encoder(other, tmp_path / "encoder.safetensors")
    features = torch.randn(2, 40, MEL_BINS + 2)
    with torch.no_grad():
        # Half precision moves only values that lie on the edge of a level.
        assert (tokenizer.encode(features) == other.encode(features)).float().mean() > 0.8


def test_whole_checkpoints_are_read_too(tmp_path):
    tokenizer, other = SpeechTokenizer(), SpeechTokenizer()
    torch.save(tokenizer.state_dict(), tmp_path / "tokenizer.pt")
    load_encoder(other, tmp_path / "tokenizer.pt")
    assert all(torch.equal(a, b) for a, b in zip(tokenizer.state_dict().values(), other.state_dict().values()))


def test_a_missing_tensor_is_an_error(tmp_path):
    tokenizer = SpeechTokenizer()
    del tokenizer.encoder.norm
    save_encoder(tokenizer, tmp_path / "encoder.safetensors")
    with pytest.raises(RuntimeError, match="norm.weight"):
        load_encoder(SpeechTokenizer(), tmp_path / "encoder.safetensors")
