"""Checks of lesson 09 on moving in the latent space: the great circle and the sum of means."""

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.checks.base import NotYet, as_tensor, check, close, compare


@check
def great_circle(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """Task 1: answer(a, b, t), both (n, noise) and t (n,), the point of each row at t on the great circle."""
    random = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 6, 40, generator=random, dtype=torch.float64)
    b = 2.5 * b + 0.5 * a
    t = torch.tensor([0.3, 0.9, 0.5, 0.0, 1.0, 0.25], dtype=torch.float64)
    flat_a = torch.tensor([[3.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    flat_b = torch.tensor([[-1.0, 1.0], [2.0, -3.0]], dtype=torch.float64)
    _circle(answer, a, b, t, "For rows of different lengths")
    _circle(answer, flat_a, flat_b, torch.tensor([0.25, 0.8], dtype=torch.float64), "For angles above 90 degrees")
    _circle(answer, a[:1], b[:1], t[:1], "For a batch of one")
    one, quarter = a[:3], t[:3]
    for other, where in (
        (2 * one, "Where both point the same way"),
        (one.clone(), "Where both are the same"),
        (-one, "Where they are exactly opposite"),
        (-0.5 * one, "Where they are opposite and of different length"),
        (0 * one, "Where one of them is 0, and so has no direction"),
    ):
        for start, end in ((one, other), (other, one)):
            got = rows_of(answer(start, end, quarter), start.shape)
            if not torch.isfinite(got).all():
                raise NotYet(
                    f"{where} your point is not finite: sin(omega) or a length is 0 there. Take the straight line in that "
                    "case, as the task says."
                )
            line = _line(start, end, quarter)
            compare(got, line, {"That is `start` itself.": start}, f"{where}:", "Take the straight line.", 1e-3)
    for short, wanted in ((1.05e-4, _slerp), (0.95e-4, _line)):  # of being opposite
        start = torch.tensor([[2.0, 0.0]], dtype=torch.float64)
        end = -torch.tensor([[1.0, short]], dtype=torch.float64)
        if not close(rows_of(answer(start, end, t[:1]), start.shape), wanted(start, end, t[:1]), 1e-3):
            raise NotYet(
                f"Where sin(omega) is {short:.2e} your point is not where the task wants it: the circle above 1e-4, the "
                "straight line below."
            )
    mixed_a, mixed_b = torch.cat([a[:1], a[1:2], a[2:3]]), torch.cat([b[:1], -a[1:2], b[2:3]])
    got = rows_of(answer(mixed_a, mixed_b, quarter), mixed_a.shape)
    if not close(got[[0, 2]], _slerp(mixed_a, mixed_b, quarter)[[0, 2]]):
        raise NotYet(
            "One row of the batch is a special case, and the others changed with it. Decide for each row by itself, with "
            "`torch.where` and not with `if`."
        )
    if not close(got[1], _line(mixed_a, mixed_b, quarter)[1], 1e-3):
        raise NotYet("One row of a batch has opposite ends, and its point is not on the straight line. Decide by row.")
    single = rows_of(answer(a.float(), b.float(), t.float()), a.shape)
    if not close(single, _slerp(a, b, t), 1e-3):
        raise NotYet("Right in float64, but not in float32.")
    print("Right: along the great circle, the length going evenly, and the line where there is no circle.")


def _circle(answer: Callable, a: Tensor, b: Tensor, t: Tensor, where: str) -> None:
    got = rows_of(answer(a, b, t), a.shape)
    place, (la, lb) = t[:, None], (end.norm(dim=1, keepdim=True) for end in (a, b))
    cosine = (a * b).sum(1, keepdim=True) / (la * lb)
    omega, length = cosine.arccos(), (1 - place) * la + place * lb
    line, unit = _line(a, b, t), _line(a / la, b / lb, t)
    first, last = ((1 - place) * omega).sin() / omega.sin(), (place * omega).sin() / omega.sin()
    # One angle for the whole batch, in two ways.
    shared = [angle.expand_as(omega) for angle in (omega.mean(), (a * b).sum().div(a.norm() * b.norm()).arccos())]
    mistakes = {
        "This is the straight line.": line,
        "It goes from end to start: at t = 0 it should be `start`.": _slerp(b, a, t),
        "The weights are right, but they are laid on a and b as they are. Lay them on the directions a/|a| and b/|b|, and "
        "let the length go evenly from |a| to |b|.": first * a + last * b,
        "The lengths are right, the directions not: mixing the directions evenly and mending the length is no walk at an "
        "even angle. Use the sines.": unit / unit.norm(dim=1, keepdim=True) * length,
        "The direction of the straight line, with its length mended. Use the sines.": line
        / line.norm(dim=1, keepdim=True)
        * length,
        "Every point has length 1: give it its length back.": first * a / la + last * b / lb,
        "Every point is as long as `start`. Let the length go evenly to that of `end`.": la
        * (first * a / la + last * b / lb),
        "Every point has the mean of both lengths. Let the length go evenly from one to the other.": (la + lb)
        / 2
        * (first * a / la + last * b / lb),
        "The division by sin(omega) is missing.": length * omega.sin() * (first * a / la + last * b / lb),
        "One angle for the whole batch: each row has its own.": tuple(
            length * (((1 - place) * w).sin() * a / la + (place * w).sin() * b / lb) / w.sin() for w in shared
        ),
    }
    if not torch.isfinite(got).all():
        raise NotYet(f"{where} your point is not finite. An arccos wants a cosine: divide by both lengths.")
    compare(got, _slerp(a, b, t), mistakes, f"{where}:", "Look at the formula once more.")


def _line(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    return (1 - t[:, None]) * a + t[:, None] * b


def _slerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    t, la, lb = t[:, None], a.norm(dim=1, keepdim=True), b.norm(dim=1, keepdim=True)
    omega = ((a * b).sum(1, keepdim=True) / (la * lb)).clamp(-1, 1).arccos()
    direction = (((1 - t) * omega).sin() * a / la + (t * omega).sin() * b / lb) / omega.sin()
    return ((1 - t) * la + t * lb) * direction


@check
def sum_of_means(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """Task 2: answer(plus, minus, to), three tensors (k, noise) with k of its own, to (noise,)."""
    random = torch.Generator().manual_seed(0)
    for sizes in ((3, 3, 3), (1, 1, 1), (2, 5, 3), (4, 1, 2)):
        plus, minus, to = (torch.randn(k, 7, generator=random, dtype=torch.float64) for k in sizes)
        got = as_tensor(answer(plus, minus, to))
        if got.shape != (7,):
            raise NotYet(
                f"With {', '.join(map(str, sizes))} exemplars of 7 numbers the sum is one latent, of shape (7,); yours has "
                f"shape {tuple(got.shape)}. Take each mean over the exemplars."
            )
        p, m, t = plus.mean(0), minus.mean(0), to.mean(0)
        mistakes = {
            "These are sums of the exemplars, not means.": plus.sum(0) - minus.sum(0) + to.sum(0),
            "Each sum is divided by 3, but an idea may have another number of exemplars.": (
                plus.sum(0) - minus.sum(0) + to.sum(0)
            )
            / 3,
            "Every mean has the sign +.": p + m + t,
            "plus and minus are exchanged.": m - p + t,
            "minus and to are exchanged.": p + m - t,
            "The signs of the last two are wrong: only `minus` is taken away.": p - m - t,
            "`to` is left out.": p - m,
            "`minus` is left out.": p + t,
            "This uses the first exemplar of each alone.": plus[0] - minus[0] + to[0],
            "This uses the last exemplar of each alone.": plus[-1] - minus[-1] + to[-1],
            "This is the median. The paper takes the mean.": plus.median(0).values
            - minus.median(0).values
            + to.median(0).values,
            "The sum is divided once more: three ideas, but no mean of them.": (p - m + t) / 3,
            "The result is given the length 1. A sum of means is left as it is.": (p - m + t) / (p - m + t).norm(),
        }
        where = f"With {', '.join(map(str, sizes))} exemplars:"
        compare(got, p - m + t, mistakes, where, "mean(plus) - mean(minus) + mean(to).")
    full, none = torch.ones(2, 4, dtype=torch.float64), torch.ones(0, 4, dtype=torch.float64)
    for given in ((none, full, full), (full, none, full), (full, full, none)):
        try:
            got = answer(*given)
        except ValueError:
            continue
        raise NotYet(
            f"For an idea with no exemplar you returned {as_tensor(got)[:2].tolist()}... The mean of nothing is no number. "
            "Raise a ValueError that says so."
        )
    print("Right: means, whatever the numbers of exemplars, and a clear word where there are none.")


def rows_of(got, shape: tuple[int, ...] | None) -> Tensor:
    """Latents as float64, of that shape or any number of rows; NotYet for what is no table."""
    got = as_tensor(got)
    if got.ndim != 2 or (shape is not None and got.shape != shape):
        wanted = tuple(shape) if shape is not None else "(row, noise)"
        raise NotYet(f"Expected latents of shape {wanted}, got shape {tuple(got.shape)}.")
    return got
