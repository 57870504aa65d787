"""Minibatch discrimination: its formula, its symmetries, its memory, and the example left out of its own sum."""

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from course_lib import Game, Verdict
from course_lib.layers import MinibatchDiscrimination
from course_lib.losses import non_saturating, tell_apart
from course_lib.models.mlp import Generator


def broadcast(x: Tensor, T: Tensor) -> Tensor:
    """The formulas of section 3.2 as they stand, with all n x n x B x C differences at once."""
    M = torch.tensordot(x, T, 1)
    distance = (M[:, None] - M[None, :]).abs().sum(3)
    others = 1 - torch.eye(len(x), dtype=x.dtype)
    return torch.cat([x, (torch.exp(-distance) * others[:, :, None]).sum(1)], 1)


def layer_in_double(*sizes: int) -> MinibatchDiscrimination:
    return MinibatchDiscrimination(*sizes).double()


def test_it_is_the_formula_of_the_paper():
    layer, x = layer_in_double(6, 4, 3), torch.randn(5, 6, dtype=torch.float64)
    torch.testing.assert_close(layer(x), broadcast(x, layer.T))
    assert layer(x).shape == (5, 10)
    assert torch.equal(layer(x)[:, :6], x)


def test_its_gradient_is_that_of_the_formula():
    layer, x = layer_in_double(6, 4, 3), torch.randn(5, 6, dtype=torch.float64, requires_grad=True)
    direction = torch.randn(5, 10, dtype=torch.float64)
    got = torch.autograd.grad((layer(x) * direction).sum(), [x, layer.T])
    want = torch.autograd.grad((broadcast(x, layer.T) * direction).sum(), [x, layer.T])
    torch.testing.assert_close(got, want)


def test_its_gradient_is_that_of_finite_differences():
    layer, x = layer_in_double(4, 3, 2), torch.randn(4, 4, dtype=torch.float64, requires_grad=True)

    def output(x: Tensor, T: Tensor) -> Tensor:
        return torch.func.functional_call(layer, {"T": T}, x)

    assert torch.autograd.gradcheck(output, (x, layer.T))


def test_reordering_the_batch_reorders_the_output_and_no_more():
    layer, x = MinibatchDiscrimination(6, 4, 3), torch.randn(8, 6)
    order = torch.randperm(8)
    torch.testing.assert_close(layer(x[order]), layer(x)[order])


def test_closeness_tends_to_zero_at_infinite_distance():
    layer, x = MinibatchDiscrimination(6, 4, 3), torch.randn(5, 6)
    closeness = [layer(far * x)[:, 6:].max().item() for far in (1, 10, 1e6)]
    assert closeness[0] > closeness[1] > closeness[2] == 0


def in_whole_numbers(layer: MinibatchDiscrimination) -> MinibatchDiscrimination:
    """With small whole numbers for weights, so that products and sums are exact in whatever order they are taken.

    Else equal rows in two places of a batch may come out a unit of the last bit apart on some processors, and the
    slope at the kink between them is no longer zero but any.
    """
    layer.T.data = torch.randint(-4, 5, layer.T.shape).float()
    return layer


def test_equal_examples_count_one_each_and_the_example_itself_not_at_all():
    layer, x = in_whole_numbers(MinibatchDiscrimination(6, 4, 3)), torch.randint(-4, 5, (1, 6)).float()
    assert torch.equal(layer(x.repeat(5, 1))[:, 6:], torch.full((5, 4), 4.0))


def test_leaving_oneself_out_keeps_the_smallest_closeness():
    """Summing over all and taking 1 away would leave 0: in float32, 1 + 4e-18 is 1."""
    layer = MinibatchDiscrimination(1, 1, 1)
    nn.init.ones_(layer.T)
    x = torch.tensor([[0.0], [40.0]])
    expected = torch.exp(torch.tensor(-40.0))
    assert (1 + expected) - 1 == 0
    torch.testing.assert_close(layer(x)[:, 1], expected.repeat(2))
    assert layer(x)[0, 1] > 0


