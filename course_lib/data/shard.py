"""Each of several processes takes its own part of every batch."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol, runtime_checkable

from torch import Tensor

from course_lib.verdict import Batch


@runtime_checkable
class EndlessBatches(Protocol):
    """What can be shared: batches without end that know where they are, such as `course_lib.data.Batches`."""

    batch_size: int

    def __iter__(self) -> Iterator[Batch]: ...
    def __next__(self) -> Batch: ...
    def state_dict(self) -> dict: ...
    def load_state_dict(self, state: dict) -> None: ...


class Shard:
    """The part of every batch that belongs to one process: `world` equal slices, of which this is number `rank`.

    batches: of the global size, the same in every process; their order does not depend on how many share them.
    The `labelled` part of a batch is shared in the same way. State is that of the batches, so a run may be
    taken up by another number of processes.
    Raises ValueError for a rank outside 0 to world - 1, and for a batch that cannot be shared equally.
    """

    def __init__(self, batches: EndlessBatches, rank: int, world: int):
        if not 0 <= rank < world:
            raise ValueError(f"rank is {rank} of {world} processes; it runs from 0 to {world - 1}.")
        _share(batches.batch_size, world)
        self.batches, self.rank, self.world = batches, rank, world

    @property
    def batch_size(self) -> int:
        """Examples in each of this process's batches."""
        return _share(self.batches.batch_size, self.world)

    def __iter__(self) -> "Shard":
        return self

    def __next__(self) -> Batch:
        return self._own(next(self.batches))

    def _own(self, batch: Batch) -> Batch:
        each = _share(len(batch), self.world)

        def mine(whole: Tensor) -> Tensor:
            return whole[self.rank * each : (self.rank + 1) * each]

        return replace(
            batch,
            x=mine(batch.x),
            y=None if batch.y is None else mine(batch.y),
            given=tuple(mine(told) for told in batch.given),
            labelled=None if batch.labelled is None else self._own(batch.labelled),
        )

    def state_dict(self) -> dict:
        """Where the batches are, for a checkpoint; the same in every process."""
        return self.batches.state_dict()

    def load_state_dict(self, state: dict) -> None:
        """Go on from there."""
        self.batches.load_state_dict(state)


def _share(size: int, world: int) -> int:
    each, left = divmod(size, world)
    if left:
        raise ValueError(
            f"A batch of {size} cannot be shared equally by {world} processes. Choose a multiple of {world}."
        )
    return each
