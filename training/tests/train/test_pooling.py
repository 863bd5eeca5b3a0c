import pytest
import torch

from antiphon.model import DialogueModel
from antiphon.model.configuration import SpecialTokens, toy
from antiphon.train.pooling import pool, pooled


def test_a_head_is_the_mean_of_those_it_replaces():
    weight = torch.arange(24.0).view(8, 3)
    assert torch.equal(pool(weight, 2, 2), torch.stack([weight[[0, 2]].mean(0), weight[[1, 3]].mean(0), weight[[4, 6]].mean(0), weight[[5, 7]].mean(0)]))
    with pytest.raises(ValueError, match="heads=3: expected a divisor of the 4"):
        pool(weight, 3, 2)


def test_equal_heads_pool_to_the_same_model():
    model = DialogueModel(toy(SpecialTokens(0, 1, 2, 3, 4, 5), 60))
    size = model.c.head.head_dim
    for layer in model.audio_invert_tower.crq_transformer.layers:
        for projection in (layer.self_attn.k_proj, layer.self_attn.v_proj):
            projection.weight.data[size:] = projection.weight.data[:size]
    fewer = pooled(model, 1)
    assert fewer.c.head.num_key_value_heads == 1
    states, previous = torch.randn(2, 15, model.c.text.hidden_size), torch.randn(2, 15, model.c.text.hidden_size)
    assert torch.allclose(model.audio_invert_tower(states, previous)[0], fewer.audio_invert_tower(states, previous)[0], atol=1e-5)
