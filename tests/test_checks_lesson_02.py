"""The checks of lesson 02 pass every right answer and name the mistake in every wrong one."""

import math

import numpy as np
import pytest
import torch
from judged import judge_manners, praise
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid, softplus

from course_lib import Batch, Round, Verdict, checks, theory
from course_lib.checks import NotYet
from course_lib.losses import minimax, non_saturating, tell_apart

ALL = (
    checks.discrete_value,
    checks.reply_to_discriminator,
    checks.generator_slopes,
    checks.estimated_value,
    checks.repaired_discriminator_loss,
)


class Echo(nn.Module):
    """A discriminator that takes its input for the logits."""

    def forward(self, x):
        return Verdict(x, x[:, None])


def round_of(real, fake):
    """A round in which D's logits on real and generated data are these."""
    return Round(nn.Identity(), Echo(), Batch(real), learning_generator=True, z=fake)


TestManners = judge_manners(ALL)


@pytest.mark.parametrize("check", ALL)
def test_a_word_is_no_answer(check):
    with pytest.raises(NotYet):
        check(lambda *_: "a word")


# Task 1 -----------------------------------------------------------------------------------------------------


def value_by_loop(d, p, q):
    total = 0.0
    for answer, real, fake in zip(d.tolist(), p.tolist(), q.tolist(), strict=True):
        total += real * (math.log(answer) if answer > 0 else -math.inf) if real else 0
        total += fake * (math.log(1 - answer) if answer < 1 else -math.inf) if fake else 0
    return total


def value_in_numpy(d, p, q):
    d, p, q = d.numpy(), p.numpy(), q.numpy()
    with np.errstate(divide="ignore"):
        return np.sum(p[p > 0] * np.log(d[p > 0])) + np.sum(q[q > 0] * np.log(1 - d[q > 0]))


def value_with_eps(d, p, q):
    return (p * (d + 1e-12).log() + q * (1 - d + 1e-12).log()).sum()


@pytest.mark.parametrize("answer", [theory.value, value_by_loop, value_in_numpy])
def test_right_values(answer, capsys):
    assert praise(checks.discrete_value, answer, capsys).startswith("Right: ")


def plain(d, p, q):
    return (p * d.log() + q * (1 - d).log()).sum()


WRONG_VALUES = {
    "sign": (lambda d, p, q: -theory.value(d, p, q), "sign is turned"),
    "mean": (lambda d, p, q: theory.value(d, p, q) / len(d), "number of outcomes"),
    "half": (lambda d, p, q: theory.value(d, p, q) / 2, "half of V"),
    "base 2": (lambda d, p, q: (p * d.log2() + q * (1 - d).log2()).sum(), "base 2"),
    "base 10": (lambda d, p, q: (p * d.log10() + q * (1 - d).log10()).sum(), "base 10"),
    "swapped": (lambda d, p, q: theory.value(d, q, p), "changed places"),
    "log D twice": (lambda d, p, q: (p * d.log() + q * d.log()).sum(), "both terms take log D"),
    "p_data twice": (lambda d, p, q: (p * d.log() + p * (1 - d).log()).sum(), "weighted by p_data"),
    "unweighed": (lambda d, p, q: (d.log() + (1 - d).log()).sum(), "probabilities are missing"),
    "no fakes": (lambda d, p, q: (p * d.log()).sum(), "second expectation"),
    "no data": (lambda d, p, q: (q * (1 - d).log()).sum(), "first expectation"),
    "no log": (lambda d, p, q: (p * d + q * (1 - d)).sum(), "logarithms are missing"),
    "not summed": (lambda d, p, q: p * d.log() + q * (1 - d).log(), "one number"),
    "0 log 0": (plain, "0 log 0"),
    "nan to 0": (lambda d, p, q: torch.nan_to_num(p * d.log() + q * (1 - d).log(), 0, 0, 0).sum(), "certain and wrong"),
    "small eps": (value_with_eps, "certain and wrong"),
    "clamped at -100": (
        lambda d, p, q: (p * d.log().clamp(min=-100) + q * (1 - d).log().clamp(min=-100)).sum(),
        "limit",
    ),
    "overwrites": (
        lambda d, p, q: torch.xlogy(p, d).add_(torch.xlogy(q, d.neg_().add_(1))).sum(),
        "changed what it was",
    ),
    "large eps": (lambda d, p, q: (p * (d + 1e-3).log() + q * (1 - d + 1e-3).log()).sum(), "term by term"),
}


