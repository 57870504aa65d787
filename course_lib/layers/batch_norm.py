"""Batch normalisation with fewer learnt parameters than PyTorch's default, as two released codes have it.

Scale and shift stay out of `parameters()`, so no optimiser and no weight decay ever meets them.
"""

import torch
from torch import nn

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

    It stands in the generator of Salimans et al. 2016 for semi-supervised MNIST. eps: added to the
    variance; 1e-6 as in their code.
    """
    return _without_scale(nn.BatchNorm1d(channels, eps=eps))


def batch_norm_bias_only_2d(channels: int, *, eps: float = 1e-6) -> nn.BatchNorm2d:
    """Batch norm of (batch, channel, height, width) with a bias and no scale, pooling positions.

    It stands in the generators of Salimans et al. 2016 for CIFAR-10 and SVHN. eps: added to the variance.
    """
    return _without_scale(nn.BatchNorm2d(channels, eps=eps))


def _without_scale(norm: nn.BatchNorm1d | nn.BatchNorm2d) -> nn.BatchNorm1d | nn.BatchNorm2d:
    """The layer with a scale of 1 that is neither learnt nor saved.

    Without any weight it would do on a CPU, but the backward pass on a GPU wants one where there is a bias.
    """
    del norm.weight
    norm.register_buffer("weight", torch.ones(norm.num_features), persistent=False)
    return norm
