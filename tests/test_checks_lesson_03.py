"""The checks of lesson 03: right answers however written, and wrong ones with the message that names the mistake."""

import math

import numpy as np
import torch
from judged import judge_answers, judge_manners
from scipy.optimize import minimize
from scipy.special import logsumexp, rel_entr, softmax
from torch.nn.functional import logsigmoid

from course_lib import checks, theory

ALL = [
    checks.optimal_discriminator,
    checks.criterion,
    checks.smoothed_discriminator,
    checks.mean_under_data,
    checks.best_linear_value,
]


# Task 1 -----------------------------------------------------------------------------------------------------


def share_with_loop(p, q):
    return [float(a / (a + b)) if a + b > 0 else 0.0 for a, b in zip(p, q, strict=True)]


def share_with_numpy(p, q):
    p, q = p.numpy(), q.numpy()
    return np.divide(p, p + q, out=np.full_like(p, 0.3), where=p + q > 0)


def share_by_nan_to_num(p, q):
    return (p / (p + q)).nan_to_num(0.5)


def share_in_place(p, q):
    p /= p + q
    return p.nan_to_num(0.5)


# Task 2 -----------------------------------------------------------------------------------------------------


def criterion_with_scipy(p, q, x):
    p, q = p.numpy(), q.numpy()
    m = (p + q) / 2
    return -np.log(4) + np.trapezoid(rel_entr(p, m) + rel_entr(q, m), x.numpy())


def criterion_with_loop(p, q, x):
    total, spacing = 0.0, (x[1] - x[0]).item()
    for a, b in zip(p.tolist(), q.tolist(), strict=True):
        total += a * math.log(2 * a / (a + b)) if a > 0 else 0
        total += b * math.log(2 * b / (a + b)) if b > 0 else 0
    return total * spacing - 2 * math.log(2)


def criterion_by_the_value(p, q, x):
    """Equation 4: V with D* put in; points where nothing is to be counted are given the logarithm of 1."""
    real, fake = torch.where(p > 0, p / (p + q), 1), torch.where(q > 0, q / (p + q), 1)
    return torch.trapezoid(p * real.log() + q * fake.log(), x)


def kl_to(p, m, x):
    return torch.trapezoid(torch.xlogy(p, p) - torch.xlogy(p, m), x)


def jsd_of(p, q, x):
    return (kl_to(p, (p + q) / 2, x) + kl_to(q, (p + q) / 2, x)) / 2


def criterion_with_nan(p, q, x):
    m = (p + q) / 2
    return -math.log(4) + torch.trapezoid(p * (p / m).log() + q * (q / m).log(), x)


def criterion_summed(p, q, x):
    return -math.log(4) + 2 * jsd_of(p, q, x) / (x[1] - x[0])


def criterion_without_half(p, q, x):
    return -math.log(4) + kl_to(p, p + q, x) + kl_to(q, p + q, x)


# Task 3 -----------------------------------------------------------------------------------------------------


def smoothed(p, q, alpha, share):
    return alpha * share * p / (share * p + (1 - share) * q)


def smoothed_with_loop(p, q, alpha, share):
    return [alpha * share * a / (share * a + (1 - share) * b) for a, b in zip(p.tolist(), q.tolist(), strict=True)]


def smoothed_with_numpy(p, q, alpha, share):
    a = alpha * share * p.numpy()
    b = share * (1 - alpha) * p.numpy() + (1 - share) * q.numpy()
    return a / (a + b)


# Task 4 -----------------------------------------------------------------------------------------------------


def mean_with_logsumexp(logits, h):
    weights = np.exp(logits.numpy() - logsumexp(logits.numpy()))
    return float(weights @ h.numpy())


def mean_with_loop(logits, h):
    largest, total, weight = max(logits.tolist()), 0.0, 0.0
    for logit, value in zip(logits.tolist(), h.tolist(), strict=True):
        total += math.exp(logit - largest) * value
        weight += math.exp(logit - largest)
    return total / weight


def mean_by_sigmoid(logits, h):
    d = logits.sigmoid()
    w = d / (1 - d)
    return (w * h).sum() / w.sum()


def mean_by_clipped_sigmoid(logits, h):
    d = logits.sigmoid().clamp(1e-7, 1 - 1e-7)
    w = d / (1 - d)
    return (w * h).sum() / w.sum()


# Task 5 -----------------------------------------------------------------------------------------------------


def value_of(logits, p, q, x):
    return torch.trapezoid(p * logsigmoid(logits) + q * logsigmoid(-logits), x)


def line_with_scipy(p, q, x):
    return -minimize(lambda line: -value_of(line[0] * x + line[1], p, q, x).item(), [0.0, 0.0]).fun


def climbed(p, q, x, *, steps, lr, intercept=True):
    line = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    climber = torch.optim.Adam([line], lr=lr)
    for _ in range(steps):
        loss = -value_of(line[0] * x + (line[1] if intercept else 0), p, q, x)
        climber.zero_grad()
        loss.backward()
        climber.step()
    return -loss


