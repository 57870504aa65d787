"""Widgets for JupyterLab: sliders around `figures`, with no mathematics of their own."""

from course_lib.widgets.density_lab import density_lab
from course_lib.widgets.explorer import Explorer
from course_lib.widgets.label_slider import label_slider
from course_lib.widgets.latent_slider import latent_slider
from course_lib.widgets.live import Live

__all__ = [
    "Explorer",
    "Live",
    "density_lab",
    "label_slider",
    "latent_slider",
]
