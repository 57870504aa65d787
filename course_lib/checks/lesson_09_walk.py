"""The check of lesson 09 on the walk through several points, which meets each of them once."""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from course_lib.checks.base import NotYet, check, close
from course_lib.checks.lesson_09 import rows_of


@check
def walk_through_points(answer: Callable[[Tensor, int], Tensor]) -> None:
    """Task 3: answer(points, steps), (p, noise) to ((p - 1) * steps + 1, noise), straight from each to the next."""
    random = torch.Generator().manual_seed(0)
    for p, steps in ((9, 10), (2, 1), (3, 4), (4, 1), (2, 7)):
        points = torch.randn(p, 5, generator=random, dtype=torch.float64)
        _walk(answer, points, steps)
    _walk(answer, torch.randn(3, 4, generator=random), 3)
    still = torch.ones(3, 2, dtype=torch.float64)
    if rows_of(answer(still, 4), None).shape != (9, 2):
        raise NotYet("Where all points are the same, all 9 rows should still be there: count rows, not different rows.")
    print("Right: every stop is met once, the last one too, and all steps of a leg are equally long.")


def _walk(answer: Callable, points: Tensor, steps: int) -> None:
    right = torch.cat(
        [*(_places(a, b, torch.arange(steps) / steps) for a, b in pairwise(points)), points[-1:]]
    ).double()
    got = rows_of(answer(points, steps), None)
    where = f"{len(points)} points, {steps} steps a leg:"
    if got.shape == right.shape and close(got, right):
        return
    ends = torch.linspace(0, 1, steps, dtype=points.dtype), torch.linspace(0, 1, steps + 1, dtype=points.dtype)
    doubled = [torch.cat([_places(a, b, t) for a, b in pairwise(points)]).double() for t in ends]
    mistakes = {
        "Every stop between two legs is there twice: a leg that begins where the last one ended adds its first point "
        "again.": tuple(doubled),
        "The last point is missing.": right[:-1],
        "The first point is missing.": right[1:],
        "It goes backwards.": right.flip(0),
        "It returns to the first point. The walk ends at the last.": torch.cat(
            [right[:-1], _places(points[-1], points[0], torch.arange(steps + 1) / steps).double()]
        ),
        "It goes straight from the first point to the last, and meets none between.": _places(
            points[0], points[-1], torch.linspace(0, 1, len(right))
        ).double(),
    }
    for sentence, values in mistakes.items():
        for value in values if isinstance(values, tuple) else (values,):
            if got.shape == value.shape and close(got, value):
                raise NotYet(f"{where} {sentence}")
    if got.shape != right.shape:
        raise NotYet(f"{where} expected shape {tuple(right.shape)}, got {tuple(got.shape)}.")
    off = (~torch.isclose(got, right, 1e-4, 1e-4)).any(1).nonzero()[0].item()
    raise NotYet(f"{where} row {off} is not where it should be. Is t = 0, 1/{steps}, ... on each leg?")


def _places(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    return torch.lerp(a.double(), b.double(), t.double()[:, None])
