"""The semi-supervised networks: D's logit from its classes, sizes of the released code, and noise."""

from itertools import islice, pairwise

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch
from torch import nn

from course_lib import Game, play
from course_lib.data import Batches
from course_lib.layers import GaussianNoise, MinibatchDiscrimination, initialise_from_data
from course_lib.losses import non_saturating, tell_apart
from course_lib.models import dcgan
from course_lib.models.semi_supervised import (
    ConvDiscriminator,
    ConvGenerator,
    DenseDiscriminator,
    DenseGenerator,
    SganDiscriminator,
)

SMALL = {"hidden": (12, 9, 7)}
DISCRIMINATORS = {
    "dense": lambda: DenseDiscriminator(**SMALL),
    "dense, minibatch": lambda: DenseDiscriminator(**SMALL, minibatch=MinibatchDiscrimination(7, 6, 5)),
    "conv": lambda: ConvDiscriminator(28, 1, 4),
    "conv, minibatch": lambda: ConvDiscriminator(28, 1, 4, input_noise=0.2, minibatch=MinibatchDiscrimination(8, 6, 5)),
    "sgan": lambda: SganDiscriminator(nf=4),
}


def count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def shapes(layers: nn.Module, x: torch.Tensor, kind: type) -> list[tuple[int, ...]]:
    """Of the output of each layer of that kind."""
    seen = []
    for layer in layers.modules():
        if isinstance(layer, kind):
            layer.register_forward_hook(lambda _, __, output: seen.append(tuple(output.shape[1:])))
    layers(x)
    return seen


# D and its classes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_d_is_z_over_z_plus_one(name):
    verdict = DISCRIMINATORS[name]().eval()(torch.randn(6, 1, 28, 28))
    assert verdict.logits.shape == (6,) and verdict.classes.shape == (6, 10)
    Z = verdict.classes.double().exp().sum(1)
    torch.testing.assert_close(verdict.logits.double().sigmoid(), Z / (Z + 1))


@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_the_sum_over_classes_is_each_examples_own(name):
    """Over all axes it would be one number for the whole batch."""
    verdict = DISCRIMINATORS[name]().eval()(torch.randn(6, 1, 28, 28))
    classes = verdict.classes.detach().numpy()
    np.testing.assert_allclose(verdict.logits.detach().numpy(), scipy.special.logsumexp(classes, axis=1), rtol=1e-5)


@pytest.mark.parametrize("name", ["dense", "conv", "sgan"])
def test_a_single_image_gets_a_single_logit(name):
    assert DISCRIMINATORS[name]().eval()(torch.randn(1, 1, 28, 28)).logits.shape == (1,)


def test_the_n_plus_one_softmax_of_the_sgan_is_unchanged():
    discriminator = SganDiscriminator(nf=4, classes=5).eval()
    outputs = []
    discriminator.logit.register_forward_hook(lambda _, __, output: outputs.append(output.detach().numpy()))
    verdict = discriminator(50 * torch.randn(6, 1, 28, 28))
    explicit = scipy.special.softmax(outputs[0], axis=1)
    with_zero = np.concatenate([verdict.classes.detach().numpy(), np.zeros((6, 1))], axis=1)
    assert explicit.shape == (6, 5 + 1) and explicit.std() > 0.01
    np.testing.assert_allclose(scipy.special.softmax(with_zero, axis=1), explicit, rtol=1e-4)
    np.testing.assert_allclose(1 - verdict.logits.detach().sigmoid().numpy(), explicit[:, -1], rtol=1e-4)


def test_the_sgan_is_a_dcgan_with_more_outputs():
    classes, plain = SganDiscriminator(), dcgan.Discriminator(28, 1, start=7)
    assert count(classes) - count(plain) == (6272 + 1) * 11 - 6272
    assert shapes(classes.blocks[1], torch.randn(2, 64, 14, 14), nn.Conv2d) == [(128, 7, 7)]


