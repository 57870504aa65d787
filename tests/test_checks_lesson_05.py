"""The checks of lesson 05: right answers however written, and wrong ones with the message that names the mistake."""

import math

import numpy as np
import torch
from judged import judge_answers, judge_manners
from scipy import stats
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from sklearn.neighbors import KernelDensity

from course_lib import checks
from course_lib.metrics import choose_sigma, log_likelihood, log_likelihoods

ALL = [
    checks.stable_log_mean_exp,
    checks.lean_squared_distances,
    checks.sigma_by_validation,
    checks.table_error,
    checks.one_sample,
]


# Task 1 -----------------------------------------------------------------------------------------------------


def mean_with_row_maximum(a):
    largest = a.amax(1, keepdim=True)
    return largest.squeeze(1) + (a - largest).exp().mean(1).log()


def mean_with_loop(a):
    found = []
    for row in a.tolist():
        largest = max(row)
        found.append(largest + math.log(sum(math.exp(value - largest) for value in row) / len(row)))
    return found


def mean_pair_by_pair(a):
    total = a[:, 0]
    for column in a.T[1:]:
        total = torch.logaddexp(total, column)
    return total - math.log(a.shape[1])


def mean_with_one_maximum(a):
    return a.max() + (a - a.max()).exp().mean(1).log()


# Task 2 -----------------------------------------------------------------------------------------------------


def distances_by_product(x, mu):
    x, mu = x.double(), mu.double()
    return ((x**2).sum(1)[:, None] - 2 * x @ mu.T + (mu**2).sum(1)).clamp(min=0)


def distances_with_numpy(x, mu):
    x, mu = x.double().numpy(), mu.double().numpy()
    return np.maximum((x**2).sum(1)[:, None] - 2 * x @ mu.T + (mu**2).sum(1)[None], 0)


def distances_with_loop(x, mu):
    return torch.stack([(x.double() - sample.double()).square().sum(1) for sample in mu], dim=1)


def distances_with_expand(x, mu):
    """Views as large as all pairs, with no memory of their own."""
    a = x.double().square().sum(1)[:, None].expand(len(x), len(mu))
    return torch.clamp(a - 2 * torch.einsum("nd,md->nm", x.double(), mu.double()) + mu.double().square().sum(1), min=0)


def broadcast(x, mu):
    return (x.double()[:, None] - mu.double()).square().sum(2)


def broadcast_with_numpy(x, mu):
    return ((x.double().numpy()[:, None] - mu.double().numpy()) ** 2).sum(2)


def parts(x, mu):
    x, mu = x.double(), mu.double()
    return (x**2).sum(1)[:, None], x @ mu.T, (mu**2).sum(1)


def below_zero(x, mu):
    right = distances_by_product(x, mu)
    return right.where(right > 1e-9, -1e-13)


# Task 3 -----------------------------------------------------------------------------------------------------


def report(samples, validation, test, sigmas):
    sigma = choose_sigma(samples, validation, sigmas).sigma
    return sigma, log_likelihood(samples, test, sigma).mean().item()


def report_with_loop(samples, validation, test, sigmas):
    best, highest = None, -math.inf
    for sigma in sigmas:
        found = log_likelihood(samples, validation, sigma).mean()
        if found > highest:
            best, highest = sigma, found
    return [best, log_likelihood(samples, test, best).mean()]


def report_with_sklearn(samples, validation, test, sigmas):
    def fitted(sigma):
        return KernelDensity(bandwidth=sigma, leaf_size=1_000).fit(samples.double().numpy())

    best = max(sigmas, key=lambda sigma: fitted(sigma).score(validation.double().numpy()))
    return best, fitted(best).score_samples(test.double().numpy()).mean()


def chosen_on(data, reported_on="test"):
    """A report whose sigma is chosen on something else than the validation data."""

    def answer(samples, validation, test, sigmas):
        given = {"samples": samples, "test": test, "both": torch.cat([validation, test]), "validation": validation}
        best = log_likelihoods(samples, given[data], sigmas).mean(1).argmax()
        return sigmas[best], log_likelihood(samples, given[reported_on], sigmas[best]).mean().item()

    return answer


