"""SGAN's table: one network of N + 1 classes, alone and in the game, from the same labels."""

import math
from dataclasses import replace
from itertools import islice

import pytest
import sklearn.metrics
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from course_lib import Batch, Round, play, seed
from course_lib.data import load
from course_lib.experiments.improved import sgan_mnist
from course_lib.experiments.improved.sgan_mnist import GPU, PAPER, QUICK, first_labels, plan, reproduce
from course_lib.training.plan import Training

CPU = torch.device("cpu")


def small(**changes):
    """A plan at quick size, from a fresh seed as the trainer gives it."""
    seed(0)
    return plan(replace(QUICK, **changes), CPU)


def weights(network):
    return nn.utils.parameters_to_vector(network.parameters()).detach().clone()


# Which digits keep their labels -----------------------------------------------------------------------------


def test_the_choice_is_the_first_of_a_random_order_with_one_of_each_class():
    """By hand: each class's first comes in whatever its place, the rest in their order."""
    y = torch.randint(10, (3_000,))
    order = torch.randperm(3_000, generator=torch.Generator().manual_seed(4)).tolist()
    firsts = {int(y[place]): place for place in reversed(order)}.values()
    others = [place for place in order if place not in set(firsts)]
    for total in (10, 25, 100, 1_000):
        assert set(first_labels(y, total, 4).tolist()) == {*firsts, *others[: total - 10]}


def test_a_class_that_is_rare_is_not_missed():
    """The plain first 25 of the order would miss it."""
    y = torch.arange(9).repeat(500)
    y = torch.cat([y, torch.tensor([9, 9])])
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(0))
    assert 9 not in y[order[:25]]
    assert set(y[first_labels(y, 25, 0)].tolist()) == set(range(10))


def test_the_choice_need_not_be_balanced_and_is_nested_and_hangs_on_the_seed():
    y = load("mnist").y
    small, large = first_labels(y, 25, 1).tolist(), first_labels(y, 100, 1).tolist()
    assert len(set(large)) == 100 and set(small) < set(large)
    assert y[large].bincount().max() > 10
    assert set(first_labels(y, 100, 2).tolist()) != set(large)


@pytest.mark.parametrize("labels", [9, 4_001])
def test_too_few_or_too_many_labels_are_refused(labels):
    with pytest.raises(ValueError, match=f"labels is {labels}; choose 10, one of each class, to 4,000"):
        small(labels=labels)


def test_a_class_without_an_example_is_refused():
    with pytest.raises(ValueError, match="Class 9 has no example"):
        first_labels(torch.arange(9).repeat(5), 12, 0)


# The two trainings ------------------------------------------------------------------------------------------


def test_ds_loss_is_the_cross_entropy_of_n_plus_1_classes():
    """On fully labelled data, against torch on the N + 1 logits written out, generated ones being class N."""
    game = small().game
    data = load("mnist")
    x, y = data.scaled()[:12], data.y[:12]
    z = game.generator.noise(12)
    round = Round(game.generator, game.discriminator.eval(), Batch(x, labelled=Batch(x, y)), False, z=z)
    outputs = (
        torch.cat([round.real.classes, torch.zeros(12, 1)], 1),
        torch.cat([round.fake.classes, torch.zeros(12, 1)], 1),
    )
    expected = cross_entropy(outputs[0], y) + cross_entropy(outputs[1], torch.full((12,), 10))
    torch.testing.assert_close(sum(term(round) for term in game.d_terms.values()), expected)


def test_alone_d_learns_from_labels_only_and_g_stands_still():
    alone, both = small(network="cnn"), small()
    assert set(alone.game.d_terms) == {"class"}
    for made, moves in ((alone, False), (both, True)):
        before = weights(made.game.generator)
        list(islice(play(made.game, made.batches), 2))
        assert torch.equal(weights(made.game.generator), before) != moves


def test_both_start_from_the_same_weights_and_the_same_labels():
    alone, both = small(network="cnn"), small()
    assert torch.equal(weights(alone.game.discriminator), weights(both.game.discriminator))
    assert torch.equal(alone.batches.labelled_x, both.batches.labelled_x)


def test_alone_the_unlabelled_digits_change_nothing():
    """Not even through batch norm's statistics, which are averaged over the labelled ones."""
    accuracies, ends = [], []
    for change in (0, 100):
        made = small(network="cnn")
        made.batches.unlabelled.x.add_(change)
        list(islice(play(made.game, made.batches), 3))
        ends.append(weights(made.game.discriminator))
        made.game.discriminator.eval()
        accuracies.append(made.measure(made.game.generator, made.game.discriminator))
    assert torch.equal(*ends) and accuracies[0] == accuracies[1]


def test_optimisers_are_the_dcgans_and_the_labelled_batch_is_no_larger_than_the_labels():
    made = small(labels=13)
    for optimizer in (made.game.d_optimizer, made.game.g_optimizer):
        (group,) = optimizer.param_groups
        assert isinstance(optimizer, torch.optim.Adam) and (group["lr"], group["betas"]) == (2e-4, (0.5, 0.999))
    batch = next(made.batches)
    assert len(batch) == 20 and len(batch.labelled) == 13 and batch.y is None
    assert batch.x.min() == -1 and batch.x.max() == 1


def test_digits_are_named_by_statistics_of_digits_and_not_by_the_running_ones():
    """Those have seen generated batches; here they are nonsense, and are not asked."""
    made, test = small(), load("mnist", "test")
    list(islice(play(made.game, made.batches), 3))
    discriminator = made.game.discriminator.eval()
    honest = made.measure(made.game.generator, discriminator)
    for layer in discriminator.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.fill_(1e3)
    assert made.measure(made.game.generator, discriminator) == honest
    with torch.no_grad():
        predicted = discriminator(test.scaled()).classes.argmax(1)
    assert honest == {"accuracy_sgan_25_labels": pytest.approx(sklearn.metrics.accuracy_score(test.y, predicted))}


def test_the_test_digits_choose_nothing():
    assert small().decides is None


# From end to end --------------------------------------------------------------------------------------------


def test_reproduced_at_quick_size(tmp_path):
    how = Training(tmp_path, accelerator="cpu", log_every=2, draw_every=4, measure_every=2, save_every=2)
    outcome = reproduce(QUICK, how)
    assert set(outcome.numbers) == {"accuracy_cnn_25_labels", "accuracy_sgan_25_labels"} < set(PAPER)
    assert all(0 <= number <= 1 for number in outcome.numbers.values()) and math.isfinite(outcome.seconds)
    assert outcome.note == "25 labels, embedded digits, 1,000 for testing"
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["cnn", "sgan"]


def test_the_papers_numbers_have_the_names_of_ours():
    for labels in (1_000, 100, 50, 25):
        assert {f"accuracy_{network}_{labels}_labels" for network in ("cnn", "sgan")} < set(PAPER)
    assert len(PAPER) == 8


def test_the_full_size_is_the_dcgans():
    assert (GPU.nf, GPU.batch_size) == (64, 128)


@pytest.mark.parametrize("size", ["quick", "cpu", "gpu"])
def test_the_size_sets_the_settings(monkeypatch, size):
    monkeypatch.setenv("GAN_COURSE_SIZE", size)
    assert sgan_mnist.settings() == getattr(sgan_mnist, size.upper())
