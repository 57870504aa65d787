"""Strokes: where there is ink, the box of a bar, and what is left of it, on images drawn by hand."""

import pytest
import torch

from course_lib.explore.forgetting import Box
from course_lib.explore.strokes import ink_at, ink_kept, upper_bars


def seven(top: int = 4) -> torch.Tensor:
    """A bar of 3 rows over columns 5 to 20, and a stem of 3 columns under it."""
    image = -torch.ones(1, 28, 28)
    image[0, top : top + 3, 5:21] = 1
    image[0, top + 3 : 25, 18:21] = 1
    return image


def test_a_place_has_ink_if_one_of_its_pixels_has():
    image = -torch.ones(1, 1, 28, 28)
    image[0, 0, 4, 27] = 0.1
    found = ink_at(image, (7, 7))
    assert found.sum() == 1 and found[0, 1, 6]


def test_the_box_of_a_bar_holds_it_with_a_pixel_around():
    assert upper_bars(torch.stack([seven(), seven(0)])) == [Box(0, 3, 4, 10, 22), Box(1, 0, 4, 6, 22)]


def test_an_empty_picture_has_no_box_and_ink_at_the_border_stays_within_it():
    images = -torch.ones(2, 1, 28, 28)
    images[1, 0, 26:, :] = 1
    assert upper_bars(images) == [Box(1, 25, 0, 28, 28)]


def test_ink_is_counted_inside_and_outside():
    before, after = seven()[None], seven()[None]
    after[0, 0, 4:7] = -1  # the bar is gone
    after[0, 0, 10:] = (after[0, 0, 10:] - 1) / 2  # what is below the box has half its ink
    boxes = upper_bars(before)
    inside, outside = ink_kept(before, after, boxes)
    assert inside == pytest.approx(9 / 57, abs=1e-6)  # three rows of the stem, of those and 48 pixels of bar
    assert outside == pytest.approx(0.5, abs=1e-6)
    assert ink_kept(before, before, boxes) == (1, 1)
