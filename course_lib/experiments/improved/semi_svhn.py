"""Semi-supervised SVHN by K + 1 classes and feature matching: Salimans et al. 2016, section 6.3, Figure 5.

    gan-course train semi-svhn --labels 1000 --seed 3
    gan-course reproduce semi-svhn --labels 1000

Expected test errors in percent, over ten random label subsets: 18.44 +- 4.8 with 500 labels, 8.11 +- 1.3 with 1,000,
6.16 +- 0.58 with 2,000. One run is one label subset: the ledger has a line for each seed. 900 passes over the 73,257
unlabelled digits of the training set, the extra set left out, at full size, by calculation 250 PFLOP, half a day on a
GPU that does 10 TFLOP a second. The size cpu has narrow networks, some twenty minutes on two cores (estimated), and
is far from these numbers. At quick size emoji in nine groups stand in for SVHN, so that nothing need be downloaded.
Digits of another selection go in as --data folder:PATH, and are not comparable; the note says so. Settings, and where
they follow the code: semi_images.
"""

from course_lib.environment import by_size
from course_lib.experiments.improved import semi_images
from course_lib.experiments.improved.semi_images import Settings, plan
from course_lib.training.ledger import Outcome
from course_lib.training.plan import Training

__all__ = ["CPU", "GPU", "PAPER", "QUICK", "Settings", "plan", "reproduce", "settings"]

PAPER = {
    "test_error_500_labels_percent": "18.44 ± 4.8",
    "test_error_1000_labels_percent": "8.11 ± 1.3",
    "test_error_2000_labels_percent": "6.16 ± 0.58",
}

QUICK = Settings(data="emoji", labels=18, steps=4, batch_size=10, generator_width=4, discriminator_width=4)
CPU = Settings(data="svhn", labels=1_000, steps=3_000, generator_width=32, discriminator_width=16)
GPU = Settings(data="svhn", labels=1_000, steps=900 * 732, discriminator_width=64)


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Train with one label subset and test the averaged D."""
    return semi_images.reproduce("semi-svhn", "svhn", settings, training)
