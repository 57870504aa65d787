"""Figures of lesson 10: what is in them, and that their words say it."""

import pytest
import torch

from course_lib import figures
from course_lib.explore.forgetting import Box


def test_as_grey_keeps_the_sign_and_the_middle():
    slopes = torch.tensor([[[[0.0, 2.0, -1.0]]], [[[-0.1, 0.0, 0.05]]], [[[0.0, 0.0, 0.0]]]])
    assert torch.allclose(figures.as_grey(slopes).squeeze(), torch.tensor([[0, 1, -0.5], [-1, 0, 0.5], [0, 0, 0]]))


@pytest.mark.parametrize(
    "place, corner", [((14, 12), (10, 8)), ((1, 27), (0, 20)), ((0, 0), (0, 0)), ((27, 27), (20, 20))]
)
def test_a_window_lies_around_the_slope_and_within_the_image(place, corner):
    images = torch.arange(28 * 28.0).reshape(1, 1, 28, 28)
    slopes = torch.zeros(1, 1, 28, 28)
    slopes[0, 0, *place] = -2.0
    piece, slope = figures.around(images, slopes, side=8)
    assert piece.shape == slope.shape == (1, 1, 8, 8)
    assert piece[0, 0, 0, 0] == images[0, 0, *corner]
    assert slope.abs().sum() == 2  # the slope is in its window


def test_patches_have_two_rows_a_filter_and_the_filters_numbers():
    patches = [(torch.rand(4, 1, 6, 6), torch.randn(4, 1, 6, 6)) for _ in range(3)]
    figure = figures.filter_patches({"after": ([5, 2, 9], patches), "before": ([1, 0, 3], patches)})
    labels = [[label.get_text() for label in axis.get_yticklabels()] for axis in figure.axes]
    assert labels == [["5", "2", "9"], ["1", "0", "3"]]
    assert [axis.get_xlabel() for axis in figure.axes] == ["after", "before"]
    assert figure.axes[0].images[0].get_array().shape == (6 * 8 + 2, 4 * 8 + 2, 3)
    assert "after and for before: 3 filters" in figure.alt_text


def test_rows_of_slopes_and_of_filters_are_named():
    images = torch.rand(5, 1, 8, 8)
    figure = figures.slopes_by_weights(images, {"plain": torch.randn(5, 1, 8, 8), "guided": torch.randn(5, 1, 8, 8)})
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["images", "plain", "guided"]
    assert "plain, guided" in figure.alt_text
    figure = figures.filters({"after": torch.randn(6, 3, 4, 4), "before": torch.randn(6, 3, 4, 4)})
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["after", "before"]
    assert "6 filters" in figure.alt_text


def test_single_filters_are_sorted_and_told():
    figure = figures.single_filters({"after": [0.7, 0.2, 0.5], "before": [0.5, 0.52, 0.49]})
    assert list(figure.axes[0].lines[0].get_ydata()) == [0.2, 0.5, 0.7]
    assert "after from 0.20 to 0.70" in figure.alt_text


def test_boxes_lie_on_the_pixels_they_name():
    images = -torch.ones(3, 1, 8, 8)
    images[2, 0, 2:5, 1:7] = 1
    figure = figures.boxed(images, [Box(2, 2, 1, 5, 7)], columns=2)
    (patch,) = figure.axes[0].patches
    left, top = patch.get_xy()
    shown = figure.axes[0].images[0].get_array()[:, :, 0]
    rows, columns = (int(edge + 0.5) for edge in (top, left))
    inside = shown[rows : rows + int(patch.get_height()), columns : columns + int(patch.get_width())]
    assert inside.shape == (3, 6) and (inside == 1).all()
    around = shown[rows - 1 : rows + 4, columns - 1 : columns + 7]
    assert (
        (around[0] == 0).all() and (around[:, 0] == 0).all() and (around[:, -1] == 0).all() and (around[-1] == 0).all()
    )


def test_forgotten_puts_inside_up_and_outside_across():
    figure = figures.forgotten({"chosen": (0.2, 0.6)}, [(0.9, 1.0), (0.7, 0.8)])
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert (list(lines["chosen"].get_xdata()), list(lines["chosen"].get_ydata())) == ([0.6], [0.2])
    assert "chosen: 0.20 inside, 0.60 outside; maps at random, on average 0.80 and 0.90" in figure.alt_text
