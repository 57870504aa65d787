"""What D's features are worth where labels are few, on MNIST: Radford et al. 2016, section 5, in small.

    gan-course reproduce dcgan-digits-features

The paper has CIFAR-10 (Table 1) and SVHN (Table 2) and no such table for digits; this is ours, with its baselines. D is
that of the DCGAN that comes with the course, which saw all 60,000 training digits and not one label. A linear
L2-SVM is told the labels of a few of the first 50,000: on D's pooled features, on those of the same network with its
random initial weights, on k-means features of patches, as many, and on pixels. Beside them, a supervised network of
D's architecture, trained on the same few, best of a random search. C and the search are decided by digits of the last
10,000 and the first choice of labels, and kept for the others. On one core about ten minutes.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import mean, stdev

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from course_lib.data import Batches, Images, labels_per_class
from course_lib.environment import by_size, device
from course_lib.experiments.dcgan.shipped import shipped
from course_lib.experiments.digits import digits
from course_lib.metrics.linear_probe import average_batch_norm, conv_features, linear_probe
from course_lib.metrics.passes import in_batches
from course_lib.metrics.patch_features import PatchFeatures
from course_lib.models.dcgan import Discriminator
from course_lib.training.ledger import Outcome
from course_lib.training.plan import Training

PAPER: dict[str, str] = {}
CS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)  # wider than the paper's: pixels and features are of different sizes
COUNTS = (100, 300, 1_000)


@dataclass(frozen=True)
class Settings:
    """What the comparison depends on."""

    subsets: int = 10
    """Random choices of the labels, at least two."""
    validation: int = 10_000
    """Digits by which C and the random search are decided, of the last 10,000 of the training file."""
    trials: int = 64
    """Of the random search; the paper has 64."""
    test: int = 10_000
    """Test digits, the first."""
    centroids: int = 192
    """Of the k-means features, 16 features each; 192 make as many features as D has."""
    nf: int = 64
    """Feature maps of the random and of the supervised network next to the image; the trained one has 64."""
    seed: int = 0
    """Of the random weights, of k-means, of the search and of the choice of labels."""


QUICK = Settings(subsets=2, validation=50, trials=2, test=50, centroids=8, nf=4)
CPU = Settings(subsets=5, validation=2_000, trials=12)
GPU = Settings()


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Accuracy in percent for each kind of features and each count of labels. Nothing of `training` matters."""
    if settings.subsets < 2 or settings.trials < 1:
        raise ValueError(f"subsets is {settings.subsets} and trials {settings.trials}; give at least 2 and 1.")
    began, data = time.perf_counter(), digits()
    validation = data.validation.take(torch.arange(min(settings.validation, len(data.validation))))
    test = data.test.take(torch.arange(min(settings.test, len(data.test))))
    numbers: dict[str, float] = {}
    for name, features in kinds(data.train, settings):
        on_validation, on_test = ((features(part.scaled()), part.y) for part in (validation, test))
        for labels in COUNTS:
            chosen = choices(data.train, labels, settings)
            probes = []
            for images in chosen:
                grid = (probes[0].C,) if probes else CS
                probes.append(linear_probe((features(images.scaled()), images.y), on_validation, on_test, Cs=grid))
            numbers |= summary(name, labels, [probe.accuracy for probe in probes]) | {
                f"C_{name}_{labels}_labels": probes[0].C
            }
    for labels in COUNTS:
        found = search(choices(data.train, labels, settings), validation, test, settings)
        numbers |= summary("supervised", labels, found)
    note = f"{len(test):,} test digits, {len(validation):,} to decide by"
    return Outcome(
        numbers, time.perf_counter() - began, torch.device("cpu"), "; ".join(filter(None, [note, data.note]))
    )


def kinds(train: Images, settings: Settings) -> Iterator[tuple[str, Callable[[Tensor], Tensor]]]:
    """The features to compare, each a function from images in [-1, 1] to rows; none has seen a label."""
    unlabelled = train.take(torch.arange(min(len(train), 10_000))).scaled()
    with torch.random.fork_rng(devices=[]):  # the networks draw weights before they are given theirs
        discriminator = shipped("digits")[1]
    untrained = untrained_discriminator(settings)
    for network in (discriminator, untrained):
        average_batch_norm(network, unlabelled.split(128))
    yield "pixels", lambda x: x.flatten(1)
    yield "kmeans", PatchFeatures(unlabelled, centroids=settings.centroids, seed=settings.seed)
    yield "random", lambda x: conv_features(untrained, x)
    yield "dcgan", lambda x: conv_features(discriminator, x)


def untrained_discriminator(settings: Settings) -> Discriminator:
    """D's architecture with its initial weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return Discriminator(size=28, channels=1, nf=settings.nf, start=7)


def choices(train: Images, labels: int, settings: Settings) -> list[Images]:
    """The labelled digits, once for each random choice."""
    per_class = labels_per_class(labels, len(train.classes))
    return [train.labelled(per_class, settings.seed * settings.subsets + i) for i in range(settings.subsets)]


def summary(name: str, labels: int, accuracies: list[float]) -> dict[str, float]:
    """Mean and standard deviation (ddof 1) over the choices of labels, in percent."""
    percent = [100 * accuracy for accuracy in accuracies]
    key = f"accuracy_percent_{name}_{labels}_labels"
    return {key: mean(percent), f"{key}_std": stdev(percent)}


def search(chosen: list[Images], validation: Images, test: Images, settings: Settings) -> list[float]:
    """Test accuracy of the supervised network for each choice of labels, as decided on the first of them."""
    draw = torch.Generator().manual_seed(settings.seed)

    def uniform(low: float, high: float) -> float:
        return low + (high - low) * torch.rand((), generator=draw).item()

    tried = []
    for _ in range(settings.trials):
        how = {
            "rate": 10 ** uniform(-4, -2),
            "decay": 10 ** uniform(-5, -1),
            "dropout": uniform(0, 0.7),
            "steps": round(10 ** uniform(math.log10(50), math.log10(400))),
        }
        network = supervised(chosen[0], settings, **how)
        tried.append((accuracy(network, validation), how))
    best = max(tried, key=lambda trial: trial[0])[1]
    return [accuracy(supervised(images, settings, **best), test) for images in chosen]


def supervised(
    images: Images, settings: Settings, *, rate: float, decay: float, dropout: float, steps: int
) -> nn.Module:
    """D's architecture with ten logits, fitted to labelled digits: images to (n, 10)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        body = Discriminator(size=28, channels=1, nf=settings.nf, start=7)
        network = nn.Sequential(*body.blocks, nn.Flatten(), nn.Dropout(dropout))
        network.append(nn.Linear(body.logit.in_features, len(images.classes))).to(device())
        batches = Batches(
            images.x.to(device()),
            images.y.to(device()),
            batch_size=min(50, len(images)),
            seed=settings.seed,
            scale_to=(-1, 1),
        )
        adam = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)
        for _ in range(steps):
            batch = next(batches)
            adam.zero_grad()
            cross_entropy(network(batch.x), batch.y).backward()
            adam.step()
    return network.eval()


def accuracy(network: nn.Module, images: Images) -> float:
    """Share of images that the network names rightly."""
    return (in_batches(network, network, images.scaled(), 500).argmax(1) == images.y).double().mean().item()
