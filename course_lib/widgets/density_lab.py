"""The density lab: move two Gaussians and watch the optimal discriminator and C(G) follow."""

import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import FloatSlider
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from course_lib import figures
from course_lib.data import gaussian
from course_lib.widgets.live import Live
from course_lib.widgets.pictures import SHARP, Drawn, quick_png

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
    return Live(_Prepared(*(control.value for control in controls)), controls)


def _slider(description: str, value: float, lowest: float, highest: float, step: float) -> FloatSlider:
    return FloatSlider(value, min=lowest, max=highest, step=step, description=description, readout_format=".1f")


class _Prepared:
    """The figure of the lab with axes, ticks and words drawn once; a call draws the curves and the numbers alone.

    To draw a figure whole takes a tenth of a second, in which a hand on a slider passes several places.
    """

    def __init__(self, *start: float):
        self.figure = figures.density_lab(*_densities(*start), top=1.05)
        plt.close(self.figure)
        self.figure.set_dpi(100 * SHARP)
        self.canvas = FigureCanvasAgg(self.figure)
        self.canvas.draw()  # lays the axes out
        self.figure.set_layout_engine("none")
        for artist in figures.move_density_lab(self.figure, *_densities(*start)):
            artist.set_animated(True)
        self.canvas.draw()
        self.still = self.canvas.copy_from_bbox(self.figure.bbox)

    def __call__(self, *values: float) -> Drawn:
        self.canvas.restore_region(self.still)
        for artist in figures.move_density_lab(self.figure, *_densities(*values)):
            self.figure.draw_artist(artist)
        picture = Image.fromarray(np.asarray(self.canvas.buffer_rgba())).convert("RGB")
        return Drawn(quick_png(picture), self.figure.alt_text, round(100 * self.figure.get_figwidth()))


def _densities(data_mean: float, data_width: float, g_mean: float, g_width: float):
    return gaussian(data_mean, data_width), gaussian(g_mean, g_width)
