"""Where the Parzen window misleads: k-means centroids score far above real digits. Theis et al. 2016, Table 1.

    gan-course reproduce parzen-kmeans

Expected: 313 nats for the k-means model of that paper and 243 for samples of the training set, against 225 for the
first GAN: by this measure real digits are worse than blurred means of some five of them. Nothing is trained by a game.
Ours: 10,000 training digits as they are, then the same 10,000 moved by k-means, both in the place of a generator's
samples, and the same with 4,000. That paper does not say how many centroids it took, so we claim the order and not the
value; what we found is in results/. A step with 10,000 centroids takes some 25 seconds on one core, all of it some
eight minutes.
"""

import time
from dataclasses import dataclass

import torch
from jaxtyping import Float
from sklearn.cluster import KMeans
from torch import Tensor

from course_lib.environment import by_size
from course_lib.experiments.digits import Digits, digits, unit
from course_lib.metrics import ParzenEstimate, parzen
from course_lib.metrics.passes import thousands
from course_lib.training.ledger import Outcome
from course_lib.training.plan import Training

PAPER = {"parzen_ll_10k_kmeans": "313", "parzen_ll_10k_training_samples": "243"}  # how many samples is not said
DIGITS_PER_CENTROID = 5  # 50,000 for 10,000; with fewer each a centroid is hardly more than a digit


@dataclass(frozen=True)
class Settings:
    """What the comparison depends on."""

    centroids: int = 10_000
    """And as many training digits beside them; no more than one to five training digits."""
    fewer: int = 4_000
    """Centroids, and digits, of a second comparison: the number hangs on how many there are."""
    steps: int = 10
    """Of k-means (Lloyd's algorithm), at most: it ends where nothing moves."""
    seed: int = 0
    """Of the choice of training digits, from which the centroids start."""


QUICK = Settings(centroids=50, fewer=20, steps=2)
CPU = Settings(steps=3)
GPU = Settings()


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Measure both by the table's protocol. Nothing of `training` matters: this runs on the CPU, in one go."""
    for name in ("centroids", "fewer", "steps"):
        if getattr(settings, name) < 1:
            raise ValueError(f"{name} is {getattr(settings, name)}; give at least 1.")
    began = time.perf_counter()
    data = digits()
    x = unit(data.train)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(settings.seed))
    most = len(x) // DIGITS_PER_CENTROID
    counts = sorted({min(n, most) for n in (settings.fewer, settings.centroids)})
    numbers = {}
    for n in counts:
        real = x[order[:n]]
        numbers |= _record("kmeans", _estimate(k_means(x, real, settings.steps), data))
        numbers |= _record("training_samples", _estimate(real, data))
    said = f"{' and '.join(f'{n:,}' for n in counts)} centroids, each time beside as many training digits"
    note = "; ".join(filter(None, [said, data.note]))
    return Outcome(numbers, time.perf_counter() - began, torch.device("cpu"), note)


def k_means(x: Float[Tensor, "n ..."], start: Float[Tensor, "k ..."], steps: int) -> Float[Tensor, "k ..."]:
    """Centroids of x after that many steps of Lloyd's algorithm from `start`, in the shape of x.

    Each step assigns every example to its nearest centroid and moves the centroids to the means of their examples.
    """
    fitted = KMeans(len(start), init=start.flatten(1).numpy(), n_init=1, max_iter=steps, tol=0).fit(x.flatten(1))
    # Means of numbers in [0, 1] that rounding may carry out of it.
    return torch.from_numpy(fitted.cluster_centers_).reshape(start.shape).clamp(0, 1)


def _estimate(samples: Tensor, data: Digits) -> ParzenEstimate:
    return parzen(samples, unit(data.validation)[:1_000], unit(data.test))


def _record(name: str, estimate: ParzenEstimate) -> dict[str, float]:
    name = f"parzen_ll_{thousands(estimate.n_samples)}_{name}"
    return {name: estimate.mean, f"{name}_se": estimate.standard_error, f"{name}_sigma": estimate.sigma}
