"""Checks of lesson 09 on what a direction is made of: the balanced turn vector, and the slant of an image."""

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.checks.base import NotYet, as_tensor, check, compare


@check
def balanced_turn(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """Task 4: answer(z, lean, digit), (n, noise), (n,), (n,), the mean over digits of right mean - left mean."""
    random = torch.Generator().manual_seed(0)
    for n, classes in ((200, 10), (60, 3), (30, 2)):
        z = torch.randn(n, 6, generator=random, dtype=torch.float64)
        digit = torch.randint(classes, (n,), generator=random) ** 2 // max(1, classes - 1)
        lean = 0.3 * torch.randn(n, generator=random, dtype=torch.float64) + 0.1 * (digit % 3) - 0.1
        z = z + 3 * torch.nn.functional.one_hot(digit % 6, 6) + lean[:, None]
        if classes > 2:
            lean[digit == 1] = lean[digit == 1].abs() + 0.05  # a digit that never leans to the left
        borders = (digit == 0).nonzero()[:4, 0]
        lean[borders] = torch.tensor([-0.1, -0.1, 0.3, 0.3], dtype=torch.float64)[: len(borders)]  # on neither side
        _turn(answer, z, lean, digit)
    lonely = torch.tensor([[1.0, 0.0], [0.0, 1.0], [5.0, 5.0]], dtype=torch.float64)
    _turn(answer, lonely, torch.tensor([-0.5, 0.5, 0.9], dtype=torch.float64), torch.tensor([4, 4, 7]))
    try:
        got = answer(lonely, torch.tensor([-0.5, 0.5, 0.9], dtype=torch.float64), torch.tensor([1, 2, 3]))
    except ValueError:
        pass
    else:
        raise NotYet(
            f"No digit leans both ways, and you returned {as_tensor(got).tolist()}. There is nothing to compare: raise a "
            "ValueError that says so."
        )
    print("Right: each digit compared with itself, all digits counted alike, and no digit that leans one way only.")


def _turn(answer: Callable, z: Tensor, lean: Tensor, digit: Tensor) -> None:
    got = as_tensor(answer(z, lean, digit))
    if got.shape != z.shape[1:]:
        raise NotYet(f"A direction has the shape of one z, {tuple(z.shape[1:])}; yours has {tuple(got.shape)}.")
    if not torch.isfinite(got).all():
        raise NotYet("The direction is not finite. Some digit has no draw on one side: the mean of nothing is nan.")
    left, right = lean < -0.1, lean > 0.3
    which = [k for k in digit.unique() if (left & (digit == k)).any() and (right & (digit == k)).any()]
    each = torch.stack([z[right & (digit == k)].mean(0) - z[left & (digit == k)].mean(0) for k in which])
    counts = torch.tensor([((left | right) & (digit == k)).sum().item() for k in which], dtype=z.dtype)
    touching = torch.stack(
        [z[(lean >= 0.3) & (digit == k)].mean(0) - z[(lean <= -0.1) & (digit == k)].mean(0) for k in which]
    )
    signs = torch.stack([z[(lean > 0) & (digit == k)].mean(0) - z[(lean < 0) & (digit == k)].mean(0) for k in which])
    own = each.mean(0)
    mistakes = {
        "It points from right to left.": -own,
        "This is the difference of the two means over all draws. It also leads from the digits that often lean left to "
        "those that often lean right: compare within each digit first.": z[right].mean(0) - z[left].mean(0),
        "Digits are weighted by how many draws they have. Count all alike.": (each * counts[:, None]).sum(0)
        / counts.sum(),
        "This is the sum over the digits, not the mean.": each.sum(0),
        "This divides by ten, but only the digits that lean both ways have a comparison.": each.sum(0) / 10,
        "This divides by all digits there are, but only those that lean both ways have a comparison.": each.sum(0)
        / len(digit.unique()),
        "A slant of exactly -0.1 or 0.3 is counted as leaning. Left is below, right above.": touching.mean(0),
        "Left and right are parted at 0. Left is below -0.1, right above 0.3.": signs.mean(0),
        "It is given the length 1. Leave it as long as the comparison makes it.": own / own.norm(),
        "This is the comparison within a single digit.": tuple(each),
    }
    compare(got, own, mistakes, f"With {len(which)} digits that lean both ways:", "Compare within each digit.")


@check
def slant_by_moments(answer: Callable[[Tensor], Tensor]) -> None:
    """Task 5: answer(x), images (n, 1, height, width) in [-1, 1], to the slant of each, (n,)."""
    random = torch.Generator().manual_seed(0)
    for n, height, width in ((4, 28, 28), (1, 9, 13), (3, 12, 7)):
        x = torch.rand(n, 1, height, width, generator=random, dtype=torch.float64) ** 4 * 2 - 1
        x[:, 0, : height // 3, width // 2 :] += 0.8 * torch.rand(n, 1, 1, generator=random)
        _slant(answer, x.clamp(-1, 1))
    stroke = torch.full((2, 1, 11, 11), -1.0, dtype=torch.float64)
    for step in range(7):
        stroke[0, 0, 8 - step, 2 + step] = 1.0  # up and to the right
        stroke[1, 0, 2 + step, 4 + step] = 0.2  # down and to the right, dimmer
    _slant(answer, stroke)
    _slant(answer, (stroke + 1) * 5e-4 - 1)  # faint
    empty = stroke.clone()
    empty[0] = -1.0
    row = torch.full((1, 1, 11, 11), -1.0, dtype=torch.float64)
    row[..., 3, 2:9] = torch.tensor([0.3, -0.2, 0.9, 0.77, 0.1, 0.6, -0.41], dtype=torch.float64)
    for x, what in ((empty, "an image without ink"), (row, "an image with ink in a single row")):
        got = _one_each(answer, x)
        if not torch.isfinite(got).all():
            raise NotYet(f"For {what} the slant came out as {got[0].item()}. It is 0 there, as the task says.")
        if abs(got[0].item()) > 1e-3:
            raise NotYet(f"For {what} the slant came out as {got[0].item():.3g}, not 0.")
        if len(x) > 1 and abs(got[1].item() + 1) > 1e-3:
            raise NotYet("An image without ink in the batch changes the slant of another.")
    print("Right: the slant of every image by itself, whatever its place, its brightness and its size.")


def _slant(answer: Callable, x: Tensor) -> None:
    got, mass = _one_each(answer, x), (x[:, 0] + 1) / 2
    if not torch.isfinite(got).all():
        raise NotYet("Some slant is not finite, although there is ink in more than one row.")
    total = mass.sum((1, 2))
    row, column = (torch.arange(size, dtype=x.dtype) for size in x.shape[2:])
    mean_row, mean_column = mass.sum(2) @ row / total, mass.sum(1) @ column / total

    def moments(weights: Tensor, down: Tensor, across: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        of = [torch.einsum("nhw,nh,nw->n", weights, *pair) for pair in ((down, across), (down**2, across**0))]
        return *of, torch.einsum("nhw,nw->n", weights, across**2)

    down, across = row - mean_row[:, None], column - mean_column[:, None]
    both, rows, columns = moments(mass, down, across)
    about_zero = moments(mass, row.expand_as(down), column.expand_as(across))
    middle = moments(
        mass,
        (row - (len(row) - 1) / 2).expand_as(down),
        (column - (len(column) - 1) / 2).expand_as(across),
    )
    signed = x[:, 0]
    signed_rows = row - (signed.sum(2) @ row / signed.sum((1, 2)))[:, None]
    signed_columns = column - (signed.sum(1) @ column / signed.sum((1, 2)))[:, None]
    raw = moments(signed, signed_rows, signed_columns)
    mistakes = {
        "The sign is turned: rows are counted downwards, so what leans to the right has a negative covariance.": both
        / rows,
        "It is divided by the variance of the columns: that is pixels up for each pixel to the right.": -both / columns,
        "This is the covariance alone, per unit of ink. Divide by the variance of the rows.": -both / total,
        "This is a correlation. Divide by the variance of the rows alone.": -both / (rows * columns).sqrt(),
        "The means are not taken away: these are moments about the corner.": -about_zero[0] / about_zero[1],
        "The moments are about the middle of the picture. Take those about the mean of the ink.": -middle[0]
        / middle[1],
        "This is an angle. The slant is pixels to the right for each pixel up.": (
            (-both / rows).arctan(),
            (-both / rows).arctan().rad2deg(),
        ),
        "The sign is lost.": (both / rows).abs(),
        "It is divided by the standard deviation of the rows, not by the variance.": -both
        / total
        / (rows / total).sqrt(),
        "The weights are the pixels in [-1, 1], and black counts as less than nothing. Bring them to [0, 1] first.": -raw[
            0
        ]
        / raw[1],
    }
    size = " x ".join(map(str, x.shape[2:]))
    compare(
        got, -both / rows, mistakes, f"{len(x)} images of {size}:", "Minus the covariance over the variance of rows."
    )


def _one_each(answer: Callable, x: Tensor) -> Tensor:
    got = as_tensor(answer(x))
    if got.shape != (len(x),):
        raise NotYet(f"One slant for each of the {len(x)} images; yours has shape {tuple(got.shape)}.")
    return got
