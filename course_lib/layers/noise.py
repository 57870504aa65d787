"""Noise on activations: Gaussian, while training; and dropout that is never switched off."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class GaussianNoise(nn.Module):
    """Adds N(0, std^2) to every activation in training, and nothing in evaluation; any shape.

    std: standard deviation, at least 0. Salimans et al. 2016, section 6.1, add it in D.
    Raises ValueError for a negative std.
    """

    def __init__(self, std: float):
        super().__init__()
        if not std >= 0:
            raise ValueError(f"std is a standard deviation, at least 0; got {std}.")
        self.std = std

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """x with fresh noise, or x itself in evaluation."""
        return torch.add(x, torch.randn_like(x), alpha=self.std) if self.training else x

    def extra_repr(self) -> str:
        """What `print(network)` shows between the brackets."""
        return f"std={self.std}"


class DropoutNoise(nn.Dropout):
    """Dropout in evaluation as in training, where it is a generator's source of chance and no regulariser.

    p: chance of silencing an activation, in [0, 1]. The others are divided by 1 - p.
    """

    def forward(self, input: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """The input, some of it silenced."""
        return F.dropout(input, self.p, training=True)
