"""Virtual batch norm: its formula, deafness to batch-mates, and the gradient that runs through the reference."""

import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from course_lib.layers import VirtualBatchNorm, WithReference


class Small(nn.Module):
    """A generator of 1 x 8 x 8 images with a dense and a convolutional layer under the norm that is tried."""

    def __init__(self, norm: type[nn.Module] = VirtualBatchNorm):
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Linear(5, 32), norm(32), nn.ReLU(), nn.Unflatten(1, (2, 4, 4))),
            *(nn.ConvTranspose2d(2, 6, 4, 2, 1), norm(6), nn.ReLU(), nn.Conv2d(6, 1, 3, padding=1), nn.Tanh()),
        )

    def noise(self, n: int) -> Tensor:
        return torch.randn(n, 5)

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z)


class Told(Small):
    """The same, conditional: G(z, y)."""

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        return self.layers(z + y[:, None])


class PooledOverBatch(VirtualBatchNorm):
    """The trap: statistics pooled over the reference and the whole batch."""

    def forward(self, x):
        return nn.functional.batch_norm(x, None, None, self.weight, self.bias, training=True)


class PreviousBatch(VirtualBatchNorm):
    """The trap: the reference is whatever batch came before."""

    before = None

    def forward(self, x):
        now = x[self.reference_rows :]
        rows, self.reference_rows = self.reference_rows, len(now)
        y = super().forward(torch.cat([now if self.before is None else self.before, now]))[len(now) :]
        self.reference_rows, self.before = rows, now.detach()
        return torch.cat([x[:rows], y])


class Detached(VirtualBatchNorm):
    """The trap: no gradient through the reference."""

    def forward(self, x):
        return super().forward(torch.cat([x[: self.reference_rows].detach(), x[self.reference_rows :]]))


def wrapped(norm: type[nn.Module] = VirtualBatchNorm, reference: int = 16) -> WithReference:
    network = Small(norm)
    return WithReference(network, network.noise(reference))


def by_the_formula(x: np.ndarray, reference: np.ndarray, eps: float) -> np.ndarray:
    """Section 3.5 spelled out in NumPy, example by example: means, and means of squares."""
    n, positions = len(reference), tuple(range(2, x.ndim))
    own = lambda a: (a.mean(positions), (a**2).mean(positions)) if positions else (a, a**2)
    reference_mean, reference_square = (statistic.mean(0) for statistic in own(reference))
    normalised = []
    for example in x:
        mean, square = (statistic[0] for statistic in own(example[None]))
        mean = (mean + n * reference_mean) / (n + 1)
        square = (square + n * reference_square) / (n + 1)
        shape = (-1,) + (1,) * len(positions)
        normalised.append((example - mean.reshape(shape)) / np.sqrt(square - mean**2 + eps).reshape(shape))
    return np.stack(normalised)


@pytest.mark.parametrize("positions", [(), (4, 5)])
@pytest.mark.parametrize("reference", [1, 7])
def test_it_is_the_formula_of_the_paper(positions, reference):
    layer = VirtualBatchNorm(3).double()
    nn.init.uniform_(layer.weight)
    nn.init.uniform_(layer.bias)
    fixed = 2 * torch.randn(reference, 3, *positions, dtype=torch.float64) + 1
    x = torch.randn(6, 3, *positions, dtype=torch.float64)
    got = WithReference(layer, fixed)(x).detach().numpy()
    shape = (3,) + (1,) * len(positions)
    scale, bias = (p.detach().numpy().reshape(shape) for p in (layer.weight, layer.bias))
    want = by_the_formula(x.numpy(), fixed.numpy(), layer.eps) * scale + bias
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("positions", [(), (4, 5)])
def test_the_reference_is_normalised_by_its_own_statistics(positions):
    layer = VirtualBatchNorm(3)
    outputs = []
    layer.register_forward_hook(lambda _layer, _inputs, output: outputs.append(output))
    fixed = 2 * torch.randn(8, 3, *positions) + 1
    WithReference(layer, fixed)(torch.randn(2, 3, *positions))
    torch.testing.assert_close(outputs[0][:8], nn.functional.batch_norm(fixed, None, None, training=True))


