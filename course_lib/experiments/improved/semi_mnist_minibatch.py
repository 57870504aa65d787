"""Semi-supervised digits by K + 1 classes and minibatch discrimination: Salimans et al. 2016, section 6.1, Figure 3.

    gan-course train semi-mnist-minibatch --labels 4000
    gan-course reproduce semi-mnist-minibatch

The paper shows its samples, which people told from digits in 52.4 % of 2,000 votes, and gives no error of classes. The
authors' code for it is another recipe than that for feature matching: convolutions in place of dense layers, 100 kernels
of 5 numbers after D's features, three moves of G for each of D with the saturating loss, 400 labels of each class, Adam
at 3e-4 with its epsilon of 1e-8 inside the root, which falls to 0 over the last 200 of 500 passes. The code shows D
digits in [0, 1] beside a G that ends in tanh; here both are in [-1, 1]. The last weights count. At full size some days on
two cores, by calculation; at size cpu, with narrow networks, some ten minutes.
"""

from dataclasses import dataclass

import torch
from torch import nn

from course_lib.data import SemiSupervisedBatches, labels_per_class, load
from course_lib.environment import by_size
from course_lib.experiments.improved.semi_images import error_percent, some, start_from_data
from course_lib.game import Game
from course_lib.layers import MinibatchDiscrimination
from course_lib.losses import minimax, supervised, unlabelled
from course_lib.metrics.classifier_score import classifier_score
from course_lib.models.classifier import train_classifier
from course_lib.models.semi_supervised import ConvDiscriminator, ConvGenerator
from course_lib.training.ledger import Outcome
from course_lib.training.optimizers import EPSILON, adam
from course_lib.training.plan import Plan, Training
from course_lib.training.run import train
from course_lib.training.run_folder import draw
from course_lib.training.schedules import straight

SIZE = 28
PAPER: dict[str, str] = {}


@dataclass(frozen=True)
class Settings:
    """What the training depends on; the defaults are the code's."""

    labels: int = 4_000
    """Known ones in all, equally many of each class."""
    minibatch: bool = True
    """Whether D compares the images of a batch; without, everything else being the same, to see what that does."""
    steps: int = 300_000
    """Of the game: a move of D and three of G; 600 are one pass over the 60,000 unlabelled digits."""
    batch_size: int = 100
    """Of unlabelled, labelled and generated digits each."""
    learning_rate: float = 3e-4
    """Of both players' Adam, for the first three fifths of the steps; then it falls in a straight line to 0."""
    generator_width: int = 128
    """Feature maps of G before its output; twice as many in each of the two layers closer to z."""
    discriminator_width: int = 96
    """Feature maps of D's first three layers; twice as many in the other six."""
    kernels: int = 100
    """Of minibatch discrimination, of 5 numbers each."""
    samples: int = 2_000
    """Drawn at the end for the classifier score, in 10 splits."""
    judge_epochs: int = 5
    """Passes over the real digits of the classifier that judges samples."""
    seed: int = 0
    """Of the choice of labels, the weights, the noise and the order of the data."""


QUICK = Settings(
    labels=20,
    steps=4,
    batch_size=10,
    generator_width=4,
    discriminator_width=4,
    kernels=3,
    samples=100,
    judge_epochs=1,
)
CPU = Settings(labels=1_000, steps=1_000, batch_size=50, generator_width=16, discriminator_width=12, kernels=30)
GPU = Settings()


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


def plan(settings: Settings, device: torch.device) -> Plan:
    """The game of K + 1 classes. The test error is looked at on the way, and chooses nothing."""
    everything, test = load("mnist"), load("mnist", "test")
    known = everything.labelled(labels_per_class(settings.labels, len(everything.classes)), settings.seed)
    features = 2 * settings.discriminator_width
    discriminator = ConvDiscriminator(
        SIZE,
        1,
        settings.discriminator_width,
        len(everything.classes),
        input_noise=0.2,
        minibatch=MinibatchDiscrimination(features, settings.kernels, 5) if settings.minibatch else None,
    )
    generator = ConvGenerator(SIZE, 1, settings.generator_width)
    start_from_data(discriminator, discriminator.output, some(everything, 500))
    start_from_data(generator, generator.output[0], generator.noise(500))
    constant = 3 * settings.steps // 5
    falling = straight(settings.learning_rate, 0.0, after=constant, steps=settings.steps - constant)
    d_optimizer, g_optimizer = (
        adam(network, settings.learning_rate, schedule=falling, eps=EPSILON) for network in (discriminator, generator)
    )
    game = Game(
        generator,
        discriminator,
        d_terms={"class": supervised, "real or fake": unlabelled},
        g_terms={"pass for real": minimax},
        d_optimizer=d_optimizer,
        g_optimizer=g_optimizer,
        g_steps=3,
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
        return {f"test_error_{settings.labels}_labels_percent": error_percent(discriminator, test)}

    return Plan(game, batches, image_range=(-1, 1), measure=measure)


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Train, count D's errors on the test digits, and let a classifier of real digits judge G's samples."""
    trained = train("semi-mnist-minibatch", plan, settings, training)
    samples = 2 * draw(trained.generator, trained.plan, settings.samples) - 1
    judge = train_classifier(load("mnist"), epochs=settings.judge_epochs)
    numbers = dict(trained.measures) | classifier_score(judge, samples).record()
    note = f"{settings.labels} labels, {'with' if settings.minibatch else 'without'} minibatch discrimination"
    if len(load("mnist")) < 60_000:
        note += "; embedded digits"
    return Outcome(numbers, trained.seconds, samples.device, note)
