"""The theory in numbers: its bounds and symmetries, and SciPy's quadrature, entropy and distances as oracles."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr

from course_lib import theory
from course_lib.data import Mixture, Uniform, gaussian

# A density of the course, and SciPy's idea of the same one.
DENSITIES = {
    "standard": (gaussian(), stats.norm()),
    "shifted": (gaussian(2.0), stats.norm(2)),
    "far": (gaussian(9.0), stats.norm(9)),
    "wide": (gaussian(0.5, 2.0), stats.norm(0.5, 2)),
    "narrow": (gaussian(0.0, 0.3), stats.norm(0, 0.3)),
    "box": (Uniform(0.0, 1.0), stats.uniform(0, 1)),
    "other box": (Uniform(0.5, 1.5), stats.uniform(0.5, 1)),
}
PAIRS = [
    ("standard", "shifted"),
    ("standard", "far"),
    ("shifted", "wide"),
    ("narrow", "wide"),
    ("standard", "narrow"),
    ("narrow", "far"),
    ("box", "standard"),
    ("box", "other box"),
]


def quadrature(f) -> float:
    """The integral of f over the line, SciPy told where the boxes begin and end."""
    return integrate.quad(f, -20, 20, points=[-2, 0, 0.5, 1, 1.5, 2, 9], limit=500)[0]


def random_distribution(outcomes: int = 6, *, gaps: bool = False) -> torch.Tensor:
    """Random probabilities; with gaps, some outcomes have none."""
    p = torch.rand(outcomes, dtype=torch.float64) ** 3
    if gaps:
        p[torch.randperm(outcomes)[: outcomes // 2]] = 0
    return p / p.sum()


def test_optimal_discriminator_is_a_probability_and_the_two_sides_add_up():
    p, q = torch.rand(2, 50, 3, dtype=torch.float64)
    d = theory.optimal_discriminator(p, q)
    assert d.shape == (50, 3) and (d >= 0).all() and (d <= 1).all()
    assert torch.allclose(d + theory.optimal_discriminator(q, p), torch.ones_like(d))
    assert torch.allclose(theory.optimal_discriminator(1e-200 * p, 1e-200 * q), d)


def test_optimal_discriminator_at_zeros():
    p, q = torch.tensor([0.0, 2.0, 0.0]), torch.tensor([3.0, 0.0, 0.0])
    assert theory.optimal_discriminator(p, q).tolist() == [0.0, 1.0, 0.5]


def test_optimal_discriminator_has_a_finite_gradient_where_both_are_zero():
    p = torch.tensor([0.0, 0.4], requires_grad=True)
    theory.optimal_discriminator(p, torch.tensor([0.0, 0.6])).sum().backward()
    assert p.grad.isfinite().all()


@pytest.mark.parametrize("gaps", [False, True])
def test_no_discriminator_beats_the_optimal_one(gaps):
    for _ in range(20):
        p, q = random_distribution(gaps=gaps), random_distribution(gaps=gaps)
        best = theory.value(theory.optimal_discriminator(p, q), p, q)
        for d in torch.rand(50, 6, dtype=torch.float64):
            assert theory.value(d, p, q) <= best


@pytest.mark.parametrize("p, q", PAIRS)
def test_the_value_at_the_optimal_discriminator_is_the_criterion(p, q):
    (p, _), (q, _) = DENSITIES[p], DENSITIES[q]
    d = theory.optimal_discriminator(p.pdf(theory.GRID), q.pdf(theory.GRID))
    c = theory.criterion(p, q).item()
    assert theory.C_MIN < c <= 0  # not minus infinity, though D* rounds to 1 where q is far below p
    assert theory.value(d, p, q).item() == pytest.approx(c, abs=1e-12)


@pytest.mark.parametrize("p, q", PAIRS)
def test_the_value_of_a_given_discriminator_is_the_integral_of_equation_3(p, q):
    (p, p_scipy), (q, q_scipy) = DENSITIES[p], DENSITIES[q]

    def integrand(x):
        d = 0.5 + 0.4 * math.sin(x)
        return p_scipy.pdf(x) * math.log(d) + q_scipy.pdf(x) * math.log(1 - d)

    d = 0.5 + 0.4 * theory.GRID.sin()
    assert theory.value(d, p, q).item() == pytest.approx(quadrature(integrand), abs=2e-3)


@pytest.mark.parametrize("p, q", PAIRS)
def test_the_criterion_is_jensen_shannon_by_quadrature(p, q):
    """Equations 4 to 6, with the integral of the Jensen-Shannon divergence done by SciPy on SciPy's densities."""
    (p, p_scipy), (q, q_scipy) = DENSITIES[p], DENSITIES[q]

    def integrand(x):
        a, b = p_scipy.pdf(x), q_scipy.pdf(x)
        return (rel_entr(a, (a + b) / 2) + rel_entr(b, (a + b) / 2)) / 2

    expected = quadrature(integrand)
    smooth = isinstance(p, Mixture) and isinstance(q, Mixture)  # a grid is coarser at the corner of a box
    assert theory.jsd(p, q).item() == pytest.approx(expected, abs=1e-6 if smooth else 1e-3)
    assert theory.criterion(p, q).item() == pytest.approx(-math.log(4) + 2 * expected, abs=1e-6 if smooth else 2e-3)


