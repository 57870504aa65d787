"""How metrics look through a network: modes kept even where it fails, and nothing lost between batches."""

import pytest
import torch
from torch import nn

from course_lib.metrics.passes import evaluating, in_batches, thousands


def mixed_modes() -> nn.Sequential:
    network = nn.Sequential(nn.Dropout(0.5), nn.Linear(3, 2), nn.Dropout(0.5)).train()
    network[2].eval()
    return network


def test_every_layer_is_left_in_its_own_mode_even_after_an_error():
    network = mixed_modes()
    with pytest.raises(RuntimeError, match="on purpose"), evaluating(network):
        assert not any(layer.training for layer in network.modules())
        assert not network(torch.ones(1, 3)).requires_grad
        raise RuntimeError("on purpose")
    assert [layer.training for layer in network] == [True, True, False]
    assert network(torch.ones(1, 3)).requires_grad


@pytest.mark.parametrize("batch_size", [1, 3, 7, 100])
def test_batches_are_joined_in_order(batch_size):
    network, x = mixed_modes(), torch.randn(7, 3)
    torch.testing.assert_close(in_batches(network, network, x, batch_size), network[1](x).detach())


@pytest.mark.parametrize("n, batch_size", [(0, 5), (5, 0)])
def test_nothing_to_look_at_is_refused(n, batch_size):
    network = mixed_modes()
    with pytest.raises(ValueError, match=f"{n} examples in batches of {batch_size}"):
        in_batches(network, network, torch.randn(n, 3), batch_size)


@pytest.mark.parametrize("n, name", [(10_000, "10k"), (1_000, "1k"), (2_500, "2500"), (999, "999"), (0, "0")])
def test_counts_in_names(n, name):
    assert thousands(n) == name
