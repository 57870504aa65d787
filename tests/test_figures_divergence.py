"""The figures of lesson 03 show what the theory says, with labelled axes, text for who cannot see, and no title."""

import numpy as np
import pytest
import torch
from drawn import assert_well_made, line

from course_lib import figures, theory
from course_lib.data import Mixture, Uniform, gaussian


@pytest.mark.parametrize(
    "p, q", [(gaussian(-1), gaussian(1.5, 0.7)), (Mixture((-2, 2), (0.5, 0.5)), gaussian()), (gaussian(), gaussian())]
)
def test_density_lab_draws_the_theory(p, q):
    figure = figures.density_lab(p, q)
    assert_well_made(figure, axes=3)
    above, below, scale = figure.axes
    x, drawn = line(above, r"$p_\mathrm{data}$")
    assert np.allclose(drawn, p.pdf(torch.tensor(x)))
    assert np.allclose(line(above, "$p_g$")[1], q.pdf(torch.tensor(x)))
    d = below.lines[-1]
    assert np.allclose(d.get_ydata(), theory.optimal_discriminator(p.pdf(torch.tensor(x)), q.pdf(torch.tensor(x))))
    c, jsd = theory.criterion(p, q).item(), theory.jsd(p, q).item()
    assert scale.lines[-1].get_xdata()[0] == pytest.approx(c, abs=1e-3)
    said = scale.get_xlabel()
    assert f"{c:.3f}" in said and f"{jsd:.3f}" in said.replace("-0.000", "0.000")
    assert f"{c:.3f}" in figure.alt_text
    assert above.get_ylabel() and below.get_ylabel() and below.get_xlabel()


def test_density_lab_leaves_a_gap_where_d_is_free_and_never_says_minus_zero():
    figure = figures.density_lab(Uniform(0, 1), Uniform(2, 3))
    d = figure.axes[1].lines[-1].get_ydata()
    x = figure.axes[1].lines[-1].get_xdata()
    assert np.isnan(d[(x > 1.01) & (x < 1.99)]).all()
    assert set(d[~np.isnan(d)]) == {0.0, 1.0}
    assert "C(G) = 0.000" in figure.axes[2].get_xlabel()
    assert "JSD = 0.000" in figures.density_lab(gaussian(), gaussian(1e-5)).axes[2].get_xlabel()


def test_density_lab_keeps_its_axes_where_asked():
    limits = [figures.density_lab(gaussian(), gaussian(0, s), top=1.05).axes[0].get_ylim() for s in (0.5, 2.0)]
    assert limits[0] == limits[1] == (0, 1.05)
    assert figures.density_lab(gaussian(), gaussian(), x_range=(-3, 4)).axes[0].get_xlim() == (-3, 4)


def test_learned_discriminators_shows_each_moment_and_the_best():
    x = torch.linspace(-3, 3, 61)
    figure = figures.learned_discriminators(x, x.sigmoid(), {"step 1": x.sigmoid() / 2, "step 9": x.sigmoid() * 0.9})
    assert_well_made(figure, axes=1)
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["step 1", "step 9", "$D^*$"]
    assert np.allclose(line(figure.axes[0], "step 1")[1], x.sigmoid() / 2)


def test_the_logarithm_never_rises_above_its_tangent():
    figure = figures.logarithm_below_its_tangent()
    assert_well_made(figure, axes=1)
    t, tangent = line(figure.axes[0], "$t - 1$")
    _, log = line(figure.axes[0], r"$\log t$")
    assert np.allclose(log, np.log(t), atol=1e-6) and (log <= tangent + 1e-6).all()


def test_criterion_against_position_keeps_both_ends_in_sight():
    position = torch.linspace(-2, 2, 5)
    curves = {"boxes": -position.abs() / 2, "Gaussians": -torch.ones(5)}
    figure = figures.criterion_against_position(position, curves, what="mean of $p_g$")
    assert_well_made(figure, axes=1)
    (axes,) = figure.axes
    assert axes.get_xlabel() == "mean of $p_g$" and axes.get_ylabel()
    assert np.allclose(line(axes, "boxes")[1], curves["boxes"])
    low, high = axes.get_ylim()
    assert low < theory.C_MIN and high > 0 and theory.C_MIN in axes.get_yticks()
    assert len(axes.get_legend().get_texts()) == 2
    assert figures.criterion_against_position(position, {"one": curves["boxes"]}).axes[0].get_legend() is None


@pytest.mark.parametrize("p", [0.3, 0.8])
def test_every_line_of_the_envelope_lies_below_it_and_touches_it(p):
    figure = figures.criterion_as_envelope(p, lines=5)
    assert_well_made(figure, axes=1)
    share, c = line(figure.axes[0], "$C(G)$, the highest of all lines")
    assert share[c.argmin()] == pytest.approx(p, abs=0.01) and c.min() == pytest.approx(theory.C_MIN, abs=1e-4)
    lines = [drawn for drawn in figure.axes[0].lines if drawn.get_label().startswith("_")]
    assert len(lines) == 5
    for drawn in lines:
        below = c - drawn.get_ydata()
        assert below.min() >= -1e-12 and below.min() < 1e-3
        assert np.allclose(np.diff(drawn.get_ydata(), 2), 0)  # straight


def test_distributions_on_the_way_shows_the_bars_and_every_step():
    p = torch.tensor([0.5, 0.3, 0.2])
    path = {"step 0": torch.tensor([0.1, 0.1, 0.8]), "step 4": torch.tensor([0.4, 0.3, 0.3])}
    figure = figures.distributions_on_the_way(p, path, {"small": [-0.5, -1.0, -1.3], "long": [-0.5, -0.2]})
    assert_well_made(figure, axes=2)
    left, right = figure.axes
    bars = [bar for container in left.containers for bar in container]
    heights = [bar.get_height() for bar in bars]
    assert heights == pytest.approx([0.1, 0.1, 0.8, 0.4, 0.3, 0.3])
    edges = [bar.get_x() for bar in bars]
    assert len(set(edges)) == 6  # no bar hides another
    assert line(right, "small")[1].tolist() == [-0.5, -1.0, -1.3]
    assert right.get_xlabel() and right.get_ylabel() and left.get_xlabel() and left.get_ylabel()


def test_one_gaussian_for_two_bumps_has_a_panel_for_each_measure():
    data, fits = Mixture((-2, 2), (0.5, 0.5)), {"KL = 0.72": gaussian(0, 2), "JSD = 0.16": gaussian(-2, 0.5)}
    figure = figures.one_gaussian_for_two_bumps(data, fits)
    assert_well_made(figure, axes=2)
    assert [panel.get_xlabel() for panel in figure.axes] == list(fits)
    for panel, q in zip(figure.axes, fits.values(), strict=True):
        x, drawn = line(panel, "$p_g$")
        assert np.allclose(drawn, q.pdf(torch.tensor(x)))
    assert "KL = 0.72; JSD = 0.16" in figure.alt_text
