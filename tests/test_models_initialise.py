"""Initial weights: what the functions do, and that every network has really called them."""

from math import sqrt

import pytest
import scipy.special
import scipy.stats
import torch
from torch import nn

from course_lib.layers import MinibatchDiscrimination, VirtualBatchNorm, weight_norm
from course_lib.models import cgan, conditional_dcgan, dcgan, gan, semi_dense
from course_lib.models import semi_supervised as semi
from course_lib.models.initialise import bias_from_marginals_, dcgan_, glorot_, normal_, uniform_

LAYER = nn.Linear | nn.Conv2d | nn.ConvTranspose2d
DOUBTFUL = 1e-5  # a p-value that chance gives once in 100,000 layers; the seed is fixed


def uniform(a):
    return scipy.stats.uniform(-a, 2 * a)


def normal(std):
    return scipy.stats.norm(0, std)


def weight(layer: nn.Module) -> torch.Tensor:
    """The weight as it was drawn: under weight norm that is the direction v."""
    normed = hasattr(layer, "parametrizations")
    return layer.parametrizations.weight.original if normed else layer.weight


def p_value(layer: nn.Module, distribution) -> float:
    """Kolmogorov-Smirnov, by SciPy, on up to 20,000 of the layer's weights."""
    return scipy.stats.kstest(weight(layer).detach().flatten()[:20_000].numpy(), distribution.cdf).pvalue


def layers(network: nn.Module) -> dict[str, nn.Module]:
    return {name: layer for name, layer in network.named_modules() if isinstance(layer, LAYER)}


NETWORKS = {
    "gan G": (gan.Generator, uniform(0.05)),
    "gan D": (gan.Discriminator, uniform(0.005)),
    "cgan G": (cgan.Generator, uniform(0.05)),
    "cgan G at once": (lambda: cgan.Generator(at_once=True), uniform(0.05)),
    "cgan D": (cgan.Discriminator, uniform(0.005)),
    "cgan D at once": (lambda: cgan.Discriminator(at_once=True), uniform(0.005)),
    "tag G": (lambda: cgan.TagGenerator(image_dim=64), uniform(0.05)),
    "tag D": (lambda: cgan.TagDiscriminator(image_dim=64), uniform(0.005)),
    "dcgan G": (lambda: dcgan.Generator(32, nf=16, hidden=(64,)), normal(0.02)),
    "dcgan D": (lambda: dcgan.Discriminator(32, nf=16, hidden=(64,)), normal(0.02)),
    "dcgan G, resized": (lambda: dcgan.Generator(32, nf=16, strided=False, batch_norm=None), normal(0.02)),
    "dcgan D, pooled": (lambda: dcgan.Discriminator(32, nf=16, strided=False, batch_norm=None), normal(0.02)),
    "conditional dcgan G": (conditional_dcgan.Generator, normal(0.02)),
    "conditional dcgan D": (conditional_dcgan.Discriminator, normal(0.02)),
    "dense D": (semi.DenseDiscriminator, normal(0.1)),
    "conv G": (lambda: semi.ConvGenerator(width=32), normal(0.05)),
    "conv D": (lambda: semi.ConvDiscriminator(width=32), normal(0.05)),
    "sgan D": (semi.SganDiscriminator, normal(0.02)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_network_was_initialised(name):
    build, distribution = NETWORKS[name]
    for where, layer in layers(build()).items():
        assert p_value(layer, distribution) > DOUBTFUL, where
        assert layer.bias is None or not layer.bias.any(), where


@pytest.mark.parametrize("name", NETWORKS)
def test_without_the_call_every_layer_would_be_noticed(name, monkeypatch):
    for module in (gan, cgan, dcgan, conditional_dcgan, semi, semi_dense):
        for function in ("uniform_", "normal_", "dcgan_"):
            monkeypatch.setattr(module, function, lambda network, *_: network, raising=False)
    build, distribution = NETWORKS[name]
    for where, layer in layers(build()).items():
        if weight(layer).numel() > 2_000:  # a single row of 1,000 says too little about its distribution
            assert p_value(layer, distribution) < DOUBTFUL, where
        assert layer.bias is None or layer.bias.any(), where


def test_the_digit_generator_of_the_semi_supervised_game_has_glorots_weights_and_an_output_of_norm_one():
    generator = semi.DenseGenerator()
    for layer in (generator.hidden[0], generator.hidden[3]):
        a = sqrt(6 / (layer.in_features + layer.out_features))
        assert p_value(layer, uniform(a)) > DOUBTFUL
    norms = generator.output[0].weight.norm(dim=1)
    torch.testing.assert_close(norms, torch.ones_like(norms))


def test_batch_norm_of_a_dcgan_starts_around_one():
    for network in (dcgan.Generator(64), dcgan.Discriminator(64), dcgan.Generator(64, batch_norm=VirtualBatchNorm)):
        norms = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm2d | VirtualBatchNorm)]
        scales = torch.cat([norm.weight for norm in norms]).detach()
        assert scipy.stats.kstest(scales.numpy(), scipy.stats.norm(1, 0.02).cdf).pvalue > DOUBTFUL
        assert len(norms) >= 3 and not any(norm.bias.any() for norm in norms)


