"""The check of "build it yourself": two players of any architecture, a move of each, and the digits that come of it.

It judges behaviour alone. The moves are tried on small players of its own, where everything can be foreseen, and on the
student's.
"""

from collections.abc import Callable
from copy import deepcopy
from functools import cache

import torch
from torch import Tensor, nn

from course_lib.checks.base import NotYet, check, guarded
from course_lib.checks.lesson_04_build_moves import judge_d_move, judge_g_move
from course_lib.checks.lesson_04_build_probes import NOISE, small_players
from course_lib.data import embedded_digits
from course_lib.environment import size
from course_lib.metrics import DigitJudge

CLASSES, SAMPLES = 8, 1_000


@check
def build_it_yourself(
    build: Callable,
    d_move=None,
    g_move=None,
    trained=None,
) -> None:
    """Exercise "build it yourself": as much of the game as there is so far.

    build() -> (G, D). d_move(G, D, optimizer, x, z) -> D's loss. g_move(G, D, optimizer, z) -> G's loss. trained: G after
    the training, whose digits a judge looks at; not at the size quick, where no training is long enough.
    """
    said = "G and D take and give what they should"
    with torch.random.fork_rng(devices=[]):
        players = judge_players(build)
        if d_move is not None:
            d_move = _a_function(d_move, "D's move")
            judge_d_move(d_move, *small_players(), exact=True)
            judge_d_move(d_move, *players, exact=False)
            said += "; D's move moves D alone, and D learns"
        if g_move is not None:
            g_move = _a_function(g_move, "G's move")
            judge_g_move(g_move, d_move, *small_players(), exact=True)
            judge_g_move(g_move, d_move, *players, exact=False)
            said += "; G's move moves G alone, and D is fooled more often"
        if trained is not None:
            judge_digits(trained)
            said += "; and its digits are digits"
    print(f"Right: {said}.")


def _a_function(answer, name: str) -> Callable:
    if not callable(answer) or isinstance(answer, nn.Module):
        raise NotYet(f"{name} should be a function; got a {type(answer).__name__}.")
    return guarded(answer)


def judge_players(build: Callable) -> tuple[nn.Module, nn.Module]:
    """G and D in training mode, or NotYet for what they take or give."""
    torch.manual_seed(0)
    built = build()
    if built is None:
        raise NotYet("Your function returned nothing. Is there a `return` of G and D?")
    if not isinstance(built, tuple | list) or len(built) != 2 or not all(isinstance(one, nn.Module) for one in built):
        raise NotYet("Return two networks, G and D, both nn.Module: nn.Sequential(...) is one.")
    G, D = built
    for name, network in (("G", G), ("D", D)):
        if not any(weights.requires_grad for weights in network.parameters()):
            raise NotYet(f"{name} has no weights that could learn.")
        if not all(module.training for module in network.modules()):
            raise NotYet(f"{name} is in evaluation mode. Players begin in training mode.")
    if {id(weights) for weights in G.parameters()} & {id(weights) for weights in D.parameters()}:
        raise NotYet("G and D share weights, so that neither can move without the other.")
    for n in (16, 7):
        z, copy = torch.randn(n, NOISE), deepcopy(G)
        x = copy(z)
        if x.shape != (n, 1, 28, 28):
            raise NotYet(f"For {n} z, G should give images of shape ({n}, 1, 28, 28); yours gives {tuple(x.shape)}.")
        logits = deepcopy(D)(x)
        if not isinstance(logits, Tensor) or logits.shape not in ((n,), (n, 1)):
            shape = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
            raise NotYet(f"For {n} images, D should give {n} logits, of shape ({n},) or ({n}, 1); yours gives {shape}.")
    _judge_ranges(G, D)
    return G, D


