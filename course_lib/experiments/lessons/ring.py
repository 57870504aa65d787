"""Eight Gaussians on a ring: a game that collapses, and the same game mended.

The two differ in D alone. In `COLLAPSES` D learns ten times more slowly than G, so that G has piled everything
on the place which D rates best before D has noticed. In `COVERS` D keeps pace, and one-sided smoothing (Salimans
et al. 2016, section 3.4) keeps it from growing so sure that it pushes G about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.data import SampledBatches, ring
from course_lib.environment import seed
from course_lib.game import Game, play
from course_lib.losses import non_saturating, tell_apart
from course_lib.metrics import ModesCovered, modes_covered
from course_lib.models.mlp import Discriminator, Generator

TARGET = ring()


@dataclass(frozen=True)
class Settings:
    """What a training depends on: the two learning rates (of Adam), what D should answer on real data, the seed."""

    d_rate: float = 1e-3
    g_rate: float = 1e-3
    real_target: float = 1.0
    batch_size: int = 256
    seed: int = 0


COLLAPSES = Settings(d_rate=1e-4)
COVERS = Settings(d_rate=1e-3, real_target=0.9)


@dataclass(frozen=True)
class Snapshot:
    """Generated points after a step, and the modes that they cover."""

    step: int
    samples: Float[Tensor, "n 2"]
    modes: ModesCovered


@dataclass(frozen=True)
class Training:
    """What a training left: snapshots, and the loss of every term at every step, named as in the game."""

    snapshots: list[Snapshot]
    losses: dict[str, Float[Tensor, " step"]]


def build(settings: Settings) -> Game:
    """The game at its start: G 2-128-128-2 and D 2-128-128-1."""
    seed(settings.seed)
    generator = Generator(2, (128, 128), (2,))
    discriminator = Discriminator((2,), (128, 128))
    return Game(
        generator,
        discriminator,
        d_terms={"real or fake": partial(tell_apart, real_target=settings.real_target)},
        g_terms={"pass for real": non_saturating},
        d_optimizer=torch.optim.Adam(discriminator.parameters(), lr=settings.d_rate, betas=(0.5, 0.999)),
        g_optimizer=torch.optim.Adam(generator.parameters(), lr=settings.g_rate, betas=(0.5, 0.999)),
    )


def train(settings: Settings, at: Sequence[int]) -> Training:
    """Play until the last of the steps in `at`, and look at 1,000 generated points after each of them.

    Some ten seconds for 1,500 steps on a laptop.
    """
    game = build(settings)
    look = torch.Generator().manual_seed(settings.seed)
    z = torch.randn(1_000, 2, generator=look)  # of its own, so that looking does not change what is played
    snapshots, log = [], []
    data = SampledBatches(TARGET, batch_size=settings.batch_size, seed=settings.seed)
    for step, values in islice(play(game, data), max(at)):
        log.append(values)
        if step in at:
            with torch.no_grad():
                samples = game.generator(z)
            snapshots.append(Snapshot(step, samples, modes_covered(samples, TARGET)))
    return Training(snapshots, {name: torch.stack([values[name] for values in log]) for name in log[0]})
