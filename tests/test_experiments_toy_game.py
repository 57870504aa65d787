"""The toy games: the paper's value and equilibrium, orbits without the term, and rest with it, at the rate foretold."""

import math
from dataclasses import replace

import pytest
import scipy.integrate
import torch

from course_lib.experiments.improved import toy_game
from course_lib.experiments.improved.toy_game import (
    PAPERS,
    XY,
    Settings,
    distances,
    papers_value,
    path,
    reproduce,
    starts,
)
from course_lib.training.plan import Training

SHORT = Settings(steps=200, learning_rate=0.05, starts=4)


def ends(game, settings, strength):
    return distances(game, path(game, settings, strength)[-1])


def test_the_value_is_the_papers():
    x, y = torch.tensor([-2.0, -1.0, 0.0, 0.5, 3.0]), torch.tensor([0.0, 3.0, 2.0, 5.0, -1.0])
    expected = [(f - 1) * (b - 1) for f, b in zip([-2.0, -1.0, 0.0, 0.25, 9.0], y.tolist(), strict=True)]
    assert papers_value(x, y).tolist() == expected


@pytest.mark.parametrize("game, w", [(PAPERS, 2.0), (XY, 1.0)])
def test_at_the_equilibrium_nobody_moves_and_around_it_the_game_turns(game, w):
    """The field of the two players' descents is zero there, and its Jacobian has the eigenvalues +-iw."""

    def field(place):
        x, y = place
        slope_x, slope_y = torch.autograd.grad(game.value(x, y), (x, y), create_graph=True)
        return torch.stack([slope_x, -slope_y])

    there = torch.tensor(game.equilibrium, dtype=torch.float64, requires_grad=True)
    assert field(there).abs().max() == 0
    eigenvalues = torch.linalg.eigvals(torch.autograd.functional.jacobian(field, there))
    assert sorted(eigenvalues.imag.tolist()) == pytest.approx([-w, w])
    assert eigenvalues.real.abs().max() < 1e-12


def test_small_steps_follow_the_flow_as_scipy_integrates_it():
    """Of plain gradient descent, for one unit of time: an extended orbit through x < 0 too."""
    settings = Settings(steps=400, learning_rate=2.5e-3, starts=3)

    def flow(_, place):
        x, y = place
        f, slope = (x, 1.0) if x < 0 else (x * x, 2 * x)
        return [-slope * (y - 1), f - 1]

    begin = starts(PAPERS, settings)
    assert begin[:, 0].min() < -0.5
    for start, end in zip(begin, path(PAPERS, settings, 0.0)[-1], strict=True):
        expected = scipy.integrate.solve_ivp(flow, (0, 1), start.numpy(), rtol=1e-8, atol=1e-10).y[:, -1]
        assert end.numpy() == pytest.approx(expected, abs=0.04)


def test_with_the_term_the_path_is_the_papers_equation_written_out():
    settings = replace(SHORT, steps=30)
    c, r = 0.3, settings.learning_rate
    place = starts(XY, settings)
    past = []
    for got in path(XY, settings, c):
        pull = place - torch.stack(past).mean(0) if past else torch.zeros_like(place)
        slope = torch.stack([place[:, 1], -place[:, 0]], 1)
        place = place - r * (slope + 2 * c * pull)
        past.append(place)
        torch.testing.assert_close(got, place)


def test_in_turn_the_second_player_sees_the_first_ones_move():
    settings = Settings(steps=1, learning_rate=0.1, starts=3)
    x, y = starts(XY, settings).T
    at_once, in_turn = (path(XY, replace(settings, in_turn=turn), 0.0)[0].T for turn in (False, True))
    torch.testing.assert_close(at_once, torch.stack([x - 0.1 * y, y + 0.1 * x]))
    torch.testing.assert_close(in_turn, torch.stack([x - 0.1 * y, y + 0.1 * (x - 0.1 * y)]))


@pytest.mark.parametrize("game", [PAPERS, XY])
@pytest.mark.parametrize("in_turn", [False, True])
def test_gradient_descent_does_not_come_near_and_historical_averaging_does(game, in_turn):
    settings = replace(SHORT, in_turn=in_turn)
    assert ends(game, settings, 0.0).min() > 0.5 * settings.distance
    assert ends(game, settings, 0.2).max() < 0.4 * settings.distance


def test_moves_at_once_need_a_pull_above_a_threshold():
    """Near the equilibrium of xy: c above r/4, for r = 0.2 above 0.05."""
    settings = Settings(steps=200, learning_rate=0.2, starts=1)
    assert ends(XY, settings, 0.02).item() > settings.distance
    assert ends(XY, settings, 0.1).item() < 0.2 * settings.distance


@pytest.mark.parametrize("c", [0.25, 0.5])
def test_it_comes_to_rest_at_the_rate_foretold(c):
    """As t^-p with p = 1 / (1 + 4 c^2) in xy: the stronger the pull, the slower."""
    settings = Settings(steps=400, learning_rate=0.2, starts=1)
    far = distances(XY, path(XY, settings, c))[:, 0]
    slope = (far[399].log() - far[99].log()) / math.log(4)
    assert slope.item() == pytest.approx(-1 / (1 + 4 * c**2), abs=0.05)


def test_too_strong_a_pull_hardly_moves():
    assert ends(XY, SHORT, 2.0).min() > 0.5 * SHORT.distance


def test_what_grows_out_of_bounds_is_infinitely_far():
    settings = Settings(steps=60, learning_rate=1.0, starts=2)
    assert ends(PAPERS, settings, 0.0).max() == math.inf


def test_every_start_is_as_far_and_off_the_axes():
    begin = starts(PAPERS, Settings(starts=12))
    offset = begin - torch.tensor([1.0, 1.0])
    torch.testing.assert_close(offset.norm(dim=1), torch.full((12,), 2.0, dtype=torch.float64))
    assert offset.abs().min() > 0.3 and len({tuple(row) for row in begin.tolist()}) == 12


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="There are 0 starts"):
        starts(XY, Settings(starts=0))
    with pytest.raises(ValueError, match="at distance 0.0; choose"):
        starts(XY, Settings(distance=0.0))
    with pytest.raises(ValueError, match="steps is 0"):
        path(XY, Settings(steps=0), 0.0)


def test_reproduced_at_quick_size(tmp_path):
    outcome = reproduce(toy_game.settings(), Training(tmp_path))
    assert all(math.isfinite(value) for value in outcome.numbers.values()) and len(outcome.numbers) == 8
    assert {name.replace("10k", "100") for name in toy_game.PAPER} <= set(outcome.numbers)
    assert outcome.note == "4 starts at distance 2, moves at once, strength 0.1"
    assert outcome.device.type == "cpu" and list(tmp_path.iterdir()) == []


def test_the_papers_claims_stand_beside_the_numbers_of_the_full_size():
    assert f"_{toy_game.CPU.steps // 1_000}k" in next(iter(toy_game.PAPER))
