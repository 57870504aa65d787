"""A term times a constant."""

import pytest
import torch
from torch import nn

from course_lib import Batch, Round
from course_lib.losses import weighted

NOTHING = Round(nn.Identity(), nn.Identity(), Batch(torch.zeros(1, 1)), True, z=torch.zeros(1, 1))


def test_value_and_gradient_are_multiplied():
    x = torch.tensor(3.0, requires_grad=True)
    value = weighted(lambda round: x.square(), 0.1)(NOTHING)
    assert value.item() == pytest.approx(0.9)
    assert torch.autograd.grad(value, x)[0].item() == pytest.approx(0.6)


def test_term_and_factor_can_be_read():
    term = lambda round: torch.tensor(1.0)
    assert (weighted(term, 2.0).term, weighted(term, 2.0).factor) == (term, 2.0)


def test_a_term_without_state_adds_none():
    assert weighted(lambda round: torch.tensor(1.0), 2.0).state_dict() == {}


@pytest.mark.parametrize("factor", [float("nan"), float("inf"), -float("inf")])
def test_a_factor_that_is_no_finite_number_is_refused(factor):
    with pytest.raises(ValueError, match="finite number"):
        weighted(lambda round: torch.tensor(1.0), factor)
