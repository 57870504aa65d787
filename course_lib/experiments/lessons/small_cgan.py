"""The conditional GAN of lesson 06, in seconds on a laptop: told, kept from D, concatenated; several seeds of each.

    gan-course reproduce small-cgan
    gan-course reproduce small-cgan --variant told --seeds 1

After Mirza and Osindero 2014, section 4.1, on the embedded digits averaged to 14x14. Beside fewer units: dropout in D
alone, batch norm in G, Adam with a rate that falls to zero, a real target of 0.9, and wider starting weights in D.
Each training is a record of its own in the ledger, and lesson 06 draws its bands from them (`records.recorded`). With one
thread some 20 seconds a training, so that the default takes 7 minutes.
"""

from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice
from time import perf_counter

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from course_lib.data import Batches, Images, embedded_digits
from course_lib.environment import by_size, seed
from course_lib.experiments.digits import Digits, unit
from course_lib.game import Game, play
from course_lib.losses import non_saturating, tell_apart
from course_lib.metrics import classifier_accuracy, parzen
from course_lib.metrics.passes import evaluating, thousands
from course_lib.models import cgan
from course_lib.models.classifier import Classifier, train_classifier
from course_lib.models.initialise import uniform_
from course_lib.training.checkpoint import undisturbed
from course_lib.training.ledger import Outcome
from course_lib.training.plan import Training
from course_lib.training.schedules import scheduled, straight
from course_lib.verdict import Verdict

PAPER: dict[str, str] = {}
SHAPE = (1, 14, 14)
VARIANTS = ("told", "not-told", "concatenated", "one-label")


@dataclass(frozen=True)
class Settings:
    """Which game, and what its training depends on."""

    variant: str = "all"
    """told: both players hear the label. not-told: D always hears 0. concatenated: told, the label put beside z and
    beside the pixels. one-label: all labels are 0. all: the four in turn."""
    steps: int = 1_200
    """Moves of each player."""
    batch_size: int = 64
    """Digits a move."""
    learning_rate: float = 2e-3
    """Of both players' Adam; over the second half of the steps it falls to zero."""
    label_weights: float = 0.5
    """D's weights on the label start in U(-label_weights, label_weights)."""
    seeds: int = 5
    """How many trainings of each variant, with the seeds from `seed` on."""
    seed: int = 0
    """Of the weights, the noise and the order of the data."""

    def __post_init__(self):
        if self.variant not in (*VARIANTS, "all"):
            raise ValueError(f"variant is '{self.variant}'. Choose {', '.join(VARIANTS)} or all.")


QUICK = Settings(steps=30, seeds=1)
CPU = Settings()
GPU = Settings()


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


@cache
def digits() -> Digits:
    """The 5,000 embedded digits in three parts, every 2 x 2 pixels averaged."""

    def halved(images: Images) -> Images:
        return replace(images, x=avg_pool2d(images.x.float(), 2).round().to(torch.uint8))

    both = halved(embedded_digits("train"))
    return Digits(
        both.take(torch.arange(3_500)), both.take(torch.arange(3_500, 4_000)), halved(embedded_digits("test"))
    )


class NotTold(nn.Module):
    """A discriminator that passes on label 0, whatever it is told."""

    def __init__(self, discriminator: nn.Module):
        super().__init__()
        self.discriminator = discriminator

    def forward(self, x: Float[Tensor, "batch ..."], y: Tensor) -> Verdict:
        """D's verdict on x as if every label were 0."""
        return self.discriminator(x, torch.zeros_like(y))


