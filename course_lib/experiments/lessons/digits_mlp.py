"""A fully connected GAN on real digits, small enough for a laptop: the course's first.

After section 5 of Goodfellow et al. 2014, with what two minutes on two cores ask for instead of its
maxout and momentum: batch norm in G, dropout in D, a real target of 0.9, and Adam with a rate that falls
to zero over the second half, so that the last weights are settled ones.
"""

from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from course_lib.data import Batches, Images
from course_lib.environment import by_size, device
from course_lib.game import Game
from course_lib.losses import non_saturating, tell_apart
from course_lib.models.mlp import Discriminator, Generator


@dataclass(frozen=True)
class Settings:
    """What the training depends on.

    steps: moves of each player. batch_size: images a move. noise_dim: numbers in z. learning_rate: of both
    Adams, over the first half. real_target: what D should answer on real digits, in (0, 1]. dropout: in D, in [0, 1).
    """

    steps: int = 4_000
    batch_size: int = 64
    noise_dim: int = 64
    learning_rate: float = 1e-3
    real_target: float = 0.9
    dropout: float = 0.3
    seed: int = 0


def settings() -> Settings:
    """The settings for the size in force: a few seconds at quick, about a minute at cpu on two cores."""
    return Settings(steps=by_size(quick=300, cpu=4_000, gpu=20_000))


def build(settings: Settings) -> Game:
    """The game at its start: G 64-256-512-784 and D 784-512-256-1, on `device()`, untrained.

    Weights are drawn from the global seed, so call `course_lib.seed` first.
    """
    where = device()
    generator = Generator(settings.noise_dim, (256, 512), (1, 28, 28), batch_norm=True, output=nn.Tanh()).to(where)
    discriminator = Discriminator((1, 28, 28), (512, 256), dropout=settings.dropout).to(where)
    return Game(
        generator,
        discriminator,
        d_terms={"real or fake": partial(tell_apart, real_target=settings.real_target)},
        g_terms={"pass for real": non_saturating},
        d_optimizer=_adam(discriminator, settings),
        g_optimizer=_adam(generator, settings),
    )


def _adam(network: nn.Module, settings: Settings) -> torch.optim.Adam:
    """Adam whose rate is constant for half of the steps, then falls in a straight line to zero."""
    adam = torch.optim.Adam(network.parameters(), lr=settings.learning_rate, betas=(0.5, 0.999), fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: max(0.0, min(1.0, 2 - 2 * step / settings.steps)))
    # The game calls the optimiser and knows of no schedule, so the optimiser moves it on.
    adam.register_step_post_hook(lambda *_: schedule.step())
    return adam


def batches(images: Images, settings: Settings) -> Batches:
    """Endless batches of the digits in [-1, 1], kept on `device()`."""
    return Batches(images.scaled().to(device()), batch_size=settings.batch_size, seed=settings.seed)


def looks(steps: int, n: int) -> list[int]:
    """At most n steps at which to look in, from 20 to `steps`, each the same factor after the one before."""
    first = min(20, steps)
    return sorted({round(first * (steps / first) ** (i / max(1, n - 1))) for i in range(n)})
