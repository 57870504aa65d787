"""Fully connected generator and discriminator, for points and for small images."""

from collections.abc import Sequence
from math import prod

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.models.inputs import width_after
from course_lib.verdict import Verdict


class Generator(nn.Module):
    """Noise z through fully connected layers to data x.

    noise_dim: numbers in z. hidden: widths of the hidden layers. shape: of one generated example, such as
    (2,) for points or (1, 28, 28) for digits. batch_norm: after every hidden layer. output: the last
    activation; nn.Tanh() for images in [-1, 1], nn.Identity() for points.
    """

    def __init__(
        self,
        noise_dim: int,
        hidden: Sequence[int],
        shape: Sequence[int],
        *,
        batch_norm: bool = False,
        output: nn.Module | None = None,
    ):
        super().__init__()
        self.noise_dim, self.shape = noise_dim, tuple(shape)
        layers: list[nn.Module] = []
        width = noise_dim
        for units in hidden:
            layers.append(nn.Linear(width, units))
            if batch_norm:
                layers.append(nn.BatchNorm1d(units))
            layers.append(nn.ReLU())
            width = units
        layers += [nn.Linear(width, prod(self.shape)), output or nn.Identity()]
        self.layers = nn.Sequential(*layers)

    def noise(self, n: int) -> Float[Tensor, "n noise"]:
        """n draws from the prior p(z), a standard Gaussian, on the device of the weights."""
        return torch.randn(n, self.noise_dim, device=self.layers[0].weight.device)

    def forward(self, z: Float[Tensor, "batch noise"]) -> Float[Tensor, "batch ..."]:
        """G(z), of shape (batch, *shape)."""
        if z.shape[1:] != (self.noise_dim,):
            raise ValueError(f"z has shape {tuple(z.shape)}; this generator wants (batch, {self.noise_dim}).")
        return self.layers(z).unflatten(1, self.shape)


class Discriminator(nn.Module):
    """Data x through fully connected layers to one logit; features are the last hidden layer.

    shape: of one example. hidden: widths of the hidden layers, at least one. slope: of the leaky ReLU
    below zero. dropout: chance of silencing a hidden unit, in [0, 1). minibatch: a layer from the features to more
    of them, such as MinibatchDiscrimination, after they have been read.
    """

    def __init__(
        self,
        shape: Sequence[int],
        hidden: Sequence[int],
        *,
        slope: float = 0.2,
        dropout: float = 0.0,
        minibatch: nn.Module | None = None,
    ):
        super().__init__()
        if not hidden:
            raise ValueError("The discriminator needs at least one hidden layer, whose activations are its features.")
        self.shape = tuple(shape)
        layers: list[nn.Module] = [nn.Flatten()]
        width = prod(self.shape)
        for units in hidden:
            layers += [nn.Linear(width, units), nn.LeakyReLU(slope), nn.Dropout(dropout)]
            width = units
        self.features = nn.Sequential(*layers)
        self.minibatch = minibatch or nn.Identity()
        self.logit = nn.Linear(width_after(minibatch, width), 1)

    def forward(self, x: Float[Tensor, "batch ..."]) -> Verdict:
        """D's verdict on a batch of shape (batch, *shape)."""
        if tuple(x.shape[1:]) != self.shape:
            raise ValueError(
                f"x has shape {tuple(x.shape)}; this discriminator wants (batch, {', '.join(map(str, self.shape))})."
            )
        features = self.features(x)
        return Verdict(self.logit(self.minibatch(features)).squeeze(1), features)
