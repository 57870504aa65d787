"""Checks for the exercises: `checks.optimal_discriminator(my_function)` says right, or what is not."""

from course_lib.checks.base import NotYet
from course_lib.checks.lesson_00 import (
    full_length_walk,
    middle_length,
    share_right,
    to_bytes,
    to_unit_range,
    unit_uniform,
)
from course_lib.checks.lesson_02 import discrete_value, generator_slopes, reply_to_discriminator
from course_lib.checks.lesson_02_logits import estimated_value, repaired_discriminator_loss
from course_lib.checks.lesson_03 import (
    best_linear_value,
    criterion,
    mean_under_data,
    optimal_discriminator,
    smoothed_discriminator,
)

__all__ = [
    "NotYet",
    "best_linear_value",
    "criterion",
    "discrete_value",
    "estimated_value",
    "full_length_walk",
    "generator_slopes",
    "mean_under_data",
    "middle_length",
    "optimal_discriminator",
    "repaired_discriminator_loss",
    "reply_to_discriminator",
    "share_right",
    "smoothed_discriminator",
    "to_bytes",
    "to_unit_range",
    "unit_uniform",
]