@pytest.mark.parametrize("name", WRONG_VALUES)
def test_wrong_values_are_named(name):
    answer, words = WRONG_VALUES[name]
    with pytest.raises(NotYet, match=words):
        checks.discrete_value(answer)


# Task 2 -----------------------------------------------------------------------------------------------------


def reply_as_list(d, p):
    return [1.0 if k == d.tolist().index(max(d.tolist())) else 0.0 for k in range(len(d))]


def reply_shared(d, p):
    return (d == d.max()) / (d == d.max()).sum()


def reply_in_numpy(d, p):
    with np.errstate(divide="ignore"):
        return np.eye(len(d))[np.argmin(np.log(1 - d.numpy()))]


def reply_by_one_hot(d, p):
    return torch.nn.functional.one_hot(d.argmax(), len(d))


@pytest.mark.parametrize("answer", [reply_as_list, reply_shared, reply_in_numpy, reply_by_one_hot])
def test_right_replies(answer, capsys):
    assert praise(checks.reply_to_discriminator, answer, capsys).startswith("Right: ")


def one_hot(index, d):
    return torch.nn.functional.one_hot(index, len(d)).float()


WRONG_REPLIES = {
    "always the first": (lambda d, p: one_hot(torch.tensor(0), d), "trusts least|p_data has crept in"),
    "where data are rare": (lambda d, p: one_hot(p.argmin(), d), "trusts least|p_data has crept in"),
    "least trusted": (lambda d, p: one_hot(d.argmin(), d), "trusts least"),
    "copies the data": (lambda d, p: p, "that is p_data"),
    "commonest": (lambda d, p: one_hot(p.argmax(), d), "p_data has crept in"),
    "product": (lambda d, p: one_hot((p * d).argmax(), d), "p_data has crept in"),
    "in proportion": (lambda d, p: d / d.sum(), "a mixture"),
    "softmax": (lambda d, p: d.softmax(0), "a mixture"),
    "index": (lambda d, p: d.argmax(), "put probability 1 there"),
    "not normalised": (lambda d, p: d, "no distribution"),
    "negative": (lambda d, p: torch.tensor([2.0, -1.0] + [0.0] * (len(d) - 2)), "no distribution"),
}


@pytest.mark.parametrize("name", WRONG_REPLIES)
def test_wrong_replies_are_named(name):
    answer, words = WRONG_REPLIES[name]
    with pytest.raises(NotYet, match=words):
        checks.reply_to_discriminator(answer)


# Task 3 -----------------------------------------------------------------------------------------------------


def slopes_by_library(logit):
    logit = logit.requires_grad_()
    return [
        torch.autograd.grad(loss(round_of(logit, logit)) * len(logit), logit)[0] for loss in (minimax, non_saturating)
    ]


def slopes_in_numpy(logit):
    d = 1 / (1 + np.exp(-logit.double().numpy()))
    return -d, d - 1


def slopes_by_loop(logit):
    d = [0.5 * (1 + math.tanh(value / 2)) for value in logit.tolist()]
    return [-answer for answer in d], [answer - 1 for answer in d]


@pytest.mark.parametrize("answer", [slopes_by_library, slopes_in_numpy, slopes_by_loop])
def test_right_slopes(answer, capsys):
    assert praise(checks.generator_slopes, answer, capsys).startswith("Right: ")


