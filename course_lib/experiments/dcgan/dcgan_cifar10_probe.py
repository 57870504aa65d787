"""A linear SVM on the features of a DCGAN's discriminator, on CIFAR-10: Radford et al. 2016, Table 1.

    gan-course reproduce dcgan-cifar10-probe
    gan-course reproduce dcgan-cifar10-probe --labels 4000

Expected accuracy: 82.8 % with all labels, 73.8 +- 0.4 % with 400 of each class. The paper's DCGAN never saw CIFAR-10:
it was trained on ImageNet-1k, and was deeper, with 28,672 features. Ours learns from CIFAR-10's own training images
without their labels, all but 10,000, on which C is chosen. "All labels" are then 40,000. The second command goes on
with the DCGAN that the first has trained. On two cores 3,000 steps with 32 feature maps and 4,000 labels take some
ten minutes; at full size the SVM with all labels alone takes hours (both estimated).
"""

from course_lib.environment import by_size
from course_lib.experiments.dcgan.dcgan_probe import Settings, probe
from course_lib.training.ledger import Outcome
from course_lib.training.plan import Training

PAPER = {"test_accuracy_percent_all_labels": "82.8", "test_accuracy_percent_4000_labels": "73.8 ± 0.4"}

QUICK = Settings("emoji", 27, subsets=2, validation=60, nf=4, kernel=4, steps=4, batch_size=20, limit=700)
CPU = Settings("cifar10", 4_000, subsets=2, nf=32, kernel=4, steps=3_000)
GPU = Settings("cifar10", None)


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Train the DCGAN and give the SVM's accuracy on the test images."""
    probed = probe("dcgan-cifar10-probe", settings, training)
    name = f"test_accuracy_percent_{settings.labels or 'all'}_labels"
    other = "" if settings.data == "cifar10" else f"{settings.data} in the place of CIFAR-10; "
    return Outcome(probed.numbers(name, errors=False), probed.seconds, probed.device, other + probed.note())
