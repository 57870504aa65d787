"""How good lists of tags are, and whether one way of tagging is better than another by more than chance."""

from collections.abc import Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from course_lib.data.packed_emoji import embedded_emoji
from course_lib.data.tag_rows import Tags
from course_lib.experiments.cgan.tagging import KEEP
from course_lib.metrics import precision_at_k, recall_at_k


def scores(predicted: Sequence[Tags], held_out: Sequence[Tags]) -> dict[str, float]:
    """Precision and recall of each picture's first ten tags, averaged over the pictures."""
    return {
        f"precision_at_{KEEP}": precision_at_k(predicted, held_out, KEEP),
        f"recall_at_{KEEP}": recall_at_k(predicted, held_out, KEEP),
    }


def pictures_of_one_thing(data: str, pictures: int) -> Int[Tensor, " picture"]:
    """Which thing each test picture shows: an emoji's concept, drawn up to three times; each photograph its own."""
    return embedded_emoji("test").concept if data == "emoji" else torch.arange(pictures)


def more_precise(
    name: str, theirs: Sequence[Tags], ours: Sequence[Tags], held_out: Sequence[Tags], of: Int[Tensor, " picture"]
) -> dict[str, float]:
    """By how much our precision at 10 is above theirs, and the standard error of that, paired over things.

    of: which thing each picture shows. Drawings of one thing are right or wrong together, so each thing counts once.
    Needs two things at least for an error; with one it is 0.
    """
    pairs = zip(ours, theirs, held_out, strict=True)
    more = torch.tensor(
        [precision_at_k([a], [right], KEEP) - precision_at_k([b], [right], KEEP) for a, b, right in pairs],
        dtype=torch.float64,
    )
    by_thing = torch.stack([more[of == thing].mean() for thing in of.unique()])
    error = by_thing.std().item() / len(by_thing) ** 0.5 if len(by_thing) > 1 else 0.0
    return {f"precision_at_{KEEP}_minus_{name}": by_thing.mean().item(), f"precision_at_{KEEP}_minus_{name}_se": error}
