"""The optimisers with tensors for rates, against PyTorch's own with numbers."""

import copy

import pytest
import torch
from torch import nn

from course_lib.training.optimizers import SGD, adam, follows_tensors, on_device, sgd
from course_lib.training.schedules import falling_rate_rising_momentum, straight


def pair():
    """Two equal networks."""
    torch.manual_seed(0)
    one = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    two = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    two.load_state_dict(one.state_dict())
    return one, two


def descend(network, optimizer, steps, before=lambda step: None):
    """Steps down the squares of the network's outputs on fixed data."""
    x = torch.arange(15.0).view(5, 3) / 10
    for step in range(steps):
        before(step)
        optimizer.zero_grad()
        network(x).square().sum().backward()
        optimizer.step()


def agree(one, two):
    """Equal to rounding: the rate of one is a number of float64, that of the other a tensor of float32."""
    return all(
        torch.allclose(a, b, rtol=1e-5, atol=1e-6) for a, b in zip(one.parameters(), two.parameters(), strict=True)
    )


def test_sgd_is_pytorchs_with_the_schedules_of_2014():
    ours, theirs = pair()
    changing = falling_rate_rising_momentum(0.02, 1.1, 10)
    mine, torchs = sgd(ours, **changing), torch.optim.SGD(theirs.parameters(), lr=1.0, momentum=0.1)

    def set_theirs(step):
        torchs.param_groups[0].update(lr=0.02 / 1.1**step, momentum=0.5 + 0.2 * min(1, step / 10))

    descend(ours, mine, 15)
    descend(theirs, torchs, 15, set_theirs)
    assert agree(ours, theirs)


def test_a_weight_without_gradient_stays():
    one, _ = pair()
    before = one[0].weight.clone()
    one[0].weight.requires_grad_(False)
    descend(one, SGD(one.parameters()), 2)
    assert torch.equal(one[0].weight, before)


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_adam_with_a_falling_rate_is_pytorchs(decay):
    ours, theirs = pair()
    mine = adam(ours, 0.1, schedule=straight(0.1, 0.0, steps=10), weight_decay=decay)
    torchs = torch.optim.Adam(theirs.parameters(), lr=9.0, betas=(0.5, 0.999), weight_decay=decay)
    descend(ours, mine, 8)
    descend(theirs, torchs, 8, lambda step: torchs.param_groups[0].update(lr=0.1 * (1 - step / 10)))
    assert agree(ours, theirs)


@pytest.mark.parametrize(
    "make", [lambda n: adam(n, 0.1, schedule=straight(0.1, 0.0, steps=9)), lambda n: SGD(n.parameters())]
)
def test_rates_are_still_tensors_after_a_checkpoint(make):
    one, two = pair()
    first, second = make(one), make(two)
    descend(one, first, 3)
    two.load_state_dict(one.state_dict())
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    on_device(second, torch.device("cpu"))
    assert isinstance(second.param_groups[0]["lr"], torch.Tensor)
    descend(one, first, 3)
    descend(two, second, 3)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


def test_which_optimisers_a_captured_step_can_trust():
    one, _ = pair()
    assert follows_tensors(SGD(one.parameters()))
    assert not follows_tensors(torch.optim.SGD(one.parameters(), lr=0.1))
    assert not follows_tensors(adam(one, 0.1))  # only on a GPU, where `on_device` makes it capturable