@pytest.mark.parametrize(
    "network",
    [
        dcgan.Generator(32, nf=4),
        dcgan.Discriminator(32, nf=4),
        conditional_dcgan.Generator(units=8, nf=4),
        conditional_dcgan.Discriminator(nf=4, units=8),
        semi.DenseGenerator(),
        semi.ConvGenerator(width=4),
        semi.SganDiscriminator(nf=4),
    ],
    ids=lambda network: f"{type(network).__module__.split('.')[-1]}.{type(network).__name__}",
)
def test_no_batch_norm_took_its_momentum_for_eps(network):
    """nn.BatchNorm2d(128, 0.8) adds 0.8 to every variance and leaves the momentum at 0.1."""
    norms = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)]
    assert norms and all(norm.eps <= 1e-5 and norm.momentum == 0.1 for norm in norms)
    assert nn.BatchNorm2d(128, 0.8).eps == 0.8


def test_a_minibatch_layer_keeps_its_own_starting_weights():
    layer = MinibatchDiscrimination(64 * 4 * 4, 10, 5)
    before = layer.T.detach().clone()
    assert torch.equal(dcgan.Discriminator(16, nf=32, minibatch=layer).minibatch.T, before)


@pytest.mark.parametrize("kind", [nn.Linear(70, 60), nn.Conv2d(20, 30, 3), nn.ConvTranspose2d(20, 30, 3)])
@pytest.mark.parametrize("draw, std", [(lambda n: uniform_(n, 0.3), 0.3 / sqrt(3)), (lambda n: normal_(n, 0.3), 0.3)])
def test_every_kind_of_layer_is_drawn_and_returned(kind, draw, std):
    network = nn.Sequential(nn.Sequential(kind))
    assert draw(network) is network
    assert kind.weight.std().item() == pytest.approx(std, rel=0.05)
    assert not kind.bias.any()


def test_glorot_keeps_the_mean_of_the_two_variances():
    """Var(w) = 2 / (inputs + outputs), which is what the formula is for."""
    layer = glorot_(nn.Linear(300, 500))
    assert layer.weight.var().item() == pytest.approx(2 / 800, rel=0.02)


def test_a_weight_that_is_computed_is_refused():
    """Written into, it would be forgotten at the next forward."""
    layer = weight_norm(nn.Linear(3, 4))
    for draw in (lambda n: uniform_(n, 0.1), lambda n: normal_(n, 0.1), glorot_, dcgan_):
        with pytest.raises(ValueError, match="Initialise first, normalise after"):
            draw(nn.Sequential(layer))


def test_the_output_bias_gives_the_mean_image():
    marginals = torch.rand(1, 4, 4)
    layer = nn.Linear(3, 16)
    nn.init.zeros_(layer.weight)
    image = bias_from_marginals_(layer, marginals)(torch.randn(2, 3)).sigmoid()
    torch.testing.assert_close(image, marginals.flatten().expand(2, -1))
    torch.testing.assert_close(
        layer.bias.detach().double(), torch.from_numpy(scipy.special.logit(marginals.double().flatten().numpy()))
    )


def test_pixels_that_are_always_black_or_white_have_a_finite_bias():
    layer = bias_from_marginals_(nn.Linear(3, 2), torch.tensor([0.0, 1.0]))
    torch.testing.assert_close(layer.bias.detach(), torch.tensor([-16.118, 16.118]), atol=1e-3, rtol=0)


@pytest.mark.parametrize(
    "marginals, words",
    [
        (torch.zeros(784), "784 marginals for 2 outputs"),
        (torch.tensor([0.0, 33.0]), "from 0 to 33; give the mean of images in"),
        (torch.tensor([-1.0, 0.5]), "from -1 to 0.5"),
    ],
)
def test_marginals_that_are_none_are_refused(marginals, words):
    with pytest.raises(ValueError, match=words):
        bias_from_marginals_(nn.Linear(3, 2), marginals)
