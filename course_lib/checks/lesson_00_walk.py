"""Checks of lesson 00 on noise: drawn on the right scale, its length half way, and a walk that keeps it."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from course_lib.checks.base import NotYet, check, close, one_number
from course_lib.checks.lesson_00 import _shape


@check
def unit_uniform(answer: Callable[[int, int], Tensor]) -> None:
    """Task 1: answer(n, dim) draws noise of shape (n, dim), uniform, with mean 0 and variance 1."""
    n, dim = 2_000, 50
    before = torch.get_rng_state(), np.random.get_state()
    try:
        torch.manual_seed(0)
        np.random.seed(0)
        _shape(answer(3, 2), (3, 2), "noise")
        z, again = (_shape(answer(n, dim), (n, dim), "noise") for _ in range(2))
    finally:
        torch.set_rng_state(before[0])
        np.random.set_state(before[1])
    if torch.equal(z, again):
        raise NotYet("Two calls gave the same noise. Is a seed set inside the function? Each call should draw afresh.")
    if (z == z[0]).all():
        raise NotYet("All rows are the same draw, repeated. Draw n * dim independent numbers.")
    if (z == z[:, :1]).all():
        raise NotYet("Each row is one number, repeated. Draw n * dim independent numbers.")
    if len(z.unique()) < 0.9 * z.numel():
        raise NotYet("The same values come again and again. Uniform noise takes every value, and hardly any twice.")
    mean, variance, largest = z.mean().item(), z.var().item(), z.abs().max().item()
    if abs(mean) > 0.03:
        raise NotYet(f"The mean is {mean:.2f}, not 0: values run from {z.min():.2f} to {z.max():.2f}. Shift them.")
    if largest > 3.05:
        raise NotYet(f"There are values up to {largest:.1f}, far out but rare: this is a Gaussian, not uniform noise.")
    if abs(variance - 1) > 0.03:
        raise NotYet(
            f"The variance is {variance:.2f}, not 1: values run from {z.min():.2f} to {z.max():.2f}. "
            "Uniform noise on (-a, a) has variance a^2 / 3; which a makes that 1?"
        )
    if abs((z.abs() < math.sqrt(3) / 2).double().mean().item() - 0.5) > 0.02 or largest > 1.733:  # 1.7321 will do
        raise NotYet(
            "Mean and variance are right, but the values are not uniform: half of them should lie in the inner half "
            f"of (-a, a); {(z.abs() < math.sqrt(3) / 2).double().mean():.0%} do."
        )
    odd = [by for by in (0, 1) if (z.mean(by).abs() > 6 / z.shape[by] ** 0.5).any()]
    if odd:
        raise NotYet(f"Some {('columns', 'rows')[odd[0]]} of z have a mean far from 0. Draw every number alike.")
    print("Right: uniform, mean 0, variance 1, and every number drawn on its own.")


@check
def middle_length(answer: Callable[[int], float]) -> None:
    """Task 3: answer(n), the root of the mean squared length of the middle of two draws of n standard Gaussians."""
    for n in (64, 100, 2, 1, 7):
        got = one_number(answer(n), "A length").item()
        slips = {
            math.sqrt(n): "the length of the ends. The middle is the mean of two draws; its coordinates vary less.",
            n / 2: "the mean squared length. Take its root.",
            n: "the mean squared length of the ends. Take the root, and average the two draws first.",
            math.sqrt(2 * n): "the length of the sum of both draws. The middle is half of the sum.",
            math.sqrt(n) / 2: "as if half a draw were the whole of it: the other draw adds its own variance.",
            n / 4: "the squared length of half of one draw. The other adds as much; then take the root.",
            2 * n: "the mean squared length of the sum of both. The middle is half of the sum; take the root too.",
        }
        if math.isclose(got, math.sqrt(n / 2), rel_tol=1e-4):
            continue
        for slip, meaning in slips.items():
            if math.isclose(got, slip, rel_tol=1e-4):
                raise NotYet(f"For n = {n} you gave {got:.3f}, which is {meaning}")
        if math.isclose(got, math.sqrt(n / 2), rel_tol=0.2):
            raise NotYet(f"For n = {n} you gave {got:.3f}: near, like an estimate. There is a short formula.")
        raise NotYet(f"For n = {n} you gave {got:.3f}. Begin with the variance of one coordinate of (a + b) / 2.")
    print("Right: the middle is shorter than the ends by a factor of the root of 2, whatever n is.")


@check
def full_length_walk(answer: Callable[[Tensor, Tensor, int], Tensor]) -> None:
    """Task 4: answer(start, end, steps), a walk of shape (steps, n) from start to end that does not get shorter."""
    random = torch.Generator().manual_seed(0)
    for n, steps in ((64, 9), (100, 5), (3, 8), (16, 2)):
        start, end = torch.randn(2, n, generator=random)
        if n == 3:
            start, end = torch.tensor([1.0, 0.5, 0.0]), torch.tensor([-0.5, 3.0, 1.0])
        walk = _shape(answer(start.clone(), end.clone(), steps), (steps, n), "walk")
        if not torch.isfinite(walk).all():
            raise NotYet("The walk has values that are not numbers. An arccos wants a cosine: divide by both lengths.")
        ends = torch.stack([start, end]).double()
        lengths, (first, last) = walk.norm(dim=1), ends.norm(dim=1).tolist()
        if close(walk[0], ends[1]) and close(walk[-1], ends[0]):
            raise NotYet("The walk goes from end to start. It should begin at start.")
        straight = torch.lerp(*ends, torch.linspace(0, 1, steps).double()[:, None])
        if close(walk, straight) and straight.norm(dim=1).min() < 0.99 * min(first, last):
            raise NotYet(
                f"This is still the straight walk: it starts with length {first:.2f}, ends with {last:.2f} and dips to "
                f"{lengths.min():.2f} between."
            )
        if close(lengths, torch.ones(steps)):
            raise NotYet("Every point has length 1. That is the direction alone: give it back its length.")
        for index, name, length in ((0, "start", first), (-1, "end", last)):
            if close(walk[index], ends[index]):
                continue
            if close(walk[index] / lengths[index], ends[index] / length):
                raise NotYet(
                    f"At the {name} the direction is right but the length is {lengths[index]:.2f} and should be "
                    f"{length:.2f}. The two ends differ in length: let the length go from one to the other."
                )
            place = "first" if index == 0 else "last"
            raise NotYet(f"The {place} point is not {name}. Both ends belong to the walk: with 5 points, steps of 1/4.")
        shortest, longest = min(first, last), max(first, last)
        if (lengths < 0.99 * shortest).any() or (lengths > 1.01 * longest).any():
            raise NotYet(
                f"Lengths run from {lengths.min():.2f} to {lengths.max():.2f}; between ends of length {first:.2f} and "
                f"{last:.2f} they should stay in that range."
            )
        in_plane = torch.linalg.lstsq(ends.T, walk.T).solution
        if not close(in_plane.T @ ends, walk, 1e-3):
            raise NotYet("Some points are no mixture of start and end. Mix the two, then mend the length.")
        toward_end = walk @ ends[1] / (lengths * last)
        if (toward_end.diff() < 1e-6).any():
            raise NotYet("Some step does not come nearer to the direction of end. Each should go on a little further.")
    print("Right: both ends are in, and the length never leaves the range between theirs.")
