"""Guided backpropagation: which pixels drive a feature of the discriminator. Springenberg et al. 2015, section 3.4.

The gradient of a feature with respect to the image is noisy: it also tells which pixels hold the feature down. Guided
backpropagation lets a gradient through a ReLU only where the unit was on and the gradient is positive, so that what
arrives at the image are pixels that raise the feature through units that raise it too.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.metrics.passes import modes_kept

RECTIFIERS = (nn.ReLU, nn.LeakyReLU)


@contextmanager
def guided(network: nn.Module) -> Iterator[None]:
    """Inside the `with` block every ReLU and leaky ReLU of the network passes gradients as guided backpropagation asks.

    A gradient goes through where the input was above 0 and the gradient is; a leaky ReLU's slope counts as none.
    Raises ValueError for a network without any, or with one that works in place.
    """
    layers = [layer for layer in network.modules() if isinstance(layer, RECTIFIERS)]
    if not layers or any(layer.inplace for layer in layers):
        raise ValueError(
            f"Guided backpropagation needs ReLU layers that do not work in place; got {len(layers)} layers."
        )
    handles = []
    for layer in layers:
        handles.append(layer.register_forward_hook(_note_where_on))
        handles.append(layer.register_full_backward_hook(_pass_positive))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
        for layer in layers:
            layer.__dict__.pop("was_on", None)


def _note_where_on(layer: nn.Module, given: tuple[Tensor], out: Tensor) -> None:
    layer.was_on = given[0] > 0


def _pass_positive(layer: nn.Module, to_input: tuple[Tensor], from_output: tuple[Tensor]) -> tuple[Tensor]:
    return (from_output[0].clamp(min=0) * layer.was_on,)


def responses(
    network: nn.Module, layer: nn.Module, x: Float[Tensor, "n channel height width"]
) -> Float[Tensor, "n filter"]:
    """The largest value of each feature map of `layer`, anywhere in the image, for each image; without gradient."""
    with torch.no_grad(), modes_kept(network):
        network.eval()
        return _maps(network, layer, x).amax((2, 3))


def strongest_filters(found: Float[Tensor, "image filter"], n: int = 6) -> Int[Tensor, " n"]:
    """The filters whose responses, as a mean over images, are the largest; of `responses`, the strongest first."""
    return found.mean(0).topk(n).indices


def guided_gradients(
    network: nn.Module, layer: nn.Module, x: Float[Tensor, "n channel height width"], filter: int
) -> Float[Tensor, "n channel height width"]:
    """For each image the guided gradient of the largest response of one filter of `layer`, with respect to its pixels.

    network: asked in evaluation mode, and left as it was, its gradients included.
    """
    with modes_kept(network), guided(network):
        network.eval()
        pixels = x.detach().clone().requires_grad_()
        largest = _maps(network, layer, pixels)[:, filter].amax((1, 2))
        (slopes,) = torch.autograd.grad(largest.sum(), pixels)
    return slopes


def _maps(network: nn.Module, layer: nn.Module, x: Tensor) -> Tensor:
    """What `layer` puts out when the network looks at x."""
    seen: list[Tensor] = []
    handle = layer.register_forward_hook(lambda module, given, out: seen.append(out))
    try:
        network(x)
    finally:
        handle.remove()
    return seen[0]
