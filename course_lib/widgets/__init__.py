"""Widgets for JupyterLab: sliders around `figures`, and pages that need no kernel; no mathematics of their own."""

from course_lib.widgets.boxes import Boxes
from course_lib.widgets.density_lab import density_lab
from course_lib.widgets.explorer import Explorer
from course_lib.widgets.label_slider import label_slider
from course_lib.widgets.latent_slider import latent_slider
from course_lib.widgets.live import Live
from course_lib.widgets.roles import you_are_g
from course_lib.widgets.standing import Standing
from course_lib.widgets.votes import real_or_fake, you_against_d

__all__ = [
    "Boxes",
    "Explorer",
    "Live",
    "Standing",
    "density_lab",
    "label_slider",
    "latent_slider",
    "real_or_fake",
    "you_against_d",
    "you_are_g",
]
