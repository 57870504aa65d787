"""Figure 1 is really trained: D becomes D*, G alone moves towards the data, and both end at the equilibrium."""

import math

import pytest
import torch

from course_lib import theory
from course_lib.experiments.lessons.figure_one import P_DATA, Settings, X, build, density, four, snapshot, train

# Where a fair amount of data or fakes falls; elsewhere no loss looks at D.
FAIR = 0.1


@pytest.fixture(scope="module")
def film():
    return train()


def error_of_d(shot):
    p_data = P_DATA.pdf(X)
    gap = (shot.d - theory.optimal_discriminator(p_data, shot.p_g)).abs()
    return gap[p_data + shot.p_g > FAIR].max().item()


def jsd(shot):
    return theory.jsd(P_DATA, shot.p_g, X).item()


def test_the_four_panels_tell_the_story(film):
    a, b, c, d = four(film)
    assert [shot.panel for shot in (a, b, c, d)] == ["a", "b", "c", "d"]
    assert error_of_d(a) > 0.15, "(a): D is a rough judge"
    assert error_of_d(b) < 0.1, "(b): D is D*"
    assert torch.equal(a.p_g, b.p_g), "from (a) to (b) G stands still"
    assert torch.equal(b.d, c.d), "from (b) to (c) D stands still"
    assert jsd(c) < 0.8 * jsd(b) and c.x.mean() < b.x.mean(), "(c): G has moved towards the data"
    assert error_of_d(c) > 0.15, "(c): D is no longer D*, for G has moved away from under it"
    assert jsd(d) < 0.02, "(d): p_g = p_data"
    assert ((d.d - 0.5).abs()[P_DATA.pdf(X) > FAIR] < 0.1).all(), "(d): D = 1/2 where data fall"


def test_value_at_the_optimal_discriminator(film):
    """Theorem 1 on a trained D: V = -log 4 + 2 JSD."""
    _, b, _, _ = four(film)
    assert theory.value(b.d, P_DATA, b.p_g, X).item() == pytest.approx(2 * jsd(b) - math.log(4), abs=0.01)


def test_densities_and_answers_are_what_they_say(film):
    assert 10 <= len(film) <= 25
    for shot in film:
        assert torch.trapezoid(shot.p_g, X) == pytest.approx(1, abs=0.01)
        assert (shot.d >= 0).all() and (shot.d <= 1).all()
        assert (shot.x.diff() > 0).all() or shot.panel == "d", "lines from z to x do not cross before the game"


def test_same_seed_same_film_and_looking_changes_nothing(film):
    short = Settings(d_moves=20, g_moves=3, rounds=5)
    first, second = train(short), train(short)
    assert all(torch.equal(a.p_g, b.p_g) and torch.equal(a.d, b.d) for a, b in zip(first, second, strict=True))
    game = build(short)
    state = torch.get_rng_state()
    snapshot(game, "a", "nothing yet")
    assert torch.equal(state, torch.get_rng_state())


def test_density_of_a_start_is_the_gaussian_asked_for():
    """The generator is fitted to N(mean, std); its density is smeared by a kernel of width 0.1."""
    mean, std = 0.4, 0.6
    game = build(Settings(start=(mean, std)))
    expected = torch.distributions.Normal(mean, (std**2 + 0.1**2) ** 0.5).log_prob(X).exp()
    assert (density(game.generator) - expected).abs().max() < 0.05


def test_noise_is_uniform_and_strictly_inside():
    game = build(Settings())
    z = game.generator.noise(10_000)
    assert z.shape == (10_000, 1) and z.min() > -1 and z.max() < 1
    assert z.mean().abs() < 0.03 and z.var() == pytest.approx(1 / 3, abs=0.02)
    assert game.generator(torch.tensor([[-1.0 + 1e-4], [1.0 - 1e-4]])).isfinite().all()
