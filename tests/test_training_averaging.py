"""Averages of weights, against the sum written out."""

import pytest
import torch
from torch import nn

from course_lib.training.averaging import Averaged


def line(value=0.0):
    """A network with one weight."""
    network = nn.Linear(1, 1, bias=False)
    nn.init.constant_(network.weight, value)
    return network


def test_weights_are_the_weighted_mean_of_all_there_were():
    network, rate = line(9.0), 0.1
    average, values = Averaged(network, rate), []
    for step in range(1, 21):
        values.append(float(step**2))
        network.weight.data.fill_(values[-1])
        average.update()
    shares = torch.tensor([(1 - rate) ** (20 - step) for step in range(1, 21)])
    expected = (shares * torch.tensor(values)).sum() / shares.sum()
    assert average.network().weight.item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_first_average_is_the_first_weights_not_a_thousandth_of_them():
    """The trap: an average begun at zero and left uncorrected is useless for the first 1/rate steps."""
    network = line()
    average = Averaged(network, 1e-4)
    network.weight.data.fill_(5.0)
    average.update()
    assert average.network().weight.item() == pytest.approx(5.0)


def test_rate_one_keeps_the_last():
    network = line()
    average = Averaged(network, 1.0)
    for value in (3.0, 4.0):
        network.weight.data.fill_(value)
        average.update()
    assert average.network().weight.item() == 4.0


def test_running_statistics_are_copied_and_the_trained_network_is_left_alone():
    network = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    average = Averaged(network, 0.01)
    network(torch.randn(8, 2)).sum().backward()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    average.update()
    assert torch.equal(average.network()[1].running_mean, network[1].running_mean)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert not average.network().training and network.training
    assert not any(weights.requires_grad for weights in average.network().parameters())


def test_state_goes_through_a_checkpoint():
    network = line()
    average, again = Averaged(network, 0.1), Averaged(network, 0.1)
    for value in (1.0, 2.0):
        network.weight.data.fill_(value)
        average.update()
    again.load_state_dict(average.state_dict())
    network.weight.data.fill_(7.0)
    for one in (average, again):
        one.update()
    assert torch.equal(average.network().weight, again.network().weight)


@pytest.mark.parametrize("rate", [0.0, -1.0, 1.5])
def test_a_rate_that_cannot_be_is_refused(rate):
    with pytest.raises(ValueError, match="0, 1"):
        Averaged(line(), rate)
