"""Feature matching: means of batches and not pairs of examples, and a gradient for the generator alone."""

import pytest
import torch
from torch import nn

from course_lib import Batch, Game, Round, Verdict
from course_lib.game import move_generator
from course_lib.losses import feature_matching, feature_matching_absolute
from course_lib.models.mlp import Discriminator, Generator

LOSSES = pytest.mark.parametrize("loss", [feature_matching, feature_matching_absolute])


def a_round(real, fake) -> Round:
    """A round in which D has already looked, and found these features."""
    round = Round(nn.Identity(), nn.Identity(), Batch(torch.zeros(len(real), 1)), True, z=torch.zeros(len(fake), 1))
    for name, features in (("real", real), ("fake", fake)):
        round.__dict__[name] = Verdict(torch.zeros(len(features)), features)
    return round


def features(n=6, width=4, shift=0.0):
    return torch.randn(n, width, dtype=torch.float64) + shift


def test_the_values_are_those_of_the_text():
    real = torch.tensor([[0.0, 2.0], [2.0, 0.0], [1.0, 4.0]])  # means 1, 2
    fake = torch.tensor([[1.0, 1.0], [3.0, 1.0], [2.0, 1.0]])  # means 2, 1
    assert feature_matching(a_round(real, fake)).item() == pytest.approx(2.0)
    assert feature_matching_absolute(a_round(real, fake)).item() == pytest.approx(1.0)


def test_against_pytorchs_own_losses_on_the_means():
    real, fake = features(), features(shift=0.5)
    means = real.mean(0), fake.mean(0)
    torch.testing.assert_close(feature_matching(a_round(real, fake)), nn.MSELoss(reduction="sum")(*means))
    torch.testing.assert_close(feature_matching_absolute(a_round(real, fake)), nn.L1Loss()(*means))


@LOSSES
def test_the_order_within_a_batch_does_not_matter(loss):
    real, fake = features(), features(shift=1.0)
    shuffled = fake[torch.randperm(len(fake))]
    torch.testing.assert_close(loss(a_round(real, fake)), loss(a_round(real, shuffled)))
    torch.testing.assert_close(loss(a_round(real, fake)), loss(a_round(real.flip(0), fake)))


@LOSSES
def test_two_orders_of_one_batch_match(loss):
    """The mean squared error per example, a usual mistake, does not: it asks for the pictures themselves."""
    real = features()
    assert loss(a_round(real, real.flip(0))).item() == pytest.approx(0.0, abs=1e-12)
    assert (real - real.flip(0)).square().mean() > 0.1


@LOSSES
def test_the_batches_may_differ_in_size(loss):
    real = features()
    assert loss(a_round(real, real.repeat(3, 1))).item() == pytest.approx(0.0, abs=1e-12)


@LOSSES
def test_real_features_carry_no_gradient_and_generated_ones_do(loss):
    real, fake = features().requires_grad_(), features(shift=1.0).requires_grad_()
    loss(a_round(real, fake)).backward()
    assert real.grad is None
    assert fake.grad.abs().sum() > 0


def test_the_gradient_is_that_of_the_squared_distance():
    real, fake = features(), features(shift=1.0).requires_grad_()
    torch.autograd.gradcheck(lambda fake: feature_matching(a_round(real, fake)), fake)


def test_in_a_game_only_the_generator_moves_and_it_comes_closer():
    generator, discriminator = Generator(3, (8,), (2,)), Discriminator((2,), (8,))
    game = Game(generator, discriminator, {"unused": feature_matching}, {"match": feature_matching})
    game.g_optimizer = torch.optim.Adam(generator.parameters(), lr=1e-2)
    before = {name: weight.clone() for name, weight in discriminator.state_dict().items()}
    batch = Batch(torch.randn(64, 2) + 2)
    losses = [move_generator(game, batch, step)["G match"].item() for step in range(1, 101)]
    assert all(torch.equal(weight, before[name]) for name, weight in discriminator.state_dict().items())
    assert all(weight.grad is None for weight in discriminator.parameters())
    assert sum(losses[-10:]) < 0.2 * sum(losses[:10])
