"""Semi-supervised digits by K + 1 classes and feature matching: Salimans et al. 2016, Table 1.

    gan-course train semi-mnist --labels 100 --seed 3
    gan-course reproduce semi-mnist --labels 100

Expected errors of 10,000, over ten random label subsets: 1677 +- 452 with 20 labels, 221 +- 136 with 50, 93 +- 6.5
with 100, 90 +- 4.2 with 200. The authors' code: weight-normalised D with Gaussian noise, Adam with its epsilon of
1e-8 inside the root, 300 passes over the 60,000 unlabelled digits; the test looks at averaged weights of D. One run
is one label subset: the ledger has a line for each seed. All 60,000 training digits are unlabelled data, as in the
code, so nothing is held out and the last weights count. About 20 s a pass on two cores.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.data import Images, SemiSupervisedBatches, labels_per_class, load
from course_lib.environment import by_size
from course_lib.experiments.digits import unit
from course_lib.game import Game
from course_lib.layers import MinibatchDiscrimination, initialise_from_data
from course_lib.losses import feature_matching, minimax, supervised, unlabelled, weighted
from course_lib.models.semi_supervised import DenseDiscriminator, DenseGenerator
from course_lib.training.ledger import Outcome
from course_lib.training.optimizers import EPSILON, adam
from course_lib.training.plan import Plan, Training
from course_lib.training.run import train

# Small products of matrices: in bfloat16 more time goes into turning weights into it than is gained.
TRAINING = Training(precision="tf32")
PAPER = {
    "test_errors_20_labels": "1677 ± 452",
    "test_errors_50_labels": "221 ± 136",
    "test_errors_100_labels": "93 ± 6.5",
    "test_errors_200_labels": "90 ± 4.2",
}


@dataclass(frozen=True)
class Settings:
    """What the training depends on."""

    labels: int = 100
    """Known ones in all, equally many of each class."""
    technique: Literal["feature-matching", "minibatch-discrimination"] = "feature-matching"
    """What G learns by. Minibatch discrimination has 3 moves of G for each of D, and the saturating loss, and is here to
    compare on the same networks; the code's own recipe for it is semi-mnist-minibatch."""
    steps: int = 180_000
    """Of the game; 600 are one pass over the 60,000 unlabelled digits."""
    batch_size: int = 100
    """Of unlabelled, labelled and generated digits each."""
    learning_rate: float = 3e-3
    """Of both players' Adam."""
    generator_units: tuple[int, ...] = (500, 500)
    """Widths of G's hidden layers."""
    discriminator_units: tuple[int, ...] = (1000, 500, 250, 250, 250)
    """Widths of D's hidden layers."""
    seed: int = 0
    """Of the choice of labels, the weights, the noise and the order of the data."""


QUICK = Settings(labels=20, steps=4, batch_size=20, generator_units=(16,), discriminator_units=(16, 16))
CPU = Settings(steps=6_000)
GPU = Settings()


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


@dataclass(frozen=True)
class Data:
    """All training digits and all test digits in [0, 1], on a device; and as they were loaded, the former."""

    x: Float[Tensor, "train 1 28 28"]
    test_x: Float[Tensor, "test 1 28 28"]
    test_y: Int[Tensor, " test"]
    everything: Images


def data(device: torch.device) -> Data:
    """The digits, full MNIST where it is. Many games can share them."""
    everything, test = load("mnist"), load("mnist", "test")
    return Data(unit(everything).to(device), unit(test).to(device), test.y.to(device), everything)


def plan(settings: Settings, device: torch.device) -> Plan:
    """The game of K + 1 classes. The test errors are looked at on the way, and choose nothing."""
    return plan_with(data(device), settings, device)


def plan_with(data: Data, settings: Settings, device: torch.device) -> Plan:
    """`plan` on digits that are there already."""
    everything = data.everything
    known = everything.labelled(labels_per_class(settings.labels, len(everything.classes)), settings.seed)
    matching = settings.technique == "feature-matching"
    last = settings.discriminator_units[-1]
    discriminator = DenseDiscriminator(
        hidden=settings.discriminator_units, minibatch=None if matching else MinibatchDiscrimination(last, 100, 5)
    )
    initialise_from_data(discriminator, data.x[:500].cpu())
    generator = DenseGenerator(hidden=settings.generator_units)

    d_optimizer, g_optimizer = (
        adam(network, settings.learning_rate, eps=EPSILON) for network in (discriminator, generator)
    )
    game = Game(
        generator,
        discriminator,
        d_terms={"class": supervised, "real or fake": unlabelled},
        # The code's mean over units is the paper's sum over them, divided by how many there are.
        g_terms={"match": weighted(feature_matching, 1 / last)} if matching else {"pass for real": minimax},
        d_optimizer=d_optimizer,
        g_optimizer=g_optimizer,
        g_steps=1 if matching else 3,
        one_pass=matching,  # D has no batch norm, so that one pass over all three kinds of digits gives what three give
    )
    batches = SemiSupervisedBatches(
        data.x, unit(known).to(device), known.y.to(device), batch_size=settings.batch_size, seed=settings.seed
    )

    def measure(generator: nn.Module, discriminator: nn.Module) -> dict[str, float]:
        wrong = (discriminator(data.test_x).classes.argmax(1) != data.test_y).sum().item()
        return {errors_name(settings.labels, data): wrong, "test_images": len(data.test_y)}

    return Plan(game, batches, image_range=(0, 1), measure=measure, average=1e-4)


def errors_name(labels: int, data: Data) -> str:
    """What the number of errors is called.

    The paper's are of 10,000; those of fewer images bear another name, so that they are not set beside them.
    """
    of = "" if len(data.test_y) == 10_000 else f"of_{len(data.test_y)}_"
    return f"test_errors_{of}{labels}_labels"


def note(labels: int, tested: int, *more: str) -> str:
    """For a record: how many labels, and what a reader of the errors must know besides."""
    fewer = () if tested == 10_000 else (f"embedded digits, errors of {tested:,} and not of 10,000",)
    return "; ".join([f"{labels} labels", *fewer, *more])


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Train with one label subset and count the errors of the averaged D on the test images."""
    trained = train("semi-mnist", plan, settings, training)
    device = next(trained.discriminator.parameters()).device
    said = note(settings.labels, int(trained.measures["test_images"]))
    return Outcome(trained.measures, trained.seconds, device, said, settings=settings)
