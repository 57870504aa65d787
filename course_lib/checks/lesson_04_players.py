"""Two players for the checks of lesson 04, and what is found out about a move of theirs."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from course_lib.checks.base import NotYet, close
from course_lib.models.mlp import Discriminator, Generator


class Recorded(Generator):
    """A generator that remembers the noise it has handed out."""

    def __init__(self):
        super().__init__(2, (5,), (2,))
        self.drawn: list[Tensor] = []

    def noise(self, n: int) -> Tensor:
        self.drawn.append(super().noise(n).double())
        return self.drawn[-1]


def pair(seed: int, m: int) -> tuple[Recorded, Discriminator, Tensor, Tensor]:
    """G, D, a batch of data and one of noise, in float64; the same for a seed, whatever was drawn before."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return (
            Recorded().double(),
            Discriminator((2,), (5,)).double(),
            torch.randn(m, 2).double() + 1,
            torch.randn(m, 2).double(),
        )


def on_data(D: nn.Module, x: Tensor) -> Tensor:
    """What D earns on real data, the mean of log D(x)."""
    return logsigmoid(D(x).logits).mean()


def on_fakes(D: nn.Module, x: Tensor) -> Tensor:
    """What D earns on generated data, the mean of log(1 - D(x))."""
    return logsigmoid(-D(x).logits).mean()


def weights(network: nn.Module) -> Tensor:
    """All weights of a network as one vector, a copy."""
    return torch.nn.utils.parameters_to_vector(network.parameters()).detach().clone()


def slope_of(network: nn.Module, loss: Callable[[], Tensor]) -> tuple[Tensor, Tensor]:
    """A loss, and its gradient in the weights as one vector; nothing is left behind in any network."""
    value = loss()
    return value.detach(), torch.cat(
        [part.reshape(-1) for part in torch.autograd.grad(value, list(network.parameters()))]
    )


def stood_still(name: str, network: nn.Module, before: Tensor, why: str) -> None:
    """Raise NotYet where a player that should wait has changed, keeps a gradient, or can learn no more."""
    if not torch.equal(weights(network), before):
        raise NotYet(f"{name}'s weights have changed. This is the other player's move: {name} stands still.")
    ready(name, network)
    if any(weights.grad is not None and weights.grad.any() for weights in network.parameters()):
        raise NotYet(f"A gradient was left in {name}, which would be added to its own at its next move. {why}")


def ready(name: str, network: nn.Module) -> None:
    """Raise NotYet where a player was left frozen, or in evaluation mode, so that its next move goes wrong."""
    if not all(weights.requires_grad for weights in network.parameters()):
        raise NotYet(
            f"{name}'s weights no longer require a gradient, so {name} can never learn again. Switch it back on."
        )
    if not all(module.training for module in network.modules()):
        raise NotYet(
            f"{name} was left in evaluation mode: its dropout and batch norm are off from now on. A move is made in "
            "training mode."
        )


def moved(name: str, step: Tensor, known: Mapping[str, Tensor], again: bool) -> None:
    """Whether the step is the one under "", or NotYet with the message of the one that it is."""
    if close(step, known[""], 1e-7):
        return
    if not step.any():
        raise NotYet(f"{name}'s weights have not moved. A step changes them in place, as an optimiser does.")
    if again:
        raise NotYet(
            f"{name}'s first move is right and its second is not: the gradient of the first was still there and was "
            "added. Clear it before the backward pass."
        )
    for message, wrong in known.items():
        if message and close(step, wrong, 1e-7):
            raise NotYet(message)
    cosine = torch.cosine_similarity(step, known[""], dim=0).item()
    raise NotYet(
        f"{name} moved, but not as it should: the cosine between its step and the right one is {cosine:.2f}, not 1."
    )


def reported(got: Tensor, before: Tensor, name: str, now: Callable[[], Tensor]) -> None:
    """Raise NotYet where the loss that was returned is not that of before the move."""
    if close(got, before):
        return
    if close(got, -before):
        raise NotYet(f"The move is right; the number returned has the wrong sign. Return {name}, which is at most 0.")
    if close(got, now().detach()):
        raise NotYet(f"The move is right; return {name} as it was before the move, not after it.")
    raise NotYet(f"The move is right; {name} before it was {before:.4f}, and yours returns {got:.4f}.")
