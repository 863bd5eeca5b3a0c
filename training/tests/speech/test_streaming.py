"""The detokenizer gives the same audio in every chunking and batch; the tokenizer's ids and codes are one to one."""
import pytest
import torch

from antiphon.speech.streaming import DELAY_SAMPLES, DELAY_TOKENS, StreamingDetokenizer
from antiphon.speech.tokenizer import CODES, FeatureDecoder, SpeechTokenizer, codes_to_ids, ids_to_codes
from antiphon.speech.vocoder import Vocoder


@pytest.fixture(scope="module")
def detokenizer() -> StreamingDetokenizer:
    torch.manual_seed(3)
    decoder = FeatureDecoder(width=32, fine=16)
    with torch.no_grad():
        decoder.output.weight.mul_(0.3)
    return StreamingDetokenizer(decoder, Vocoder(width=32, blocks=2))


@pytest.mark.parametrize("chunk", [1, 2, 5, 15])
def test_chunks_equal_one_shot(detokenizer, chunk):
    ids = torch.randint(0, CODES, (37,), generator=torch.Generator().manual_seed(1)).tolist()
    whole = detokenizer.speak(ids, flush_id=0)
    assert whole.shape == (960 * len(ids),)
    assert whole.abs().max() > 1e-3
    assert (detokenizer.speak(ids, flush_id=0, chunk=chunk) - whole).abs().max() < 1e-4


def test_rows_of_a_batch_are_independent(detokenizer):
    ids = torch.randint(0, CODES, (3, 12), generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        together = detokenizer(ids, *detokenizer.start(3))
        alone = detokenizer(ids[1:2], *detokenizer.start(1))
    for batch, single in zip(together, alone):
        assert (batch[1] - single[0]).abs().max() < 1e-4


def test_audio_does_not_depend_on_later_ids(detokenizer):
    first = torch.randint(0, CODES, (1, 10), generator=torch.Generator().manual_seed(4))
    second = first.clone()
    second[0, 6:] = 5
    with torch.no_grad():
        one, other = (detokenizer(ids, *detokenizer.start(1))[0][0] for ids in (first, second))
    assert (one[:6 * 960] - other[:6 * 960]).abs().max() < 1e-6
    assert (one[6 * 960:] - other[6 * 960:]).abs().max() > 1e-5


def test_states_have_the_batch_first_and_keep_their_shape(detokenizer):
    with torch.no_grad():
        _, *after = detokenizer(torch.zeros(2, 5, dtype=torch.int64), *detokenizer.start(2))
    assert [tuple(state.shape) for state in after] == [(2, *shape) for shape in detokenizer.state_shapes.values()]
    assert DELAY_SAMPLES == DELAY_TOKENS * 960


def test_every_id_has_its_own_codes():
    ids = torch.arange(CODES)
    codes = ids_to_codes(ids)
    assert set(codes.unique().tolist()) == {-1.0, 0.0, 1.0}
    assert torch.equal(codes_to_ids(codes), ids)


def test_encoder_is_causal():
    torch.manual_seed(0)
    tokenizer = SpeechTokenizer().eval()
    features = torch.randn(1, 40, 102)
    changed = features.clone()
    changed[:, 20:] = 0.0
    with torch.no_grad():
        one, other = tokenizer.encode(features), tokenizer.encode(changed)
    assert one.shape == (1, 10)
    assert torch.equal(one[:, :5], other[:, :5])
