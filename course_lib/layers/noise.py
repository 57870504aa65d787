"""Gaussian noise on activations, while training."""

import torch
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
        return x + self.std * torch.randn_like(x) if self.training else x

    def extra_repr(self) -> str:
        """What `print(network)` shows between the brackets."""
        return f"std={self.std}"
