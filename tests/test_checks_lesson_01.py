"""The checks of lesson 01: right answers however written, and wrong ones with the message that names the mistake."""

import math

import numpy as np
import torch
from judged import judge_answers, judge_manners
from scipy import stats
from scipy.special import logsumexp, rel_entr
from torch.nn.functional import one_hot, softplus

from course_lib import checks, theory

ALL = [
    checks.log_likelihood_slopes,
    checks.repaired_log_likelihood,
    checks.weight_slopes,
    checks.model_for_the_job,
    checks.pushed_density,
]


# Task 1 -----------------------------------------------------------------------------------------------------


def slopes(x, mean, log_std):
    squares = (x - mean) ** 2 * math.exp(-2 * log_std)
    return (x - mean).mean() * math.exp(-2 * log_std), squares.mean() - 1


def slopes_with_loop(x, mean, log_std):
    std, in_mean, in_log_std = math.exp(log_std), 0.0, 0.0
    for dot in x.tolist():
        in_mean += (dot - mean) / std**2 / len(x)
        in_log_std += (((dot - mean) / std) ** 2 - 1) / len(x)
    return [in_mean, in_log_std]


def slopes_by_autograd(x, mean, log_std):
    theta = torch.tensor([mean, log_std], dtype=torch.float64, requires_grad=True)
    height = torch.distributions.Normal(theta[0], theta[1].exp()).log_prob(x).mean()
    return torch.autograd.grad(height, theta)[0]


def slopes_with_numpy(x, mean, log_std):
    z = (x.numpy() - mean) / np.exp(log_std)
    return z.mean() / np.exp(log_std), (z**2 - 1).mean()


def changed_slopes(in_mean=lambda slope, *_: slope, in_log_std=lambda slope, *_: slope):
    """An answer whose slopes are first right and then spoilt by a function of slope, dots and log width."""

    def answer(x, mean, log_std):
        first, second = slopes(x, mean, log_std)
        return in_mean(first, x, log_std), in_log_std(second, x, log_std)

    return answer


# Task 2 -----------------------------------------------------------------------------------------------------


def logs(x, mu, sigma):
    return -sigma.log() - 0.5 * ((x[:, None] - mu) / sigma) ** 2 - 0.5 * math.log(2 * math.pi)


def likelihood(x, a, mu, b):
    return (a.log_softmax(0) + logs(x, mu, softplus(b))).logsumexp(1).mean()


def likelihood_with_scipy(x, a, mu, b):
    x, mu = x.numpy(), mu.numpy()
    parts = stats.norm.logpdf(x[:, None], mu, np.logaddexp(0, b.numpy()))
    return logsumexp(parts + a.numpy() - logsumexp(a.numpy()), axis=1).mean()


def likelihood_of_torch(x, a, mu, b):
    parts = torch.distributions.Normal(mu, softplus(b))
    return torch.distributions.MixtureSameFamily(torch.distributions.Categorical(logits=a), parts).log_prob(x).mean()


def likelihood_with_loop(x, a, mu, b):
    total = 0.0
    for dot in x:
        parts = [v - a.logsumexp(0) + logs(dot[None], m, softplus(c))[0, 0] for v, m, c in zip(a, mu, b)]  # noqa: B905
        largest = max(parts)
        total += largest + math.log(sum(math.exp(part - largest) for part in parts))
    return total / len(x)


def likelihood_that_overflows(x, a, mu, b):
    """Right, but for exp(800)."""
    w = a.exp() / a.exp().sum()
    return (w.log() + logs(x, mu, softplus(b))).logsumexp(1).mean()


def width_that_overflows(x, a, mu, b):
    return (a.log_softmax(0) + logs(x, mu, (1 + b.exp()).log())).logsumexp(1).mean()


def squeezed_likelihood(x, a, mu, b):
    return (a.log_softmax(0) + logs(x, mu, softplus(b))).squeeze().logsumexp(-1).mean()