@pytest.mark.parametrize("gaps", [False, True])
def test_discrete_divergences_are_scipys(gaps):
    for _ in range(20):
        p, q = random_distribution(gaps=gaps), random_distribution(gaps=gaps)
        assert theory.jsd(p, q).item() == pytest.approx(jensenshannon(p, q) ** 2, abs=1e-12)
        assert theory.kl(p, q).item() == pytest.approx(stats.entropy(p.numpy(), q.numpy()), abs=1e-12)
        assert theory.criterion(p, q).item() == pytest.approx(-math.log(4) + 2 * jensenshannon(p, q) ** 2, abs=1e-12)


@pytest.mark.parametrize("mean, std", [(0.0, 0.5), (1.0, 1.0), (-1.0, 3.0), (0.0, 0.2)])
def test_kl_of_gaussians_is_the_closed_form(mean, std):
    expected = math.log(std) + (1 + mean**2) / (2 * std**2) - 0.5
    assert theory.kl(gaussian(), gaussian(mean, std)).item() == pytest.approx(expected, abs=1e-5)


def test_kl_is_never_negative_and_not_symmetric():
    for _ in range(20):
        p, q = random_distribution(), random_distribution()
        assert theory.kl(p, q) > 0 and theory.kl(p, q) != theory.kl(q, p)
        assert theory.kl(p, p) == 0


def test_kl_is_infinite_where_the_second_misses_the_first():
    p, q = torch.tensor([0.5, 0.5, 0.0]), torch.tensor([1.0, 0.0, 0.0])
    assert theory.kl(p, q) == math.inf
    assert theory.kl(q, p).item() == pytest.approx(math.log(2))
    assert theory.kl(Uniform(0, 1), Uniform(0.5, 1.5)) == math.inf


def test_bounds_symmetry_and_pinsker():
    for _ in range(50):
        p, q = random_distribution(gaps=True), random_distribution()
        jsd, c = theory.jsd(p, q), theory.criterion(p, q)
        assert (p - q).abs().sum() ** 2 / 8 <= jsd <= math.log(2)
        assert theory.C_MIN <= c <= 0
        # Summed in another order, and a logarithm is computed by another routine where it stands last in a vector:
        # equal to some units of the last bit, 2.2e-16.
        assert jsd.item() == pytest.approx(theory.jsd(q, p).item(), abs=1e-12)
        order = torch.randperm(6)
        assert theory.jsd(p[order], q[order]).item() == pytest.approx(jsd.item(), abs=1e-12)


@pytest.mark.parametrize("name", DENSITIES)
def test_equal_densities_give_minus_log_4(name):
    density, scipys = DENSITIES[name]
    assert theory.criterion(density, density).item() == pytest.approx(-math.log(4), abs=1e-6)
    assert theory.jsd(density, scipys).item() == pytest.approx(0, abs=2e-3)


def test_densities_that_never_meet_give_0_at_any_distance():
    for low in (1.0, 2.0, 7.5):
        assert theory.criterion(Uniform(0, 1), Uniform(low, low + 1)).item() == pytest.approx(0, abs=1e-12)
        assert theory.jsd(Uniform(0, 1), Uniform(low, low + 1)).item() == pytest.approx(math.log(2), abs=1e-9)


@pytest.mark.parametrize("p, q", PAIRS)
def test_densities_grids_scipy_and_probabilities_agree(p, q):
    (p, p_scipy), (q, q_scipy) = DENSITIES[p], DENSITIES[q]
    c = theory.criterion(p, q).item()
    assert math.isfinite(c)
    on_grid = p.pdf(theory.GRID), q.pdf(theory.GRID)
    assert theory.criterion(*on_grid, theory.GRID).item() == c
    assert theory.criterion(on_grid[0], q, theory.GRID).item() == c
    assert theory.criterion(p_scipy, q_scipy).item() == pytest.approx(c, abs=3e-3)
    bins = [values / values.sum() for values in on_grid]
    assert theory.criterion(*bins).item() == pytest.approx(c, abs=3e-3)


def test_a_coarser_grid_of_ones_own():
    x = torch.linspace(-10, 10, 201)
    assert theory.jsd(gaussian(), gaussian(1), x).item() == pytest.approx(
        theory.jsd(gaussian(), gaussian(1)).item(), abs=1e-6
    )


