"""SGAN on MNIST, D and classifier in one network of N + 1 classes: the lecture's Table 1, from Odena 2016.

    gan-course reproduce sgan-mnist --labels 50 --seed 3
    gan-course train sgan-mnist --labels 50

Expected accuracy with 1000 / 100 / 50 / 25 labels: .965 / .895 / .859 / .750 of the classifier alone, and .964 / .928 /
.883 / .802 of the SGAN. Those are single runs, each the best of a random search over learning rates. Here one rate
serves for all, nothing is chosen by test digits, and a run is one seed with a line of its own in the ledger.
`reproduce` trains both networks, one after the other; the size cpu takes some ten minutes on two cores (estimated).

The classifier alone is the same network taught by the labelled digits only; G stands still. The paper does not say that
the labelled digits are balanced: here they are the first of a random order, save that each class has at least one. All
training digits are the SGAN's unlabelled data. Batch norm's running statistics mix labelled, unlabelled and
generated batches, so before D is asked they are set to the plain average over digits that it has learnt from.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from jaxtyping import Int
from torch import Tensor, nn

from course_lib.data import SemiSupervisedBatches, load
from course_lib.environment import by_size
from course_lib.game import Game
from course_lib.losses import non_saturating, supervised, tell_apart
from course_lib.metrics import average_batch_norm
from course_lib.metrics.passes import in_batches
from course_lib.models import dcgan
from course_lib.models.semi_supervised import SganDiscriminator
from course_lib.training.ledger import Outcome
from course_lib.training.optimizers import adam
from course_lib.training.plan import Plan, Training
from course_lib.training.run import train

PAPER = {
    "accuracy_cnn_1000_labels": "0.965",
    "accuracy_sgan_1000_labels": "0.964",
    "accuracy_cnn_100_labels": "0.895",
    "accuracy_sgan_100_labels": "0.928",
    "accuracy_cnn_50_labels": "0.859",
    "accuracy_sgan_50_labels": "0.883",
    "accuracy_cnn_25_labels": "0.750",
    "accuracy_sgan_25_labels": "0.802",
}


@dataclass(frozen=True)
class Settings:
    """What the training depends on."""

    labels: int = 100
    """Known ones in all, at least one of each class."""
    network: Literal["sgan", "cnn"] = "sgan"
    """What `train` trains: both players, or the classifier alone; `reproduce` trains the two in turn."""
    steps: int = 20_000
    """Moves of each player."""
    batch_size: int = 128
    """Of unlabelled and of generated digits; of labelled ones too, where there are so many."""
    learning_rate: float = 2e-4
    """Of both players' Adam."""
    nf: int = 64
    """Feature maps of both networks at 14x14; twice as many at 7x7."""
    seed: int = 0
    """Of the choice of labels, the weights, the noise and the order of the data."""


QUICK = Settings(labels=25, steps=4, batch_size=20, nf=4)
CPU = Settings(steps=2_000, nf=32)
GPU = Settings()


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


def first_labels(y: Int[Tensor, " n"], total: int, seed: int, classes: int = 10) -> Int[Tensor, " chosen"]:
    """The first `total` places of a random order of y, save that each class has at least one of them.

    With one seed a smaller choice is part of every larger one. Raises ValueError for a total below the number of
    classes or above that of the labels, and where a class has no example.
    """
    if not classes <= total <= len(y):
        raise ValueError(f"labels is {total}; choose {classes}, one of each class, to {len(y):,}.")
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    first_of_its_class = torch.zeros(len(y), dtype=torch.bool)
    for label in range(classes):
        places = (y[order] == label).nonzero()
        if len(places) == 0:
            raise ValueError(f"Class {label} has no example.")
        first_of_its_class[places[0]] = True
    return torch.cat([order[first_of_its_class], order[~first_of_its_class]])[:total]


def plan(settings: Settings, device: torch.device) -> Plan:
    """The game of N + 1 classes, or its D by itself. The test digits are looked at on the way, and choose nothing."""
    everything, test = load("mnist"), load("mnist", "test")
    known = everything.take(first_labels(everything.y, settings.labels, settings.seed))
    generator = dcgan.Generator(28, 1, settings.nf, start=7)
    discriminator = SganDiscriminator(28, 1, settings.nf, start=7)
    alone = settings.network == "cnn"

    game = Game(
        generator,
        discriminator,
        # Together these are the cross-entropy of N + 1 classes: D's logit is that of all N against the generated one.
        d_terms={"class": supervised} if alone else {"class": supervised, "real or fake": tell_apart},
        g_terms={"pass for real": non_saturating},
        d_optimizer=adam(discriminator, settings.learning_rate),
        g_optimizer=adam(generator, 0.0 if alone else settings.learning_rate),
    )
    batches = SemiSupervisedBatches(
        everything.x.to(device),
        known.x.to(device),
        known.y.to(device),
        batch_size=settings.batch_size,
        labelled_batch_size=min(settings.batch_size, settings.labels),
        seed=settings.seed,
        scale_to=(-1, 1),
    )
    learnt_from = known if alone else everything.take(torch.arange(min(5_000, len(everything))))
    test_x = test.scaled()

    def measure(generator: nn.Module, discriminator: nn.Module) -> dict[str, float]:
        average_batch_norm(discriminator, learnt_from.scaled().split(500))
        named = in_batches(discriminator, lambda x: discriminator(x).classes.argmax(1), test_x, 500)
        right = (named == test.y).double().mean().item()
        return {f"accuracy_{settings.network}_{settings.labels}_labels": right}

    return Plan(game, batches, image_range=(-1, 1), measure=measure)


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Train the classifier alone and the SGAN from the same labels, and test both."""
    folder, numbers, seconds = training.folder or Path("runs") / "sgan-mnist", {}, 0.0
    for network in ("cnn", "sgan"):
        own = replace(settings, network=network)
        trained = train("sgan-mnist", plan, own, replace(training, folder=folder / network))
        numbers |= trained.measures
        seconds += trained.seconds
    test, device = len(load("mnist", "test")), next(trained.discriminator.parameters()).device
    note = "" if test == 10_000 else f", embedded digits, {test:,} for testing"
    return Outcome(numbers, seconds, device, f"{settings.labels} labels{note}")
