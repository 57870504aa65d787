"""The density lab: move two Gaussians and watch the optimal discriminator and C(G) follow."""

from ipywidgets import FloatSlider
from matplotlib.figure import Figure

from course_lib import figures
from course_lib.data import gaussian
from course_lib.widgets.live import Live

NARROWEST = 0.4  # standard deviation; its peak is just below 1, where the density axis ends


def density_lab() -> Live:
    """Sliders for the means and widths of p_data and p_g above the picture of lesson 03.

    Controls in order: mean and width of p_data, mean and width of p_g. Tab moves between them; the arrow keys
    move a slider by one step, Page Up and Page Down by more.
    """
    controls = [
        _slider("data mean", -1.0, -4.0, 4.0, 0.1),
        _slider("data width", 1.0, NARROWEST, 3.0, 0.1),
        _slider("G mean", 1.5, -4.0, 4.0, 0.1),
        _slider("G width", 0.7, NARROWEST, 3.0, 0.1),
    ]
    return Live(_draw, controls)


def _slider(description: str, value: float, lowest: float, highest: float, step: float) -> FloatSlider:
    return FloatSlider(value, min=lowest, max=highest, step=step, description=description, readout_format=".1f")


def _draw(data_mean: float, data_width: float, g_mean: float, g_width: float) -> Figure:
    return figures.density_lab(gaussian(data_mean, data_width), gaussian(g_mean, g_width), top=1.05)
