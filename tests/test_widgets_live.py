"""The picture that follows its sliders: drawn anew on change, described, still without a kernel, never left open."""

import base64
import io

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
from drawn import picture
from PIL import Image

from course_lib.figures.style import describe, panels, png
from course_lib.widgets import Live

PNG = b"\x89PNG\r\n\x1a\n"


def drawing(seen):
    """A draw function that notes what it was asked for."""

    def draw(height, name):
        seen.append((height, name))
        figure, [axes] = panels(width=2, height=1.5)
        axes.bar([0], [height])
        return describe(figure, f'A bar of height {height}, called "{name}" & <b>bold</b>.')

    return draw


@pytest.fixture
def live():
    """A widget with a slider and a text, and the list of what was drawn."""
    seen = []
    controls = [ipywidgets.FloatSlider(0.5, min=0, max=1), ipywidgets.Text("one")]
    return Live(drawing(seen), controls), seen


def test_it_draws_once_at_the_start_with_the_controls_values_in_order(live):
    widget, seen = live
    assert seen == [(0.5, "one")]
    assert picture(widget).startswith(PNG)


def test_every_control_redraws_and_the_picture_changes(live):
    widget, seen = live
    before = picture(widget)
    widget.controls[0].value = 0.9
    assert seen[-1] == (0.9, "one") and picture(widget) != before
    widget.controls[1].value = "two"
    assert seen[-1] == (0.9, "two") and len(seen) == 3


def test_setting_the_value_it_has_draws_nothing(live):
    widget, seen = live
    widget.controls[0].value = 0.5
    assert len(seen) == 1


def test_the_controls_stand_above_the_picture(live):
    widget, _ = live
    assert widget.children == (*widget.controls, widget.picture)


def test_the_alternative_text_is_escaped_and_follows(live):
    widget, _ = live
    assert 'alt="A bar of height 0.5, called &quot;one&quot; &amp; &lt;b&gt;bold&lt;/b&gt;."' in widget.picture.value
    widget.controls[1].value = '"><script>'
    assert "<script>" not in widget.picture.value and "&lt;script&gt;" in widget.picture.value


def test_a_figure_without_words_gets_an_empty_text_rather_than_an_error():
    assert 'alt=""' in Live(lambda: panels(width=1, height=1)[0], []).picture.value


def test_without_a_kernel_the_last_picture_stands(live):
    widget, _ = live
    widget.controls[0].value = 0.2
    data, _ = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    still, live_one = (
        Image.open(io.BytesIO(one)).convert("RGB") for one in (base64.b64decode(data["image/png"]), picture(widget))
    )
    assert still.size == live_one.size
    assert np.abs(np.subtract(still, live_one, dtype=int)).max() < 40  # of 32 colours


def test_no_figure_stays_open(live):
    widget, _ = live
    for height in (0.1, 0.2, 0.3):
        widget.controls[0].value = height
    assert plt.get_fignums() == []


def test_the_same_values_give_the_same_bytes(live):
    widget, _ = live
    before = picture(widget)
    widget.controls[0].value = 0.7
    widget.controls[0].value = 0.5
    assert picture(widget) == before


def test_png_closes_the_figure_it_was_given():
    figure, _ = panels(width=1, height=1)
    assert png(figure).startswith(PNG)
    assert figure.number not in plt.get_fignums()
