"""How many modes of a toy distribution the generator reaches."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.data.toy import Modes
from course_lib.metrics.passes import in_batches


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


def classes_seen(classifier: nn.Module, images: Float[Tensor, "n channel height width"], *, share: float = 0.2) -> int:
    """The same rule with classes for modes: how many have enough of the images, by the classifier's likeliest class.

    classifier: images to class logits (batch, class), asked in evaluation mode. images: as it takes them, one or more.
    """
    if len(images) == 0:
        raise ValueError("There are no images to look at.")
    logits = in_batches(classifier, classifier, images, 500)
    counts = logits.argmax(1).bincount(minlength=logits.shape[1])
    return int((counts >= share * len(images) / len(counts)).sum())
