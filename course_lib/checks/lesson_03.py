"""Checks for lesson 03: the optimal discriminator, C(G), smoothed labels, importance weights."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_lib import theory
from course_lib.checks.base import NotYet, as_tensor, check, close, one_number
from course_lib.data import Uniform, gaussian

GRID = torch.linspace(-12, 12, 2_401, dtype=torch.float64)


@check
def optimal_discriminator(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Lesson 03, task 1: answer(p_data, p_g), both (point,), to D* at each; any in [0, 1] where both are 0."""
    for p, q in (
        ([0.3, 0.1, 0.2, 0.0, 0.0, 1e-12], [0.1, 0.3, 0.2, 0.5, 0.0, 3e-12]),
        ([2.0, 0.0, 0.7], [0.5, 0.0, 0.0]),
        ([0.3, 0.0, 1e-300], [0.1, 0.0, 3e-300]),
        ([5e4], [1.5e5]),
        ([0.0], [0.0]),
    ):
        p, q = (torch.tensor(values, dtype=torch.float64) for values in (p, q))
        got = as_tensor(answer(p, q))
        if got.shape != p.shape:
            raise NotYet(f"D answers once at each point: for {len(p)} points yours has shape {tuple(got.shape)}.")
        covered = p + q > 0
        if covered.any() and _is(got, p / q, covered) and not _is(got, p / (p + q), covered):
            raise NotYet("This is the ratio p_data/p_g. D* is a probability: the share of p_data in the two together.")
        if covered.any() and _is(got, (p - q) / (p + q), covered):
            raise NotYet("This runs from -1 to 1. D* is a probability, so its numerator is p_data, not a difference.")
        if got[covered].isnan().any() or got[covered].isinf().any():
            raise NotYet("Where only one of the densities is 0, not a number or infinity came out; D* is 0 or 1 there.")
        if got[~covered].isnan().any():
            raise NotYet(
                "Not a number came out where both densities are 0: that is 0/0. D is free there, so choose one."
            )
        if (got < 0).any() or (got > 1).any():
            raise NotYet(f"Answers run from {got.min():.3g} to {got.max():.3g}. D* is a probability, in [0, 1].")
        best = theory.optimal_discriminator(p, q)
        if covered.any() and _is(got, 1 - best, covered):
            raise NotYet("This is the share of fakes, p_g/(p_data + p_g). D says how likely the data are real.")
        if ((got == 0) | (got == 1))[covered].all() and not _is(got, best, covered):
            raise NotYet("Every answer is 0 or 1. D* decides nothing: it says what share of what falls here is real.")
        tiny = covered & (p + q < 1e-6)
        if _is(got, best, covered & ~tiny) and not _is(got, best, covered):
            raise NotYet(
                f"Where the densities are {p[tiny].item():.0e} and {q[tiny].item():.0e}, D* is 0.25; yours says {got[tiny].item():.3g}. A small "
                "number added to the denominator, or a threshold, is no longer small out in the tails."
            )
        if not _is(got, best, covered):
            at = (got - best).abs().where(covered, 0).argmax()
            raise NotYet(f"At p_data = {p[at]:.3g}, p_g = {q[at]:.3g}, D* is {best[at]:.3f}; yours says {got[at]:.3f}.")
    print("Right: the share of real data wherever any fall, and a number where none do.")


@check
def criterion(answer: Callable[[Tensor, Tensor, Tensor], float]) -> None:
    """Lesson 03, task 2: answer(p_data, p_g, x), densities on an even grid x, all (point,), to C(G)."""
    for p, q, x in (
        (gaussian(0), gaussian(2), GRID),
        (gaussian(0), gaussian(0, 2), torch.linspace(-16, 16, 1_601, dtype=torch.float64)),
        (Uniform(0, 1), Uniform(2, 3), torch.linspace(-1, 4, 5_001, dtype=torch.float64)),
        (gaussian(1, 0.5), gaussian(1, 0.5), GRID),
        (gaussian(3, 0.5), gaussian(0.5, 2), torch.linspace(-20, 20, 2_001, dtype=torch.float64)),
    ):
        p, q = p.pdf(x), q.pdf(x)
        got = as_tensor(answer(p.clone(), q.clone(), x.clone()))
        if got.isnan().any() or got.isinf().any():
            raise NotYet(
                "Not a number or infinity came out. Where a density is 0 its term is 0, but 0 times log 0 is NaN."
            )
        got = one_number(got, "C(G)")
        jsd, right, spacing = theory.jsd(p, q, x), theory.criterion(p, q, x), (x[1] - x[0]).item()
        doubled = theory.C_MIN + 2 * jsd - 2 * math.log(2)
        mistakes = {
            "This is JSD alone; equation 6 doubles it and adds -log 4.": jsd,
            "JSD counts twice in equation 6: it is half the sum of the two KLs.": theory.C_MIN + jsd,
            "The sign of -log 4 is lost: C(G) is never positive.": math.log(4) + 2 * jsd,
            "This looks like logarithms to base 2. The paper's are natural.": right / math.log(2),
            "The square root of JSD was taken. SciPy's `jensenshannon` returns that; square it.": theory.C_MIN
            + 2 * jsd.sqrt(),
            "This is a sum over points. The integral needs the spacing of the grid, too.": right / spacing,
            "A sum of p log p/m over points needs the spacing of the grid to become an integral.": theory.C_MIN
            + 2 * jsd / spacing,
            "This is a mean over points. The integral is the sum times the spacing of the grid.": right
            / spacing
            / len(x),
            "The KLs are to the middle (p_data + p_g)/2; yours look as if the half were missing.": doubled,
            "This uses one KL from p_data to p_g. Equation 5 has two, each to the middle.": theory.C_MIN
            + theory.kl(p, q, x),
        }
        for sentence, mistaken in mistakes.items():
            if close(got, mistaken, 2e-3) and not close(got, right, 2e-3):
                raise NotYet(f"Expected {right:.4f}, got {got:.4f}. {sentence}")
        if not close(got, right, 2e-3):
            raise NotYet(f"Expected C(G) = {right:.4f} and got {got:.4f}. It must lie between -log 4 and 0.")
    print("Right: the criterion on curves and on boxes, and 0 where they never meet.")


