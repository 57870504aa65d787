"""The lectures' own figures: each says what it shows, and what it shows is so."""

import base64
import io

import numpy as np
import pytest
import scipy.stats
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib import pyplot as plt
from PIL import Image

from course_lib.data import gaussian
from course_lib.figures import describe, lecture

DIAGRAMS = [lecture.taxonomy, lecture.counterfeiter, lecture.game]
PLOTS = [
    lecture.many_answers,
    lecture.maximum_likelihood,
    lecture.covering,
    lambda: lecture.best_discriminator(gaussian(-1.0), gaussian(1.5, 0.7)),
]


@pytest.fixture
def shell():
    """An IPython in which `display` publishes."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.mark.parametrize("draw", DIAGRAMS + PLOTS)
def test_a_figure_says_what_it_shows_and_has_no_title(draw):
    figure = draw()
    assert len(figure.alt_text.split()) >= 20
    assert all(axes.get_title() == "" for axes in figure.axes)


@pytest.mark.parametrize("draw", PLOTS)
def test_axes_are_labelled(draw):
    assert all(axes.get_xlabel() and axes.get_ylabel() for axes in draw().axes)


def test_the_marked_mean_is_the_most_likely_one():
    _, right = lecture.maximum_likelihood().axes
    curve, *marks = right.lines
    heights = [mark.get_ydata()[0] for mark in marks]
    [best] = [mark for mark in marks if mark.get_marker() == "o"]
    assert best.get_ydata()[0] == max(heights)
    assert best.get_xdata()[0] == pytest.approx(curve.get_xdata()[curve.get_ydata().argmax()], abs=0.02)


def test_the_gaussian_over_both_groups_is_the_most_likely_of_all():
    """Its mean and width are those of the data: 0, and the root of 4 + 0.25."""
    _, over_both, on_one = lecture.covering().axes[0].lines
    assert over_both.get_label() == "over both: mean log-likelihood -2.1"
    assert on_one.get_label() == "on one: mean log-likelihood -16.7"
    samples = np.random.default_rng(0).normal([[-2.0], [2.0]], 0.5, (2, 100_000))
    mean, std = samples.mean(), samples.std()
    x, density = over_both.get_data()
    assert x[density.argmax()] == pytest.approx(mean, abs=0.02)
    assert density.max() == pytest.approx(1 / (std * np.sqrt(2 * np.pi)), rel=0.01)


def test_the_drawn_discriminator_is_the_optimal_one():
    left, right = lecture.best_discriminator(gaussian(-1.0), gaussian(1.5, 0.7)).axes
    [d] = [line for line in right.lines if len(line.get_xdata()) > 2]
    x = d.get_xdata()
    p, q = scipy.stats.norm(-1.0, 1.0).pdf, scipy.stats.norm(1.5, 0.7).pdf
    assert np.allclose(d.get_ydata(), p(x) / (p(x) + q(x)))
    [crossing] = {line.get_xdata()[0].item() for line in left.lines if len(line.get_xdata()) == 2}
    assert p(crossing) == pytest.approx(q(crossing), rel=0.05)


def test_show_publishes_one_small_sharp_picture_with_its_text(shell):
    figure = lecture.covering()
    with capture_output() as shown:
        lecture.show(figure)
    [output] = shown.outputs
    assert output.metadata["image/png"]["alt"] == figure.alt_text
    png = base64.b64decode(output.data["image/png"])
    assert Image.open(io.BytesIO(png)).width == 1160
    assert len(png) < 40_000
    assert not plt.fignum_exists(figure.number)  # or the notebook would show it a second time


def test_show_keeps_a_small_figure_small(shell):
    with capture_output() as shown:
        lecture.show(describe(plt.figure(figsize=(2, 1)), "nothing at all"))
    png = base64.b64decode(shown.outputs[0].data["image/png"])
    assert Image.open(io.BytesIO(png)).size == (400, 200)


def test_show_refuses_a_figure_that_says_nothing():
    with pytest.raises(ValueError, match="alt_text"):
        lecture.show(plt.figure())