def line_with_adam(p, q, x):
    return climbed(p, q, x, steps=600, lr=0.05)


def line_with_lbfgs(p, q, x):
    line = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([line], max_iter=100, line_search_fn="strong_wolfe")

    def closure():
        solver.zero_grad()
        loss = -value_of(line[0] * x + line[1], p, q, x)
        loss.backward()
        return loss

    solver.step(closure)
    return -closure().detach()


def parabola_with_lbfgs(p, q, x):
    """More than a line may do: a logit of degree two."""
    line = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([line], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        solver.zero_grad()
        loss = -value_of(line[0] * x + line[1] + line[2] * x**2, p, q, x)
        loss.backward()
        return loss

    solver.step(closure)
    return -closure().detach()


def line_by_sigmoid_then_log(p, q, x):
    d = (-40 * (x - 1)).sigmoid()
    return torch.trapezoid(p * d.log() + q * (1 - d).log(), x)


RIGHT = [
    (checks.optimal_discriminator, theory.optimal_discriminator),
    (checks.optimal_discriminator, share_with_loop),
    (checks.optimal_discriminator, share_with_numpy),
    (checks.optimal_discriminator, share_by_nan_to_num),
    (checks.criterion, theory.criterion),
    (checks.criterion, criterion_with_scipy),
    (checks.criterion, criterion_with_loop),
    (checks.criterion, criterion_by_the_value),
    (checks.smoothed_discriminator, smoothed),
    (checks.smoothed_discriminator, smoothed_with_loop),
    (checks.smoothed_discriminator, smoothed_with_numpy),
    (checks.mean_under_data, lambda logits, h: logits.softmax(0) @ h),
    (checks.mean_under_data, lambda logits, h: (softmax(logits.numpy()) * h.numpy()).sum()),
    (checks.mean_under_data, mean_with_logsumexp),
    (checks.mean_under_data, mean_with_loop),
    (checks.best_linear_value, line_with_scipy),
    (checks.best_linear_value, line_with_adam),
    (checks.best_linear_value, line_with_lbfgs),
]

WRONG = [
    # Task 1
    (checks.optimal_discriminator, lambda p, q: p / (p + q + 1e-300), "a small|A small"),
    (checks.optimal_discriminator, lambda p, q: torch.where(p + q > 1e-100, p / (p + q), 0.5), "1e-300"),
    (
        checks.criterion,
        lambda p, q, x: theory.criterion(p.clone(), q.div_(1), x) if q.mul_(2) is None else 0.0,
        "changed",
    ),
    (checks.mean_under_data, lambda logits, h: (logits.clamp(-50, 50).softmax(0) * h).sum(), "added to every logit"),
    (checks.smoothed_discriminator, lambda p, q, a, s: a * s * p / (s * p + (1 - s) * q + 1e-9), "peak is at"),
    (checks.optimal_discriminator, lambda p, q: p / (p + q), "both densities are 0: that is 0/0"),
    (checks.optimal_discriminator, lambda p, q: (q / (p + q)).nan_to_num(0.5), "share of fakes"),
    (checks.optimal_discriminator, lambda p, q: p / q, "ratio p_data/p_g"),
    (checks.optimal_discriminator, lambda p, q: (p / q).nan_to_num(0.5), "ratio p_data/p_g"),
    (checks.optimal_discriminator, lambda p, q: ((p - q) / (p + q)).nan_to_num(0), "from -1 to 1"),
    (checks.optimal_discriminator, lambda p, q: p / (p + q + 1e-8), "out in the tails"),
    (checks.optimal_discriminator, lambda p, q: torch.where(p + q > 1e-9, p / (p + q), 0.5), "out in the tails"),
    (checks.optimal_discriminator, lambda p, q: (p > q).double(), "Every answer is 0 or 1"),
    (checks.optimal_discriminator, lambda p, q: (p.log() - q.log()).sigmoid(), "both densities are 0"),
    (checks.optimal_discriminator, lambda p, q: (p / (p + q)).nan_to_num(2.0), "is a probability"),
    (checks.optimal_discriminator, lambda p, q: (p / (p + q)).nan_to_num(0.5).clamp(0.01, 0.99), "D\\* is 0.000"),
    (checks.optimal_discriminator, lambda p, q: p, "D\\* is"),
    (checks.optimal_discriminator, lambda p, q: (p / (p + q)).nan_to_num(0.5).mean(), "once at each point"),
    (checks.optimal_discriminator, lambda p, q: (p / (p + q))[p + q > 0], "once at each point"),
    (checks.optimal_discriminator, share_in_place, "changed what it was given"),
    # Task 2
    (checks.criterion, jsd_of, "JSD alone"),
    (checks.criterion, lambda p, q, x: -math.log(4) + jsd_of(p, q, x), "counts twice"),
    (checks.criterion, lambda p, q, x: math.log(4) + 2 * jsd_of(p, q, x), "sign of -log 4"),
    (checks.criterion, lambda p, q, x: (-math.log(4) + 2 * jsd_of(p, q, x)) / math.log(2), "base 2"),
    (checks.criterion, lambda p, q, x: -math.log(4) + 2 * jsd_of(p, q, x).sqrt(), "square root"),
    (checks.criterion, criterion_summed, "spacing of the grid"),
    (checks.criterion, lambda p, q, x: criterion_by_the_value(p, q, x) / (x[1] - x[0]), "spacing of the grid"),
    (checks.criterion, lambda p, q, x: criterion_by_the_value(p, q, x) / (x[-1] - x[0]), "mean over points"),
    (checks.criterion, criterion_without_half, "half were missing"),
    (checks.criterion, lambda p, q, x: -math.log(4) + kl_to(p, q, x), "one KL"),
    (checks.criterion, criterion_with_nan, "0 times log 0"),
    (checks.criterion, lambda p, q, x: -1.0, "between -log 4 and 0"),
    (checks.criterion, lambda p, q, x: p, "one number"),
    # Task 3
    (checks.smoothed_discriminator, lambda p, q, a, s: a * s * p / (a * s * p + (1 - s) * q), "did not go away"),
    (checks.smoothed_discriminator, lambda p, q, a, s: a * p / (p + q), "no notice of the share"),
    (checks.smoothed_discriminator, lambda p, q, a, s: s * p / (s * p + (1 - s) * q), "no notice of alpha"),
    (checks.smoothed_discriminator, lambda p, q, a, s: smoothed(p, q, a, 1 - s), "wrong side"),
    (checks.smoothed_discriminator, lambda p, q, a, s: smoothed(p, q, 1, s).clamp(max=a), "caps D"),
    (
        checks.smoothed_discriminator,
        lambda p, q, a, s: (a * s * p + (1 - a) * (1 - s) * q) / (s * p + (1 - s) * q),
        "smooths both sides",
    ),
    (checks.smoothed_discriminator, lambda p, q, a, s: a * s * p / (p + q), "not in the denominator"),
    (checks.smoothed_discriminator, lambda p, q, a, s: a * p, "the peak is at"),
    (checks.smoothed_discriminator, lambda p, q, a, s: smoothed(p, q, a, s).mean(), "once at each point"),
    # Task 4
    (checks.mean_under_data, lambda logits, h: h.mean(), "plain mean"),
    (checks.mean_under_data, lambda logits, h: (logits.sigmoid() * h).sum() / logits.sigmoid().sum(), "weights are D"),
    (checks.mean_under_data, lambda logits, h: (-logits).softmax(0) @ h, "upside down"),
    (checks.mean_under_data, lambda logits, h: (logits.exp() * h).mean(), "not divided by their sum"),
    (checks.mean_under_data, lambda logits, h: (logits.exp() * h).sum(), "nor the sum"),
    (checks.mean_under_data, lambda logits, h: (logits * h).sum() / logits.sum(), "logarithm of the ratio"),
    (checks.mean_under_data, lambda logits, h: (logits.exp() * h).sum() / logits.exp().sum(), "overflows"),
    (checks.mean_under_data, mean_by_sigmoid, "rounds to 0 or 1"),
    (checks.mean_under_data, mean_by_clipped_sigmoid, "rounds to 0 or 1"),
    (checks.mean_under_data, lambda logits, h: logits.softmax(0) * h, "one number"),
    (checks.mean_under_data, lambda logits, h: (logits.softmax(0) * h).mean(), "sum of weight times h"),
    # Task 5
    (checks.best_linear_value, lambda p, q, x: -line_with_lbfgs(p, q, x), "V is its negative"),
    (checks.best_linear_value, lambda p, q, x: theory.criterion(p, q, x) - line_with_lbfgs(p, q, x), "shortfall"),
    (checks.best_linear_value, theory.criterion, "which needs a D that is free"),
    (checks.best_linear_value, lambda p, q, x: climbed(p, q, x, steps=300, lr=0.1, intercept=False), "intercept"),
    (checks.best_linear_value, lambda p, q, x: -math.log(4), "Does it move"),
    (checks.best_linear_value, lambda p, q, x: climbed(p, q, x, steps=20, lr=0.01), "stopped too early"),
    (checks.best_linear_value, lambda p, q, x: -0.1, "no line does better"),
    (checks.best_linear_value, parabola_with_lbfgs, "no line does better|D that is free"),
    (checks.best_linear_value, line_by_sigmoid_then_log, "logsigmoid"),
    (checks.best_linear_value, lambda p, q, x: x, "one number"),
]

TestAnswers = judge_answers(ALL, RIGHT, WRONG)
TestManners = judge_manners(ALL)
