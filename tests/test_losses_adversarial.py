"""The adversarial losses against PyTorch's own cross-entropy, autograd, and what smoothing may not touch."""

import math
from functools import partial
from types import SimpleNamespace

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy
from torch.nn.functional import softplus

from course_lib.losses import minimax, non_saturating, tell_apart


def round_of(real, fake):
    """What a loss sees of a round; the adversarial ones look at logits only."""
    verdict = lambda logits: SimpleNamespace(logits=torch.as_tensor(logits, dtype=torch.float64))
    return SimpleNamespace(real=verdict(real), fake=verdict(fake))


@pytest.fixture
def untyped(monkeypatch):
    """The losses without the type check of their argument, for rounds made of bare logits."""
    return lambda loss: getattr(loss, "__wrapped__", loss)


REAL, FAKE = [-1.3, 0.2, 2.5, 0.0], [0.7, -2.0, 1.1, 3.0]


@pytest.mark.parametrize("target", [1.0, 0.9, 0.75])
def test_tell_apart_is_cross_entropy_with_the_real_target_smoothed(untyped, target):
    round = round_of(REAL, FAKE)
    expected = cross_entropy(round.real.logits, torch.full((4,), target).double()) + cross_entropy(
        round.fake.logits, torch.zeros(4).double()
    )
    assert untyped(tell_apart)(round, real_target=target).item() == pytest.approx(expected.item())


def test_smoothing_leaves_the_fake_term_unchanged(untyped):
    """One-sided: as the fake logits vary, the loss with 0.9 and with 1 differ by the same amount."""
    loss = untyped(tell_apart)
    difference = [loss(round_of(REAL, f), 0.9) - loss(round_of(REAL, f), 1.0) for f in (FAKE, [5.0, 5.0, 5.0, 5.0])]
    assert difference[0].item() == pytest.approx(difference[1].item())


def soft_on_both_sides(round, real_target=1.0):
    """The usual mistake: generated data, too, get a soft target, 1 - alpha."""
    real, fake = round.real.logits, round.fake.logits
    targets = torch.full_like(real, real_target), torch.full_like(fake, 1 - real_target)
    return cross_entropy(real, targets[0]) + cross_entropy(fake, targets[1])


def test_soft_labels_on_both_sides_would_not_pass_that():
    one, other = ([soft_on_both_sides(round_of(REAL, f), a) for a in (0.9, 1.0)] for f in (FAKE, [5.0] * 4))
    assert (one[0] - one[1]).item() != pytest.approx((other[0] - other[1]).item(), abs=0.1)


def swapped(round):
    """The other usual mistake: real data are labelled generated, and generated data real."""
    return softplus(round.real.logits).mean() + softplus(-round.fake.logits).mean()


@pytest.mark.parametrize("loss, right", [(tell_apart, True), (swapped, False)])
def test_descending_it_raises_d_on_real_data_and_lowers_it_on_generated(untyped, loss, right):
    round = round_of(REAL, FAKE)
    leaves = [round.real.logits.requires_grad_(), round.fake.logits.requires_grad_()]
    on_real, on_fake = torch.autograd.grad(untyped(loss)(round), leaves)
    assert bool((on_real < 0).all() and (on_fake > 0).all()) is right


def test_the_best_answer_to_smoothed_labels_is_alpha_on_real_data_alone(untyped):
    """D* = alpha p_data / (p_data + p_g): with equal densities, alpha / 2."""
    logit = torch.zeros((), dtype=torch.float64, requires_grad=True)
    for _ in range(2_000):
        verdict = SimpleNamespace(logits=logit.expand(1))
        (slope,) = torch.autograd.grad(untyped(tell_apart)(SimpleNamespace(real=verdict, fake=verdict), 0.9), logit)
        logit = (logit - 0.5 * slope).detach().requires_grad_()
    assert torch.sigmoid(logit).item() == pytest.approx(0.45, abs=1e-6)


def test_tell_apart_at_one_half_is_log_four(untyped):
    assert untyped(tell_apart)(round_of([0.0], [0.0])).item() == pytest.approx(math.log(4))


@pytest.mark.parametrize("loss, slope", [(minimax, lambda d: -d), (non_saturating, lambda d: d - 1)])
def test_the_slopes_in_the_logit_are_those_of_the_text(untyped, loss, slope):
    logits = torch.tensor([-8.0, -1.0, 0.0, 3.0], dtype=torch.float64, requires_grad=True)
    round = SimpleNamespace(fake=SimpleNamespace(logits=logits))
    (got,) = torch.autograd.grad(untyped(loss)(round) * len(logits), logits)
    torch.testing.assert_close(got, slope(torch.sigmoid(logits.detach())))


@pytest.mark.parametrize("loss", [tell_apart, partial(tell_apart, real_target=0.9), minimax, non_saturating])
def test_losses_stay_finite_where_sigmoid_then_log_does_not(untyped, loss):
    """float32 sigmoid(200) is 1, so log(1 - D) would be minus infinity and its gradient NaN."""
    real = torch.tensor([-200.0, 200.0], requires_grad=True)
    fake = torch.tensor([200.0, -200.0], requires_grad=True)
    round = SimpleNamespace(real=SimpleNamespace(logits=real), fake=SimpleNamespace(logits=fake))
    bare = untyped(loss) if not isinstance(loss, partial) else partial(untyped(tell_apart), **loss.keywords)
    value = bare(round)
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(fake.grad).all()
    assert torch.isinf(torch.log(1 - torch.sigmoid(torch.tensor(200.0))))


@pytest.mark.parametrize("target", [0.0, -0.1, 1.1])
def test_a_target_that_is_no_probability_is_refused(untyped, target):
    with pytest.raises(ValueError, match="real_target"):
        untyped(tell_apart)(round_of(REAL, FAKE), real_target=target)


def test_order_in_the_batch_does_not_matter(untyped):
    for loss in (tell_apart, minimax, non_saturating):
        a, b = untyped(loss)(round_of(REAL, FAKE)), untyped(loss)(round_of(REAL[::-1], FAKE[::-1]))
        assert a.item() == pytest.approx(b.item())
