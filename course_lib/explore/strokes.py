"""What is measured of generated digits when G forgets a stroke: where ink is, the upper bar of a 7, and how much is left."""

from collections.abc import Sequence

from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import adaptive_max_pool2d

from course_lib.explore.forgetting import Box, inside


def ink_at(images: Float[Tensor, "n 1 height width"], places: tuple[int, int]) -> Bool[Tensor, "n h w"]:
    """Which places of a layer of size (h, w) have ink in them: a pixel brighter than 0, of images in [-1, 1]."""
    return adaptive_max_pool2d(images, places)[:, 0] > 0


def upper_bars(images: Float[Tensor, "n 1 size size"], *, rows: int = 6) -> list[Box]:
    """For each digit a box around the uppermost `rows` rows of its ink, a pixel wider at three sides: of a 7, its bar.

    images: in [-1, 1]. One without ink has no box.
    """
    boxes, size = [], images.shape[3]
    for number, ink in enumerate((images[:, 0] > 0).cpu()):
        if not ink.any():
            continue
        top = int(ink.any(1).nonzero()[0])
        columns = ink[top : top + rows].any(0).nonzero().flatten()
        left, right = int(columns[0]), int(columns[-1])
        boxes.append(Box(number, max(0, top - 1), max(0, left - 1), min(size, top + rows), min(size, right + 2)))
    return boxes


def ink_kept(
    before: Float[Tensor, "n 1 size size"], after: Float[Tensor, "n 1 size size"], boxes: Sequence[Box]
) -> tuple[float, float]:
    """Ink after as a share of ink before: inside the boxes, and outside of them.

    Ink is the sum of the pixels of images in [-1, 1], counted from 0 for black to 1 for white. The boxes are those of `before`.
    """
    size = before.shape[3]
    marked = inside(boxes, (len(before), size, size), size).to(before.device)
    was, now = ((images[:, 0] + 1) / 2 for images in (before, after))
    return tuple((now[where].sum() / was[where].sum()).item() for where in (marked, ~marked))
