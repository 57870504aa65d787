"""Checks for the exercises of lesson 02, the value function."""

from collections.abc import Iterable

import torch
from torch import Tensor

from course_lib.checks.base import NotYet, as_tensor, check, close

GAMES = (  # D's answers, p_data, p_g; the lesson's game is symmetric and hides mistakes, so it comes second
    (torch.tensor([0.9, 0.3, 0.2, 0.6]), torch.tensor([0.1, 0.2, 0.3, 0.4]), torch.tensor([0.4, 0.1, 0.2, 0.3])),
    (torch.tensor([0.75, 0.5, 0.25]), torch.tensor([0.5, 0.25, 0.25]), torch.tensor([0.25, 0.25, 0.5])),
)

SLOPES = "saturating, non_saturating"


@check
def reply_to_discriminator(answer) -> None:
    """Task 2: answer(d, p_data), each (outcome,), to the p_g of least value, (outcome,)."""
    more = (  # the most trusted outcome in every place, ties, one outcome, D certain
        ([0.5, 0.2, 0.5], [0.2, 0.2, 0.6]),
        ([0.2, 0.9, 0.5], [0.6, 0.1, 0.3]),
        ([0.1, 0.3, 0.2, 0.8, 0.4], [0.3, 0.3, 0.2, 0.1, 0.1]),
        ([0.1, 0.2, 0.7], [0.5, 0.25, 0.25]),
        ([0.3, 0.3], [0.9, 0.1]),
        ([0.7], [1.0]),
        ([0.0, 0.9, 1.0], [0.1, 0.9, 0.0]),
        ([0.0, 0.0, 0.01], [0.5, 0.5, 0.0]),
    )
    for d, p in (*((d, p) for d, p, _ in GAMES), *((torch.tensor(d), torch.tensor(p)) for d, p in more)):
        got = as_tensor(answer(d.clone(), p.clone()))
        if got.shape != d.shape:
            raise NotYet(
                f"p_g has one probability for each of the {len(d)} outcomes; yours has shape {tuple(got.shape)}. "
                "If you found the outcome to print, put probability 1 there and 0 elsewhere."
            )
        if not got.isfinite().all() or (got < -1e-6).any() or abs(got.sum().item() - 1) > 1e-4:
            raise NotYet(f"Got {listed(got)}, which is no distribution: at least 0 everywhere, and a sum of 1.")
        least, reached = (1 - d).log().min().item(), torch.xlogy(got, 1 - d.double()).sum().item()
        if reached <= least + 1e-5:
            continue
        where = torch.tensor(got.argmax().item())
        alone = got.max() > 1 - 1e-4
        if alone and close(d[where], d.min()):
            message = "G prints what D trusts least. G wants V small, so log(1 - D) as negative as possible"
        elif close(got, p):
            message = (
                "that is p_data. It is where the game ends when D reacts; against a D that stands still G can do better"
            )
        elif alone:
            message = "p_data has crept in. G cannot change the first expectation, so only D's answers matter"
        else:
            message = "a mixture. Move its probability, bit by bit, to where log(1 - D) is least: each move lowers V"
        raise NotYet(
            f"For D = {listed(d)} you give {listed(got)}: {message}. Its second term is {reached:.3f}, not {least:.3f}."
        )
    print("Right: against a fixed D, everything goes where D trusts most. Nothing rewards variety.")


@check
def generator_slopes(answer) -> None:
    """Task 3: answer(logit), (n,), to the slopes in the logit of (saturating, non-saturating) loss, each (n,)."""
    for logit in (torch.tensor([-3.0, -1.0, 0.0, 0.5, 2.0]), torch.tensor([1.5])):
        d = logit.sigmoid().double()
        got = two_of(answer(logit.clone()), logit.shape, SLOPES)
        if close(got[0], d - 1) and close(got[1], -d):
            raise NotYet("The two have changed places: first log(1 - D), the saturating loss, then -log D.")
        for which, right, other, in_d, loss in (
            ("saturating", -d, d - 1, -1 / (1 - d), (1 - d).log()),
            ("non-saturating", d - 1, -d, -1 / d, -d.log()),
        ):
            suspects = (
                (-right, "the sign is turned. Raising the logit lowers the loss, so the slope is negative"),
                (
                    in_d,
                    "that is the slope in D. Go one step further, to the logit: times D (1 - D), the sigmoid's slope",
                ),
                (-in_d, "that is a slope in D, and of the wrong sign. Go on to the logit by the chain rule"),
                (d * (1 - d), "that is the slope of the sigmoid alone. Multiply by the slope of the loss in D"),
                (-d * (1 - d), "that is the slope of minus D. Where is the slope of the logarithm?"),
                (loss, "that is the loss itself, not its slope"),
                (other, "that is the slope of the other loss"),
                (right / len(d), "it is divided by the number of examples. Each logit has a slope of its own"),
            )
            compare(
                got[0] if which == "saturating" else got[1],
                right,
                suspects,
                f"For the {which} loss at logits {listed(logit)}, ",
            )
    far = torch.tensor([-200.0, 200.0])
    got = two_of(answer(far.clone()), far.shape, SLOPES)
    if not all(each.isfinite().all() for each in got):
        raise NotYet(
            f"At logits of -200 and 200 your slopes are {listed(got[0])} and {listed(got[1])}. "
            "Something divides by a D that was rounded to 0 or 1, or takes its log. Simplify on paper first: the "
            "final formulas have no quotient."
        )
    if not (close(got[0], -far.sigmoid()) and close(got[1], far.sigmoid() - 1)):
        raise NotYet(
            f"At logits of -200 and 200 your slopes are {listed(got[0])} and {listed(got[1])}: rounding has spoilt "
            "them."
        )
    print("Right: -D for the saturating loss, D - 1 for the non-saturating one, at any logit.")


def compare(got: Tensor, right: Tensor, suspects: Iterable[tuple[Tensor, str]], where: str = "") -> None:
    """Raise NotYet unless got is right, naming the mistake if it is one of the suspects (value, words)."""
    if close(got, right):
        return
    said = f"{where}got {listed(got)}, expected {listed(right)}"
    for wrong, words in suspects:
        if close(got, wrong):
            raise NotYet(f"{said}: {words}.")
    raise NotYet(f"{said}. Compare with the formula, term by term.")


def two_of(got, shape: torch.Size, names: str) -> tuple[Tensor, Tensor]:
    """The two tensors of that shape that an answer returned, or NotYet. names: the two, as after `return`."""
    if got is None:
        raise NotYet("Your function returned nothing. Is there a `return`?")
    try:
        first, second = got
    except (TypeError, ValueError):
        raise NotYet(f"Return two things: `return {names}`.") from None
    first, second = as_tensor(first), as_tensor(second)
    if first.shape != shape or second.shape != shape:
        raise NotYet(
            f"{names} should have shape {tuple(shape)} each; yours have {tuple(first.shape)} and "
            f"{tuple(second.shape)}. "
            "Was a mean left out, or taken where none belongs?"
        )
    return first, second


def listed(numbers: Tensor) -> str:
    """A few numbers, short, for a message."""
    numbers = numbers.detach()
    if numbers.ndim == 0:
        return f"{numbers.item():.4g}"
    return "[" + ", ".join(f"{number:.3g}" for number in numbers.tolist()) + "]"
