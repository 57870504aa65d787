"""Bands and dots over seeds: every seed is inside, and the text says what the eye sees."""

import numpy as np
import pytest
from drawn import assert_well_made, line

from course_lib.figures import seeds


def test_a_band_reaches_from_the_worst_seed_to_the_best_and_its_line_is_the_mean():
    rows = {"told": [[0.1, 0.8], [0.3, 0.6]], "not told": [[0.1, 0.12], [0.1, 0.1]]}
    figure = seeds.shares_over_steps([10, 20], rows, chance=0.25)
    assert_well_made(figure, axes=1)
    (axes,) = figure.axes
    steps, values = line(axes, "told")
    assert steps.tolist() == [10, 20] and values.tolist() == pytest.approx([0.2, 0.7])
    assert set(axes.lines[0].get_ydata()) == {0.25}
    assert len({drawn.get_linestyle() for drawn in axes.lines[1:]}) == 2  # told apart without colour
    band = axes.collections[0].get_paths()[0].vertices
    assert {round(y, 6) for x, y in band if x == 10} == {0.1, 0.3} and {round(y, 6) for x, y in band if x == 20} == {
        0.6,
        0.8,
    }
    assert "told 70%, from 60% to 80%" in figure.alt_text and "chance 25%" in figure.alt_text


def test_every_seed_is_a_dot_in_the_row_of_its_kind():
    figure = seeds.dots_by_seed({"a": [1.0, 3.0], "b": [5.0]}, xlabel="nats", reference={"data": 4.0})
    assert_well_made(figure, axes=1)
    (axes,) = figure.axes
    drawn = [(own.get_xdata(), own.get_ydata()) for own in axes.lines]
    assert np.array_equal(drawn[0], [[1, 3], [0, 0]]) and np.array_equal(drawn[2], [[5], [1]])
    assert list(drawn[1][0]) == [2, 2] and list(drawn[4][0]) == [4, 4]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a", "b"]
    assert "a 2, from 1 to 3" in figure.alt_text and "data 4" in figure.alt_text
