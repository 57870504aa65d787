"""The GAN of 2014 on MNIST: its parts are those of the paper and its code, and the test digits decide nothing."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from course_lib import Round
from course_lib.experiments import digits as parts
from course_lib.experiments.digits import digits, unit
from course_lib.experiments.gan import gan_mnist_parzen as experiment
from course_lib.layers import Maxout
from course_lib.metrics import parzen
from course_lib.metrics.passes import thousands
from course_lib.training.optimizers import SGD
from course_lib.training.plan import Training

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def plan():
    """The plan at full size."""
    return experiment.plan(experiment.GPU, CPU)


def how(folder):
    return Training(folder, accelerator="cpu", log_every=2, draw_every=4, measure_every=2, save_every=2)


def set_by_schedule(optimizer, steps_made):
    """The rate and the momentum of the step that follows so many."""
    optimizer.zero_grad()
    for group in optimizer.param_groups:
        group["steps_made"].fill_(steps_made)
    optimizer.step()
    [group] = optimizer.param_groups
    return group["lr"].item(), group["momentum"].item()


@pytest.mark.parametrize("player", ["g_optimizer", "d_optimizer"])
def test_both_players_learn_by_the_codes_sgd(plan, player):
    optimizer = getattr(plan.game, player)
    assert type(optimizer) is SGD
    a_pass = len(digits().train) // 100
    assert set_by_schedule(optimizer, 0) == pytest.approx((0.1, 0.5))
    rate, momentum = set_by_schedule(optimizer, 125 * a_pass)
    assert (rate, momentum) == (pytest.approx(0.1 / 1.000004 ** (125 * a_pass)), pytest.approx(0.6))
    assert (
        set_by_schedule(optimizer, 250 * a_pass)[1] == set_by_schedule(optimizer, 400 * a_pass)[1] == pytest.approx(0.7)
    )
    assert set_by_schedule(optimizer, 10**7)[0] == pytest.approx(1e-6)


def test_both_move_at_once_on_batches_of_100(plan):
    assert plan.game.simultaneous
    assert (plan.game.d_steps, plan.game.g_steps, plan.batches.batch_size) == (1, 1, 100)


def test_the_networks_are_those_of_the_code(plan):
    generator, discriminator = plan.game.generator, plan.game.discriminator
    widths = [(layer.in_features, layer.out_features) for layer in generator.modules() if isinstance(layer, nn.Linear)]
    assert widths == [(100, 1200), (1200, 1200), (1200, 784)]
    assert not any(isinstance(layer, nn.Dropout) for layer in generator.modules())
    assert [(layer.units, layer.pieces) for layer in discriminator.modules() if isinstance(layer, Maxout)] == [
        (240, 5)
    ] * 2
    assert [layer.p for layer in discriminator.modules() if isinstance(layer, nn.Dropout)] == [0.2, 0.5, 0.5]
    assert generator.noise(50).abs().max() <= math.sqrt(3) < 1.01 * generator.noise(50).abs().max()


def test_weights_start_in_the_codes_ranges_and_the_first_samples_are_as_bright_as_digits(plan):
    for network, a in ((plan.game.generator, 0.05), (plan.game.discriminator, 0.005)):
        for layer in network.modules():
            if isinstance(layer, nn.Linear):
                assert 0.9 * a < layer.weight.abs().max() <= a
    marginals = unit(digits().train).mean(0)
    bias = [layer for layer in plan.game.generator.modules() if isinstance(layer, nn.Linear)][-1].bias
    torch.testing.assert_close(bias.sigmoid(), marginals.flatten(), atol=1e-5, rtol=0)


def test_each_players_loss_is_the_codes_by_torchs_cross_entropy(plan):
    """D's is the mean over real and generated digits together, half of each; G asks for D(G(z)) to be 1."""
    game, entropy = plan.game, nn.functional.binary_cross_entropy_with_logits
    batch = next(plan.batches)
    seen = Round(game.generator, game.discriminator, batch, learning_generator=False, z=game.generator.noise(100))
    [loss] = [term(seen) for term in game.d_terms.values()]
    logits = torch.cat([seen.real.logits, seen.fake.logits])
    torch.testing.assert_close(loss, entropy(logits, torch.tensor([1.0, 0.0]).repeat_interleave(100)))
    [loss] = [term(seen) for term in game.g_terms.values()]
    torch.testing.assert_close(loss, entropy(seen.fake.logits, torch.ones(100)))


def test_trained_on_the_first_digits_in_zero_to_one(plan):
    assert torch.equal(plan.batches.x, unit(digits().train))
    assert plan.batches.x.min() == 0 and plan.batches.x.max() == 1 and plan.image_range == (0, 1)


def test_the_test_digits_decide_nothing_and_the_validation_digits_do(monkeypatch):
    """Trap: the checkpoint chosen on the test set."""

    def measured(data):
        monkeypatch.setattr(experiment, "digits", lambda: data)
        torch.manual_seed(0)
        plan = experiment.plan(experiment.QUICK, CPU)
        assert not plan.lower_is_better
        return plan.measure(plan.game.generator.eval(), plan.game.discriminator)[plan.decides]

    def darker(images):
        return replace(images, x=images.x // 2)

    data = digits()
    assert measured(replace(data, test=darker(data.test))) == measured(data)
    assert measured(replace(data, validation=darker(data.validation))) != measured(data)


def test_the_three_parts_of_full_mnist_are_the_papers(real_data, monkeypatch):
    monkeypatch.setenv("GAN_COURSE_DATA", str(real_data))
    found = parts.digits()
    whole = torch.cat([found.train.x, found.validation.x])
    assert [len(part) for part in (found.train, found.validation, found.test)] == [50_000, 10_000, 10_000]
    assert found.train.y[:5].tolist() == [5, 0, 4, 1, 9] and found.test.y[:5].tolist() == [7, 2, 1, 0, 4]
    assert found.note == "" and whole.float().mean() == pytest.approx(0.1307 * 255, abs=0.02)


def test_it_runs_and_measures_by_the_protocol_of_the_table(tmp_path, monkeypatch):
    asked = []

    def watched(samples, validation, test):
        asked.append((samples, validation, test))
        return parzen(samples, validation, test)

    monkeypatch.setattr(experiment, "parzen", watched)
    outcome = experiment.reproduce(experiment.QUICK, how(tmp_path))
    [(samples, validation, test)] = asked
    data = digits()
    assert torch.equal(validation, unit(data.validation)[:1_000]) and torch.equal(test, unit(data.test))
    assert samples.shape == (100, 1, 28, 28) and 0 <= samples.min() < samples.max() <= 1
    assert all(math.isfinite(number) for number in outcome.numbers.values())
    assert outcome.numbers["parzen_ll_100"] == parzen(samples, validation, test).mean
    digits_note, weights_note = outcome.note.split("; ")
    assert digits_note == "3,500 embedded digits for training, 1,000 for testing" and outcome.seconds > 0
    assert weights_note in ("weights of step 2 of 4", "weights of step 4 of 4")


def test_its_numbers_have_the_papers_name_at_full_size():
    assert [f"parzen_ll_{thousands(experiment.GPU.samples)}"] == [*experiment.PAPER]
    assert experiment.CPU.samples == experiment.GPU.samples == 10_000


@pytest.mark.parametrize("size", ["quick", "cpu", "gpu"])
def test_the_size_sets_the_settings(monkeypatch, size):
    monkeypatch.setenv("GAN_COURSE_SIZE", size)
    assert experiment.settings() == getattr(experiment, size.upper())