def slopes_that_overflow(x, a, mu, sigma):
    w = a.exp() / a.exp().sum()
    return (a + logs(x, mu, sigma)).softmax(1).mean(0) - w


def two_branches(x, branches):
    return density(x, branches[:2])


def faulty(x, a, mu, b):
    squares = (x[:, None] - mu) ** 2 / softplus(b) ** 2
    parts = a.exp() * torch.exp(-squares / 2) / math.sqrt(2 * math.pi)
    return parts.sum(1).log().mean()


def plain(x, a, mu, b, weight=lambda a: a.softmax(0), width=softplus, scale=lambda sigma: sigma, least=0.0):
    """The likelihood through the densities themselves, with places to go wrong."""
    sigma = width(b)
    density = (-0.5 * ((x[:, None] - mu) / sigma) ** 2).exp() / (scale(sigma) * math.sqrt(2 * math.pi))
    return ((weight(a) * density).sum(1) + least).log().mean()


# Task 3 -----------------------------------------------------------------------------------------------------


def shares(x, a, mu, sigma):
    return (a + logs(x, mu, sigma)).softmax(1)


def pull(x, a, mu, sigma):
    return shares(x, a, mu, sigma).mean(0) - a.softmax(0)


def pull_by_autograd(x, a, mu, sigma):
    a = a.clone().requires_grad_()
    return torch.autograd.grad((a.log_softmax(0) + logs(x, mu, sigma)).logsumexp(1).mean(), a)[0]


def pull_with_scipy(x, a, mu, sigma):
    joint = stats.norm.logpdf(x.numpy()[:, None], mu.numpy(), sigma.numpy()) + a.numpy()
    w = np.exp(a.numpy() - logsumexp(a.numpy()))
    return (np.exp(joint - logsumexp(joint, axis=1, keepdims=True)) - w).mean(axis=0)


def pull_with_loop(x, a, mu, sigma):
    w = a.softmax(0)
    total = [0.0] * len(a)
    for dot in x:
        joint = (w.log() + logs(dot[None], mu, sigma)[0]).tolist()
        heights = [math.exp(value - max(joint)) for value in joint]
        for k, height in enumerate(heights):
            total[k] += (height / sum(heights) - w[k].item()) / len(x)
    return total


def pull_through_densities(x, a, mu, sigma):
    heights = a.softmax(0) * logs(x, mu, sigma).exp()
    return (heights / heights.sum(1, keepdim=True)).mean(0) - a.softmax(0)


def pull_of_hard_shares(x, a, mu, sigma):
    return one_hot(shares(x, a, mu, sigma).argmax(1), 3).double().mean(0) - a.softmax(0)


# Task 4 -----------------------------------------------------------------------------------------------------


def kl_on_grid(p, q, x):
    return torch.trapezoid(torch.xlogy(p, p) - torch.xlogy(p, q), x)


def choice(job, p_data, models, x):
    p, q = (p_data, models) if job == "alarm" else (models, p_data)
    return kl_on_grid(p, q, x).argmin()


def choice_with_scipy(job, p_data, models, x):
    p, q = p_data.numpy(), models.numpy()
    return int(np.argmin(np.sum(rel_entr(p, q) if job == "alarm" else rel_entr(q, p), axis=1)))


def choice_with_theory(job, p_data, models, x):
    found = [theory.kl(p_data, q, x) if job == "alarm" else theory.kl(q, p_data, x) for q in models]
    return found.index(min(found))


def choice_with_loop(job, p_data, models, x):
    best, least = None, math.inf
    for index, model in enumerate(models.tolist()):
        total = 0.0
        for d, m in zip(p_data.tolist(), model, strict=True):
            p, q = (d, m) if job == "alarm" else (m, d)
            total += 0 if p == 0 else math.inf if q == 0 else p * math.log(p / q)
        if best is None or total < least:
            best, least = index, total
    return best


def choice_with_nan(job, p_data, models, x):
    p, q = (p_data, models) if job == "alarm" else (models, p_data)
    return torch.trapezoid(p * (p / q).log(), x).argmin()


