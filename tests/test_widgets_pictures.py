"""What the sliders show: the images as they are, bars as long as their numbers, the chosen one marked, all told in words."""

import io

import numpy as np
import pytest
import torch
from PIL import Image, ImageColor

from course_lib.figures.style import ACCENT, MODEL, MUTED
from course_lib.widgets import pictures
from course_lib.widgets.pictures import SHARP, every_label, place_between


def pixels(drawn):
    return np.asarray(Image.open(io.BytesIO(drawn.png)).convert("RGB")).astype(int)


def near(sheet, colour, within=12):
    """Where the sheet has that colour, as far as 64 colours allow."""
    return np.abs(sheet - ImageColor.getrgb(colour)).max(2) <= within


def test_it_is_sharp_and_as_wide_as_told():
    drawn = place_between(*torch.rand(3, 1, 28, 28) * 2 - 1, torch.randn(16), 3)
    assert pixels(drawn).shape[1] == SHARP * drawn.width


@pytest.mark.parametrize("channels, shape", [(1, (28, 28)), (3, (32, 32)), (1, (8, 5))])
def test_images_stand_side_by_side_in_their_own_shades(channels, shape):
    start, here, end = (torch.full((channels, *shape), shade) for shade in (-1.0, 0.0, 1.0))
    sheet = pixels(place_between(start, here, end, torch.zeros(4), 0))
    middle = SHARP * 40
    assert [sheet[middle, SHARP * x].max() for x in (30, 220, 400)] == pytest.approx([0, 128, 255], abs=4)


def test_a_bar_is_as_long_as_its_number_and_the_marked_one_has_its_colour():
    z = torch.zeros(8)
    z[2], z[5] = 2.5, -1.25
    marked = pixels(place_between(*torch.zeros(3, 1, 8, 8), z, 2))
    # Rows of the bars' part of the sheet, without the mark's triangle below.
    bars = slice(SHARP * 206, SHARP * 300)
    heights = [near(marked[bars], colour).any(1).sum() for colour in (ACCENT, MUTED)]
    assert heights[0] == pytest.approx(2 * heights[1], rel=0.1) and heights[1] > 10


def test_bars_beyond_the_scale_end_there():
    tall, taller = (pixels(place_between(*torch.zeros(3, 1, 8, 8), torch.tensor([value]), 0)) for value in (5.0, 50.0))
    assert np.abs(tall - taller).max() < 12


def test_words_name_the_marked_coordinate_and_its_value():
    z = torch.zeros(10)
    z[4] = 2.5
    drawn = place_between(*torch.zeros(3, 1, 8, 8), z, 4)
    assert "10 numbers of z" in drawn.alt and "coordinate 4, marked, is 2.5" in drawn.alt


@pytest.mark.parametrize("labels", [1, 2, 7, 10])
def test_every_label_is_there_and_the_chosen_one_large_and_framed(labels):
    images = torch.linspace(0.2, 0.9, labels)[:, None, None, None].expand(labels, 1, 28, 28)
    chosen = labels - 1
    drawn = every_label(images, torch.randn(20), chosen)
    sheet = pixels(drawn)
    large = sheet[SHARP * 80, SHARP * 90]
    assert large == pytest.approx([round(255 * images[chosen, 0, 0, 0].item())] * 3, abs=4)
    assert near(sheet, ACCENT).sum() > 400 and near(sheet, MODEL).sum() > 100
    shades = {round(255 * image[0, 0, 0].item()) for image in images}
    small = sheet[: SHARP * 200, SHARP * 210 :]
    grey = small[np.ptp(small, axis=2) == 0][:, 0]
    counts = {shade: (np.abs(grey - shade) <= 4).sum() for shade in shades}
    assert min(counts.values()) > 1_000
    assert f"for label {chosen}" in drawn.alt and f"the {labels} images" in drawn.alt


def test_pngs_of_64_colours_are_close_to_the_picture():
    sheet = Image.fromarray((np.linspace(0, 255, 64)[:, None, None] * np.ones((1, 64, 3))).astype(np.uint8))
    few = np.asarray(Image.open(io.BytesIO(pictures.quick_png(sheet))).convert("RGB")).astype(int)
    assert np.abs(few - np.asarray(sheet)).max() <= 8
