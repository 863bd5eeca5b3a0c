"""The detokenizer's graphs at small widths: streamed equals one shot, streams do not disturb each other, phases do not drift; voices."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file

from antiphon.export.checkpoint import InvalidCheckpoint
from antiphon.export.cosyvoice import voices
from antiphon.export.cosyvoice.bundle import CUMULATIVE, join_manifest, write_graphs
from antiphon.export.cosyvoice.convert import WEIGHTS, folded, load_pickled, solver_times
from antiphon.export.cosyvoice.host import _TYPES, BlockFlow, Detokenizer, Speech, TooLong, Vocoder, WindowFlow, window_flow
from antiphon.export.cosyvoice.noise import normal
from antiphon.export.cosyvoice.reference_case import SMALL as TINY
from antiphon.export.cosyvoice.reference_case import voice_of, write_random, write_voices
from antiphon.export.cosyvoice.sizes import FlowSizes

MINUTES = 1
"""Of a steady voice. Ten were run too; they take a minute and a half."""
SMALL = dataclasses.replace(TINY, flow=dataclasses.replace(TINY.flow, vocabulary=61))


@pytest.fixture(scope="module")
def detokenizer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cosyvoice")
    write_random(folder, SMALL, blocks=True)
    write_voices(folder, SMALL)
    return Detokenizer(folder)


def _source_noise(first, last):
    """Numbers that depend on the sample alone."""
    return np.modf(np.abs(np.sin(np.arange(first, last)[None] * 12.9898 + np.arange(9)[:, None]) * 43758.5453))[0].astype(np.float32)


def _mel(frames, seed=0):
    return np.random.default_rng(seed).standard_normal((frames, SMALL.vocoder.mel)).astype(np.float32)


def _spoken(detokenizer, mel, cuts):
    vocoder = Vocoder(detokenizer, _source_noise)
    return np.concatenate([vocoder.push(piece) for piece in np.split(mel, cuts)] + [vocoder.finish()])


@pytest.mark.parametrize("cuts", [[1, 2, 3, 4, 5], [4, 40], [37], [3, 6, 9]])
def test_the_vocoder_streamed_is_the_vocoder_at_once(detokenizer, cuts):
    mel = _mel(60)
    whole = _spoken(detokenizer, mel, [])
    assert whole.shape == (60 * SMALL.vocoder.frame_samples,) and np.abs(whole).max() > 0.01
    np.testing.assert_allclose(_spoken(detokenizer, mel, cuts), whole, atol=1e-4 * np.abs(whole).max())


def test_streams_at_different_places_do_not_disturb_each_other(detokenizer):
    session, names = detokenizer.session("vocoder"), [state["name"] for state in detokenizer.section["states"]]
    size = SMALL.vocoder.frame_samples

    def run(mel, noise, states):
        feeds = {"mel": mel, "noise": noise, **{f"state.{name}": states[name] for name in names}}
        pcm, *following = session.run(["pcm", *(f"next.{name}" for name in names)], feeds)
        return pcm, dict(zip(names, following))

    fresh = {state["name"]: np.zeros((1, *state["shape"]), _TYPES[state["type"]]) for state in detokenizer.section["states"]}
    noise = lambda count: _source_noise(0, count * size)[None]
    _, new = run(_mel(4, 1).T[None].copy(), noise(4), fresh)
    _, old = run(_mel(4, 2).T[None].copy(), noise(4), fresh)
    for _ in range(3):
        _, old = run(_mel(7, 3).T[None].copy(), noise(7), old)
    mels = [_mel(5, 4).T[None], _mel(5, 5).T[None]]
    alone = [run(mel.copy(), noise(5), states) for mel, states in zip(mels, (new, old))]
    both = {name: np.concatenate([new[name], old[name]]) for name in names}
    pcm, states = run(np.concatenate(mels), np.repeat(noise(5), 2, 0), both)
    for row, (wanted, following) in enumerate(alone):
        np.testing.assert_allclose(pcm[row], wanted[0], atol=1e-4)
        np.testing.assert_array_equal(states["phases"][row], following["phases"][0])


def test_phases_do_not_drift(detokenizer):
    """Of a steady voice every frame advances a phase by the same step, however long ago the stream began and however it was cut."""
    vocoder, frame = Vocoder(detokenizer, _source_noise), _mel(1, 6)
    vocoder.push(np.repeat(frame, 24, 0))
    before = vocoder._states["phases"].copy()
    vocoder.push(np.repeat(frame, 1, 0))
    step = vocoder._states["phases"] - before
    assert np.all(step[0, 1:] % (1 << 40) != 0)
    for _ in range(MINUTES * 6):
        vocoder.push(np.repeat(frame, 500, 0))
    np.testing.assert_array_equal(vocoder._states["phases"], (before + step * (1 + MINUTES * 6 * 500)) % (1 << 40))


def _flow_inputs(count):
    random = np.random.default_rng(7)
    flow = SMALL.flow
    return (
        random.integers(0, flow.vocabulary, count), random.standard_normal(flow.speaker).astype(np.float32),
        random.standard_normal((2 * (count + flow.block_tokens), flow.mel)).astype(np.float32),
    )


def test_blocks_over_caches_do_not_depend_on_when_ids_come(detokenizer):
    tokens, speaker, noise = _flow_inputs(23)
    prompt = tokens[:5], _mel(10, 8)
    of_frames = lambda first, last: noise[first + 10 : last + 10]
    made = []
    for cuts in ([], [1, 9, 10], [8, 16]):
        stream = BlockFlow(detokenizer, speaker, of_frames, *prompt)
        made.append(np.concatenate([stream.push(piece) for piece in np.split(tokens, cuts)] + [stream.finish()]))
        assert made[-1].shape == (46, SMALL.flow.mel)
        np.testing.assert_allclose(made[-1], made[0], atol=1e-5)


def test_the_first_block_over_caches_is_a_window(detokenizer):
    """Within one block nothing is hidden from anything, so that both graphs compute the same."""
    tokens, speaker, noise = _flow_inputs(5)
    stream = BlockFlow(detokenizer, speaker, lambda first, last: noise[first:last], tokens[:0], _mel(0))
    blocks = np.concatenate([stream.push(tokens), stream.finish()])
    np.testing.assert_allclose(window_flow(detokenizer, tokens, _mel(0), speaker, noise[:10], final=True), blocks, atol=1e-5)


@pytest.mark.parametrize("name", ["Ann", "Bert"])
def test_caches_come_back_from_the_ids_alone(detokenizer, name):
    """A host keeps no cache in a checkpoint: the known ids, given at once, bring back every bit."""
    ids, voice = np.random.default_rng(13).integers(0, SMALL.flow.vocabulary, 43), voice_of(detokenizer.folder, name)
    noise = lambda first, last: normal(9, first, last, SMALL.flow.mel)
    stream = lambda: BlockFlow(detokenizer, voice["embedding"], noise, voice.get("tokens", ids[:0]), voice.get("mel", _mel(0)))
    for known in (1, 7, 8, 30, 42):
        undisturbed, restored = stream(), stream()
        for number in range(known):
            undisturbed.push(ids[number : number + 1])
        restored.push(ids[:known])
        for cache, values in undisturbed._caches.items():
            np.testing.assert_array_equal(restored._caches[cache], values, err_msg=cache)
        for flow in (undisturbed, restored):
            assert sum(flow._caches[cache].size for cache in ("keys", "values")) == flow._position * SMALL.flow.cached_values
        frames = [np.concatenate([flow.push(ids[known:]), flow.finish()]) for flow in (undisturbed, restored)]
        np.testing.assert_array_equal(*frames)


def test_an_answer_too_long_for_the_caches_is_refused(detokenizer):
    tokens, speaker, noise = _flow_inputs(5)
    stream = BlockFlow(detokenizer, speaker, lambda first, last: noise[: last - first], tokens[:0], _mel(0))
    stream._position = SMALL.flow.most_frames - 8
    stream.push(tokens[:4])
    with pytest.raises(TooLong, match="frames of an answer and its voice's prompt: 15002; the flow over caches has 15000"):
        stream.push(np.concatenate([tokens, tokens]))


def test_released_widths_cache_what_the_documents_say():
    assert FlowSizes().cached_values == 901_120 and FlowSizes().most_frames == 300 * 50


def test_a_stream_of_windows_carries_ids_and_frames_alone(detokenizer):
    tokens, speaker, noise = _flow_inputs(40)
    offset = 2 * 5
    of_frames = lambda first, last: noise[first + offset : last + offset]
    stream = WindowFlow(detokenizer, speaker, of_frames, tokens[:5], _mel(10, 9))
    first = stream.push(tokens[5:15], tokens[15:18])
    second = stream.push(tokens[15:25], tokens[:0], final=True)
    assert first.shape == second.shape == (20, SMALL.flow.mel)
    # The second window by hand: the last ids that were spoken and their frames are its prompt.
    kept = detokenizer.section["promptTokens"]
    window, mel = tokens[:25][-kept - 10 :], np.concatenate([_mel(10, 9), first])[-2 * kept :]
    by_hand = window_flow(detokenizer, window, mel, speaker, of_frames(20 - len(mel), 40), final=True)
    np.testing.assert_array_equal(second, by_hand)


@pytest.mark.parametrize("blocks", [False, True])
@pytest.mark.parametrize("name", ["Ann", "Bert"])
def test_ids_in_any_pieces_sound_the_same(detokenizer, name, blocks):
    ids, voice = np.random.default_rng(3).integers(0, SMALL.flow.vocabulary, 73), voice_of(detokenizer.folder, name)
    whole = Speech(detokenizer, voice, 5, blocks).push(ids, last=True)
    assert whole.shape == (73 * detokenizer.section["samplesPerToken"],) and np.abs(whole).max() > 0.01
    for cuts in (range(5, 73, 5), range(1, 73), [12, 13, 60]):
        stream, pieces = Speech(detokenizer, voice, 5, blocks), np.split(ids, cuts)
        parts = [stream.push(piece, last=number == len(pieces) - 1) for number, piece in enumerate(pieces)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert np.abs(Speech(detokenizer, voice, 6, blocks).push(ids, last=True) - whole).max() > 1e-3


def test_states_come_back_from_the_last_frames(detokenizer):
    """A host keeps no state: ``pitchFrames`` bring the pitch back, then, with the phases as they were, ``memoryFrames`` all the rest."""
    memory, pitch, mel = detokenizer.section["memoryFrames"], detokenizer.section["pitchFrames"], _mel(200, 11)
    undisturbed, restored = Vocoder(detokenizer, _source_noise), Vocoder(detokenizer, _source_noise)
    pieces = np.split(mel, [200 - memory - pitch, 200 - memory])
    undisturbed.push(pieces[0])
    restored._frames, restored._to_drop = undisturbed._frames, 0
    for piece in pieces[1:]:
        for state in CUMULATIVE:
            restored._states[state] = undisturbed._states[state].copy()
        undisturbed.push(piece)
        restored.push(piece)
    for state, value in undisturbed._states.items():
        np.testing.assert_array_equal(restored._states[state], value, err_msg=state)
    np.testing.assert_array_equal(restored.push(_mel(10, 12)), undisturbed.push(_mel(10, 12)))


def test_a_bundles_manifest_gets_the_detokenizer(detokenizer, tmp_path):
    assert not join_manifest(tmp_path, detokenizer.section)
    other = {"graphs": {"step": "step.onnx", "detokenizer": "detokenizer.onnx"}, "weights": ["model.safetensors", "detokenizer.safetensors"],
             "ids": {"speech": {"codes": 61}}, "audio": {"tokenRate": 25}, "detokenizer": {"flushId": 1}}
    (tmp_path / "antiphon.json").write_text(json.dumps(other))
    assert join_manifest(tmp_path, detokenizer.section)
    joined = json.loads((tmp_path / "antiphon.json").read_text())
    assert joined["graphs"] == {"step": "step.onnx"} and joined["weights"] == ["model.safetensors", WEIGHTS]
    assert joined["detokenizer"] == detokenizer.section
    (tmp_path / "antiphon.json").write_text(json.dumps(other | {"ids": {"speech": {"codes": 62}}}))
    with pytest.raises(InvalidCheckpoint, match="codes: 62; this CosyVoice 3 knows 61"):
        join_manifest(tmp_path, detokenizer.section)


def test_weight_norms_are_multiplied_out_in_both_forms():
    layer = torch.nn.utils.parametrizations.weight_norm(torch.nn.Conv1d(3, 4, 5))
    layer.parametrizations.weight.original0.data *= 1.7
    newer = dict(layer.state_dict())
    older = {"weight_g": newer["parametrizations.weight.original0"], "weight_v": newer["parametrizations.weight.original1"], "bias": newer["bias"]}
    for stored in ({f"a.{name}": value for name, value in newer.items()}, {f"a.{name}": value for name, value in older.items()}):
        result = folded(stored)
        assert set(result) == {"a.weight", "a.bias"}
        torch.testing.assert_close(result["a.weight"], layer.weight.detach())


def test_solver_times_end_at_one():
    times = solver_times(10)
    assert len(times) == 10 and times[0][0] == 0 and abs(sum(times[-1]) - 1) < 1e-6


def test_unusable_files_are_named(tmp_path):
    with pytest.raises(InvalidCheckpoint, match="flow.pt: no such file"):
        load_pickled(tmp_path / "flow.pt")
    (tmp_path / "flow.pt").write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(InvalidCheckpoint, match="flow.pt: a Git LFS pointer"):
        load_pickled(tmp_path / "flow.pt")
    (tmp_path / "flow.pt").write_bytes(b"\x80\x02nothing")
    with pytest.raises(InvalidCheckpoint, match="flow.pt: cannot be read as tensors"):
        load_pickled(tmp_path / "flow.pt")
    torch.save({"epoch": 3}, tmp_path / "flow.pt")
    with pytest.raises(InvalidCheckpoint, match="flow.pt: holds something else than tensors"):
        load_pickled(tmp_path / "flow.pt")
    torch.save({"generator.a": torch.ones(2)}, tmp_path / "flow.pt")
    assert list(load_pickled(tmp_path / "flow.pt")) == ["a"]


def test_another_models_tensors_are_named(detokenizer, tmp_path):
    tensors = {name: torch.from_numpy(value) for name, value in load_file(detokenizer.folder / WEIGHTS).items()}
    save_file(tensors, tmp_path / WEIGHTS)
    with pytest.raises(InvalidCheckpoint, match=r"tensor vocoder.conv_pre.weight: shape \[16, 8, 5\]; CosyVoice 3 has \[32, 8, 5\]"):
        write_graphs(tmp_path, dataclasses.replace(SMALL, vocoder=dataclasses.replace(SMALL.vocoder, channels=32)), blocks=False)


def test_voices_are_kept_by_name_and_taken_over(tmp_path):
    released = {"中文女": {"embedding": torch.ones(1, 192), "speech_token": torch.arange(7)[None], "speech_feat": torch.zeros(1, 13, 80)},
                "plain": {"embedding": torch.zeros(192)}}
    torch.save(released, tmp_path / "spk2info.pt")
    assert voices.import_voices(tmp_path / "spk2info.pt", tmp_path) == ["中文女", "plain"]
    voices.add_voice(tmp_path, "plain", {"embedding": np.full(192, 2, np.float32)})
    stored = load_file(tmp_path / voices.VOICES)
    assert voices.voice_names(tmp_path) == ["plain", "中文女"] and stored["plain.embedding"][0] == 2
    assert stored["中文女.tokens"].tolist() == [0, 1, 2, 3, 4, 5] and stored["中文女.mel"].shape == (12, 80)
    with pytest.raises(voices.InvalidVoice, match="voice name: 'a/b'"):
        voices.add_voice(tmp_path, "a/b", {})


def test_recordings_that_cannot_be_used_are_named(tmp_path):
    with pytest.raises(voices.InvalidVoice, match="recording: 0.50 s; expected at least 1 s"):
        voices.make_voice(tmp_path, np.ones(8000, np.float32), 16000, False)
    with pytest.raises(voices.InvalidVoice, match="recording: silent"):
        voices.make_voice(tmp_path, np.zeros(32000, np.float32), 16000, False)
    with pytest.raises(InvalidCheckpoint, match="campplus.onnx: no such file"):
        voices.make_voice(tmp_path, np.sin(np.arange(32000, dtype=np.float32)), 16000, False)


def test_features_of_a_recording_are_those_of_the_published_recipes():
    reason = "features are not compared: torchaudio, which has the published recipes, is not installed"
    torchaudio = pytest.importorskip("torchaudio", reason=reason)
    pytest.importorskip("torchaudio.compliance.kaldi", reason=reason)
    wave = np.random.default_rng(0).standard_normal(24000) * np.hanning(24000) * 0.3
    wanted = torchaudio.compliance.kaldi.fbank(torch.from_numpy(wave)[None].float(), num_mel_bins=80, dither=0, sample_frequency=16000)
    np.testing.assert_allclose(voices.speaker_features(wave), (wanted - wanted.mean(0)).numpy(), atol=2e-3)
    filters = torchaudio.functional.melscale_fbanks(961, 0.0, 12000.0, 80, 24000, norm="slaney", mel_scale="slaney")
    padded = torch.nn.functional.pad(torch.from_numpy(wave)[None, None], (720, 720), mode="reflect")[0]
    spectrum = torch.stft(padded, 1920, 480, 1920, torch.hann_window(1920).double(), center=False, return_complex=True)
    wanted = torch.log(torch.clamp(torch.sqrt(spectrum.abs()[0] ** 2 + 1e-9).T @ filters.double(), min=1e-5))
    np.testing.assert_allclose(voices.mel_frames(wave), wanted.numpy(), atol=1e-3)
