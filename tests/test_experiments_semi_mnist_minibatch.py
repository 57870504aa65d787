"""Minibatch discrimination on digits: the recipe of the released code, which is not that of feature matching."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.functional import softplus

from course_lib import Round
from course_lib.experiments.improved import semi_mnist_minibatch
from course_lib.experiments.improved.semi_mnist_minibatch import GPU, QUICK, plan, reproduce
from course_lib.layers import GaussianNoise, MinibatchDiscrimination
from course_lib.losses import supervised, unlabelled
from course_lib.training.plan import Training

CPU = torch.device("cpu")


def small(**changes):
    return plan(replace(QUICK, **changes), CPU)


def layers(network, kind):
    return [layer for layer in network.modules() if isinstance(layer, kind)]


def test_the_sizes_are_those_of_the_released_code():
    assert (GPU.labels, GPU.steps, GPU.batch_size, GPU.learning_rate) == (4_000, 500 * 600, 100, 3e-4)
    assert (GPU.generator_width, GPU.discriminator_width, GPU.kernels) == (128, 96, 100)


def test_networks_are_convolutional_with_kernels_of_five_numbers_after_the_features():
    game = small().game
    assert [conv.out_channels for conv in layers(game.discriminator, nn.Conv2d)] == [4] * 3 + [8] * 6
    assert [conv.out_channels for conv in layers(game.generator, nn.ConvTranspose2d)] == [8, 4, 1]
    (compare,) = layers(game.discriminator, MinibatchDiscrimination)
    assert tuple(compare.T.shape) == (8, 3, 5)
    assert [noise.std for noise in layers(game.discriminator, GaussianNoise)] == [0.2]
    assert not layers(small(minibatch=False).game.discriminator, MinibatchDiscrimination)


def test_g_moves_three_times_by_the_saturating_loss():
    made = small()
    game = made.game
    assert (game.d_steps, game.g_steps) == (1, 3)
    assert game.d_terms == {"class": supervised, "real or fake": unlabelled}
    round = Round(game.generator, game.discriminator, next(made.batches), True, z=game.generator.noise(10))
    torch.testing.assert_close(game.g_terms["pass for real"](round), -softplus(round.fake.logits).mean())


@pytest.mark.parametrize("passes", [0, 150, 299, 301, 400, 499])
def test_the_rate_is_the_codes(passes):
    """3e-4 times min(2.5 - e / 200, 1) in pass e of 500, with epsilon inside the root."""
    for optimizer in (plan(replace(QUICK, steps=500), CPU).game.d_optimizer,):
        (group,) = optimizer.param_groups
        assert (group["betas"], group["eps"]) == ((0.5, 0.999), 1e-4)
        group["steps_made"].fill_(passes)
        optimizer.zero_grad()
        for parameter in group["params"]:
            parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
        assert group["lr"] == pytest.approx(3e-4 * min(2.5 - passes / 200, 1), rel=1e-5)


def test_d_sees_digits_between_minus_one_and_one_with_few_labels():
    batch = next(small().batches)
    assert batch.x.min() == -1 and batch.x.max() == 1 and batch.y is None
    assert set(batch.labelled.y.tolist()) <= set(range(10)) and len(batch.labelled.y) == 10


def test_reproduced_at_quick_size(tmp_path):
    outcome = reproduce(
        QUICK, Training(tmp_path, accelerator="cpu", log_every=2, draw_every=4, measure_every=2, save_every=2)
    )
    assert {"test_error_20_labels_percent", "classifier_score_100"} < set(outcome.numbers)
    assert all(math.isfinite(number) for number in outcome.numbers.values())
    assert outcome.note == "20 labels, with minibatch discrimination; embedded digits"


@pytest.mark.parametrize("size", ["quick", "cpu", "gpu"])
def test_the_size_sets_the_settings(monkeypatch, size):
    monkeypatch.setenv("GAN_COURSE_SIZE", size)
    assert semi_mnist_minibatch.settings() == getattr(semi_mnist_minibatch, size.upper())
