"""Learning rates and momenta that change from step to step, kept by the optimiser itself.

PyTorch's schedulers are moved on by the loop, and their position is theirs to save. The game calls its
optimisers and knows of no schedule, so here the optimiser counts its own steps, in its parameter groups,
which `state_dict` saves and restores. Count and value are tensors, so that a step which was captured on a GPU
and is replayed, without any Python, still moves both on.
"""

from collections.abc import Callable

import torch
from torch import Tensor

Schedule = Callable[[Tensor], Tensor | float]


def scheduled(
    optimizer: torch.optim.Optimizer, *, rate: Schedule | None = None, momentum: Schedule | None = None
) -> torch.optim.Optimizer:
    """Set the learning rate, or the momentum of SGD, before each step; returns the optimiser.

    rate, momentum: from the number of steps already made, a float64 tensor of shape (), 0 at the first, to the value
    for the next. Where the optimiser has a tensor for it, as those of `course_lib.training.optimizers` do, that
    tensor is filled; elsewhere the value becomes a Python number.
    """
    at = {name: value for name, value in (("lr", rate), ("momentum", momentum)) if value is not None}
    for group in optimizer.param_groups:
        group.setdefault("steps_made", torch.zeros((), dtype=torch.float64))

    def set_values(optimizer, args, kwargs):
        for group in optimizer.param_groups:
            for name, value in at.items():
                now = value(group["steps_made"])
                if isinstance(group[name], Tensor):
                    group[name].copy_(now) if isinstance(now, Tensor) else group[name].fill_(now)
                else:
                    group[name] = float(now)
            group["steps_made"] += 1

    optimizer.register_step_pre_hook(set_values)
    return optimizer


def shrinking(start: float, *, divided_by: float, floor: float = 0.0) -> Schedule:
    """start, divided by the same number at every step, never below floor (Goodfellow et al. 2014, code)."""
    return lambda step: (start * divided_by ** -_count(step)).clamp(min=floor)


def straight(start: float, end: float, *, steps: int, after: int = 0) -> Schedule:
    """start for `after` steps, then in a straight line to end over `steps` steps, and end from there on."""
    return lambda step: start + (end - start) * ((_count(step) - after) / max(1, steps)).clamp(0.0, 1.0)


def falling_rate_rising_momentum(rate: float, decay: float, steps: int) -> dict[str, Schedule]:
    """The SGD of Goodfellow et al. 2014 (code), and of Mirza and Osindero 2014, for `optimizers.sgd`.

    rate: at the start, divided by decay at every step down to 1e-6. The momentum rises from 0.5 to 0.7 over `steps` steps.
    """
    return {
        "rate": shrinking(rate, divided_by=decay, floor=1e-6),
        "momentum": straight(0.5, 0.7, steps=steps),
    }


def _count(step: Tensor | int) -> Tensor:
    return torch.as_tensor(step, dtype=torch.float64)
