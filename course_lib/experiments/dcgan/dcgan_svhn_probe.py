"""A linear SVM on the features of a DCGAN's discriminator, on SVHN with 1,000 labels: Radford et al. 2016, Table 2.

    gan-course reproduce dcgan-svhn-probe

Expected error: 22.48 %. The DCGAN learns from the training images without the set called extra, all but 10,000, on
which C is chosen; the SVM is told 100 labels of each digit. Networks as in the authors' code for SVHN (64, 128 and 256
feature maps), learning rate, batch and noise as in the paper's text; that code's DCGAN has Gaussian noise, its rate
is 5e-4 and its batches are of 64. There the error is a mean over 100 choices of labels, here over 10. On two cores
3,000 steps with 32 feature maps take some ten minutes (estimated).
"""

from course_lib.environment import by_size
from course_lib.experiments.dcgan.dcgan_probe import Settings, probe
from course_lib.training.ledger import Outcome
from course_lib.training.plan import Training

PAPER = {"test_error_percent_1000_labels": "22.48"}

QUICK = Settings("emoji", 27, subsets=2, validation=60, nf=4, kernel=4, steps=4, batch_size=20, limit=700)
CPU = Settings("svhn", 1_000, subsets=3, nf=32, kernel=4, steps=3_000)
GPU = Settings("svhn", 1_000, nf=64)


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Train the DCGAN and give the SVM's error on the test images."""
    probed = probe("dcgan-svhn-probe", settings, training)
    name = f"test_error_percent_{settings.labels or 'all'}_labels"
    other = "" if settings.data == "svhn" else f"{settings.data} in the place of SVHN; "
    return Outcome(probed.numbers(name, errors=True), probed.seconds, probed.device, other + probed.note())