def choice_without_infinity(job, p_data, models, x):
    p, q = (p_data, models) if job == "alarm" else (models, p_data)
    return torch.trapezoid((p * (p / q).log()).nan_to_num(0, 0, 0), x).argmin()


# Task 5 -----------------------------------------------------------------------------------------------------


def bell(z):
    return torch.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def heights_and_slopes(x, branches):
    x = x.clone().requires_grad_()
    z = [h(x) for h in branches]
    return torch.stack([bell(v) for v in z]), torch.stack([torch.autograd.grad(v.sum(), x)[0] for v in z])


def density(x, branches):
    heights, steep = heights_and_slopes(x, branches)
    return (heights * steep.abs()).sum(0)


def density_with_functional(x, branches):
    total = 0
    for h in branches:
        z, steep = torch.autograd.functional.jvp(h, x, torch.ones_like(x))
        total = total + torch.distributions.Normal(0.0, 1.0).log_prob(z).exp() * steep.abs()
    return total


def density_with_differences(x, branches):
    return sum(stats.norm.pdf(h(x)) * ((h(x + 1e-6) - h(x - 1e-6)) / 2e-6).abs().numpy() for h in branches)


def density_by_the_distribution_function(x, branches):
    """The derivative of each branch's share of the probability below x."""
    x = x.requires_grad_()
    return sum(torch.autograd.grad(torch.special.ndtr(h(x)).sum(), x)[0].abs() for h in branches)


def spoilt(how):
    """An answer made of heights and slopes, each (branch, point), in a wrong way."""
    return lambda x, branches: how(*heights_and_slopes(x, branches))


def slopes_in_place(x, mean, log_std):
    x -= mean
    return x.mean() * math.exp(-2 * log_std), x.square().mean() * math.exp(-2 * log_std) - 1


def pull_with_guard(x, a, mu, sigma):
    heights = a.softmax(0) * logs(x, mu, sigma).exp()
    return (heights / (heights.sum(1, keepdim=True) + 1e-12)).mean(0) - a.softmax(0)


def pull_of_log_a(x, a, mu, sigma):
    return (a.log() + logs(x, mu, sigma)).softmax(1).mean(0) - a.softmax(0)


def choice_by_cross_entropy(job, p_data, models, x):
    p, q = (p_data, models) if job == "alarm" else (models, p_data)
    return torch.trapezoid(-torch.xlogy(p, q), x).argmin()


def choice_with_small_number(job, p_data, models, x):
    p, q = (p_data, models) if job == "alarm" else (models, p_data)
    return torch.trapezoid(p * ((p + 1e-12) / (q + 1e-12)).log(), x).argmin()


def density_with_grad_added_up(x, branches):
    x, total = x.clone().requires_grad_(), 0
    for h in branches:
        z = h(x)
        z.sum().backward()
        total = total + bell(z.detach()) * x.grad.abs()
    return total


RIGHT = [
    (checks.log_likelihood_slopes, slopes),
    (checks.log_likelihood_slopes, slopes_with_loop),
    (checks.log_likelihood_slopes, slopes_by_autograd),
    (checks.log_likelihood_slopes, slopes_with_numpy),
    (checks.repaired_log_likelihood, likelihood),
    (checks.repaired_log_likelihood, likelihood_with_scipy),
    (checks.repaired_log_likelihood, likelihood_of_torch),
    (checks.repaired_log_likelihood, likelihood_with_loop),
    (checks.weight_slopes, pull),
    (checks.weight_slopes, pull_by_autograd),
    (checks.weight_slopes, pull_with_scipy),
    (checks.weight_slopes, pull_with_loop),
    (checks.model_for_the_job, choice),
    (checks.model_for_the_job, choice_with_scipy),
    (checks.model_for_the_job, choice_with_theory),
    (checks.model_for_the_job, choice_with_loop),
    (checks.pushed_density, density),
    (checks.pushed_density, density_with_functional),
    (checks.pushed_density, density_with_differences),
    (checks.pushed_density, density_by_the_distribution_function),
    (checks.log_likelihood_slopes, lambda *given: torch.stack(slopes(*given))),
    (checks.log_likelihood_slopes, lambda x, m, s: slopes(x.float(), m, s)),
    (checks.weight_slopes, lambda *given: pull(*given).tolist()),
    (checks.model_for_the_job, lambda *given: float(choice(*given))),
]

