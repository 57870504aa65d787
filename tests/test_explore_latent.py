"""Walks, sums and directions in the latent space."""

import numpy as np
import pytest
import torch
from scipy.spatial import geometric_slerp
from torch import nn

from course_lib.explore.latent import (
    arithmetic,
    linear,
    neighbours,
    principal_directions,
    spherical,
    turn_vector,
    walk,
)

torch.manual_seed(0)
START, END = torch.randn(2, 64, dtype=torch.float64)


@pytest.mark.parametrize("between", [linear, spherical])
def test_a_way_begins_and_ends_at_its_ends(between):
    torch.testing.assert_close(between(START, END, 0.0), START)
    torch.testing.assert_close(between(START, END, 1.0), END)


def test_great_circles_are_scipys_on_unit_vectors():
    a, b = (end / end.norm() for end in (START, END))
    places = torch.linspace(0, 1, 7, dtype=torch.float64)
    ours = spherical(a.expand(7, -1), b.expand(7, -1), places)
    np.testing.assert_allclose(ours, geometric_slerp(a.numpy(), b.numpy(), places.numpy()), atol=1e-12)


def test_the_length_goes_evenly_from_one_end_to_the_other_along_the_circle_and_sags_on_the_line():
    middle = (START.norm() + END.norm()) / 2
    assert spherical(START, END, 0.5).norm() == pytest.approx(middle.item())
    assert linear(START, END, 0.5).norm() < 0.85 * middle  # two draws are nearly at right angles: 1 / sqrt(2)


@pytest.mark.parametrize("end", [START, 2 * START, -START])
def test_where_no_circle_is_singled_out_the_line_is_taken(end):
    torch.testing.assert_close(spherical(START, end, 0.25), linear(START, end, 0.25))


@pytest.mark.parametrize("between", [linear, spherical])
def test_a_walk_visits_every_point_once_and_moves_by_even_steps(between):
    points = torch.randn(9, 16)
    rows = walk(points, 5, between=between)
    assert rows.shape == (41, 16)
    torch.testing.assert_close(rows[::5], points)
    torch.testing.assert_close(rows[3], between(points[0], points[1], 0.6))


@pytest.mark.parametrize("points, steps", [(1, 5), (3, 0)])
def test_a_walk_that_goes_nowhere_is_refused(points, steps):
    with pytest.raises(ValueError, match="at least 2 points"):
        walk(torch.zeros(points, 4), steps)


def test_sums_are_of_means_and_a_mean_of_three_is_steadier_than_one():
    plus, minus, to = torch.randn(3, 2_000, 3, 8)
    several = torch.stack([arithmetic(*three) for three in zip(plus, minus, to, strict=True)])
    single = torch.stack([arithmetic(*(group[:1] for group in three)) for three in zip(plus, minus, to, strict=True)])
    torch.testing.assert_close(several[0], plus[0].mean(0) - minus[0].mean(0) + to[0].mean(0))
    assert single.var().item() == pytest.approx(3, rel=0.1)  # three draws of variance 1
    assert several.var().item() == pytest.approx(1, rel=0.1)


def test_neighbours_are_near_differ_and_repeat():
    z = torch.randn(50)
    near = neighbours(z, n=8, reach=0.25)
    assert near.shape == (8, 50) and 0.2 < (near - z).abs().max() <= 0.25
    assert len({tuple(row) for row in near.tolist()}) == 8
    assert torch.equal(near, neighbours(z, n=8, reach=0.25)) and not torch.equal(near, neighbours(z, seed=1))


def test_a_turn_vector_leads_from_the_one_mean_to_the_other():
    one, other = torch.randn(4, 8), torch.randn(5, 8)
    torch.testing.assert_close(one.mean(0) + turn_vector(one, other), other.mean(0))


class Planted(nn.Module):
    """A linear map of z whose outputs vary most along known directions of z."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 20)
        basis = torch.linalg.qr(torch.randn(20, 6)).Q
        with torch.no_grad():
            self.layer.weight.copy_(basis * torch.tensor([1.0, 9.0, 0.1, 4.0, 0.2, 0.3]))

    def forward(self, z):
        return self.layer(z).tanh()


def test_planted_directions_are_found_the_strongest_first():
    torch.manual_seed(1)
    generator, z = Planted(), torch.randn(3_000, 6)
    found = principal_directions(generator, generator.layer, 2, z=z)
    assert found.norm(dim=1).tolist() == pytest.approx([1, 1])
    assert found[0, 1].abs() > 0.99 and found[1, 3].abs() > 0.99
    assert not generator.layer._forward_hooks


@pytest.mark.parametrize("draws, n", [(6, 2), (50, 7), (50, 0)])
def test_too_few_draws_or_too_many_directions_are_refused(draws, n):
    generator = Planted()
    with pytest.raises(ValueError, match="do not settle"):
        principal_directions(generator, generator.layer, n, z=torch.randn(draws, 6))
