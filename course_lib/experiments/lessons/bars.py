"""Boxes around the bars of generated sevens, recorded for lesson 10: 52 of them, as many as the DCGAN paper drew.

Of the 800 digits that the shipped generator makes of `latents()`, those that a classifier named 7 were looked at. A rule
drew the boxes, `explore.strokes.upper_bars`; eighteen digits that are no good sevens were left out, and six boxes were redrawn by
hand, where the bar hangs lower or sits lower than the rule supposed.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.explore.forgetting import Box

SAMPLES, SEED, NOISE = 800, 0, 100

# image, top, left, bottom, right
_DRAWN = (
    (4, 6, 6, 13, 19),
    (8, 7, 6, 14, 22),
    (21, 4, 6, 11, 21),
    (25, 4, 7, 11, 21),
    (40, 6, 6, 15, 23),
    (47, 5, 2, 12, 26),
    (51, 6, 6, 13, 21),
    (67, 5, 5, 12, 21),
    (69, 3, 4, 10, 19),
    (87, 7, 5, 14, 20),
    (134, 6, 3, 13, 25),
    (137, 6, 5, 14, 26),
    (142, 5, 3, 12, 21),
    (144, 6, 4, 15, 21),
    (149, 7, 1, 14, 21),
    (169, 7, 1, 14, 21),
    (179, 4, 1, 11, 21),
    (183, 7, 6, 14, 21),
    (218, 6, 8, 13, 20),
    (253, 6, 7, 13, 21),
    (265, 6, 10, 13, 20),
    (284, 5, 1, 12, 21),
    (285, 5, 10, 12, 21),
    (293, 5, 2, 12, 23),
    (304, 6, 6, 13, 21),
    (311, 4, 10, 11, 21),
    (317, 7, 4, 14, 22),
    (320, 6, 7, 13, 20),
    (340, 6, 6, 13, 25),
    (343, 7, 3, 14, 18),
    (365, 5, 4, 12, 20),
    (368, 6, 5, 13, 24),
    (379, 5, 5, 12, 26),
    (382, 6, 9, 13, 20),
    (404, 4, 6, 11, 26),
    (425, 5, 4, 12, 22),
    (430, 7, 5, 14, 23),
    (431, 5, 8, 12, 23),
    (459, 7, 6, 14, 21),
    (505, 7, 2, 11, 20),
    (507, 5, 7, 14, 24),
    (515, 6, 4, 13, 21),
    (543, 6, 1, 13, 25),
    (556, 6, 10, 13, 25),
    (575, 5, 5, 12, 21),
    (582, 3, 3, 13, 19),
    (597, 6, 4, 13, 22),
    (611, 4, 5, 11, 20),
    (629, 6, 6, 13, 22),
    (657, 4, 4, 11, 22),
    (691, 7, 3, 14, 22),
    (709, 6, 5, 13, 27),
)


def latents() -> Float[Tensor, "52 noise"]:
    """The z of the 52 sevens, in the order of `boxes()`: drawn from U(-1, 1), the same everywhere."""
    z = 2 * torch.rand(SAMPLES, NOISE, generator=torch.Generator().manual_seed(SEED)) - 1
    return z[[image for image, *_ in _DRAWN]]


def boxes() -> list[Box]:
    """A box for each of `latents()`, in pixels of its 28x28 image."""
    return [Box(number, *edges) for number, (_, *edges) in enumerate(_DRAWN)]