def with_d(function):
    """An answer written in D instead of in the logit."""
    return lambda logit: function(logit.sigmoid())


def slopes_by_sigmoid_then_log(logit):
    logit = logit.requires_grad_()
    return [torch.autograd.grad(loss.sum(), logit)[0] for loss in ((1 - logit.sigmoid()).log(), -logit.sigmoid().log())]


WRONG_SLOPES = {
    "exchanged": (with_d(lambda d: (d - 1, -d)), "changed places"),
    "sign": (with_d(lambda d: (d, 1 - d)), "sign is turned"),
    "sign of the second": (with_d(lambda d: (-d, 1 - d)), "non-saturating.*sign is turned"),
    "in D": (with_d(lambda d: (-1 / (1 - d), -1 / d)), "slope in D"),
    "in D, wrong sign": (with_d(lambda d: (1 / (1 - d), 1 / d)), "of the wrong sign"),
    "of the sigmoid": (with_d(lambda d: (d * (1 - d), d * (1 - d))), "slope of the sigmoid alone"),
    "of minus D": (with_d(lambda d: (-d * (1 - d), d - 1)), "slope of the logarithm"),
    "losses": (with_d(lambda d: ((1 - d).log(), -d.log())), "the loss itself"),
    "twice the same": (with_d(lambda d: (-d, -d)), "slope of the other loss"),
    "averaged": (with_d(lambda d: (-d / len(d), (d - 1) / len(d))), "number of examples"),
    "one number": (with_d(lambda d: (-d.mean(), (d - 1).mean())), "mean left out, or taken"),
    "only one": (with_d(lambda d: -d.sum()), "Return two things"),
    "sigmoid then log": (slopes_by_sigmoid_then_log, "divides by a D"),
    "quotients": (with_d(lambda d: (-d * (1 - d) / (1 - d), -d * (1 - d) / d)), "no quotient"),
    "clamped": (lambda logit: with_d(lambda d: (-d, d - 1))(logit.clamp(-3, 3)), "rounding has spoilt"),
}


@pytest.mark.parametrize("name", WRONG_SLOPES)
def test_wrong_slopes_are_named(name):
    answer, words = WRONG_SLOPES[name]
    with pytest.raises(NotYet, match=words):
        checks.generator_slopes(answer)


# Task 4 -----------------------------------------------------------------------------------------------------


def estimate(real, fake):
    on_real, on_fake = logsigmoid(real), logsigmoid(-fake)
    return on_real, on_fake, on_real.mean() + on_fake.mean()


def estimate_and_error(real, fake):
    on_real, on_fake, v = estimate(real, fake)
    return v, (on_real.var() / len(real) + on_fake.var() / len(fake)).sqrt()


def estimate_in_numpy(real, fake):
    on_real, on_fake = -np.logaddexp(0, -real.numpy()), -np.logaddexp(0, fake.numpy())
    variance = on_real.var() / len(on_real) + on_fake.var() / len(on_fake)  # divided by n, not n - 1
    return np.array([on_real.mean() + on_fake.mean(), np.sqrt(variance)])


def estimate_by_loop(real, fake):
    paid = [
        [-(max(-l, 0) + math.log1p(math.exp(-abs(l)))) for l in (sign * x).tolist()]
        for sign, x in ((1, real), (-1, fake))
    ]
    means = [sum(kind) / len(kind) for kind in paid]
    squares = [
        sum((x - m) ** 2 for x in kind) / (len(kind) - 1) / len(kind) for kind, m in zip(paid, means, strict=True)
    ]
    return sum(means), math.sqrt(sum(squares))


def estimate_by_library(real, fake):
    size = min(len(real), len(fake))
    assert tell_apart(round_of(real[:size], fake[:size])) == pytest.approx(
        -estimate(real[:size], fake[:size])[2].item()
    )
    return estimate_and_error(real, fake)


@pytest.mark.parametrize("answer", [estimate_and_error, estimate_in_numpy, estimate_by_loop, estimate_by_library])
def test_right_estimates(answer, capsys):
    assert praise(checks.estimated_value, answer, capsys).startswith("Right: ")


