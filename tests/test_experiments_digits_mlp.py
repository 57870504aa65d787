"""The first GAN on digits: its settings, its schedule, and digits that a judge of real ones accepts."""

from itertools import islice, pairwise

import pytest
import torch

import course_lib
from course_lib import data, metrics, play
from course_lib.experiments.lessons import digits_mlp


def test_the_rate_is_constant_for_half_of_the_steps_and_ends_at_zero():
    settings = digits_mlp.Settings(steps=8, batch_size=8)
    game = digits_mlp.build(settings)
    rates = []
    for _ in islice(play(game, digits_mlp.batches(data.embedded_digits("test"), settings)), settings.steps):
        assert game.d_optimizer.param_groups[0]["lr"] == game.g_optimizer.param_groups[0]["lr"]
        rates.append(game.g_optimizer.param_groups[0]["lr"])
    assert rates[:4] == [settings.learning_rate] * 4
    assert rates[-1] == 0 and rates[4:] == sorted(rates[4:], reverse=True)


def test_generated_digits_have_the_shape_and_range_of_real_ones():
    game = digits_mlp.build(digits_mlp.Settings())
    images = game.generator(game.generator.noise(3))
    real = next(digits_mlp.batches(data.embedded_digits("test"), digits_mlp.Settings())).x
    assert images.shape[1:] == real.shape[1:] == (1, 28, 28)
    assert images.abs().max() <= 1 and real.abs().max() <= 1


@pytest.mark.parametrize("size, steps", [("quick", 300), ("cpu", 4_000)])
def test_the_size_sets_the_steps(monkeypatch, size, steps):
    monkeypatch.setenv("GAN_COURSE_SIZE", size)
    assert digits_mlp.settings().steps == steps


def test_the_samples_are_digits_to_a_judge_of_real_ones():
    """At three eighths of the default steps: a third are confidently some digit, of eight kinds or more."""
    course_lib.seed(0)
    images = data.embedded_digits()
    settings = digits_mlp.Settings(steps=1_500)
    game = digits_mlp.build(settings)
    for _ in islice(play(game, digits_mlp.batches(images, settings)), settings.steps):
        pass
    game.generator.eval()
    with torch.no_grad():
        samples = game.generator(game.generator.noise(1_000))
    judge = metrics.DigitJudge(images.scaled(), images.y)
    found = judge.judge(samples)
    assert found.confident > 0.33
    assert found.classes >= 8


@pytest.mark.parametrize("steps, n", [(4_000, 26), (300, 26), (20, 5), (7, 3), (60, 1)])
def test_looks_are_ever_further_apart_and_the_last_is_the_end(steps, n):
    looks = digits_mlp.looks(steps, n)
    assert len(looks) <= n and looks == sorted(looks)
    assert looks[0] == min(20, steps)
    assert n == 1 or looks[-1] == steps
    assert all(after / before < 1.3 for before, after in pairwise(looks)) or n < 26
