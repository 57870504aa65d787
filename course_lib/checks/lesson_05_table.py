"""Checks for lesson 05: the error in the papers' table, and what one sample says."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.checks.base import NotYet, as_tensor, check, close, compare, two_numbers, untouched


@check
def table_error(answer: Callable[[Tensor], Tensor]) -> None:
    """Lesson 05, task 4: answer(each), (seed, test example) in nats, to the +- of each seed's mean, (seed,)."""
    random = torch.Generator().manual_seed(0)
    for seeds, n in ((3, 40), (5, 200), (1, 30), (4, 2)):
        level, width = torch.randn(2, seeds, 1, dtype=torch.float64, generator=random)
        each = 100 + 20 * level + 30 * width.exp() * torch.randn(seeds, n, dtype=torch.float64, generator=random)
        got = as_tensor(untouched(answer, each))
        single = [each.std(1, correction=ddof) for ddof in (0, 1)]
        over_seeds = [
            each.mean(1).std(correction=min(ddof, seeds - 1)) / k for ddof in (0, 1) for k in (1, math.sqrt(seeds))
        ]
        if got.numel() == 1 and seeds > 1:
            if any(close(got.squeeze(), each.std(correction=ddof) / math.sqrt(seeds * n), 1e-6) for ddof in (0, 1)):
                raise NotYet(
                    f"All seeds are in one pot. The same {n} test examples were measured {seeds} times, and do not become "
                    "more by that. Give one ± for each seed."
                )
            got = got.squeeze().expand(seeds) if any(close(got.squeeze(), one, 1e-6) for one in over_seeds) else got
        if got.shape != (seeds,):
            raise NotYet(f"One ± for each of the {seeds} seeds (rows); yours has shape {tuple(got.shape)}.")
        if close(got, single[1] / math.sqrt(n), 1e-5):
            continue  # the authors divide by n, many by n - 1
        mistakes = {
            "This is the spread of single examples. Divide it by the root of their number.": tuple(single),
            "Divide by the root of the number of examples, not by the number.": tuple(std / n for std in single),
            "This is the variance; take its root.": tuple(std**2 / k for std in single for k in (1, math.sqrt(n), n)),
            "This divides by the root of the number of seeds.": tuple(std / math.sqrt(seeds) for std in single),
            "Divide by the root of one seed's number of examples.": tuple(std / math.sqrt(n * seeds) for std in single),
            "The 1 was taken from n twice: in the standard deviation and in the root.": single[1] / math.sqrt(n - 1),
            "The spread over seeds; the table's ± is over test examples.": tuple(v.expand(seeds) for v in over_seeds),
            "This is twice the standard error.": tuple(k * std / math.sqrt(n) for std in single for k in (2, 1.96)),
        }
        asked = "How far is a mean of so many examples from that of infinitely many?"
        compare(got, single[0] / math.sqrt(n), mistakes, "The ± of each seed:", asked, 1e-5)
    print("Right: the spread of the test examples over the root of their number, for each training.")


@check
def one_sample(answer: Callable[[int, float], tuple[float, float]]) -> None:
    """Lesson 05, task 5: answer(d, spread) to (best sigma, shortfall in nats) with one sample of that spread."""
    for d, spread in ((32, 0.7), (1, 1.0), (784, 1.0), (10, 0.0), (10, 2.0)):
        wanted = "Return two numbers: (sigma, shortfall)."
        sigma, short = two_numbers(answer(d, spread), wanted)
        if (sigma.numel(), short.numel()) != (1, 1):
            raise NotYet(wanted)
        sigma, short = sigma.reshape(()), short.reshape(())
        best, right = as_tensor(math.sqrt(1 + spread**2)), as_tensor(d / 2 * math.log(1 + spread**2))
        at = f"With d = {d} and spread {spread:g}, the"
        if close(sigma, right) and close(short, best):
            raise NotYet("The two are in the wrong order: first sigma, then the shortfall.")
        wrong_sigmas = {
            "This is sigma squared.": best**2,
            "This grows with d. But both terms of the log-likelihood have the factor d.": best * d**0.5,
            "What varies is x - mu, and x varies as well as mu.": (as_tensor(1.0), as_tensor(spread)),
            "Variances add, not widths, and s is a width.": (as_tensor(1 + spread), as_tensor(1 + spread).sqrt()),
        }
        wrong_shortfalls = {
            "The sign: it is the truth less the estimate, and never negative.": -right,
            "A factor of 2: log sigma is half of log sigma squared.": (2 * right, right / 2),
            "The factor d is lost: every dimension adds the same.": right / d,
            "Logarithms to base 2 or 10? Nats are natural ones.": (right / math.log(2), right / math.log(10)),
            "This is the shortfall at sigma = 1. Put in the best sigma.": as_tensor(d / 2 * spread**2),
            "The first term is -d/2 at the best sigma, and the truth has it too.": (right - d / 2, right + d / 2),
            "This is the estimate. Subtract it from the truth.": -right - d / 2 * math.log(2 * math.pi * math.e),
        }
        compare(sigma, best, wrong_sigmas, f"{at} best sigma:", "Where is the derivative 0?")
        compare(
            short, right, wrong_shortfalls, f"{at} shortfall:", "It is the truth less the estimate at the best sigma."
        )
    print("Right: nothing for the collapsed generator, and the more the wider it spreads.")
