"""Checks for lesson 04: one move of each player, and a repaired round of Algorithm 1."""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor

from course_lib.checks.base import NotYet, as_tensor, check, close, one_number
from course_lib.checks.lesson_04_players import (
    moved,
    on_data,
    on_fakes,
    pair,
    ready,
    reported,
    slope_of,
    stood_still,
    weights,
)


@check
def discriminator_move(answer: Callable) -> None:
    """Lesson 04, task 1a: answer(G, D, x, z, rate) moves D's weights up the gradient of V, returns V before."""
    for seed, m, rate in ((0, 6, 0.5), (1, 4, 0.2)):
        G, D, x, z = pair(seed, m)
        for again in (False, True):
            d, g = weights(D), weights(G)
            value, up = slope_of(D, lambda D=D, G=G, x=x, z=z: on_data(D, x) + on_fakes(D, G(z)))
            _, data_only = slope_of(D, lambda D=D, x=x: on_data(D, x))
            _, swapped = slope_of(D, lambda D=D, G=G, x=x, z=z: on_data(D, G(z)) + on_fakes(D, x))
            got = one_number(answer(G, D, x, z, rate), "V").detach()
            ready("D", D)
            stood_still(
                "G", G, g, "Between G and this move of D stands `detach`, or the list of weights to differentiate."
            )
            moved(
                "D",
                weights(D) - d,
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
            reported(got, value, "V", lambda D=D, G=G, x=x, z=z: on_data(D, x) + on_fakes(D, G(z)))
    print("Right: D moved up the gradient of V, by `rate` times the gradient, and G was left alone.")


@check
def generator_move(answer: Callable) -> None:
    """Lesson 04, task 1b: answer(G, D, z, rate) moves G's weights down log(1 - D(G(z))), returns it before."""
    for seed, m, rate in ((2, 6, 0.5), (3, 4, 0.2)):
        G, D, _, z = pair(seed, m)
        for again in (False, True):
            d, g = weights(D), weights(G)
            loss, up = slope_of(G, lambda D=D, G=G, z=z: on_fakes(D, G(z)))
            _, log_d = slope_of(G, lambda D=D, G=G, z=z: on_data(D, G(z)))
            got = one_number(answer(G, D, z, rate)).detach()
            ready("G", G)
            stood_still(
                "D",
                D,
                d,
                "G's backward pass goes through D and writes into every weight on its way, unless it is told which "
                "weights to differentiate: torch.autograd.grad(loss, weights), or backward(inputs=weights).",
            )
            moved(
                "G",
                weights(G) - g,
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
            reported(got, loss, "the loss", lambda D=D, G=G, z=z: on_fakes(D, G(z)))
    print("Right: G moved down its loss, through a D that was asked and not touched.")


@check
def repaired_round(answer: Callable) -> None:
    """Lesson 04, task 2: answer(G, D, d_optimizer, g_optimizer, x), one round with k = 1, to (D's loss, G's loss)."""
    for seed, m in ((4, 6), (5, 3)):
        G, D, x, _ = pair(seed, m)
        d_optimizer, g_optimizer = torch.optim.SGD(D.parameters(), lr=0.3), torch.optim.SGD(G.parameters(), lr=0.2)
        for again in (False, True):
            d, g, then = weights(D), weights(G), deepcopy(D)
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
            if any(len(z) != m for z in G.drawn):
                raise NotYet(
                    f"For {m} examples of data, noise was drawn for {' and '.join(str(len(z)) for z in G.drawn)}. Each "
                    "move takes as many z as there are x."
                )
            ready("G", G)
            ready("D", D)
            was = deepcopy(G)
            torch.nn.utils.vector_to_parameters(g, was.parameters())
            z_d, z_g = G.drawn
            d_loss, down = slope_of(then, lambda D=then, G=was, x=x, z=z_d: -on_data(D, x) - on_fakes(D, G(z)))
            _, swapped = slope_of(then, lambda D=then, G=was, x=x, z=z_d: -on_data(D, G(z)) - on_fakes(D, x))
            _, leak = slope_of(was, lambda D=then, G=was, z=z_d: -on_fakes(D, G(z)))
            if close(weights(G), g, 1e-9):
                raise NotYet("G's weights have not moved. Whose optimiser makes the step in G's turn?")
            labels = "The labels are swapped: -log D belongs to the data, -log(1 - D) to the fakes."
            moved("D", weights(D) - d, {"": -0.3 * down, labels: -0.3 * swapped}, again)
            g_loss, up = slope_of(was, lambda D=D, G=was, z=z_g: -on_data(D, G(z)))
            _, minimax = slope_of(was, lambda D=D, G=was, z=z_g: on_fakes(D, G(z)))
            moved(
                "G",
                weights(G) - g,
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