def wrong_error(function):
    """An answer with the right estimate and this standard error, a function of the two kinds of payment."""

    def answer(real, fake):
        on_real, on_fake, v = estimate(real, fake)
        return v, function(on_real, on_fake)

    return answer


def wrong_estimate(function):
    """An answer with the right standard error and this estimate."""
    return lambda real, fake: (function(real, fake), estimate_and_error(real, fake)[1])


def naive(real, fake):
    on_real, on_fake = real.sigmoid().log(), (1 - fake.sigmoid()).log()
    return on_real.mean() + on_fake.mean(), (on_real.var() / len(real) + on_fake.var() / len(fake)).sqrt()


def clamped(real, fake):
    return estimate_and_error(real.clamp(-20, 20), fake.clamp(-20, 20))


WRONG_ESTIMATES = {
    "loss": (wrong_estimate(lambda r, f: -estimate(r, f)[2]), "sign is turned"),
    "half": (wrong_estimate(lambda r, f: estimate(r, f)[2] / 2), "half of V"),
    "sum": (wrong_estimate(lambda r, f: logsigmoid(r).sum() + logsigmoid(-f).sum()), "sum over examples"),
    "one mean": (wrong_estimate(lambda r, f: logsigmoid(torch.cat([r, -f])).mean()), "in one mean"),
    "swapped": (wrong_estimate(lambda r, f: logsigmoid(-r).mean() + logsigmoid(f).mean()), "changed places"),
    "log D twice": (wrong_estimate(lambda r, f: logsigmoid(r).mean() + logsigmoid(f).mean()), "both means take log D"),
    "no log": (wrong_estimate(lambda r, f: r.sigmoid().mean() + 1 - f.sigmoid().mean()), "logarithms are missing"),
    "no mean": (wrong_estimate(lambda r, f: logsigmoid(r)), "mean left out"),
    "no error": (lambda r, f: estimate(r, f)[2], "Return two things"),
    "sigmoid then log": (naive, "rounded to 0 or 1"),
    "clamped": (clamped, "hides how wrong D is"),
    "variance": (wrong_error(lambda a, b: a.var() / len(a) + b.var() / len(b)), "square root is missing"),
    "one payment": (wrong_error(lambda a, b: (a.var() + b.var()).sqrt()), "divide each variance by its n"),
    "spreads added": (wrong_error(lambda a, b: a.std() + b.std()), "spreads of single payments"),
    "errors added": (wrong_error(lambda a, b: a.std() / len(a) ** 0.5 + b.std() / len(b) ** 0.5), "variances that add"),
    "one sample": (wrong_error(lambda a, b: torch.cat([a, b]).std() / (len(a) + len(b)) ** 0.5), "as one sample"),
    "all together": (wrong_error(lambda a, b: torch.cat([a, b]).std()), "all payments together"),
    "n + m": (wrong_error(lambda a, b: ((a.var() + b.var()) / (len(a) + len(b))).sqrt()), "a size of its own"),
    "n twice": (wrong_error(lambda a, b: ((a.var() + b.var()) / len(a)).sqrt()), "number of real examples"),
    "real alone": (wrong_error(lambda a, b: a.std() / len(a) ** 0.5), "second mean varies"),
    "constant": (wrong_error(lambda a, b: 0.1), "Compare with the formula"),
}


@pytest.mark.parametrize("name", WRONG_ESTIMATES)
def test_wrong_estimates_are_named(name):
    answer, words = WRONG_ESTIMATES[name]
    with pytest.raises(NotYet, match=words):
        checks.estimated_value(answer)


# Task 5 -----------------------------------------------------------------------------------------------------


def soft(logits, target):
    return binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def repaired_by_library(real, fake, target):
    return tell_apart(round_of(real, fake), real_target=target)


