"""The DCGAN: sizes of the paper, and each of its five rules switched off by itself."""

from collections import Counter
from functools import partial
from itertools import islice

import pytest
import scipy.stats
import torch
from torch import nn

from course_lib import Game, play
from course_lib.data import Batches
from course_lib.layers import MinibatchDiscrimination, VirtualBatchNorm, WithReference, batch_norm_plain_2d
from course_lib.losses import non_saturating, tell_apart
from course_lib.models.dcgan import Discriminator, Generator

HIDDEN_LAYER = {"Linear": 1, "Unflatten": 1, "BatchNorm2d": 1, "Flatten": 1}


def count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def kinds(network: nn.Module) -> Counter:
    """How many layers of each kind."""
    leaves = [layer for layer in network.modules() if not list(layer.children())]
    return Counter(type(layer).__name__ for layer in leaves if not isinstance(layer, nn.Sequential))


def difference(network: nn.Module, other: nn.Module) -> dict[str, int]:
    """Layers that `other` has more (or fewer) of than `network`."""
    a, b = kinds(network), kinds(other)
    return {kind: b[kind] - a[kind] for kind in a | b if a[kind] != b[kind]}


def shapes(blocks: nn.ModuleList, x: torch.Tensor) -> list[tuple[int, ...]]:
    found = []
    for block in blocks:
        x = block(x)
        found.append(tuple(x.shape[1:]))
    return found


@pytest.mark.parametrize("kernel", [3, 4, 5, 6])
@pytest.mark.parametrize("strided", [True, False])
@pytest.mark.parametrize("size, start", [(8, 4), (32, 4), (64, 4), (28, 7)])
def test_every_layer_doubles_or_halves(size, start, strided, kernel):
    settings = {"start": start, "kernel": kernel, "strided": strided}
    generator, discriminator = Generator(size, 3, 2, **settings), Discriminator(size, 3, 2, **settings)
    up = shapes(generator.blocks, generator.noise(2))
    down = shapes(discriminator.blocks, torch.randn(2, 3, size, size))
    sides = [start * 2**i for i in range(len(up))]
    assert [shape[1] for shape in up] == [shape[2] for shape in up] == sides and sides[-1] == size
    assert [shape[1] for shape in down] == [shape[2] for shape in down] == sides[-2::-1]
    assert [shape[0] for shape in up] == [shape[0] for shape in down][::-1] + [3]


def test_the_generator_of_figure_1():
    """1024 maps of 4x4, 512 of 8x8, 256 of 16x16, 128 of 32x32, and an image of 64x64."""
    generator = Generator(64, nf=128, kernel=5)
    maps = [(1024, 4, 4), (512, 8, 8), (256, 16, 16), (128, 32, 32), (3, 64, 64)]
    assert shapes(generator.blocks, generator.noise(2)) == maps


def test_parameters_of_the_released_code():
    """64x64, 128 maps, 5x5: kernels, and a scale and a bias of batch norm for each map."""
    g = 100 * 1024 * 16 + 25 * (1024 * 512 + 512 * 256 + 256 * 128 + 128 * 3) + 2 * (1024 + 512 + 256 + 128)
    d = 25 * (3 * 128 + 128 * 256 + 256 * 512 + 512 * 1024) + 1024 * 16 + 2 * (256 + 512 + 1024)
    assert count(Generator(64, nf=128, kernel=5)) == g
    assert count(Discriminator(64, nf=128, kernel=5)) == d


def test_parameters_of_pytorchs_own_example():
    """Its G has 3,576,704 parameters and its D 2,765,568, at 64x64 with 64 maps."""
    assert count(Generator(64)) == 3_576_704
    assert count(Discriminator(64)) == 2_765_568


def test_all_layers_max_pooled_to_4x4_give_the_papers_7168_features():
    """On SVHN, section 5.2, from 64, 128 and 256 maps."""
    x, pooled = torch.randn(2, 3, 32, 32), []
    for block in Discriminator(32).blocks:
        x = block(x)
        pooled.append(nn.functional.adaptive_max_pool2d(x, 4).flatten(1))
    assert torch.cat(pooled, 1).shape == (2, 7168)


def test_the_prior_is_uniform_and_the_images_are_in_the_range_of_tanh():
    generator = Generator(16, nf=8)
    z = generator.noise(200)
    assert z.shape == (200, 100)
    assert scipy.stats.kstest(z.flatten().numpy(), scipy.stats.uniform(-1, 2).cdf).pvalue > 0.001
    assert scipy.stats.kstest(z.flatten().numpy(), scipy.stats.uniform(0, 1).cdf).pvalue < 0.001
    images = generator(z)
    assert images.min() < 0 < images.max() and images.abs().max() <= 1


