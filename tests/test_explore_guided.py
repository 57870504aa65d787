"""Guided backpropagation against a chain rule written out, and against autograd where the two must agree."""

import pytest
import torch
from torch import nn

from course_lib.explore.guided import guided, guided_gradients, strongest_filters
from course_lib.models.dcgan import Discriminator


@pytest.mark.parametrize("activation", [nn.ReLU, lambda: nn.LeakyReLU(0.2)])
def test_a_gradient_passes_where_the_unit_was_on_and_it_is_positive(activation):
    torch.manual_seed(0)
    first, second, third = nn.Linear(5, 8), nn.Linear(8, 6), nn.Linear(6, 1)
    network = nn.Sequential(first, activation(), second, activation(), third)
    x = torch.randn(20, 5, requires_grad=True)
    with guided(network):
        (found,) = torch.autograd.grad(network(x).sum(), x)

    one = first(x)
    two = second(network[1](one))
    at_two = third.weight.clamp(min=0) * (two > 0)
    at_one = (at_two @ second.weight).clamp(min=0) * (one > 0)
    torch.testing.assert_close(found, at_one @ first.weight)
    (plain,) = torch.autograd.grad(network(x).sum(), x)
    assert not torch.allclose(found, plain)  # and the hooks are gone again


def test_where_all_is_positive_it_is_the_gradient():
    network = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 1))
    with torch.no_grad():
        for numbers in network.parameters():
            numbers.abs_()
    x = torch.rand(3, 4, requires_grad=True)
    with guided(network):
        (found,) = torch.autograd.grad(network(x).sum(), x)
    torch.testing.assert_close(found, torch.autograd.grad(network(x).sum(), x)[0])


@pytest.mark.parametrize("network", [nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2), nn.ReLU(inplace=True))])
def test_a_network_that_cannot_be_guided_is_refused(network):
    with pytest.raises(ValueError, match="needs ReLU layers"), guided(network):
        pass


def test_only_what_the_filter_sees_gets_a_gradient_and_d_is_left_as_it_was():
    torch.manual_seed(0)
    discriminator = Discriminator(28, 1, 8, start=7).train()
    before = {name: value.clone() for name, value in discriminator.state_dict().items()}
    x = torch.randn(3, 1, 28, 28)
    layer = discriminator.blocks[0]
    found = guided_gradients(discriminator, layer, x, filter=2)
    assert found.shape == x.shape
    touched = (found != 0).flatten(1).sum(1)
    assert (touched <= 16).all() and touched.max() > 0  # one place of a 4x4 convolution
    assert discriminator.training and all(numbers.grad is None for numbers in discriminator.parameters())
    assert all(torch.equal(before[name], value) for name, value in discriminator.state_dict().items())


def test_the_strongest_filters_are_those_that_respond_most_over_the_images():
    found = torch.tensor([[0.0, 3.0, 1.0, 2.0], [0.0, 2.0, 6.0, 2.0]])
    assert strongest_filters(found, 3).tolist() == [2, 1, 3]
