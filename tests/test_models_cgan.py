"""The conditional networks: sizes of the paper, what the label does, and how it comes in."""

from itertools import islice

import pytest
import scipy.stats
import torch
from torch import nn

from course_lib import Batch, Game, play
from course_lib.data import Batches
from course_lib.layers import Maxout
from course_lib.losses import non_saturating, tell_apart
from course_lib.models.cgan import Apart, AtOnce, Discriminator, Generator, TagDiscriminator, TagGenerator

SMALL_G = {"noise_dim": 6, "hidden": (8, 12), "joint": 10}
SMALL_D = {"hidden": (8, 5), "joint": 9}


def count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def test_parameters_on_digits_are_those_of_section_4_1():
    g = (100 + 1) * 200 + (10 + 1) * 1000 + (1200 + 1) * 1200 + (1200 + 1) * 784
    d = (784 + 1) * 240 * 5 + (10 + 1) * 50 * 5 + (240 + 50 + 1) * 240 * 4 + 240 + 1
    assert count(Generator()) == g
    assert count(Discriminator()) == d


def test_parameters_on_tags_are_those_of_section_4_2():
    g = (100 + 1) * 500 + (4096 + 1) * 2000 + (2500 + 1) * 200
    d = (200 + 1) * 500 + (4096 + 1) * 1200 + (1700 + 1) * 1000 * 3 + 1000 + 1
    assert count(TagGenerator()) == g
    assert count(TagDiscriminator()) == d


def test_joined_at_once_the_first_layer_has_as_many_units_and_sees_both():
    g = (110 + 1) * 1200 + (1200 + 1) * 1200 + (1200 + 1) * 784
    d = (794 + 1) * 290 * 5 + (240 + 50 + 1) * 240 * 4 + 240 + 1
    assert count(Generator(at_once=True)) == g
    assert count(Discriminator(at_once=True)) == d


def test_the_priors():
    unit = scipy.stats.uniform(0, 1)
    z = Generator(**{**SMALL_G, "noise_dim": 100}).noise(200)
    assert z.shape == (200, 100)
    assert scipy.stats.kstest(z.flatten().numpy(), unit.cdf).pvalue > 0.001
    z = TagGenerator(image_dim=8).noise(200)
    assert z.shape == (200, 100)
    assert scipy.stats.kstest(z.flatten().numpy(), scipy.stats.norm.cdf).pvalue > 0.001
    assert scipy.stats.kstest(z.flatten().numpy(), unit.cdf).pvalue < 0.001


@pytest.mark.parametrize("is_noise", [False, True])
def test_dropout_is_noise_only_where_it_is_asked_to_be(is_noise):
    """In evaluation G(z, y) is one image, or a different one each time; in training always the latter."""
    generator = Generator(**SMALL_G, dropout_is_noise=is_noise)
    z, y = generator.noise(5), torch.arange(5)
    assert not torch.equal(generator(z, y), generator(z, y))
    generator.eval()
    assert torch.equal(generator(z, y), generator(z, y)) != is_noise


@pytest.mark.parametrize("at_once", [False, True])
def test_shapes_and_range(at_once):
    generator = Generator(**SMALL_G, at_once=at_once)
    discriminator = Discriminator(**SMALL_D, at_once=at_once)
    y = torch.arange(5)
    images = generator(generator.noise(5), y)
    assert images.shape == (5, 1, 28, 28) and images.min() > 0 and images.max() < 1
    verdict = discriminator(images, y)
    assert verdict.logits.shape == (5,) and verdict.features.shape == (5, 9)
    assert discriminator(images[:1], y[:1]).logits.shape == (1,)


@pytest.mark.parametrize("at_once", [False, True])
def test_both_players_hear_the_label_of_each_example_and_of_no_other(at_once):
    generator = Generator(**SMALL_G, at_once=at_once).eval()
    discriminator = Discriminator(**SMALL_D, at_once=at_once).eval()
    z, x = generator.noise(4), torch.rand(4, 1, 28, 28)
    y, changed = torch.tensor([3, 3, 3, 3]), torch.tensor([3, 7, 3, 3])
    moved = (generator(z, y) - generator(z, changed)).flatten(1).abs().amax(1) > 0
    assert moved.tolist() == [False, True, False, False]
    moved = discriminator(x, y).logits != discriminator(x, changed).logits
    assert moved.tolist() == [False, True, False, False]


