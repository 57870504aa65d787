"""Checks for lesson 05: log-mean-exp, distances in little memory, sigma by validation, the table's error, one sample."""

import math
import tracemalloc
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from course_lib.checks.base import NotYet, as_tensor, check, close
from course_lib.metrics import choose_sigma, log_likelihoods


@check
def stable_log_mean_exp(answer: Callable[[Tensor], Tensor]) -> None:
    """Lesson 05, task 1: answer(a), a (row, column), to log mean exp of each row, (row,)."""
    plain = torch.randn(4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    sums, largest = plain.logsumexp(1), plain.amax(1)
    right = sums - math.log(6)
    _compare(
        _one_a_row(answer, plain),
        right,
        {
            "The mean of the exponentials is right, but its logarithm is missing.": [right.exp()],
            "This is the log of the sum. Dividing by the number of samples is missing: subtract its logarithm.": [sums],
            "log N was added where it must be taken away: log(sum/N) = log sum - log N.": [sums + math.log(6)],
            "N stands outside the logarithm. Inside it divides; outside, subtract log N.": [sums / 6, sums - 6],
            "This is the mean of the exponents. The log of a mean is more than the mean of logs.": [plain.mean(1)],
            "This is only the largest exponent. The others count as well.": [largest],
            "The largest exponent was taken out and never put back: add it to the logarithm.": [right - largest],
        },
        "On ordinary exponents:",
    )
    for shift, happens in ((-2_000, "underflows to 0"), (2_000, "overflows to infinity")):
        got = _one_a_row(answer, plain + shift)
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
    print("Right: finite for every row, however small its densities, and the number of samples divided out.")


class _Largest(TorchDispatchMode):
    """Notes the numbers in the largest memory behind any tensor that an operation returns."""

    numbers = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        for tensor in out if isinstance(out, tuple | list) else (out,):
            if isinstance(tensor, Tensor):
                # A view, such as that of `expand`, has many elements and hardly any memory.
                self.numbers = max(self.numbers, tensor.untyped_storage().nbytes() // tensor.element_size())
        return out


@check
def lean_squared_distances(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Lesson 05, task 2: answer(x, mu), (n, d) and (m, d) in float32, to (n, m) squared distances in float64."""
    random = torch.Generator().manual_seed(0)
    x, mu = (torch.rand(n, 300, generator=random) for n in (50, 70))
    mu[:5] = x[:5]  # some images are samples themselves
    differences = x.double()[:, None] - mu.double()
    right = differences.square().sum(2)
    tracemalloc.start()
    try:
        with _Largest() as largest:
            got = answer(x.clone(), mu.clone())
        numbers = max(largest.numbers, tracemalloc.get_traced_memory()[1] // 8)  # the second sees NumPy's
    finally:
        tracemalloc.stop()
    got = as_tensor(got)
    if got.shape != right.shape:
        turned = " It is turned: x goes down, mu across." if got.shape == right.T.shape else ""
        raise NotYet(f"50 images against 70 samples make (50, 70) distances; yours are {tuple(got.shape)}.{turned}")
    a, b, product = x.double().square().sum(1)[:, None], mu.double().square().sum(1), x.double() @ mu.double().T
    _compare(
        got[5:],
        right[5:],  # those that are not 0
        {
            "These are distances. The exponent of a Gaussian has their squares.": [right[5:].sqrt()],
            "The product x mu is counted once; in (x - mu)^2 it stands twice.": [(a + b - product)[5:]],
            "The product has the wrong sign: this is |x + mu|^2.": [(a + b + 2 * product)[5:]],
            "A square is missing: of |x|^2 - 2 x mu + |mu|^2 you have two.": [(c - 2 * product)[5:] for c in (a, b)],
            "This is the product x mu alone.": [product[5:]],
            "This is a mean over the numbers of an image. The exponent has their sum.": [right[5:] / 300],
            "These are sums of absolute differences, not of squares.": [differences.abs().sum(2)[5:]],
        },
        "Image 5 and sample 0:",
    )
    if numbers >= differences.numel():
        raise NotYet(
            f"Right, but {differences.numel():,} numbers were held on the way: all differences at once. For 10,000 samples "
            "and 100 digits that is over 3 GB. Multiply out the square."
        )
    if (worst := (got - right).abs().max()) > 1e-9:
        raise NotYet(
            f"Right up to {worst:.0e}, which float32 leaves after large numbers cancel. At sigma = 0.01 it is multiplied "
            "by 5,000. Turn the images into float64 before anything else."
        )
    if (got < 0).any():
        raise NotYet(f"A squared distance is {got.min():.0e}: rounded to below 0. Set such values to 0.")
    print("Right: all distances, none below 0, and no array of differences on the way.")


@check
def sigma_by_validation(answer: Callable[[Tensor, Tensor, Tensor, Sequence[float]], tuple[float, float]]) -> None:
    """Lesson 05, task 3: answer(samples, validation, test, sigmas) to (sigma, mean log-likelihood of the test)."""
    random = torch.Generator().manual_seed(0)
    samples, validation, test = (torch.rand(n, 8, generator=random) for n in (60, 40, 90))
    sigmas = [0.8, 0.02, 0.1, 0.05, 0.4, 0.2]  # in no order

    def ask(validation: Tensor, test: Tensor) -> tuple[float, float]:
        got = answer(samples.clone(), validation.clone(), test.clone(), list(sigmas))
        if got is None:
            raise NotYet("Your function returned nothing. Is there a `return`?")
        numbers = [as_tensor(number) for number in got] if isinstance(got, tuple | list) else []
        if [number.numel() for number in numbers] != [1, 1]:
            raise NotYet("Return two numbers: (sigma, mean log-likelihood of the test data).")
        return tuple(number.item() for number in numbers)

    sigma, _ = ask(validation, test)
    if not any(close(sigma, offered, 1e-6) for offered in sigmas):
        raise NotYet(f"Your sigma is {sigma:g}, none of the widths on offer. Is it the place in the list of a width?")
    # Test data that betray a glance: beside the samples, where a narrow width flatters them, and far from all of them.
    for betraying in (samples.repeat(3, 1) + 0.001, samples + 5):
        if (betrayed := ask(validation, betraying)[0]) != sigma:
            raise NotYet(
                f"With other test data, and the same samples and validation data, your sigma changed from {sigma:g} to "
                f"{betrayed:g}. So the test data took part in the choice, and the number reported is too high."
            )
    for held_out in (validation, samples[:30] + 0.02 * torch.randn(30, 8, generator=random)):
        best, means = choose_sigma(samples, held_out, sigmas).sigma, log_likelihoods(samples, held_out, sigmas).mean(1)
        sigma, reported = ask(held_out, test)
        if not close(sigma, best, 1e-6):
            why = "Try every width on offer, and keep the one that makes validation data likeliest."
            if close(sigma, sigmas[int(means.argmin())], 1e-6):
                why = "That is where they are least likely."
            if close(sigma, min(sigmas), 1e-6):
                why = "That is the narrowest. Was it chosen on the samples, each of which sits on a bump of its own?"
            raise NotYet(f"Validation data are likeliest at sigma = {best:g}; you chose {sigma:g}. {why}")
        on_test = log_likelihoods(samples, test, sigmas).mean(1)
        _compare(
            as_tensor(reported),
            right := on_test[sigmas.index(best)],
            {
                "This is the validation data's log-likelihood. Report the test data's.": [means.max()],
                "This is the best that any width gives on the test data. Report that of the one chosen.": [
                    on_test.max()
                ],
                "This is a sum over the test data. The table has the mean.": [right * len(test)],
            },
            f"At sigma = {best:g}:",
        )
    print("Right: sigma by the validation data, whatever the test data are, and the test data's mean at that sigma.")


@check
def table_error(answer: Callable[[Tensor], Tensor]) -> None:
    """Lesson 05, task 4: answer(each), (seed, test example) in nats, to the +- of each seed's mean, (seed,)."""
    random = torch.Generator().manual_seed(0)
    for seeds, n in ((3, 40), (5, 200)):
        level, width = torch.randn(2, seeds, 1, dtype=torch.float64, generator=random)
        each = 100 + 20 * level + 30 * width.exp() * torch.randn(seeds, n, dtype=torch.float64, generator=random)
        got = as_tensor(answer(each.clone()))
        single = [each.std(1, correction=ddof) for ddof in (0, 1)]
        over_seeds = [each.mean(1).std(correction=ddof) / k for ddof in (0, 1) for k in (1, math.sqrt(seeds))]
        if got.numel() == 1:
            if any(close(got.squeeze(), each.std(correction=ddof) / math.sqrt(seeds * n), 1e-6) for ddof in (0, 1)):
                raise NotYet(
                    f"All seeds are in one pot. The same {n} test examples were measured {seeds} times, and do not become "
                    "more by that. Give one ± for each seed."
                )
            got = got.squeeze().expand(seeds) if any(close(got.squeeze(), one, 1e-6) for one in over_seeds) else got
        if got.shape != (seeds,):
            raise NotYet(f"One ± for each of the {seeds} seeds (rows); yours has shape {tuple(got.shape)}.")
        if close(got, single[1] / math.sqrt(n), 1e-9):
            continue  # the authors divide by n, many by n - 1
        _compare(
            got,
            single[0] / math.sqrt(n),
            {
                "This is the spread of single examples. Divide it by the root of their number.": single,
                "Divide by the root of the number of examples, not by the number.": [std / n for std in single],
                "This is the variance over the number; take its root.": [std**2 / n for std in single],
                "This divides by the root of the number of seeds.": [std / math.sqrt(seeds) for std in single],
                "This is the spread over seeds; the table's ± is over test examples.": [
                    one.expand(seeds) for one in over_seeds
                ],
                "This is twice the standard error.": [k * std / math.sqrt(n) for std in single for k in (2, 1.96)],
            },
            "The first seed:",
        )
    print("Right: the spread of the test examples over the root of their number, for each training.")


@check
def one_sample(answer: Callable[[int, float], tuple[float, float]]) -> None:
    """Lesson 05, task 5: answer(d, spread) to (best sigma, shortfall in nats) with one sample of that spread."""
    for d, spread in ((32, 0.7), (1, 1.0), (784, 1.0), (10, 0.0), (10, 2.0)):
        got = answer(d, spread)
        if not isinstance(got, tuple | list) or len(got) != 2:
            raise NotYet(f"Return two numbers: (sigma, shortfall); got {got}. Is there a `return`?")
        sigma, short = (as_tensor(number) for number in got)
        best, right = math.sqrt(1 + spread**2), as_tensor(d / 2 * math.log(1 + spread**2))
        at = f"With d = {d} and spread {spread:g}:"
        wrong_sigmas = {
            "This is sigma squared.": [as_tensor(best**2)],
            "This grows with d. But both terms of the log-likelihood have the factor d.": [as_tensor(best * d**0.5)],
            "What varies is x - mu, and x varies as well as mu.": [as_tensor(1.0), as_tensor(spread)],
            "Variances add, not widths.": [as_tensor(1 + spread)],
        }
        wrong_shortfalls = {
            "The sign: it is the truth less the estimate, and never negative.": [-right],
            "A factor of 2: log sigma is half of log sigma squared.": [2 * right],
            "The factor d is lost: every dimension adds the same.": [right / d],
            "This looks like logarithms to base 2. Nats are natural ones.": [right / math.log(2)],
            "This is the estimate. Subtract it from the truth.": [-right - d / 2 * math.log(2 * math.pi * math.e)],
        }
        _compare(sigma, as_tensor(best), wrong_sigmas, f"{at} the best sigma.", 1e-4)
        _compare(short, right, wrong_shortfalls, f"{at} the shortfall.", 1e-4)
    print("Right: nothing for the collapsed generator, and the more the wider it spreads.")


def _one_a_row(answer: Callable[[Tensor], Tensor], a: Tensor) -> Tensor:
    got = as_tensor(answer(a.clone()))
    if got.shape != (len(a),):
        raise NotYet(f"One number for each of the {len(a)} rows; yours has shape {tuple(got.shape)}.")
    return got


def _compare(
    got: Tensor, right: Tensor, mistakes: Mapping[str, Sequence[Tensor]], where: str, tolerance: float = 1e-5
) -> None:
    """Nothing if right; otherwise NotYet, with the sentence that has what came out among its wrong values."""
    if not close(got, right, tolerance):
        numbers = f"{where} expected {right.flatten()[0]:.4g}, got {got.flatten()[0]:.4g}."
        for sentence, values in mistakes.items():
            if any(close(got, value, tolerance) for value in values):
                raise NotYet(f"{numbers} {sentence}")
        raise NotYet(numbers)
