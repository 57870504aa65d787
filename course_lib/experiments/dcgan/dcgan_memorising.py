"""Are samples copies? How far samples and unseen digits lie from the training digits. Radford et al. 2016, section 6.

    gan-course reproduce dcgan-memorising

The paper makes no search for nearest neighbours, as small changes of an image fool them. Here both halves are measured,
on MNIST: how often the nearest digit to a test digit changes, in pixels and in D's pooled features, where the test
digit is moved by a pixel or two; and whether samples of the DCGAN that comes with the course lie nearer to its 60,000
training digits than test digits do. The second says nothing of copies that were changed a little, which is why the
first stands beside it. On one core about three minutes.
"""

import time
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.data import load
from course_lib.environment import by_size
from course_lib.experiments.dcgan.shipped import shipped
from course_lib.metrics.linear_probe import conv_features
from course_lib.metrics.nearest_neighbour import nearest
from course_lib.training.ledger import Outcome
from course_lib.training.plan import Training

PAPER: dict[str, str] = {}


@dataclass(frozen=True)
class Settings:
    """What is measured."""

    samples: int = 10_000
    """Of the generator, and as many test digits at most."""
    moved: int = 1_000
    """Training digits that are moved by a pixel or two and looked up again."""
    seed: int = 0
    """Of the samples."""


QUICK = Settings(samples=20, moved=20)
CPU = Settings(samples=1_000, moved=500)
GPU = Settings()


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


def shifted(
    x: Float[Tensor, "n channel height width"], right: int, down: int
) -> Float[Tensor, "n channel height width"]:
    """Images moved by so many pixels; what comes in at the edge is black, -1."""
    moved = torch.full_like(x, -1)
    height, width = x.shape[2:]
    to_y, to_x = slice(max(0, down), height + min(0, down)), slice(max(0, right), width + min(0, right))
    from_y, from_x = slice(max(0, -down), height - max(0, down)), slice(max(0, -right), width - max(0, right))
    moved[:, :, to_y, to_x] = x[:, :, from_y, from_x]
    return moved


def found_again(
    originals: Float[Tensor, "n ..."], copies: Float[Tensor, "n ..."], others: Float[Tensor, "m ..."]
) -> float:
    """Share of copies whose nearest, of all originals and others, is their own original."""
    index = nearest(copies, torch.cat([originals, others])).index
    return (index.cpu() == torch.arange(len(copies))).double().mean().item()


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Measure both. Nothing of `training` matters: this runs on the CPU, in one go."""
    began = time.perf_counter()
    train, test = load("mnist").scaled(), load("mnist", "test").scaled()
    with torch.random.fork_rng(devices=[]):
        generator, discriminator = shipped("digits")
        torch.manual_seed(settings.seed)
        with torch.no_grad():
            samples = torch.cat([generator(part) for part in generator.noise(settings.samples).split(500)])
    numbers = {}
    to_samples = nearest(samples, train).distance
    to_test = nearest(test[: settings.samples], train).distance
    numbers["median_distance_samples"] = to_samples.median().item()
    numbers["median_distance_test"] = to_test.median().item()
    # One in a hundred of honest digits lies nearer than this; of a generator that copies, many would.
    numbers["nearer_than_1_percent_of_test_percent"] = (
        100 * (to_samples < to_test.quantile(0.01)).double().mean().item()
    )
    originals, others = train[: settings.moved], train[settings.moved :][:9_000]
    described = [conv_features(discriminator, part) for part in (originals, others)]
    for pixels in (1, 2):
        copies = shifted(originals, pixels, pixels)
        numbers[f"found_again_moved_{pixels}_pixels_percent"] = 100 * found_again(originals, copies, others)
        numbers[f"found_again_moved_{pixels}_features_percent"] = 100 * found_again(
            described[0], conv_features(discriminator, copies), described[1]
        )
    note = f"{len(train):,} training digits, {len(to_test):,} test digits; moved ones among {len(originals) + len(others):,}"
    return Outcome(numbers, time.perf_counter() - began, torch.device("cpu"), note)
