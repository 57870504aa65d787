"""The figures of lesson 01 show the likelihoods, divergences and spreads they speak of, read off their axes."""

import math

import numpy as np
import pytest
import torch
from drawn import assert_well_made, line
from scipy import stats

from course_lib import theory
from course_lib.data import Mixture, Uniform, gaussian
from course_lib.figures import implicit, likelihood

DOTS = torch.tensor([-1.2, -0.3, 0.1, 0.5, 1.4], dtype=torch.float64)
TWO = Mixture((-2, 2), (0.5, 0.5), (0.6, 0.4))


def assert_described(figure, *, axes: int) -> None:
    """A well-made figure with more than a few words about it."""
    assert_well_made(figure, axes=axes)
    assert len(figure.alt_text) > 60


def line_beginning(axes, start: str) -> tuple[np.ndarray, np.ndarray]:
    """The one line whose label begins so, as its x and y."""
    (label,) = [drawn.get_label() for drawn in axes.lines if drawn.get_label().startswith(start)]
    return line(axes, label)


def test_stems_reach_from_the_dots_to_the_density_and_their_mean_logarithm_is_said():
    figure = likelihood.dots_under_densities(DOTS, {"A": gaussian(0.1, 0.3), "C": gaussian(0, 1)})
    assert_described(figure, axes=2)
    for panel, label, (mean, std) in zip(figure.axes, "AC", ((0.1, 0.3), (0, 1)), strict=True):
        stems = np.array(panel.collections[0].get_segments())
        assert np.allclose(stems[:, 0], np.stack([DOTS, np.zeros(5)], axis=1))
        assert np.allclose(stems[:, 1, 1], stats.norm.pdf(DOTS, mean, std))
        score = f"{stats.norm.logpdf(DOTS, mean, std).mean():.2f}"
        assert f"{label}: {score}" in panel.get_xlabel() and score in figure.alt_text
    assert figure.axes[0].get_ylabel() and figure.axes[0].get_ylim() == figure.axes[1].get_ylim()


def test_the_map_of_the_likelihood_has_its_peak_where_scipy_fits_the_dots():
    path = torch.tensor([[-2.5, 2.8], [-1.0, 2.0], [0.1, 0.9]])
    figure = likelihood.climb_of_likelihood(DOTS, path)
    assert_described(figure, axes=1)
    (axes,) = figure.axes
    assert axes.get_xlabel() and axes.get_ylabel()
    x, y = line(axes, "gradient ascent")
    assert np.allclose(np.stack([x, y], 1), path)
    assert np.allclose([v[0] for v in line_beginning(axes, "mean and spread")], stats.norm.fit(DOTS))
    (contours,) = axes.collections
    best = stats.norm.logpdf(DOTS, *stats.norm.fit(DOTS)).mean()
    assert len(contours.levels) == 10 and (np.diff(contours.levels) > 0).all()
    mean, std = contours.get_paths()[-1].vertices.T  # the innermost line encloses the peak, at the height it says
    assert mean.min() < DOTS.mean() < mean.max() and std.min() < DOTS.std(correction=0) < std.max()
    heights = [stats.norm.logpdf(DOTS, m, s).mean() for m, s in zip(mean[::9], std[::9], strict=True)]
    assert np.allclose(heights, best - 0.05, atol=0.01)


def test_a_histogram_has_area_one_and_its_densities_are_those_given():
    samples = TWO.sample(2_000, torch.Generator().manual_seed(0))
    densities = {"fit": TWO, "one part": gaussian(0, 2)}
    figure = likelihood.histogram_under_densities(samples, densities, what="ink", label="digits")
    assert_described(figure, axes=1)
    (axes,) = figure.axes
    assert axes.get_xlabel() == "ink" and axes.get_ylabel() == "density"
    assert sum(bar.get_height() * bar.get_width() for bar in axes.patches) == pytest.approx(1)
    for name, density in densities.items():
        x, y = line(axes, name)
        assert np.allclose(y, density.pdf(torch.tensor(x)))
    assert len({drawn.get_linestyle() for drawn in axes.lines}) == 2  # told apart without colour
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["digits", "fit", "one part"]
    assert "2000 samples (digits)" in figure.alt_text


