"""The exported graph points into the checkpoint, equals the module and gives the same audio in every chunking."""
import numpy as np
import onnxruntime
import pytest
import torch

from antiphon.speech.checkpoint import WEIGHTS, load_detokenizer, save_detokenizer
from antiphon.speech.export_detokenizer import GRAPH, export_detokenizer
from antiphon.speech.streaming import StreamingDetokenizer
from antiphon.speech.tokenizer import CODES, FeatureDecoder
from antiphon.speech.vocoder import Vocoder


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("bundle")
    decoder, vocoder = FeatureDecoder(width=32, fine=16), Vocoder(width=32, blocks=2)
    with torch.no_grad():
        decoder.output.weight.mul_(0.3)
    save_detokenizer(folder / WEIGHTS, StreamingDetokenizer(decoder, vocoder), flush_id=17)
    return folder, export_detokenizer(folder)


@pytest.fixture(scope="module")
def session(bundle):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(bundle[0] / GRAPH), options, providers=["CPUExecutionProvider"])


def run(session, section, ids, chunk):
    states = {f"state.{s['name']}": np.full((ids.shape[0], *s["shape"]), s["fill"], np.float32) for s in section["states"]}
    parts = []
    for begin in range(0, ids.shape[1], chunk):
        pcm, *after = session.run(["pcm", *(f"next.{s['name']}" for s in section["states"])], {"ids": ids[:, begin:begin + chunk], **states})
        states = dict(zip(states, after))
        parts.append(pcm)
    return np.concatenate(parts, 1)


def test_graph_equals_module(bundle, session):
    folder, section = bundle
    detokenizer, flush_id = load_detokenizer(folder / WEIGHTS)
    assert flush_id == section["flushId"] == 17
    ids = np.random.default_rng(1).integers(0, CODES, (2, 20))
    with torch.no_grad():
        expected = detokenizer(torch.from_numpy(ids), *detokenizer.start(2))[0].numpy()
    assert np.abs(run(session, section, ids, 20) - expected).max() < 1e-4


@pytest.mark.parametrize("chunk", [1, 2, 5, 15])
def test_chunks_of_the_graph_equal_one_shot(bundle, session, chunk):
    ids = np.random.default_rng(2).integers(0, CODES, (2, 40))
    whole = run(session, bundle[1], ids, 40)
    assert np.abs(whole).max() > 1e-3
    assert np.abs(run(session, bundle[1], ids, chunk) - whole).max() < 1e-4


@pytest.mark.parametrize("chunk", [1, 5, 20])
def test_a_stream_is_the_same_alone_and_among_others(bundle, session, chunk):
    ids = np.random.default_rng(3).integers(0, CODES, (7, 20))
    together = run(session, bundle[1], ids, chunk)
    for row in range(len(ids)):
        assert np.array_equal(run(session, bundle[1], ids[row:row + 1], chunk)[0], together[row])


def test_graph_holds_no_weights(bundle):
    assert (bundle[0] / GRAPH).stat().st_size < 80_000


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=WEIGHTS):
        export_detokenizer(tmp_path)
