"""Exploring what a generator has learnt: its latent space, and the page that runs it without PyTorch."""

from course_lib.explore.export import export, frame, page
from course_lib.explore.latent import (
    arithmetic,
    linear,
    neighbours,
    principal_directions,
    spherical,
    turn_vector,
    walk,
)
from course_lib.explore.layers import NotExportable
from course_lib.explore.moments import ink, slant

__all__ = [
    "NotExportable",
    "arithmetic",
    "export",
    "frame",
    "ink",
    "linear",
    "neighbours",
    "page",
    "principal_directions",
    "slant",
    "spherical",
    "turn_vector",
    "walk",
]
