"""Learning rates and momenta that change from step to step, kept by the optimiser itself.

PyTorch's schedulers are moved on by the loop, and their position is theirs to save. The game calls its
optimisers and knows of no schedule, so here the optimiser counts its own steps, in its parameter groups,
which `state_dict` saves and restores.
"""

from collections.abc import Callable

import torch

Schedule = Callable[[int], float]


def scheduled(
    optimizer: torch.optim.Optimizer, *, rate: Schedule | None = None, momentum: Schedule | None = None
) -> torch.optim.Optimizer:
    """Set the learning rate, or the momentum of SGD, before each step; returns the optimiser.

    rate, momentum: from the number of steps already made, 0 at the first, to the value for the next.
    """
    at = {name: value for name, value in (("lr", rate), ("momentum", momentum)) if value is not None}
    for group in optimizer.param_groups:
        group.setdefault("steps_made", 0)

    def set_values(optimizer, args, kwargs):
        for group in optimizer.param_groups:
            group.update({name: value(group["steps_made"]) for name, value in at.items()})
            group["steps_made"] += 1

    optimizer.register_step_pre_hook(set_values)
    return optimizer


def shrinking(start: float, *, divided_by: float, floor: float = 0.0) -> Schedule:
    """start, divided by the same number at every step, never below floor (Goodfellow et al. 2014, code)."""
    return lambda step: max(floor, start * divided_by**-step)


def straight(start: float, end: float, *, steps: int, after: int = 0) -> Schedule:
    """start for `after` steps, then in a straight line to end over `steps` steps, and end from there on."""

    def value(step: int) -> float:
        share = min(1.0, max(0.0, (step - after) / max(1, steps)))
        return start + (end - start) * share

    return value
