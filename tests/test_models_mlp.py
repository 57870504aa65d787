"""The fully connected networks: shapes, ranges, and words for a wrong shape."""

import pytest
import torch
from torch import nn

from course_lib.layers import MinibatchDiscrimination
from course_lib.models.mlp import Discriminator, Generator


def test_the_generator_gives_the_shape_and_range_asked_for():
    generator = Generator(16, (32,), (1, 28, 28), batch_norm=True, output=nn.Tanh())
    images = generator(generator.noise(5))
    assert images.shape == (5, 1, 28, 28)
    assert images.abs().max() <= 1


def test_the_prior_is_a_standard_gaussian():
    z = Generator(4, (), (2,)).noise(20_000)
    torch.testing.assert_close(z.mean(0), torch.zeros(4), atol=0.05, rtol=0)
    torch.testing.assert_close(z.std(0), torch.ones(4), atol=0.05, rtol=0)


def test_the_discriminator_gives_one_logit_an_example_and_its_features():
    verdict = Discriminator((1, 28, 28), (64, 32))(torch.zeros(5, 1, 28, 28))
    assert verdict.logits.shape == (5,)
    assert verdict.features.shape == (5, 32)


def test_the_logit_is_linear_in_the_features():
    discriminator = Discriminator((2,), (8, 4)).eval()
    verdict = discriminator(torch.randn(6, 2))
    torch.testing.assert_close(discriminator.logit(verdict.features).squeeze(1), verdict.logits)


def test_the_discriminator_judges_each_example_alone():
    discriminator = Discriminator((2,), (8,)).eval()
    x = torch.randn(6, 2)
    torch.testing.assert_close(discriminator(x).logits[:2], discriminator(x[:2]).logits)


def test_wrong_shapes_are_refused_in_words():
    with pytest.raises(ValueError, match=r"z has shape \(3, 5\); this generator wants \(batch, 4\)"):
        Generator(4, (), (2,))(torch.zeros(3, 5))
    with pytest.raises(ValueError, match=r"x has shape \(3, 784\); this discriminator wants \(batch, 1, 28, 28\)"):
        Discriminator((1, 28, 28), (4,))(torch.zeros(3, 784))
    with pytest.raises(ValueError, match="at least one hidden layer"):
        Discriminator((2,), ())


def test_a_minibatch_layer_comes_after_the_features_are_read():
    x = torch.randn(5, 2)
    discriminator = Discriminator((2,), (8,), minibatch=MinibatchDiscrimination(8, kernels=3, dims=2))
    verdict = discriminator(x)
    assert verdict.features.shape == (5, 8) and verdict.logits.shape == (5,)
    assert discriminator.logit.in_features == 11
    expected = discriminator.logit(discriminator.minibatch(verdict.features)).squeeze(1)
    torch.testing.assert_close(verdict.logits, expected)
