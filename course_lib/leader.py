"""Which of several processes of one training speaks for all of them, and how all learn what it found."""

import os
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, runtime_checkable

import torch

T = TypeVar("T")

# Set by Fabric, torchrun and Slurm before the processes know each other.
NUMBERS = ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID")
ON_THIS_MACHINE = ("LOCAL_RANK", "SLURM_LOCALID")


@runtime_checkable
class Together(Protocol):
    """What is asked of Lightning Fabric here."""

    is_global_zero: bool

    def broadcast(self, value: Any) -> Any: ...


def leads() -> bool:
    """Whether this process is the first of its run, or the only one: what all would say alike, it alone says."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank() == 0
    return _is_first(NUMBERS)


def leads_here() -> bool:
    """Whether this process is the first on its machine. What went wrong may be another thing on another machine."""
    return _is_first(ON_THIS_MACHINE)


def as_one(fabric: Together, work: Callable[[], T]) -> T:
    """What the leader alone finds out, in all processes; where it refuses with ValueError or OSError, all refuse."""
    found, refused = None, None
    if fabric.is_global_zero:
        try:
            found = work()
        except (ValueError, OSError) as error:
            refused = error
    found, refused = fabric.broadcast((found, refused))
    if refused is not None:
        raise refused
    return found


def _is_first(numbers: tuple[str, ...]) -> bool:
    return all(os.environ.get(name, "0") == "0" for name in numbers)
