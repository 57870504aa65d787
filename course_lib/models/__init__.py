"""Networks; width, depth and channels are arguments, never a new file for a size."""

from course_lib.models import mlp

__all__ = ["mlp"]
