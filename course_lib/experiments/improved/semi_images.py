"""Semi-supervised colour images by K + 1 classes and feature matching: what semi_cifar10 and semi_svhn share.

Salimans et al. 2016, sections 6.2 and 6.3, by the authors' code: D of nine convolutions with weight norm and dropout, G
by the mean absolute difference of D's mean features, Adam with its epsilon of 1e-8 inside the root, and a learning rate
that is constant for two thirds of the passes and then falls to 0 in a straight line (there from pass to pass, here from
step to step). Both networks start from data, with outputs of standard deviation 0.1 before tanh and softmax. All
training images are unlabelled data, so nothing is held out: the last weights count, and the test looks at averaged
weights of D.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.data import Images, SemiSupervisedBatches, labels_per_class, open_data
from course_lib.game import Game
from course_lib.layers import initialise_from_data
from course_lib.losses import feature_matching_absolute, supervised, unlabelled
from course_lib.metrics.passes import in_batches
from course_lib.models.semi_supervised import ConvDiscriminator, ConvGenerator
from course_lib.training.ledger import Outcome
from course_lib.training.optimizers import EPSILON, adam
from course_lib.training.plan import Plan, Training
from course_lib.training.run import train
from course_lib.training.schedules import straight

SIZE = 32


@runtime_checkable
class FromFolders(Protocol):
    """Settings that name images."""

    data: str
    skip_damaged: bool


@dataclass(frozen=True)
class Settings:
    """What the training depends on; the defaults are the paper's for CIFAR-10."""

    data: str = "cifar10"
    """Labelled images with a test split: cifar10, svhn, emoji or folder:PATH; brought to 32x32."""
    skip_damaged: bool = False
    """Of a folder of pictures: leave out, by name, files that cannot be read, rather than stop."""
    labels: int = 4_000
    """Known ones in all, equally many of each class."""
    steps: int = 600_000
    """Moves of each player; a pass, in which D sees as many images as there are, is 500 for CIFAR-10 and 732 for SVHN."""
    batch_size: int = 100
    """Of unlabelled, labelled and generated images each."""
    learning_rate: float = 3e-4
    """Of both players' Adam, for the first two thirds of the steps."""
    generator_width: int = 128
    """Feature maps of G before its output; twice as many in each of the two layers closer to z."""
    discriminator_width: int = 96
    """Feature maps of D's first three layers; twice as many in the other six."""
    seed: int = 0
    """Of the choice of labels, the weights, the noise and the order of the data."""


def plan(settings: Settings, device: torch.device) -> Plan:
    """The game of K + 1 classes. The test error is looked at on the way, and chooses nothing."""
    everything, test = images_with_classes(settings), images_with_classes(settings, "test")
    per_class = labels_per_class(settings.labels, len(everything.classes))
    known = everything.labelled(per_class, settings.seed)
    channels = everything.x.shape[1]
    discriminator = ConvDiscriminator(SIZE, channels, settings.discriminator_width, len(everything.classes))
    generator = ConvGenerator(SIZE, channels, settings.generator_width)
    start_from_data(discriminator, discriminator.output, some(everything, 500))
    start_from_data(generator, generator.output[0], generator.noise(500))
    game = Game(
        generator,
        discriminator,
        d_terms={"class": supervised, "real or fake": unlabelled},
        g_terms={"match": feature_matching_absolute},
        d_optimizer=adam_that_falls_late(discriminator, settings.learning_rate, settings.steps),
        g_optimizer=adam_that_falls_late(generator, settings.learning_rate, settings.steps),
    )
    batches = SemiSupervisedBatches(
        everything.x.to(device),
        known.x.to(device),
        known.y.to(device),
        batch_size=settings.batch_size,
        seed=settings.seed,
        scale_to=(-1, 1),
    )

    def measure(generator: nn.Module, discriminator: nn.Module) -> dict[str, float]:
        return {number(settings): error_percent(discriminator, test)}

    return Plan(game, batches, image_range=(-1, 1), measure=measure, average=1e-4)


def adam_that_falls_late(network: nn.Module, learning_rate: float, steps: int) -> torch.optim.Optimizer:
    """The code's Adam, at `learning_rate` for two thirds of the steps, after which it falls to 0 in a straight line.

    That is the factor min(3 - e / 400, 1) of 1,200 passes e over CIFAR-10, and min(3 - e / 300, 1) of 900 over SVHN.
    """
    constant = 2 * steps // 3
    falling = straight(learning_rate, 0.0, after=constant, steps=steps - constant)
    return adam(network, learning_rate, schedule=falling, eps=EPSILON)


def images_with_classes(settings: FromFolders, split: str = "train") -> Images:
    """A split of the images that settings name, at 32x32; raises ValueError where their classes are not known."""
    images = open_data(settings.data, SIZE, split=split, skip_damaged=settings.skip_damaged)
    if not images.classes:
        raise ValueError(
            f"The classes of the images in {settings.data} are not known. Put each class into a folder of its own."
        )
    return images


def some(images: Images, n: int) -> Float[Tensor, "few channel height width"]:
    """At most n of the images, chosen at random, in [-1, 1]: some packs lie in the order of their classes."""
    return images.take(torch.randperm(len(images))[:n]).scaled()


def start_from_data(network: nn.Module, output: nn.Module, x: Float[Tensor, "n ..."]) -> None:
    """Data-dependent initialisation, after which the output layer gives mean 0 and standard deviation 0.1."""
    initialise_from_data(network, x)
    with torch.no_grad():
        output.parametrizations.weight[0].g.mul_(0.1)
        output.bias.mul_(0.1)


def number(settings: Settings) -> str:
    """The name of the test error in the ledger."""
    return f"test_error_{settings.labels}_labels_percent"


def error_percent(discriminator: nn.Module, images: Images) -> float:
    """Share of the images whose class D does not name, in percent, in evaluation mode."""

    def predict(x: Tensor) -> Tensor:
        return discriminator(x.float() / 127.5 - 1).classes.argmax(1)

    wrong = in_batches(discriminator, predict, images.x, 500) != images.y
    return 100 * wrong.double().mean().item()


def reproduce(name: str, papers_data: str, settings: Settings, training: Training) -> Outcome:
    """Train with one label subset, and count the errors of the averaged D on the test images."""
    trained = train(name, plan, settings, training)
    note = f"{settings.labels} labels"
    if settings.data != papers_data:
        n_train, n_test = (len(images_with_classes(settings, split)) for split in ("train", "test"))
        note += (
            f"; {settings.data}, {n_train:,} images for training and {n_test:,} for testing, in place of {papers_data}: "
            "not comparable with published numbers"
        )
    return Outcome(trained.measures, trained.seconds, next(trained.discriminator.parameters()).device, note)
