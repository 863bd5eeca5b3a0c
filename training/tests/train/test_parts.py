"""Optimisers, clock, splices, perturbation and figures."""
import dataclasses

import numpy as np
import pytest
import torch

from antiphon.model import DialogueModel, checkpoint
from antiphon.model.configuration import SpecialTokens, toy
from antiphon.train import assistant, losses
from antiphon.train.figures import same, word_error_rate
from antiphon.train.tasks import Practice, history_start
from antiphon.train.audio import Recording
from antiphon.train.listening import Auxiliary, start_encoder
from antiphon.train.merging import merge
from antiphon.train.optimisation import Clock, Optimisers, orthogonalise
from antiphon.train.perturbation import perturb, stretch, warp


def test_orthogonalised_matrices_have_singular_values_near_one():
    torch.manual_seed(0)
    for shape in ((3, 32, 80), (2, 80, 32)):
        values = torch.linalg.svdvals(orthogonalise(torch.randn(shape), 5).float())
        assert values.min() > 0.4 and values.max() < 1.5


def test_optimisers_send_matrices_to_muon_and_tables_to_adam():
    matrix, table, gain = (torch.nn.Parameter(torch.randn(8, 8)), torch.nn.Parameter(torch.randn(8, 8)),
                           torch.nn.Parameter(torch.ones(8)))
    optimisers = Optimisers([("layer.weight", matrix), ("embed_tokens.weight", table), ("norm.weight", gain)], 1e-2, 1e-2)
    assert optimisers.muon.param_groups[0]["params"] == [matrix]
    assert optimisers.adam.param_groups[0]["params"] == [table, gain]
    before = matrix.detach().clone()
    (matrix.sum() + table.sum() + gain.sum()).backward()
    optimisers.step(1.0)
    assert not torch.equal(before, matrix) and matrix.grad is None


def test_clock_rises_and_falls():
    clock = Clock(10, elapsed=0)
    assert clock.factor() < 0.2
    assert Clock(10, elapsed=300).factor() == 1.0
    assert Clock(10, elapsed=500).factor() == pytest.approx(0.5, abs=0.01)
    assert Clock(10, elapsed=700).left < 0
    with pytest.raises(ValueError, match="minutes=0"):
        Clock(0)


def test_splices_join_the_ids_of_their_words():
    sentences = [assistant.Spoken("One two.", np.arange(10), [("One", 0, 4), ("two.", 4, 9)]),
                 assistant.Spoken("Three.", np.arange(100, 105), [("Three.", 0, 5)])]
    voice = assistant.Assistant(sentences)
    text, ids = voice.splice(np.random.default_rng(0))
    table = {"One": range(0, 4), "two.": range(4, 9), "Three.": range(100, 105)}
    expected = [i for word in text.split() for i in table[word]] + voice.tail.tolist()
    assert ids[: len(expected)].tolist() == expected and len(ids) % 5 == 0


def test_perturbation_keeps_shape_and_time():
    raw = torch.rand(150, 128) * 4 - 5
    assert torch.allclose(warp(raw, 1.0), raw, atol=1e-5)
    assert stretch(raw, 2.0).shape == (75, 128)
    generator = np.random.default_rng(0)
    for _ in range(30):
        out, tempo = perturb(raw, generator)
        assert out.shape[1] == 128 and abs(len(out) * tempo - 150) < 3 and torch.isfinite(out).all()


def test_figures():
    assert word_error_rate([("a b d", "a b c d"), ("x", "x")]) == pytest.approx(1 / 5)
    assert same("The sky, is blue", "the sky is blue.") and not same("blue", "blue sky")


def test_history_reaches_back_to_what_the_answer_depends_on():
    turns = [{"user": "a", "intent": "greet"}, {"user": "b", "intent": "transfer"},
             {"user": "yes", "intent": "transfer_confirmed"}, {"user": None, "intent": "transfer_confirmed"}]
    generator = np.random.default_rng(0)
    assert history_start(turns, 3, generator, whole=0.0) == 1
    assert history_start(turns, 1, generator, whole=0.0) == 1
    assert history_start(turns, 3, generator, whole=1.0) == 0


def test_merging_refuses_a_share_outside_0_to_1():
    with pytest.raises(ValueError, match="alpha=1.5"):
        merge(None, None, 1.5)


def test_everything_goes_a_part_of_the_way():
    torch.manual_seed(0)
    special = SpecialTokens(pad=0, end=1, audio=2, audio_bos=3, audio_eos=4, sil=5)
    after, before = DialogueModel(toy(special, 60)), DialogueModel(toy(special, 60))
    ends = after.state_dict(), {name: tensor.clone() for name, tensor in before.state_dict().items()}
    for name, tensor in merge(after, before, 0.75, everything=True).state_dict().items():
        torch.testing.assert_close(tensor, 0.75 * ends[0][name] + 0.25 * ends[1][name])


