"""Exploring what a generator has learnt: its latent space, and the page that runs it without PyTorch."""

from course_lib.explore.export import export, frame, page
from course_lib.explore.layers import NotExportable

__all__ = ["NotExportable", "export", "frame", "page"]
