"""The figures of lesson 11 show what was computed, with labelled axes, text for who cannot see, and no title."""

import numpy as np
import torch
from drawn import assert_well_made, line

from course_lib.figures import features as figures


def labels(axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_pooled_maps_show_the_largest_value_of_each_sixteenth():
    maps = torch.zeros(4, 8, 12)
    maps[2, 7, 11], maps[1, 0, 0] = 5.0, 3.0
    figure = figures.pooled_maps(torch.zeros(1, 8, 8), maps, show=2)
    assert_well_made(figure, axes=6)
    image, first, second, _, below_first, below_second = figure.axes
    assert np.array_equal(first.images[0].get_array(), maps[2]) and np.array_equal(
        second.images[0].get_array(), maps[1]
    )
    assert below_first.images[0].get_array().shape == (4, 4)
    assert below_first.images[0].get_array()[3, 3] == 5 and below_first.images[0].get_array().sum() == 5
    assert below_second.images[0].get_array()[0, 0] == 3
    assert first.get_ylabel() == "8x12" and below_first.get_ylabel() == "4x4" and image.get_xlabel() == "image"


def test_the_best_c_of_each_curve_is_marked():
    figure = figures.accuracy_against_c([0.01, 0.1, 1], {"pixels": [0.6, 0.8, 0.7], "D": [0.9, 0.9, 0.8]})
    assert_well_made(figure, axes=1)
    (axes,) = figure.axes
    assert labels(axes) == ["pixels", "D"] and axes.get_xscale() == "log"
    marks = [(drawn.get_xdata()[0], drawn.get_ydata()[0]) for drawn in axes.lines if drawn.get_marker() == "o"]
    assert marks == [(0.1, 0.8), (0.01, 0.9)]  # of equals the first, as in `linear_probe`


def test_accuracies_stand_with_their_spread_and_the_best_first():
    curves = {"pixels": ([70, 80], [2, 1]), "D, trained": ([85, 95], [3, 0.5])}
    figure = figures.accuracy_against_labels([100, 1_000], curves)
    assert_well_made(figure, axes=1)
    (axes,) = figure.axes
    assert labels(axes) == ["D, trained", "pixels"]
    best, other = axes.containers
    assert np.allclose(best.lines[0].get_ydata(), [85, 95]) and np.allclose(other.lines[0].get_ydata(), [70, 80])
    bars = best.lines[2][0].get_segments()
    assert np.allclose([bar[:, 1] for bar in bars], [(82, 88), (94.5, 95.5)])
    assert "D, trained 85 to 95; pixels 70 to 80" in figure.alt_text
    assert [text.get_text() for text in axes.get_xticklabels()] == ["100", "1,000"]


def test_a_curve_has_one_look_whatever_its_rank():
    first = figures.accuracy_against_labels([1, 2], {"a": ([1, 2], [0, 0]), "b": ([3, 4], [0, 0])}).axes[0]
    second = figures.accuracy_against_labels([1, 2], {"a": ([5, 6], [0, 0]), "b": ([3, 4], [0, 0])}).axes[0]
    looks = [{each.get_label(): each.lines[0].get_color() for each in axes.containers} for axes in (first, second)]
    assert looks[0] == looks[1]


def test_errors_of_stand_ins_keep_their_order():
    figure = figures.one_nn_errors({"real digits": 0.066, "the mean of each class": 0.2})
    assert_well_made(figure, axes=1)
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_yticklabels()] == ["real digits", "the mean of each class"]
    assert axes.yaxis_inverted() and [text.get_text() for text in axes.texts] == ["6.6", "20.0"]
    assert "real digits 6.6; the mean of each class 20.0" in figure.alt_text


def test_errors_are_in_percent_against_the_number_of_examples():
    counts = {"real digits": [10, 1_000], "samples": [10, 100, 10_000]}
    figure = figures.error_against_samples(counts, {"real digits": [0.5, 0.1], "samples": [0.6, 0.4, 0.2]})
    assert_well_made(figure, axes=1)
    (axes,) = figure.axes
    x, y = line(axes, "samples")
    assert np.allclose(x, counts["samples"]) and np.allclose(y, [60, 40, 20])
    assert [text.get_text() for text in axes.get_xticklabels()] == ["10", "100", "1,000", "10,000"]
    assert axes.get_xscale() == axes.get_yscale() == "log"


def test_precision_is_the_thick_line_among_the_recalls():
    curves = {"precision": [0.1, 1.0], "recall, noisy": [0.9, 0.4], "recall, brighter": [0.6, 0.0]}
    figure = figures.found_by_bits([16, 256], curves)
    assert_well_made(figure, axes=1)
    (axes,) = figure.axes
    widths = {drawn.get_label(): drawn.get_linewidth() for drawn in axes.lines}
    assert max(widths, key=widths.get) == "precision" and labels(axes) == list(curves)
    assert np.allclose(line(axes, "recall, noisy")[1], [0.9, 0.4])
    assert "recall, brighter 0.60 to 0.00" in figure.alt_text


def test_shares_within_are_the_empirical_distribution_and_copies_at_0_are_seen():
    distances = {"copies": torch.zeros(3), "samples": torch.tensor([4.0, 1.0, 2.0, 3.0])}
    figure = figures.shares_within(distances)
    assert_well_made(figure, axes=1)
    (axes,) = figure.axes
    x, y = line(axes, "samples")
    assert np.allclose(x, [1, 2, 3, 4]) and np.allclose(y, [0.25, 0.5, 0.75, 1])
    assert axes.get_xlim()[0] < 0 and "copies 0.0; samples 2.0" in figure.alt_text
