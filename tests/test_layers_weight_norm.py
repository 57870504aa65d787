"""Weight normalisation against PyTorch's own, and the start from data that standardises every pre-activation."""

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from course_lib.layers import GaussianNoise, initialise_from_data, weight_norm

# A layer, its input, and the axis of its weight that counts output units.
CASES = {
    "linear": (lambda: nn.Linear(6, 4), (5, 6), 0),
    "convolution": (lambda: nn.Conv2d(2, 4, 3), (5, 2, 7, 7), 0),
    "convolution in groups": (lambda: nn.Conv2d(2, 4, 3, groups=2), (5, 2, 7, 7), 0),
    "transposed": (lambda: nn.ConvTranspose2d(2, 4, 4, stride=2, padding=1), (5, 2, 7, 7), 1),
}
each_case = pytest.mark.parametrize("make, shape, axis", CASES.values(), ids=CASES)


def scale_of(layer: nn.Module) -> Tensor:
    return layer.parametrizations.weight[0].g


def norms(weight: Tensor, axis: int) -> Tensor:
    return weight.movedim(axis, 0).flatten(1).norm(dim=1)


@each_case
def test_at_first_the_layer_computes_what_it_did(make, shape, axis):
    layer, x = make(), torch.randn(shape)
    before = layer(x)
    assert weight_norm(layer) is layer
    torch.testing.assert_close(layer(x), before)


@each_case
def test_the_norm_of_each_units_weight_is_its_scale(make, shape, axis):
    layer = weight_norm(make())
    assert scale_of(layer).numel() == 4
    for scale in (scale_of(layer), layer.parametrizations.weight.original):
        nn.init.uniform_(scale, 0.5, 2)
    torch.testing.assert_close(norms(layer.weight, axis), scale_of(layer).flatten())


@each_case
def test_values_and_gradients_are_those_of_pytorchs_own(make, shape, axis):
    ours, x = make(), torch.randn(shape)
    theirs = parametrizations.weight_norm(copy.deepcopy(ours), dim=axis)
    weight_norm(ours)
    scale_of(ours).data *= 3
    theirs.parametrizations.weight.original0.data *= 3
    direction = torch.randn_like(ours(x))
    for layer in (ours, theirs):
        (layer(x) * direction).sum().backward()
    torch.testing.assert_close(ours(x), theirs(x))
    torch.testing.assert_close(scale_of(ours).grad, theirs.parametrizations.weight.original0.grad)
    torch.testing.assert_close(
        ours.parametrizations.weight.original.grad, theirs.parametrizations.weight.original1.grad
    )


def test_the_gradient_of_a_direction_is_orthogonal_to_it():
    """Salimans and Kingma 2016, section 2.1: so |v| can only grow."""
    layer = weight_norm(nn.Linear(6, 4).double())
    layer(torch.randn(5, 6, dtype=torch.float64)).square().sum().backward()
    v = layer.parametrizations.weight.original
    torch.testing.assert_close((v * v.grad).sum(1), torch.zeros(4, dtype=torch.float64))


@each_case
def test_a_fixed_scale_does_not_train_and_is_saved(make, shape, axis):
    layer = weight_norm(make(), fixed_scale=True)
    before = scale_of(layer).clone()
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        # As the game does; it would fail on a parameter that asks for no gradient.
        layer(torch.randn(shape)).square().sum().backward(inputs=list(layer.parameters()))
        optimizer.step()
    assert torch.equal(scale_of(layer), before)
    torch.testing.assert_close(norms(layer.weight, axis), before.flatten())
    assert {name for name, _ in layer.named_parameters()} == {"bias", "parametrizations.weight.original"}
    assert "parametrizations.weight.0.g" in layer.state_dict()
    other = weight_norm(make(), fixed_scale=True)
    other.load_state_dict(layer.state_dict())
    assert torch.equal(other.weight, layer.weight)
    assert torch.equal(copy.deepcopy(layer).weight, layer.weight)


def test_a_free_scale_trains():
    layer = weight_norm(nn.Linear(6, 4))
    before = scale_of(layer).detach().clone()
    layer(torch.randn(5, 6)).square().sum().backward()
    torch.optim.SGD(layer.parameters(), lr=0.1).step()
    assert (scale_of(layer) != before).all()


def test_what_cannot_be_normalised_is_refused():
    with pytest.raises(TypeError, match="not BatchNorm2d"):
        weight_norm(nn.BatchNorm2d(3))
    with pytest.raises(ValueError, match="normalised already"):
        weight_norm(weight_norm(nn.Linear(2, 2)))
    with pytest.raises(ValueError, match="in 2 groups"):
        weight_norm(nn.ConvTranspose2d(2, 4, 3, groups=2))
    zero = nn.Linear(2, 2)
    nn.init.zeros_(zero.weight[0].data)
    with pytest.raises(ValueError, match="weights are all zero"):
        weight_norm(zero)


# Starting from data -----------------------------------------------------------------------------------------


def network() -> nn.Sequential:
    """Dense, transposed and plain convolution, noise and dropout; every other scale fixed."""
    layers = nn.Sequential(
        *(GaussianNoise(0.3), weight_norm(nn.Linear(10, 18), fixed_scale=True), nn.ReLU()),
        *(nn.Unflatten(1, (2, 3, 3)), weight_norm(nn.ConvTranspose2d(2, 6, 4, 2, 1)), nn.ReLU(), nn.Dropout(0.2)),
        *(weight_norm(nn.Conv2d(6, 4, 3), fixed_scale=True), nn.Softplus(), nn.Flatten(), GaussianNoise(0.5)),
        weight_norm(nn.Linear(64, 3)),
    )
    for layer in normed(layers):
        nn.init.normal_(layer.bias)  # so that a forgotten bias would show
    return layers