def best_of_the_mean_of_both(samples, validation, test, sigmas):
    found = log_likelihoods(samples, validation, sigmas).mean(1) + log_likelihoods(samples, test, sigmas).mean(1)
    return sigmas[found.argmax()], log_likelihood(samples, test, sigmas[found.argmax()]).mean()


def honest_sigma_best_number(samples, validation, test, sigmas):
    sigma, _ = report(samples, validation, test, sigmas)
    return sigma, log_likelihoods(samples, test, sigmas).mean(1).max()


def least_likely(samples, validation, test, sigmas):
    worst = log_likelihoods(samples, validation, sigmas).mean(1).argmin()
    return sigmas[worst], log_likelihood(samples, test, sigmas[worst]).mean()


def place_in_the_list(samples, validation, test, sigmas):
    sigma, number = report(samples, validation, test, sigmas)
    return sigmas.index(sigma) + 2, number


def nothing_chosen(samples, validation, test, sigmas):
    return 0.2, log_likelihood(samples, test, 0.2).mean()


def summed(samples, validation, test, sigmas):
    sigma, _ = report(samples, validation, test, sigmas)
    return sigma, log_likelihood(samples, test, sigma).sum()


# Task 4 -----------------------------------------------------------------------------------------------------


def error_with_scipy(each):
    return stats.sem(each.numpy(), axis=1)


def error_with_loop(each):
    found = []
    for row in each.tolist():
        mean = sum(row) / len(row)
        found.append(math.sqrt(sum((value - mean) ** 2 for value in row)) / len(row))
    return found


# Task 5 -----------------------------------------------------------------------------------------------------


def by_formula(d, spread):
    return math.sqrt(1 + spread**2), d / 2 * math.log(1 + spread**2)


def by_search(d, spread):
    def less_likely(sigma):
        return d * ((1 + spread**2) / (2 * sigma**2) + math.log(sigma) + 0.5 * math.log(2 * math.pi))

    found = minimize_scalar(less_likely, bounds=(0.1, 10), method="bounded", options={"xatol": 1e-10})
    return [found.x, found.fun - d / 2 * math.log(2 * math.pi * math.e)]


def with_tensors(d, spread):
    variance = torch.tensor(1.0 + spread**2, dtype=torch.float64)
    return variance.sqrt(), d * variance.sqrt().log()


def taking_out(reference):
    """Log-mean-exp after something else than the largest exponent was taken out of each row."""

    def answer(a):
        taken = reference(a)
        return taken[:, 0] + (a - taken).exp().mean(1).log()

    return answer


def unclamped(x, mu):
    a, product, b = parts(x, mu)
    return a - 2 * product + b


def unclamped_with_numpy(x, mu):
    x, mu = x.double().numpy(), mu.double().numpy()
    return (x**2).sum(1)[:, None] - 2 * x @ mu.T + (mu**2).sum(1)


def late_import(x, mu, _state=[]):  # noqa: B006 - what it keeps from call to call is the point
    """Holds much on its first call alone, as an import does."""
    if not _state:
        _state.append([float(i) for i in range(2_000_000)])
    return distances_by_product(x, mu)


def with_sigma(number):
    """The right sigma with another number beside it."""

    def answer(samples, validation, test, sigmas):
        sigma, _ = report(samples, validation, test, sigmas)
        return sigma, number(samples, validation, test, sigma)

    return answer


def by_mean_density(samples, validation, test, sigmas):
    best = log_likelihoods(samples, validation, sigmas).exp().mean(1).argmax()
    return sigmas[best], log_likelihood(samples, test, sigmas[best]).mean()


def sorts_the_widths(samples, validation, test, sigmas):
    sigmas.sort()
    return report(samples, validation, test, sigmas)


