"""What the two linear probes of a DCGAN share: train without labels, then an SVM on D's features of some labelled ones.

Radford et al. 2016, section 5, and the authors' code for SVHN. The images on which C is chosen are those by which the
DCGAN's weights are; it trains on neither those nor the test images. D's batch norm is given the statistics of all
its training images.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, stdev

import torch
from torch import Tensor

from course_lib.data import Images, labels_per_class, open_data
from course_lib.experiments.dcgan import dcgan
from course_lib.metrics.linear_probe import CS, LinearProbe, average_batch_norm, conv_features, linear_probe
from course_lib.training.plan import Training
from course_lib.training.run import train


@dataclass(frozen=True)
class Settings:
    """What the training of the DCGAN and the probe depend on."""

    data: str
    """cifar10, svhn, emoji, or another labelled set with a test split, at 32x32 pixels."""
    labels: int | None
    """Known ones, equally many of each class; those of all training images if None."""
    subsets: int = 10
    """Random choices of the labels, if not all are known."""
    validation: int = 10_000
    """Of the training images: C is chosen on them, and nothing is trained."""
    nf: int = 128
    """The DCGAN's feature maps next to the image; 16 x 7 nf features go to the SVM."""
    kernel: int = 5
    """Height and width of the DCGAN's convolutions: 5 as in the authors' code, or 4, which is faster."""
    steps: int = 50_000
    """Of the game: a move of D and a move of G."""
    batch_size: int = 128
    """Images a move."""
    learning_rate: float = 2e-4
    """Of both players' Adam."""
    limit: int | None = None
    """Take at most so many of the training images and of the test images, chosen at random."""
    skip_damaged: bool = False
    """Of a folder of pictures: leave out, by name, files that cannot be read, rather than stop."""
    seed: int = 0
    """Of the weights, the noise, the order of the data and the choice of labels."""

    def __post_init__(self):
        if self.subsets < 1:
            raise ValueError(f"subsets is {self.subsets}; choose the labels at least once.")

    def training(self) -> dcgan.Settings:
        """The DCGAN's own settings, in which no label is spoken of: other labels go with the same training."""
        return dcgan.Settings(
            data=self.data,
            nf=self.nf,
            kernel=self.kernel,
            steps=self.steps,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            limit=self.limit,
            skip_damaged=self.skip_damaged,
            held_out=self.validation,
            seed=self.seed,
        )


@dataclass(frozen=True)
class Probed:
    """probes: one for each choice of labels. unlabelled: images that the DCGAN saw.

    seconds: of the DCGAN's training. device: where.
    """

    probes: tuple[LinearProbe, ...]
    unlabelled: int
    seconds: float
    device: torch.device

    def numbers(self, name: str, *, errors: bool) -> Mapping[str, float]:
        """The mean in percent over the choices of labels, of test errors or else accuracies, and their spread."""
        percent = [100 * (1 - probe.accuracy if errors else probe.accuracy) for probe in self.probes]
        # With ddof 1, as these are few of the many subsets there could be.
        spread = {f"{name}_std_{len(percent)}_subsets": stdev(percent)} if len(percent) > 1 else {}
        return {name: mean(percent)} | spread | {"C": self.probes[0].C}

    def note(self) -> str:
        """Of how many features, labels and images the numbers are, and what is doubtful about them."""
        first = self.probes[0]
        doubts = ["C is at an end of its grid"] if first.C_at_edge else []
        if left := sum(not probe.converged for probe in self.probes):
            doubts.append(f"{left} of {len(self.probes)} SVMs did not converge")
        return "; ".join(
            [
                f"{first.dims:,} features, {first.n_train:,} labels, {first.n_test:,} test images",
                f"DCGAN trained on {self.unlabelled:,} unlabelled images of the same set",
                *doubts,
            ]
        )


def probe(name: str, settings: Settings, training: Training) -> Probed:
    """Train a DCGAN in runs/NAME, or in the folder that `training` gives, and probe D's features.

    C is chosen with the first choice of labels and kept for the others: the code too has one C for all.
    Raises ValueError where images have no labels, the labels cannot be shared equally by the classes, or a class has
    too few.
    """
    # All that may be refused, before hours of training.
    data = dcgan.parts(settings.training())
    chosen = labelled(data.train, settings)
    of_test = {"split": "test", "limit": settings.limit, "skip_damaged": settings.skip_damaged}
    tested = open_data(settings.data, 32, **of_test)
    folder = training.folder or Path("runs") / name
    trained = train("dcgan", dcgan.plan, settings.training(), replace(training, folder=folder))
    discriminator = trained.discriminator
    average_batch_norm(discriminator, (part.float() / 127.5 - 1 for part in data.train.x.split(128)))

    def described(images: Images) -> tuple[Tensor, Tensor]:
        return conv_features(discriminator, images.scaled()), images.y

    validation, test = described(data.held_out), described(tested)
    probes: list[LinearProbe] = []
    for images in chosen:
        grid = (probes[0].C,) if probes else CS
        probes.append(linear_probe(described(images), validation, test, Cs=grid, seed=settings.seed))
    device = next(discriminator.parameters()).device
    return Probed(tuple(probes), len(data.train), trained.seconds, device)


def labelled(train: Images, settings: Settings) -> list[Images]:
    """The training images whose labels the SVM is told, once for each choice."""
    if train.y.min() < 0:
        raise ValueError(f"Not all images of {settings.data} have a label, which the SVM is to learn. Give other data.")
    if settings.labels is None:
        return [train]
    per_class = labels_per_class(settings.labels, len(train.classes))
    first = settings.seed * settings.subsets  # so that no two seeds share a choice
    return [train.labelled(per_class, first + i) for i in range(settings.subsets)]
