"""Checks for lesson 10: the guided way back through a ReLU, the strongest filters, and which maps to drop."""

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.checks.base import NotYet, as_tensor, check, close


@check
def guided_relu(answer: Callable) -> None:
    """Lesson 10, task 1: answer(u, R), of any one shape, to what guided backpropagation hands down."""
    random = torch.Generator().manual_seed(0)
    u = torch.tensor([2.0, 3.0, -1.0, -2.0, 0.0, 0.0, 5.0])
    R = torch.tensor([0.5, -0.5, 0.5, -0.5, 0.7, -0.7, 0.0])
    big = torch.randn(2, 3, 4, 5, generator=random, dtype=torch.float64)
    cases = [(u, R), (big, 3 * torch.randn(2, 3, 4, 5, generator=random, dtype=torch.float64)), (1e-4 * u, 1e-4 * R)]
    for u, R in cases:
        got = as_tensor(answer(u, R))
        on, raises = u > 0, R > 0
        _same_shape(got, u.shape, "What is handed down has the shape of u")
        mistakes = {
            "This is the plain chain rule, [u > 0]. What lowers the response, a negative R, must stop here as well.": R
            * on,
            "This is the deconvnet's rule, [R > 0]. A unit that was off on the way forward hands nothing down.": R
            * raises,
            "A unit that is off, or that lowers the response, is enough to stop it: both gates must be open.": R
            * (on | raises),
            "The unit hands down R, not its own u.": u * on * raises,
            "These are the gates themselves. What passes them is R.": (on & raises).double(),
            "R is let through where it is negative. Guided backpropagation keeps what raises the response.": R
            * on
            * (R < 0),
            "R is let through where the unit was off.": R * (u < 0) * raises,
            "A negative R should be stopped, not turned round: no absolute values.": R.abs() * on,
            "At u = 0 the unit counts as off.": R * (u >= 0) * raises,
        }
        _named(got, R * on * raises, mistakes, scale=float(R.abs().max()))
    print("Right: what passes is R, where the unit was on and R is positive.")


@check
def strongest(answer: Callable) -> None:
    """Lesson 10, task 2: answer(maps, k), maps (image, filter, height, width), to k filters, the strongest first."""
    random = torch.Generator().manual_seed(1)
    cases = [(torch.randn(6, 9, 3, 5, generator=random), 4), (torch.randn(1, 7, 2, 2, generator=random) - 5, 3)]
    steady = torch.zeros(4, 5, 4, 4) - 0.1  # filter 3 fires at another place in every image, filter 1 weakly everywhere
    steady[torch.arange(4), 3, torch.arange(4), torch.arange(4)] = 2.0
    steady[:, 1] = 1.0
    steady[0, 4, 0, 0] = 6.0  # once, and very strongly
    steady[:, 2] = -9.0  # never, but far from 0
    steady[:, 0] = 0.5
    cases += [(steady, 5), (steady, 1), (steady.double(), 2)]
    for maps, k in cases:
        got = as_tensor(answer(maps, k))
        response = maps.double().amax((2, 3)).mean(0)
        right = response.argsort(descending=True)[:k].double()
        if got.shape == (k,) and close(got, response.sort(descending=True).values[:k], 1e-5):
            raise NotYet("These are the responses. Wanted are the numbers of the filters.")
        _same_shape(got, (k,), f"With k = {k} there are {k} numbers of filters")
        if torch.equal(got, right):
            continue
        by = {
            "The weakest filters come first.": -response,
            "This takes a mean over places. A filter's response is its largest value anywhere in the map.": maps.mean(
                (0, 2, 3)
            ),
            "This takes the largest response over images. Wanted is the mean over images.": maps.amax((0, 2, 3)),
            "The mean over images was taken before the largest over places. Filters fire at another place in each image.": maps.mean(
                0
            ).amax((1, 2)),
            "Responses far below 0 count as strong. They are compared as they are, without absolute values.": maps.abs()
            .amax((2, 3))
            .mean(0),
        }
        hint = next((words for words, value in by.items() if torch.equal(got, _order(value, k))), "")
        if not hint and sorted(got.tolist()) == sorted(right.tolist()):
            hint = "These are the right filters in another order: the strongest comes first."
        raise NotYet(
            f"expected filters {right.int().tolist()}, got {[round(v, 3) for v in got.tolist()]}. {hint}".strip()
        )
    print("Right: the largest over places, the mean over images, the strongest first.")


