"""The density lab: every slider changes the picture, and the numbers in it are the theory's."""

import html
import re

import pytest
from ipywidgets import FloatSlider

from course_lib import theory, widgets
from course_lib.data import gaussian

MOVES = [("data mean", 0, -3.0), ("data width", 1, 2.5), ("G mean", 2, 3.5), ("G width", 3, 0.4)]


def numbers(lab: widgets.Live) -> tuple[float, float]:
    """C(G) and JSD as the picture's alternative text says them."""
    said = html.unescape(lab.picture.value)
    c, jsd = re.search(r"C\(G\) = (-?[\d.]+\d).*divergence (-?[\d.]+\d)", said).groups()
    return float(c), float(jsd)


def expected(lab: widgets.Live) -> tuple[float, float]:
    """The theory's numbers for what the sliders now say."""
    data_mean, data_width, g_mean, g_width = (control.value for control in lab.controls)
    p, q = gaussian(data_mean, data_width), gaussian(g_mean, g_width)
    return theory.criterion(p, q).item(), theory.jsd(p, q).item()


@pytest.mark.parametrize("description, index, value", MOVES)
def test_every_slider_changes_the_picture_and_its_numbers(description, index, value):
    lab = widgets.density_lab()
    before, numbers_before = lab.picture.value, numbers(lab)
    assert lab.controls[index].description == description
    lab.controls[index].value = value
    assert lab.picture.value != before and numbers(lab) != numbers_before
    assert numbers(lab) == pytest.approx(expected(lab), abs=6e-4)


def test_it_starts_with_the_theorys_numbers():
    lab = widgets.density_lab()
    assert numbers(lab) == pytest.approx(expected(lab), abs=6e-4)


def test_equal_sliders_reach_minus_log_4():
    lab = widgets.density_lab()
    for control, value in zip(lab.controls, (0.5, 0.8, 0.5, 0.8), strict=True):
        control.value = value
    assert numbers(lab) == pytest.approx((theory.C_MIN, 0), abs=6e-4)


@pytest.mark.parametrize("end", ["min", "max"])
def test_it_can_be_drawn_at_the_ends_of_every_slider(end):
    lab = widgets.density_lab()
    for control in lab.controls:
        control.value = getattr(control, end)
    assert numbers(lab) == pytest.approx((theory.C_MIN, 0), abs=6e-4)
    lab.controls[2].value = lab.controls[2].min if end == "max" else lab.controls[2].max
    c, jsd = numbers(lab)
    assert theory.C_MIN < c <= 0 and 0 < jsd <= 0.694
    assert (c, jsd) == pytest.approx(expected(lab), abs=6e-4)


def test_sliders_say_what_they_are_and_move_by_the_keyboard():
    for control in widgets.density_lab().controls:
        assert isinstance(control, FloatSlider) and control.description
        assert control.step == 0.1 and control.min <= control.value <= control.max
        assert not control.disabled


def test_where_no_kernel_runs_a_still_picture_stands():
    bundle, _ = widgets.density_lab()._repr_mimebundle_()
    assert bundle["image/png"].startswith("iVBOR")
