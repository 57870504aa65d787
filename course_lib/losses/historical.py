"""Historical averaging: a player is held back from where its weights have been on average.

Salimans et al. 2016, section 3.3. No released code has it; this follows the text.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.verdict import Round


class HistoricalAveraging(nn.Module):
    """A term for one player: || theta - 1/t sum_i theta[i] ||^2 over its t past theta; at least 0, to be `weighted`.

    optimizer: of that player; its parameters, in all its groups, are theta. After each of its steps the new
    theta joins the past, whoever called the step. Before the first step there is no past, and the term is 0.
    The mean and t are buffers: save the term's `state_dict` with the checkpoint.
    """

    def __init__(self, optimizer: torch.optim.Optimizer):
        super().__init__()
        # In a list, so that this module does not take the player's parameters for its own and save them again.
        self._theta = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        # A tensor and not an int: a captured or compiled step would repeat the int it once saw.
        self.register_buffer("count", torch.zeros((), device=self._theta[0].device, dtype=torch.long))
        for index, parameter in enumerate(self._theta):
            self.register_buffer(f"mean_{index}", torch.zeros_like(parameter, requires_grad=False))
        optimizer.register_step_post_hook(self._remember)

    def forward(self, round: Round) -> Float[Tensor, ""]:
        """The squared distance now, summed over all parameters. What the round holds does not matter."""
        pairs = zip(self._theta, self._means(), strict=True)
        distance = sum((parameter - mean).square().sum() for parameter, mean in pairs)
        return distance * (self.count > 0)

    def _means(self) -> list[Tensor]:
        # A trainer may have moved the player to a GPU after this term was made.
        self.to(self._theta[0].device)
        return [self.get_buffer(f"mean_{index}") for index in range(len(self._theta))]

    @torch.no_grad()
    def _remember(self, *_) -> None:
        means = self._means()
        self.count += 1
        for parameter, mean in zip(self._theta, means, strict=True):
            # The running form of the mean, exact where theta stands still: then the difference is 0.
            mean += (parameter - mean) / self.count