def test_practice_asks_what_is_answered_worst():
    practice, g = Practice(), np.random.default_rng(0)
    places = {"capital": list(range(100)), "sound": list(range(100))}
    for _ in range(200):
        practice.learned(["capital", "sound"], [0.001, 1.2])
    drawn = [practice.draw(places, g)[0] for _ in range(400)]
    assert 0.02 < drawn.count("capital") / 400 < 0.12
    practice.learned(["sound"] * 300, [0.0] * 300)
    assert practice.losses["sound"] < 0.01
    drawn = [practice.draw(places, g)[0] for _ in range(400)]
    assert 0.4 < drawn.count("capital") / 400 < 0.6


def test_a_new_intent_counts_as_unknown():
    practice = Practice()
    practice.learned(["hours"] * 300, [0.0] * 300)
    drawn = [practice.draw({"hours": [1], "alarm": [2]}, np.random.default_rng(1)) for _ in range(100)]
    assert drawn.count(("alarm", 2)) > 90


def test_only_codes_are_replaced_by_guesses_and_only_by_codes():
    true, guess = np.array([[1, 2, 3], [6562, 6562, 6562]]), np.array([[7, 6562, 9], [4, 5, 6]])
    np.random.seed(0)
    seen = np.unique(np.stack([losses._mixed([true], [guess], 1.0, 6561)[0] for _ in range(200)]), axis=0)
    assert {tuple(row) for row in seen[:, 0]} == {(1, 2, 3), (7, 2, 3), (1, 2, 9), (7, 2, 9)}
    assert (seen[:, 1] == 6562).all()
    assert (losses._mixed([true], [guess], 0.0, 6561)[0] == true).all()


def test_a_merge_takes_the_encoder_in_its_own_size():
    special = SpecialTokens(pad=0, end=1, audio=2, audio_bos=3, audio_eos=4, sil=5)
    speaking = DialogueModel(toy(special, 64))
    sizes = dataclasses.replace(speaking.c.encoder, d_model=64, encoder_ffn_dim=128)
    listening = DialogueModel(dataclasses.replace(speaking.c, encoder=sizes))
    llm = speaking.language_model.state_dict()
    expected = {name: (value + listening.language_model.state_dict()[name]) / 2 for name, value in llm.items()}
    merged = merge(listening, speaking, 0.5)
    assert merged.c.encoder == sizes
    for name, value in listening.continuous_audio_tower.state_dict().items():
        assert torch.equal(merged.continuous_audio_tower.state_dict()[name], value)
    assert all(torch.allclose(value, expected[name]) for name, value in merged.language_model.state_dict().items())


def test_an_encoder_begins_with_a_checkpoints_weights(tmp_path):
    special = SpecialTokens(pad=0, end=1, audio=2, audio_bos=3, audio_eos=4, sil=5)
    first, second = DialogueModel(toy(special, 64)), DialogueModel(toy(special, 64))
    checkpoint.save(first, tmp_path, dtype=torch.float32)
    started = start_encoder(second, str(tmp_path), corpus=None)
    for name, value in first.continuous_audio_tower.state_dict().items():
        assert torch.equal(started.continuous_audio_tower.state_dict()[name], value)


def test_what_a_label_rests_on_is_kept():
    raw = torch.rand(150, 128) * 4 - 5
    for seed in range(40):
        out, tempo = perturb(raw, np.random.default_rng(seed), ("speaker", "pace", "level", "noise", "band"))
        assert tempo == 1.0 and out.shape == raw.shape
        # Colour without a change of level, and masks, are all that is left.
        assert abs(float((out - raw).median())) < 0.6
    paces = {perturb(raw, np.random.default_rng(seed), ("pace",))[1] for seed in range(20)}
    assert paces == {1.0} and len({perturb(raw, np.random.default_rng(seed))[1] for seed in range(20)}) > 5
    with pytest.raises(ValueError, match=r"cues to keep are \['mood'\], expected some of speaker"):
        perturb(raw, np.random.default_rng(0), ("mood",))


def test_recordings_without_words_and_labels_cost_little_and_are_finite():
    torch.manual_seed(0)
    heads = Auxiliary(16)
    ctc, phones = heads(torch.randn(30, 16), [30], [Recording(torch.zeros(60, 128), 9_600, "", None, "hum")])
    assert torch.isfinite(ctc) and ctc > 0 and phones == 0


def test_a_table_forgets_the_codes_of_another_tokenizer_and_keeps_its_marks():
    torch.manual_seed(0)
    table = DialogueModel(toy(SpecialTokens(0, 1, 2, 3, 4, 5), 32), factored=True).audio_tower.embed_tokens
    table.weight.data.mul_(5)
    before = table.table().detach().clone()
    table.forget()
    after = table.table().detach()
    assert torch.equal(after[6561:], before[6561:])
    assert after[:6561].std().item() == pytest.approx(before[:6561].std().item(), rel=0.2)
    # Neighbours that share seven of eight digits share most of their row.
    near = torch.nn.functional.cosine_similarity(after[0:6560:3], after[1:6561:3])
    assert near.mean() > 0.75 and (after[:6561] - before[:6561]).abs().mean() > 0.1
    with pytest.raises(ValueError, match="factored=True"):
        DialogueModel(toy(SpecialTokens(0, 1, 2, 3, 4, 5), 32)).audio_tower.embed_tokens.forget()
