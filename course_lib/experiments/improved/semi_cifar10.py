"""Semi-supervised CIFAR-10 by K + 1 classes and feature matching: Salimans et al. 2016, Table 2.

    gan-course train semi-cifar10 --labels 4000 --seed 3
    gan-course reproduce semi-cifar10 --labels 4000

Expected test errors in percent, over ten random label subsets: 21.83 +- 2.01 with 1,000 labels, 19.61 +- 2.09 with
2,000, 18.63 +- 2.32 with 4,000, 17.72 +- 1.82 with 8,000. One run is one label subset: the ledger has a line for each
seed. 1,200 passes over the 50,000 unlabelled images at full size, by calculation 500 PFLOP, most of a day on a GPU
that does 10 TFLOP a second. The size cpu has narrow networks, some twenty minutes on two cores (estimated), and is
far from these numbers. At quick size emoji in nine groups stand in for CIFAR-10, so that nothing need be downloaded.
Settings, and where they follow the code: semi_images.
"""

from course_lib.environment import by_size
from course_lib.experiments.improved import semi_images
from course_lib.experiments.improved.semi_images import Settings, plan
from course_lib.training.ledger import Outcome
from course_lib.training.plan import Training

__all__ = ["CPU", "GPU", "PAPER", "QUICK", "Settings", "plan", "reproduce", "settings"]

PAPER = {
    "test_error_1000_labels_percent": "21.83 ± 2.01",
    "test_error_2000_labels_percent": "19.61 ± 2.09",
    "test_error_4000_labels_percent": "18.63 ± 2.32",
    "test_error_8000_labels_percent": "17.72 ± 1.82",
}

QUICK = Settings(data="emoji", labels=18, steps=4, batch_size=10, generator_width=4, discriminator_width=4)
CPU = Settings(steps=3_000, generator_width=32, discriminator_width=16)
GPU = Settings()


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Train with one label subset and test the averaged D."""
    return semi_images.reproduce("semi-cifar10", "cifar10", settings, training)
