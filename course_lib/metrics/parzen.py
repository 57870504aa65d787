"""The Parzen window estimate of a generator's log-likelihood, as the first GAN papers report it.

Goodfellow et al. 2014, section 5: put a Gaussian of width sigma on each of 10,000 samples, choose sigma on
validation images, and give the test images' mean log-likelihood under that mixture. It is a poor judge in
high dimension (Theis et al. 2016): sigma decides everything, and k-means centroids beat the data themselves.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from course_lib.metrics.passes import off_apple_gpu, thousands

SIGMAS = tuple(10 ** (-1 + i / 9) for i in range(10))  # the authors' grid: ten widths, evenly in the log, .1 to 1
BLOCK = 2**22  # distances held at a time: 32 MB


@dataclass(frozen=True)
class Bandwidth:
    """A window's width chosen on validation data.

    sigma: the best. at_edge: it is the first or the last of the grid, so a better one may lie outside.
    sigmas: the grid, ascending. mean_log_likelihoods: of the validation data at each, in nats.
    """

    sigma: float
    at_edge: bool
    sigmas: tuple[float, ...]
    mean_log_likelihoods: tuple[float, ...]


@dataclass(frozen=True)
class ParzenEstimate:
    """mean: log-likelihood of a test example, in nats. standard_error: its +-, see `parzen`.

    sigma: the width, and sigma_at_edge: whether it is at an end of the grid. n_samples, n_validation, n_test:
    how many of each took part.
    """

    mean: float
    standard_error: float
    sigma: float
    sigma_at_edge: bool
    n_samples: int
    n_validation: int
    n_test: int

    def record(self) -> dict[str, float]:
        """For a ledger: names that carry the number of samples, such as parzen_ll_10k."""
        name = f"parzen_ll_{thousands(self.n_samples)}"
        return {name: self.mean, f"{name}_se": self.standard_error, f"{name}_sigma": self.sigma}

    def __str__(self) -> str:
        edge = ", at the end of the grid: widen it" if self.sigma_at_edge else ""
        return (
            f"{self.mean:.1f} ± {self.standard_error:.1f} nats "
            f"({self.n_samples} samples, {self.n_test} test examples, sigma {self.sigma:.3g}{edge})"
        )


def parzen(
    samples: Float[Tensor, "sample ..."],
    validation: Float[Tensor, "validation ..."],
    test: Float[Tensor, "test ..."],
    sigmas: Sequence[float] = SIGMAS,
) -> ParzenEstimate:
    """The estimate of the papers' tables: sigma by `validation`, log-likelihood of `test`.

    All three in [0, 1], of any shape after the first axis. The protocol on MNIST: 10,000 samples, the first 1,000
    of the last 10,000 training images, and the 10,000 test images.
    The standard error is std / sqrt(n_test) over test examples (ddof 0, as in the authors' code). It says nothing
    of other seeds or other samples of the same generator.
    Raises ValueError for values outside [0, 1], where the numbers could not be compared with the papers', and
    where `validation` is `test`.
    """
    for name, x in (("samples", samples), ("validation", validation), ("test", test)):
        _refuse_other_ranges(name, x)
    if validation.shape == test.shape and torch.equal(validation, test):
        raise ValueError("validation and test are the same images, so sigma would be chosen on the test set.")
    chosen = choose_sigma(samples, validation, sigmas)
    found = log_likelihood(samples, test, chosen.sigma)
    error = found.std(correction=0).item() / math.sqrt(len(test))
    return ParzenEstimate(
        found.mean().item(), error, chosen.sigma, chosen.at_edge, len(samples), len(validation), len(test)
    )


def choose_sigma(
    samples: Float[Tensor, "sample ..."],
    validation: Float[Tensor, "validation ..."],
    sigmas: Sequence[float] = SIGMAS,
) -> Bandwidth:
    """The width under which the validation data are likeliest; the smallest of equals. The test set is not asked.

    sigmas: widths to try, above 0, in the units of the data.
    """
    grid = tuple(sorted(map(float, sigmas)))
    means = log_likelihoods(samples, validation, grid).mean(1).tolist()
    best = means.index(max(means))
    return Bandwidth(grid[best], best in (0, len(grid) - 1), grid, tuple(means))


def log_likelihood(
    samples: Float[Tensor, "sample ..."], x: Float[Tensor, "n ..."], sigma: float
) -> Float64[Tensor, " n"]:
    """The log-density of each x, in nats, under Gaussians of width sigma on the samples.

    log p(x) = log mean_i exp(-|x - samples_i|^2 / (2 sigma^2)) - d log(sigma sqrt(2 pi)), d numbers in an example.
    Any range. Raises ValueError for a width that is not above 0, no samples, or examples of different size.
    """
    return log_likelihoods(samples, x, (sigma,))[0]


def log_likelihoods(
    samples: Float[Tensor, "sample ..."], x: Float[Tensor, "n ..."], sigmas: Sequence[float]
) -> Float64[Tensor, "sigma n"]:
    """`log_likelihood` at several widths, with the distances computed once.

    They are computed as |x|^2 - 2 x.mu + |mu|^2, a matrix product, some rows at a time: all differences at once
    would take 63 GB for 1,000 digits against 10,000 samples. That form cancels, hence float64.
    """
    samples, x = _points("samples", samples), _points("x", x).to(samples.device)
    if samples.shape[1] != x.shape[1]:
        raise ValueError(f"A sample has {samples.shape[1]} numbers and an example {x.shape[1]}. Give both one shape.")
    if not sigmas or not all(0 < sigma < math.inf for sigma in sigmas):
        raise ValueError(f"sigma is the width of the window, above 0; got {', '.join(map(str, sigmas)) or 'none'}.")
    squares = samples.square().sum(1)
    parts = []
    for rows in x.split(max(1, BLOCK // len(samples))):
        distance = torch.addmm(squares, rows, samples.T, alpha=-2).add_(rows.square().sum(1, keepdim=True))
        distance.clamp_(min=0)  # between equals it rounds to either side of 0
        parts.append(torch.stack([torch.logsumexp(distance / (-2 * sigma**2), 1) for sigma in sigmas]))
    width = torch.tensor(sigmas, dtype=torch.float64, device=x.device)[:, None]
    return torch.cat(parts, 1) - math.log(len(samples)) - x.shape[1] * (width.log() + 0.5 * math.log(2 * math.pi))


def _points(name: str, x: Tensor) -> Tensor:
    """Examples as float64 rows."""
    if x.ndim < 2 or len(x) == 0 or not x.is_floating_point():
        raise ValueError(f"{name} has shape {tuple(x.shape)} and type {x.dtype}; give at least one row of floats.")
    return off_apple_gpu(x.detach().flatten(1)).double()


def _refuse_other_ranges(name: str, x: Tensor) -> None:
    low, high = (x.min().item(), x.max().item()) if x.numel() else (0.0, 0.0)
    if not (low >= -1e-6 and high <= 1 + 1e-6):  # said so that NaN is refused too
        raise ValueError(
            f"{name} runs from {low:.3g} to {high:.3g}. Log-likelihoods in nats hang on the units, and the papers' are "
            "for pixels in [0, 1]: pass (x + 1) / 2 for images in [-1, 1]."
        )
