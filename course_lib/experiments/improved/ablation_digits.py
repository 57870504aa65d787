"""Which technique does what, on digits: Salimans et al. 2016, Table 3, in a form that ends on two cores.

    gan-course reproduce improved-ablation --variant no-MBF --seed 1

The games of cifar10-ablation, on MNIST brought to 32x32, with narrower networks and 100 labels; a judge trained on all
digits' labels gives the classifier score, the Frechet distance and how many classes come. The paper's table is of
Inception scores on CIFAR-10, where 4,000 labels are known: only the order of the rows can be set beside it, and the
spread over seeds, which the paper does not give, says how much of an order there is. One variant takes some five minutes
on two cores.
"""

from course_lib.environment import by_size
from course_lib.experiments.improved import ablation_cifar
from course_lib.experiments.improved.ablation_cifar import Settings, plan
from course_lib.training.ledger import Outcome
from course_lib.training.plan import Training

__all__ = ["CPU", "GPU", "PAPER", "QUICK", "Settings", "plan", "reproduce", "settings"]

PAPER = {
    "classifier_score_2k_ours": "Inception score 8.09 ± .07, CIFAR-10",
    "classifier_score_2k_BN-for-VBN": "Inception score 7.54, CIFAR-10",
    "classifier_score_2k_HA-for-L": "Inception score 6.86, CIFAR-10",
    "classifier_score_2k_no-LS": "Inception score 6.83, CIFAR-10",
    "classifier_score_2k_no-L": "Inception score 4.36, CIFAR-10",
    "classifier_score_2k_no-MBF": "Inception score 3.87, CIFAR-10",
}

QUICK = Settings(
    data="mnist",
    labels=20,
    steps=4,
    batch_size=10,
    generator_width=4,
    discriminator_width=4,
    kernels=3,
    samples=100,
    judge_epochs=1,
    judge_width=4,
)
CPU = Settings(
    data="mnist",
    labels=100,
    steps=1_000,
    batch_size=50,
    generator_width=16,
    discriminator_width=12,
    kernels=30,
    samples=2_000,
    judge_epochs=3,
    judge_width=16,
)
GPU = Settings(data="mnist", labels=100, steps=60_000, samples=2_000)


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Train one variant, and let a classifier of real digits judge its samples."""
    return ablation_cifar.reproduce(settings, training, name="improved-ablation", papers="MNIST")
