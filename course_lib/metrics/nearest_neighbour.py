"""Nearest neighbours in pixels: the DCGAN paper's 1-NN test, and a look for memorised images.

Radford et al. 2016, appendix A.1, Table 3: if samples made for a class can stand in for real training images of that
class, they label new images rightly. A distance in pixels is fooled by a small shift, so a far neighbour is no proof
that nothing was memorised (section 6).
"""

import warnings
from dataclasses import dataclass

import torch
from jaxtyping import Float64, Int, Num
from torch import Tensor

from course_lib.metrics.passes import off_apple_gpu, thousands

BLOCK = 2**23  # distances held at a time: 64 MB


@dataclass(frozen=True)
class Neighbours:
    """index: which of the data is nearest to each query, one of them where several are equally near.

    distance: Euclidean, in the units of the data; exactly 0 to a copy.
    """

    index: Int[Tensor, " query"]
    distance: Float64[Tensor, " query"]


@dataclass(frozen=True)
class NearestNeighbourError:
    """error: share of real images labelled wrongly, in [0, 1]. n_samples: generated, n_test: real images."""

    error: float
    n_samples: int
    n_test: int

    def record(self) -> dict[str, float]:
        """For a ledger: names that carry the number of samples, such as nearest_neighbour_error_50k."""
        return {f"nearest_neighbour_error_{thousands(self.n_samples)}": self.error}


def nearest(queries: Num[Tensor, "query ..."], data: Num[Tensor, "n ..."]) -> Neighbours:
    """For each query the nearest of the data, by Euclidean distance over all its numbers.

    To look for memorised images, ask for the training images nearest to samples: `nearest(samples, train)`.
    Both in the same units, of any shape after the first axis. In float64, some of the data at a time: 10,000 digits
    against 50,000 within 0.3 GB.
    Raises ValueError for nothing to compare, examples of different size, bytes against floats, or values not finite.
    """
    if len(queries) == 0 or len(data) == 0 or queries.shape[1:].numel() != data.shape[1:].numel():
        raise ValueError(
            f"Queries of shape {tuple(queries.shape)} cannot be compared with data of shape {tuple(data.shape)}. "
            "Give at least one of each, of one size."
        )
    if queries.is_floating_point() != data.is_floating_point():
        raise ValueError(f"Queries are {queries.dtype} and data {data.dtype}. Bring both to the same units.")
    queries = _rows("queries", queries)
    data = _rows("data", data).to(queries.device)
    best = queries.new_full((len(queries),), torch.inf, dtype=torch.float64)
    index = torch.zeros(len(queries), dtype=torch.long, device=queries.device)
    wide, start = queries.double(), 0
    for block in data.split(max(1, BLOCK // len(queries))):
        block = block.double()
        # |data|^2 - 2 query.data ranks as the distance does, since |query|^2 is the same for all of the data.
        found = torch.addmm(block.square().sum(1), wide, block.T, alpha=-2).min(1)
        index = torch.where(found.values < best, found.indices + start, index)
        best = torch.minimum(best, found.values)
        start += len(block)
    pairs = zip(wide.split(1_000), index.split(1_000), strict=True)
    # From the difference itself: the form above cancels, and a copy would seem to be a little way off.
    distance = torch.cat([torch.linalg.vector_norm(part - data[at].double(), dim=1) for part, at in pairs])
    return Neighbours(index, distance)


def nearest_neighbour_error(
    samples: Num[Tensor, "sample ..."],
    sample_labels: Int[Tensor, " sample"],
    x: Num[Tensor, "n ..."],
    y: Int[Tensor, " n"],
) -> NearestNeighbourError:
    """Label each real image x as its nearest sample is labelled; the share where that is not y.

    samples: generated under `sample_labels`. x, y: real test images and their classes, in the samples' units.
    Table 3's protocol on MNIST: 50,000 samples, 10,000 test images.
    Real training images in place of samples err on 3.1 % in the paper: so do all 60,000 here; the first 50,000, 3.3 %.
    """
    if len(samples) != len(sample_labels) or len(x) != len(y):
        raise ValueError(
            f"There are {len(samples)} samples with {len(sample_labels)} labels, and {len(x)} images with {len(y)}."
        )
    if (samples.min() < 0) != (x.min() < 0):
        warnings.warn(
            f"The lowest pixel is {samples.min().item():.3g} in the samples and {x.min().item():.3g} in the real images. "
            "If one of them is in [0, 1] and the other in [-1, 1], no distance between them means anything.",
            stacklevel=2,
        )
    given = sample_labels.to(y.device)[nearest(x, samples).index.to(y.device)]
    return NearestNeighbourError((given != y).double().mean().item(), len(samples), len(x))


def _rows(name: str, x: Tensor) -> Tensor:
    if not torch.isfinite(x).all():
        raise ValueError(f"{name} has values that are not finite, so no distance to them is known.")
    return off_apple_gpu(x.detach().flatten(1))
