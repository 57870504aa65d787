"""Batch norm without scale or bias: what is learnt, what is computed, and the trap of its second argument."""

import ast
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import course_lib
from course_lib.experiments.catalogue import TRAINED
from course_lib.layers import batch_norm_bias_only_1d, batch_norm_bias_only_2d, batch_norm_plain_1d, batch_norm_plain_2d


@pytest.mark.parametrize("norm, shape", [(batch_norm_plain_1d, (64, 3)), (batch_norm_plain_2d, (8, 3, 5, 5))])
def test_plain_batch_norm_learns_nothing_and_standardises(norm, shape):
    layer = norm(3)
    assert list(layer.parameters()) == []
    x = 1e-3 * torch.randn(shape) + 7  # a variance of 1e-6, beside which an eps of 1e-5 would not be small
    y = layer(x).detach().numpy().astype(np.float64)
    others = tuple(axis for axis in range(len(shape)) if axis != 1)
    np.testing.assert_allclose(y.mean(others), 0, atol=0.01)
    np.testing.assert_allclose(y.std(others), 1, atol=0.01)


def test_bias_only_batch_norm_learns_a_bias_and_no_scale():
    layer = batch_norm_bias_only_1d(3)
    assert [name for name, _ in layer.named_parameters()] == ["bias"]
    assert set(layer.state_dict()) == {"bias", "running_mean", "running_var", "num_batches_tracked"}


@pytest.mark.parametrize("training", [True, False])
def test_bias_only_batch_norm_is_batch_norm_whose_scale_is_one(training):
    ours, full = batch_norm_bias_only_1d(3), nn.BatchNorm1d(3, eps=1e-6)
    bias = torch.tensor([1.0, -2.0, 0.5])
    ours.bias.data, full.bias.data = bias.clone(), bias.clone()
    x = 3 * torch.randn(16, 3) + 1
    for layer in (ours, full):
        layer(x)
        layer.train(training)
    got, want = ours(x), full(x)
    torch.testing.assert_close(got, want)
    for output in (got, want):
        output.square().sum().backward()
    torch.testing.assert_close(ours.bias.grad, full.bias.grad)


def positional_settings(source: str) -> list[str]:
    """Calls such as BatchNorm2d(128, 0.8), whose 0.8 sets eps where momentum was meant."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and "BatchNorm" in ast.unparse(node.func).split(".")[-1] and len(node.args) > 1
    ]


def test_the_second_argument_of_batch_norm_is_eps():
    assert nn.BatchNorm2d(128, 0.8).eps == 0.8
    assert nn.BatchNorm2d(128, 0.8).momentum == 0.1
    with pytest.raises(TypeError):
        batch_norm_plain_2d(128, 0.8)
    assert positional_settings("a = nn.BatchNorm2d(128, 0.8)") == ["nn.BatchNorm2d(128, 0.8)"]
    assert positional_settings("a = nn.BatchNorm2d(128, momentum=0.2)") == []


def test_no_module_of_the_library_sets_it_by_position():
    modules = sorted(Path(course_lib.__file__).parent.rglob("*.py"))
    found = [call for path in modules for call in positional_settings(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize("layer", [batch_norm_plain_1d(3), batch_norm_plain_2d(3)])
def test_the_settings_are_those_of_the_released_code(layer):
    assert (layer.eps, layer.affine) == (1e-8, False)


@pytest.mark.parametrize(
    ("layer", "shape"), [(batch_norm_bias_only_1d(3), (8, 3)), (batch_norm_bias_only_2d(3), (4, 3, 5, 5))]
)
def test_bias_only_is_batch_norm_with_a_scale_that_nobody_learns(layer, shape):
    """Not a missing scale: with a bias beside it, a GPU's backward pass refuses that."""
    x = torch.randn(shape, requires_grad=True)
    nn.init.normal_(layer.bias)
    mean, var = layer.running_mean.clone(), layer.running_var.clone()
    want = nn.functional.batch_norm(x, mean, var, None, layer.bias, training=True, momentum=0.1, eps=1e-6)
    got = layer(x)
    torch.testing.assert_close(got, want)
    pairs = [torch.autograd.grad(y.sin().sum(), (x, layer.bias)) for y in (got, want)]
    for mine, theirs in zip(*pairs, strict=True):
        torch.testing.assert_close(mine, theirs)
    assert [name for name, _ in layer.named_parameters()] == ["bias"]
    assert set(layer.state_dict()) == {"bias", "running_mean", "running_var", "num_batches_tracked"}
    assert torch.equal(layer.weight, torch.ones(3)) and not layer.weight.requires_grad
    assert layer.to(torch.float64).weight.dtype == torch.float64, "it moves with the layer"


@pytest.mark.parametrize("name", TRAINED)
def test_no_network_of_the_catalogue_has_a_bias_without_a_scale(name):
    game = TRAINED[name].plan(TRAINED[name].QUICK, torch.device("cpu")).game
    layers = [*game.generator.modules(), *game.discriminator.modules()]
    norms = [layer for layer in layers if isinstance(layer, nn.modules.batchnorm._BatchNorm)]
    assert all((norm.weight is None) == (norm.bias is None) for norm in norms)
