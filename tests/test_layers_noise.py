"""Noise: Gaussian of the spread asked for, in training alone; dropout, in evaluation too if that is wanted."""

import pytest
import scipy.stats
import torch

from course_lib.layers import DropoutNoise, GaussianNoise


def test_in_training_the_noise_is_gaussian_of_that_standard_deviation():
    noise = GaussianNoise(0.3)(torch.full((100, 50), 2.0)) - 2
    assert scipy.stats.kstest(noise.flatten().numpy(), scipy.stats.norm(0, 0.3).cdf).pvalue > 0.001


def test_each_call_and_each_activation_has_its_own():
    layer, x = GaussianNoise(0.3), torch.zeros(4, 3)
    assert layer(x).unique().numel() == 12
    assert not torch.equal(layer(x), layer(x))


def test_in_evaluation_nothing_changes():
    x = torch.randn(4, 1, 5, 5)
    assert torch.equal(GaussianNoise(0.3).eval()(x), x)


def test_the_gradient_passes_as_if_there_were_no_noise():
    x = torch.randn(4, 3, requires_grad=True)
    GaussianNoise(0.3)(x).sum().backward()
    assert torch.equal(x.grad, torch.ones(4, 3))


@pytest.mark.parametrize("std", [-0.1, float("nan")])
def test_a_standard_deviation_below_zero_is_refused(std):
    with pytest.raises(ValueError, match=f"at least 0; got {std}"):
        GaussianNoise(std)


@pytest.mark.parametrize("training", [False, True])
def test_dropout_noise_is_pytorchs_dropout_whether_one_trains_or_not(training):
    x = torch.rand(50, 40)
    torch.manual_seed(1)
    got = DropoutNoise(0.3).train(training)(x)
    torch.manual_seed(1)
    assert torch.equal(got, torch.nn.Dropout(0.3).train()(x))
    assert not torch.equal(got, x)
