"""Maxout: a hidden unit that is the largest of several linear maps (Goodfellow et al. 2013)."""

from jaxtyping import Float
from torch import Tensor, nn


class Maxout(nn.Module):
    """For each unit the largest of `pieces` linear maps: (batch, in_features) to (batch, units).

    All maps stand in one `nn.Linear`, `linear`, whose output p * units + u is piece p of unit u; a model sets
    its starting weights there. One piece is a plain linear layer. Goodfellow et al. 2013, equation 2.
    Raises ValueError if a size is not positive.
    """

    def __init__(self, in_features: int, units: int, pieces: int):
        super().__init__()
        if min(in_features, units, pieces) < 1:
            raise ValueError(f"Sizes are at least 1; got in_features={in_features}, units={units}, pieces={pieces}.")
        self.units, self.pieces = units, pieces
        self.linear = nn.Linear(in_features, units * pieces)

    def forward(self, x: Float[Tensor, "batch features"]) -> Float[Tensor, "batch units"]:
        """The largest piece of every unit."""
        return self.linear(x).unflatten(1, (self.pieces, self.units)).amax(1)
