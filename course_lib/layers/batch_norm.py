"""Batch normalisation with fewer learnt parameters than PyTorch's default, as two released codes have it.

Scale and shift stay out of `parameters()`, so no optimiser and no weight decay ever meets them.
"""

from typing import TypeVar

from torch import nn

Norm = TypeVar("Norm", nn.BatchNorm1d, nn.BatchNorm2d)

# eps is always passed by keyword here: the second positional argument of nn.BatchNorm2d is eps, not momentum,
# so nn.BatchNorm2d(128, 0.8) adds 0.8 to every variance.


def batch_norm_plain_1d(channels: int, *, eps: float = 1e-8) -> nn.BatchNorm1d:
    """Batch norm of (batch, channel) without scale and without bias: mean 0 and variance 1, no more.

    eps: added to the variance; 1e-8 as in the code of Radford et al. 2016 for MNIST.
    """
    return nn.BatchNorm1d(channels, eps=eps, affine=False)


def batch_norm_plain_2d(channels: int, *, eps: float = 1e-8) -> nn.BatchNorm2d:
    """Batch norm of (batch, channel, height, width) without scale and without bias, pooling positions.

    eps: added to the variance; 1e-8 as in the code of Radford et al. 2016 for MNIST.
    """
    return nn.BatchNorm2d(channels, eps=eps, affine=False)


def batch_norm_bias_only_1d(channels: int, *, eps: float = 1e-6) -> nn.BatchNorm1d:
    """Batch norm of (batch, channel) with a bias and no scale.

    It stands in the generators of Salimans et al. 2016 for semi-supervised learning. eps: added to the
    variance; 1e-6 as in their code.
    """
    return _with_a_scale_of_one(nn.BatchNorm1d(channels, eps=eps))


def batch_norm_bias_only_2d(channels: int, *, eps: float = 1e-6) -> nn.BatchNorm2d:
    """Batch norm of (batch, channel, height, width) with a bias and no scale, pooling positions.

    eps: added to the variance; 1e-6 as in the code of Salimans et al. 2016.
    """
    return _with_a_scale_of_one(nn.BatchNorm2d(channels, eps=eps))


def _with_a_scale_of_one(norm: Norm) -> Norm:
    """The same layer, whose scale is ones that nobody trains and no file of weights holds."""
    # Not None: with a bias beside it, CUDA's backward then returns a gradient of the wrong shape, and autograd stops.
    ones = norm.weight.detach()
    del norm.weight
    norm.register_buffer("weight", ones, persistent=False)
    return norm
