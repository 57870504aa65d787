"""The widget for boxes: what it hands back, what it refuses, and its picture where nothing runs."""

import io

import pytest
import torch
from PIL import Image
from traitlets import TraitError

from course_lib.explore.forgetting import Box, inside
from course_lib.widgets import Boxes


def images(n=13, channels=1):
    return 2 * torch.rand(n, channels, 28, 28, generator=torch.Generator().manual_seed(0)) - 1


def test_what_was_drawn_comes_back_as_boxes_that_inside_takes():
    widget = Boxes(images(), [Box(1, 2, 3, 9, 20)])
    assert widget.boxes() == [Box(1, 2, 3, 9, 20)]
    widget.drawn = [[0, 0, 0, 28, 28], [12, 4, 4, 6, 6]]  # as the page sends them
    assert widget.boxes() == [Box(0, 0, 0, 28, 28), Box(12, 4, 4, 6, 6)]
    assert inside(widget.boxes(), (13, 28, 28), 28).sum() == 28 * 28 + 4


def test_nothing_drawn_is_said_with_what_to_do():
    with pytest.raises(ValueError, match="No box was drawn yet. Drag one"):
        Boxes(images()).boxes()


@pytest.mark.parametrize(
    "box", [(13, 0, 0, 4, 4), (-1, 0, 0, 4, 4), (0, 4, 0, 4, 4), (0, 0, 0, 4, 29), (0, 0, -1, 4, 4)]
)
def test_a_box_outside_the_images_is_refused_and_the_widget_lives_on(box):
    with pytest.raises(ValueError, match="does not lie in one of 13 images of 28x28"):
        Boxes(images(), [Box(*box)])
    widget = Boxes(images(), [Box(0, 1, 1, 5, 5)])
    with pytest.raises(ValueError, match="does not lie"):
        widget.drawn = [list(box)]
    assert widget.boxes() == [Box(0, 1, 1, 5, 5)]
    with pytest.raises(TraitError):
        widget.drawn = [[1, 2]]


@pytest.mark.parametrize("bad", [torch.zeros(0, 1, 28, 28), torch.zeros(3, 2, 28, 28)])
def test_what_is_no_set_of_images_is_refused(bad):
    with pytest.raises(ValueError, match="images has shape"):
        Boxes(bad)


@pytest.mark.parametrize("n, channels, size", [(13, 1, (300, 60)), (3, 3, (90, 30)), (1, 1, (30, 30))])
def test_the_sheet_has_every_image_at_its_place(n, channels, size):
    shown = images(n, channels)
    widget = Boxes(shown)
    sheet = widget._grid.convert("RGB")
    assert sheet.size == size and widget.spec["columns"] == min(10, n)
    last = n - 1
    corner = (last % 10 * 30 + 1, last // 10 * 30 + 1)
    expected = ((shown[last, :, 0, 0] + 1) * 127.5).round().int().expand(3).tolist()
    assert list(sheet.getpixel(corner)) == expected and sheet.getpixel((0, 0)) == (255, 255, 255)


def test_where_no_kernel_runs_the_boxes_are_drawn_on_a_still_picture():
    widget = Boxes(-torch.ones(12, 1, 28, 28), [Box(11, 5, 6, 15, 20)])
    picture = Image.open(io.BytesIO(widget._still())).convert("RGB")
    red, green, blue = picture.getpixel(
        (4 * (30 + 1 + 6), 4 * (30 + 1 + 5) + 12)
    )  # the left edge, image 11: row 1, column 1
    assert red > 180 and green < 120 and blue < green
    data, metadata = widget._repr_mimebundle_()
    assert data["image/png"].startswith("iVBOR") and "12 images with 1 boxes" in metadata["image/png"]["alt"]
