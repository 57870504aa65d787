"""The random numbers of games that are played side by side.

On a CPU each game draws what it would draw alone, from a state of its own, so that it can be compared with its run
alone, number by number. On a GPU one draw serves all games at once, of other numbers: forty small draws would cost
more than the training.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import UInt8
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

LIKE = (torch.randn_like, torch.rand_like)
DROPOUT = (F.dropout, torch.dropout)
UNKNOWN = (torch.rand, torch.randn, torch.normal, torch.bernoulli, torch.randint, torch.randperm, torch.multinomial)
UNKNOWN += (Tensor.uniform_, Tensor.normal_, Tensor.bernoulli_, Tensor.random_, Tensor.exponential_)


class Chance(nn.Module):
    """A state of PyTorch's random generator for each game. A module, so that it moves and is saved as weights are.

    states: (game, byte) where each generator is when the game begins, as `torch.get_rng_state` gives it.
    """

    def __init__(self, states: UInt8[Tensor, "game byte"]):
        super().__init__()
        self.register_buffer("states", states)

    @property
    def games(self) -> int:
        """How many there are."""
        return len(self.states)

    @property
    def own(self) -> bool:
        """Whether each game draws for itself."""
        return self.states.device.type == "cpu"

    @property
    def randomness(self) -> str:
        """For `torch.vmap`: "same" where `OwnChance` sees to it that they differ."""
        return "same" if self.own else "different"

    def draw(self, draw: Callable[[int], Tensor], n: int) -> Tensor:
        """(n, game, ...) random numbers, by a function that draws a number of rows."""
        if not self.own:
            return draw(n * self.games).unflatten(0, (n, self.games))
        return self.each(lambda: draw(n)).movedim(0, 1)

    def each(self, draw: Callable[[], Tensor]) -> Tensor:
        """(game, ...): what each game draws, from where its generator is."""
        before, drawn = torch.get_rng_state(), []
        for state in self.states:
            torch.set_rng_state(state.clone())  # the row of a larger tensor is misread
            drawn.append(draw())
            state.copy_(torch.get_rng_state())
        torch.set_rng_state(before)
        return torch.stack(drawn)


class OwnChance(TorchFunctionMode):
    """Within `torch.vmap` over the games: noise and dropout draw each game's own numbers, on a CPU.

    game: which one, a tensor of shape (). Raises NotImplementedError for other random functions.
    """

    def __init__(self, chance: Chance, game: Tensor):
        super().__init__()
        self._chance, self._game = chance, game

    def __torch_function__(self, function, types, args=(), kwargs=None):
        """Called for every function of PyTorch."""
        kwargs = kwargs or {}
        if not self._chance.own:
            return function(*args, **kwargs)
        if function in LIKE:
            like = torch.empty(args[0].shape, dtype=kwargs.get("dtype") or args[0].dtype)
            return self._chance.each(lambda: function(like))[self._game]
        if function in DROPOUT:
            return self._dropout(*args, **kwargs)
        if function in UNKNOWN:
            raise NotImplementedError(f"{function.__name__} cannot be drawn for each of several games on a CPU.")
        return function(*args, **kwargs)

    def _dropout(self, input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
        if not training or p == 0:
            return input
        like = torch.empty(input.shape, dtype=input.dtype)
        kept = self._chance.each(lambda: torch.empty_like(like).bernoulli_(1 - p))[self._game]
        return input * (kept / (1 - p))
