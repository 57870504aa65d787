"""Averages of weights over a training: steadier than the last weights, which tremble with every batch."""

from copy import deepcopy

import torch
from torch import Tensor, nn


class Averaged:
    """A running average of a network's weights, from now on.

    network: which is trained elsewhere. rate: weight of the newest, in (0, 1]; 1 keeps only the last weights.
    After n steps the weights of step i count (1 - rate)^(n - i) each, divided by their sum. Without that division an
    average begun at zero is useless for the first 1/rate steps, which is why early test errors of Salimans et al.'s
    released code look so bad. Running statistics, such as batch norm's, are copied, not averaged.
    """

    def __init__(self, network: nn.Module, rate: float):
        if not 0 < rate <= 1:
            raise ValueError(f"The rate of averaging is the newest weights' share, in (0, 1]; got {rate}.")
        self.rate, self._trained = rate, network
        self._copy = deepcopy(network).eval().requires_grad_(False)
        weights = list(network.parameters()) if rate < 1 else []
        self._sums = [torch.zeros_like(each, requires_grad=False) for each in weights]
        # A tensor: where a captured step is replayed, a Python number would stand still.
        self._steps = torch.zeros((), dtype=torch.long, device=weights[0].device if weights else None)

    @torch.no_grad()
    def update(self) -> None:
        """Take in the weights that the network has now."""
        if self.rate < 1:
            torch._foreach_lerp_(self._sums, list(self._trained.parameters()), self.rate)
            self._steps += 1

    @torch.no_grad()
    def network(self) -> nn.Module:
        """The network with its weights averaged, in evaluation mode; the same object at each call, filled anew.

        Before the first update it is the network as it is.
        """
        sums = self._sums if self._steps else list(self._trained.parameters())
        shares = 1 - (1 - self.rate) ** int(self._steps) if self._steps else 1.0
        for mine, theirs in zip(self._copy.parameters(), sums, strict=True):
            mine.copy_(theirs / shares)
        for mine, theirs in zip(self._copy.buffers(), self._trained.buffers(), strict=True):
            mine.copy_(theirs)
        return self._copy

    def state_dict(self) -> dict[str, int | list[Tensor]]:
        """For a checkpoint: the undivided average, and over how many steps. The running statistics are the network's."""
        return {"steps": int(self._steps), "sums": self._sums}

    def load_state_dict(self, state: dict) -> None:
        """Go on from there."""
        self._steps.fill_(state["steps"])
        for mine, saved in zip(self._sums, state["sums"], strict=True):
            mine.copy_(saved)
