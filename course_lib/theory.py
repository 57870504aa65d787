"""The theory of the game in numbers: the optimal discriminator, the value, and what it measures.

Goodfellow et al. 2014, section 4. A distribution is given in one of two ways:

- a tensor p of probabilities, one for each outcome (sums replace integrals), or of density values at the
  points of a grid x;
- anything with a method `pdf(x)`, such as those of `course_lib.data.toy` or of scipy.stats, which is then
  evaluated on the grid x (by default `GRID`, fine enough for six digits on the course's densities).

Everything is computed in float64 and in natural logarithms (nats).
"""

import math
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor
from torch.special import xlogy

GRID = torch.linspace(-20, 20, 40_001, dtype=torch.float64)


@runtime_checkable
class Density(Protocol):
    """A density on the line in closed form."""

    def pdf(self, x): ...


Distribution = Tensor | Density


def optimal_discriminator(p_data: Float[Tensor, "..."], p_g: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """D*(x) = p_data(x) / (p_data(x) + p_g(x)), the best answer to a fixed generator (Proposition 1).

    p_data, p_g: the two densities at the same points, any shape, at least 0.
    Where both are 0 no data ever falls and any answer is as good; 1/2 is returned there.
    """
    for name, p in (("p_data", p_data), ("p_g", p_g)):
        if (p < 0).any():
            raise ValueError(f"{name} has the value {p.min().item():.3g}. A density is never negative.")
    if p_data.shape != p_g.shape:
        shapes = f"{tuple(p_data.shape)} and {tuple(p_g.shape)}"
        raise ValueError(f"The densities have shapes {shapes}. Give both at the same points.")
    both = p_data + p_g
    return torch.where(both > 0, p_data / both.where(both > 0, torch.ones_like(both)), torch.full_like(both, 0.5))


def value(
    d: Float[Tensor, "..."], p_data: Distribution, p_g: Distribution, x: Float[Tensor, " point"] | None = None
) -> Float[Tensor, ""]:
    """V(D, G) = E_data[log D] + E_g[log(1 - D)], equation 1, the integral taken over x (equation 3).

    d: D's answers in [0, 1], one for each outcome or grid point. At most 0; minus infinity where D is
    certain and wrong on a set that has probability.
    """
    p, q, x = _on_the_same_points(p_data, p_g, x)
    d = torch.as_tensor(d, dtype=torch.float64)
    if d.shape != p.shape:
        raise ValueError(f"D gives {tuple(d.shape)} answers for {tuple(p.shape)} points. It answers once at each.")
    if not ((d >= 0) & (d <= 1)).all():  # said so that NaN is refused too
        raise ValueError(f"D's answers run from {d.min().item():.3g} to {d.max().item():.3g}; they must lie in [0, 1].")
    # Where q is below the rounding of p, the best D itself rounds to 1, and that is not being wrong.
    q = q.where(q > torch.finfo(q.dtype).eps * p, 0)
    return _integral(xlogy(p, d) + xlogy(q, 1 - d), x)


def kl(p: Distribution, q: Distribution, x: Float[Tensor, " point"] | None = None) -> Float[Tensor, ""]:
    """KL(p || q) = E_p[log p/q] in nats: 0 when equal, infinite where q is 0 and p is not, not symmetric.

    A place that p visits with probability below 1e-9 counts as never visited: far out in a tail float64
    rounds a density to 0, which would otherwise make the divergence infinite for no good reason.
    """
    p, q, x = _on_the_same_points(p, q, x)
    uncovered = torch.where(q == 0, p, 0)
    if _integral(uncovered, x) < 1e-9:
        p = p - uncovered
    return _integral(_relative_entropy(p, q), x)


def jsd(p: Distribution, q: Distribution, x: Float[Tensor, " point"] | None = None) -> Float[Tensor, ""]:
    """Jensen-Shannon divergence, 1/2 KL(p || m) + 1/2 KL(q || m) with m = (p + q)/2: in [0, log 2], symmetric."""
    p, q, x = _on_the_same_points(p, q, x)
    # p log p/m is half of 2p log 2p/(p + q). Halving p + q instead would underflow to 0 far out in a tail.
    return _integral((_relative_entropy(2 * p, p + q) + _relative_entropy(2 * q, p + q)) / 4, x)


def criterion(p_data: Distribution, p_g: Distribution, x: Float[Tensor, " point"] | None = None) -> Float[Tensor, ""]:
    """C(G) = max over D of V(D, G), the value against the optimal discriminator (equation 4).

    Between -log 4, where p_g = p_data, and 0, where the two never meet (Theorem 1).
    """
    p, q, x = _on_the_same_points(p_data, p_g, x)
    # Not through D*: where q is tiny beside p, 1 - D* rounds to 0 and its logarithm to minus infinity.
    return _integral(_relative_entropy(p, p + q) + _relative_entropy(q, p + q), x)


def _relative_entropy(p: Tensor, q: Tensor) -> Tensor:
    """p log(p/q) point by point, 0 where p is 0."""
    return xlogy(p, p) - xlogy(p, q)


C_MIN = -math.log(4)  # Theorem 1: the least value of C(G)


def _on_the_same_points(p: Distribution, q: Distribution, x: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
    """Both as float64 tensors, and the grid they stand on: None where they are probabilities of outcomes."""
    if x is None and (hasattr(p, "pdf") or hasattr(q, "pdf")):
        x = GRID
    if x is not None:
        x = torch.as_tensor(x, dtype=torch.float64)
    p, q = (_at(density, x) for density in (p, q))
    if p.shape != q.shape or (x is not None and p.shape != x.shape):
        where = "" if x is None else f" on a grid of {len(x)}"
        raise ValueError(
            f"The two distributions stand on different points: {tuple(p.shape)} and {tuple(q.shape)}{where}."
        )
    for density in (p, q):
        mass = _integral(density, x).item()
        # A grid misses tails and rounds corners, so a percent is let pass; a forgotten normalisation is not.
        if (density < 0).any() or abs(mass - 1) > 0.01:
            raise ValueError(
                f"Not a distribution: its smallest value is {density.min().item():.3g} and its total {mass:.4g}. "
                "Values must be at least 0 and sum (or, with a grid x, integrate) to 1."
            )
    return p, q, x


def _at(density: Distribution, x: Tensor | None) -> Tensor:
    return torch.as_tensor(density.pdf(x) if hasattr(density, "pdf") else density, dtype=torch.float64)


def _integral(y: Tensor, x: Tensor | None) -> Tensor:
    return y.sum() if x is None else torch.trapezoid(y, x)
