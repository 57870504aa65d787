"""Making a generator forget an object: Radford et al. 2016, section 6.3.1.

Draw boxes around the object in some samples. Ask, for each place of an inner layer of G, whether it lies in a box: a
logistic regression on the feature maps answers that, and its positive weights name the maps that speak of the object. Drop
those maps, and draw the same z again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from scipy import ndimage
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from course_lib.metrics.passes import evaluating


@dataclass(frozen=True)
class Box:
    """Around an object in image number `image`: rows top to bottom and columns left to right, in pixels, ends excluded."""

    image: int
    top: int
    left: int
    bottom: int
    right: int


def activations(generator: nn.Module, layer: nn.Module, z: Float[Tensor, "n noise"]) -> Float[Tensor, "n map h w"]:
    """The feature maps of one of the generator's layers for each z, in evaluation mode."""
    seen: list[Tensor] = []
    handle = layer.register_forward_hook(lambda module, given, out: seen.append(out))
    try:
        with evaluating(generator):
            generator(z)
    finally:
        handle.remove()
    return seen[0]


def inside(boxes: Sequence[Box], shape: tuple[int, int, int], size: int) -> Bool[Tensor, "n h w"]:
    """Which places of a layer of shape (n, h, w) lie in a box of its image of size x size pixels, by their middles.

    Raises ValueError for a box outside its image, or of an image that is not there.
    """
    n, height, width = shape
    marked = torch.zeros(shape, dtype=torch.bool)
    rows, columns = ((torch.arange(side) + 0.5) * size / side for side in (height, width))
    for box in boxes:
        within = 0 <= box.top < box.bottom <= size and 0 <= box.left < box.right <= size
        if not (0 <= box.image < n and within):
            raise ValueError(f"{box} does not lie in one of {n} images of {size}x{size} pixels.")
        marked[box.image] |= (
            ((rows >= box.top) & (rows < box.bottom))[:, None] & (columns >= box.left) & (columns < box.right)
        )
    return marked


def weights_of_maps(
    maps: Float[Tensor, "n map h w"],
    marked: Bool[Tensor, "n h w"],
    *,
    among: Bool[Tensor, "n h w"] | None = None,
    C: float = 1.0,
    seed: int = 0,
) -> Float[Tensor, " map"]:
    """The weight of each feature map in a logistic regression of "this place is in a box" on the maps.

    As many places outside boxes, drawn at random from the same images, as there are inside. among: the places that are looked at,
    such as those with ink; None for all. C: scikit-learn's, the smaller the shorter the weights; where it is very small they
    are proportional to the map's mean inside less its mean outside. Raises ValueError where no place is in a box: the boxes
    are then smaller than the layer's places.
    """
    drawn = marked.flatten(1).any(1)
    rows, answers = maps[drawn].permute(0, 2, 3, 1).flatten(0, 2).cpu(), marked[drawn].flatten()
    asked = torch.ones_like(answers) if among is None else among[drawn].flatten()
    yes, no = (answers & asked).nonzero().flatten(), (~answers & asked).nonzero().flatten()
    if len(yes) == 0 or len(no) == 0:
        raise ValueError("No place of the layer lies inside a box, or none outside. Draw larger, or fewer, boxes.")
    no = no[torch.randperm(len(no), generator=torch.Generator().manual_seed(seed))[: len(yes)]]
    chosen = torch.cat([yes, no])
    model = LogisticRegression(C=C, max_iter=1_000).fit(rows[chosen].numpy(), answers[chosen].numpy())
    return torch.from_numpy(model.coef_[0]).float()


@contextmanager
def without_maps(layer: nn.Module, dropped: Bool[Tensor, " map"]) -> Iterator[None]:
    """Inside the `with` block the layer puts out 0 on the dropped maps, at every place."""
    kept = ~dropped[:, None, None]
    handle = layer.register_forward_hook(lambda module, given, out: out * kept.to(out))
    try:
        yield
    finally:
        handle.remove()


def holes(images: Float[Tensor, "n 1 height width"], *, ink: float = 0.0) -> list[list[tuple[slice, slice]]]:
    """For each digit the holes in its ink, as slices of rows and columns: two for an 8, one for a 0, none for a 1.

    A hole is a region of paper, of at least 3 pixels, that no path of paper joins to the border. images: of any range; ink is
    brighter than `ink`.
    """
    found = []
    for image in (images[:, 0] <= ink).cpu().numpy():
        regions, count = ndimage.label(np.pad(image, 1, constant_values=True))
        sizes = np.bincount(regions.ravel(), minlength=count + 1)
        outside = regions[0, 0]
        places = ndimage.find_objects(regions)
        found.append(
            [
                (slice(rows.start - 1, rows.stop - 1), slice(columns.start - 1, columns.stop - 1))
                for number, (rows, columns) in enumerate(places, 1)
                if number != outside and sizes[number] >= 3
            ]
        )
    return found
