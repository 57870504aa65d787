"""Averages of weights over a training: steadier than the last weights, which tremble with every batch."""

from copy import deepcopy

import torch
from torch import Tensor, nn


class Averaged:
    """A copy of a network whose weights are a running average of the trained ones.

    rate: weight of the newest, in (0, 1]; 1 keeps only the last weights. After n steps the weights of step i
    count (1 - rate)^(n - i) each, divided by their sum. Without that division an average begun at zero is
    useless for the first 1/rate steps, which is why early test errors of Salimans et al.'s released code look
    so bad. Running statistics, such as batch norm's, are copied, not averaged.
    """

    def __init__(self, network: nn.Module, rate: float):
        if not 0 < rate <= 1:
            raise ValueError(f"The rate of averaging is the newest weights' share, in (0, 1]; got {rate}.")
        self.rate, self.steps = rate, 0
        self.network = deepcopy(network).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take in the weights that the network has now."""
        self.steps += 1
        share = self.rate / (1 - (1 - self.rate) ** self.steps)
        # PyTorch's AveragedModel keeps its count on the GPU and waits for it at every update.
        torch._foreach_lerp_(list(self.network.parameters()), list(network.parameters()), share)
        for mine, theirs in zip(self.network.buffers(), network.buffers(), strict=True):
            mine.copy_(theirs)

    def state_dict(self) -> dict[str, int | dict[str, Tensor]]:
        """For a checkpoint: the average, and over how many steps."""
        return {"steps": self.steps, "network": self.network.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        """Go on from there."""
        self.steps = state["steps"]
        self.network.load_state_dict(state["network"])
