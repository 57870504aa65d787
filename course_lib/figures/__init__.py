"""The course's figures: one function each, returning a matplotlib Figure with `alt_text`."""

from course_lib.figures.conditional import (
    asked_and_seen,
    conditional_net,
    game_by_label,
    rows_by_label,
)
from course_lib.figures.dcgan import (
    contributions,
    convolution_sees,
    learning_by_start,
    matrix_and_transpose,
    transposed_writes,
    worth_of_rules,
)
from course_lib.figures.density_lab import density_lab, move_density_lab
from course_lib.figures.divergence import (
    criterion_against_position,
    criterion_as_envelope,
    distributions_on_the_way,
    learned_discriminators,
    logarithm_below_its_tangent,
    one_gaussian_for_two_bumps,
)
from course_lib.figures.features import (
    accuracy_against_c,
    accuracy_against_labels,
    error_against_samples,
    found_by_bits,
    one_nn_errors,
    pooled_maps,
    shares_within,
)
from course_lib.figures.images import image_grid
from course_lib.figures.implicit import clouds, pushed_noise
from course_lib.figures.inside import (
    around,
    as_grey,
    boxed,
    filter_patches,
    filters,
    forgotten,
    single_filters,
    slopes_by_weights,
)
from course_lib.figures.latent import along_direction, arithmetic_of_means, obedience_by_exemplars
from course_lib.figures.learning import real_or_fake, samples_film
from course_lib.figures.likelihood import (
    climb_of_likelihood,
    divergences_along,
    dots_under_densities,
    histogram_under_densities,
    where_divergences_pay,
)
from course_lib.figures.minimax import payments, saddle
from course_lib.figures.parzen import (
    likelihood_against_sigma,
    parzen_scores,
    parzen_windows,
    shortfall_against_dimension,
)
from course_lib.figures.proof import best_answer_film, rolling_film
from course_lib.figures.seeds import dots_by_seed, shares_over_steps
from course_lib.figures.showing import show
from course_lib.figures.style import describe
from course_lib.figures.tags import precision_bars, samples_among_tags, skip_gram_pairs, tagged_pictures, word_map
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
from course_lib.figures.value import pointwise_value, spread_of_estimates, value_of, value_of_outcomes, value_of_slope
from course_lib.figures.welcome import (
    answers_over_time,
    digit_in_numbers,
    lengths_on_the_way,
    noise_batch,
    nudged,
    the_game,
)

__all__ = [
    "accuracy_against_c",
    "accuracy_against_labels",
    "along_direction",
    "answers_over_time",
    "arithmetic_of_means",
    "around",
    "as_grey",
    "asked_and_seen",
    "best_answer_film",
    "boxed",
    "centres_over_moves",
    "climb_of_likelihood",
    "clouds",
    "conditional_net",
    "contributions",
    "convolution_sees",
    "criterion_against_position",
    "criterion_as_envelope",
    "density_lab",
    "describe",
    "digit_in_numbers",
    "distributions_on_the_way",
    "divergences_along",
    "dots_by_seed",
    "dots_under_densities",
    "error_against_samples",
    "figure_one",
    "figure_one_film",
    "filter_patches",
    "filters",
    "forgotten",
    "found_by_bits",
    "game_by_label",
    "generator_losses",
    "generator_paths",
    "histogram_under_densities",
    "image_grid",
    "learned_discriminators",
    "learning_by_start",
    "lengths_on_the_way",
    "likelihood_against_sigma",
    "logarithm_below_its_tangent",
    "losses",
    "losses_and_distance",
    "matrix_and_transpose",
    "modes_over_steps",
    "move_density_lab",
    "noise_batch",
    "nudged",
    "obedience_by_exemplars",
    "one_gaussian_for_two_bumps",
    "one_nn_errors",
    "parzen_scores",
    "parzen_windows",
    "payments",
    "pointwise_value",
    "pooled_maps",
    "precision_bars",
    "pushed_noise",
    "real_or_fake",
    "ring_snapshots",
    "rolling_film",
    "rows_by_label",
    "saddle",
    "samples_among_tags",
    "samples_film",
    "shares_over_steps",
    "shares_within",
    "shortfall_against_dimension",
    "show",
    "sigmoid_then_log",
    "single_filters",
    "skip_gram_pairs",
    "slopes_by_weights",
    "spread_of_estimates",
    "tagged_pictures",
    "the_game",
    "transposed_writes",
    "value_of",
    "value_of_outcomes",
    "value_of_slope",
    "where_divergences_pay",
    "word_map",
    "worth_of_rules",
]
