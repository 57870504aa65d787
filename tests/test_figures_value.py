"""The pictures of lesson 02 show what they claim to show: peaks, totals, slopes and spreads, read off the axes."""

import math

import numpy as np
import pytest
import torch

from course_lib import figures, theory
from course_lib.data import gaussian
from course_lib.figures.style import ACCENT

X = torch.linspace(-6, 6, 601, dtype=torch.float64)
NOTES = torch.tensor([0.75, 0.5, 0.25]), torch.tensor([0.5, 0.25, 0.25]), torch.tensor([0.25, 0.25, 0.5])
FIGURES = {
    "pointwise_value": lambda: figures.pointwise_value(0.3, 0.1),
    "value_of": lambda: figures.value_of(torch.sigmoid(-X), gaussian(-1, 1), gaussian(1, 1), X),
    "value_of_outcomes": lambda: figures.value_of_outcomes(*NOTES, ["5", "10", "20"]),
    "value_of_slope": lambda: figures.value_of_slope(torch.linspace(0, 2, 3), torch.tensor([-1.4, -0.7, -1.0])),
    "spread_of_estimates": lambda: figures.spread_of_estimates([10, 100], torch.randn(2, 50), 0.0),
    "payments": lambda: figures.payments(0.75, 0.25),
    "saddle": lambda: figures.saddle(0.7),
    "generator_losses": figures.generator_losses,
    "generator_paths": lambda: figures.generator_paths({"a": [5, 4.9], "b": [5, 2]}, {"a": [0.1], "b": [3.0]}),
    "sigmoid_then_log": figures.sigmoid_then_log,
}


def curves(axes) -> list[tuple[np.ndarray, np.ndarray]]:
    """What was plotted as lines of more than two points."""
    drawn = [(np.asarray(line.get_xdata()), np.asarray(line.get_ydata())) for line in axes.lines]
    return [(x, y) for x, y in drawn if len(x) > 2]


def markers(axes) -> list[tuple[float, float]]:
    """The single points that say where to look."""
    points = [line for line in axes.lines if len(line.get_xdata()) == 1 and line.get_color() == ACCENT]
    return [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in points]


@pytest.mark.parametrize("name", FIGURES)
def test_figure_has_labels_alt_text_and_no_title(name):
    figure = FIGURES[name]()
    assert len(figure.alt_text) > 80
    for axes in figure.axes:
        assert axes.get_title() == "" and axes.get_ylabel()
        assert axes.get_xlabel() or axes.get_label() == "<colorbar>"


@pytest.mark.parametrize("a, b", [(0.3, 0.1), (0.1, 0.3), (1.0, 1.0), (0.4, 0.0), (0.0, 0.4), (2, 6)])
def test_the_peak_of_the_pointwise_value_is_marked(a, b):
    figure = figures.pointwise_value(a, b)
    [axes] = figure.axes
    [(y, f)] = curves(axes)
    [(best, top)] = markers(axes)
    assert best == pytest.approx(a / (a + b))
    assert top >= f.max() - 1e-9 and abs(y[f.argmax()] - best) < 0.004
    assert axes.get_ylim()[0] < top < axes.get_ylim()[1]
    assert f"{best:.2f}" in figure.alt_text


@pytest.mark.parametrize("a, b", [(-0.1, 0.5), (0.5, -0.1), (0.0, 0.0)])
def test_densities_that_are_none_are_refused(a, b):
    with pytest.raises(ValueError, match=f"got {a} and {b}"):
        figures.pointwise_value(a, b)


@pytest.mark.parametrize("s", [0.0, 1.0, 2.0])
def test_the_shaded_area_is_minus_the_value(s):
    figure = figures.value_of(torch.sigmoid(-s * X), gaussian(-1, 1), gaussian(1, 1), X)
    left, right = figure.axes
    x, integrand = next((x, y) for x, y in curves(right) if len(x) == len(X))
    v = theory.value(torch.sigmoid(-s * X), gaussian(-1, 1), gaussian(1, 1), X).item()
    assert np.trapezoid(integrand, x) == pytest.approx(v, abs=1e-9)
    assert f"{v:.3f}" in figure.alt_text and any(f"{v:.3f}" in text.get_text() for text in right.texts)
    assert len(curves(left)) == 3  # both densities and D


def test_the_stacked_bars_add_up_to_the_value():
    figure = figures.value_of_outcomes(*NOTES, ["5", "10", "20"])
    left, right = figure.axes
    assert sum(bar.get_height() for bar in right.patches) == pytest.approx(theory.value(*NOTES).item(), abs=1e-6)
    assert [bar.get_height() for bar in left.patches] == pytest.approx([*NOTES[1].tolist(), *NOTES[2].tolist()])
    assert [label.get_text() for label in right.get_xticklabels()] == ["5", "10", "20"]