def normed(layers: nn.Module) -> list[nn.Module]:
    return [layer for layer in layers.modules() if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d)]


def pre_activations(layers: nn.Sequential, x: Tensor) -> list[Tensor]:
    """What each weight-normed layer gives, with the noise and dropout of a fixed seed."""
    outputs = []
    hooks = [layer.register_forward_hook(lambda _l, _i, output: outputs.append(output)) for layer in normed(layers)]
    torch.manual_seed(7)
    with torch.no_grad():
        layers(x)
    for hook in hooks:
        hook.remove()
    return [output.movedim(1, 0).flatten(1) for output in outputs]


def test_every_pre_activation_starts_with_mean_zero_and_variance_one():
    layers, x = network(), 4 * torch.rand(200, 10) + 1
    assert max(unit.mean(1).abs().max() for unit in pre_activations(layers, x)) > 0.3
    torch.manual_seed(7)
    initialise_from_data(layers, x)
    outputs = pre_activations(layers, x)
    assert [len(output) for output in outputs] == [18, 6, 4, 3]
    for output in outputs:
        torch.testing.assert_close(output.mean(1), torch.zeros(len(output)), atol=1e-4, rtol=0)
        torch.testing.assert_close(output.var(1, correction=0), torch.ones(len(output)), atol=1e-4, rtol=0)


def test_on_other_noise_of_the_same_kind_it_is_nearly_so():
    layers, x = network(), torch.rand(2_000, 10)
    initialise_from_data(layers, x[:1_000])
    for output in pre_activations(layers, x[1_000:]):
        assert output.mean(1).abs().max() < 0.3
        assert (output.std(1) - 1).abs().max() < 0.3


def test_directions_stay_and_the_noise_was_on():
    quiet, x = network().eval(), torch.rand(200, 10)
    layers = copy.deepcopy(quiet)
    initialise_from_data(layers, x)
    for after, before in zip(normed(layers), normed(quiet), strict=True):
        assert torch.equal(after.parametrizations.weight.original, before.parametrizations.weight.original)
    # Noise adds to the variance that was divided by, so without it the first layer now varies less than 1.
    assert pre_activations(layers, x)[0].var(1, correction=0).mean() < 0.9
    assert not any(module.training for module in layers.modules())


def test_the_mode_of_every_part_is_left_as_it_was():
    layers = network()
    layers[0].eval()
    initialise_from_data(layers, torch.rand(50, 10))
    assert [module.training for module in layers.children()] == [False] + [True] * (len(layers) - 1)


def test_it_acts_once_and_leaves_no_trace_but_its_numbers():
    layers, x = network(), torch.rand(50, 10)
    initialise_from_data(layers, x)
    before = copy.deepcopy(layers.state_dict())
    layers(3 * x)
    assert all(torch.equal(value, before[name]) for name, value in layers.state_dict().items())
    assert not any(layer._forward_hooks for layer in layers.modules())
    assert all(p.grad is None and p.is_leaf and p.requires_grad for p in layers.parameters())


class Sum(nn.Module):
    """Two inputs into one layer, which is used twice, and a layer that may be left out."""

    def __init__(self, leave_out: bool):
        super().__init__()
        self.first, self.second = weight_norm(nn.Linear(3, 4)), weight_norm(nn.Linear(4, 2))
        self.leave_out = leave_out

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        hidden = self.first(x) + self.first(y)
        return hidden if self.leave_out else self.second(hidden)


def test_a_network_may_have_several_inputs_and_use_a_layer_twice():
    pair, x, y = Sum(False), torch.rand(40, 3), torch.rand(40, 3) + 5
    initialise_from_data(pair, x, y)
    torch.testing.assert_close(pair.first(x).mean(0), torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(pair(x, y).var(0, correction=0), torch.ones(2), atol=1e-4, rtol=0)


def test_plain_layers_are_left_alone():
    mixed = nn.Sequential(nn.Linear(3, 4), weight_norm(nn.Linear(4, 2)))
    before = copy.deepcopy(mixed[0].state_dict())
    initialise_from_data(mixed, torch.rand(20, 3))
    assert all(torch.equal(value, before[name]) for name, value in mixed[0].state_dict().items())


def test_what_cannot_be_initialised_is_refused():
    with pytest.raises(ValueError, match="Linear has no layer made by weight_norm"):
        initialise_from_data(nn.Linear(2, 2), torch.rand(4, 2))
    with pytest.raises(ValueError, match="did not reach second"):
        initialise_from_data(Sum(True), torch.rand(4, 3), torch.rand(4, 3))
    with pytest.raises(ValueError, match="has no bias"):
        initialise_from_data(weight_norm(nn.Linear(2, 2, bias=False)), torch.rand(4, 2))


@pytest.mark.parametrize(
    "x",
    [torch.rand(1, 10), torch.zeros(50, 10), torch.full((50, 10), 0.3), 0.3 + 1e-7 * torch.rand(50, 10)],
    ids=["one example", "zeros", "the same", "the same but for rounding"],
)
def test_a_unit_that_never_varies_is_refused_and_no_hook_stays(x):
    layers = network()
    layers[0].std = 0.0
    with pytest.raises(ValueError, match="Layer 1: 18 units give the same output"):
        initialise_from_data(layers, x)
    assert not any(layer._forward_hooks for layer in layers.modules())
