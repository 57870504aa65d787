"""Losses: each a function of a `Round`, returning one number to make small."""

from course_lib.losses.adversarial import minimax, non_saturating, tell_apart

__all__ = ["minimax", "non_saturating", "tell_apart"]
