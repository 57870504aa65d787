"""Checks for the exercises: `checks.optimal_discriminator(my_function)` says right, or what is not."""

from course_lib.checks.base import NotYet
from course_lib.checks.lesson_00 import share_right, to_bytes, to_unit_range
from course_lib.checks.lesson_00_walk import full_length_walk, middle_length, unit_uniform
from course_lib.checks.lesson_01 import log_likelihood_slopes, repaired_log_likelihood, weight_slopes
from course_lib.checks.lesson_01_models import model_for_the_job, pushed_density
from course_lib.checks.lesson_02 import generator_slopes, reply_to_discriminator
from course_lib.checks.lesson_02_logits import estimated_value, repaired_discriminator_loss
from course_lib.checks.lesson_02_value import discrete_value
from course_lib.checks.lesson_03 import criterion, mean_under_data, optimal_discriminator, smoothed_discriminator
from course_lib.checks.lesson_03_linear import best_linear_value
from course_lib.checks.lesson_04 import discriminator_move, generator_move, repaired_round
from course_lib.checks.lesson_04_build import build_it_yourself
from course_lib.checks.lesson_04_logs import cheapest_k, distance_from_log, modes_counted, winning
from course_lib.checks.lesson_05 import lean_squared_distances, sigma_by_validation, stable_log_mean_exp
from course_lib.checks.lesson_05_table import one_sample, table_error
from course_lib.checks.lesson_06 import conditional_value, noise_and_label
from course_lib.checks.lesson_06_obedience import obedience_by_label, unseen_disobedience
from course_lib.checks.lesson_07 import nearest_words, split_by_concept, tags_by_vote
from course_lib.checks.lesson_07_scores import precision_and_recall
from course_lib.checks.lesson_08 import conv_size, exact_padding, transposed_size
from course_lib.checks.lesson_08_generator import generator_by_rules
from course_lib.checks.lesson_08_init import dcgan_weights
from course_lib.checks.lesson_08_rules import broken_rule
from course_lib.checks.lesson_09 import great_circle, sum_of_means
from course_lib.checks.lesson_09_turn import balanced_turn, slant_by_moments
from course_lib.checks.lesson_09_walk import walk_through_points
from course_lib.checks.lesson_10 import guided_relu, maps_to_drop, strongest
from course_lib.checks.lesson_10_forgetting import forgotten, short_weights
from course_lib.checks.lesson_11 import nearest_label_error, pooled_vector, semantic_hash
from course_lib.checks.lesson_11_choice import c_by_validation
from course_lib.checks.lesson_11_duplicates import duplicate_scores

__all__ = [
    "NotYet",
    "balanced_turn",
    "best_linear_value",
    "broken_rule",
    "build_it_yourself",
    "c_by_validation",
    "cheapest_k",
    "conditional_value",
    "conv_size",
    "criterion",
    "dcgan_weights",
    "discrete_value",
    "discriminator_move",
    "distance_from_log",
    "duplicate_scores",
    "estimated_value",
    "exact_padding",
    "forgotten",
    "full_length_walk",
    "generator_by_rules",
    "generator_move",
    "generator_slopes",
    "great_circle",
    "guided_relu",
    "lean_squared_distances",
    "log_likelihood_slopes",
    "maps_to_drop",
    "mean_under_data",
    "middle_length",
    "model_for_the_job",
    "modes_counted",
    "nearest_label_error",
    "nearest_words",
    "noise_and_label",
    "obedience_by_label",
    "one_sample",
    "optimal_discriminator",
    "pooled_vector",
    "precision_and_recall",
    "pushed_density",
    "repaired_discriminator_loss",
    "repaired_log_likelihood",
    "repaired_round",
    "reply_to_discriminator",
    "semantic_hash",
    "share_right",
    "short_weights",
    "sigma_by_validation",
    "slant_by_moments",
    "smoothed_discriminator",
    "split_by_concept",
    "stable_log_mean_exp",
    "strongest",
    "sum_of_means",
    "table_error",
    "tags_by_vote",
    "to_bytes",
    "to_unit_range",
    "transposed_size",
    "unit_uniform",
    "unseen_disobedience",
    "walk_through_points",
    "weight_slopes",
    "winning",
]
