"""Rates and momenta that change from step to step and travel with the optimiser's state."""

import pytest
import torch

from course_lib.training.schedules import scheduled, shrinking, straight


def sgd(**schedules):
    """An optimiser of one weight whose gradient is 1."""
    weight = torch.nn.Parameter(torch.zeros(()))
    optimizer = scheduled(torch.optim.SGD([weight], lr=99.0), **schedules)
    return weight, optimizer


def step(weight, optimizer, n=1):
    """n steps; where the weight is then."""
    for _ in range(n):
        weight.grad = torch.ones(())
        optimizer.step()
    return weight.item()


def test_the_paper_of_2014_divides_the_rate_at_every_step():
    rate = shrinking(0.1, divided_by=1.000004, floor=1e-6)
    assert rate(0) == 0.1
    assert rate(250_000) == pytest.approx(0.1 / 1.000004**250_000)
    assert rate(10**8) == 1e-6


def test_momentum_rises_in_a_straight_line_and_stays():
    momentum = straight(0.5, 0.7, steps=250)
    assert [momentum(at) for at in (0, 125, 250, 9_000)] == pytest.approx([0.5, 0.6, 0.7, 0.7])


def test_a_line_may_begin_late():
    rate = straight(2e-4, 0.0, steps=100, after=100)
    assert [rate(at) for at in (0, 100, 150, 200)] == pytest.approx([2e-4, 2e-4, 1e-4, 0.0])


def test_the_first_step_uses_the_first_rate():
    weight, optimizer = sgd(rate=lambda made: 1.0 + made)
    assert step(weight, optimizer) == -1.0
    assert step(weight, optimizer) == -3.0


def test_momentum_is_set_too():
    weight, optimizer = sgd(rate=lambda made: 1.0, momentum=lambda made: 0.5 if made else 0.25)
    step(weight, optimizer, 2)
    assert optimizer.param_groups[0]["momentum"] == 0.5 and weight.item() == -2.5


def test_the_place_in_the_schedule_is_part_of_the_optimisers_state():
    weight, optimizer = sgd(rate=lambda made: 0.5**made)
    step(weight, optimizer, 3)
    again, fresh = sgd(rate=lambda made: 0.5**made)
    fresh.load_state_dict(optimizer.state_dict())
    again.data = weight.data.clone()
    assert step(again, fresh, 2) == step(weight, optimizer, 2) == pytest.approx(-1.9375)