# Digits, fully connected ------------------------------------------------------------------------------------


def test_parameters_on_digits_are_those_of_the_released_code():
    """A direction and a bias for each unit; a scale for each output of the last layer alone."""
    widths = [784, 1000, 500, 250, 250, 250, 10]
    d = sum((a + 1) * b for a, b in pairwise(widths)) + 10
    g = 100 * 500 + 500 + 500 * 500 + 500 + (500 + 1) * 784 + 784
    assert count(DenseDiscriminator()) == d
    assert count(DenseGenerator()) == g


def test_only_the_output_layer_trains_its_scale():
    for network in (DenseDiscriminator(**SMALL), ConvDiscriminator(width=4)):
        trained = [name for name, _ in network.named_parameters() if name.endswith(".g")]
        kept = [name for name, _ in network.named_buffers() if name.endswith(".g")]
        assert trained == ["output.parametrizations.weight.0.g"]
        assert len(kept) == (3 if isinstance(network, DenseDiscriminator) else 9)


def test_noise_is_3_tenths_on_the_image_and_a_half_on_every_hidden_layer():
    layers = [layer for layer in DenseDiscriminator().modules() if isinstance(layer, GaussianNoise)]
    assert [layer.std for layer in layers] == [0.3] + [0.5] * 5


def test_features_are_the_last_hidden_layer_before_its_noise():
    discriminator = DenseDiscriminator(**SMALL)
    x = torch.rand(4, 1, 28, 28)
    for layer in discriminator.features:
        if isinstance(layer, GaussianNoise):
            layer.std = 0.0
    first, second = discriminator(x), discriminator(x)
    assert first.features.shape == (4, 7) and first.features.min() >= 0
    assert torch.equal(first.features, second.features)
    assert not torch.equal(first.logits, second.logits)
    assert torch.equal(discriminator.eval()(x).logits, discriminator(x).logits)


def test_a_minibatch_layer_sees_the_features_without_noise_and_leaves_them_alone():
    layer = MinibatchDiscrimination(7, 6, 5)
    seen = []
    layer.register_forward_hook(lambda _, given, __: seen.append(given[0]))
    discriminator = DenseDiscriminator(**SMALL, minibatch=layer)
    verdict = discriminator(torch.rand(4, 1, 28, 28))
    assert torch.equal(seen[-1], verdict.features)
    assert discriminator.output.in_features == 7 + 6


def test_priors_and_ranges():
    for generator, low in ((DenseGenerator(), 0), (ConvGenerator(width=4), -1)):
        z = generator.noise(200)
        assert z.shape == (200, 100)
        assert scipy.stats.kstest(z.flatten().numpy(), scipy.stats.uniform(0, 1).cdf).pvalue > 0.001
        images = generator(z)
        assert images.min() >= low and images.max() <= 1 and images.min() < low + 0.5
    assert images.shape == (200, 3, 32, 32)


def test_batch_norm_has_a_bias_and_no_scale():
    """The next layer's weights make up for a scale; the released code leaves it out."""
    for network, expected in ((DenseGenerator(), 2), (ConvGenerator(width=4), 3)):
        norms = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)]
        assert len(norms) == expected
        assert all(not norm.weight.requires_grad and norm.bias.requires_grad and norm.eps == 1e-6 for norm in norms)


# Images, convolutional --------------------------------------------------------------------------------------


def test_parameters_on_cifar_are_those_of_the_released_code():
    a, b = 96, 192
    kernels = 9 * (3 * a + a * a + a * a + a * b + b * b + b * b + b * b) + b * b + b * b
    assert count(ConvDiscriminator()) == kernels + 3 * a + 6 * b + (b + 1) * 10 + 10
    g = 100 * 8192 + 8192 + 25 * (512 * 256 + 256 * 128 + 128 * 3) + 256 + 128 + 2 * 3
    assert count(ConvGenerator()) == g


