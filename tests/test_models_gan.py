"""The first GAN's networks on digits: sizes, prior, output bias and dropout of the authors' code."""

from itertools import islice
from math import sqrt

import pytest
import scipy.stats
import torch

from course_lib import Game, play
from course_lib.data import Batches
from course_lib.losses import non_saturating, tell_apart
from course_lib.models.gan import Discriminator, Generator


def count(network: torch.nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def test_parameters_are_those_of_the_paper():
    assert count(Generator()) == (100 + 1) * 1200 + (1200 + 1) * 1200 + (1200 + 1) * 784
    assert count(Discriminator()) == (784 + 1) * 240 * 5 + (240 + 1) * 240 * 5 + 240 + 1


def test_the_prior_is_uniform_with_variance_one():
    z = Generator(hidden=(4,)).noise(500)
    assert z.shape == (500, 100)
    assert scipy.stats.kstest(z.flatten().numpy(), scipy.stats.uniform(-sqrt(3), 2 * sqrt(3)).cdf).pvalue > 0.001
    assert scipy.stats.kstest(z.flatten().numpy(), scipy.stats.uniform(-1, 2).cdf).pvalue < 0.001
    assert z.var().item() == pytest.approx(1, abs=0.02)


def test_the_first_samples_have_the_brightness_of_the_data():
    mean = torch.rand(1, 28, 28)
    mean[..., :4] = 0  # as in MNIST, whose margin is always black
    generator = Generator(marginals=mean)
    images = generator(generator.noise(64)).detach()
    assert images.shape == (64, 1, 28, 28) and images.min() >= 0 and images.max() <= 1
    assert torch.corrcoef(torch.stack([images.mean(0).flatten(), mean.flatten()]))[0, 1] > 0.95
    plain = Generator()
    assert abs(plain(plain.noise(64)).mean().item() - 0.5) < 0.05  # and without them they are grey


def test_the_verdict_has_one_logit_an_image_linear_in_the_features():
    discriminator = Discriminator(hidden=(12, 8)).eval()
    verdict = discriminator(torch.rand(5, 1, 28, 28))
    assert verdict.logits.shape == (5,) and verdict.features.shape == (5, 8)
    torch.testing.assert_close(discriminator.logit(verdict.features).squeeze(1), verdict.logits)
    assert discriminator(torch.rand(1, 1, 28, 28)).logits.shape == (1,)


def test_dropout_scales_as_the_code_does():
    """Kept pixels times 1.25 and kept units times 2 in training, nothing in evaluation."""
    discriminator = Discriminator()
    pixels, units = discriminator.features[1], discriminator.dropout
    assert set(pixels(torch.ones(1, 10_000)).unique().tolist()) == {0.0, 1.25}
    assert set(units(torch.ones(1, 10_000)).unique().tolist()) == {0.0, 2.0}
    assert (units(torch.ones(1, 10_000)) == 0).float().mean().item() == pytest.approx(0.5, abs=0.03)
    assert (pixels(torch.ones(1, 10_000)) == 0).float().mean().item() == pytest.approx(0.2, abs=0.03)
    assert discriminator.features[3].p == 0.5
    x = torch.rand(3, 1, 28, 28)
    assert torch.equal(discriminator.eval()(x).logits, discriminator(x).logits)


def test_features_are_read_before_their_dropout():
    discriminator = Discriminator(hidden=(40,), input_dropout=0.0)
    x = torch.rand(3, 1, 28, 28)
    first, second = discriminator(x), discriminator(x)
    assert torch.equal(first.features, second.features) and not torch.equal(first.logits, second.logits)


def test_the_two_play():
    game = Game(Generator(hidden=(20,)), Discriminator(hidden=(8,)), {"apart": tell_apart}, {"pass": non_saturating})
    for _, values in islice(play(game, Batches(torch.rand(32, 1, 28, 28), batch_size=8)), 3):
        assert all(value.isfinite() for value in values.values())


def test_wrong_inputs_are_refused_in_words():
    with pytest.raises(ValueError, match=r"z has shape \(3, 5\)"):
        Generator()(torch.zeros(3, 5))
    with pytest.raises(ValueError, match=r"x has shape \(3, 784\); this network wants \(batch, 1, 28, 28\)"):
        Discriminator(hidden=(4,))(torch.zeros(3, 784))
    with pytest.raises(ValueError, match="at least one hidden layer"):
        Discriminator(hidden=())
