"""The figures of lesson 09 show what they are given, and say in words what they show."""

import pytest
import torch
from drawn import assert_well_made, line

from course_lib import figures


def test_the_result_of_a_sum_stands_framed_amid_its_neighbours():
    concepts = [(name, torch.full((4, 1, 6, 6), level)) for name, level in (("a", -1.0), ("b", 0.0), ("c", 1.0))]
    result = torch.full((9, 1, 6, 6), -1.0)
    result[4] = 1.0
    figure = figures.arithmetic_of_means(concepts, result)
    assert_well_made(figure, axes=7)
    sheets = [axes.images[0].get_array() for axes in figure.axes]
    assert [sheet[2, 2, 0] for sheet in sheets[:3]] == [0, 0.5, 1]
    assert sheets[0].shape[0] == 3 * 8 and sheets[4].shape[0] == 8  # three exemplars; then the mean
    framed = figure.axes[3].lines[0]
    assert sheets[3][12, 12, 0] == 1 and sheets[3][4, 4, 0] == 0
    assert min(framed.get_xdata()) < 8.5 < max(framed.get_xdata()) and min(framed.get_ydata()) < 8.5
    assert "sum a − b + c" in figure.alt_text
    words = [text.get_text() for text in figure.texts]
    assert words.index("a") < words.index("b") < words.index("c") and {"−", "+", "="} <= set(words)


def test_colour_pictures_keep_their_colour():
    red = torch.full((9, 3, 4, 4), -1.0)
    red[:, 0] = 1
    figure = figures.arithmetic_of_means([("a", red[:4])], red, signs=("",))
    assert figure.axes[0].images[0].get_array()[2, 2].tolist() == [1, 0, 0]


def test_obedience_is_drawn_against_the_number_of_exemplars():
    figure = figures.obedience_by_exemplars([1, 3, 10], {"x": [0.2, 0.4, 0.9], "y": [0.3, 0.2, 0.0]})
    assert_well_made(figure, axes=1)
    counts, shares = line(figure.axes[0], "x")
    assert counts.tolist() == [1, 3, 10] and shares.tolist() == [0.2, 0.4, 0.9]
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["1", "3", "10"]
    assert "x from 20% to 90%; y from 30% to 0%" in figure.alt_text


def test_a_direction_shows_the_middle_half_and_what_is_kept():
    slants = torch.linspace(0, 1, 101) + torch.tensor([[-1.0], [0.0], [1.0]])
    figure = figures.along_direction([-1, 0, 1], slants, {"plain": [0.5, 1.0, 0.6], "other": [0.8, 1.0, 0.9]})
    assert_well_made(figure, axes=2)
    assert figure.axes[0].lines[0].get_ydata().tolist() == pytest.approx([-0.5, 0.5, 1.5])
    band = figure.axes[0].collections[0].get_paths()[0].vertices
    assert {round(float(y), 2) for x, y in band if x == 0} == {0.25, 0.75}
    assert line(figure.axes[1], "plain")[1].tolist() == [0.5, 1.0, 0.6]
    assert "from -0.50 to 1.50" in figure.alt_text and "plain 50% at worst; other 80%" in figure.alt_text