def _judge_ranges(G: nn.Module, D: nn.Module) -> None:
    """Pixels in [-1, 1] on either side of 0; logits that can be so, too; and both depend on what they are given."""
    x = deepcopy(G)(torch.randn(64, NOISE))
    if x.abs().max() > 1:
        raise NotYet(
            f"G's pixels run from {x.min():.2f} to {x.max():.2f}; the digits' run from -1 to 1. End G with nn.Tanh()."
        )
    if (x[0] - x[1]).abs().max() < 1e-6:
        raise NotYet("G gives the same image for two different z.")
    if x.min() >= 0 or x.max() <= 0:
        raise NotYet(
            "All of G's pixels are on one side of 0; the digits' run from -1, black, to 1, white. A sigmoid at the end "
            "cannot make black: end G with nn.Tanh()."
        )
    seen, copy = torch.cat([torch.rand(32, 1, 28, 28) * 2 - 1, x[:32].detach()]), deepcopy(D)
    logits = copy(seen.requires_grad_()).flatten()
    if not torch.autograd.grad(logits.sum(), seen)[0].any():
        raise NotYet("In training mode nothing of the image reaches D's logit. Is there a dropout of everything?")
    seen, logits = seen.detach(), logits.detach()
    if logits.std() < 1e-6:
        raise NotYet("D says the same of every image.")
    if (logits.min() >= 0 or logits.max() <= 0) and not _can_say_both(D, seen):
        raise NotYet(
            "D's answers cannot lie on both sides of 0, whatever its weights: a logit can. Is there a sigmoid or a ReLU "
            "at its end? The losses contain the sigmoid."
        )


def _can_say_both(D: nn.Module, x: Tensor) -> bool:
    """Whether a few steps bring D's answers to 3, and others to -3."""
    for end in (3.0, -3.0):
        copy = deepcopy(D)
        optimizer = torch.optim.Adam(copy.parameters(), lr=3e-3)
        for _ in range(40):
            optimizer.zero_grad()
            (copy(x) - end).square().mean().backward()
            optimizer.step()
        if (copy.eval()(x).mean() - end).abs() > 1.5:
            return False
    return True


@cache
def digit_judge() -> DigitJudge:
    """The judge of lesson 04, fitted once."""
    digits = embedded_digits("train")
    return DigitJudge(digits.scaled(), digits.y)


def judge_digits(trained) -> None:
    """NotYet where a judge does not see at least eight classes in 1,000 images; says what kind of failure it is."""
    if not isinstance(trained, nn.Module):
        raise NotYet(f"Give the trained generator itself, an nn.Module; got a {type(trained).__name__}.")
    torch.manual_seed(0)
    with torch.no_grad():
        images = deepcopy(trained).cpu().eval()(torch.randn(SAMPLES, NOISE))
    if images.shape != (SAMPLES, 1, 28, 28):
        raise NotYet(f"The trained network gives images of shape {tuple(images.shape)}. Is it G, and not D?")
    if not images.isfinite().all():
        raise NotYet("The trained generator makes pixels that are no numbers. A loss has diverged: lower the rates.")
    if images.std(0).mean() < 0.05:
        raise NotYet(
            "All images of the trained generator are nearly the same: it has collapsed, or D was far ahead. Let D be "
            "less quick: dropout, a smaller network, a lower rate."
        )
    if size() == "quick":
        return
    verdict = digit_judge().judge(images)
    if verdict.classes >= CLASSES:
        return
    if verdict.confident < 0.2:
        raise NotYet(
            f"The judge is confident about {verdict.confident:.0%} of the images: they are not yet digits. Train longer; "
            "if that does not help, look whether D's loss is near 0 (D is too strong) or G's near 0 (G is)."
        )
    missing = ", ".join(str(digit) for digit, n in enumerate(verdict.counts) if n < SAMPLES // 100)
    raise NotYet(
        f"The judge sees {verdict.classes} of the ten classes; {missing} are missing. Some modes are lost: batch norm in "
        "G, dropout in D, or another seed."
    )
