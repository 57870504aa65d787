"""The optimisers of the papers, with rates that a captured step can follow.

A step that was captured on a GPU and is replayed repeats every Python number that it once saw. What a schedule changes
is therefore a tensor here, on the device of the weights once `on_device` has put it there.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from course_lib.training.schedules import Schedule, scheduled

EPSILON = 1e-4  # of Adam in the code of Salimans et al. 2016, whose 1e-8 stands inside the root


def adam(
    network: nn.Module,
    rate: float,
    *,
    schedule: Schedule | None = None,
    betas: tuple[float, float] = (0.5, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> torch.optim.Optimizer:
    """Adam of one player, beta1 = 0.5 as in Radford et al. 2016. Fused: one pass over all weights.

    schedule: of the rate, if it changes. weight_decay: of an L2 penalty, whose gradient Adam sees, unlike AdamW's.
    """
    start = rate if schedule is None else torch.tensor(rate)
    made = torch.optim.Adam(network.parameters(), lr=start, betas=betas, eps=eps, weight_decay=weight_decay, fused=True)
    return made if schedule is None else scheduled(made, rate=schedule)


def sgd(network: nn.Module, *, rate: Schedule, momentum: Schedule) -> torch.optim.Optimizer:
    """SGD whose rate and momentum both change, as in the code of Goodfellow et al. 2014."""
    return scheduled(SGD(network.parameters()), rate=rate, momentum=momentum)


class SGD(torch.optim.Optimizer):
    """`torch.optim.SGD` with momentum, in which rate and momentum are tensors of shape ().

    PyTorch's takes a tensor for the rate alone. Velocity v <- momentum v + gradient, weights w <- w - rate v.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float = 0.1, momentum: float = 0.5):
        super().__init__(parameters, {"lr": torch.tensor(lr), "momentum": torch.tensor(momentum)})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        """Move every weight that has a gradient."""
        for group in self.param_groups:
            weights = [weight for weight in group["params"] if weight.grad is not None]
            if not weights:
                continue
            for weight in weights:
                if not self.state[weight]:
                    self.state[weight]["velocity"] = torch.zeros_like(weight)
            velocities = [self.state[weight]["velocity"] for weight in weights]
            torch._foreach_mul_(velocities, group["momentum"])
            torch._foreach_add_(velocities, [weight.grad for weight in weights])
            torch._foreach_sub_(weights, torch._foreach_mul(velocities, group["lr"]))


def on_device(optimizer: torch.optim.Optimizer, device: torch.device) -> None:
    """Bring rate, momentum and count to the device of the weights, and let a GPU's step be captured.

    Call it when the weights have been moved, and after `load_state_dict`, which puts the saved ones in their place.
    """
    for group in optimizer.param_groups:
        for name, value in group.items():
            if isinstance(value, Tensor):
                group[name] = value.to(device)
        if "capturable" in group:
            group["capturable"] = device.type == "cuda"


def follows_tensors(optimizer: torch.optim.Optimizer) -> bool:
    """Whether a captured step of this optimiser stays right when it is replayed."""
    return isinstance(optimizer, SGD) or all(group.get("capturable", False) for group in optimizer.param_groups)
