"""Checks for the last two exercises of lesson 02: the value and the loss from logits of any size."""

import torch
from torch import Tensor
from torch.nn.functional import softplus

from course_lib.checks.base import NotYet, as_tensor, check, close, one_number
from course_lib.checks.lesson_02 import compare, listed, two_of

ESTIMATE = "estimate, standard_error"


@check
def estimated_value(answer) -> None:
    """Task 4: answer(real_logits, fake_logits), (n,) and (m,), to (estimate of V, its standard error)."""
    for real, fake in (
        (torch.tensor([2.0, 0.5, -1.0, 3.0]), torch.tensor([-2.0, 1.0, 0.0, -0.5, -4.0, -1.5])),
        (torch.tensor([0.3, -0.2, 1.0]), torch.tensor([0.4, -3.0])),
        (torch.tensor([0.3, 2.0]), torch.tensor([0.4, -3.0, 1.0, 1.5, -0.5])),
    ):
        got, error = two_of(answer(real.clone(), fake.clone()), real[0].shape, ESTIMATE)
        on_real, on_fake = -softplus(-real.double()), -softplus(fake.double())
        right = on_real.mean() + on_fake.mean()
        suspects = (
            (-right, "the sign is turned: that is D's loss, minus V"),
            (right / 2, "it is half of V. Both means count in full"),
            (on_real.sum() + on_fake.sum(), "it is a sum over examples. An expectation is estimated by a mean"),
            (
                torch.cat([on_real, on_fake]).mean(),
                "real and fake are in one mean, so the more numerous kind weighs more. Take two means and add them",
            ),
            (
                -softplus(real.double()).mean() - softplus(-fake.double()).mean(),
                "real and fake have changed places: log D goes with the real logits",
            ),
            (on_real.mean() - softplus(-fake.double()).mean(), "both means take log D. On fakes it is log(1 - D)"),
            (real.sigmoid().mean() + (1 - fake.sigmoid()).mean(), "the logarithms are missing"),
        )
        compare(got, right, suspects, "The estimate: ")
        _standard_error(error, on_real, on_fake)
    _far_logits(answer)
    print("Right: two means, two variances that add, and no logit too large.")


@check
def repaired_discriminator_loss(answer) -> None:
    """Task 5: answer(real_logits, fake_logits, real_target) to D's loss with one-sided smoothing, one number."""
    for target in (0.9, 0.7, 1.0, 0.25):
        real = torch.tensor([2.0, -0.5, 1.0, 0.0], requires_grad=True)
        fake = torch.tensor([-1.0, 0.5, -3.0, 0.3], requires_grad=True)
        got = answer(real, fake, target)
        number = one_number(got)
        with torch.no_grad():
            right = _smoothed(real, target) + softplus(fake).mean()
            suspects = (
                (
                    _smoothed(real, 1 - target) + _smoothed(fake, target),
                    "the labels are still swapped, and soft on both sides",
                ),
                (
                    _smoothed(real, 0.0) + softplus(-fake).mean(),
                    "the labels are still swapped: real is 1 and fake is 0",
                ),
                (
                    _smoothed(real, 1 - target) + softplus(-fake).mean(),
                    "the labels are still swapped: real is 1 and fake is 0",
                ),
                (
                    softplus(real).mean() + _smoothed(fake, target),
                    "the labels are still swapped: the fakes have the real target",
                ),
                (
                    _smoothed(real, target) + _smoothed(fake, 1 - target),
                    "the fakes still have a soft label. Theirs stays 0",
                ),
                (
                    softplus(-real).mean() + _smoothed(fake, 1 - target),
                    "the soft label is on the fakes; it belongs to the real",
                ),
                (softplus(-real).mean() + softplus(fake).mean(), "real_target is not used: the real label is still 1"),
                (
                    _smoothed(real, 0.9) + softplus(fake).mean(),
                    "the real label is always 0.9. Use the argument real_target",
                ),
                (
                    target * softplus(-real).mean() + softplus(fake).mean(),
                    "the real term is only scaled. Of a label of 0.9, the part 0.1 that says 'fake' is missing",
                ),
                (-right, "the sign is turned: D would make itself worse"),
                (right * len(real), "it is a sum over the batch; take means"),
                (right / 2, "it is half of the loss: add the two means"),
            )
        compare(number, right, suspects, f"With real_target={target}: ")
        if not getattr(got, "requires_grad", False):
            raise NotYet(
                "The number is right, but no gradient reaches the logits. Stay with torch, without .item() or detach."
            )
        for name, slope in zip(("real", "fake"), _slopes(got, real, fake), strict=True):
            if slope.abs().max() == 0:
                raise NotYet(f"The number is right, but no gradient reaches the {name} logits. Is there a detach?")
    real, fake = torch.tensor([-200.0, 3.0], requires_grad=True), torch.tensor([200.0, -3.0], requires_grad=True)
    got = as_tensor(answer(real, fake, 0.9))
    if not got.isfinite():
        raise NotYet(
            f"At logits of -200 and 200 the loss is {got.item()}: a sigmoid, rounded to 0 or 1, still stands before a "
            "log. "
            "Use softplus, or binary_cross_entropy_with_logits."
        )
    slopes = torch.cat(_slopes(got, real, fake))
    exact = torch.tensor([-0.45, (torch.tensor(3.0).sigmoid() - 0.9) / 2, 0.5, torch.tensor(-3.0).sigmoid() / 2])
    if not close(slopes, exact, 1e-3):
        raise NotYet(
            f"At logits of -200 and 200 the loss is finite, but its slopes are {listed(slopes)} and not "
            f"{listed(exact)}. "
            "A small number inside the log, or a clamp, hides the infinity and takes the gradient with it. Use logits "
            "and softplus."
        )
    print("Right: the labels are in place, only the real one is soft, and no logit is too large.")


