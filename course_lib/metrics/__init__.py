"""Measures of what a generator has learned."""

from course_lib.metrics.classifier_score import ClassifierScore, classifier_accuracy, classifier_score
from course_lib.metrics.digit_judge import DigitJudge, Judgement
from course_lib.metrics.frechet import FrechetClassifierDistance, frechet_classifier_distance
from course_lib.metrics.linear_probe import LinearProbe, average_batch_norm, conv_features, linear_probe
from course_lib.metrics.modes import ModesCovered, classes_seen, modes_covered
from course_lib.metrics.nearest_neighbour import NearestNeighbourError, Neighbours, nearest, nearest_neighbour_error
from course_lib.metrics.parzen import (
    Bandwidth,
    ParzenEstimate,
    choose_sigma,
    log_likelihood,
    log_likelihoods,
    parzen,
)
from course_lib.metrics.tags import most_common_of_nearest, precision_at_k, recall_at_k

__all__ = [
    "Bandwidth",
    "ClassifierScore",
    "DigitJudge",
    "FrechetClassifierDistance",
    "Judgement",
    "LinearProbe",
    "ModesCovered",
    "NearestNeighbourError",
    "Neighbours",
    "ParzenEstimate",
    "average_batch_norm",
    "choose_sigma",
    "classes_seen",
    "classifier_accuracy",
    "classifier_score",
    "conv_features",
    "frechet_classifier_distance",
    "linear_probe",
    "log_likelihood",
    "log_likelihoods",
    "modes_covered",
    "most_common_of_nearest",
    "nearest",
    "nearest_neighbour_error",
    "parzen",
    "precision_at_k",
    "recall_at_k",
]
