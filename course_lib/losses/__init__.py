"""Losses: each a function of a `Round`, returning one number to make small."""

from course_lib.losses.adversarial import minimax, non_saturating, tell_apart
from course_lib.losses.feature_matching import feature_matching, feature_matching_absolute
from course_lib.losses.historical import HistoricalAveraging
from course_lib.losses.semi_supervised import k_plus_one, k_plus_one_explicit, supervised, unlabelled
from course_lib.losses.weighted import weighted

__all__ = [
    "HistoricalAveraging",
    "feature_matching",
    "feature_matching_absolute",
    "k_plus_one",
    "k_plus_one_explicit",
    "minimax",
    "non_saturating",
    "supervised",
    "tell_apart",
    "unlabelled",
    "weighted",
]