def repaired_by_torch(real, fake, target):
    return soft(real, target) + soft(fake, 0.0)


def repaired_by_logsigmoid(real, fake, target):
    on_real = target * logsigmoid(real) + (1 - target) * (logsigmoid(real) - real)
    return -(on_real.mean() + logsigmoid(-fake).mean())


def repaired_by_loop(real, fake, target):
    on_real = sum(softplus(l) - target * l for l in real) / len(real)
    return on_real + sum(softplus(l) for l in fake) / len(fake)


@pytest.mark.parametrize("answer", [repaired_by_library, repaired_by_torch, repaired_by_logsigmoid, repaired_by_loop])
def test_right_repairs(answer, capsys):
    assert praise(checks.repaired_discriminator_loss, answer, capsys).startswith("Right: ")


def broken_loss(real_logits, fake_logits, real_target):
    real, fake = torch.sigmoid(real_logits), torch.sigmoid(fake_logits)
    on_real = (1 - real_target) * real.log() + real_target * (1 - real).log()
    on_fake = real_target * fake.log() + (1 - real_target) * (1 - fake).log()
    return -on_real.mean() - on_fake.mean()


def by_sigmoid(real, fake, target, eps=0.0):
    d, e = real.sigmoid(), fake.sigmoid()
    on_real = target * (d + eps).log() + (1 - target) * (1 - d + eps).log()
    return -on_real.mean() - (1 - e + eps).log().mean()


WRONG_REPAIRS = {
    "as it was": (broken_loss, "still swapped, and soft on both sides"),
    "swapped": (lambda r, f, t: soft(r, 0.0) + soft(f, 1.0), "still swapped"),
    "swapped, real soft": (lambda r, f, t: soft(r, 1 - t) + soft(f, 1.0), "still swapped"),
    "swapped, fake soft": (lambda r, f, t: soft(r, 0.0) + soft(f, t), "still swapped"),
    "both soft": (lambda r, f, t: soft(r, t) + soft(f, 1 - t), "fakes still have a soft label"),
    "fakes soft": (lambda r, f, t: soft(r, 1.0) + soft(f, 1 - t), "belongs to the real"),
    "target ignored": (lambda r, f, t: soft(r, 1.0) + soft(f, 0.0), "real_target is not used"),
    "target fixed": (lambda r, f, t: soft(r, 0.9) + soft(f, 0.0), "always 0.9"),
    "scaled": (lambda r, f, t: t * soft(r, 1.0) + soft(f, 0.0), "only scaled"),
    "sign": (lambda r, f, t: -soft(r, t) - soft(f, 0.0), "sign is turned"),
    "sum": (lambda r, f, t: len(r) * (soft(r, t) + soft(f, 0.0)), "sum over the batch"),
    "half": (lambda r, f, t: (soft(r, t) + soft(f, 0.0)) / 2, "half of the loss"),
    "not reduced": (lambda r, f, t: softplus(-r) + softplus(f), "one number"),
    "real detached": (lambda r, f, t: soft(r.detach(), t) + soft(f, 0.0), "reaches the real logits"),
    "fake detached": (lambda r, f, t: soft(r, t) + soft(f.detach(), 0.0), "reaches the fake logits"),
    "no gradient": (lambda r, f, t: (soft(r, t) + soft(f, 0.0)).item(), "no gradient reaches"),
    "sigmoid then log": (by_sigmoid, "still stands before a log"),
    "eps": (lambda r, f, t: by_sigmoid(r, f, t, eps=1e-7), "takes the gradient with it"),
    "clamp": (lambda r, f, t: repaired_by_torch(r.clamp(-15, 15), f.clamp(-15, 15), t), "takes the gradient with it"),
}


@pytest.mark.parametrize("name", WRONG_REPAIRS)
def test_wrong_repairs_are_named(name):
    answer, words = WRONG_REPAIRS[name]
    with pytest.raises(NotYet, match=words):
        checks.repaired_discriminator_loss(answer)
