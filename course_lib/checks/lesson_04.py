"""Checks for lesson 04: one move of each player, and a repaired round of Algorithm 1."""

from collections.abc import Callable, Mapping
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from course_lib.checks.base import NotYet, as_tensor, check, close, one_number
from course_lib.models.mlp import Discriminator, Generator


@check
def discriminator_move(answer: Callable) -> None:
    """Lesson 04, task 1a: answer(G, D, x, z, rate) moves D's weights up the gradient of V, returns V before."""
    for seed, m, rate in ((0, 6, 0.5), (1, 4, 0.2)):
        G, D, x, z = _pair(seed, m)
        for again in (False, True):
            d, g = _weights(D), _weights(G)
            value, up = _slope(D, lambda D=D, G=G, x=x, z=z: _on_data(D, x) + _on_fakes(D, G(z)))
            _, data_only = _slope(D, lambda D=D, x=x: _on_data(D, x))
            _, swapped = _slope(D, lambda D=D, G=G, x=x, z=z: _on_data(D, G(z)) + _on_fakes(D, x))
            got = one_number(answer(G, D, x, z, rate), "V").detach()
            _stood_still(
                "G", G, g, "Between G and this move of D stands `detach`, or the list of weights to differentiate."
            )
            _moved(
                "D",
                _weights(D) - d,
                {
                    "": rate * up,
                    "D went down the gradient of V. It wants V large: it ascends, or descends -V.": -rate * up,
                    "The step has the right direction and is as many times too long as there are examples: V is a mean "
                    "over the batch, not a sum.": rate * m * up,
                    "The step has the right direction but not the right length: multiply the gradient by `rate`.": up,
                    "D looked at the data alone. V has a second half, log(1 - D) on the fakes.": rate * data_only,
                    "D looked at the fakes alone. V has a first half, log D on the data.": rate * (up - data_only),
                    "The labels are swapped: D learns to call the data generated and the fakes real.": rate * swapped,
                },
                again,
            )
            _reported(got, value, "V", lambda D=D, G=G, x=x, z=z: _on_data(D, x) + _on_fakes(D, G(z)))
    print("Right: D moved up the gradient of V, by `rate` times the gradient, and G was left alone.")


@check
def generator_move(answer: Callable) -> None:
    """Lesson 04, task 1b: answer(G, D, z, rate) moves G's weights down log(1 - D(G(z))), returns it before."""
    for seed, m, rate in ((2, 6, 0.5), (3, 4, 0.2)):
        G, D, _, z = _pair(seed, m)
        for again in (False, True):
            d, g = _weights(D), _weights(G)
            loss, up = _slope(G, lambda D=D, G=G, z=z: _on_fakes(D, G(z)))
            _, log_d = _slope(G, lambda D=D, G=G, z=z: _on_data(D, G(z)))
            got = one_number(answer(G, D, z, rate)).detach()
            _stood_still(
                "D",
                D,
                d,
                "G's backward pass goes through D and writes into every weight on its way, unless it is told which "
                "weights to differentiate: torch.autograd.grad(loss, weights), or backward(inputs=weights).",
            )
            _moved(
                "G",
                _weights(G) - g,
                {
                    "": -rate * up,
                    "G went up. It wants log(1 - D(G(z))) small: it descends.": rate * up,
                    "The step has the right direction and is as many times too long as there are examples: the loss is a "
                    "mean over the batch, not a sum.": -rate * m * up,
                    "The step has the right direction but not the right length: multiply the gradient by `rate`.": -up,
                    "This is a step on -log D(G(z)), the non-saturating loss. Algorithm 1 as printed uses "
                    "log(1 - D(G(z))).": rate * log_d,
                },
                again,
            )
            _reported(got, loss, "the loss", lambda D=D, G=G, z=z: _on_fakes(D, G(z)))
    print("Right: G moved down its loss, through a D that was asked and not touched.")


