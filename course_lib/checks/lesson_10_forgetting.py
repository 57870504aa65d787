"""Checks for lesson 10: whether an object was forgotten, against chance, and what the weights of a small C are."""

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.checks.base import NotYet, as_tensor, check, close, two_numbers


@check
def forgotten(answer: Callable) -> None:
    """Lesson 10, task 4: answer(before, after, controls, marked) to (ratio inside to outside, how often chance does as well)."""
    for seed, n, draws in ((0, 3, 9), (1, 1, 4), (2, 4, 19)):
        before, after, controls, marked = _images(seed, n, draws)
        ratio, chance = two_numbers(
            answer(before, after, controls, marked), "Return two numbers: the ratio, and how often chance does as well."
        )
        for what, number in (("The ratio", ratio), ("How often chance does as well", chance)):
            if number.shape != ():
                raise NotYet(f"{what} is one number; yours has shape {tuple(number.shape)}.")
        _check_ratio(ratio, before, after, marked)
        right = _ratio(before, after, marked)
        others = torch.stack([_ratio(before, control, marked) for control in controls])
        low, lower, high = ((others <= right).sum(), (others < right).sum(), (others >= right).sum())
        if close(chance, (1 + low) / (1 + draws), 1e-6):
            continue
        mistakes = {
            "The choice itself counts as one of the draws: add 1 above and below.": low / draws,
            "The choice itself counts above as well as below the line.": low / (1 + draws),
            "It is the choice and the controls that are counted below the line: 1 + their number.": (1 + low) / draws,
            "A control whose ratio is equal does as well, too.": (1 + lower) / (1 + draws),
            "These are the controls that do worse. Wanted are those whose ratio is as low or lower.": (1 + high)
            / (1 + draws),
            "This is a number of draws. Wanted is a share.": 1 + low,
        }
        hint = next((words for words, value in mistakes.items() if close(chance, as_tensor(value), 1e-6)), "")
        raise NotYet(
            f"{int(low)} of {draws} controls have a ratio as low as {right:.3f}: expected {(1 + low) / (1 + draws):.3f}, "
            f"got {chance:.3f}. {hint}".strip()
        )
    print("Right: what is left inside over what is left outside, and how often chance gets as low.")


def _check_ratio(got: Tensor, before: Tensor, after: Tensor, marked: Tensor) -> None:
    right = _ratio(before, after, marked)
    if close(got, right):
        return
    was, now = (before[:, 0].double() + 1) / 2, (after[:, 0].double() + 1) / 2
    each = torch.stack([_ratio(before[i : i + 1], after[i : i + 1], marked[i : i + 1]) for i in range(len(before))])
    raw = [after[:, 0][where].double().sum() / before[:, 0][where].double().sum() for where in (marked, ~marked)]
    mistakes = {
        "This is what is left outside over what is left inside; it is wanted the other way round. Or are `before` and `after` exchanged?": 1
        / right,
        "The pixels are in [-1, 1], so that black counts as -1. Ink is (x + 1) / 2.": raw[0] / raw[1],
        "This is a mean of ratios, image by image. Ink is summed over all images first.": each.mean(),
        "This is the share left inside alone. Divide it by the share left outside.": now[marked].sum()
        / was[marked].sum(),
        "Divide by the share left outside the boxes, not by that of whole images.": (
            now[marked].sum() / was[marked].sum()
        )
        / (now.sum() / was.sum()),
        "This is the ink after, inside over outside. Each must be a share of the ink before.": now[marked].sum()
        / now[~marked].sum(),
    }
    hint = next((words for words, value in mistakes.items() if close(got, value)), "")
    raise NotYet(f"The ratio: expected {right:.4f}, got {got:.4f}. {hint}".strip())


def _ratio(before: Tensor, after: Tensor, marked: Tensor) -> Tensor:
    was, now = ((images[:, 0].double() + 1) / 2 for images in (before, after))
    within, out = (now[where].sum() / was[where].sum() for where in (marked, ~marked))
    return within / out


def _images(seed: int, n: int, draws: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Images of unequal ink, the same with less of it, controls of which two have the same ratio, and boxes."""
    random = torch.Generator().manual_seed(seed)
    marked = torch.zeros(n, 8, 8, dtype=torch.bool)
    for image in range(n):
        marked[image, 1 : 3 + image, 2:7] = True
    heavy = torch.linspace(0.3, 1.0, n)[:, None, None]
    ink = _parts(heavy * torch.rand(n, 8, 8, generator=random), 64)

    def drawn(inside: Tensor, outside: Tensor) -> Tensor:
        left = torch.where(marked, inside[:, None, None], outside[:, None, None])
        return 2 * (ink * left)[:, None] - 1

    left_in, left_out = 0.2 + 0.5 * torch.rand(n, generator=random), 0.6 + 0.3 * torch.rand(n, generator=random)
    after = drawn(left_in, left_out)
    left_in, left_out = _parts(left_in, 16), _parts(left_out, 16)
    shares = _parts(0.2 + torch.rand(draws - 2, 2, n, generator=random), 16)
    controls = torch.stack([after, after, *(drawn(*share) for share in shares)])
    return 2 * ink[:, None] - 1, after, controls, marked


def _parts(values: Tensor, of: int) -> Tensor:
    """Rounded, so that sums are exact in whatever order: equal ratios are then equal for everybody."""
    return (of * values).round() / of


@check
def short_weights(answer: Callable) -> None:
    """Lesson 10, task 5: answer(within (n1, map), outside (n0, map), C) to the weights for a very small C, (map,)."""
    random = torch.Generator().manual_seed(3)
    for n1, n0, maps, C in ((7, 7, 3, 1e-3), (4, 12, 5, 1e-5), (1, 3, 1, 2e-4), (9, 2, 4, 1e-3)):
        within = torch.randn(n1, maps, generator=random, dtype=torch.float64) + 2
        outside = 1.5 * torch.randn(n0, maps, generator=random, dtype=torch.float64) + 1
        got = as_tensor(answer(within, outside, C))
        if got.shape != (maps,):
            raise NotYet(f"There is one weight for each map: expected shape ({maps},), got {tuple(got.shape)}.")
        share = n1 * n0 / (n1 + n0)
        difference = within.mean(0) - outside.mean(0)
        right = C * share * difference
        if close(got / C, right / C, 1e-3):
            continue
        mistakes = {
            "The sign: a map that is larger in the boxes has a positive weight.": -right,
            "This is m1 - m0 itself. Its factor says how long the weights are: C, and the numbers of examples.": difference,
            "C is missing.": right / C,
            "The numbers of examples are missing: the sum has n1 + n0 terms.": C * difference,
            "p is not one half unless there are as many in the boxes as outside: p = n1 / (n1 + n0).": C
            / 2
            * (within.sum(0) - outside.sum(0)),
            "The factor is n1 n0 / (n1 + n0): check the two sums with 1 - p and p.": C * (n1 + n0) / 4 * difference,
            "The sums of the two groups cannot be compared as they are: the intercept sees to how frequent each is.": C
            * (within.sum(0) - outside.sum(0)),
            "The factor is turned over: n1 n0 / (n1 + n0).": C / share * difference,
        }
        hint = next((words for words, value in mistakes.items() if close(got / C, value / C, 1e-3)), "")
        raise NotYet(
            f"With {n1} rows in boxes, {n0} outside and C = {C}: expected {_few(right)}, got {_few(got)}. {hint}".strip()
        )
    print("Right: a short weight is the difference of two means, times C n1 n0 / (n1 + n0).")


def _few(values: Tensor) -> list[float]:
    return [float(f"{value:.3g}") for value in values[:5].tolist()]
