"""A term times a constant."""

import math

from jaxtyping import Float
from torch import Tensor, nn

from course_lib.verdict import Round, Term


class Weighted(nn.Module):
    """The term times the factor. A module, so that the state of a term which has some is saved with it."""

    def __init__(self, term: Term, factor: float):
        super().__init__()
        self.term, self.factor = term, factor

    def forward(self, round: Round) -> Float[Tensor, ""]:
        """factor x term(round)."""
        return self.factor * self.term(round)


def weighted(term: Term, factor: float) -> Weighted:
    """A term times a constant, such as `weighted(HistoricalAveraging(optimizer), 0.1)`.

    Raises ValueError for a factor that is not a finite number.
    """
    if not math.isfinite(factor):
        raise ValueError(f"The factor of a term must be a finite number; got {factor}.")
    return Weighted(term, factor)