def test_the_areas_under_the_integrands_are_the_two_divergences():
    models = {"wide": gaussian(-0.4, 2), "narrow": gaussian(-2, 0.5)}
    figure = likelihood.where_divergences_pay(TWO, models, x_range=(-9, 9))
    assert_described(figure, axes=4)
    for column, (name, model) in enumerate(models.items()):
        above, below = figure.axes[column], figure.axes[2 + column]
        x, y = line(above, name)
        assert np.allclose(y, model.pdf(torch.tensor(x)))
        assert np.allclose(line(above, r"$p_\mathrm{data}$")[1], TWO.pdf(torch.tensor(x)))
        for way, right in (("forwards", theory.kl(TWO, model)), ("backwards", theory.kl(model, TWO))):
            assert np.trapezoid(line_beginning(below, way)[1], x) == pytest.approx(right.item(), abs=2e-3)
            assert f"{way}: {right:.2f}" in [text.get_text() for text in below.get_legend().get_texts()]
            assert f"{way} {right:.2f}" in figure.alt_text
    assert figure.axes[0].get_ylabel() and figure.axes[2].get_ylabel() and figure.axes[2].get_xlabel()


def test_an_infinite_divergence_leaves_a_gap_and_is_said():
    figure = likelihood.where_divergences_pay(Uniform(0, 2), {"half": Uniform(0, 1)}, x_range=(-1, 3))
    assert_described(figure, axes=2)
    x, forwards = line_beginning(figure.axes[1], "forwards")
    assert np.isnan(forwards[(x > 1.01) & (x < 1.99)]).all() and (forwards[x > 2.01] == 0).all()
    assert "forwards inf, backwards 0.69" in figure.alt_text


def test_every_valley_of_a_divergence_is_marked():
    position = torch.linspace(-4, 4, 81, dtype=torch.float64)
    curves = {"forwards": 1 + position**2, "backwards": (position**2 - 4) ** 2, "slope": position + 5}
    figure = likelihood.divergences_along(position, curves, what="mean of $q$", top=20.0)
    assert_described(figure, axes=1)
    (axes,) = figure.axes
    assert axes.get_xlabel() == "mean of $q$" and axes.get_ylim() == (0, 20)
    markers = [sorted(np.round(drawn.get_xdata(), 6)) for drawn in axes.lines if drawn.get_marker() == "o"]
    assert markers == [[0.0], [-2.0, 2.0], []]
    assert "backwards at -2.0, 2.0" in figure.alt_text.replace("-0.0", "0.0") and "slope at none" in figure.alt_text


def test_pushed_noise_draws_the_map_and_the_density_that_comes_of_it():
    figure = implicit.pushed_noise((lambda z: z.exp()), strips=4, x_range=(0, 8))
    assert_described(figure, axes=4)
    left, main, empty, below = figure.axes
    z, x = next((d.get_xdata(), d.get_ydata()) for d in main.lines if len(d.get_xdata()) == 601)
    assert np.allclose(x, np.exp(z))
    counted, at = next((d.get_xdata(), d.get_ydata()) for d in left.lines if len(d.get_xdata()) == 160)
    away = np.asarray(at) > 0.2  # at 0 the density turns too fast for a histogram
    assert np.allclose(np.asarray(counted)[away], stats.lognorm(1).pdf(np.asarray(at)[away]), atol=5e-3)
    strips = [d.get_xdata()[0] for d in main.lines if len(d.get_xdata()) == 3]
    assert np.allclose(strips, stats.norm.ppf([0.25, 0.5, 0.75]))
    assert not empty.axison
    assert all(panel.get_xlabel() for panel in (left, below)) and all(p.get_ylabel() for p in (left, main, below))
    assert "4 strips" in figure.alt_text


def test_pushed_noise_counts_every_branch_and_marks_a_level():
    figure = implicit.pushed_noise(torch.abs, x_range=(-1, 4), mark=1.0)
    left, main = figure.axes[:2]
    counted, at = next((d.get_xdata(), d.get_ydata()) for d in left.lines if len(d.get_xdata()) == 160)
    inside = np.abs(np.asarray(at)) > 0.05
    assert np.allclose(np.asarray(counted)[inside], stats.halfnorm.pdf(np.asarray(at)[inside]), atol=5e-3)
    for panel in (left, main):
        assert [d for d in panel.lines if d.get_linestyle() == "--" and set(d.get_ydata()) == {1.0}]


def test_clouds_stand_on_the_same_axes():
    generator = torch.Generator().manual_seed(0)
    angle = 2 * math.pi * torch.rand(5_000, generator=generator)
    samples = {"plane": torch.randn(5_000, 2, generator=generator), "curve": torch.stack([angle.cos(), angle.sin()], 1)}
    figure = implicit.clouds(samples, dots=1_000)
    assert_described(figure, axes=2)
    for panel, (name, x) in zip(figure.axes, samples.items(), strict=True):
        (dots,) = panel.lines
        assert np.allclose(np.stack(dots.get_data(), 1), x[:1_000])
        assert panel.get_xlabel().endswith(name) and name in figure.alt_text
        assert panel.get_xlim() == figure.axes[0].get_xlim() and panel.get_ylim() == figure.axes[0].get_ylim()
