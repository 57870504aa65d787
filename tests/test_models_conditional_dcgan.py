"""The conditional DCGAN on digits: the released code's sizes, and the label at every layer."""

from itertools import islice

import pytest
import scipy.stats
import torch
from torch import nn

from course_lib import Game, play
from course_lib.data import Batches
from course_lib.losses import non_saturating, tell_apart
from course_lib.models.conditional_dcgan import Discriminator, Generator

LAYER = nn.Linear | nn.Conv2d | nn.ConvTranspose2d


def count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def inputs_of_layers(network: nn.Module, *inputs: torch.Tensor) -> list[torch.Tensor]:
    """What each layer with weights is given, in order."""
    seen = []
    for layer in network.modules():
        if isinstance(layer, LAYER):
            layer.register_forward_hook(lambda _, given, __: seen.append(given[0]))
    network(*inputs)
    return seen


def test_parameters_are_those_of_the_released_code():
    """Its eight arrays, and nothing else: no bias, and batch norm without scale and bias."""
    g = 110 * 1024 + 1034 * 128 * 7 * 7 + 138 * 64 * 25 + 74 * 1 * 25
    d = 11 * 64 * 25 + 74 * 128 * 25 + (128 * 7 * 7 + 10) * 1024 + 1034 * 1
    assert count(Generator()) == g and len(list(Generator().parameters())) == 4
    assert count(Discriminator()) == d and len(list(Discriminator().parameters())) == 4


def test_the_label_is_joined_to_the_input_of_every_layer():
    generator, discriminator = Generator(units=12, nf=3), Discriminator(nf=3, units=12)
    y = torch.tensor([4, 0, 9])
    label = nn.functional.one_hot(y, 10).float()
    for network, first in ((generator, generator.noise(3)), (discriminator, torch.rand(3, 1, 28, 28))):
        seen = inputs_of_layers(network, first, y)
        assert len(seen) == 4
        for x in seen:
            told = x[:, -10:]
            expected = label if x.ndim == 2 else label[:, :, None, None].expand_as(told)
            assert torch.equal(told, expected)


def test_maps_of_the_released_code():
    generator, discriminator = Generator(), Discriminator()
    y = torch.arange(2)
    shapes = [tuple(x.shape[1:]) for x in inputs_of_layers(generator, generator.noise(2), y)]
    assert shapes == [(110,), (1034,), (138, 7, 7), (74, 14, 14)]
    shapes = [tuple(x.shape[1:]) for x in inputs_of_layers(discriminator, torch.rand(2, 1, 28, 28), y)]
    assert shapes == [(11, 28, 28), (74, 14, 14), (6282,), (1034,)]


def test_batch_norm_has_eps_1e_8_and_is_not_in_ds_first_layer_nor_in_gs_last():
    generator, discriminator = Generator(units=12, nf=3), Discriminator(nf=3, units=12)
    norms = nn.BatchNorm1d | nn.BatchNorm2d
    for network, expected in ((generator, 3), (discriminator, 2)):
        found = [layer for layer in network.modules() if isinstance(layer, norms)]
        assert len(found) == expected
        assert all(norm.eps == 1e-8 and not norm.affine for norm in found)
    assert not any(isinstance(layer, norms) for layer in [*generator.blocks[-1], *discriminator.blocks[0]])


def test_prior_range_and_verdict():
    generator, discriminator = Generator(units=12, nf=3), Discriminator(nf=3, units=12)
    z = generator.noise(200)
    assert scipy.stats.kstest(z.flatten().numpy(), scipy.stats.uniform(-1, 2).cdf).pvalue > 0.001
    y = torch.randint(10, (200,))
    images = generator(z, y)
    assert images.shape == (200, 1, 28, 28) and images.min() >= 0 and images.max() <= 1
    verdict = discriminator(images, y)
    assert verdict.logits.shape == (200,) and verdict.features.shape == (200, 12)
    assert discriminator.eval()(images[:1], y[:1]).logits.shape == (1,)


def test_the_two_play():
    game = Game(Generator(units=12, nf=3), Discriminator(nf=3, units=12), {"a": tell_apart}, {"b": non_saturating})
    batches = Batches(torch.rand(32, 1, 28, 28), torch.randint(10, (32,)), batch_size=8, conditional=True)
    for _, values in islice(play(game, batches), 3):
        assert all(value.isfinite() for value in values.values())


def test_wrong_inputs_are_refused_in_words():
    generator, discriminator = Generator(units=12, nf=3), Discriminator(nf=3, units=12)
    with pytest.raises(ValueError, match=r"z has shape \(2, 110\); this network wants \(batch, 100\)"):
        generator(torch.zeros(2, 110), torch.arange(2))
    with pytest.raises(ValueError, match=r"x has shape \(2, 1, 32, 32\); this network wants \(batch, 1, 28, 28\)"):
        discriminator(torch.zeros(2, 1, 32, 32), torch.arange(2))
    with pytest.raises(ValueError, match="y runs from 0 to 10"):
        discriminator(torch.zeros(2, 1, 28, 28), torch.tensor([0, 10]))