def build(settings: Settings) -> Game:
    """The paper's two networks made small, and what plays them."""
    seed(settings.seed)
    classes, at_once = 1 if settings.variant == "one-label" else 10, settings.variant == "concatenated"
    mean = unit(digits().train).mean(0)
    G = cgan.Generator(50, classes, (100, 50), 256, SHAPE, dropout=0.0, at_once=at_once, marginals=mean)
    G.joint[1].insert(1, nn.BatchNorm1d(256))  # between the joint layer and its ReLU
    D = cgan.Discriminator(SHAPE, classes, (64, 32), 64, dropout=0.3, at_once=at_once)
    start_wide_(D, settings.label_weights)
    D = NotTold(D) if settings.variant == "not-told" else D
    return Game(
        G,
        D,
        d_terms={"real or fake": partial(tell_apart, real_target=0.9)},
        g_terms={"pass for real": non_saturating},
        d_optimizer=settling_adam(D, settings),
        g_optimizer=settling_adam(G, settings),
        one_pass=True,
        reuse_samples=True,
    )


def start_wide_(D: cgan.Discriminator, label_weights: float) -> None:
    """D's weights in U(-0.05, 0.05), ten times wider than the paper's, and wider still those on the label."""
    uniform_(D, 0.05)
    joined = isinstance(D.hidden, cgan.AtOnce)
    of_label = D.hidden.layer.linear.weight[:, -D.classes :] if joined else D.hidden.second.linear.weight
    with torch.no_grad():
        of_label.uniform_(-label_weights, label_weights)


def settling_adam(network: nn.Module, settings: Settings) -> torch.optim.Adam:
    """Adam with a rate that is constant for half of the steps and then falls to zero."""
    rate, half = settings.learning_rate, settings.steps // 2
    optimizer = torch.optim.Adam(network.parameters(), lr=rate, betas=(0.5, 0.999), fused=True)
    return scheduled(optimizer, rate=straight(rate, 0.0, steps=settings.steps - half, after=half))


def moments(steps: int) -> list[int]:
    """The six steps after which obedience is measured; the last is the last."""
    return [max(1, steps * i // 6) for i in range(1, 7)]


def made(generator: nn.Module, y: Tensor) -> Float[Tensor, "n 1 14 14"]:
    """G(z|y) for labels y (n,), each with noise of its own: images in [0, 1]."""
    with evaluating(generator):
        return generator(generator.noise(len(y)), y)


def share_obeyed(judge: Classifier, generator: nn.Module, n: int = 1_000) -> float:
    """The share of n images that the judge reads as the label they were made for."""
    y = torch.arange(n) % 10  # one y: the generator is asked for it, the judge compared with it
    return classifier_accuracy(judge, 2 * made(generator, y % generator.classes) - 1, y)


def play_through(game: Game, settings: Settings, judge: Classifier) -> list[float]:
    """Play all steps; "label gives digit" at six moments. Looking does not change what is played."""
    train, shares = digits().train, []
    labels = train.y % game.generator.classes
    batches = Batches(unit(train), labels, batch_size=settings.batch_size, seed=settings.seed, conditional=True)
    for step, _ in islice(play(game, batches), settings.steps):
        if step in moments(settings.steps):
            with undisturbed(settings.seed):
                shares.append(share_obeyed(judge, game.generator))
    return shares


def reproduce(settings: Settings, training: Training) -> list[Outcome]:
    """Train each variant with each seed; an outcome each. Nothing is kept but the numbers."""
    data, found = digits(), []
    judge = train_classifier(data.train, epochs=by_size(quick=1, cpu=6), width=8).cpu()
    for variant in VARIANTS if settings.variant == "all" else (settings.variant,):
        for number in range(settings.seed, settings.seed + settings.seeds):
            own, begun = replace(settings, variant=variant, seed=number, seeds=1), perf_counter()
            game = build(own)
            shares = play_through(game, own, judge)
            seconds = perf_counter() - begun
            y = torch.arange(by_size(quick=100, cpu=10_000)) % game.generator.classes
            estimate = parzen(made(game.generator, y), unit(data.validation), unit(data.test))
            numbers = {f"parzen_ll_{thousands(len(y))}_14x14": estimate.mean}
            if variant != "one-label":
                steps = moments(own.steps)
                numbers |= {f"label_gives_digit_1k_step_{s}": share for s, share in zip(steps, shares, strict=True)}
            found.append(Outcome(numbers, seconds, torch.device("cpu"), f"{variant}; {data.note} of 14x14", own))
    return found
