"""How many modes of a toy distribution the generator reaches."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.data.toy import Modes


@dataclass(frozen=True)
class ModesCovered:
    """covered: modes with enough samples. good: share of samples near any mode. counts: (mode,) samples near each."""

    covered: int
    good: float
    counts: Int[Tensor, " mode"]


def modes_covered(
    samples: Float[Tensor, "n 2"], target: Modes, *, within: float = 3.0, share: float = 0.2
) -> ModesCovered:
    """Count the modes that samples fall on.

    A sample belongs to its nearest centre if it lies within `within` standard deviations of it. A mode
    is covered if it holds at least `share` of what an equal split would give it, so that a single stray
    point does not count.
    """
    if samples.ndim != 2 or samples.shape[1] != 2 or len(samples) == 0:
        raise ValueError(f"samples has shape {tuple(samples.shape)}; modes_covered wants (n, 2) with n at least 1.")
    distance, nearest = torch.cdist(samples.detach(), target.centres.to(samples)).min(dim=1)
    near = distance <= within * target.std
    counts = torch.bincount(nearest[near], minlength=len(target.centres))
    enough = share * len(samples) / len(target.centres)
    return ModesCovered(int((counts >= enough).sum()), near.float().mean().item(), counts)