def test_the_gradient_at_coinciding_examples_is_finite_and_zero():
    """There the kernel has a kink; a root or a logarithm on the way would give NaN."""
    layer, x = in_whole_numbers(MinibatchDiscrimination(6, 4, 3)), torch.randint(-4, 5, (1, 6)).float().repeat(5, 1)
    x.requires_grad_()
    layer(x)[:, 6:].sum().backward()
    assert torch.equal(x.grad, torch.zeros(5, 6))
    assert torch.equal(layer.T.grad, torch.zeros(6, 4, 3))


@pytest.mark.parametrize("features", [torch.float32, torch.bfloat16])
def test_under_autocast_the_distances_are_in_float32(features):
    """Two near duplicates, which bfloat16 projections (8 bits) would take for one and the same, or for far apart."""
    layer = MinibatchDiscrimination(64, 8, 5)
    x = (10 * torch.randn(1, 64)).repeat(2, 1).to(features).float()
    x[1, 0] += 0.25
    want = broadcast(x, layer.T.detach())[:, 64:]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        x = x.to(features).requires_grad_()
        got = layer(x)
    assert got.dtype == features
    torch.testing.assert_close(got[:, 64:].float(), want, atol=1e-5, rtol=1e-5 if features == torch.float32 else 1e-2)
    got.sum().backward()
    assert x.grad.isfinite().all() and layer.T.grad.isfinite().all()


class Largest(TorchDispatchMode):
    """Remembers the largest tensor that any operation made."""

    elements = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        result = operation(*args, **(kwargs or {}))
        made = [value for value in (result if isinstance(result, tuple) else (result,)) if isinstance(value, Tensor)]
        self.elements = max([self.elements, *(value.numel() for value in made)])
        return result


def memory(function, x: Tensor) -> tuple[int, int]:
    """The elements of the largest tensor made forward or backward, and of all that autograd keeps in between."""
    kept = {}

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes() // tensor.element_size()
        return tensor

    with Largest() as largest:
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            output = function(x)
        output.sum().backward()
    return largest.elements, sum(kept.values())


def test_memory_does_not_grow_with_dims_times_the_square_of_the_batch():
    n, kernels, dims = 64, 4, 16
    layer, x = MinibatchDiscrimination(8, kernels, dims), torch.randn(n, 8, requires_grad=True)
    largest, kept = memory(layer, x)
    assert largest == kernels * n**2
    assert kept < 3 * kernels * n**2
    largest, kept = memory(lambda x: broadcast(x, layer.T), x)
    assert largest == kernels * dims * n**2  # the limits above would notice the plain formula
    assert kept > largest


def test_at_its_start_it_tells_close_from_far():
    """T of standard normal numbers would start with every closeness, and so every gradient, at zero."""
    x = torch.randn(100, 250)
    layer = MinibatchDiscrimination(250, 100, 5)
    closeness = layer(x)[:, 250:].mean()
    assert 0.1 < closeness < 50
    layer.T.data = torch.randn_like(layer.T)
    assert layer(x)[:, 250:].mean() < 1e-4


@pytest.mark.parametrize("n", [0, 1])
def test_a_batch_without_others_is_refused(n):
    with pytest.raises(ValueError, match=f"batch of {n}: minibatch discrimination compares"):
        MinibatchDiscrimination(6, 4, 3)(torch.randn(n, 6))


def test_wrong_sizes_are_refused_in_words():
    with pytest.raises(ValueError, match=r"x has shape \(3, 5\); this layer wants \(batch, 6\)"):
        MinibatchDiscrimination(6, 4, 3)(torch.zeros(3, 5))
    with pytest.raises(ValueError, match="kernels=0"):
        MinibatchDiscrimination(6, 0, 3)


def test_a_game_refuses_it_real_and_generated_data_in_one_batch():
    class Comparing(nn.Module):
        def __init__(self):
            super().__init__()
            self.compare, self.logit = MinibatchDiscrimination(2, 4, 3), nn.Linear(6, 1)

        def forward(self, x):
            return Verdict(self.logit(self.compare(x)).squeeze(1), x)

    players = Generator(3, (8,), (2,)), Comparing(), {"real or fake": tell_apart}, {"pass for real": non_saturating}
    Game(*players)
    with pytest.raises(ValueError, match="MinibatchDiscrimination compares the examples of a batch"):
        Game(*players, one_pass=True)
