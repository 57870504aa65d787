"""How a metric looks through a network: in evaluation mode, without gradients, some images at a time."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn


@contextmanager
def modes_kept(network: nn.Module) -> Iterator[None]:
    """After the `with` block every layer is in training or evaluation mode as it was before."""
    modes = [(module, module.training) for module in network.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Evaluation mode and no gradients inside the `with` block; the modes are kept."""
    with modes_kept(network), torch.no_grad():
        network.eval()
        yield


def in_batches(
    network: nn.Module, function: Callable[[Tensor], Tensor], x: Shaped[Tensor, "n ..."], batch_size: int
) -> Shaped[Tensor, "n ..."]:
    """function(part) for parts of x, joined on the CPU: `in_batches(network, network.features, x, 500)`.

    function: a method of the network, which is in evaluation mode meanwhile. x: moved to the network's device
        part by part. Raises ValueError where there is no x, or no image in a batch.
    """
    if len(x) == 0 or batch_size < 1:
        raise ValueError(f"There are {len(x)} examples in batches of {batch_size}; give at least one of each.")
    where = next(network.parameters(), x).device
    with evaluating(network):
        return torch.cat([function(part.to(where)).cpu() for part in x.split(batch_size)])


def warn_if_zero_to_one(name: str, images: Float[Tensor, "n ..."]) -> None:
    """Warn where no pixel is below 0: such images are in [0, 1], and a classifier of [-1, 1] would misjudge them."""
    if images.min() >= 0:
        warnings.warn(
            f"No pixel of {name} is below 0. Our classifiers want images in [-1, 1]; if these are in [0, 1], "
            "pass 2 * x - 1.",
            stacklevel=3,
        )


def off_apple_gpu(x: Shaped[Tensor, "..."]) -> Shaped[Tensor, "..."]:
    """x, on the CPU if it was on an Apple GPU: those have no float64, and pool only to grids that divide the image."""
    return x.cpu() if x.device.type == "mps" else x


def thousands(n: int) -> str:
    """A count as the names of metrics carry it: 10000 is "10k", 2500 is "2500"."""
    return f"{n // 1000}k" if n and n % 1000 == 0 else str(n)
