"""The conditional DCGAN on digits: the code's optimiser and schedule, and Table 3's test against scikit-learn."""

import functools
import math
from dataclasses import replace
from itertools import islice

import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier
from torch.nn.functional import softplus

from course_lib.experiments.dcgan import dcgan_mnist_nn
from course_lib.experiments.dcgan.dcgan_mnist_nn import (
    CPU,
    GPU,
    PAPER,
    QUICK,
    one_nn_error_percent,
    plan,
    reproduce,
    settings,
)
from course_lib.experiments.digits import digits, unit
from course_lib.game import play
from course_lib.metrics.passes import thousands
from course_lib.models.conditional_dcgan import Generator
from course_lib.training.plan import Training
from course_lib.training.run_folder import draw

ON = torch.device("cpu")
once = functools.cache(digits)


@pytest.fixture(autouse=True)
def digits_once(monkeypatch):
    """The digits take seconds to read; and always the embedded ones, whatever data this machine has."""
    monkeypatch.setenv("GAN_COURSE_DATA", "no such folder")
    monkeypatch.setattr(dcgan_mnist_nn, "digits", once)


def rates(optimizer, steps):
    """The learning rates of so many steps, none of which moves a weight far."""
    (group,) = optimizer.param_groups
    found = []
    for _ in range(steps):
        for weights in group["params"]:
            weights.grad = torch.zeros_like(weights)
        optimizer.step()
        found.append(group["lr"].item())
    return found


def test_full_size_is_the_codes():
    assert settings() == QUICK and GPU == replace(CPU, steps=GPU.steps, validation_samples=GPU.validation_samples)
    # 200 passes over 50,000 digits, each minibatch being one player's.
    assert 2 * GPU.steps == 200 * (50_000 // GPU.batch_size)
    made = plan(GPU, ON)
    game = made.game
    for network, optimizer in ((game.generator, game.g_optimizer), (game.discriminator, game.d_optimizer)):
        (group,) = optimizer.param_groups
        assert (group["lr"], group["betas"], group["weight_decay"]) == (2e-4, (0.5, 0.999), 2.5e-5)
        assert {id(w) for w in group["params"]} == {id(w) for w in network.parameters()}
        # So the penalty falls on weights alone: there is no bias, and no scale of a batch norm.
        assert all(name.endswith("weight") and w.ndim > 1 for name, w in network.named_parameters())
    assert [len(w) for w in game.discriminator.parameters()] == [64, 128, 1024, 1]
    assert made.batches.batch_size == 128
    assert (made.classes, made.image_range, made.average) == (10, (0, 1), 1.0)


def test_both_players_move_once_a_step_each_on_its_own_labelled_batch():
    made = plan(QUICK, ON)
    list(islice(play(made.game, made.batches), 3))
    assert made.batches.position == 6
    batch = next(made.batches)
    assert batch.given == (batch.y,) and 0 <= batch.x.min() and batch.x.max() == 1


@pytest.mark.parametrize("steps", [10, 200])
def test_the_learning_rate_is_constant_and_then_falls_to_zero_whatever_the_steps(steps):
    found = rates(plan(replace(QUICK, steps=steps), ON).game.d_optimizer, steps)
    half = steps // 2
    assert found[: half + 1] == pytest.approx([2e-4] * (half + 1))
    falls = [before - after for before, after in zip(found[half:], found[half + 1 :], strict=False)]
    assert falls == pytest.approx([2e-4 / half] * (half - 1), rel=1e-4)  # of float32
    assert found[-1] == pytest.approx(2e-4 / half, rel=1e-4)  # and the step after the last would have none


def test_the_penalty_is_part_of_the_gradient_that_adam_sees():
    """The first step of Adam is the sign of the gradient, penalty and all. AdamW's decay would be another step."""
    made = plan(replace(QUICK, weight_decay=10.0), ON)
    discriminator, optimizer = made.game.discriminator, made.game.d_optimizer
    batch = next(made.batches)
    softplus(-discriminator(batch.x, *batch.given).logits).mean().backward()
    weights = discriminator.logit.weight
    before, gradient = weights.detach().clone(), weights.grad + 10.0 * weights.detach()
    adamw = torch.optim.AdamW([weights.detach().clone()], lr=2e-4, betas=(0.5, 0.999), weight_decay=10.0)
    optimizer.step()
    torch.testing.assert_close(weights.detach(), before - 2e-4 * gradient.sign(), rtol=0, atol=1e-6)
    (other,) = adamw.param_groups[0]["params"]
    other.grad = gradient - 10.0 * before
    adamw.step()
    assert (other - weights.detach()).abs().max() > 1e-4


@pytest.mark.parametrize("at_once", [50_000, 100])
def test_the_error_is_scikit_learns_and_does_not_hang_on_the_parts(monkeypatch, at_once):
    """Also where the samples come in parts, as the ten million do."""
    monkeypatch.setattr(dcgan_mnist_nn, "AT_ONCE", at_once)
    made, test = plan(QUICK, ON), once().test
    generator = Generator(units=16, nf=4).eval()
    ours = one_nn_error_percent(generator, made, 250, unit(test), test.y)
    parts = [draw(generator, made, min(at_once, 250 - start), seed=i) for i, start in enumerate(range(0, 250, at_once))]
    samples, labels = torch.cat(parts).flatten(1), torch.arange(250) % 10
    theirs = KNeighborsClassifier(1).fit(samples.double(), labels).score(unit(test).flatten(1).double(), test.y)
    assert ours == pytest.approx(100 * (1 - theirs), abs=0.2)  # a tie or two
    if at_once == 100:
        assert not torch.equal(parts[0], parts[1])  # no part repeats another's noise


def test_weights_are_chosen_by_validation_digits_and_the_test_digits_are_not_looked_at(monkeypatch):
    without_test = replace(once(), test=once().test.take(torch.arange(0)))
    monkeypatch.setattr(dcgan_mnist_nn, "digits", lambda: without_test)
    made = plan(QUICK, ON)
    generator = made.game.generator.eval()
    validation = once().validation
    assert made.measure(generator, made.game.discriminator) == {
        made.decides: one_nn_error_percent(generator, made, 100, unit(validation), validation.y)
    }
    assert made.decides == "validation_one_nn_error_100_percent" and made.lower_is_better
    assert len(made.batches.x) == 3_500


def test_it_runs_and_its_numbers_bear_the_papers_names(tmp_path):
    training = Training(tmp_path, accelerator="cpu", log_every=2, draw_every=4, measure_every=2, save_every=2)
    outcome = reproduce(QUICK, training)
    assert set(outcome.numbers) == {"one_nn_error_200_percent", "one_nn_error_real_percent"}
    assert all(math.isfinite(value) for value in outcome.numbers.values())
    data = once()
    knn = KNeighborsClassifier(1).fit(unit(data.train).flatten(1), data.train.y)
    real = 100 * (1 - knn.score(unit(data.test).flatten(1), data.test.y))
    assert outcome.numbers["one_nn_error_real_percent"] == pytest.approx(real, abs=0.11)
    assert "embedded" in outcome.note
    for samples in (GPU.samples, 10_000_000):
        assert f"one_nn_error_{thousands(samples)}_percent" in PAPER


@pytest.mark.parametrize("name", ["samples", "validation_samples"])
@pytest.mark.parametrize("n", [0, 15])
def test_samples_that_are_not_equally_many_of_each_digit_are_refused(name, n):
    with pytest.raises(ValueError, match=f"{name} is {n}"):
        replace(QUICK, **{name: n})
