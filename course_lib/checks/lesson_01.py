"""Checks for lesson 01 on likelihoods: their slopes, and a mixture to repair."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import one_hot, softplus

from course_lib.checks.base import NotYet, as_tensor, check, close, compare, one_number, two_numbers

HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
NEAR = torch.tensor([-2.5, -1.0, 0.4, 2.0, 4.5], dtype=torch.float64)  # samples among the parts of a mixture
FAR = torch.tensor([0.4, 90.0, -200.0], dtype=torch.float64)  # and so far out that every exponential is 0


@check
def log_likelihood_slopes(answer: Callable[[Tensor, float, float], tuple[Tensor, Tensor]]) -> None:
    """Lesson 01, task 1: answer(x, mean, log_std), x (dot,), to the slopes of the mean log-likelihood in both."""
    wanted = "Two slopes are wanted: return slope_in_mean, slope_in_log_std."
    for x, mean, log_std in (([3.0, 4.0, 7.0], 4.5, -0.4), ([-1.2, -0.3, 0.1, 0.5, 1.4], 2.0, 0.5), ([2.5], 1.0, -3.0)):
        x = torch.tensor(x, dtype=torch.float64)
        m, s = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (mean, log_std))
        right = torch.autograd.grad((-s - 0.5 * ((x - m) * (-s).exp()) ** 2 - HALF_LOG_2PI).mean(), (m, s))
        in_mean, in_log_std = two_numbers(answer(x, mean, log_std), wanted)
        in_mean, in_log_std = one_number(in_mean, "The slope in mu"), one_number(in_log_std, "The slope in s")
        if close(in_mean, right[1]) and close(in_log_std, right[0]):
            raise NotYet("The two slopes are in the wrong order: first the mean's, then the log width's.")
        var, n, squares = math.exp(2 * log_std), len(x), right[1] + 1
        mistakes = {
            "sigma is here and should be sigma^2: the square is divided by it.": right[0] * var**0.5,
            "log_std was used as if it were sigma; sigma is exp(log_std).": right[0] * var / log_std**2,
            "The division by sigma^2 is missing.": right[0] * var,
            "Here sigma^2 multiplies; it should divide.": right[0] * var**2,
            "The 2 from the square cancels the half.": (2 * right[0], right[0] / 2),
            "The square is still there. The slope of (x - mu)^2 is -2 (x - mu).": squares,
            "This is the sum over the dots. The objective is their mean.": n * right[0],
            "The sign is turned round: this goes downhill in likelihood.": -right[0],
        }
        compare(in_mean, right[0], mistakes, "Slope in mu:", "Differentiate again: only the square contains mu.")
        mistakes = {
            "This is the slope in sigma. By the chain rule that in s is sigma times it.": right[1] / var**0.5,
            "The -1 is missing, which comes from -s: wide models pay for being wide.": squares,
            "The derivative of exp(-2s) is -2 exp(-2s): a 2 cancels the half.": (squares / 2 - 1, 2 * squares - 1),
            "The -1 became +1. The derivative of -s is -1.": squares + 1,
            "The square's term has the wrong sign: minus a half times -2 is plus 1.": -1 - squares,
            "The square is to be divided by sigma^2, which is exp(2s).": (squares * var**0.5 - 1, squares * var - 1),
            "The mean over the dots was squared. It is the mean of the squares.": right[0] ** 2 * var - 1,
            "The squares are of distances from the dots' own mean, not from mu.": x.var(correction=min(1, n - 1)) / var
            - 1,
            "This is the sum over the dots. The objective is their mean.": (n * right[1], n * squares - 1),
            "The sign is turned round: this goes downhill in likelihood.": -right[1],
        }
        compare(in_log_std, right[1], mistakes, "Slope in s = log sigma:", "Differentiate again: two terms contain s.")
    print("Right: both slopes agree with autograd's.")


def _log_normal(x: Tensor, mu: Tensor, sigma: Tensor) -> Tensor:
    """log N(x; mu_k, sigma_k^2): (sample, part)."""
    return -sigma.log() - 0.5 * ((x[:, None] - mu) / sigma) ** 2 - HALF_LOG_2PI


@check
def repaired_log_likelihood(answer: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]) -> None:
    """Lesson 01, task 2: answer(x, a, mu, b) to the mean of log sum_k softmax(a)_k N(x; mu_k, softplus(b_k)^2)."""
    a, mu, b = torch.tensor([[0.3, -0.5, 1.1], [-2.0, 0.5, 3.0], [0.9, -1.0, 2.0]], dtype=torch.float64)
    sigma, log_w = softplus(b), a.log_softmax(0)
    log_normal = _log_normal(NEAR, mu, sigma)
    parts, bare = log_w + log_normal, log_normal + sigma.log()

    def mixed(parts: Tensor) -> Tensor:
        return parts.logsumexp(1).mean()

    right = mixed(parts)
    got = as_tensor(answer(NEAR, a, mu, b))
    if got.shape == NEAR.shape:
        raise NotYet("This is one number for each sample; their mean is wanted.")
    got = one_number(got, "The mean log-likelihood")
    mistakes = {
        "Two faults are left: the weights do not sum to 1, and 1/sigma is missing.": mixed(a + bare),
        "The weights still do not sum to 1: exp(a) wants dividing by its sum, a softmax.": mixed(a + log_normal),
        "The factor 1/sigma is missing: a wide part must be low, or its area is not 1.": mixed(log_w + bare),
        "No weights are left. They are the softmax of a.": mixed(log_normal),
        "The weights are all alike. They are the softmax of a.": mixed(log_normal - math.log(3)),
        "This is a sum over samples. The mean is wanted.": right * len(NEAR),
        "The mean over the parts was taken. The weights sum to 1, so the weighted parts add up.": right - math.log(3),
        "Logarithms were taken before adding up. Join the parts by logsumexp.": (parts.sum(1).mean(), parts.mean()),
        "Logs were averaged with the weights. It is the log of a sum.": (log_normal @ log_w.exp()).mean(),
        "Only the highest part counts here. All of them add up.": parts.amax(1).mean(),
        "The samples were added up and not the parts, which lie along a row.": parts.logsumexp(0).mean(),
        "Among logarithms stands w itself. Add its logarithm, log_softmax(a).": mixed(log_w.exp() + log_normal),
        "This is the log of the mean density. It is the mean of the logs.": mixed(parts.flatten()[None]) - math.log(5),
        "The sign is turned: this is a loss to go down on. The task asks for the log-likelihood.": -right,
        "Logarithms are natural ones here, not to base 2 or 10.": (right / math.log(2), right / math.log(10)),
        "The factor 1/sqrt(2 pi) is missing, or its root.": (right + HALF_LOG_2PI, right - HALF_LOG_2PI),
        "softplus(b) is the width sigma, and not its square.": mixed(log_w + _log_normal(NEAR, mu, sigma.sqrt())),
        "b was made positive in another way. The task asks for softplus.": tuple(
            mixed(log_w + _log_normal(NEAR, mu, width)) for width in (b.exp(), b.abs(), b.square(), b.softmax(0))
        ),
        "A Gaussian's factor is 1/(sigma sqrt(2 pi)), with sigma once.": mixed(parts - sigma.log()),
    }
    compare(got, right, mistakes, "Near the parts:", "Ask of a single x: does its density integrate to 1?")
    got = as_tensor(answer(FAR, a, mu, b))
    right = mixed(log_w + _log_normal(FAR, mu, sigma))
    if not torch.isfinite(got):
        raise NotYet(
            f"Right near the parts; but for samples at 90 and -200 came {got.item()} instead of {right:.1f}. Every "
            "exponential is 0 out there. Stay in logarithms and join the parts by logsumexp."
        )
    if not close(got, right):
        raise NotYet(
            f"Right near the parts; but for samples at 90 and -200 came {got:.1f} instead of {right:.1f}. A small "
            "number added or a clamp hides the infinity and makes all far samples look alike. Stay in logarithms."
        )
    large = torch.tensor([[800.0, 0.0, -800.0], [-2.0, 0.5, 3.0], [0.9, -1.0, 800.0]], dtype=torch.float64)
    wide = torch.tensor([[0.3, -0.5], [-2.0, 0.5], [800.0, 0.3]], dtype=torch.float64)
    for case, x, parameters in (
        ("a of 800, 0 and -800", NEAR, large),
        ("b of 800", FAR, wide),
        ("one part", NEAR, wide[:, 1:]),
        ("one sample", NEAR[:1], wide),
    ):
        a, mu, b = parameters
        right = mixed(a.log_softmax(0) + _log_normal(x, mu, softplus(b)))
        got = as_tensor(answer(x, a, mu, b))
        if got.shape != () or not close(got, right):
            raise NotYet(
                f"Right for parameters of everyday size; with {case} came {got.tolist()} instead of {right:.4g}. "
                "Parameters may be any real numbers, and there may be any number of parts and samples: exp(800) is "
                "infinite, so leave softmax and softplus to the functions that never compute it."
            )
    print("Right: a density of area 1, near its parts and far from them.")


@check
def weight_slopes(answer: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]) -> None:
    """Lesson 01, task 3: answer(x, a, mu, sigma) to the slope of the mean log-likelihood in each a_k, (part,)."""
    mu, sigma = torch.tensor([[-2.0, 0.5, 3.0], [0.9, 0.3, 1.7]], dtype=torch.float64)
    for x, values in (
        (NEAR, [0.3, -0.5, 1.1]),
        (FAR, [0.3, -0.5, 1.1]),
        (NEAR, [800.0, 790.0, -800.0]),
        (NEAR[:1], [0.3, -0.5, 1.1]),
    ):
        a = torch.tensor(values, dtype=torch.float64, requires_grad=True)
        log_normal = _log_normal(x, mu, sigma)
        right = torch.autograd.grad((a.log_softmax(0) + log_normal).logsumexp(1).mean(), a)[0]
        a = a.detach()
        got = as_tensor(answer(x, a, mu, sigma)).detach()
        if got.shape == (len(x), 3):
            raise NotYet("There is one slope for each sample and part; the mean over the samples is missing.")
        if got.shape != (3,):
            raise NotYet(f"With 3 parts there are 3 slopes; yours have shape {tuple(got.shape)}.")
        if x is NEAR and values[0] < 1 and not torch.isfinite(got).all():
            raise NotYet("Not a number came out. Is it the log of a, which may be negative? log w is a.log_softmax(0).")
        w, responsibility = a.softmax(0), (a + log_normal).softmax(1)
        mean, hard = responsibility.mean(0), one_hot(responsibility.argmax(1), 3).double().mean(0)

        def shares(heights: Tensor, over: int = 1, w: Tensor = w) -> Tensor:
            return heights.softmax(over).mean(0) - w

        mistakes = {
            "Mean responsibilities; but a larger a_k also lowers the other weights.": (mean, mean * (1 - w)),
            "This is the slope in the weight w_k. Go on to a_k, on which all weights depend.": mean / w,
            "This is the slope in w_k with the part that keeps the sum at 1. Go on to a_k.": mean / w - 1,
            "This is the sum over the samples. The objective is their mean.": (len(x) * right, len(x) * mean - w),
            "The sign is turned round: this goes downhill in likelihood.": -right,
            "The factor w_k is one too many.": w * right,
            "Every sample was given wholly to one part. Responsibilities are shares.": hard - w,
            "The shares leave out the weights: a part's height is w_k times its density.": shares(log_normal),
            "Among logarithms stands w itself. To log N belongs log w.": shares(log_normal + w),
            "The heights lack the factor 1/sigma, which differs between parts.": shares(a + log_normal + sigma.log()),
            "The widths are given here, without a softplus.": shares(a + _log_normal(x, mu, softplus(sigma))),
            "Equal weights are taken away; it should be w.": mean - 1 / 3,
            "a itself is taken away, or its exponential; it should be w = softmax(a).": (mean - a, mean - a.exp()),
            "The shares are taken over the samples. They are over the parts, for each.": shares(a + log_normal, over=0),
        }
        if x is NEAR and values[0] < 1:
            compare(got, right, mistakes, "Near the parts:", "Autograd has the expected ones, which sum to 0.")
        far = "Every height is 0 there, and a share 0/0. Take the softmax of the logarithms, a_k + log N."
        large = "exp(800) is infinite, and a share of it no number. Take the softmax of the logarithms, a_k + log N."
        place, why = ("far from them", far) if x is FAR else ("with a of 800, 790 and -800", large)
        compare(got, right, {}, f"Right near the parts; {place if len(x) > 1 else 'for one sample'}:", why)
    print("Right: each weight is pulled towards the mean responsibility of its part.")