@check
def repaired_round(answer: Callable) -> None:
    """Lesson 04, task 2: answer(G, D, d_optimizer, g_optimizer, x), one round with k = 1, to (D's loss, G's loss)."""
    for seed, m in ((4, 6), (5, 3)):
        G, D, x, _ = _pair(seed, m)
        d_optimizer, g_optimizer = torch.optim.SGD(D.parameters(), lr=0.3), torch.optim.SGD(G.parameters(), lr=0.2)
        for again in (False, True):
            d, g, then = _weights(D), _weights(G), deepcopy(D)
            G.drawn.clear()
            got = answer(G, D, d_optimizer, g_optimizer, x)
            if got is None:
                raise NotYet("Your function returned nothing. Is there a `return` of the two losses?")
            if not isinstance(got, tuple | list | Tensor) or len(got) != 2:
                raise NotYet("Return two numbers: D's loss and G's loss.")
            returned = torch.stack([as_tensor(loss).detach() for loss in got])
            if len(G.drawn) != 2:
                raise NotYet(
                    f"Noise was drawn {len(G.drawn)} time(s) with G.noise. Each of the two moves needs fresh noise: G "
                    "must not be trained on the very z on which D has just learned to reject it."
                )
            was = deepcopy(G)
            torch.nn.utils.vector_to_parameters(g, was.parameters())
            z_d, z_g = G.drawn
            d_loss, down = _slope(then, lambda D=then, G=was, x=x, z=z_d: -_on_data(D, x) - _on_fakes(D, G(z)))
            _, swapped = _slope(then, lambda D=then, G=was, x=x, z=z_d: -_on_data(D, G(z)) - _on_fakes(D, x))
            _, leak = _slope(was, lambda D=then, G=was, z=z_d: -_on_fakes(D, G(z)))
            if close(_weights(G), g, 1e-9):
                raise NotYet("G's weights have not moved. Whose optimiser makes the step in G's turn?")
            labels = "The labels are swapped: -log D belongs to the data, -log(1 - D) to the fakes."
            _moved("D", _weights(D) - d, {"": -0.3 * down, labels: -0.3 * swapped}, again)
            g_loss, up = _slope(was, lambda D=D, G=was, z=z_g: -_on_data(D, G(z)))
            _, minimax = _slope(was, lambda D=D, G=was, z=z_g: _on_fakes(D, G(z)))
            _moved(
                "G",
                _weights(G) - g,
                {
                    "": -0.2 * up,
                    "G also follows a gradient that D's turn has left in it, and which points the other way. Detach "
                    "the fake batch there.": -0.2 * (up + leak),
                    "G follows log(1 - D(G(z))) here; the loop to be repaired uses -log D(G(z)).": -0.2 * minimax,
                    "G goes the wrong way: its loss is -log D(G(z)), made small.": 0.2 * up,
                },
                again,
            )
            if not close(returned, torch.stack([d_loss, g_loss])):
                raise NotYet("Both players move rightly, but the losses returned are not those that they made small.")
    print("Right: fresh noise, labels as they should be, each player moved once, by its own gradient alone.")


class _Recorded(Generator):
    """A generator that remembers the noise it has handed out."""

    def __init__(self):
        super().__init__(2, (5,), (2,))
        self.drawn: list[Tensor] = []

    def noise(self, n: int) -> Tensor:
        self.drawn.append(super().noise(n).double())
        return self.drawn[-1]


def _pair(seed: int, m: int) -> tuple[_Recorded, Discriminator, Tensor, Tensor]:
    """G, D, a batch of data and one of noise, in float64; the same for a seed, whatever was drawn before."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return (
            _Recorded().double(),
            Discriminator((2,), (5,)).double(),
            torch.randn(m, 2).double() + 1,
            torch.randn(m, 2).double(),
        )


def _on_data(D: nn.Module, x: Tensor) -> Tensor:
    return logsigmoid(D(x).logits).mean()


def _on_fakes(D: nn.Module, x: Tensor) -> Tensor:
    return logsigmoid(-D(x).logits).mean()


def _weights(network: nn.Module) -> Tensor:
    return torch.nn.utils.parameters_to_vector(network.parameters()).detach().clone()


def _slope(network: nn.Module, loss: Callable[[], Tensor]) -> tuple[Tensor, Tensor]:
    """A loss, and its gradient in the weights as one vector; nothing is left behind in any network."""
    value = loss()
    return value.detach(), torch.cat(
        [part.reshape(-1) for part in torch.autograd.grad(value, list(network.parameters()))]
    )


def _stood_still(name: str, network: nn.Module, before: Tensor, why: str) -> None:
    if not torch.equal(_weights(network), before):
        raise NotYet(f"{name}'s weights have changed. This is the other player's move: {name} stands still.")
    if any(weights.grad is not None and weights.grad.any() for weights in network.parameters()):
        raise NotYet(f"A gradient was left in {name}, which would be added to its own at its next move. {why}")
    if not all(weights.requires_grad for weights in network.parameters()):
        raise NotYet(
            f"{name}'s weights no longer require a gradient, so {name} can never learn again. Switch it back on."
        )


def _moved(name: str, step: Tensor, known: Mapping[str, Tensor], again: bool) -> None:
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


def _reported(got: Tensor, before: Tensor, name: str, now: Callable[[], Tensor]) -> None:
    if close(got, before):
        return
    if close(got, -before):
        raise NotYet(f"The move is right; the number returned has the wrong sign. Return {name}, which is at most 0.")
    if close(got, now().detach()):
        raise NotYet(f"The move is right; return {name} as it was before the move, not after it.")
    raise NotYet(f"The move is right; {name} before it was {before:.4f}, and yours returns {got:.4f}.")
