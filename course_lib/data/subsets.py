"""Which examples keep their labels: balanced random subsets, as in the papers on semi-supervised learning."""

from collections.abc import Sequence

import torch
from jaxtyping import Int
from torch import Tensor


def labelled_subset(
    y: Int[Tensor, " n"], per_class: int, seed: int = 0, classes: Sequence[str] | None = None
) -> Int[Tensor, " chosen"]:
    """Indices of `per_class` examples of every class, class by class, chosen by the seed.

    As in the released code of Salimans et al. 2016: a random permutation of all examples, and of it the first
    ones of each class. So with one seed, a smaller subset is part of every larger one.
    y: labels from 0, with -1 for unknown, on any device; the indices come on the same one. classes: their names,
    one for each label; 0 to the highest label where none are given.
    Raises ValueError for per_class below 1, and, naming class and counts, where a class has too few examples.
    """
    if per_class < 1:
        raise ValueError(f"per_class is {per_class}; keep at least 1 label of each class.")
    if y.numel() == 0 or y.max() < 0:
        raise ValueError("No example has a known class: all labels are -1, or there are none.")
    names = list(classes) if classes is not None else [str(label) for label in range(int(y.max()) + 1)]
    if y.max() >= len(names):
        raise ValueError(f"There are labels up to {int(y.max())}, but only {len(names)} classes: {', '.join(names)}.")
    # On the CPU, whatever the device, so that the choice is the same everywhere.
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    shuffled = y.cpu()[order]
    chosen = []
    for label, name in enumerate(names):
        members = order[shuffled == label]
        if len(members) < per_class:
            raise ValueError(f"Class '{name}' has {len(members)} examples; {per_class} of each class were asked for.")
        chosen.append(members[:per_class])
    return torch.cat(chosen).to(y.device)


def labels_per_class(total: int, classes: int) -> int:
    """How many labels of each class make `total` in all: 100 labels of 10 classes are 10 of each.

    Raises ValueError where the total is no positive multiple of the number of classes.
    """
    per_class, left = divmod(total, classes)
    if total < 1 or left:
        below = f"{per_class * classes} or " if per_class > 0 else ""
        raise ValueError(
            f"{total} labels cannot be shared equally by {classes} classes. "
            f"Choose a multiple of {classes}, such as {below}{(max(per_class, 0) + 1) * classes}."
        )
    return per_class
