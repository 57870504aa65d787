"""The DCGAN's five rules, each broken by itself: Radford et al. 2016, section 3, on digits of 28x28.

    gan-course train dcgan-rules
    gan-course reproduce dcgan-rules --broken "no batch norm" --seed 1

The paper states the rules and shows no table of what each is worth; this is ours. Every training has the same number of
steps, the same data in the same order and the same optimiser. A classifier of real digits then looks at 2,000 samples: is
each clearly a digit, and do all ten come? Networks and optimiser are the paper's, with fewer feature maps; no weights are
averaged. On two cores 1,000 steps with 32 feature maps take about a minute; with 64 three.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from course_lib.data import Batches, load
from course_lib.environment import by_size, device
from course_lib.game import Game
from course_lib.losses import non_saturating, tell_apart
from course_lib.metrics.classifier_score import classifier_score
from course_lib.metrics.passes import evaluating
from course_lib.models.classifier import Classifier, train_classifier
from course_lib.models.dcgan import Discriminator, Generator
from course_lib.training.ledger import Outcome
from course_lib.training.optimizers import adam
from course_lib.training.plan import Plan, Training
from course_lib.training.run import train
from course_lib.training.run_folder import draw

Broken = Literal[
    "nothing",
    "pooling",
    "no batch norm",
    "batch norm everywhere",
    "hidden layers",
    "tanh and sigmoid in G",
    "ReLU in D",
]
# For each broken rule what G and D are given in its place; the arguments are those of models.dcgan.
CHANGES: dict[str, tuple[dict, dict]] = {
    "nothing": ({}, {}),
    "pooling": ({"strided": False}, {"strided": False}),
    "no batch norm": ({"batch_norm": None}, {"batch_norm": None}),
    "batch norm everywhere": ({"norm_output": True}, {"norm_input": True}),
    "hidden layers": ({"hidden": (1024,)}, {"hidden": (1024,)}),
    "tanh and sigmoid in G": ({"activation": nn.Tanh, "output": nn.Sigmoid}, {}),
    "ReLU in D": ({}, {"activation": nn.ReLU}),
}
SAMPLES = 2_000
PAPER: dict[str, str] = {}


@dataclass(frozen=True)
class Settings:
    """What the training depends on."""

    broken: Broken = "nothing"
    """The rule that is broken, all others being kept."""
    nf: int = 64
    """Feature maps at 14x14, in both networks; twice as many at 7x7."""
    steps: int = 5_000
    """Of the game: a move of D and a move of G."""
    batch_size: int = 128
    """Digits a move."""
    learning_rate: float = 2e-4
    """Of both players' Adam."""
    judge_epochs: int = 5
    """Passes over the real digits of the classifier that judges."""
    seed: int = 0
    """Of the weights, the noise and the order of the data."""


QUICK = Settings(nf=4, steps=4, batch_size=20, judge_epochs=1)
CPU = Settings(nf=32, steps=1_000)
GPU = Settings()


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


def networks(settings: Settings) -> tuple[Generator, Discriminator]:
    """G and D for digits of 28x28 in [-1, 1] (in [0, 1], where G ends in a sigmoid), with one rule broken."""
    in_g, in_d = CHANGES[settings.broken]
    sizes = {"size": 28, "channels": 1, "nf": settings.nf, "start": 7}
    return Generator(**sizes, **in_g), Discriminator(**sizes, **in_d)


def plan(settings: Settings, device: torch.device) -> Plan:
    """The game on the training digits."""
    generator, discriminator = networks(settings)
    game = Game(
        generator,
        discriminator,
        d_terms={"real or fake": tell_apart},
        g_terms={"pass for real": non_saturating},
        d_optimizer=adam(discriminator, settings.learning_rate),
        g_optimizer=adam(generator, settings.learning_rate),
    )
    images = load("mnist")
    low = lowest(settings)
    batches = Batches(images.x.to(device), batch_size=settings.batch_size, seed=settings.seed, scale_to=(low, 1))
    return Plan(game, batches, image_range=(low, 1), average=1.0)


def lowest(settings: Settings) -> int:
    """The value of black: 0 where G ends in a sigmoid, and -1 otherwise. Real digits are scaled alike."""
    return 0 if settings.broken == "tanh and sigmoid in G" else -1


def judge_of(settings: Settings) -> Classifier:
    """The classifier that judges, fitted to the training digits; the same for every rule and seed."""
    return train_classifier(load("mnist"), epochs=settings.judge_epochs)


def numbers(judge: Classifier, samples: Tensor) -> dict[str, float]:
    """What the judge makes of 2,000 samples in [-1, 1]: their score, and how many are clearly of which class.

    classes_2k: classes of which at least one sample in a hundred is clearly one; clear_2k: share of samples whose
    likeliest class has probability .9 or more; largest_class_share_2k: of the commonest among those, .1 if all come alike.
    """
    with evaluating(judge):
        likely, which = judge(samples.to(device())).softmax(1).max(1)
    clear = which[likely >= 0.9]
    counts = clear.bincount(minlength=10)
    score = classifier_score(judge, samples)
    return score.record() | {
        "clear_2k": len(clear) / len(samples),
        "classes_2k": int((counts >= len(samples) / 100).sum()),
        "largest_class_share_2k": counts.max().item() / max(1, len(clear)),
    }


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Train with one rule broken, draw 2,000 digits and let the judge look at them."""
    trained = train("dcgan-rules", plan, settings, training)
    made = trained.plan
    samples = draw(trained.generator, made, SAMPLES).cpu() * 2 - 1
    where = next(trained.generator.parameters()).device
    few = "" if len(load("mnist")) == 60_000 else "; embedded digits"
    return Outcome(numbers(judge_of(settings), samples), trained.seconds, where, f"broken: {settings.broken}{few}")