WRONG = [
    (checks.repaired_log_likelihood, likelihood_that_overflows, "a of 800"),
    (checks.repaired_log_likelihood, width_that_overflows, "b of 800"),
    (checks.repaired_log_likelihood, squeezed_likelihood, "one part|one sample"),
    (checks.weight_slopes, slopes_that_overflow, "exp\\(800\\) is infinite"),
    (checks.pushed_density, two_branches, "one of three branches"),
    # Task 1
    (checks.log_likelihood_slopes, changed_slopes(lambda slope, x, s: slope * math.exp(s)), "should be sigma\\^2"),
    (checks.log_likelihood_slopes, changed_slopes(lambda slope, x, s: slope * math.exp(2 * s)), "division by sigma"),
    (
        checks.log_likelihood_slopes,
        changed_slopes(lambda slope, x, s: slope * math.exp(2 * s) / s**2),
        "as if it were sigma",
    ),
    (checks.log_likelihood_slopes, changed_slopes(lambda slope, x, s: slope * len(x)), "mu: .* sum over the dots"),
    (checks.log_likelihood_slopes, changed_slopes(lambda slope, x, s: -slope), "downhill"),
    (checks.log_likelihood_slopes, changed_slopes(lambda slope, x, s: slope + 1), "only the square contains mu"),
    (checks.log_likelihood_slopes, changed_slopes(in_log_std=lambda slope, x, s: slope + 1), "-1 is missing"),
    (checks.log_likelihood_slopes, changed_slopes(in_log_std=lambda slope, x, s: slope / math.exp(s)), "chain rule"),
    (checks.log_likelihood_slopes, changed_slopes(in_log_std=lambda slope, x, s: (slope + 1) / 2 - 1), "cancels"),
    (checks.log_likelihood_slopes, changed_slopes(in_log_std=lambda slope, x, s: slope + 2), "became \\+1"),
    (checks.log_likelihood_slopes, changed_slopes(in_log_std=lambda slope, x, s: slope * len(x)), "sum over the dots"),
    (checks.log_likelihood_slopes, changed_slopes(in_log_std=lambda slope, x, s: slope * 3 + 1), "two terms contain s"),
    (checks.log_likelihood_slopes, lambda x, m, s: slopes(x, m, s)[::-1], "wrong order"),
    (checks.log_likelihood_slopes, lambda x, m, s: slopes(x, m, s)[0], "Two slopes are wanted"),
    (checks.log_likelihood_slopes, lambda x, m, s: ((x - m) * math.exp(-2 * s), slopes(x, m, s)[1]), "one number"),
    # Task 2
    (checks.repaired_log_likelihood, faulty, "Two faults are left"),
    (checks.repaired_log_likelihood, lambda x, a, mu, b: plain(x, a, mu, b, weight=torch.exp), "do not sum to 1"),
    (
        checks.repaired_log_likelihood,
        lambda x, a, mu, b: plain(x, a, mu, b, scale=torch.ones_like),
        "1/sigma is missing",
    ),
    (
        checks.repaired_log_likelihood,
        lambda x, a, mu, b: plain(x, a, mu, b, scale=torch.square),
        "with sigma once",
    ),
    (checks.repaired_log_likelihood, lambda x, a, mu, b: plain(x, a, mu, b, width=torch.exp), "asks for softplus"),
    (checks.repaired_log_likelihood, plain, "for samples at 90 and -200 came -inf"),
    (checks.repaired_log_likelihood, lambda x, a, mu, b: plain(x, a, mu, b, least=1e-12), "hides the infinity"),
    (checks.repaired_log_likelihood, lambda x, a, mu, b: likelihood(x, 0 * a, mu, b), "all alike"),
    (checks.repaired_log_likelihood, lambda x, a, mu, b: logs(x, mu, softplus(b)).logsumexp(1).mean(), "No weights"),
    (checks.repaired_log_likelihood, lambda x, a, mu, b: likelihood(x, a, mu, b) * len(x), "sum over samples"),
    (checks.repaired_log_likelihood, lambda x, a, mu, b: -likelihood(x, a, mu, b), "loss to go down on"),
    (checks.repaired_log_likelihood, lambda x, a, mu, b: likelihood(x, a, mu, b) - 0.5, "integrate to 1"),
    (
        checks.repaired_log_likelihood,
        lambda x, a, mu, b: (a.log_softmax(0) + logs(x, mu, softplus(b))).sum(1).mean(),
        "before adding up",
    ),
    (
        checks.repaired_log_likelihood,
        lambda x, a, mu, b: (logs(x, mu, softplus(b)) @ a.softmax(0)).mean(),
        "averaged with the weights",
    ),
    (
        checks.repaired_log_likelihood,
        lambda x, a, mu, b: (a.log_softmax(0) + logs(x, mu, softplus(b))).exp().sum(1).mean().log(),
        "log of the mean",
    ),
    (
        checks.repaired_log_likelihood,
        lambda x, a, mu, b: (a.log_softmax(0) + logs(x, mu, softplus(b))).logsumexp(1),
        "one number for each sample",
    ),
    # Task 3
    (checks.weight_slopes, lambda *given: shares(*given).mean(0), "lowers the other weights"),
    (checks.weight_slopes, lambda x, a, mu, s: shares(x, a, mu, s).mean(0) / a.softmax(0), "slope in the weight"),
    (checks.weight_slopes, lambda x, a, mu, s: shares(x, a, mu, s).mean(0) / a.softmax(0) - 1, "keeps the sum"),
    (checks.weight_slopes, lambda x, *rest: len(x) * pull(x, *rest), "sum over the samples"),
    (checks.weight_slopes, lambda *given: -pull(*given), "downhill"),
    (checks.weight_slopes, pull_of_hard_shares, "wholly to one part"),
    (checks.weight_slopes, pull_through_densities, "Take the softmax of the logarithms"),
    (checks.weight_slopes, lambda x, a, mu, s: shares(x, 0 * a, mu, s).mean(0) - a.softmax(0), "leave out the weights"),
    (checks.weight_slopes, lambda x, a, mu, s: shares(x, a, mu, s).mean(0) - a, "a itself is taken away"),
    (checks.weight_slopes, lambda x, a, mu, s: shares(x, a, mu, s).mean(0) - 1 / 3, "Equal weights"),
    (
        checks.weight_slopes,
        lambda x, a, mu, s: (a + logs(x, mu, s)).softmax(0).mean(0) - a.softmax(0),
        "over the samples. They are over the parts",
    ),
    (checks.weight_slopes, lambda x, a, mu, s: shares(x, a, mu, s) - a.softmax(0), "mean over the samples is missing"),
    (checks.weight_slopes, lambda *given: pull(*given).sum(), "3 slopes"),
    (checks.weight_slopes, lambda *given: 2 * pull(*given), "which sum to 0"),
    # Task 4
    (checks.model_for_the_job, lambda job, *given: choice("alarm", *given), "both jobs"),
    (checks.model_for_the_job, lambda job, *given: choice("press", *given), "both jobs"),
    (
        checks.model_for_the_job,
        lambda job, p, q, x: int(np.argmin([theory.jsd(p, model, x) for model in q])),
        "both jobs",
    ),
    (
        checks.model_for_the_job,
        lambda job, *given: choice("press" if job == "alarm" else "alarm", *given),
        "directions are exchanged",
    ),
    (
        checks.model_for_the_job,
        lambda job, p, q, x: (kl_on_grid(p, q, x) if job == "alarm" else kl_on_grid(q, p, x)).argmax(),
        "both jobs|Is it the least",
    ),
    (checks.model_for_the_job, choice_with_nan, "on boxes"),
    (checks.model_for_the_job, choice_without_infinity, "on boxes"),
    (checks.model_for_the_job, lambda job, p, q, x: 1 + choice(job, p, q, x), "from 0"),
    (checks.model_for_the_job, lambda job, p, q, x: kl_on_grid(p, q, x), "one number"),
    (checks.model_for_the_job, lambda job, p, q, x: kl_on_grid(p, q, x).min(), "from 0"),
    # Task 5
    (checks.pushed_density, spoilt(lambda heights, steep: heights.sum(0)), "derivative is missing"),
    (checks.pushed_density, spoilt(lambda heights, steep: (heights * steep).sum(0)), "absolute value"),
    (checks.pushed_density, spoilt(lambda heights, steep: (heights / steep.abs()).sum(0)), "above the line"),
    (checks.pushed_density, spoilt(lambda heights, steep: (heights * steep.abs())[0]), "Only the first branch"),
    (checks.pushed_density, spoilt(lambda heights, steep: (heights * steep.abs())[-1]), "Only the last branch"),
    (checks.pushed_density, spoilt(lambda heights, steep: (heights * steep.abs()).mean(0)), "mean over the branches"),
    (checks.pushed_density, spoilt(lambda heights, steep: heights.sum(0) * steep.abs().sum(0)), "its own product"),
    (
        checks.pushed_density,
        lambda x, branches: (bell(x) * heights_and_slopes(x, branches)[1].abs()).sum(0),
        "evaluated at x",
    ),
    (checks.pushed_density, lambda *given: density(*given).log(), "a logarithm"),
    (checks.pushed_density, lambda *given: density(*given) * math.sqrt(2 * math.pi), "1/sqrt\\(2 pi\\)"),
    (checks.pushed_density, lambda *given: density(*given).sum(), "4 densities"),
    (checks.pushed_density, lambda *given: density(*given) + 0.1, "G\\(z\\) = exp\\(z\\)"),
    (checks.log_likelihood_slopes, slopes_in_place, "changed what it was given"),
    (checks.log_likelihood_slopes, changed_slopes(lambda v, x, s: v * math.exp(4 * s)), "multiplies; it should divide"),
    (checks.log_likelihood_slopes, changed_slopes(lambda v, x, s: 2 * v), "cancels the half"),
    (
        checks.log_likelihood_slopes,
        lambda x, m, s: ((x - m).abs().mean() * math.exp(-2 * s), slopes(x, m, s)[1]),
        "only the square contains mu",
    ),
    (
        checks.log_likelihood_slopes,
        lambda x, m, s: (slopes(x, m, s)[1] + 1, slopes(x, m, s)[1]),
        "square is still there",
    ),
    (checks.log_likelihood_slopes, changed_slopes(in_log_std=lambda v, x, s: -v - 2), "wrong sign: minus a half"),
    (checks.log_likelihood_slopes, changed_slopes(in_log_std=lambda v, x, s: 2 * v + 1), "cancels the half"),
    (
        checks.log_likelihood_slopes,
        changed_slopes(in_log_std=lambda v, x, s: (v + 1) * math.exp(s) - 1),
        "divided by sigma\\^2",
    ),
    (
        checks.log_likelihood_slopes,
        changed_slopes(in_log_std=lambda v, x, s: (v + 1) * len(x) - 1),
        "log sigma: .* sum over the dots",
    ),
    (
        checks.log_likelihood_slopes,
        lambda x, m, s: (slopes(x, m, s)[0], (x - m).mean() ** 2 * math.exp(-2 * s) - 1),
        "mean of the squares",
    ),
    (
        checks.log_likelihood_slopes,
        changed_slopes(in_log_std=lambda v, x, s: x.var() * math.exp(-2 * s) - 1),
        "own mean",
    ),
    (
        checks.repaired_log_likelihood,
        lambda x, a, mu, b: (a.log_softmax(0) + logs(x, mu, softplus(b))).logsumexp(0).mean(),
        "samples were added up",
    ),
    (
        checks.repaired_log_likelihood,
        lambda x, a, mu, b: (a.log_softmax(0) + logs(x, mu, softplus(b).sqrt())).logsumexp(1).mean(),
        "not its square",
    ),
    (
        checks.repaired_log_likelihood,
        lambda x, a, mu, b: (a.log_softmax(0) + logs(x, mu, b.abs())).logsumexp(1).mean(),
        "asks for softplus",
    ),
    (
        checks.repaired_log_likelihood,
        lambda x, a, mu, b: (a.softmax(0) + logs(x, mu, softplus(b))).logsumexp(1).mean(),
        "stands w itself",
    ),
    (
        checks.repaired_log_likelihood,
        lambda x, a, mu, b: (a.log_softmax(0) + logs(x, mu, softplus(b))).amax(1).mean(),
        "highest part",
    ),
    (checks.repaired_log_likelihood, lambda *given: likelihood(*given) / math.log(2), "natural ones"),
    (checks.repaired_log_likelihood, lambda *given: likelihood(*given) - math.log(3), "weighted parts add up"),
    (checks.repaired_log_likelihood, lambda *given: likelihood(*given) - 0.5 * math.log(2 * math.pi), "or its root"),
    (
        checks.repaired_log_likelihood,
        lambda x, a, mu, b: likelihood(x, a.sub_(a.logsumexp(0)), mu, b),
        "changed what it was given",
    ),
    (checks.weight_slopes, pull_with_guard, "far from them.*softmax of the logarithms"),
    (checks.weight_slopes, pull_of_log_a, "log of a, which may be negative"),
    (checks.weight_slopes, lambda x, a, mu, s: shares(x, a, mu, s).sum(0) - a.softmax(0), "sum over the samples"),
    (
        checks.weight_slopes,
        lambda x, a, mu, s: (a + logs(x, mu, s) + s.log()).softmax(1).mean(0) - a.softmax(0),
        "lack the factor 1/sigma",
    ),
    (checks.weight_slopes, lambda x, a, mu, s: pull(x, a, mu, softplus(s)), "without a softplus"),
    (checks.weight_slopes, lambda x, a, mu, s: a.softmax(0) * pull(x, a, mu, s), "one too many"),
    (
        checks.weight_slopes,
        lambda x, a, mu, s: shares(x, a, mu, s).mean(0) * (1 - a.softmax(0)),
        "lowers the other weights",
    ),
    (
        checks.weight_slopes,
        lambda x, a, mu, s: (a.softmax(0) + logs(x, mu, s)).softmax(1).mean(0) - a.softmax(0),
        "stands w itself",
    ),
    (checks.weight_slopes, lambda x, a, mu, s: pull(x, a.sub_(a.logsumexp(0)), mu, s), "changed what it was given"),
    (checks.model_for_the_job, choice_by_cross_entropy, "only log p_data was averaged"),
    (checks.model_for_the_job, choice_with_small_number, "small number was added"),
    (checks.pushed_density, density_with_grad_added_up, "x.grad adds up"),
    (checks.pushed_density, spoilt(lambda heights, steep: (heights * steep).sum(0).abs()), "not to their sum"),
    (checks.pushed_density, spoilt(lambda heights, steep: heights.sum(0) * steep.sum(0).abs()), "its own product"),
    (checks.pushed_density, lambda *given: density(*given) / math.sqrt(2 * math.pi), "1/sqrt\\(2 pi\\)"),
    (checks.pushed_density, spoilt(lambda heights, steep: (heights * steep.abs()).amax(0)), "Of several branches"),
]

TestAnswers = judge_answers(ALL, RIGHT, WRONG)
TestManners = judge_manners(ALL)