def _order(value: Tensor, k: int) -> Tensor:
    return value.argsort(descending=True)[:k].double()


@check
def maps_to_drop(answer: Callable) -> None:
    """Lesson 10, task 3: answer(maps, marked) to a bool for each map, by a logistic regression on places."""
    for seed, shape in ((0, (12, 5, 4)), (1, (9, 3, 6)), (2, (1, 12, 10))):
        maps, marked, right = _layer(seed, shape)
        got = answer(maps, marked)
        if got is None:
            raise NotYet("Your function returned nothing. Is there a `return`?")
        numbers = as_tensor(got)
        if numbers.shape == (1, len(right)):
            raise NotYet(
                f"Expected shape ({len(right)},), got (1, {len(right)}). coef_ has a row for each question; take it."
            )
        if numbers.shape == (len(right) + 1,):
            raise NotYet(
                f"There are {len(right)} maps and {len(right) + 1} answers. The intercept is no map; leave it out."
            )
        _same_shape(numbers, right.shape, "There is one answer for each map")
        if not set(numbers.tolist()) <= {0.0, 1.0}:
            raise NotYet("Expected True or False for each map. Are these the weights, or numbers of maps?")
        numbers = numbers.bool()
        if torch.equal(numbers, right):
            continue
        dead = len(right) - 1
        if torch.equal(numbers[:dead], ~right[:dead]):
            hint = "Exactly the others: a positive weight speaks for the box, and such maps are dropped."
        elif torch.equal(numbers[:dead], right[:dead]):
            hint = "The last map is 0 everywhere and has weight 0, which is not positive."
        elif torch.equal(numbers, (maps.mean((0, 2, 3)) > 0)):
            hint = "This is how large the maps are, not how their values tell places in a box from others."
        elif torch.equal(numbers, _all_but(dead)):
            hint = "The size of a weight is not its sign: a large negative one speaks against the box."
        else:
            hint = "Is each row of the regression one place, with a number for each map? maps.reshape(-1, maps.shape[1]) mixes them up."
        raise NotYet(f"expected {right.tolist()}, got {numbers.tolist()}. {hint}")
    print("Right: a row for each place, a weight for each map, and those above 0 are dropped.")


def _all_but(last: int) -> Tensor:
    return torch.arange(last + 1) < last


def _layer(seed: int, shape: tuple[int, int, int]) -> tuple[Tensor, Tensor, Tensor]:
    """Maps (n, 6, h, w), marked places, and which maps are higher there; all independent, the last one 0 everywhere."""
    random = torch.Generator().manual_seed(seed)
    n, height, width = shape
    marked = torch.zeros(shape, dtype=torch.bool)
    marked[:, : height // 3 + 1, width // 2 :] = True
    maps = 0.5 * torch.randn(n, 6, height, width, generator=random)
    level = torch.tensor([3.0, -1.0, 2.0, 4.0, -2.0, 0.0])  # what a map is anywhere
    more = torch.tensor([1.5, 1.5, -1.5, -1.5, -1.5, 0.0])[torch.randperm(5, generator=random).tolist() + [5]]
    maps += level[:, None, None] + more[:, None, None] * marked[:, None]
    maps *= 8  # so that weights are below 1: what counts is their sign
    maps[:, 5] = 0
    return maps, marked, more > 0


def _same_shape(got: Tensor, shape: tuple[int, ...], what: str) -> None:
    if tuple(got.shape) != tuple(shape):
        raise NotYet(f"{what}: expected shape {tuple(shape)}, got {tuple(got.shape)}.")


def _named(got: Tensor, right: Tensor, mistakes: dict[str, Tensor], scale: float) -> None:
    """NotYet, with the sentence of the mistake that leads to it, unless got is right; small numbers are told apart too."""
    if close(got / scale, right.double() / scale):
        return
    hint = next((words for words, value in mistakes.items() if close(got / scale, value.double() / scale)), "")
    raise NotYet(f"expected {_few(right)}, got {_few(got)}. {hint}".strip())


def _few(values: Tensor) -> list[float]:
    return [float(f"{value:.3g}") for value in values.flatten()[:7].tolist()]
