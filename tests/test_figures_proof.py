"""The proofs in motion show the theory's numbers: peaks at D*, a fresh D to the bottom, a stale one into a corner."""

import io

import numpy as np
import pytest
import torch
from drawn import assert_well_made, line
from PIL import Image
from scipy.optimize import minimize_scalar

from course_lib import figures, theory
from course_lib.data import gaussian
from course_lib.figures import proof

P, Q = gaussian(0, 1), gaussian(2, 1)


@pytest.mark.parametrize("x", [-2.5, 0.3, 1.0, 4.5])
def test_the_peak_of_the_curve_is_the_height_of_the_best_discriminator(x):
    figure = proof.best_answer_at(x, P, Q)
    assert_well_made(figure, axes=4)
    above, _, below, curve = figure.axes
    at = torch.tensor(x, dtype=torch.float64)
    best = theory.optimal_discriminator(P.pdf(at), Q.pdf(at)).item()
    f, y = (np.asarray(part) for part in (curve.lines[0].get_xdata(), curve.lines[0].get_ydata()))
    assert y[f.argmax()] == pytest.approx(best, abs=0.004)
    for axes in (below, curve):
        assert axes.lines[-1 if axes is curve else -2].get_ydata()[0] == pytest.approx(best)
    places, traced = below.lines[0].get_xdata(), below.lines[0].get_ydata()
    assert max(places, default=x) <= x
    assert np.allclose(traced, theory.optimal_discriminator(P.pdf(torch.tensor(places)), Q.pdf(torch.tensor(places))))
    assert line(above, f"$a$ = {P.pdf(at):.2f}")[1][0] == pytest.approx(P.pdf(at).item())


def test_with_a_fresh_d_p_g_goes_to_the_data_and_with_a_stale_one_past_them():
    fresh = proof.path_down(0.3, 0.85, fresh=True, rate=0.8, moves=60)
    stale = proof.path_down(0.3, 0.85, fresh=False, rate=0.8, moves=60)
    assert fresh[-1][0] == pytest.approx(0.3, abs=1e-6) and all(t == asked for t, asked in fresh)
    assert stale[-1][0] < 1e-9 and {asked for _, asked in stale} == {0.85}


def test_the_line_touches_the_bowl_where_its_d_is_best_and_the_ball_is_on_the_line():
    figure = proof.rolling(0.1, 0.85, 0.3, "the same $D$ throughout")
    assert_well_made(figure, axes=2)
    left, right = figure.axes
    shares, c = line(left, "$C(G)$")
    _, u = line(left, "$U(p_g, D)$, this $D$")
    assert (u <= c + 1e-9).all() and shares[(c - u).argmin()] == pytest.approx(0.85, abs=0.011)
    ball = left.lines[-1]
    assert ball.get_ydata()[0] == pytest.approx(np.interp(0.1, shares, u))
    assert [bar.get_height() for bar in right.patches[:2]] == pytest.approx([0.1, 0.9])
    data = torch.tensor([0.3, 0.7])
    found = minimize_scalar(
        lambda t: theory.criterion(data, torch.tensor([t, 1 - t])).item(), bounds=(0.01, 0.99), method="bounded"
    )
    assert left.lines[2].get_xdata()[0] == pytest.approx(found.x, abs=1e-3)


@pytest.mark.parametrize("make", [lambda: figures.best_answer_film(P, Q, frames=4), figures.rolling_film])
def test_films_are_small_and_say_in_words_what_happens(make):
    picture = make()
    opened = Image.open(io.BytesIO(picture.data))
    assert f"{opened.n_frames} frames" in picture.alt and len(picture.alt.split()) > 30 and "$" not in picture.alt
    assert len(picture.data) < 120_000