def test_apart_each_input_has_its_own_units_and_at_once_units_mix_both():
    a, b = torch.randn(3, 4, requires_grad=True), torch.randn(3, 2, requires_grad=True)
    apart, at_once = Apart(nn.Linear(4, 5), nn.Linear(2, 6)), AtOnce(nn.Linear(6, 11))
    assert apart(a, b).shape == at_once(a, b).shape == (3, 11)
    assert not torch.autograd.grad(apart(a, b)[:, :5].sum(), b, allow_unused=True)[0].any()
    assert torch.autograd.grad(at_once(a, b)[:, :5].sum(), b)[0].any()


def test_dropout_is_a_half_after_every_hidden_layer_and_on_no_input():
    for network, expected in ((Generator(**SMALL_G), 2), (Discriminator(**SMALL_D), 2), (TagGenerator(image_dim=8), 1)):
        layers = [layer for layer in network.modules() if isinstance(layer, nn.Dropout)]
        assert [layer.p for layer in layers] == [0.5] * expected
        assert not any(isinstance(layer, nn.Dropout) for layer in network.hidden.modules())


@pytest.mark.parametrize(
    "network", [Discriminator(**SMALL_D), TagDiscriminator(6, 8, (4, 4), 7)], ids=["digits", "tags"]
)
def test_features_are_the_joint_maxout_layer_before_its_dropout(network):
    joint = [layer for layer in network.joint if isinstance(layer, Maxout)]
    seen = []
    joint[-1].register_forward_hook(lambda layer, _, output: seen.append(output))
    tags = isinstance(network, TagDiscriminator)
    given = (torch.randn(3, 6), torch.randn(3, 8)) if tags else (torch.rand(3, 1, 28, 28), torch.arange(3))
    assert torch.equal(network(*given).features, seen[0])


def test_a_tag_is_a_linear_map_of_the_hidden_layer_and_may_be_negative():
    generator = TagGenerator(image_dim=8).eval()
    word = generator(generator.noise(50), torch.randn(50, 8))
    assert word.shape == (50, 200) and word.min() < 0 < word.max()
    assert type(generator.joint) is nn.Linear


@pytest.mark.parametrize("at_once", [False, True])
def test_the_two_play_with_labels(at_once):
    game = Game(
        Generator(**SMALL_G, at_once=at_once),
        Discriminator(**SMALL_D, at_once=at_once),
        {"apart": tell_apart},
        {"pass": non_saturating},
    )
    batches = Batches(torch.rand(32, 1, 28, 28), torch.randint(10, (32,)), batch_size=8, conditional=True)
    for _, values in islice(play(game, batches), 3):
        assert all(value.isfinite() for value in values.values())


def test_the_two_play_with_images_as_the_condition():
    game = Game(
        TagGenerator(6, 8, 5, (4, 4)), TagDiscriminator(5, 8, (4, 4), 7), {"a": tell_apart}, {"b": non_saturating}
    )
    batches = (Batch(torch.randn(9, 5), given=(torch.randn(9, 8),)) for _ in range(6))
    steps = [values for _, values in play(game, batches)]
    assert len(steps) == 3 and all(value.isfinite() for values in steps for value in values.values())


@pytest.mark.parametrize("network", [Generator(**SMALL_G), Discriminator(**SMALL_D)], ids=["G", "D"])
def test_a_label_out_of_range_is_refused(network):
    first = network.noise(2) if isinstance(network, Generator) else torch.rand(2, 1, 28, 28)
    with pytest.raises(ValueError, match="y runs from 3 to 10; this network knows the classes 0 to 9"):
        network(first, torch.tensor([10, 3]))


def test_wrong_shapes_are_refused_in_words():
    y = torch.arange(3)
    with pytest.raises(ValueError, match=r"z has shape \(3, 5\); this network wants \(batch, 6\)"):
        Generator(**SMALL_G)(torch.zeros(3, 5), y)
    with pytest.raises(ValueError, match=r"x has shape \(3, 784\); this network wants \(batch, 1, 28, 28\)"):
        Discriminator(**SMALL_D)(torch.zeros(3, 784), y)
    with pytest.raises(ValueError, match=r"v has shape \(3, 4\); this network wants \(batch, 8\)"):
        TagGenerator(6, 8, 5)(torch.zeros(3, 6), torch.zeros(3, 4))
    with pytest.raises(ValueError, match=r"word has shape \(3, 6\); this network wants \(batch, 5\)"):
        TagDiscriminator(5, 8)(torch.zeros(3, 6), torch.zeros(3, 8))


def test_marginals_set_the_bias_of_the_output():
    bright = Generator(**SMALL_G, marginals=torch.full((784,), 0.9))
    assert bright(bright.noise(9), torch.arange(9)).mean().item() == pytest.approx(0.9, abs=0.02)