def _slopes(loss: Tensor, *logits: Tensor) -> list[Tensor]:
    """The loss's slopes in each of the logits; 0 where none of it depends on them."""
    found = torch.autograd.grad(loss, logits, allow_unused=True)
    return [torch.zeros_like(at) if slope is None else slope for at, slope in zip(logits, found, strict=True)]


def _standard_error(error: Tensor, on_real: Tensor, on_fake: Tensor) -> None:
    rights, mistakes = [], []
    for correction in (0, 1):  # dividing by n or by n - 1: both are in use
        a, b = on_real.var(correction=correction), on_fake.var(correction=correction)
        n, m = len(on_real), len(on_fake)
        everything = torch.cat([on_real, on_fake])
        rights.append((a / n + b / m).sqrt())
        mistakes += [
            (a / n + b / m, "that is the variance. Its square root is missing"),
            (
                (a + b).sqrt(),
                "that is the spread of single payments. A mean of n varies less: divide each variance by its n",
            ),
            (a.sqrt() + b.sqrt(), "those are the spreads of single payments, added"),
            (
                (a / n).sqrt() + (b / m).sqrt(),
                "the two standard errors are added. For independent means it is the variances that add",
            ),
            (
                (everything.var(correction=correction) / (n + m)).sqrt(),
                "all payments are taken as one sample; V is two means",
            ),
            (everything.std(correction=correction), "that is the spread of all payments together, not of an estimate"),
            (((a + b) / (n + m)).sqrt(), "both variances are divided by n + m. Each mean has a size of its own"),
            (((a + b) / n).sqrt(), "the variance of the fakes is divided by the number of real examples"),
            ((a / n).sqrt(), "the second mean varies too"),
        ]
    if not any(close(error, right) for right in rights):
        compare(error, rights[1], mistakes, "The standard error: ")


def _far_logits(answer) -> None:
    far = torch.tensor([-200.0, 200.0, 30.0])
    got, error = two_of(answer(far, -far), far[0].shape, ESTIMATE)  # D sure: wrong on the first of each kind
    if not (got.isfinite() and error.isfinite()):
        raise NotYet(
            f"With logits of 200, D sure and wrong, you get {got.item()} and {error.item()}: "
            "a sigmoid was rounded to 0 or 1 before its log. Write log D and log(1 - D) by softplus of the logit."
        )
    if not close(got, torch.tensor(-400 / 3), 1e-3):
        raise NotYet(
            f"With logits of 200, D sure and wrong, V should be {-400 / 3:.1f} and yours is {got.item():.1f}. "
            "A clamp or a small number inside the log hides how wrong D is. Write both logs by softplus of the logit."
        )


def _smoothed(logits: Tensor, target: float) -> Tensor:
    return (target * softplus(-logits) + (1 - target) * softplus(logits)).mean()
