"""You are G against the best D, then you are D against a G that replies: eight outcomes, in the page."""

from collections.abc import Sequence
from math import fsum

from course_lib.widgets.standing import Standing

P_DATA = (0.04, 0.08, 0.16, 0.32, 0.08, 0.04, 0.20, 0.08)  # two modes, one of them narrow


def you_are_g(p_data: Sequence[float] = P_DATA) -> Standing:
    """Drag the bars of p_g and watch D* and V(D*, G) = -log 4 + 2 JSD; then set D, and let G reply.

    p_data: the probabilities of two to twelve outcomes, of which the sum is 1 and none is 0.
    In the second half G replies at once, with all its mass where D believes most, or by a small step there, so that
    collapse, the saddle and the advantage of moving second are felt. Bars move by mouse, finger or arrow keys.
    Raises ValueError for numbers that are no such probabilities.
    """
    if not 2 <= len(p_data) <= 12 or min(p_data) <= 0 or abs(fsum(p_data) - 1) > 1e-6:
        raise ValueError(f"p_data is {tuple(p_data)}. Give two to twelve numbers above 0 whose sum is 1.")
    return Standing("roles", {"p_data": list(p_data)}, title="You are G, then you are D", height=560)
