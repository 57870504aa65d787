"""You are G, then you are D: the game of eight outcomes with one player in your hand."""

from collections.abc import Sequence
from importlib.resources import files

from course_lib.widgets.framed import Framed

DATA = (0.02, 0.08, 0.2, 0.3, 0.16, 0.12, 0.08, 0.04)


def you_are_g(data: Sequence[float] = DATA, *, height: int = 470) -> Framed:
    """Eight bars to drag: first p_g against the best D there is, then D against a G that replies.

    data: p_data, as many probabilities as there should be bars, two or more; they are at least 0 and sum to 1. height: of
    the page, in CSS pixels. Raises ValueError for other data.
    """
    if len(data) < 2 or min(data) < 0 or abs(sum(data) - 1) > 1e-6:
        raise ValueError(f"data is {list(data)}: give two or more probabilities, at least 0, that sum to 1.")
    script = files("course_lib.widgets").joinpath("bars.js").read_text(encoding="utf-8")
    return Framed(script, {"data": list(data)}, title="You are G, then you are D", height=height)
