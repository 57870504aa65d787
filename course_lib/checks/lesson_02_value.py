"""Check for the first exercise of lesson 02, the value of a game of few outcomes."""

import math

import torch

from course_lib import theory
from course_lib.checks.base import NotYet, as_tensor, check, close, one_number
from course_lib.checks.lesson_02 import GAMES, compare, listed


@check
def discrete_value(answer) -> None:
    """Task 1: answer(d, p_data, p_g), each (outcome,), to V(D, G), one number."""
    for d, p, q in GAMES:
        on_data, on_fakes = p * d.log(), q * (1 - d).log()
        right = (on_data + on_fakes).sum()
        suspects = (
            (-right, "the sign is turned: V is what D wants large, and it is at most 0. Minus V is D's loss"),
            (
                (on_data + on_fakes).mean(),
                "it is divided by the number of outcomes. p already weighs them: take the sum",
            ),
            (right / 2, "it is half of V. Both expectations count in full"),
            (right / math.log(2), "the logarithm is to base 2. The course uses the natural one"),
            (right / math.log(10), "the logarithm is to base 10. The course uses the natural one"),
            ((q * d.log() + p * (1 - d).log()).sum(), "p_data and p_g have changed places: log D goes with p_data"),
            (((p + q) * d.log()).sum(), "both terms take log D. On generated outcomes D is paid log(1 - D)"),
            ((p * (d.log() + (1 - d).log())).sum(), "both terms are weighted by p_data. The second belongs to p_g"),
            ((d.log() + (1 - d).log()).sum(), "the probabilities are missing: an expectation weighs each outcome"),
            (on_data.sum(), "the second expectation, over generated outcomes, is missing"),
            (on_fakes.sum(), "the first expectation, over real outcomes, is missing"),
            ((p * d + q * (1 - d)).sum(), "the logarithms are missing"),
        )
        compare(one_number(answer(d, p, q), "V"), right, suspects)

    certain = torch.tensor([1.0, 0.5, 0.0]), torch.tensor([0.5, 0.5, 0.0]), torch.tensor([0.0, 0.5, 0.5])
    got = as_tensor(answer(*certain))
    if not got.isfinite().all():
        raise NotYet(
            f"Got {got.item()} where D is certain and right. What never happens costs nothing: 0 log 0 counts as 0 "
            "here, "
            "but 0 times minus infinity is NaN for a computer. torch.xlogy knows this."
        )
    if not close(got, theory.value(*certain)):
        raise NotYet(
            f"Where D is certain and right, got {got.item():.3f}; expected {theory.value(*certain).item():.3f}."
        )
    half = torch.tensor([0.5, 0.5])
    for d, p, q in (  # certain and wrong on data, and on fakes
        (torch.tensor([0.0, 0.5]), half, half),
        (torch.tensor([0.5, 1.0]), half, half),
        (torch.ones(1), torch.ones(1), torch.ones(1)),
    ):
        got = as_tensor(answer(d, p, q))
        if got.shape != () or got != -torch.inf:
            raise NotYet(
                f"Got {listed(got)} where D is certain and wrong. That costs without limit, so V is minus infinity: an "
                "outcome may be left out where its probability is 0, not where D's answer is 0 or 1, and a small "
                "number in the logarithm or a clamp makes a limit of its own."
            )
    for d, p, q in (
        (torch.tensor([1e-12, 0.5]), torch.tensor([0.3, 0.7]), half),  # nearly certain, and wrong
        (torch.tensor([0.4]), torch.ones(1), torch.ones(1)),
    ):
        got, right = as_tensor(answer(d, p, q)), theory.value(d, p, q)
        if not close(got, right):
            raise NotYet(
                f"For D = {listed(d)}, p_data = {listed(p)} and p_g = {listed(q)} you get {listed(got)}, and V is "
                f"{right.item():.4f}. Is a small number added inside the logarithm? It is not small beside 1e-12."
            )
    print("Right: each outcome weighed by its probability, and what never happens costs nothing.")