@check
def smoothed_discriminator(answer: Callable[[Tensor, Tensor, float, float], Tensor]) -> None:
    """Lesson 03, task 3: answer(p_data, p_g, alpha, share) to D* for target alpha, `share` of the examples real."""
    p, q = torch.rand(2, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + 0.1
    p[0] = 20.0  # a place where D is nearly sure
    p[1] = q[2] = 0.0  # and two where it is quite
    p[3], q[3] = 1e-12, 2e-12
    for alpha, share in ((0.9, 0.5), (0.7, 0.2), (1.0, 0.8), (1.0, 0.5)):
        got = as_tensor(answer(p.clone(), q.clone(), alpha, share))
        if got.shape != p.shape:
            raise NotYet(f"D answers once at each point: for {len(p)} points yours has shape {tuple(got.shape)}.")
        real, fake = share * p, (1 - share) * q
        best, plain = alpha * real / (real + fake), p / (p + q)
        mistakes = {
            "alpha also stands in your denominator. The part (1 - alpha) of the real data did not go away: it pulls "
            "D towards 0.": alpha * real / (alpha * real + fake),
            "Your answer takes no notice of the share of real data.": alpha * plain,
            "Your answer takes no notice of alpha.": real / (real + fake),
            "The share seems to weigh the wrong side: it is that of real data.": alpha
            * (1 - share)
            * p
            / ((1 - share) * p + share * q),
            "This caps D* at alpha. Smoothing scales every answer, not only the sure ones.": (
                real / (real + fake)
            ).clamp(max=alpha),
            "This smooths both sides. Here the target on fakes stays 0.": (alpha * real + (1 - alpha) * fake)
            / (real + fake),
            "The share is in the numerator but not in the denominator.": alpha * real / (p + q),
        }
        for sentence, mistaken in mistakes.items():
            if close(got, mistaken) and not close(got, best):
                raise NotYet(f"With alpha = {alpha} and share = {share}: {sentence}")
        if not close(got, best):
            raise NotYet(
                f"With alpha = {alpha}, share = {share}, p_data = {p[0]:.3f}, p_g = {q[0]:.3f}, the peak is at "
                f"{best[0]:.3f}; yours is {got[0]:.3f}. Set the derivative at one point to zero."
            )
    print("Right: alpha scales every answer, and the share weighs the two densities.")


@check
def mean_under_data(answer: Callable[[Tensor, Tensor], float]) -> None:
    """Lesson 03, task 4: answer(logits, h), both (sample,) at samples of p_g, to the mean of h under p_data."""
    random = torch.Generator().manual_seed(0)
    logits, h = 2 * torch.randn(2, 50, dtype=torch.float64, generator=random) + torch.tensor([[0.5], [1.0]])
    weights = logits.exp()
    right = (weights * h).sum() / weights.sum()
    got = one_number(answer(logits.clone(), h.clone()), "The mean")
    mistakes = {
        "This is the plain mean, over p_g. Weigh each sample by p_data/p_g.": h.mean(),
        "The weights are D itself. The ratio p_data/p_g is D/(1 - D).": (logits.sigmoid() * h).sum()
        / logits.sigmoid().sum(),
        "The weights are upside down: p_g/p_data, or (1 - D)/D.": (h / weights).sum() / (1 / weights).sum(),
        "The weights are not divided by their sum.": (weights * h).mean(),
        "The weights are not divided by their sum, nor the sum by the number of samples.": (weights * h).sum(),
        "The logits themselves were used as weights. They are the logarithm of the ratio.": (logits * h).sum()
        / logits.sum(),
    }
    for sentence, mistaken in mistakes.items():
        if close(got, mistaken):
            raise NotYet(f"Expected {right:.4f}, got {got:.4f}. {sentence}")
    if not close(got, right):
        raise NotYet(f"Expected {right:.4f}, got {got:.4f}. Is it the sum of weight times h, over the sum of weights?")
    for shift in (800.0, -800.0):
        # The same ratios up to one factor, which the division by the sum takes out.
        far = as_tensor(answer(logits + shift, h.clone()))
        if not close(far, right):
            raise NotYet(
                f"With {shift:+.0f} added to every logit, all ratios change by one factor and the mean stays "
                f"{right:.4f}; yours becomes {far.item():.4g}. The sigmoid rounds to 0 or 1 there, or an exponential "
                "overflows. Stay with the logits, and take their maximum away before `exp`."
            )
    for logits, h, right in (
        (torch.tensor([900.0, 0.0, -900.0, 900.0]), torch.tensor([-2.0, 7.0, 9.0, 1.0]), -0.5),
        (torch.tensor([-3.0]), torch.tensor([4.0]), 4.0),
    ):
        got = as_tensor(answer(logits.double(), h.double()))
        if not close(got, right):
            raise NotYet(
                f"For logits {logits.tolist()} and h = {h.tolist()} the mean is {right}, and yours {got.tolist()}. Any "
                "number of samples may come, and logits far apart."
            )
    print("Right: each sample counts as often as the data would bring it, however sure D is.")


def _is(got: Tensor, other: Tensor, where: Tensor) -> bool:
    return torch.allclose(got[where], other[where], rtol=1e-4, atol=1e-6)