@pytest.mark.parametrize("size, channels", [(32, 3), (28, 1)])
def test_nine_convolutions_then_an_average(size, channels):
    """Digits of 28x28 are widened to 32x32 by the first; the seventh is not padded."""
    discriminator = ConvDiscriminator(size, channels, 4)
    found = shapes(discriminator, torch.randn(2, channels, size, size), nn.Conv2d)
    assert found == [(4, 32, 32)] * 2 + [(4, 16, 16)] + [(8, 16, 16)] * 2 + [(8, 8, 8)] + [(8, 6, 6)] * 3
    assert discriminator(torch.randn(2, channels, size, size)).features.shape == (2, 8)
    generator = ConvGenerator(size, channels, 4)
    found = shapes(generator, generator.noise(2), nn.ConvTranspose2d)
    assert found == [(8, 8, 8), (4, 16, 16), (channels, size, size)]


def test_features_are_the_average_over_positions():
    discriminator = ConvDiscriminator(width=4).eval()
    x = torch.randn(3, 3, 32, 32)
    maps = discriminator.convolutions(x)
    torch.testing.assert_close(discriminator(x).features, maps.sum((2, 3)) / 36)


def test_dropout_silences_single_activations_and_not_whole_maps():
    discriminator = ConvDiscriminator(width=4)
    layers = [layer for layer in discriminator.modules() if isinstance(layer, nn.Dropout)]
    assert [layer.p for layer in layers] == [0.2, 0.5, 0.5]
    dropped = (layers[1](torch.ones(4, 8, 16, 16)) == 0).float().mean((2, 3))
    assert ((dropped > 0.3) & (dropped < 0.7)).all()


def test_with_noise_on_the_input_there_is_no_dropout_on_it():
    discriminator = ConvDiscriminator(28, 1, 4, input_noise=0.2)
    assert isinstance(discriminator.input_noise, GaussianNoise) and discriminator.input_noise.std == 0.2


@pytest.mark.parametrize("network", [ConvDiscriminator, ConvGenerator])
def test_another_size_is_refused(network):
    with pytest.raises(ValueError, match="size is 64; these networks are for images of 28x28 or 32x32"):
        network(64)


# In use -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["dense", "dense, minibatch", "conv", "conv, minibatch"])
def test_data_set_the_scales(name):
    """After it the ten outputs have mean 0 and variance 1 over the data, as the layers promise."""
    discriminator = DISCRIMINATORS[name]()
    x = torch.rand(200, 1, 28, 28)
    initialise_from_data(discriminator, x)
    classes = discriminator(x).classes
    assert classes.mean(0).abs().max() < 0.5 and 0.5 < classes.std(0).min() < classes.std(0).max() < 1.5


@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_the_two_play(name):
    generator = dcgan.Generator(28, 1, 4, start=7) if name == "sgan" else DenseGenerator()
    if name.startswith("conv"):
        generator = ConvGenerator(28, 1, 4)
    game = Game(generator, DISCRIMINATORS[name](), {"apart": tell_apart}, {"pass": non_saturating})
    for _, values in islice(play(game, Batches(torch.rand(32, 1, 28, 28), batch_size=8)), 2):
        assert all(value.isfinite() for value in values.values())


def test_wrong_shapes_are_refused_in_words():
    with pytest.raises(ValueError, match=r"x has shape \(3, 784\); this network wants \(batch, 1, 28, 28\)"):
        DenseDiscriminator(**SMALL)(torch.zeros(3, 784))
    with pytest.raises(ValueError, match=r"x has shape \(3, 1, 32, 32\); this network wants \(batch, 3, 32, 32\)"):
        ConvDiscriminator(width=4)(torch.zeros(3, 1, 32, 32))
    with pytest.raises(ValueError, match=r"z has shape \(3, 5\); this network wants \(batch, 100\)"):
        ConvGenerator(width=4)(torch.zeros(3, 5))
