"""Maxout: the largest of its pieces, against a loop, and what it can represent."""

import pytest
import torch
from torch import nn

from course_lib.layers import Maxout


def test_each_unit_is_the_largest_of_its_pieces():
    layer = Maxout(4, 3, 5)
    x = torch.randn(6, 4)
    expected = torch.empty(6, 3)
    for unit in range(3):
        rows = range(unit, 15, 3)  # piece p of unit u is output p * units + u
        pieces = [x @ layer.linear.weight[row] + layer.linear.bias[row] for row in rows]
        assert len(pieces) == 5
        expected[:, unit] = torch.stack(pieces).max(0).values
    torch.testing.assert_close(layer(x), expected)


def test_only_the_winning_piece_learns():
    layer = Maxout(4, 2, 3)
    layer(torch.randn(1, 4)).sum().backward()
    learning = layer.linear.bias.grad.view(3, 2)
    assert torch.equal(learning.sum(0), torch.ones(2))
    assert ((learning == 0) | (learning == 1)).all()


def test_one_piece_is_a_linear_layer():
    layer = Maxout(4, 3, 1)
    x = torch.randn(5, 4)
    assert torch.equal(layer(x), layer.linear(x))


def test_two_pieces_hold_the_absolute_value_and_the_relu():
    """Goodfellow et al. 2013, figure 1."""
    layer = Maxout(1, 2, 2)
    layer.linear.weight.data = torch.tensor([[1.0], [1.0], [-1.0], [0.0]])
    nn.init.zeros_(layer.linear.bias)
    x = torch.linspace(-2, 2, 9)[:, None]
    torch.testing.assert_close(layer(x), torch.cat([x.abs(), x.relu()], 1))


def test_sizes_below_one_are_refused():
    with pytest.raises(ValueError, match="pieces=0"):
        Maxout(4, 3, 0)
