"""Initial weights as the papers draw them.

Each function changes a network in place, leaves its biases at zero, and returns it.
"""

from typing import TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from course_lib.layers import VirtualBatchNorm

Network = TypeVar("Network", bound=nn.Module)


def uniform_(network: Network, a: float) -> Network:
    """Draw every weight from U(-a, a): pylearn2's `irange`, used by Goodfellow et al. 2014."""
    for layer in _layers(network):
        nn.init.uniform_(layer.weight, -a, a)
    return network


def normal_(network: Network, std: float) -> Network:
    """Draw every weight from N(0, std^2)."""
    for layer in _layers(network):
        nn.init.normal_(layer.weight, 0.0, std)
    return network


def glorot_(network: Network) -> Network:
    """Draw the weights of each layer from U(-a, a), a^2 = 6 / (inputs + outputs): Glorot and Bengio 2010, eq. 16.

    What Lasagne does where nothing is said, as in the digit generator of Salimans et al. 2016.
    """
    for layer in _layers(network):
        nn.init.xavier_uniform_(layer.weight)
    return network


def dcgan_(network: Network) -> Network:
    """Draw every weight from N(0, 0.02^2), and the scales of batch norm, virtual or not, from N(1, 0.02^2).

    Radford et al. 2016, section 4, says this of "all weights"; that a scale is drawn around 1 is in the
    released code.
    """
    normal_(network, 0.02)
    norms = (nn.BatchNorm1d, nn.BatchNorm2d, VirtualBatchNorm)
    for layer in network.modules():
        if isinstance(layer, norms) and isinstance(
            layer.weight, nn.Parameter
        ):  # none, or one that is not learnt, stays
            nn.init.normal_(layer.weight, 1.0, 0.02)
    return network


def bias_from_marginals_(layer: nn.Linear, marginals: Float[Tensor, "..."]) -> nn.Linear:
    """Set the bias under a sigmoid so that with zero weights the output is the mean image.

    marginals: the mean of each pixel over the training set, in [0, 1], as many as the layer has outputs. They
        are kept 1e-7 away from 0 and 1, where the logit is infinite: MNIST has pixels that are always black.
    Raises ValueError for another number of them, or means outside [0, 1].
    """
    if marginals.numel() != layer.out_features:
        raise ValueError(f"There are {marginals.numel()} marginals for {layer.out_features} outputs.")
    if marginals.min() < 0 or marginals.max() > 1:
        raise ValueError(
            f"Marginals run from {marginals.min():.3g} to {marginals.max():.3g}; give the mean of images in [0, 1]."
        )
    with torch.no_grad():
        layer.bias.copy_(marginals.flatten().double().logit(eps=1e-7))
    return layer


def _layers(network: nn.Module) -> list[nn.Module]:
    """The layers that hold weights, with their biases set to zero."""
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d)]
    for layer in layers:
        if is_parametrized(layer, "weight"):
            # What is written into a computed weight is lost at the next forward, without a word.
            raise ValueError(
                f"The weight of {layer} is computed, by weight norm say. Initialise first, normalise after."
            )
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    return layers
