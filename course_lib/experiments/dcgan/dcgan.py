"""A DCGAN on any images: Radford et al. 2016, sections 3 and 4.

    gan-course train dcgan
    gan-course train dcgan --data folder:PATH --size 64 --steps 20_000

Without `--data` it learns the emoji that come with the course. Networks and optimiser are the paper's, which averages
no weights; at full size the kernels are 5x5 as in the authors' code. Where that code moves G or D by each minibatch, a
step here moves both, each by a minibatch of its own. On two cores 3,000 steps with 64 feature maps take some ten
minutes (estimated).

A DCGAN may collapse late, so the weights are chosen by images held out of training: by the Frechet distance between
features of those and of samples. Since no classifier knows every kind of image, the features are those of a small
convolutional network with random weights. The distance is no FID, and small where samples are merely a little blurred.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.data import Batches, Images, open_data
from course_lib.environment import by_size
from course_lib.game import Game
from course_lib.losses import non_saturating, tell_apart
from course_lib.metrics.frechet import frechet_classifier_distance
from course_lib.models.dcgan import Discriminator, Generator
from course_lib.training.optimizers import adam
from course_lib.training.plan import Plan


@dataclass(frozen=True)
class Settings:
    """What the training depends on."""

    data: str = "emoji"
    """emoji, mnist, fashion, cifar10, svhn; or folder:PATH, celeba:PATH, lsun:PATH, imagenet:PATH."""
    size: Literal[32, 64] = 32
    """Height and width of the images, in pixels."""
    nf: int = 128
    """Feature maps next to the image, in both networks; twice as many in each layer further in."""
    kernel: int = 5
    """Height and width of the convolutions: 5 as in the authors' code, or 4, which is faster."""
    steps: int = 50_000
    """Of the game: a move of D and a move of G."""
    batch_size: int = 128
    """Images a move."""
    learning_rate: float = 2e-4
    """Of both players' Adam."""
    one_pass: bool = False
    """Show D real and generated images in one batch: faster, but batch norm then sees the mixture."""
    reuse_samples: bool = False
    """Let G's move use the samples of D's move, as PyTorch's example does: faster, but no fresh noise."""
    limit: int | None = None
    """Take at most so many of the images, chosen at random."""
    skip_damaged: bool = False
    """Of a folder of pictures: leave out, by name, files that cannot be read, rather than stop."""
    held_out: int | None = None
    """Images to judge by, which are not trained on; if not given a tenth of them, at most 2,000."""
    seed: int = 0
    """Of the weights, the noise and the order of the data."""


QUICK = Settings(nf=4, kernel=4, steps=4, batch_size=20, limit=200)
CPU = Settings(nf=64, kernel=4, steps=3_000)
GPU = Settings()


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


@dataclass(frozen=True)
class Parts:
    """train: images to learn from. held_out: images to judge by; the same for every seed."""

    train: Images
    held_out: Images


def parts(settings: Settings) -> Parts:
    """The data in two parts. Raises ValueError where they are too few, and DataError where there are none."""
    images = open_data(settings.data, settings.size, limit=settings.limit, skip_damaged=settings.skip_damaged)
    n = min(2_000, len(images) // 10) if settings.held_out is None else settings.held_out
    if n < 2 or len(images) - n < settings.batch_size:
        raise ValueError(
            f"Of {len(images)} images {n} are held out, at least 2 of which are needed, and the others are to fill a "
            f"batch of {settings.batch_size}. Give more images, a smaller batch_size, or another held_out."
        )
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    return Parts(images.take(order[n:]), images.take(order[:n]))


def networks(settings: Settings, channels: int = 3) -> tuple[Generator, Discriminator]:
    """G and D for images of so many channels in [-1, 1]."""
    sizes = {"size": settings.size, "channels": channels, "nf": settings.nf, "kernel": settings.kernel}
    return Generator(**sizes), Discriminator(**sizes)


def plan(settings: Settings, device: torch.device) -> Plan:
    """The game on the larger part of the data, measured on the other."""
    data = parts(settings)
    channels = data.train.x.shape[1]
    generator, discriminator = networks(settings, channels)
    game = Game(
        generator,
        discriminator,
        d_terms={"real or fake": tell_apart},
        g_terms={"pass for real": non_saturating},
        d_optimizer=adam(discriminator, settings.learning_rate),
        g_optimizer=adam(generator, settings.learning_rate),
        one_pass=settings.one_pass,
        reuse_samples=settings.reuse_samples,
    )
    batches = Batches(data.train.x.to(device), batch_size=settings.batch_size, seed=settings.seed, scale_to=(-1, 1))
    judge = RandomFeatures(channels).to(device)
    real = data.held_out.scaled()

    def measure(generator: nn.Module, discriminator: nn.Module) -> dict[str, float]:
        samples = torch.cat([generator(generator.noise(len(part))).cpu() for part in real.split(500)])
        return {"held_out_frechet_random_features": frechet_classifier_distance(judge, real, samples).distance}

    return Plan(
        game,
        batches,
        image_range=(-1, 1),
        measure=measure,
        decides="held_out_frechet_random_features",
        lower_is_better=True,
        average=1.0,
    )


class RandomFeatures(nn.Module):
    """Images to 128 features, by two strided convolutions whose random weights are always the same.

    channels: of the images, which may be of any size from 8x8.
    """

    def __init__(self, channels: int):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            self.layers = nn.Sequential(
                nn.Conv2d(channels, 64, 4, 2, 1),
                nn.ReLU(),
                nn.Conv2d(64, 32, 4, 2, 1),
                nn.ReLU(),
                nn.AdaptiveAvgPool2d(2),
                nn.Flatten(),
            )

    def features(self, x: Float[Tensor, "batch channel height width"]) -> Float[Tensor, "batch 128"]:
        """How strongly each of 32 random patterns is present in each quarter of the image."""
        return self.layers(x)
