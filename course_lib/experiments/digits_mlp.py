"""A fully connected GAN on real digits, small enough for a laptop: the course's first.

After section 5 of Goodfellow et al. 2014, with what two minutes on two cores ask for instead of its
maxout and momentum: batch norm in G, dropout in D, Adam, and a real target of 0.9.
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
    Adams. real_target: what D should answer on real digits, in (0, 1]. dropout: in D, in [0, 1).
    """

    steps: int = 4_000
    batch_size: int = 64
    noise_dim: int = 64
    learning_rate: float = 5e-4
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
    adam = partial(torch.optim.Adam, lr=settings.learning_rate, betas=(0.5, 0.999))
    return Game(
        generator,
        discriminator,
        d_terms={"real or fake": partial(tell_apart, real_target=settings.real_target)},
        g_terms={"pass for real": non_saturating},
        d_optimizer=adam(discriminator.parameters()),
        g_optimizer=adam(generator.parameters()),
    )


def batches(images: Images, settings: Settings) -> Batches:
    """Endless batches of the digits in [-1, 1], kept on `device()`."""
    return Batches(images.scaled().to(device()), batch_size=settings.batch_size, seed=settings.seed)