@pytest.mark.parametrize("positions", [(), (4, 5)])
def test_with_a_huge_reference_it_is_batch_norm_with_the_statistics_of_the_reference(positions):
    fixed, x = 2 * torch.randn(20_000, 3, *positions) + 1, torch.randn(6, 3, *positions)
    batch_norm = (nn.BatchNorm2d if positions else nn.BatchNorm1d)(3, momentum=None)
    batch_norm(fixed)
    want = batch_norm.eval()(x)
    distance = [(WithReference(VirtualBatchNorm(3), fixed[:n])(x) - want).abs().max().item() for n in (20, 200, 20_000)]
    assert distance[0] > distance[1] > distance[2]
    assert distance[2] < 1e-3


def test_a_mean_far_from_zero_costs_no_precision():
    """In float32 the mean of squares less the square of the mean is here 0 or negative."""
    fixed, x = torch.randn(16, 3, 4, 4) + 1e4, torch.randn(5, 3, 4, 4) + 1e4
    want = by_the_formula(x.double().numpy(), fixed.double().numpy(), 1e-5)
    np.testing.assert_allclose(WithReference(VirtualBatchNorm(3), fixed)(x).detach().numpy(), want, atol=0.01)


def hears_its_batch_mates(generator: nn.Module) -> bool:
    """Whether the first example changes, in any bit, when all others of its batch are replaced.

    Bit for bit, because the batches are of one size: another size may take another path through a matrix
    multiplication, and round otherwise.
    """
    z = generator.noise(6)
    outputs = []
    for _ in range(3):
        z = torch.cat([z[:1], 5 * generator.noise(5)])
        outputs.append(generator(z)[0])
    return not all(torch.equal(outputs[0], output) for output in outputs)


@pytest.mark.parametrize("training", [True, False])
def test_the_output_ignores_its_batch_mates(training):
    assert not hears_its_batch_mates(wrapped().train(training))


@pytest.mark.parametrize("trap", [PooledOverBatch, PreviousBatch])
def test_the_traps_hear_their_batch_mates(trap):
    assert hears_its_batch_mates(wrapped(trap))


def test_batch_norm_hears_its_batch_mates():
    assert hears_its_batch_mates(
        Small(lambda channels: (nn.BatchNorm1d if channels == 32 else nn.BatchNorm2d)(channels))
    )


def test_an_example_alone_is_what_it_is_in_a_batch():
    generator = wrapped()
    z = generator.noise(6)
    torch.testing.assert_close(generator(z[:1]), generator(z)[:1], atol=1e-6, rtol=0)


def test_training_and_evaluation_are_the_same():
    generator = wrapped()
    z = generator.noise(6)
    assert torch.equal(generator.train()(z), generator.eval()(z))


def gradient_is_right(norm: type[nn.Module]) -> bool:
    """Whether the gradient in the weights below the norm is that of finite differences."""
    network = nn.Sequential(nn.Linear(2, 3), norm(3)).double()
    generator = WithReference(network, torch.randn(4, 2, dtype=torch.float64))
    z = torch.randn(3, 2, dtype=torch.float64)

    def output(weight: Tensor) -> Tensor:
        return torch.func.functional_call(generator, {"network.0.weight": weight}, z)

    return torch.autograd.gradcheck(output, network[0].weight, raise_exception=False)


def test_the_gradient_reaches_the_weights_through_the_reference():
    assert gradient_is_right(VirtualBatchNorm)
    assert not gradient_is_right(Detached)


def test_the_reference_is_seen_with_todays_weights():
    """Doubling the weights below the norm changes nothing if the reference is doubled with them."""
    network = nn.Sequential(nn.Linear(5, 4, bias=False), VirtualBatchNorm(4, eps=0.0))
    generator = WithReference(network, torch.randn(16, 5))
    z = torch.randn(3, 5)
    before = generator(z)
    network[0].weight.data *= 2
    torch.testing.assert_close(generator(z), before)