def test_features_are_the_last_block_and_the_logit_is_linear_in_them():
    discriminator = Discriminator(16, nf=8).eval()
    verdict = discriminator(torch.randn(5, 3, 16, 16))
    assert verdict.logits.shape == (5,) and verdict.features.shape == (5, 16 * 4 * 4)
    torch.testing.assert_close(discriminator.logit(verdict.features).squeeze(1), verdict.logits)


def test_a_single_image_gets_a_single_logit():
    """`squeeze()` without an axis would drop the batch, and (batch, 1, 1, 1) would broadcast against labels."""
    assert Discriminator(16, nf=8).eval()(torch.randn(1, 3, 16, 16)).logits.shape == (1,)


# The five rules ---------------------------------------------------------------------------------------------


def test_by_default_all_five_rules_hold():
    generator, discriminator = Generator(64, nf=4), Discriminator(64, nf=4)
    assert kinds(generator) == {
        "Linear": 1, "Maps": 1, "StridedConvTranspose2d": 4, "BatchNorm2d": 4, "ReLU": 4, "Tanh": 1,
    }  # fmt: skip
    assert kinds(discriminator) == {
        "StridedConv2d": 4, "BatchNorm2d": 3, "LeakyReLU": 4, "Flat": 1, "Linear": 1, "Identity": 2,
    }  # fmt: skip
    assert {layer.negative_slope for layer in discriminator.modules() if isinstance(layer, nn.LeakyReLU)} == {0.2}
    strides = {layer.stride for n in (generator, discriminator) for layer in n.modules() if hasattr(layer, "stride")}
    assert strides == {(2, 2)}
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in [*generator.blocks[-1], *discriminator.blocks[0]])


