"""Semi-supervised digits: the parts of the released code, a test that chooses nothing, and a run from end to end."""

import math
from dataclasses import replace

import numpy as np
import pytest
import sklearn.metrics
import torch

from course_lib import Round
from course_lib.data import load
from course_lib.experiments.digits import unit
from course_lib.experiments.improved import semi_mnist
from course_lib.experiments.improved.semi_mnist import GPU, PAPER, QUICK, plan, reproduce
from course_lib.layers import MinibatchDiscrimination
from course_lib.losses import minimax, supervised, unlabelled
from course_lib.training.plan import Training

CPU = torch.device("cpu")


def small(**changes):
    """A plan at quick size."""
    return plan(replace(QUICK, **changes), CPU)


@pytest.fixture(scope="module")
def full():
    """The plan at the paper's size, on the embedded digits."""
    return plan(GPU, CPU)


def a_round(made):
    """G's move on the next batch."""
    game = made.game
    z = game.generator.noise(made.batches.batch_size)
    return Round(game.generator, game.discriminator, next(made.batches), True, z=z)


def test_the_networks_are_those_of_the_released_code(full):
    widths = [
        tuple(weights.shape) for name, weights in full.game.discriminator.named_parameters() if "original" in name
    ]
    assert widths == [(1000, 784), (500, 1000), (250, 500), (250, 250), (250, 250), (10, 250)]
    z = full.game.generator.noise(3)
    assert z.shape == (3, 100) and 0 <= z.min() and z.max() < 1
    assert full.game.generator(z).shape == (3, 1, 28, 28) and full.image_range == (0, 1)


def test_both_players_have_the_codes_adam_at_a_constant_rate(full):
    for optimizer in (full.game.d_optimizer, full.game.g_optimizer):
        assert isinstance(optimizer, torch.optim.Adam) and not optimizer._optimizer_step_pre_hooks
        (group,) = optimizer.param_groups
        # An epsilon of 1e-8 inside the root is one of 1e-4 outside it, where the gradients are small.
        assert (group["lr"], group["betas"], group["eps"]) == (3e-3, (0.5, 0.999), 1e-4)


def test_300_passes_in_batches_of_100(full):
    assert GPU.steps == 300 * 60_000 // 100 and full.batches.batch_size == full.batches.labelled_batch_size == 100
    assert (full.game.d_steps, full.game.g_steps) == (1, 1)


def test_labels_are_balanced_and_all_digits_are_unlabelled_data():
    made, everything = small(labels=50), load("mnist")
    assert made.batches.labelled_y.bincount().tolist() == [5] * 10
    assert torch.equal(made.batches.labelled_x, unit(everything.labelled(5, seed=0)))
    assert made.batches.batches_per_pass == len(everything) // QUICK.batch_size
    assert next(made.batches).y is None


def test_another_seed_is_another_subset():
    assert not torch.equal(small().batches.labelled_x, small(seed=1).batches.labelled_x)


def test_d_starts_from_data(full):
    """The mean and the standard deviation of each class logit, over digits that it has not been set on."""
    x = unit(load("mnist", "test"))
    with torch.no_grad():
        classes = full.game.discriminator.train()(x).classes
    assert classes.mean(0).abs().max() < 0.5 and 0.7 < classes.std(0).min() < classes.std(0).max() < 1.4


def test_d_learns_classes_and_to_tell_apart_and_g_to_match_the_codes_mean_over_units():
    made = small()
    assert made.game.d_terms == {"class": supervised, "real or fake": unlabelled}
    round = a_round(made)
    loss = made.game.g_terms["match"](round).item()
    real, fake = (verdict.features.detach().numpy() for verdict in (round.real, round.fake))
    assert loss == pytest.approx(np.mean((real.mean(0) - fake.mean(0)) ** 2), rel=1e-5)
    per_sample = np.mean((real - fake) ** 2)
    assert abs(loss - per_sample) > 0.1 * per_sample


def test_minibatch_discrimination_has_its_layer_three_moves_of_g_and_the_saturating_loss():
    game = small(technique="minibatch-discrimination", discriminator_units=(16, 12)).game
    layer = game.discriminator.minibatch
    assert isinstance(layer, MinibatchDiscrimination)
    assert (layer.in_features, layer.kernels, layer.dims) == (12, 100, 5)
    assert (game.g_steps, game.g_terms) == (3, {"pass for real": minimax})
    assert not isinstance(small().game.discriminator.minibatch, MinibatchDiscrimination)


def test_errors_are_counted_as_scikit_learn_counts_them():
    made, test = small(), load("mnist", "test")
    discriminator = made.game.discriminator.eval()
    with torch.no_grad():
        measured = made.measure(made.game.generator, discriminator)
        predicted = discriminator(unit(test)).classes.argmax(1)
    wrong = sklearn.metrics.zero_one_loss(test.y, predicted, normalize=False)
    assert measured == {"test_errors_of_1000_20_labels": wrong, "test_images": 1_000} and 700 < wrong < 1_000


def test_the_test_digits_choose_nothing(full):
    assert full.decides is None


def test_an_early_test_is_of_weights_and_not_of_an_average_that_began_at_zero(tmp_path):
    """After 4 steps an average of rate 1e-4 that begins at zero holds 4e-4 of the weights."""
    trained = reproduced(tmp_path)
    made = small()
    assert made.average == 1e-4
    begin, end = (network.output.weight.norm().item() for network in (made.game.discriminator, trained.discriminator))
    assert 0.5 * begin < end < 2 * begin


def reproduced(folder):
    """A run of the trainer at quick size."""
    from course_lib.training.run import train

    return train("semi-mnist", plan, QUICK, how(folder))


def how(folder):
    return Training(folder, accelerator="cpu", log_every=2, draw_every=4, measure_every=2, save_every=2)


@pytest.mark.parametrize("technique", ["feature-matching", "minibatch-discrimination"])
def test_reproduced_at_quick_size(tmp_path, technique):
    outcome = reproduce(replace(QUICK, technique=technique), how(tmp_path))
    assert set(outcome.numbers) == {"test_errors_of_1000_20_labels", "test_images"}
    assert all(math.isfinite(number) for number in outcome.numbers.values()) and outcome.seconds > 0
    assert outcome.note == "20 labels; embedded digits, errors of 1,000 and not of 10,000"


def test_the_papers_numbers_have_the_names_of_ours():
    assert [name for name in PAPER] == [f"test_errors_{labels}_labels" for labels in (20, 50, 100, 200)]


@pytest.mark.parametrize("size", ["quick", "cpu", "gpu"])
def test_the_size_sets_the_settings(monkeypatch, size):
    monkeypatch.setenv("GAN_COURSE_SIZE", size)
    assert semi_mnist.settings() == getattr(semi_mnist, size.upper())


@pytest.mark.parametrize(
    "labels, words", [(23, "23 labels cannot be shared equally"), (0, "0 labels"), (8_000, "Class")]
)
def test_labels_that_cannot_be_are_refused(labels, words):
    with pytest.raises(ValueError, match=words):
        small(labels=labels)
