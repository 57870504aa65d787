"""Measures of what a generator has learned."""

from course_lib.metrics.digit_judge import DigitJudge, Judgement
from course_lib.metrics.modes import ModesCovered, modes_covered

__all__ = ["DigitJudge", "Judgement", "ModesCovered", "modes_covered"]