RULES = {
    "1 strided, G": (Generator, {"strided": False}, {"StridedConvTranspose2d": -3, "Upsample": 3, "Conv2d": 3}),
    "1 strided, D": (Discriminator, {"strided": False}, {"StridedConv2d": -3, "Conv2d": 3, "MaxPool2d": 3}),
    "2 batch norm, G": (Generator, {"batch_norm": None}, {"BatchNorm2d": -3}),
    "2 batch norm, D": (Discriminator, {"batch_norm": None}, {"BatchNorm2d": -2}),
    "2 output layer, G": (Generator, {"norm_output": True}, {"BatchNorm2d": 1}),
    "2 input layer, D": (Discriminator, {"norm_input": True}, {"BatchNorm2d": 1}),
    "3 hidden, G": (Generator, {"hidden": (24,)}, {**HIDDEN_LAYER, "ReLU": 1}),
    "3 hidden, D": (Discriminator, {"hidden": (24,)}, {**HIDDEN_LAYER, "LeakyReLU": 1}),
    "4 ReLU, G": (Generator, {"activation": nn.Tanh}, {"ReLU": -3, "Tanh": 3}),
    "4 tanh, G": (Generator, {"output": nn.Sigmoid}, {"Tanh": -1, "Sigmoid": 1}),
    "5 leaky ReLU, D": (Discriminator, {"activation": nn.ReLU}, {"LeakyReLU": -3, "ReLU": 3}),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_switched_off_changes_its_layers_and_no_others(rule):
    network, off, changed = RULES[rule]
    built = network(32, nf=4, **off)
    assert difference(network(32, nf=4), built) == changed
    out = built(built.noise(3)) if network is Generator else built(torch.randn(3, 3, 32, 32)).logits
    assert len(out) == 3 and out.isfinite().all()


def test_pooling_comes_after_the_activation_and_the_convolution_keeps_the_size():
    block = Discriminator(16, nf=4, strided=False).blocks[1]
    assert [type(layer).__name__ for layer in block] == ["Conv2d", "BatchNorm2d", "LeakyReLU", "MaxPool2d"]
    assert block[0].stride == (1, 1) and block[0](torch.randn(2, 4, 8, 8)).shape[2:] == (8, 8)


def test_the_extra_batch_norm_stands_in_the_output_and_in_the_input_layer():
    assert [type(layer) for layer in Generator(16, norm_output=True).blocks[-1]][1] is nn.BatchNorm2d
    assert [type(layer) for layer in Discriminator(16, norm_input=True).blocks[0]][1] is nn.BatchNorm2d


@pytest.mark.parametrize("network", [Generator, Discriminator])
def test_layers_have_a_bias_exactly_where_there_is_no_batch_norm(network):
    def biases(built):
        kinds = nn.Linear | nn.Conv2d | nn.ConvTranspose2d
        return {layer.bias is not None for layer in built.modules() if isinstance(layer, kinds)}

    assert biases(network(32, nf=4, hidden=(5,))) == {False}
    assert biases(network(32, nf=4, hidden=(5,), batch_norm=None)) == {True}


@pytest.mark.parametrize("network", [Generator, Discriminator])
def test_batch_norm_without_scale_and_bias_has_no_parameters(network):
    with_them = network(32, nf=4)
    norms = [layer for layer in with_them.modules() if isinstance(layer, nn.BatchNorm2d)]
    assert count(network(32, nf=4, batch_norm=batch_norm_plain_2d)) == count(with_them) - sum(map(count, norms))


def test_with_virtual_batch_norm_an_image_ignores_its_batch_mates():
    """And with batch norm it does not: that is the coupling."""
    plain = Generator(16, nf=8, hidden=(12,))
    virtual = Generator(16, nf=8, hidden=(12,), batch_norm=VirtualBatchNorm)
    wrapped = WithReference(virtual, virtual.noise(20))
    z = plain.noise(8)
    torch.testing.assert_close(wrapped(z)[:3], wrapped(z[:3]))
    assert not torch.allclose(plain(z)[:3], plain(z[:3]), atol=1e-3)


# What improved GANs add -------------------------------------------------------------------------------------


def test_a_minibatch_layer_widens_what_the_logit_sees_and_not_the_features():
    plain = Discriminator(16, nf=8)
    discriminator = Discriminator(16, nf=8, minibatch=MinibatchDiscrimination(256, 10, 5)).eval()
    discriminator.blocks.load_state_dict(plain.eval().blocks.state_dict())
    x = torch.randn(4, 3, 16, 16)
    assert discriminator.logit.in_features == 256 + 10
    torch.testing.assert_close(discriminator(x).features, plain(x).features)
    assert not torch.allclose(discriminator(x).logits[:2], discriminator(x[:2]).logits)


def test_a_minibatch_layer_of_another_width_is_refused():
    with pytest.raises(ValueError, match=r"x has shape \(2, 256\); this layer wants \(batch, 10\)"):
        Discriminator(16, nf=8, minibatch=MinibatchDiscrimination(10, 10, 5))


def test_noise_on_the_input_is_for_training_only():
    discriminator = Discriminator(16, nf=8, batch_norm=None, input_noise=0.5)
    x = torch.randn(4, 3, 16, 16)
    assert not torch.equal(discriminator(x).logits, discriminator(x).logits)
    assert torch.equal(discriminator.eval()(x).logits, discriminator(x).logits)


# In use -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [{}, {"strided": False}, {"batch_norm": None}, {"hidden": (24,)}], ids=str)
def test_the_two_play(off):
    game = Game(
        Generator(16, 1, 4, **off),
        Discriminator(16, 1, 4, **off),
        {"real or fake": tell_apart},
        {"pass for real": non_saturating},
    )
    before = [p.detach().clone() for p in (*game.generator.parameters(), *game.discriminator.parameters())]
    for _, values in islice(play(game, Batches(torch.rand(32, 1, 16, 16), batch_size=8)), 2):
        assert all(value.isfinite() for value in values.values())
    after = (*game.generator.parameters(), *game.discriminator.parameters())
    assert all(not torch.equal(old, new) for old, new in zip(before, after, strict=True))


def test_channels_last_changes_the_layout_and_not_the_numbers():
    generator, discriminator = Generator(16, nf=8).eval(), Discriminator(16, nf=8).eval()
    z = generator.noise(4)
    x = generator(z)
    logits = discriminator(x).logits
    last = {"memory_format": torch.channels_last}
    generator.to(**last), discriminator.to(**last)
    assert generator(z).is_contiguous(**last)
    torch.testing.assert_close(generator(z), x, atol=1e-6, rtol=1e-4)
    torch.testing.assert_close(discriminator(generator(z)).logits, logits, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("network", [Generator, Discriminator])
@pytest.mark.parametrize("size", [28, 48, 4, 0])
def test_a_size_that_cannot_be_is_refused_with_ones_that_can(network, size):
    with pytest.raises(ValueError, match=f"size is {size}, .* Choose 8, 16, 32 or 64, .* 28x28 have start=7"):
        network(size)


def test_a_wrong_input_is_refused_in_words():
    with pytest.raises(ValueError, match=r"z has shape \(2, 50\); this network wants \(batch, 100\)"):
        Generator(16, nf=4)(torch.zeros(2, 50))
    with pytest.raises(ValueError, match=r"x has shape \(2, 1, 28, 28\); this network wants \(batch, 3, 32, 32\)"):
        Discriminator(32, nf=4)(torch.zeros(2, 1, 28, 28))


def test_activations_are_made_anew_for_every_layer():
    """One module shared by all layers would see every hook fire for each of them."""
    generator = Generator(32, nf=4, activation=partial(nn.LeakyReLU, 0.1))
    assert len({id(layer) for layer in generator.modules() if isinstance(layer, nn.LeakyReLU)}) == 3
