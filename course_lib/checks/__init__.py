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
from course_lib.checks.lesson_04 import discriminator_move, generator_move, repaired_round
from course_lib.checks.lesson_04_logs import cheapest_k, distance_from_log, modes_counted, winning

__all__ = [
    "NotYet",
    "best_linear_value",
    "cheapest_k",
    "criterion",
    "discrete_value",
    "discriminator_move",
    "distance_from_log",
    "estimated_value",
    "full_length_walk",
    "generator_move",
    "generator_slopes",
    "mean_under_data",
    "middle_length",
    "modes_counted",
    "optimal_discriminator",
    "repaired_discriminator_loss",
    "repaired_round",
    "reply_to_discriminator",
    "share_right",
    "smoothed_discriminator",
    "to_bytes",
    "to_unit_range",
    "unit_uniform",
    "winning",
]
