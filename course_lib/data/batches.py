"""Endless, seeded batches that know where they are, so that a run can stop and go on."""

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Int, Shaped
from torch import Tensor

from course_lib.verdict import Batch

Scale = tuple[float, float]  # lowest and highest value of a pixel


class Batches:
    """Shuffled batches of a data set, without end; a new order for every pass.

    x: (example, ...) data, already on the device where it will be used. y: (example,) labels or None.
    batch_size: examples in each batch; what is left over at the end of a pass is skipped, so that every
        batch has the same size. seed: of the order. conditional: also tell both players y.
    scale_to: for x in bytes, 0 to 255: the range of the float32 that each batch becomes, such as (-1, 1). Bytes
        need a quarter of the memory, which matters where the whole data set lies on the GPU.
    The order of a pass depends on (seed, pass) alone, so `state_dict()` is a single number.
    Raises ValueError where a batch would be larger than the data, y of another length than x or on another
    device, or where there is nothing to scale.
    """

    def __init__(
        self,
        x: Shaped[Tensor, "example ..."],
        y: Int[Tensor, " label"] | None = None,
        *,
        batch_size: int,
        seed: int = 0,
        conditional: bool = False,
        scale_to: Scale | None = None,
    ):
        if not 1 <= batch_size <= len(x):
            raise ValueError(f"batch_size is {batch_size} for {len(x)} examples. Choose 1 to {len(x)}.")
        if y is not None and len(y) != len(x):
            raise ValueError(f"There are {len(x)} examples but {len(y)} labels.")
        if y is not None and y.device != x.device:
            raise ValueError(f"x is on {x.device} and y on {y.device}. Move both to the device of the training.")
        if conditional and y is None:
            raise ValueError("Conditional batches need labels: pass y.")
        if scale_to is not None and (x.dtype != torch.uint8 or not scale_to[0] < scale_to[1]):
            raise ValueError(
                f"scale_to brings bytes, 0 to 255, into a range from low to high; got {scale_to} for {x.dtype}."
            )
        self.x, self.y, self.batch_size, self.seed, self.conditional = x, y, batch_size, seed, conditional
        self.scale_to = scale_to
        self.position = 0
        self._pass, self._order = -1, None

    @property
    def batches_per_pass(self) -> int:
        """Full batches in one pass over the data."""
        return len(self.x) // self.batch_size

    def __iter__(self) -> "Batches":
        return self

    def __next__(self) -> Batch:
        return self.take(*self.draw())

    def draw(self) -> tuple[Int[Tensor, " batch"]]:
        """Where in the data the next batch lies, on the data's device; moves on by one batch."""
        number, place = divmod(self.position, self.batches_per_pass)
        if number != self._pass:
            self._pass, self._order = number, permutation(len(self.x), self.seed, number).to(self.x.device)
        self.position += 1
        return (self._order[place * self.batch_size : (place + 1) * self.batch_size],)

    def take(self, places: Int[Tensor, "batch *game"]) -> Batch:
        """The batch that lies there. Of tensors alone, so that a captured step can repeat it."""
        y = None if self.y is None else self.y[places]
        return Batch(scaled(self.x[places], self.scale_to), y, given=(y,) if self.conditional else ())

    def state_dict(self) -> dict[str, int]:
        """Where we are, for a checkpoint."""
        return {"position": self.position}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from there: the next batch is the one that would have come."""
        self.position = state["position"]


def permutation(n: int, seed: int, number: int) -> Int[Tensor, " n"]:
    """The order of n examples in pass `number`. On the CPU, so that it is the same for every device."""
    return torch.randperm(n, generator=torch.Generator().manual_seed(seed * 1_000_003 + number))


def scaled(x: Shaped[Tensor, "batch ..."], scale_to: Scale | None) -> Shaped[Tensor, "batch ..."]:
    """Bytes as float32 in a range; unchanged where no range is given."""
    if scale_to is None:
        return x
    low, high = scale_to
    return x.float() / (255 / (high - low)) + low


@runtime_checkable
class Samples(Protocol):
    """Anything one can draw from, such as the distributions of `course_lib.data.toy`."""

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor: ...


class SampledBatches:
    """Fresh draws from a toy distribution, without end; never the same point twice.

    distribution: has `sample(n, generator)`. Points on the line come as (batch, 1).
    """

    def __init__(self, distribution: Samples, *, batch_size: int, seed: int = 0):
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}; it must be at least 1.")
        self.distribution, self.batch_size = distribution, batch_size
        self._generator = torch.Generator().manual_seed(seed)

    def __iter__(self) -> "SampledBatches":
        return self

    def __next__(self) -> Batch:
        return Batch(self.distribution.sample(self.batch_size, self._generator).reshape(self.batch_size, -1))

    def state_dict(self) -> dict[str, Tensor]:
        """Where the random generator is, for a checkpoint."""
        return {"generator": self._generator.get_state()}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from there."""
        self._generator.set_state(state["generator"])
