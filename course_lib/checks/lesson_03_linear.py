"""Check for lesson 03: what the best linear discriminator earns."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from course_lib import theory
from course_lib.checks.base import NotYet, as_tensor, check, close, one_number
from course_lib.checks.lesson_03 import GRID
from course_lib.data import Mixture, gaussian


@check
def best_linear_value(answer: Callable[[Tensor, Tensor, Tensor], float]) -> None:
    """Lesson 03, task 5: answer(p_data, p_g, x) to the highest V among all D(x) = sigmoid(w x + c)."""
    coarse = torch.linspace(-15, 9, 481, dtype=torch.float64)
    for p, q, x in (
        (gaussian(0), gaussian(2), GRID),
        (gaussian(0), gaussian(0, 2), GRID),
        (Mixture((-1, 2), (0.7, 0.5)), gaussian(2), GRID),
        (gaussian(1.5), gaussian(-1, 1.5), GRID),
        (gaussian(-3), gaussian(-4.5, 2), coarse),
    ):
        p, q = p.pdf(x), q.pdf(x)
        got = as_tensor(answer(p, q, x))
        if got.isnan().any() or got.isinf().any():
            raise NotYet("Not a number or infinity came out: sigmoid, then log, of a large logit. Use `logsigmoid`.")
        got = one_number(got, "V")
        best, limit = _best_line(p, q, x), theory.criterion(p, q, x)
        mistakes = {
            "This is the loss; V is its negative.": -best,
            "This is the shortfall. The answer here is V itself.": limit - best,
            "This is C(G), which needs a D that is free at every point.": limit,
            "This line goes through the origin: the intercept c is missing.": _best_line(p, q, x, intercept=False),
            "This is D = 1/2 everywhere, where the search began. Does it move at all?": torch.tensor(theory.C_MIN),
        }
        for sentence, mistaken in mistakes.items():
            if close(got, mistaken, 1e-3) and not close(got, best, 1e-3):
                raise NotYet(f"Expected {best:.4f}, got {got:.4f}. {sentence}")
        if got < best - 1e-3:
            raise NotYet(
                f"Your best line reaches V = {got:.4f}; there is one with {best:.4f}. The search stopped too early: "
                "more steps, or a better step size. V is concave in (w, c), so nothing but patience is needed."
            )
        if got > best + 1e-3:
            raise NotYet(
                f"Got {got:.4f}, but no line does better than {best:.4f}. Is D a sigmoid of w x + c, and V (3)?"
            )
    print("Right: the best that a discriminator can do whose logit is a straight line.")


def _best_line(p: Tensor, q: Tensor, x: Tensor, *, intercept: bool = True) -> Tensor:
    """The highest V among D(x) = sigmoid(w x + c) by Newton's method; V is concave in (w, c)."""
    inputs = torch.stack([x, torch.ones_like(x)] if intercept else [x])
    line = torch.zeros(len(inputs), dtype=torch.float64)
    both = p + q
    for _ in range(50):
        d = (line @ inputs).sigmoid()
        slope = torch.trapezoid((p - both * d) * inputs, x)
        bend = torch.trapezoid(both * d * (1 - d) * inputs[:, None] * inputs, x)
        line = line + torch.linalg.solve(bend, slope)
    logits = line @ inputs
    return torch.trapezoid(p * logsigmoid(logits) + q * logsigmoid(-logits), x)
