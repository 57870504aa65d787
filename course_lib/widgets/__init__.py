"""Widgets for JupyterLab: sliders, the latent explorer, and two games that the page runs by itself."""

from course_lib.widgets.boxes import Boxes
from course_lib.widgets.density_lab import density_lab
from course_lib.widgets.explorer import Explorer
from course_lib.widgets.label_slider import label_slider
from course_lib.widgets.latent_slider import latent_slider
from course_lib.widgets.live import Live
from course_lib.widgets.you_against_d import you_against_d
from course_lib.widgets.you_are_g import you_are_g

__all__ = [
    "Boxes",
    "Explorer",
    "Live",
    "density_lab",
    "label_slider",
    "latent_slider",
    "you_against_d",
    "you_are_g",
]