RIGHT = [
    (checks.stable_log_mean_exp, mean_with_row_maximum),
    (checks.stable_log_mean_exp, mean_with_loop),
    (checks.stable_log_mean_exp, mean_pair_by_pair),
    (checks.stable_log_mean_exp, lambda a: a.logsumexp(1) - math.log(a.shape[1])),
    (checks.stable_log_mean_exp, lambda a: logsumexp(a.numpy(), axis=1, b=1 / a.shape[1])),
    (checks.lean_squared_distances, distances_by_product),
    (checks.lean_squared_distances, distances_with_numpy),
    (checks.lean_squared_distances, distances_with_loop),
    (checks.lean_squared_distances, distances_with_expand),
    (checks.lean_squared_distances, lambda x, mu: cdist(x.double(), mu.double(), "sqeuclidean")),
    (checks.sigma_by_validation, report),
    (checks.sigma_by_validation, report_with_loop),
    (checks.sigma_by_validation, report_with_sklearn),
    (checks.table_error, lambda each: each.std(1, correction=0) / math.sqrt(each.shape[1])),
    (checks.table_error, lambda each: (each.var(1) / each.shape[1]).sqrt()),
    (checks.table_error, error_with_scipy),
    (checks.table_error, error_with_loop),
    (checks.one_sample, by_formula),
    (checks.one_sample, by_search),
    (checks.one_sample, with_tensors),
    (checks.stable_log_mean_exp, lambda a: [row.max() + (row - row.max()).exp().mean().log() for row in a]),
    (checks.lean_squared_distances, late_import),
    (checks.lean_squared_distances, lambda x, mu: unclamped(x, mu).abs()),
    (checks.sigma_by_validation, lambda *given: torch.tensor(report(*given))),
    (checks.sigma_by_validation, lambda *given: np.array(report(*given))),
    (checks.table_error, lambda each: each.float().std(1) / math.sqrt(each.shape[1])),
    (checks.table_error, lambda each: each.std(1, correction=0) / math.sqrt(each.shape[1] - 1)),
    (checks.one_sample, lambda d, s: np.array(by_formula(d, s))),
    (checks.one_sample, lambda d, s: tuple(torch.tensor([v]) for v in by_formula(d, s))),
]