def test_the_reference_is_saved_and_loaded_with_the_weights():
    one, other = wrapped(), wrapped()
    z = one.noise(4)
    assert not torch.allclose(one(z), other(z))
    other.load_state_dict(one.state_dict())
    assert torch.equal(one(z), other(z))
    assert torch.equal(one(z), copy.deepcopy(one)(z))
    assert {name for name in one.state_dict() if not name.startswith("network.")} == {"reference_0"}
    assert {name for name, _ in one.named_parameters()} == {f"network.{n}" for n, _ in one.network.named_parameters()}


def test_the_reference_is_fixed_when_it_is_given():
    network = Small()
    fixed = network.noise(8)
    generator, z = WithReference(network, fixed), network.noise(4)
    before = generator(z)
    fixed.zero_()
    assert torch.equal(generator(z), before)


def test_a_conditional_generator_has_a_conditional_reference():
    network = Told()
    z, y = network.noise(4), torch.tensor([0, 1, 2, 3])
    generator = WithReference(network, network.noise(8), torch.arange(8))
    assert generator(z, y).shape == (4, 1, 8, 8)
    assert generator.reference_1.dtype == torch.int64
    other = WithReference(network, generator.reference_0, torch.arange(8) % 2)
    assert not torch.allclose(generator(z, y), other(z, y))
    with pytest.raises(ValueError, match="reference has 2 inputs, and this call 1"):
        generator(z)


def test_the_prior_is_that_of_the_network():
    generator = wrapped()
    torch.manual_seed(3)
    z = generator.noise(7)
    torch.manual_seed(3)
    assert torch.equal(z, generator.network.noise(7))


def test_under_autocast_the_output_still_ignores_its_batch_mates():
    generator = wrapped()
    z = generator.noise(6)
    exact = generator(z)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        got = generator(z)
        assert not hears_its_batch_mates(generator)
    assert got.dtype == torch.bfloat16
    torch.testing.assert_close(got.float(), exact, atol=0.05, rtol=0)


def test_under_autocast_the_statistics_are_in_float32():
    """The mean of these is about 20, which bfloat16 knows to within 0.06 of a standard deviation at best."""
    fixed, x = ((torch.randn(n, 3, 4, 4) + 20).bfloat16() for n in (16, 5))
    want = by_the_formula(x.double().numpy(), fixed.double().numpy(), 1e-5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        got = WithReference(VirtualBatchNorm(3), fixed)(x)
    assert got.dtype == torch.bfloat16
    np.testing.assert_allclose(got.detach().double().numpy(), want, rtol=2**-8, atol=1e-5)  # the last rounding alone


def test_outside_of_its_wrapper_it_is_refused():
    generator = wrapped()
    z = generator.noise(4)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="called without a reference batch. Wrap the whole network"):
            generator.network(z)
        generator(z)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        generator.network.layers(torch.zeros(4, 6))


def test_after_a_call_that_failed_it_is_still_refused():
    generator = wrapped()
    generator.network.layers.append(nn.Linear(3, 3))
    z = generator.noise(4)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        generator(z)
    with pytest.raises(RuntimeError, match="without a reference batch"):
        generator.network(z)


def test_a_reference_that_cannot_serve_is_refused():
    network = Small()
    with pytest.raises(ValueError, match="Linear has no VirtualBatchNorm layer"):
        WithReference(nn.Linear(2, 2), torch.zeros(4, 2))
    with pytest.raises(ValueError, match=r"lengths \[0\]"):
        WithReference(network, network.noise(0))
    with pytest.raises(ValueError, match=r"lengths \[4, 3\]"):
        WithReference(network, network.noise(4), torch.zeros(3))


@pytest.mark.parametrize("shape", [(6, 4), (6, 3, 5), (6, 4, 5, 5)])
def test_wrong_shapes_are_refused_in_words(shape):
    with pytest.raises(ValueError, match=r"this layer wants \(n, 3\) or \(n, 3, h, w\)"):
        WithReference(VirtualBatchNorm(3), torch.zeros(4, *shape[1:]))(torch.zeros(shape))
