"""Toy distributions: densities against SciPy, samples against their densities."""

import pytest
import scipy.integrate
import scipy.stats
import torch

from course_lib.data import Mixture, Uniform, gaussian, ring, square_grid

DENSITIES = [gaussian(), gaussian(-1.5, 0.3), Mixture((-2.0, 1.0), (0.5, 1.0), (0.3, 0.7)), Uniform(-1, 2)]


@pytest.mark.parametrize("density", DENSITIES, ids=str)
def test_a_density_integrates_to_one(density):
    total, _ = scipy.integrate.quad(lambda x: density.pdf(torch.tensor(x)).item(), -15, 15, points=[-2, -1.5, -1, 1, 2])
    assert total == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    "ours, theirs", [(gaussian(-1.5, 0.3), scipy.stats.norm(-1.5, 0.3)), (Uniform(-1, 2), scipy.stats.uniform(-1, 3))]
)
def test_densities_agree_with_scipy(ours, theirs):
    x = torch.linspace(-3, 1.99, 101, dtype=torch.float64)
    torch.testing.assert_close(ours.pdf(x), torch.from_numpy(theirs.pdf(x.numpy())))


@pytest.mark.parametrize("density", DENSITIES, ids=str)
def test_samples_follow_their_density(density):
    """Kolmogorov and Smirnov's test against the density's own integral."""
    samples = density.sample(4_000, torch.Generator().manual_seed(0)).double()
    grid = torch.linspace(-12, 12, 24_001, dtype=torch.float64)
    cdf = torch.cat([torch.zeros(1).double(), torch.cumulative_trapezoid(density.pdf(grid), grid)])
    at = lambda s: cdf[torch.searchsorted(grid, torch.as_tensor(s)).clamp(max=len(cdf) - 1)].numpy()
    assert scipy.stats.kstest(samples.numpy(), at).pvalue > 0.001


@pytest.mark.parametrize("distribution", [*DENSITIES, ring()], ids=lambda d: type(d).__name__)
def test_a_generator_repeats_samples_whatever_the_global_seed(distribution):
    draws = []
    for global_seed in (1, 2):
        torch.manual_seed(global_seed)
        draws.append(distribution.sample(20, torch.Generator().manual_seed(3)))
    assert torch.equal(*draws)


def test_the_ring_lies_on_its_circle():
    target = ring(modes=8, radius=2.0)
    assert target.centres.shape == (8, 2)
    torch.testing.assert_close(target.centres.norm(dim=1), torch.full((8,), 2.0))
    assert torch.cdist(target.sample(500), target.centres).min(dim=1).values.max() < 6 * target.std


def test_the_square_grid_is_centred():
    target = square_grid(5, 1.0)
    assert target.centres.shape == (25, 2)
    torch.testing.assert_close(target.centres.mean(0), torch.zeros(2))


@pytest.mark.parametrize(
    "arguments", [((0.0,), (1.0, 1.0)), ((0.0,), (0.0,)), ((0.0, 1.0), (1.0, 1.0), (0.9, 0.9)), ((), ())]
)
def test_a_mixture_that_cannot_be_is_refused(arguments):
    with pytest.raises(ValueError, match="means|positive"):
        Mixture(*arguments)


def test_an_empty_interval_is_refused():
    with pytest.raises(ValueError, match="low must be below high"):
        Uniform(1, 1)
