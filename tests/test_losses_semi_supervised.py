"""K + 1 classes: PyTorch's cross-entropy as the oracle, two forms of one loss, and labels that cannot be."""

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from course_lib import Batch, Round, Verdict
from course_lib.losses import k_plus_one, k_plus_one_explicit, supervised, tell_apart, unlabelled

BOTH_FORMS = pytest.mark.parametrize("loss", [k_plus_one, k_plus_one_explicit])


def verdict(classes, logits=None):
    """What a D of K + 1 classes says: its logit is the logsumexp of its classes."""
    logits = torch.logsumexp(classes, 1) if logits is None else logits
    return Verdict(logits, torch.zeros(len(classes), 1, dtype=classes.dtype), classes)


def a_round(real, fake, y=None, labelled=None, labelled_y=None) -> Round:
    """A round in which D has already looked, and given these class logits."""
    apart = None if labelled is None else Batch(torch.zeros(len(labelled), 1), labelled_y)
    batch = Batch(torch.zeros(len(real), 1), y, labelled=apart)
    round = Round(nn.Identity(), nn.Identity(), batch, False, z=torch.zeros(len(fake), 1))
    round.__dict__.update(real=verdict(real), fake=verdict(fake))
    if labelled is not None:
        round.__dict__["labelled"] = verdict(labelled)
    return round


def logits(n=6, classes=4, scale=2.0, dtype=torch.float64):
    return scale * torch.randn(n, classes, dtype=dtype)


def semi_supervised_round(scale=2.0, dtype=torch.float64):
    """Eight real, eight generated, and three labelled examples apart, with the leaves that carry gradients."""
    leaves = [logits(n, scale=scale, dtype=dtype).requires_grad_() for n in (8, 8, 3)]
    real, fake, labelled = leaves
    return a_round(real, fake, labelled=labelled, labelled_y=torch.tensor([0, 3, 1])), leaves


def test_supervised_is_cross_entropy_on_the_labelled_batch():
    labelled, y = logits(3), torch.tensor([2, 0, 3])
    round = a_round(logits(), logits(), labelled=labelled, labelled_y=y)
    torch.testing.assert_close(supervised(round), cross_entropy(labelled, y))


def test_supervised_on_the_real_batch_counts_the_known_alone():
    real, y = logits(), torch.tensor([-1, 2, -1, 0, 3, -1])
    torch.testing.assert_close(supervised(a_round(real, logits(), y)), cross_entropy(real[[1, 3, 4]], y[[1, 3, 4]]))


@pytest.mark.parametrize("loss", [supervised, k_plus_one, k_plus_one_explicit])
def test_a_batch_that_happens_to_hold_no_known_label_costs_nothing_and_gives_no_nan(loss):
    real = logits().requires_grad_()
    round = a_round(real, logits(), torch.full((6,), -1))
    value = loss(round)
    (slope,) = torch.autograd.grad(value, real)
    expected = 0.0 if loss is supervised else tell_apart(round).item()
    assert value.item() == pytest.approx(expected) and torch.isfinite(slope).all()


def test_unlabelled_is_half_of_tell_apart():
    round, _ = semi_supervised_round()
    torch.testing.assert_close(unlabelled(round), 0.5 * tell_apart(round))


def test_unlabelled_is_the_released_codes_expression():
    round, (real, fake, _) = semi_supervised_round()
    lse, softplus = torch.logsumexp, nn.Softplus()
    code = -0.5 * lse(real, 1).mean() + 0.5 * softplus(lse(real, 1)).mean() + 0.5 * softplus(lse(fake, 1)).mean()
    torch.testing.assert_close(unlabelled(round), code)


def test_unlabelled_reads_the_classes_and_not_the_logit():
    round, (real, fake, _) = semi_supervised_round()
    other = a_round(real, fake)
    other.__dict__["real"] = verdict(real, logits=torch.zeros(len(real), dtype=real.dtype))
    assert unlabelled(other).item() == unlabelled(round).item()


def test_the_logsumexp_is_over_the_classes():
    """Over all axes it is one number for the batch: a batch twice over would then have another loss."""
    real, fake = logits(), logits()
    once, twice = (unlabelled(a_round(real.repeat(n, 1), fake.repeat(n, 1))) for n in (1, 2))
    torch.testing.assert_close(once, twice)
    wrong = [torch.logsumexp(real.repeat(n, 1), dim=(0, 1)) for n in (1, 2)]
    assert wrong[1] - wrong[0] > 0.5


