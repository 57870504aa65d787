"""Figure 1 of Goodfellow et al. 2014, trained and not drawn: a game on the line, recorded on its way.

As in the paper the pair starts near its goal. (a) D is a rough judge; (b) D alone trains to D*; (c) G alone
moves up D's slope; (d) both have played on until neither gains. A few seconds on one core.
"""

from dataclasses import dataclass
from itertools import islice

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.data import SampledBatches, gaussian
from course_lib.environment import seed
from course_lib.game import Game, move_discriminator, move_generator, play
from course_lib.losses import non_saturating, tell_apart
from course_lib.models.mlp import Discriminator

P_DATA = gaussian(-0.5, 0.5)
X = torch.linspace(-3.0, 3.0, 301)  # where the curves are computed


class LineGenerator(nn.Module):
    """Uniform noise z in (-1, 1), as in the paper's figure, to a point x on the line.

    A fixed first layer, the Gaussian's quantile function, stretches the ends of z, so that a small network
    can make tails. tanh, not ReLU: p_g is 1/(2|G'(z)|) at x = G(z), and would jump at every kink of G.
    """

    def __init__(self, width: int = 32):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(1, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1)
        )

    def noise(self, n: int) -> Float[Tensor, "n 1"]:
        """n draws from the prior p(z), strictly inside (-1, 1)."""
        return torch.rand(n, 1).clamp(1e-4, 1 - 1e-4) * 2 - 1

    def forward(self, z: Float[Tensor, "batch 1"]) -> Float[Tensor, "batch 1"]:
        """G(z)."""
        return self.layers(2**0.5 * torch.erfinv(z))


@dataclass(frozen=True)
class Snapshot:
    """The game at one moment, without gradient.

    panel: "a" to "d", which of the figure's panels this is, or the one it leads to. is_panel: whether it is
    one of the four. moves: what the players have done, in words. p_g, d: density of generated data and D(x)
    at the points X. z, x: (line,) evenly spaced noise, and where G sends it.
    """

    panel: str
    is_panel: bool
    moves: str
    p_g: Float[Tensor, " point"]
    d: Float[Tensor, " point"]
    z: Float[Tensor, " line"]
    x: Float[Tensor, " line"]


@dataclass(frozen=True)
class Settings:
    """What the game and its recording depend on.

    start: mean and standard deviation of p_g before anyone moves. d_rate, g_rate: of the two Adams. k: moves
    of D for each of G. The recording: head_start moves of D lead to (a), d_moves of D alone to (b), g_moves
    of G alone to (c), rounds of Algorithm 1 to (d), over whose second half both rates fall to zero.
    """

    start: tuple[float, float] = (0.7, 0.5)
    d_rate: float = 5e-3
    g_rate: float = 5e-4
    k: int = 2
    batch_size: int = 512
    seed: int = 0
    head_start: int = 6
    d_moves: int = 120
    g_moves: int = 20
    rounds: int = 400


def build(settings: Settings) -> Game:
    """The game before the first move: G 1-32-32-1 fitted to a Gaussian at `start`, D 1-32-32-1 at random."""
    seed(settings.seed)
    generator = LineGenerator()
    discriminator = Discriminator((1,), (32, 32))
    _fit(generator, *settings.start)
    return Game(
        generator,
        discriminator,
        d_terms={"real or fake": tell_apart},
        g_terms={"pass for real": non_saturating},
        d_optimizer=torch.optim.Adam(discriminator.parameters(), lr=settings.d_rate, betas=(0.5, 0.999)),
        g_optimizer=torch.optim.Adam(generator.parameters(), lr=settings.g_rate, betas=(0.5, 0.999)),
        d_steps=settings.k,
    )


def batches(settings: Settings) -> SampledBatches:
    """Fresh draws from P_DATA, without end."""
    return SampledBatches(P_DATA, batch_size=settings.batch_size, seed=settings.seed)


def train(settings: Settings | None = None) -> list[Snapshot]:
    """Play the whole story and return its frames in order, some ten; `four` picks the figure's panels."""
    settings = settings or Settings()
    game, data = build(settings), batches(settings)
    for move in range(1, settings.head_start + 1):
        move_discriminator(game, next(data), move)
    film = [snapshot(game, "a", f"D has made {settings.head_start} moves", is_panel=True)]

    for move in range(1, settings.d_moves + 1):
        move_discriminator(game, next(data), move)
        last = move == settings.d_moves
        if move in (10, 20, 50) or last:
            film.append(snapshot(game, "b", f"D alone, {move} moves", last))

    for move in range(1, settings.g_moves + 1):
        move_generator(game, next(data), move)
        last = move == settings.g_moves
        if move % 10 == 0 or last:
            film.append(snapshot(game, "c", f"G alone, {move} moves", last))

    for round, _ in islice(play(game, data), settings.rounds):
        last = round == settings.rounds
        if round in (20, 100) or last:
            film.append(snapshot(game, "d", f"both, {round} rounds", last))
        # Steps that do not shrink would leave the pair trembling around the equilibrium.
        share = min(1.0, 2 * (1 - round / settings.rounds))
        game.d_optimizer.param_groups[0]["lr"] = share * settings.d_rate
        game.g_optimizer.param_groups[0]["lr"] = share * settings.g_rate
    return film


def four(film: list[Snapshot]) -> list[Snapshot]:
    """The frames that are panels (a) to (d) of the figure."""
    return [frame for frame in film if frame.is_panel]


def snapshot(game: Game, panel: str, moves: str, is_panel: bool = False) -> Snapshot:
    """Record what the figure shows. Draws no random number, so that looking changes nothing."""
    z = _evenly(21)
    with torch.no_grad():
        logits, x = game.discriminator(X[:, None]).logits, game.generator(z[:, None]).squeeze(1)
    d = logits.double().sigmoid()  # in float32 a sure D would be rounded to 1, and log(1 - D) to minus infinity
    return Snapshot(panel, is_panel, moves, density(game.generator), d, z, x)


def density(generator: LineGenerator, x: Float[Tensor, " point"] = X, *, width: float = 0.1) -> Float[Tensor, " point"]:
    """p_g at the points x: 1,000 evenly spaced z sent through G, each smeared into a Gaussian of that width."""
    with torch.no_grad():
        centres = generator(_evenly(1_000)[:, None]).squeeze(1)
    return torch.exp(-0.5 * ((x[:, None] - centres) / width) ** 2).mean(1) / (width * (2 * torch.pi) ** 0.5)


def _fit(generator: LineGenerator, mean: float, std: float) -> None:
    """Least squares on evenly spaced z and the quantiles of a Gaussian: a start near the data, as the paper's."""
    z = _evenly(400)
    target = mean + std * 2**0.5 * torch.erfinv(z)
    optimizer = torch.optim.Adam(generator.parameters(), lr=1e-2)
    for step in range(250):
        optimizer.param_groups[0]["lr"] = 1e-2 * (1 - step / 250)
        optimizer.zero_grad()
        (generator(z[:, None]).squeeze(1) - target).square().mean().backward()
        optimizer.step()


def _evenly(n: int) -> Float[Tensor, " n"]:
    """n points evenly in (-1, 1), the ends left out by half a step."""
    return (2 * torch.arange(n) + 1) / n - 1
