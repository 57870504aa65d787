"""The figures of lesson 05 show what was computed, with labelled axes, text for who cannot see, and no title."""

import numpy as np
import torch
from drawn import assert_well_made, line
from sklearn.neighbors import KernelDensity

from course_lib.data import gaussian
from course_lib.figures import parzen as figures


def assert_labelled(figure, *, axes: int) -> None:
    """A well-made figure with a label below every panel."""
    assert_well_made(figure, axes=axes)
    assert all(panel.get_xlabel() for panel in figure.axes)


def labels(axes) -> list[str]:
    legend = axes.get_legend() or axes.figure.legends[0]
    return [text.get_text() for text in legend.get_texts()]


def test_the_windows_are_scikit_learns_and_the_bumps_add_up_to_them():
    samples = torch.tensor([-1.0, 0.5, 0.7])
    figure = figures.parzen_windows(samples, [0.2, 1.0], gaussian())
    assert_labelled(figure, axes=2)
    for panel, sigma in zip(figure.axes, (0.2, 1.0), strict=True):
        x, estimate = line(panel, "their sum, the estimate")
        oracle = KernelDensity(bandwidth=sigma).fit(samples.double().numpy()[:, None]).score_samples(x[:, None])
        assert np.allclose(estimate, np.exp(oracle))
        bumps = [drawn.get_ydata() for drawn in panel.lines[:3]]
        assert np.allclose(sum(bumps), estimate)
        assert np.allclose(line(panel, "true density")[1], gaussian().pdf(torch.tensor(x)))
        assert np.allclose(line(panel, "samples")[0], samples)
    low, high = figure.axes[0].get_ylim()
    assert low == 0 and figure.axes[1].get_ylim() == (low, high) and high > gaussian().pdf(torch.tensor(0.0))
    assert "a bump on each sample" in labels(figure.axes[-1]) and "0.2, 1" in figure.alt_text


def test_many_bumps_are_left_out():
    figure = figures.parzen_windows(torch.randn(30), [0.3], x_range=(-2, 2))
    assert labels(figure.axes[0]) == ["their sum, the estimate", "samples"]
    assert figure.axes[0].get_xlim() == (-2, 2)


def test_the_likelihood_is_marked_where_it_is_highest():
    sigmas = [0.1, 0.2, 0.4]
    figure = figures.likelihood_against_sigma(sigmas, {"one": [1.0, 3.0, 2.0], "two": [9.0, 1.0, -50.0]}, level=2.5)
    assert_labelled(figure, axes=1)
    (axes,) = figure.axes
    assert labels(axes) == ["true density", "one", "two"] and axes.get_ylabel() and axes.get_xscale() == "log"
    marks = [(drawn.get_xdata()[0], drawn.get_ydata()[0]) for drawn in axes.lines if drawn.get_marker() == "o"]
    assert marks == [(0.2, 3.0), (0.1, 9.0)]
    bounded = figures.likelihood_against_sigma(sigmas, {"one": [1.0, 3.0, -90.0]}, bottom=-5)
    assert bounded.axes[0].get_ylim()[0] == -5 and labels(bounded.axes[0]) == ["one"]


def test_the_shortfall_is_drawn_below_its_bound():
    figure = figures.shortfall_against_dimension([1, 4, 16], {"100 samples": [0.01, 0.3, 2.0]}, [0.3, 1.4, 5.5])
    assert_labelled(figure, axes=1)
    (axes,) = figure.axes
    assert np.allclose(line(axes, "100 samples")[1], [0.01, 0.3, 2.0])
    assert np.allclose(axes.lines[0].get_ydata(), [0.3, 1.4, 5.5]) and len(labels(axes)) == 2
    assert labels(figures.shortfall_against_dimension([1, 2], {"few": [0.1, 0.2]}).axes[0]) == ["few"]


def test_scores_keep_their_order_and_show_their_errors():
    figure = figures.parzen_scores({"centroids": (224.0, 6.0), "digits": (116.0, 5.0), "smear": (-54.0, 3.0)})
    assert_labelled(figure, axes=1)
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_yticklabels()] == ["centroids", "digits", "smear"]
    assert axes.yaxis_inverted() and "nats" in axes.get_xlabel()
    (points,) = axes.containers
    assert np.allclose(points.lines[0].get_xdata(), [224, 116, -54])
    low, high = points.lines[2][0].get_segments()[0][:, 0]
    assert (low, high) == (218, 230)
    assert "centroids 224; digits 116; smear -54" in figure.alt_text
