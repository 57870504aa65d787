"""Historical averaging on two toy games that gradient descent circles: Salimans et al. 2016, section 3.3.

    gan-course reproduce historical-averaging-toy
    gan-course reproduce historical-averaging-toy --strength 2 --in-turn

The paper says, without numbers, that in the game of value (f(x) - 1)(y - 1), with f(x) = x for x < 0 and x^2 otherwise,
gradient descent goes into extended orbits and historical averaging finds the equilibrium (1, 1); and that gradient
descent circles in xy. Here both games are played from points on a circle around the equilibrium. Recorded is how far
from it the nearest and the farthest of them end, with and without the term. About a minute on one core.

What we find: the claim holds, for a suitable strength c of the term, of which the paper says nothing. Let +-iw be the
eigenvalues of the game at its equilibrium: w is 1 in xy and 2 in the other. Of players that move at once with learning
rate r, the term stops the spiral outwards only if c is above about r w^2 / 4. Then they creep along with the mean of
their past: after the time t = steps x r the distance falls as t^-p, where p = w^2 / (w^2 + 4 c^2). So too strong a pull
is as bad as too weak a one. Players that move in turn need none to stay on one orbit, and any to leave it inwards.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.environment import by_size
from course_lib.losses import HistoricalAveraging, weighted
from course_lib.metrics.passes import thousands
from course_lib.training.ledger import Outcome
from course_lib.training.plan import Training
from course_lib.verdict import Batch, Round

NOTHING = Round(nn.Identity(), nn.Identity(), Batch(torch.zeros(1, 1)), True, z=torch.zeros(1, 1))


@dataclass(frozen=True)
class Toy:
    """A game of two numbers: one player makes value(x, y) small by x, the other makes it large by y."""

    value: Callable[[Tensor, Tensor], Tensor]
    equilibrium: tuple[float, float]


def papers_value(x: Float[Tensor, "*start"], y: Float[Tensor, "*start"]) -> Float[Tensor, "*start"]:
    """(f(x) - 1)(y - 1), where f(x) = x for x < 0 and x^2 otherwise: not convex in x."""
    f = torch.where(x < 0, x, x.square())
    return (f - 1) * (y - 1)


PAPERS = Toy(papers_value, (1.0, 1.0))
XY = Toy(torch.mul, (0.0, 0.0))

PAPER = {
    "toy_gradient_descent_nearest_10k": "orbits",
    "toy_gradient_descent_farthest_10k": "orbits",
    "toy_historical_averaging_farthest_10k": "finds the equilibrium",
    "xy_gradient_descent_nearest_10k": "orbits",
}


@dataclass(frozen=True)
class Settings:
    """What is played."""

    steps: int = 10_000
    """Moves of each player."""
    learning_rate: float = 0.01
    """Of both players' gradient descent."""
    strength: float = 0.1
    """The factor of the historical term in both players' costs."""
    in_turn: bool = False
    """The second player sees the first one's move; at once otherwise, as the paper has it."""
    starts: int = 12
    """Points to play from, evenly on a circle around the equilibrium."""
    distance: float = 2.0
    """Of the starts from the equilibrium."""


QUICK = Settings(steps=100, learning_rate=0.05, starts=4)
CPU = Settings()


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU)


def starts(game: Toy, settings: Settings) -> Float[Tensor, "start 2"]:
    """The points to play from. Raises ValueError where there are none, or all are the equilibrium itself."""
    if settings.starts < 1 or not settings.distance > 0:
        raise ValueError(
            f"There are {settings.starts} starts at distance {settings.distance}; choose at least one, above 0."
        )
    # Half a step off the axes, where the game starts with one player at rest.
    angle = (torch.arange(settings.starts, dtype=torch.float64) + 0.5) * (2 * torch.pi / settings.starts)
    circle = torch.stack([angle.cos(), angle.sin()], 1)
    return torch.tensor(game.equilibrium, dtype=torch.float64) + settings.distance * circle


def path(game: Toy, settings: Settings, strength: float) -> Float[Tensor, "step start 2"]:
    """Where the players (x, y) are after each step, from every start; strength 0 is plain gradient descent."""
    if settings.steps < 1:
        raise ValueError(f"steps is {settings.steps}; play at least 1.")
    begin = starts(game, settings)
    # The starts do not feel one another: their costs are summed, and each has a gradient and a past of its own.
    x, y = (nn.Parameter(begin[:, axis].clone()) for axis in (0, 1))
    players = (_Player(x, 1, settings.learning_rate, strength), _Player(y, -1, settings.learning_rate, strength))
    places = begin.new_empty(settings.steps, len(begin), 2)
    for place in places:
        for player in players:
            player.find_gradient(game.value(x, y))
            if settings.in_turn:
                player.optimizer.step()
        if not settings.in_turn:
            for player in players:
                player.optimizer.step()
        place[:, 0], place[:, 1] = x.detach(), y.detach()
    return places


class _Player:
    """One number for each start, moved by gradient descent on sign x value + strength x the historical term."""

    def __init__(self, number: nn.Parameter, sign: int, learning_rate: float, strength: float):
        self.number, self.sign = number, sign
        self.optimizer = torch.optim.SGD([number], lr=learning_rate)
        self.history = weighted(HistoricalAveraging(self.optimizer), strength)

    def find_gradient(self, value: Float[Tensor, " start"]) -> None:
        cost = self.sign * value.sum() + self.history(NOTHING)
        (self.number.grad,) = torch.autograd.grad(cost, self.number)


def distances(game: Toy, places: Float[Tensor, "*step start 2"]) -> Float[Tensor, "*step start"]:
    """From the equilibrium; infinite where the numbers have grown out of bounds."""
    equilibrium = torch.tensor(game.equilibrium, dtype=places.dtype)
    return torch.linalg.vector_norm(places - equilibrium, dim=-1).nan_to_num(nan=torch.inf)


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Play both games with and without the term; `training` has no part in it."""
    began, after, numbers = time.perf_counter(), thousands(settings.steps), {}
    for name, game in (("toy", PAPERS), ("xy", XY)):
        for technique, strength in (("gradient_descent", 0.0), ("historical_averaging", settings.strength)):
            ends = distances(game, path(game, settings, strength)[-1])
            numbers[f"{name}_{technique}_nearest_{after}"] = ends.min().item()
            numbers[f"{name}_{technique}_farthest_{after}"] = ends.max().item()
    moves = "in turn" if settings.in_turn else "at once"
    note = f"{settings.starts} starts at distance {settings.distance:g}, moves {moves}, strength {settings.strength:g}"
    return Outcome(numbers, time.perf_counter() - began, torch.device("cpu"), note)