@BOTH_FORMS
def test_on_labelled_data_it_is_cross_entropy_among_k_plus_one_classes(loss):
    """Real examples in their class, generated ones in class K + 1, whose logit is 0."""
    real, fake, y = logits(), logits(5), torch.tensor([0, 1, 2, 3, 0, 1])
    with_zero = lambda classes: torch.cat([classes, torch.zeros(len(classes), 1).double()], dim=1)
    expected = cross_entropy(with_zero(real), y) + cross_entropy(with_zero(fake), torch.full((5,), 4))
    torch.testing.assert_close(loss(a_round(real, fake, y)), expected)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("scale", [0.1, 2.0, 30.0])
def test_both_forms_are_one_loss_with_one_gradient(scale, dtype):
    round, leaves = semi_supervised_round(scale, dtype)
    short, explicit = k_plus_one(round), k_plus_one_explicit(round)
    torch.testing.assert_close(short, explicit, rtol=1e-6, atol=1e-6)
    slopes = [torch.autograd.grad(form, leaves) for form in (short, explicit)]
    torch.testing.assert_close(*slopes, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("real", [-100.0, 100.0])
@pytest.mark.parametrize("fake", [-100.0, 100.0])
def test_both_forms_agree_where_the_logits_are_large(real, fake, dtype):
    """exp(100) is infinite in float32: a softmax written with exp and log would give NaN."""
    leaves = [torch.full((3, 4), value, dtype=dtype) for value in (real, fake)]
    leaves = [(leaf + torch.randn(3, 4).to(dtype)).requires_grad_() for leaf in leaves]
    round = a_round(*leaves, torch.tensor([0, 1, -1]))
    forms = [k_plus_one(round), k_plus_one_explicit(round)]
    torch.testing.assert_close(*forms, rtol=1e-6, atol=1e-6)
    slopes = [torch.autograd.grad(form, leaves) for form in forms]
    torch.testing.assert_close(*slopes, rtol=1e-6, atol=1e-6)
    assert all(torch.isfinite(slope).all() for slope in slopes[0])


@BOTH_FORMS
def test_it_is_the_sum_of_its_two_parts(loss):
    round, _ = semi_supervised_round()
    torch.testing.assert_close(loss(round), supervised(round) + 2 * unlabelled(round))


def test_d_is_z_over_z_plus_one():
    """Section 5: D(x) = Z / (Z + 1), which is one minus the softmax's share of the class "generated"."""
    classes = logits()
    share = torch.softmax(torch.cat([classes, torch.zeros(6, 1).double()], dim=1), dim=1)[:, -1]
    torch.testing.assert_close(torch.sigmoid(verdict(classes).logits), 1 - share)


@pytest.mark.parametrize("loss", [supervised, k_plus_one, k_plus_one_explicit])
@pytest.mark.parametrize("y, words", [([0, 1, 4], "0 to 4, but D has 4 classes, 0 to 3"), ([0, -2, 1], "-2 to 1")])
def test_a_label_that_is_no_class_is_refused(loss, y, words):
    with pytest.raises(ValueError, match=words):
        loss(a_round(logits(3), logits(3), torch.tensor(y)))


def test_an_unknown_label_among_the_labelled_is_refused():
    round = a_round(logits(), logits(), labelled=logits(3), labelled_y=torch.tensor([0, -1, 2]))
    with pytest.raises(ValueError, match="Labels run from -1 to 2"):
        supervised(round)


@pytest.mark.parametrize("labelled, words", [(None, "The batch has no `labelled` part"), (logits(3), "batch.labelled")])
def test_missing_labels_are_missed(labelled, words):
    with pytest.raises(ValueError, match=words):
        supervised(a_round(logits(), logits(), labelled=labelled))


@pytest.mark.parametrize("loss", [supervised, unlabelled, k_plus_one, k_plus_one_explicit])
def test_a_discriminator_without_classes_is_refused(loss):
    round = a_round(logits(), logits(), torch.zeros(6, dtype=torch.long))
    for name in ("real", "fake"):
        round.__dict__[name] = Verdict(torch.zeros(6), torch.zeros(6, 1))
    with pytest.raises(ValueError, match="verdict has none"):
        loss(round)
