"""Batch norm without scale or bias: what is learnt, what is computed, and the trap of its second argument."""

import ast
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import batch_norm

import course_lib
from course_lib.experiments.catalogue import TRAINED
from course_lib.layers import (
    batch_norm_bias_only_1d,
    batch_norm_bias_only_2d,
    batch_norm_plain_1d,
    batch_norm_plain_2d,
)
from course_lib.models.initialise import dcgan_
from course_lib.training.side_by_side import SideBySide


@pytest.mark.parametrize("norm, shape", [(batch_norm_plain_1d, (64, 3)), (batch_norm_plain_2d, (8, 3, 5, 5))])
def test_plain_batch_norm_learns_nothing_and_standardises(norm, shape):
    layer = norm(3)
    assert list(layer.parameters()) == []
    x = 1e-3 * torch.randn(shape) + 7  # a variance of 1e-6, beside which an eps of 1e-5 would not be small
    y = layer(x).detach().numpy().astype(np.float64)
    others = tuple(axis for axis in range(len(shape)) if axis != 1)
    np.testing.assert_allclose(y.mean(others), 0, atol=0.01)
    np.testing.assert_allclose(y.std(others), 1, atol=0.01)


BIAS_ONLY = pytest.mark.parametrize(
    "norm, shape", [(batch_norm_bias_only_1d, (16, 3)), (batch_norm_bias_only_2d, (4, 3, 5, 6))]
)


@BIAS_ONLY
def test_bias_only_batch_norm_learns_a_bias_and_no_scale(norm, shape):
    layer = norm(3)
    assert [name for name, _ in layer.named_parameters()] == ["bias"]
    assert set(layer.state_dict()) == {"bias", "running_mean", "running_var", "num_batches_tracked"}
    assert torch.equal(layer.weight, torch.ones(3)) and not layer.weight.requires_grad


@BIAS_ONLY
@pytest.mark.parametrize("training", [True, False])
def test_bias_only_batch_norm_is_batch_norm_without_a_scale(norm, shape, training):
    """PyTorch's function with weight None is the oracle; it gives the same on a CPU, and fails on a GPU."""
    layer = norm(3).train(training)
    mean, var = torch.randn(3), torch.rand(3) + 0.5
    with torch.no_grad():
        layer.bias.copy_(torch.tensor([1.0, -2.0, 0.5]))
        layer.running_mean.copy_(mean), layer.running_var.copy_(var)
    mine = (3 * torch.randn(shape) + 1).requires_grad_()
    theirs, bias = mine.detach().clone().requires_grad_(), layer.bias.detach().clone().requires_grad_()
    got = layer(mine)
    want = batch_norm(theirs, mean, var, None, bias, training, 0.1, 1e-6)
    torch.testing.assert_close(got, want)
    for output in (got, want):
        (output.sin() * torch.arange(output.numel()).view(shape)).sum().backward()
    torch.testing.assert_close(mine.grad, theirs.grad)
    torch.testing.assert_close(layer.bias.grad, bias.grad)
    torch.testing.assert_close((layer.running_mean, layer.running_var), (mean, var))


@BIAS_ONLY
def test_weights_saved_when_there_was_no_scale_at_all_still_load(norm, shape):
    layer = norm(3)
    old = {"bias": torch.ones(3), "running_mean": torch.ones(3), "running_var": torch.full((3,), 4.0)}
    layer.load_state_dict(old | {"num_batches_tracked": torch.tensor(7)})
    torch.testing.assert_close(layer.eval()(torch.full(shape, 5.0)), torch.full(shape, 3.0))


@BIAS_ONLY
def test_the_scale_of_one_goes_along_with_copies_types_and_devices(norm, shape):
    layer = norm(3)
    twin = deepcopy(layer)
    assert twin.weight is not layer.weight and set(twin.state_dict()) == set(layer.state_dict())
    assert twin(torch.randn(shape)).isfinite().all()
    assert layer.double().weight.dtype == torch.float64 and layer.to("meta").weight.is_meta


def test_a_scale_of_one_is_not_drawn_by_the_dcgans_initialisation():
    layer = batch_norm_bias_only_2d(3)
    dcgan_(layer)
    assert torch.equal(layer.weight, torch.ones(3))


def refused_on_a_gpu(network: nn.Module) -> list[str]:
    """Batch norms with a bias and no scale at all, whose gradients CUDA cannot give."""
    return [
        name
        for name, layer in network.named_modules()
        if isinstance(layer, nn.modules.batchnorm._BatchNorm) and layer.weight is None and layer.bias is not None
    ]


def test_a_batch_norm_that_a_gpu_refuses_is_found():
    layer = nn.BatchNorm1d(3)
    layer.register_parameter("weight", None)
    assert refused_on_a_gpu(nn.Sequential(nn.Linear(3, 3), layer)) == ["1"]


@pytest.mark.parametrize("name", TRAINED)
def test_no_network_of_the_catalogue_has_a_batch_norm_that_a_gpu_refuses(name):
    game = TRAINED[name].plan(TRAINED[name].QUICK, torch.device("cpu")).game
    for network in (game.generator, game.discriminator):
        alone = network.network(0) if isinstance(network, SideBySide) else network
        assert refused_on_a_gpu(alone) == []


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
