import pytest
import torch

from antiphon.train.exchange import Exchange


def test_movements_of_workers_add_up(tmp_path):
    first, second = [torch.zeros(2, 3), torch.ones(4)], [torch.rand(2, 3), torch.rand(4)]
    leader = Exchange(tmp_path / "common", first, leader=True, share=0.5)
    follower = Exchange(tmp_path / "common", second, leader=False, share=0.5)
    assert torch.equal(second[0], torch.zeros(2, 3)) and torch.equal(second[1], torch.ones(4))
    first[0] += 2
    second[0] -= 1
    second[1] += 3
    leader.meet()
    assert torch.equal(first[0], torch.ones(2, 3))
    follower.meet()
    assert torch.equal(second[0], torch.full((2, 3), 0.5)) and torch.equal(second[1], torch.full((4,), 2.5))
    leader.meet()
    assert all(torch.equal(a, b) for a, b in zip(first, second))


def test_a_new_leader_replaces_what_followers_had(tmp_path):
    parameters = [torch.ones(3)]
    Exchange(tmp_path / "common", [torch.zeros(3)], leader=True)
    follower = Exchange(tmp_path / "common", parameters, leader=False)
    parameters[0] += 5
    Exchange(tmp_path / "common", [torch.full((3,), 7.0)], leader=True)
    follower.meet()
    assert torch.equal(parameters[0], torch.full((3,), 7.0))


def test_followers_know_how_long_the_leader_has_trained(tmp_path):
    Exchange(tmp_path / "common", [torch.zeros(3)], leader=True, elapsed=500.0)
    follower = Exchange(tmp_path / "common", [torch.zeros(3)], leader=False)
    assert 500.0 <= follower.elapsed() < 560.0


def test_other_sizes_and_a_missing_leader_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="first worker"):
        Exchange(tmp_path / "common", [torch.zeros(3)], leader=False)
    Exchange(tmp_path / "common", [torch.zeros(3)], leader=True)
    with pytest.raises(ValueError, match="expected 32"):
        Exchange(tmp_path / "common", [torch.zeros(4)], leader=False)
    with pytest.raises(ValueError, match="share=0"):
        Exchange(tmp_path / "common", [torch.zeros(3)], leader=True, share=0)
