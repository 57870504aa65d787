"""Strided convolutions as products: the same convolution, gradients and gradients of gradients as PyTorch's."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib.layers import StridedConv2d, StridedConvTranspose2d, strided

# kernel, stride, padding, height; the width is one more, so that neither side always fits
GRIDS = [
    (4, 2, 1, 8),
    (4, 2, 1, 7),
    (2, 2, 0, 6),
    (6, 2, 2, 9),
    (3, 3, 1, 10),
    (6, 3, 2, 9),
    (4, 4, 0, 9),
    (2, 1, 1, 5),
]
PEERS = [(strided.conv2d, F.conv2d, (5, 3)), (strided.conv_transpose2d, F.conv_transpose2d, (3, 5))]


@pytest.fixture
def products(monkeypatch):
    """Counts the products, and lets few channels and any processor be enough for them."""
    calls = []
    for name in ("conv2d", "conv_transpose2d"):
        of = getattr(strided, name)
        monkeypatch.setattr(strided, name, lambda *args, of=of: calls.append(of) or of(*args))
    monkeypatch.setattr(strided, "FEW", 2)
    monkeypatch.setattr(strided, "AMX", True)
    return calls


@pytest.mark.parametrize("ours, peer, sizes", PEERS)
@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("kernel, stride, padding, height", GRIDS)
def test_values_and_gradients_are_pytorchs(ours, peer, sizes, channels_last, kernel, stride, padding, height):
    x = torch.randn(2, 3, height, height + 1, dtype=torch.float64)
    weight = torch.randn(*sizes, kernel, kernel, dtype=torch.float64)
    if channels_last:
        x, weight = (tensor.to(memory_format=torch.channels_last) for tensor in (x, weight))
    inputs = (x.requires_grad_(), weight.requires_grad_(), torch.randn(5, dtype=torch.float64).requires_grad_())
    got, expected = (convolution(*inputs, stride, padding) for convolution in (ours, peer))
    torch.testing.assert_close(got, expected)
    towards = torch.randn_like(expected)
    for mine, theirs in zip(*(torch.autograd.grad(y, inputs, towards) for y in (got, expected)), strict=True):
        torch.testing.assert_close(mine, theirs)


@pytest.mark.parametrize("ours", [strided.conv2d, strided.conv_transpose2d])
def test_gradients_have_gradients(ours):
    """A gradient penalty needs them; compared with finite differences."""
    x, weight = (torch.randn(2, 2, 4, 4, dtype=torch.float64).requires_grad_() for _ in range(2))
    assert torch.autograd.gradgradcheck(lambda x, weight: ours(x, weight, None, 2, 1).sin(), (x, weight))


@pytest.mark.parametrize("layer, peer", [(StridedConv2d, nn.Conv2d), (StridedConvTranspose2d, nn.ConvTranspose2d)])
def test_in_bfloat16_the_layer_takes_the_product_and_is_as_near_as_pytorchs(products, layer, peer):
    mine, theirs = layer(4, 6, 4, 2, 1), peer(4, 6, 4, 2, 1)
    theirs.load_state_dict(mine.state_dict())
    x = torch.randn(8, 4, 8, 8)
    exact = theirs(x)
    with torch.autocast("cpu", torch.bfloat16):
        got, expected = mine(x), theirs(x)
    assert len(products) == 1
    assert got.dtype == expected.dtype == torch.bfloat16
    assert (got - exact).abs().mean() < 1.5 * (expected - exact).abs().mean()
    got.float().square().sum().backward()
    assert mine.weight.grad.dtype == torch.float32 and mine.bias.grad.shape == (6,)


@pytest.mark.parametrize("layer, peer", [(StridedConv2d, nn.Conv2d), (StridedConvTranspose2d, nn.ConvTranspose2d)])
def test_in_float32_the_layer_is_pytorchs(products, layer, peer):
    mine, theirs = layer(4, 6, 4, 2, 1), peer(4, 6, 4, 2, 1)
    theirs.load_state_dict(mine.state_dict())
    x = torch.randn(8, 4, 8, 8)
    assert torch.equal(mine(x), theirs(x))
    assert not products


@pytest.mark.parametrize(
    "settings",
    [
        {"kernel_size": 5},
        {"groups": 2},
        {"dilation": 2},
        {"kernel_size": (4, 2)},
        {"padding": (1, 0)},
        {"padding_mode": "circular"},
        {"kernel_size": 3, "padding": "same", "stride": 1},
    ],
)
def test_what_the_product_is_not_meant_for_is_pytorchs(products, settings):
    layer = StridedConv2d(4, 6, **({"kernel_size": 4, "stride": 2, "padding": 1} | settings)).bfloat16()
    x = torch.randn(2, 4, 8, 8, dtype=torch.bfloat16)
    assert torch.equal(layer(x), nn.Conv2d.forward(layer, x))
    assert not products


def test_an_output_padding_is_pytorchs(products):
    layer = StridedConvTranspose2d(4, 6, 4, 2, 1, output_padding=1).bfloat16()
    assert layer(torch.randn(2, 4, 8, 8, dtype=torch.bfloat16)).shape == (2, 6, 17, 17)
    assert not products


def test_without_amx_the_layer_is_pytorchs(products, monkeypatch):
    monkeypatch.setattr(strided, "AMX", False)
    StridedConv2d(4, 6, 4, 2, 1).bfloat16()(torch.randn(2, 4, 8, 8, dtype=torch.bfloat16))
    assert not products


def test_an_images_few_channels_are_left_to_pytorch(monkeypatch):
    monkeypatch.setattr(strided, "AMX", True)
    layer = StridedConv2d(3, 64, 4, 2, 1).bfloat16()
    assert not strided._product_pays(layer, torch.randn(2, 3, 8, 8, dtype=torch.bfloat16))
    layer = StridedConv2d(32, 64, 4, 2, 1).bfloat16()
    assert strided._product_pays(layer, torch.randn(2, 32, 8, 8, dtype=torch.bfloat16))
