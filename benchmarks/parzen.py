"""The Parzen window of the papers' protocol: its seconds and memory, and both beside the plain broadcast.

    python benchmarks/parzen.py               # 10,000 samples, the sigma search, 10,000 test images; a minute
    python benchmarks/parzen.py --neighbours  # also the 1-NN test, 50,000 samples and 10,000 test images

Each measurement runs in a fresh process, since a process's peak of memory never falls again; the memory is the peak
less what torch and the images took before. The broadcast, all differences at once as one writes it first, is given
a small slice; it would need 63 GB for every 1,000 test images. Linux or macOS.
"""

import argparse
import math
import multiprocessing
import platform
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from course_lib.metrics import log_likelihood, nearest_neighbour_error, parzen

PIXELS = 784
SLICE = (2_000, 40)  # samples and test images that the broadcast is given


def pictures(n: int, seed: int) -> Tensor:
    """Random images in [0, 1]: what an image shows costs nothing."""
    return torch.rand(n, PIXELS, generator=torch.Generator().manual_seed(seed))


def peak() -> float:
    """The largest memory this process has had, in MB."""
    unit = 2**20 if platform.system() == "Darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def broadcast(samples: Tensor, x: Tensor, sigma: float) -> Tensor:
    """The plain form: every difference of every pixel, in float64."""
    difference = (x.double()[:, None] - samples.double()[None]) / sigma
    exponent = -0.5 * difference.square().sum(2)
    return torch.logsumexp(exponent, 1) - math.log(len(samples)) - PIXELS * math.log(sigma * math.sqrt(2 * math.pi))


def protocol(images: list[Tensor]) -> None:
    """Sigma out of ten on 1,000 validation images, then 10,000 test images."""
    parzen(*images)


def slice_ours(images: list[Tensor]) -> None:
    """Ours on the slice."""
    log_likelihood(*images, 0.2)


def slice_broadcast(images: list[Tensor]) -> None:
    """The broadcast on the same slice."""
    broadcast(*images, 0.2)


def neighbours(images: list[Tensor]) -> None:
    """Table 3 of the DCGAN paper: 50,000 samples label 10,000 images."""
    samples, x = images
    nearest_neighbour_error(samples, torch.zeros(len(samples)).long(), x, torch.zeros(len(x)).long())


@dataclass(frozen=True)
class Cost:
    """seconds: by the clock. busy: of all cores together, which other programs disturb less. memory: in MB."""

    seconds: float
    busy: float
    memory: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s ({self.busy:.2f} s of computing), {self.memory:.0f} MB"


def measure(work: Callable[[list[Tensor]], None], sizes: tuple[int, ...], repeats: int) -> Cost:
    """Medians, and the memory over what was there before. To be run in a process of its own."""
    images = [pictures(n, seed) for seed, n in enumerate(sizes)]
    torch.ones(64, 64).double() @ torch.ones(64, 64).double()  # the linear algebra library sets itself up
    before, seconds, busy = peak(), [], []
    for _ in range(repeats):
        began, began_busy = time.perf_counter(), time.process_time()
        work(images)
        seconds.append(time.perf_counter() - began)
        busy.append(time.process_time() - began_busy)
    return Cost(statistics.median(seconds), statistics.median(busy), peak() - before)


def alone(work: Callable[[list[Tensor]], None], sizes: tuple[int, ...], repeats: int = 1) -> Cost:
    """`measure` in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (work, sizes, repeats))


def main() -> None:
    """Measure, and print what came."""
    parser = argparse.ArgumentParser(description="Seconds and memory of the Parzen window.")
    parser.add_argument("--neighbours", action="store_true", help="also the 1-NN test")
    asked = parser.parse_args()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {platform.machine()}")
    print("parzen, 10,000 samples, 1,000 validation and 10,000 test images:", alone(protocol, (10_000, 1_000, 10_000)))
    ours, plain = alone(slice_ours, SLICE, 5), alone(slice_broadcast, SLICE, 5)
    print(f"slice of {SLICE[0]:,} samples and {SLICE[1]} images: ours {ours}; broadcast {plain}")
    print(f"broadcast / ours: {plain.busy / ours.busy:.0f} in computing, {plain.memory / ours.memory:.0f} in memory")
    if asked.neighbours:
        print("1-NN, 50,000 samples, 10,000 test images:", alone(neighbours, (50_000, 10_000)))


if __name__ == "__main__":
    main()