def test_the_criterion_is_convex_in_p_g_and_the_value_a_straight_line():
    for _ in range(20):
        p, q, r = (random_distribution() for _ in range(3))
        d = torch.rand(6, dtype=torch.float64)
        middle = (q + r) / 2
        assert theory.criterion(p, middle) <= (theory.criterion(p, q) + theory.criterion(p, r)) / 2
        straight = (theory.value(d, p, q) + theory.value(d, p, r)) / 2
        assert theory.value(d, p, middle).item() == pytest.approx(straight.item(), abs=1e-12)


def test_the_slope_of_the_criterion_is_that_of_the_value_with_d_held_fixed():
    """The step in the proof of Proposition 2 that lets one descend without differentiating the maximum."""
    for _ in range(10):
        p, away = random_distribution(), torch.randn(6, dtype=torch.float64)
        away -= away.mean()
        t = torch.zeros((), dtype=torch.float64, requires_grad=True)
        q = random_distribution() + t * away
        slope = torch.autograd.grad(theory.criterion(p, q), t, retain_graph=True)[0]
        d = theory.optimal_discriminator(p, q).detach()
        fixed = torch.autograd.grad(theory.value(d, p, q), t)[0]
        assert slope.item() == pytest.approx(fixed.item(), abs=1e-10)


def test_the_slope_in_the_position_is_the_difference_quotient():
    x = theory.GRID
    for mean in (0.5, 2.0, 4.0):
        m = torch.tensor(mean, dtype=torch.float64, requires_grad=True)
        moved = torch.exp(-((x - m) ** 2) / 2) / math.sqrt(2 * math.pi)
        slope = torch.autograd.grad(theory.criterion(gaussian().pdf(x), moved, x), m)[0].item()
        left, right = (theory.criterion(gaussian(), gaussian(mean + h)).item() for h in (-1e-4, 1e-4))
        assert slope == pytest.approx((right - left) / 2e-4, abs=1e-6)


def test_certain_and_wrong_costs_infinitely_but_only_where_something_falls():
    p, q = torch.tensor([0.5, 0.5, 0.0]), torch.tensor([0.5, 0.5, 0.0])
    assert theory.value(torch.tensor([1.0, 0.5, 0.5]), p, q) == -math.inf
    assert theory.value(torch.tensor([0.0, 0.5, 0.5]), p, q) == -math.inf
    assert theory.value(torch.tensor([0.5, 0.5, 1.0]), p, q).item() == pytest.approx(-math.log(4))
    assert theory.value(torch.ones_like(theory.GRID), gaussian(), gaussian()) == -math.inf


HALF = torch.tensor([0.5, 0.5])


@pytest.mark.parametrize("function", [theory.kl, theory.jsd, theory.criterion])
@pytest.mark.parametrize(
    "p, q, words",
    [
        (torch.tensor([1.5, -0.5]), HALF, "-0.5"),
        (HALF, torch.tensor([0.5, 0.6]), "1.1"),
        (HALF, torch.tensor([0.5, 0.25, 0.25]), "different points"),
        (gaussian(30.0), gaussian(), "Not a distribution"),  # outside the grid
    ],
)
def test_what_is_no_pair_of_distributions_is_refused(function, p, q, words):
    with pytest.raises(ValueError, match=words):
        function(p, q)


@pytest.mark.parametrize(
    "d, words",
    [
        (torch.tensor([0.5, 1.2]), "1.2"),
        (torch.tensor([-0.1, 0.5]), "-0.1"),
        (torch.tensor([0.5, 0.5, 0.5]), "answers once"),
    ],
)
def test_what_is_no_discriminator_is_refused(d, words):
    with pytest.raises(ValueError, match=words):
        theory.value(d, HALF, HALF)


def test_a_grid_of_another_length_is_refused():
    with pytest.raises(ValueError, match="grid of 3"):
        theory.jsd(HALF, HALF, torch.linspace(0, 1, 3))


def test_a_negative_density_is_named():
    with pytest.raises(ValueError, match="p_g has the value -0.2"):
        theory.optimal_discriminator(HALF, torch.tensor([1.2, -0.2]))


def test_scipys_oracle_itself_would_notice_a_wrong_factor():
    """JSD of a fair and a certain coin by hand, so that the oracles above are not trusted blindly."""
    p, q = np.array([0.5, 0.5]), np.array([1.0, 0.0])
    by_hand = 0.5 * (0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(2)) + 0.5 * math.log(1 / 0.75)
    assert jensenshannon(p, q) ** 2 == pytest.approx(by_hand)
    assert theory.jsd(torch.tensor(p), torch.tensor(q)).item() == pytest.approx(by_hand)
