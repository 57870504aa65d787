"""Checks for lesson 05: log-mean-exp, distances in little memory, sigma by validation."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course_lib.checks.base import NotYet, as_tensor, check, close, compare, two_numbers, untouched
from course_lib.checks.memory import numbers_held
from course_lib.metrics import choose_sigma, log_likelihood, log_likelihoods


@check
def stable_log_mean_exp(answer: Callable[[Tensor], Tensor]) -> None:
    """Lesson 05, task 1: answer(a), a (row, column), to log mean exp of each row, (row,)."""
    plain = torch.randn(4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    sums, largest = plain.logsumexp(1), plain.amax(1)
    right = sums - math.log(6)
    mistakes = {
        "The mean of the exponentials is right, but its logarithm is missing.": right.exp(),
        "This is the log of the sum. Dividing by the number of samples is missing: subtract its logarithm.": sums,
        "log N was added where it must be taken away: log(sum/N) = log sum - log N.": sums + math.log(6),
        "log N was taken away twice. `mean` has divided by N already.": right - math.log(6),
        "N is the number of columns, not of rows or of all.": (sums - math.log(4), sums - math.log(24)),
        "N stands outside the logarithm. Inside it divides; outside, subtract log N.": (sums / 6, sums - 6),
        "Every logarithm here is natural.": (right / math.log(2), sums - math.log2(6), sums - math.log10(6)),
        "This is the mean of the exponents. The log of a mean is more than the mean of logs.": plain.mean(1),
        "This is only the largest exponent. The others count as well.": largest,
        "The largest exponent was never put back: add it to the log.": (right - largest, right - 2 * largest),
    }
    as_written = "Compare with a.exp().mean(1).log(), which is right for these."
    compare(_one_a_row(answer, plain), right, mistakes, "On ordinary exponents:", as_written)
    for shift, happens in ((-20_000, "underflows to 0"), (20_000, "overflows to infinity")):
        got = _one_a_row(answer, plain + shift)
        if close(got, right + shift, 1e-6) and not close(got, right + shift, 1e-9):
            raise NotYet("Digits were lost at large exponents. Stay in float64.")
        if not close(got, right + shift, 1e-9):
            raise NotYet(
                f"With {shift:+,.0f} added to every exponent the first row's answer is {right[0] + shift:,.2f}; yours is "
                f"{got[0]:,.2f}. exp {happens}. Take out the largest exponent before `exp`; a small number inside the "
                "logarithm, or a limit on the exponents, only hides it."
            )
    far_apart = plain + torch.tensor([[0.0], [-1_500.0], [-4_000.0], [900.0]], dtype=torch.float64)
    if not close(_one_a_row(answer, far_apart), far_apart.logsumexp(1) - math.log(6), 1e-9):
        raise NotYet(
            "Right as long as all rows are alike, but not beside rows that are far away. Each row needs a largest exponent "
            "of its own; a single one for the whole table lets the other rows underflow."
        )
    wide = 2_000 * plain
    if not close(_one_a_row(answer, wide), wide.logsumexp(1) - math.log(6), 1e-9):
        raise NotYet(
            "Right as long as the exponents of a row are close together, but not where they lie thousands apart. Take out "
            "the largest of the row: with its mean, its smallest or its first taken out, another overflows."
        )
    for some, kind in ((plain[:1], "one row"), (plain[:, :1], "one column"), (plain[:1, :1], "one number")):
        if not close(_one_a_row(answer, some), some.logsumexp(1) - math.log(some.shape[1]), 1e-9):
            raise NotYet(
                f"Right for larger tables, but not for a table of {kind}. Is there a squeeze, or a fixed number?"
            )
    print("Right: finite for every row, however small its densities, and the number of samples divided out.")


@check
def lean_squared_distances(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Lesson 05, task 2: answer(x, mu), (n, d) and (m, d) in float32, to (n, m) squared distances in float64."""
    random = torch.Generator().manual_seed(0)
    x, mu = (torch.rand(n, 300, generator=random).square() for n in (50, 70))
    mu[:5] = x[:5]  # some images are samples themselves
    differences = x.double()[:, None] - mu.double()
    right = differences.square().sum(2)
    got = as_tensor(untouched(answer, x, mu))
    if got.shape != right.shape:
        turned = " It is turned: x goes down, mu across." if got.shape == right.T.shape else ""
        raise NotYet(f"50 images against 70 samples make (50, 70) distances; yours are {tuple(got.shape)}.{turned}")
    others, apart = x[5:].double(), right[5:]  # without the images that are samples
    a, b, product = others.square().sum(1)[:, None], mu.double().square().sum(1), others @ mu.double().T
    mistakes = {
        "These are distances. The exponent of a Gaussian has their squares.": apart.sqrt(),
        "The product x mu is counted once; in (x - mu)^2 it stands twice.": a + b - product,
        "The product has the wrong sign: this is |x + mu|^2.": a + b + 2 * product,
        "A square is missing: of |x|^2 - 2 x mu + |mu|^2 you have two.": (a - 2 * product, b - 2 * product),
        "The product is missing in |x|^2 - 2 x mu + |mu|^2.": a + b,
        "This is the product x mu alone.": (product, -2 * product),
        "This is a mean over the numbers of an image. The exponent has their sum.": apart / 300,
        "These are sums of absolute differences, not of squares.": differences[5:].abs().sum(2),
        "A factor is left over: wanted is |x - mu|^2 itself.": (apart / 2, -apart / 2, 2 * apart, -apart),
    }
    compare(got[5:], apart, mistakes, "Image 5, against samples 0, 1, and so on:", "Multiply out the square.", 1e-5)
    if (numbers := numbers_held(answer, x.clone(), mu.clone())) >= differences.numel():
        raise NotYet(
            f"Right, but {numbers:,} numbers were held on the way: all differences at once. For 10,000 samples "
            "and 100 digits that is over 3 GB. Multiply out the square."
        )
    if (worst := (got - right).abs().max()) > 1e-9:
        if close(got[5:], apart, 1e-12):
            raise NotYet(
                f"An image that is a sample has distance 0; yours is {got[0, 0]:.0e}. Raise to 0 what is below it, no more."
            )
        raise NotYet(
            f"Right up to {worst:.0e}: float32 keeps seven digits, the fewer where large numbers cancel. At sigma = 0.01 "
            "it is multiplied by 5,000. Turn the images into float64 before anything else."
        )
    spread = torch.randn(24, 300, generator=random) ** 3  # numbers of all sizes, whose rounding goes either way
    if (lowest := as_tensor(answer(spread, spread.clone())).min()) < 0:
        raise NotYet(
            f"Between equal images a squared distance is {lowest:.0e}: rounded to below 0. Set such values to 0."
        )
    for a, b in ((x[:1], mu[:1]), (x[:1], mu), (x, mu[:1]), (x[:3, :1], mu[:2, :1])):
        got = as_tensor(answer(a, b))
        if got.shape != (len(a), len(b)) or not close(got, (a.double()[:, None] - b.double()).square().sum(2)):
            raise NotYet(
                f"Right for larger tables, but not for {len(a)} by {len(b)} images of {a.shape[1]} numbers. Is there a "
                "squeeze?"
            )
    print("Right: all distances, none below 0, and no array of differences on the way.")


