"""Many pictures in one PNG: what a page cuts out again is what was put in."""

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from course_lib.widgets.sheet import COLUMNS, packed


def cut(sheet: str, n: int, height: int, width: int) -> np.ndarray:
    """The first n pictures of a sheet, (n, height, width, 3)."""
    with Image.open(io.BytesIO(base64.b64decode(sheet))) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    rows = pixels.reshape(-1, height, COLUMNS, width, 3).swapaxes(1, 2)
    return rows.reshape(-1, height, width, 3)[:n]


@pytest.mark.parametrize("channels, n", [(1, 1), (1, 16), (1, 17), (3, 5)])
def test_every_picture_comes_back(channels, n):
    pictures = torch.randint(256, (n, channels, 4, 6), dtype=torch.uint8)
    expected = pictures.permute(0, 2, 3, 1).expand(-1, -1, -1, 3).numpy()
    np.testing.assert_array_equal(cut(packed(pictures), n, 4, 6), expected)


@pytest.mark.parametrize("levels", [2, 4, 16])
def test_fewer_levels_of_grey_are_the_nearest_ones_and_take_fewer_bytes(levels):
    pictures = torch.randint(256, (20, 1, 8, 8), dtype=torch.uint8)
    step = 255 / (levels - 1)
    got = cut(packed(pictures, levels), 20, 8, 8)[..., 0]
    np.testing.assert_array_equal(got, np.round(pictures.squeeze(1).numpy() / step) * step)
    assert len(packed(pictures, levels)) < len(packed(pictures))


def test_colour_keeps_its_levels():
    with pytest.raises(ValueError, match="levels is 16; pictures in colour keep all 256"):
        packed(torch.zeros(1, 3, 4, 4, dtype=torch.uint8), 16)
