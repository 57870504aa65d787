"""Digits of 28x28 by their label, small enough to come with the course: the game of Mirza and Osindero 2014, Figure 2.

    gan-course reproduce cgan-digits
    cp runs/cgan-digits/cgan_digits.safetensors course_lib/experiments/cgan/

The paper's own networks need hours on a laptop, and their weights 10 MB. These are the convolutional ones of Radford et
al. 2016, appendix A.1, with a quarter of the feature maps, trained by Adam at a rate that falls to zero. `trained()`
gives the generator that lesson 06 shows: its weights, in 16 bits, are the file beside this module, which the command
above makes. Its numbers, and how often a classifier of real digits reads the label that was asked for, are in the
ledger. With one thread of a busy two-core machine, on full MNIST, some 25 minutes.
"""

from dataclasses import dataclass
from pathlib import Path

import torch

from course_lib.data import Batches
from course_lib.environment import by_size
from course_lib.experiments.cgan.cgan_mnist_parzen import label_gives_digit
from course_lib.experiments.digits import digits
from course_lib.game import Game
from course_lib.losses import non_saturating, tell_apart
from course_lib.metrics import classifier_accuracy
from course_lib.metrics.passes import thousands
from course_lib.models import conditional_dcgan
from course_lib.models.classifier import train_classifier
from course_lib.training.ledger import Outcome
from course_lib.training.optimizers import adam
from course_lib.training.plan import Plan, Training
from course_lib.training.run import train
from course_lib.training.run_folder import draw
from course_lib.training.schedules import straight
from course_lib.training.weights import Weights, load_weights, save_weights

PAPER: dict[str, str] = {}
FILE = Path(__file__).with_suffix(".safetensors")


@dataclass(frozen=True)
class Settings:
    """What the training depends on, and by how many samples it is judged."""

    steps: int = 10_000
    """Of the game: a move of each player. The learning rate falls to zero over the second half of them."""
    batch_size: int = 64
    """Digits a move."""
    learning_rate: float = 5e-4
    """Of both players' Adam, in the first half."""
    nf: int = 16
    """Feature maps at 14x14 in both networks; twice as many at 7x7."""
    units: int = 128
    """Of the fully connected layer of both networks."""
    samples: int = 10_000
    """That a classifier of real digits reads, equally many of each label."""
    judge_epochs: int = 3
    """Passes of that classifier."""
    seed: int = 0
    """Of the weights, the noise and the order of the data."""


QUICK = Settings(steps=4, batch_size=20, nf=2, units=8, samples=50, judge_epochs=1)
CPU = Settings()
GPU = Settings(steps=20_000)


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


def plan(settings: Settings, device: torch.device) -> Plan:
    """The conditional game on MNIST's first 50,000 digits; nothing is chosen, the last weights are kept."""
    data = digits().train
    generator = conditional_dcgan.Generator(units=settings.units, nf=settings.nf)
    discriminator = conditional_dcgan.Discriminator(units=settings.units, nf=settings.nf)
    half = settings.steps // 2
    schedule = straight(settings.learning_rate, 0.0, steps=settings.steps - half, after=half)
    d_optimizer, g_optimizer = (
        adam(network, settings.learning_rate, schedule=schedule) for network in (discriminator, generator)
    )
    game = Game(
        generator,
        discriminator,
        d_terms={"real or fake": tell_apart},
        g_terms={"pass for real": non_saturating},
        d_optimizer=d_optimizer,
        g_optimizer=g_optimizer,
        reuse_samples=True,
    )
    batches = Batches(
        data.x.to(device),
        data.y.to(device),
        batch_size=settings.batch_size,
        seed=settings.seed,
        conditional=True,
        scale_to=(0, 1),
    )
    return Plan(game, batches, image_range=(0, 1), classes=10, average=1.0)


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Train, ask a classifier of real digits what each sample shows, and write G's weights into the run's folder."""
    done, data = train("cgan-digits", plan, settings, training), digits()
    ship(done.generator, done.step, done.folder / FILE.name)
    samples = draw(done.generator, done.plan, settings.samples)
    judge = train_classifier(data.train, epochs=settings.judge_epochs, seed=settings.seed)
    numbers = {
        f"label_gives_digit_{thousands(settings.samples)}": label_gives_digit(judge, samples),
        "judge_test_accuracy": classifier_accuracy(judge, data.test.scaled(), data.test.y),
    }
    return Outcome(numbers, done.seconds, samples.device, data.note)


def ship(generator: conditional_dcgan.Generator, step: int, file: Path = FILE) -> None:
    """Write the weights with 16 bits each: half the bytes, and no pixel that an eye could tell apart."""
    tensors = {
        f"generator.{name}": value.half() if value.is_floating_point() else value
        for name, value in generator.state_dict().items()
    }
    save_weights(file, Weights(tensors, step, {}))


def trained(file: Path = FILE) -> conditional_dcgan.Generator:
    """The generator that comes with the course: noise (n, 100) and labels (n,) to digits in [0, 1], in evaluation mode.

    Its sizes are read from the weights. Raises Damaged where the file is not what was written.
    """
    weights = {
        name: value.float() if value.is_floating_point() else value
        for name, value in load_weights(file).of("generator").items()
    }
    units, nf = weights["blocks.0.0.weight"].shape[0], weights["blocks.2.0.weight"].shape[1]
    generator = conditional_dcgan.Generator(units=units, nf=nf)
    generator.load_state_dict(weights)
    return generator.eval()
