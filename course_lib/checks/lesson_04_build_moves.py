"""What is asked of a move of either player, for the check of "build it yourself"."""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn

from course_lib.checks.base import NotYet, one_number
from course_lib.checks.lesson_04_build_probes import (
    Shifted,
    batch,
    cleaned,
    d_loss,
    every_example_has_a_say,
    follows_d,
    fooled,
    halves_weigh_alike,
    step_of_d,
    step_of_g,
)
from course_lib.checks.lesson_04_players import ready, weights

D_MOVES, G_MOVES = 20, 6


def judge_d_move(move: Callable, G: nn.Module, D: nn.Module, *, exact: bool) -> None:
    """NotYet unless D alone moves, learns from both halves of V, and each of its moves is a fresh one.

    exact: the players have no chance in them, and more can be asked.
    """
    x, z = batch(2)
    fake = deepcopy(G)(z).detach()
    for by in (0.0, 6.0, -6.0) if exact else (0.0,):
        judged, g = Shifted(deepcopy(D), by), deepcopy(G)
        before, optimizer = d_loss(judged, x, fake), torch.optim.Adam(judged.parameters(), lr=1e-3)
        for _ in range(D_MOVES):
            _d_moves(move, g, judged, optimizer, x, z)
        _has_learned(before, d_loss(judged, x, fake), by)
    if exact:
        for by in (100.0, -100.0):
            sure = Shifted(deepcopy(D), by)
            _d_moves(move, deepcopy(G), sure, torch.optim.SGD(sure.parameters(), lr=0.01), x, z)
        halves_weigh_alike(move, G, D, x, z)
        every_example_has_a_say("D", lambda x, z: step_of_d(move, deepcopy(G), deepcopy(D), x, z), x, z)
        second = deepcopy(D)
        step_of_d(move, deepcopy(G), second, x, z)
        clean = cleaned(second)
        if not torch.allclose(
            step_of_d(move, deepcopy(G), second, x, z), step_of_d(move, deepcopy(G), clean, x, z), atol=1e-6
        ):
            raise NotYet(
                "D's first move is right and its second is not: the gradient of the first was still there and was added. "
                "Clear it, with optimizer.zero_grad(), before the backward pass."
            )


def judge_g_move(move: Callable, d_move: Callable, G: nn.Module, D: nn.Module, *, exact: bool) -> None:
    """NotYet unless G alone moves, fools D more often than before, and leaves nothing behind that spoils D's next move."""
    x, z = batch(3)
    D = deepcopy(D)
    optimizer = torch.optim.Adam(D.parameters(), lr=1e-3)
    for _ in range(G_MOVES):  # so that D has something to say
        d_move(deepcopy(G), D, optimizer, x, z)
    D.zero_grad()
    for by in (0.0, 8.0, -8.0) if exact else (0.0,):
        judged, g = Shifted(deepcopy(D), by), deepcopy(G)
        before, optimizer = fooled(judged, g, z), torch.optim.Adam(g.parameters(), lr=1e-3)
        for _ in range(G_MOVES):
            _g_moves(move, g, judged, optimizer, z)
        rise = fooled(judged, g, z) - before
        if rise < 0:
            raise NotYet(
                "After G's moves D takes the fakes for real *less* often than before. G goes the wrong way: it wants "
                "D(G(z)) large."
            )
        if rise < 1e-3:
            raise NotYet("G moves, but D is not fooled more often than before. What does G's loss have to do with D?")
    if exact:
        every_example_has_a_say("G", lambda x, z: step_of_g(move, deepcopy(G), deepcopy(D), z), None, z)
        follows_d(move, G, D, z)
        g, d = deepcopy(G), deepcopy(D)
        step_of_g(move, g, d, z)
        clean = cleaned(g)
        if not torch.allclose(step_of_g(move, g, deepcopy(D), z), step_of_g(move, clean, deepcopy(D), z), atol=1e-6):
            raise NotYet(
                "G's first move is right and its second is not: the gradient of the first was still there and was added. "
                "Clear it, with optimizer.zero_grad(), before the backward pass."
            )
        clean = cleaned(d)
        if not torch.allclose(
            step_of_d(d_move, deepcopy(G), d, x, z), step_of_d(d_move, deepcopy(G), clean, x, z), atol=1e-6
        ):
            raise NotYet(
                "G's move leaves a gradient in D, and D's next move adds it to its own. Clear D's gradients at the start "
                "of D's move."
            )


def _d_moves(move: Callable, G: nn.Module, D: nn.Module, optimizer, x: Tensor, z: Tensor) -> None:
    g, d = weights(G), weights(D)
    left = [None if weight.grad is None else weight.grad.clone() for weight in G.parameters()]
    one_number(move(G, D, optimizer, x, z), "D's loss")
    if not torch.equal(weights(G), g):
        raise NotYet("G's weights have changed in D's move. Each player's optimiser steps in its own move alone.")
    for weight, before in zip(G.parameters(), left, strict=True):
        if weight.grad is not None and weight.grad.any() and (before is None or not torch.equal(weight.grad, before)):
            raise NotYet(
                "D's move leaves a gradient in G. Detach the fakes, D(G(z).detach()): in D's move they are given points."
            )
    _moved("D", D, d)
    for name, network in (("G", G), ("D", D)):
        ready(name, network)


def _g_moves(move: Callable, G: nn.Module, D: nn.Module, optimizer, z: Tensor) -> None:
    g, d = weights(G), weights(D)
    one_number(move(G, D, optimizer, z), "G's loss")
    if not torch.equal(weights(D), d):
        raise NotYet("D's weights have changed in G's move. D is asked there, and stands still.")
    _moved("G", G, g)
    for name, network in (("G", G), ("D", D)):
        ready(name, network)


def _moved(name: str, network: nn.Module, before: Tensor) -> None:
    after = weights(network)
    if not after.isfinite().all():
        raise NotYet(
            f"{name}'s weights are no numbers any more where D is very sure: the logarithm of a sigmoid that has rounded "
            "to 0. Use softplus, logsigmoid or binary_cross_entropy_with_logits, on logits."
        )
    if torch.equal(after, before):
        raise NotYet(f"{name}'s weights have not moved. Backward pass, then a step of the optimiser: is one missing?")


def _has_learned(before: tuple[float, float], after: tuple[float, float], by: float) -> None:
    if sum(after) < 0.75 * sum(before):
        return
    if by == 0 and after[0] > before[0] and after[1] > before[1]:
        raise NotYet("D gets worse on data and on fakes: the labels are swapped. D wants D(x) large and D(G(z)) small.")
    half = "the fakes, log(1 - D(G(z)))" if by > 0 or after[1] > before[1] else "the data, log D(x)"
    raise NotYet(
        f"After {D_MOVES} moves on one batch D's loss went from {sum(before):.2f} to {sum(after):.2f}, and should be far lower. D "
        f"does not learn from {half}. Is that half missing, or its sign wrong?"
    )
