"""Batches for semi-supervised learning: many examples without their labels, a few with."""

import math

import torch
from jaxtyping import Int, Shaped
from torch import Tensor

from course_lib.data.batches import Batches, Scale, permutation, scaled
from course_lib.verdict import Batch

# Apart from the unlabelled seeds, so that equally many examples are not drawn in equal orders. Not a power of
# two: of a seed, PyTorch's generator on the CPU uses 32 bits.
OTHER_ORDER = 500_009


class SemiSupervisedBatches:
    """Batches whose x is unlabelled and whose `labelled` part is drawn from a small labelled set; without end.

    x: (example, ...) unlabelled data. labelled_x, labelled_y: the labelled set, on the same device; it may be smaller
        than its batch. batch_size, labelled_batch_size: of each part; equal if only the first is given.
    seed: of both orders, which are separate. scale_to: as in `Batches`, for both parts.
    Labelled examples come one random permutation of the set after another, so that at any moment each has been
    drawn as often as any other, give or take one. The order depends on the seed and the position alone.
    Raises ValueError where a batch would be empty, or larger than the unlabelled data; where the two parts are not
    alike; and for a label that stands for no class.
    """

    def __init__(
        self,
        x: Shaped[Tensor, "example ..."],
        labelled_x: Shaped[Tensor, "labelled ..."],
        labelled_y: Int[Tensor, " label"],
        *,
        batch_size: int,
        labelled_batch_size: int | None = None,
        seed: int = 0,
        scale_to: Scale | None = None,
    ):
        self.unlabelled = Batches(x, batch_size=batch_size, seed=seed, scale_to=scale_to)
        self.batch_size = batch_size
        self.labelled_batch_size = batch_size if labelled_batch_size is None else labelled_batch_size
        if self.labelled_batch_size < 1:
            raise ValueError(f"labelled_batch_size is {self.labelled_batch_size}; it must be at least 1.")
        if not len(labelled_x) == len(labelled_y) > 0:
            raise ValueError(f"There are {len(labelled_x)} labelled examples and {len(labelled_y)} labels.")
        if not x.device == labelled_x.device == labelled_y.device:
            raise ValueError(
                f"x is on {x.device}, labelled_x on {labelled_x.device}, labelled_y on {labelled_y.device}. "
                "Move all to the device of the training."
            )
        if labelled_x.dtype != x.dtype or labelled_x.shape[1:] != x.shape[1:]:
            raise ValueError(
                f"Both parts must be alike: unlabelled examples are {x.dtype} of shape {tuple(x.shape[1:])}, "
                f"labelled ones {labelled_x.dtype} of shape {tuple(labelled_x.shape[1:])}."
            )
        if labelled_y.min() < 0:
            raise ValueError(f"Label {int(labelled_y.min())} stands for no class. Leave out what is not labelled.")
        self.labelled_x, self.labelled_y, self.seed, self.scale_to = labelled_x, labelled_y, seed, scale_to
        # The order is made in blocks of whole permutations and whole batches, long enough to be made seldom.
        whole = math.lcm(len(labelled_y), self.labelled_batch_size)
        self._block_length = whole * max(1, 4_096 // whole)
        self._block, self._order = -1, torch.empty(0)

    @property
    def position(self) -> int:
        """Batches drawn so far."""
        return self.unlabelled.position

    @property
    def batches_per_pass(self) -> int:
        """Full batches in one pass over the unlabelled data."""
        return self.unlabelled.batches_per_pass

    def __iter__(self) -> "SemiSupervisedBatches":
        return self

    def __next__(self) -> Batch:
        return self.take(*self.draw())

    def draw(self) -> tuple[Int[Tensor, " batch"], Int[Tensor, " labelled_batch"]]:
        """Where the next batch lies among the unlabelled and among the labelled data; moves on by one batch."""
        labelled = self._labelled_index(self.position)
        return *self.unlabelled.draw(), labelled

    def take(self, places: Int[Tensor, "batch *game"], labelled_places: Int[Tensor, "labelled_batch *game"]) -> Batch:
        """The batch that lies there. Of tensors alone, so that a captured step can repeat it."""
        x, y = scaled(self.labelled_x[labelled_places], self.scale_to), self.labelled_y[labelled_places]
        return Batch(self.unlabelled.take(places).x, labelled=Batch(x, y))

    def _labelled_index(self, position: int) -> Int[Tensor, " batch"]:
        block, start = divmod(position * self.labelled_batch_size, self._block_length)
        if block != self._block:
            n = len(self.labelled_y)
            passes = self._block_length // n
            passed = range(block * passes, (block + 1) * passes)
            permutations = [permutation(n, self.seed + OTHER_ORDER, number) for number in passed]
            self._block, self._order = block, torch.cat(permutations).to(self.labelled_x.device)
        return self._order[start : start + self.labelled_batch_size]

    def state_dict(self) -> dict[str, int]:
        """Where we are, for a checkpoint."""
        return self.unlabelled.state_dict()

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from there: the next batch is the one that would have come."""
        self.unlabelled.load_state_dict(state)
