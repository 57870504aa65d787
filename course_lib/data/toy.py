"""Toy distributions: densities on the line, and points in the plane whose modes can be counted."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Mixture:
    """A mixture of Gaussians on the line.

    means: centres. stds: widths, positive. weights: shares of the parts, positive, summing to 1; equal
    shares where none are given. Raises ValueError otherwise.
    """

    means: tuple[float, ...]
    stds: tuple[float, ...]
    weights: tuple[float, ...] | None = None

    def __post_init__(self):
        weights = self.weights if self.weights is not None else (1 / max(1, len(self.means)),) * len(self.means)
        object.__setattr__(self, "weights", weights)
        if not len(self.means) == len(self.stds) == len(weights) > 0:
            raise ValueError(
                f"Got {len(self.means)} means, {len(self.stds)} stds, {len(weights)} weights; give as many of each."
            )
        if min(self.stds) <= 0 or min(weights) <= 0 or not math.isclose(sum(weights), 1, abs_tol=1e-6):
            raise ValueError(
                f"Widths and weights must be positive, weights sum to 1; got stds {self.stds}, weights {weights}."
            )

    def pdf(self, x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """The density at x, any shape; units of 1/x."""
        x = torch.as_tensor(x)
        mean, std, weight = (torch.as_tensor(v, dtype=x.dtype) for v in (self.means, self.stds, self.weights))
        parts = torch.exp(-0.5 * ((x[..., None] - mean) / std) ** 2) / (std * math.sqrt(2 * math.pi))
        return (weight * parts).sum(-1)

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, " n"]:
        """n independent draws; `generator` makes them repeatable apart from the global seed."""
        part = torch.multinomial(torch.tensor(self.weights), n, replacement=True, generator=generator)
        return torch.tensor(self.means)[part] + torch.tensor(self.stds)[part] * torch.randn(n, generator=generator)


def gaussian(mean: float = 0.0, std: float = 1.0) -> Mixture:
    """One Gaussian, as a mixture of one part."""
    return Mixture((mean,), (std,))


@dataclass(frozen=True)
class Uniform:
    """The uniform density on [low, high): the simplest one with places where nothing ever falls."""

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self):
        if not self.low < self.high:
            raise ValueError(f"low must be below high; got [{self.low}, {self.high}).")

    def pdf(self, x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """The density at x, any shape: 1/(high - low) inside, 0 outside."""
        x = torch.as_tensor(x)
        return ((x >= self.low) & (x < self.high)).to(x.dtype) / (self.high - self.low)

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, " n"]:
        """n independent draws."""
        return self.low + (self.high - self.low) * torch.rand(n, generator=generator)


@dataclass(frozen=True)
class Modes:
    """Equal round Gaussians in the plane, at known centres, so that lost modes can be counted.

    centres: (mode, 2). std: the width of each.
    """

    centres: Float[Tensor, "mode 2"]
    std: float

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n 2"]:
        """n independent draws, each from a mode chosen at random."""
        mode = torch.randint(len(self.centres), (n,), generator=generator)
        return self.centres[mode] + self.std * torch.randn(n, 2, generator=generator)


def ring(modes: int = 8, radius: float = 2.0, std: float = 0.05) -> Modes:
    """`modes` Gaussians evenly on a circle: the usual picture of mode collapse."""
    angle = torch.arange(modes) * (2 * math.pi / modes)
    return Modes(radius * torch.stack([angle.cos(), angle.sin()], dim=1), std)


def square_grid(side: int = 5, spacing: float = 1.0, std: float = 0.05) -> Modes:
    """side x side Gaussians on a square grid around the origin."""
    line = (torch.arange(side) - (side - 1) / 2) * spacing
    return Modes(torch.cartesian_prod(line, line), std)
