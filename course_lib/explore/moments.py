"""What of an image can be measured without a judge: how much ink there is, and how far the strokes lean.

Moments of an image are those of a distribution: brightness is where the mass lies. Hu 1962, "Visual pattern recognition
by moment invariants"; to set digits upright by the second ones is an old custom with MNIST.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def ink(x: Float[Tensor, "n channel height width"]) -> Float[Tensor, " n"]:
    """The mean brightness of images in [-1, 1], from 0 (black) to 1: of white strokes on black, how much ink they take."""
    return (x.clamp(-1, 1).mean((1, 2, 3)) + 1) / 2


def slant(x: Float[Tensor, "n channel height width"]) -> Float[Tensor, " n"]:
    """By how many pixels bright strokes on black lean to the right for each pixel that they rise.

    Minus the covariance of column and row over the variance of the row, both weighted by brightness; minus, because rows
    are counted downwards. 0 for an upright stroke, 1 for one at 45 degrees to the right, below 0 to the left, and 0 where
    nothing is bright or all of it lies in one row. x: images in [-1, 1].
    """
    mass = ((x.clamp(-1, 1) + 1) / 2).mean(1)
    total = mass.sum((1, 2)).clamp(min=1e-9)
    row, column = (torch.arange(size, dtype=mass.dtype, device=mass.device) for size in mass.shape[1:])
    down = row - (mass.sum(2) @ row / total)[:, None]
    across = column - (mass.sum(1) @ column / total)[:, None]
    covariance = torch.einsum("nhw,nh,nw->n", mass, down, across) / total
    variance = torch.einsum("nhw,nh->n", mass, down.square()) / total
    return torch.where(variance > 1e-6, -covariance / variance.clamp(min=1e-6), 0.0)
