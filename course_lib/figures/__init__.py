"""The course's figures: one function each, returning a matplotlib Figure with `alt_text`."""

from course_lib.figures.divergence import (
    criterion_against_position,
    criterion_as_envelope,
    density_lab,
    distributions_on_the_way,
    learned_discriminators,
    logarithm_below_its_tangent,
)
from course_lib.figures.images import image_grid
from course_lib.figures.style import describe
from course_lib.figures.training import (
    centres_over_moves,
    figure_one,
    figure_one_film,
    losses,
    losses_and_distance,
    modes_over_steps,
    ring_snapshots,
)
from course_lib.figures.two_losses import generator_losses, generator_paths, sigmoid_then_log
from course_lib.figures.value import (
    payments,
    pointwise_value,
    saddle,
    spread_of_estimates,
    value_of,
    value_of_outcomes,
    value_of_slope,
)
from course_lib.figures.welcome import (
    answers_over_time,
    digit_in_numbers,
    lengths_on_the_way,
    noise_batch,
    place_between,
    the_game,
)

__all__ = [
    "answers_over_time",
    "centres_over_moves",
    "criterion_against_position",
    "criterion_as_envelope",
    "density_lab",
    "describe",
    "digit_in_numbers",
    "distributions_on_the_way",
    "figure_one",
    "figure_one_film",
    "generator_losses",
    "generator_paths",
    "image_grid",
    "learned_discriminators",
    "lengths_on_the_way",
    "logarithm_below_its_tangent",
    "losses",
    "losses_and_distance",
    "modes_over_steps",
    "noise_batch",
    "payments",
    "place_between",
    "pointwise_value",
    "ring_snapshots",
    "saddle",
    "sigmoid_then_log",
    "spread_of_estimates",
    "the_game",
    "value_of",
    "value_of_outcomes",
    "value_of_slope",
]