WRONG = [
    # Task 1
    (checks.stable_log_mean_exp, lambda a: a.exp().mean(1).log(), "underflows to 0"),
    (checks.stable_log_mean_exp, lambda a: (a.exp().mean(1) + 1e-300).log(), "only hides it"),
    (checks.stable_log_mean_exp, lambda a: a.clamp(min=-700).exp().mean(1).log(), "only hides it"),
    (checks.stable_log_mean_exp, lambda a: a.logsumexp(1), "log of the sum"),
    (checks.stable_log_mean_exp, lambda a: a.logsumexp(1) + math.log(a.shape[1]), "must be taken away"),
    (checks.stable_log_mean_exp, lambda a: a.logsumexp(1) / a.shape[1], "outside the logarithm"),
    (checks.stable_log_mean_exp, lambda a: a.logsumexp(1) - a.shape[1], "outside the logarithm"),
    (checks.stable_log_mean_exp, lambda a: a.exp().mean(1), "its logarithm is missing"),
    (checks.stable_log_mean_exp, lambda a: a.mean(1), "mean of the exponents"),
    (checks.stable_log_mean_exp, lambda a: a.amax(1), "only the largest"),
    (checks.stable_log_mean_exp, lambda a: (a - a.amax(1, keepdim=True)).exp().mean(1).log(), "never put back"),
    (checks.stable_log_mean_exp, mean_with_one_maximum, "of its own"),
    (checks.stable_log_mean_exp, lambda a: a.logsumexp(0) - math.log(len(a)), "each of the 4 rows"),
    (checks.stable_log_mean_exp, lambda a: a.exp().mean().log(), "each of the 4 rows"),
    # Task 2
    (checks.lean_squared_distances, broadcast, "all differences at once"),
    (checks.lean_squared_distances, broadcast_with_numpy, "all differences at once"),
    (checks.lean_squared_distances, lambda x, mu: distances_by_product(x, mu).sqrt(), "has their squares"),
    (checks.lean_squared_distances, lambda x, mu: torch.cdist(x.double(), mu.double()), "has their squares"),
    (
        checks.lean_squared_distances,
        lambda x, mu: parts(x, mu)[0] - parts(x, mu)[1] + parts(x, mu)[2],
        "it stands twice",
    ),
    (
        checks.lean_squared_distances,
        lambda x, mu: parts(x, mu)[0] + 2 * parts(x, mu)[1] + parts(x, mu)[2],
        "wrong sign",
    ),
    (checks.lean_squared_distances, lambda x, mu: parts(x, mu)[0] - 2 * parts(x, mu)[1], "you have two"),
    (checks.lean_squared_distances, lambda x, mu: parts(x, mu)[2] - 2 * parts(x, mu)[1], "you have two"),
    (checks.lean_squared_distances, lambda x, mu: parts(x, mu)[1], "product x mu alone"),
    (checks.lean_squared_distances, lambda x, mu: distances_by_product(x, mu) / x.shape[1], "mean over the numbers"),
    (
        checks.lean_squared_distances,
        lambda x, mu: cdist(x.double(), mu.double(), "cityblock"),
        "absolute differences",
    ),
    (checks.lean_squared_distances, lambda x, mu: distances_by_product(mu, x), "It is turned"),
    (checks.lean_squared_distances, lambda x, mu: distances_by_product(x, mu).float(), "float64"),
    (
        checks.lean_squared_distances,
        lambda x, mu: ((x**2).sum(1)[:, None] - 2 * x @ mu.T + (mu**2).sum(1)).clamp(min=0),
        "float64",
    ),
    (checks.lean_squared_distances, below_zero, "below 0"),
    (checks.lean_squared_distances, lambda x, mu: distances_by_product(x, mu) + 1, "Image 5"),
    # Task 3
    (checks.sigma_by_validation, chosen_on("test"), "test data took part"),
    (checks.sigma_by_validation, chosen_on("both"), "test data took part"),
    (checks.sigma_by_validation, best_of_the_mean_of_both, "test data took part"),
    (checks.sigma_by_validation, chosen_on("samples"), "chosen on the samples"),
    (checks.sigma_by_validation, chosen_on("validation", "validation"), "validation data's log-likelihood"),
    (checks.sigma_by_validation, honest_sigma_best_number, "best that any width"),
    (checks.sigma_by_validation, least_likely, "least likely|narrowest"),
    (checks.sigma_by_validation, place_in_the_list, "place in the list"),
    (checks.sigma_by_validation, nothing_chosen, "Try every width"),
    (checks.sigma_by_validation, summed, "The table has the mean"),
    (checks.sigma_by_validation, lambda *given: report(*given)[1], "two numbers"),
    # Task 4
    (checks.table_error, lambda each: each.std(1), "spread of single examples"),
    (checks.table_error, lambda each: each.std(1, correction=0), "spread of single examples"),
    (checks.table_error, lambda each: each.std(1) / each.shape[1], "not by the number"),
    (checks.table_error, lambda each: each.var(1) / each.shape[1], "take its root"),
    (checks.table_error, lambda each: each.std(1) / math.sqrt(len(each)), "root of the number of seeds"),
    (checks.table_error, lambda each: each.mean(1).std(), "spread over seeds"),
    (checks.table_error, lambda each: each.mean(1).std() / math.sqrt(len(each)), "spread over seeds"),
    (checks.table_error, lambda each: each.mean(1).std().expand(len(each)), "spread over seeds"),
    (checks.table_error, lambda each: each.std(0) / math.sqrt(len(each)), "each of the 3 seeds"),
    (checks.table_error, lambda each: each.std() / math.sqrt(each.numel()), "in one pot"),
    (checks.table_error, lambda each: 1.96 * each.std(1) / math.sqrt(each.shape[1]), "twice the standard error"),
    # Task 5
    (checks.one_sample, lambda d, s: (1 + s**2, by_formula(d, s)[1]), "sigma squared"),
    (checks.one_sample, lambda d, s: (1.0, by_formula(d, s)[1]), "x varies as well"),
    (checks.one_sample, lambda d, s: (s, by_formula(d, s)[1]), "x varies as well"),
    (checks.one_sample, lambda d, s: (1 + s, by_formula(d, s)[1]), "not widths"),
    (checks.one_sample, lambda d, s: (math.sqrt(d * (1 + s**2)), by_formula(d, s)[1]), "factor d"),
    (checks.one_sample, lambda d, s: (math.sqrt(1 + s**2), -by_formula(d, s)[1]), "The sign"),
    (checks.one_sample, lambda d, s: (math.sqrt(1 + s**2), d * math.log(1 + s**2)), "factor of 2"),
    (checks.one_sample, lambda d, s: (math.sqrt(1 + s**2), math.log(1 + s**2) / 2), "factor d is lost"),
    (checks.one_sample, lambda d, s: (math.sqrt(1 + s**2), d / 2 * math.log2(1 + s**2)), "base 2"),
    (
        checks.one_sample,
        lambda d, s: (math.sqrt(1 + s**2), -d / 2 * math.log(2 * math.pi * math.e * (1 + s**2))),
        "Subtract it from the truth",
    ),
    (checks.one_sample, lambda d, s: by_formula(d, s)[1], "two numbers"),
    (checks.stable_log_mean_exp, taking_out(lambda a: a.mean(1, keepdim=True)), "thousands apart"),
    (checks.stable_log_mean_exp, taking_out(lambda a: a.amin(1, keepdim=True)), "thousands apart"),
    (checks.stable_log_mean_exp, taking_out(lambda a: a[:, :1]), "thousands apart"),
    (checks.stable_log_mean_exp, lambda a: a.logsumexp(1) - math.log(len(a)), "number of columns"),
    (checks.stable_log_mean_exp, lambda a: a.logsumexp(1) - math.log2(a.shape[1]), "natural"),
    (checks.stable_log_mean_exp, lambda a: a.logsumexp(1) - 2 * math.log(a.shape[1]), "taken away twice"),
    (checks.stable_log_mean_exp, lambda a: a.float().logsumexp(1) - math.log(a.shape[1]), "Stay in float64"),
    (checks.stable_log_mean_exp, lambda a: mean_with_row_maximum(a.sub_(1)) + 1, "changed what it was given"),
    (checks.lean_squared_distances, unclamped, "below 0"),
    (checks.lean_squared_distances, unclamped_with_numpy, "below 0"),
    (
        checks.lean_squared_distances,
        lambda x, mu: torch.stack([(x - m).double().square().sum(1) for m in mu], 1),
        "float64",
    ),
    (checks.lean_squared_distances, lambda x, mu: distances_by_product(x, mu).clamp(min=1e-6), "has distance 0"),
    (checks.lean_squared_distances, lambda x, mu: -distances_by_product(x, mu) / 2, "A factor is left over"),
    (checks.lean_squared_distances, lambda x, mu: parts(x, mu)[0] + parts(x, mu)[2], "product is missing"),
    (checks.sigma_by_validation, lambda *given: report(*given)[::-1], "wrong order"),
    (checks.sigma_by_validation, by_mean_density, "mean densities"),
    (checks.sigma_by_validation, sorts_the_widths, "changed what it was given"),
    (checks.sigma_by_validation, with_sigma(lambda s, v, t, k: log_likelihood(t, s, k).mean()), "exchanged"),
    (checks.sigma_by_validation, with_sigma(lambda s, v, t, k: log_likelihood(v, t, k).mean()), "samples alone"),
    (
        checks.sigma_by_validation,
        with_sigma(lambda s, v, t, k: log_likelihood(torch.cat([s, v]), t, k).mean()),
        "samples alone",
    ),
    (checks.sigma_by_validation, with_sigma(lambda s, v, t, k: -log_likelihood(s, t, k).mean()), "sign is turned"),
    (
        checks.sigma_by_validation,
        with_sigma(lambda s, v, t, k: log_likelihood(s, t, k).exp().mean().log()),
        "mean of the log",
    ),
    (checks.table_error, lambda each: each.var(1) / math.sqrt(each.shape[1]), "take its root"),
    (checks.table_error, lambda each: each.std(1) / math.sqrt(each.numel()), "one seed's number"),
    (checks.table_error, lambda each: each.std(1) / math.sqrt(each.shape[1] - 1), "taken from n twice"),
    (checks.one_sample, lambda d, s: by_formula(d, s)[::-1], "wrong order"),
    (checks.one_sample, lambda d, s: (by_formula(d, s)[0], by_formula(d, s)[1] / 2), "factor of 2"),
    (checks.one_sample, lambda d, s: (by_formula(d, s)[0], d * s**2 / 2), "sigma = 1"),
    (checks.one_sample, lambda d, s: (by_formula(d, s)[0], by_formula(d, s)[1] - d / 2), "first term is -d/2"),
    (checks.one_sample, lambda d, s: (by_formula(d, s)[0], by_formula(d, s)[1] / math.log(10)), "base 2 or 10"),
    (checks.one_sample, lambda d, s: (math.sqrt(1 + s), by_formula(d, s)[1]), "s is a width"),
]

TestAnswers = judge_answers(ALL, RIGHT, WRONG)
TestManners = judge_manners(ALL)
