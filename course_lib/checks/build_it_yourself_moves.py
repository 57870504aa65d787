"""What is asked of a move of either player, for the check of "build it yourself"."""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from course_lib.checks.base import NotYet, one_number
from course_lib.checks.lesson_04_players import ready, weights
from course_lib.data import embedded_digits

NOISE = 64  # numbers in z
M = 32  # examples in a batch of the check's
D_MOVES, G_MOVES = 20, 6


class Shifted(nn.Module):
    """D with every logit raised by the same amount: one that takes nearly everything for real, or for fake."""

    def __init__(self, D: nn.Module, by: float):
        super().__init__()
        self.D, self.by = D, by

    def forward(self, x: Tensor) -> Tensor:
        return self.D(x) + self.by


def small_players() -> tuple[nn.Module, nn.Module]:
    """Players without any chance in them, so that two equal moves are equal."""
    torch.manual_seed(1)
    G = nn.Sequential(nn.Linear(NOISE, 32), nn.ReLU(), nn.Linear(32, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    D = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
    return G, D


def judge_d_move(move: Callable, G: nn.Module, D: nn.Module, *, exact: bool) -> None:
    """NotYet unless D alone moves, learns from both halves of V, and each of its moves is a fresh one.

    exact: the players have no chance in them, and more can be asked.
    """
    x, z = _batch(2)
    fake = deepcopy(G)(z).detach()
    for by in (0.0, 6.0, -6.0) if exact else (0.0,):
        judged, g = Shifted(deepcopy(D), by), deepcopy(G)
        before, optimizer = _d_loss(judged, x, fake), torch.optim.Adam(judged.parameters(), lr=1e-3)
        for _ in range(D_MOVES):
            _d_moves(move, g, judged, optimizer, x, z)
        _has_learned(before, _d_loss(judged, x, fake), by)
    if exact:
        for by in (100.0, -100.0):
            sure = Shifted(deepcopy(D), by)
            _d_moves(move, deepcopy(G), sure, torch.optim.SGD(sure.parameters(), lr=0.01), x, z)
        _halves_weigh_alike(move, G, D, x, z)
        _every_example_has_a_say("D", lambda x, z: _step_of_d(move, deepcopy(G), deepcopy(D), x, z), x, z)
        second = deepcopy(D)
        _step_of_d(move, deepcopy(G), second, x, z)
        clean = _cleaned(second)
        if not torch.allclose(
            _step_of_d(move, deepcopy(G), second, x, z), _step_of_d(move, deepcopy(G), clean, x, z), atol=1e-6
        ):
            raise NotYet(
                "D's first move is right and its second is not: the gradient of the first was still there and was added. "
                "Clear it, with optimizer.zero_grad(), before the backward pass."
            )


def judge_g_move(move: Callable, d_move: Callable, G: nn.Module, D: nn.Module, *, exact: bool) -> None:
    """NotYet unless G alone moves, fools D more often than before, and leaves nothing behind that spoils D's next move."""
    x, z = _batch(3)
    D = deepcopy(D)
    optimizer = torch.optim.Adam(D.parameters(), lr=1e-3)
    for _ in range(G_MOVES):  # so that D has something to say
        d_move(deepcopy(G), D, optimizer, x, z)
    D.zero_grad()
    for by in (0.0, 8.0, -8.0) if exact else (0.0,):
        judged, g = Shifted(deepcopy(D), by), deepcopy(G)
        before, optimizer = _fooled(judged, g, z), torch.optim.Adam(g.parameters(), lr=1e-3)
        for _ in range(G_MOVES):
            _g_moves(move, g, judged, optimizer, z)
        rise = _fooled(judged, g, z) - before
        if rise < 0:
            raise NotYet(
                "After G's moves D takes the fakes for real *less* often than before. G goes the wrong way: it wants "
                "D(G(z)) large."
            )
        if rise < 1e-3:
            raise NotYet("G moves, but D is not fooled more often than before. What does G's loss have to do with D?")
    if exact:
        _every_example_has_a_say("G", lambda x, z: _step_of_g(move, deepcopy(G), deepcopy(D), z), None, z)
        g, d = deepcopy(G), deepcopy(D)
        _step_of_g(move, g, d, z)
        clean = _cleaned(g)
        if not torch.allclose(_step_of_g(move, g, deepcopy(D), z), _step_of_g(move, clean, deepcopy(D), z), atol=1e-6):
            raise NotYet(
                "G's first move is right and its second is not: the gradient of the first was still there and was added. "
                "Clear it, with optimizer.zero_grad(), before the backward pass."
            )
        clean = _cleaned(d)
        if not torch.allclose(
            _step_of_d(d_move, deepcopy(G), d, x, z), _step_of_d(d_move, deepcopy(G), clean, x, z), atol=1e-6
        ):
            raise NotYet(
                "G's move leaves a gradient in D, and D's next move adds it to its own. Clear D's gradients at the start "
                "of D's move."
            )


def _batch(seed: int) -> tuple[Tensor, Tensor]:
    torch.manual_seed(seed)
    return embedded_digits("train").scaled()[seed * M : (seed + 1) * M], torch.randn(M, NOISE)


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


def _d_loss(D: nn.Module, x: Tensor, fake: Tensor) -> tuple[float, float]:
    """-V in its two halves, on data and on fakes, with dropout and the like switched off."""
    quiet = deepcopy(D).eval()
    with torch.no_grad():
        return softplus(-quiet(x)).mean().item(), softplus(quiet(fake)).mean().item()


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


def _fooled(D: nn.Module, G: nn.Module, z: Tensor) -> float:
    """The mean logit that D gives to the fakes: its mistake."""
    with torch.no_grad():
        return deepcopy(D).eval()(deepcopy(G)(z)).mean().item()


def _cleaned(network: nn.Module) -> nn.Module:
    copy = deepcopy(network)
    for weight in copy.parameters():
        weight.grad = None
    return copy


def _step_of_d(move: Callable, G: nn.Module, D: nn.Module, x: Tensor, z: Tensor) -> Tensor:
    before = weights(D)
    move(G, D, torch.optim.SGD(D.parameters(), lr=0.1), x, z)
    return weights(D) - before


def _step_of_g(move: Callable, G: nn.Module, D: nn.Module, z: Tensor) -> Tensor:
    before = weights(G)
    move(G, D, torch.optim.SGD(G.parameters(), lr=0.1), z)
    return weights(G) - before


def _halves_weigh_alike(move: Callable, G: nn.Module, D: nn.Module, x: Tensor, z: Tensor) -> None:
    """The step is made of the slopes of the two halves; neither may count for more than twice the other."""
    fake = deepcopy(G)(z).detach()
    parts = []
    for loss in (softplus(-D(x)).mean(), softplus(D(fake)).mean()):
        parts.append(torch.cat([part.flatten() for part in torch.autograd.grad(loss, list(D.parameters()))]))
    step = _step_of_d(move, deepcopy(G), deepcopy(D), x, z)
    share = torch.linalg.lstsq(torch.stack(parts, 1), -step[:, None]).solution.flatten()
    if not 0.5 < (share[0] / share[1]).item() < 2:
        raise NotYet(
            f"In D's step the data count {share[0] / share[1]:.2g} times as much as the fakes. Both halves of V are means "
            "over a batch."
        )


def _every_example_has_a_say(name: str, step: Callable, x: Tensor | None, z: Tensor) -> None:
    usual = step(x, z)
    for place in (0, 13, M - 1):
        for what, given in (("images", x), ("z", z)):
            if given is None:
                continue
            changed = given.clone()
            changed[place] = -changed[place]
            other = step(changed, z) if what == "images" else step(x, changed)
            if torch.allclose(other, usual, rtol=0, atol=1e-9):
                raise NotYet(
                    f"{name}'s move takes no notice of one of the {what}. The loss is a mean over the whole batch."
                )