def test_an_outcome_that_never_happens_is_drawn_as_nothing():
    certain = torch.tensor([1.0, 0.0]), torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    assert [bar.get_height() for bar in figures.value_of_outcomes(*certain, ["a", "b"]).axes[1].patches] == [0, 0, 0, 0]


def test_minus_infinity_is_said_and_drawn_as_far_as_the_picture_goes():
    wrong = torch.tensor([0.0, 0.5]), torch.tensor([0.5, 0.5]), torch.tensor([0.5, 0.5])
    for figure in (
        figures.value_of_outcomes(*wrong, ["a", "b"]),
        figures.value_of((X < 0).double(), gaussian(-1, 1), gaussian(1, 1), X),
    ):
        figure.canvas.draw()
        assert "-inf" in figure.alt_text
        assert all(math.isfinite(limit) for limit in figure.axes[1].get_ylim())


def test_the_best_slope_is_marked():
    [axes] = figures.value_of_slope(torch.tensor([0.0, 1.0, 2.0]), torch.tensor([-1.4, -0.7, -1.0])).axes
    [(s, v)] = markers(axes)
    assert (s, v) == (1.0, pytest.approx(-0.7))


def test_the_measured_spread_is_the_standard_deviation_beside_the_root_law():
    estimates = torch.stack([torch.randn(400) / n**0.5 for n in (10, 100, 1_000)])
    _, right = figures.spread_of_estimates([10, 100, 1_000], estimates, 0.0).axes
    law, measured = (y for _, y in curves(right))
    assert measured == pytest.approx(estimates.std(1).numpy(), rel=1e-6)
    assert law == pytest.approx(measured[0] / np.sqrt([1, 10, 100]), rel=1e-6)


@pytest.mark.parametrize("a", [0.75, 0.2])
def test_the_log_pays_honesty_and_proportion_pays_the_edge(a):
    [axes] = figures.payments(a, 1 - a).axes
    in_proportion, by_log = markers(axes)
    assert abs(by_log[0] - a) < 0.003
    assert abs(in_proportion[0] - float(a > 0.5)) < 0.01


def test_shares_that_do_not_sum_to_one_are_refused():
    with pytest.raises(ValueError, match="summing to 1; got 0.3 and 0.1"):
        figures.payments(0.3, 0.1)


@pytest.mark.parametrize("share", [0.7, 0.4])
def test_the_saddle_lies_on_the_line_of_best_answers(share):
    axes = figures.saddle(share).axes[0]
    assert markers(axes) == [(share, 0.5)]
    t, d = next((x, y) for x, y in curves(axes))
    for share_g, answer in zip(t[10::40], d[10::40], strict=True):
        p, q = (torch.tensor([s, 1 - s], dtype=torch.float64) for s in (share, share_g))

        def v(y, p=p, q=q):
            return theory.value(torch.tensor([y, 1 - y]), p, q).item()

        assert v(answer) > max(v(answer - 0.02), v(answer + 0.02))
    assert np.interp(share, t, d) == pytest.approx(0.5)


def test_losses_and_slopes_belong_together():
    """The slope shown is the derivative of the loss shown, times D (1 - D), the slope of the sigmoid."""
    left, right = figures.generator_losses().axes
    for (d, loss), (_, slope) in zip(curves(left), curves(right), strict=True):
        by_difference = np.gradient(loss, d) * d * (1 - d)
        assert by_difference[20:-20] == pytest.approx(slope[20:-20], abs=2e-3)
    (_, saturating), (_, strong) = curves(right)
    assert abs(saturating[0]) < 0.01 and strong[0] < -0.99


def test_paths_keep_their_names_and_their_ends():
    figure = figures.generator_paths({"a": [5, 4.9, 4.8], "b": [5, 3, 2]}, {"a": [0.1, 0.1, 0.1], "b": [-3, -2, -1]})
    left, right = figure.axes
    assert [y[-1] for _, y in curves(left)] == [4.8, 2]
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["a", "b"]
    assert (curves(right)[1][1] > 0).all() and right.get_yscale() == "log"
    assert "under b from 5.0 to 2.0" in figure.alt_text


def test_only_softplus_keeps_the_slope():
    [axes] = figures.sigmoid_then_log().axes
    exact, naive, patched = (y for _, y in curves(axes)[:3])
    assert np.abs(exact + 1).max() < 1e-3
    assert math.isnan(naive[-1]) and naive[0] == pytest.approx(-1, abs=1e-2)
    assert patched[-1] == 0 and np.isfinite(patched).all()