@check
def sigma_by_validation(answer: Callable[[Tensor, Tensor, Tensor, Sequence[float]], tuple[float, float]]) -> None:
    """Lesson 05, task 3: answer(samples, validation, test, sigmas) to (sigma, mean log-likelihood of the test)."""
    random = torch.Generator().manual_seed(0)
    samples, validation, test = (torch.rand(n, 8, generator=random) for n in (60, 40, 90))
    sigmas = [0.4, 0.2, 0.8, 0.1, 0.02, 0.05]  # in no order

    def ask(validation: Tensor, test: Tensor) -> tuple[float, float]:
        wanted = "Return two numbers: (sigma, mean log-likelihood of the test data)."
        numbers = two_numbers(untouched(answer, samples, validation, test, sigmas), wanted)
        if [number.numel() for number in numbers] != [1, 1]:
            raise NotYet(wanted)
        return tuple(number.item() for number in numbers)

    sigma, mean = ask(validation, test)
    if not any(close(sigma, offered, 1e-6) for offered in sigmas):
        if any(close(mean, offered, 1e-6) for offered in sigmas):
            raise NotYet("The two are in the wrong order: first sigma, then the mean log-likelihood.")
        raise NotYet(f"Your sigma is {sigma:g}, none of the widths on offer. Is it the place in the list of a width?")
    # Test data that betray a glance: beside the samples, where a narrow width flatters them, and far from all of them.
    for betraying in (samples.repeat(3, 1) + 0.001, samples + 5):
        if (betrayed := ask(validation, betraying)[0]) != sigma:
            raise NotYet(
                f"With other test data, and the same samples and validation data, your sigma changed from {sigma:g} to "
                f"{betrayed:g}. So the test data took part in the choice, and the number reported is too high."
            )
    beside = samples[:30] + 0.02 * torch.randn(30, 8, generator=random)
    for held_out in (validation, beside, torch.cat([beside, validation])):
        best, means = choose_sigma(samples, held_out, sigmas).sigma, log_likelihoods(samples, held_out, sigmas).mean(1)
        sigma, reported = ask(held_out, test)
        if not close(sigma, best, 1e-6):
            why = (
                "Try every width on offer, with the windows on the samples, and keep the one with the highest mean over "
                "the validation data."
            )
            if close(sigma, sigmas[int(means.argmin())], 1e-6):
                why = "That is where they are least likely."
            if close(sigma, min(sigmas), 1e-6):
                why = (
                    "That is the narrowest. Was it chosen on the samples, each of which sits on a bump of its own, or by "
                    "mean densities instead of mean logarithms?"
                )
            raise NotYet(f"Validation data are likeliest at sigma = {best:g}; you chose {sigma:g}. {why}")
        on_test = log_likelihoods(samples, test, sigmas).mean(1)
        right = on_test[sigmas.index(best)]
        windows = (held_out, torch.cat([samples, held_out]))
        mistakes = {
            "This is the validation data's log-likelihood. Report the test data's.": means.max(),
            "This is the best that any width gives on the test data. Report that of the one chosen.": on_test.max(),
            "This is a sum over the test data. The table has the mean.": right * len(test),
            "Are samples and test data exchanged?": log_likelihood(test, samples, best).mean(),
            "The windows sit on the samples alone.": tuple(log_likelihood(w, test, best).mean() for w in windows),
            "The log of the mean is not the mean of the log.": log_likelihood(samples, test, best).exp().mean().log(),
            "The sign is turned.": -right,
        }
        compare(
            as_tensor(reported), right, mistakes, f"At sigma = {best:g}:", "Report the mean of the test data.", 1e-5
        )
    only, reported = two_numbers(answer(samples, validation[:1], test[:1], [0.3]), "Return two numbers.")
    if not (
        close(only.reshape(()), 0.3) and close(reported.reshape(()), log_likelihood(samples, test[:1], 0.3).mean())
    ):
        raise NotYet("Right for several widths, but not where a single one is on offer and one example in each part.")
    print("Right: sigma by the validation data, whatever the test data are, and the test data's mean at that sigma.")


def _one_a_row(answer: Callable[[Tensor], Tensor], a: Tensor) -> Tensor:
    got = as_tensor(untouched(answer, a))
    if got.shape != (len(a),):
        raise NotYet(f"One number for each of the {len(a)} rows; yours has shape {tuple(got.shape)}.")
    return got
