"""The conditional GAN on MNIST: its parts are the paper's, its labels reach everyone, the test digits decide nothing."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from course_lib.data import Batches
from course_lib.experiments.cgan import cgan_mnist_parzen as experiment
from course_lib.experiments.digits import digits, unit
from course_lib.layers import Maxout
from course_lib.metrics import parzen
from course_lib.metrics.passes import thousands
from course_lib.models.classifier import Classifier
from course_lib.training.averaging import Averaged
from course_lib.training.optimizers import SGD
from course_lib.training.plan import Plan, Training
from course_lib.training.run_folder import draw

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def plan():
    """The plan at full size."""
    return experiment.plan(experiment.GPU, CPU)


def set_by_schedule(optimizer, steps_made):
    """The rate and the momentum of the step that follows so many."""
    optimizer.zero_grad()
    for group in optimizer.param_groups:
        group["steps_made"].fill_(steps_made)
    optimizer.step()
    [group] = optimizer.param_groups
    return group["lr"].item(), group["momentum"].item()


@pytest.mark.parametrize("player", ["g_optimizer", "d_optimizer"])
def test_both_players_learn_by_the_papers_sgd(plan, player):
    optimizer = getattr(plan.game, player)
    assert type(optimizer) is SGD
    assert set_by_schedule(optimizer, 0) == pytest.approx((0.1, 0.5))
    rate, momentum = set_by_schedule(optimizer, 1_000)
    assert rate == pytest.approx(0.1 / 1.00004**1_000) and 0.5 < momentum < 0.7
    assert set_by_schedule(optimizer, 250 * len(digits().train) // 100)[1] == pytest.approx(0.7)


def test_the_training_ends_where_the_rate_comes_to_its_floor(plan):
    """Steps of .1 / 1.00004^t that reach .000001: the paper gives the rate and not the length."""
    last = experiment.GPU.steps - 1
    assert set_by_schedule(plan.game.d_optimizer, last) == pytest.approx((1e-6, 0.7))
    assert set_by_schedule(plan.game.d_optimizer, last - 1_000)[0] > 1.01e-6
    assert last == pytest.approx(math.log(0.1 / 1e-6) / math.log(1.00004), rel=1e-3)


def test_the_networks_are_those_of_section_4_1(plan):
    generator, discriminator = plan.game.generator, plan.game.discriminator
    widths = [(layer.in_features, layer.out_features) for layer in generator.modules() if isinstance(layer, nn.Linear)]
    assert widths == [(100, 200), (10, 1000), (1200, 1200), (1200, 784)]
    maxout = [(layer.units, layer.pieces) for layer in discriminator.modules() if isinstance(layer, Maxout)]
    assert maxout == [(240, 5), (50, 5), (240, 4)]
    for network in (generator, discriminator):
        assert {layer.p for layer in network.modules() if isinstance(layer, nn.Dropout)} == {0.5}
    torch.testing.assert_close(
        generator.output[0].bias.sigmoid(), unit(digits().train).mean(0).flatten(), atol=1e-5, rtol=0
    )


def test_dropout_is_noise_and_can_be_switched_off_for_a_while(plan):
    generator = plan.game.generator.eval()
    z, y = generator.noise(3), torch.arange(3)
    assert not torch.equal(generator(z, y), generator(z, y))
    with experiment.dropout_off(generator):
        assert torch.equal(generator(z, y), generator(z, y))
    assert not torch.equal(generator(z, y), generator(z, y))


def test_both_move_at_once_as_in_the_code_of_the_first_gan(plan):
    assert plan.game.simultaneous


def test_both_players_are_told_the_label_of_the_real_digit(plan):
    data, batch = digits().train, next(plan.batches)
    assert plan.batches.batch_size == 100 and plan.image_range == (0, 1) and plan.classes == 10
    assert batch.given == (batch.y,)
    order = next(Batches(torch.arange(len(data)), batch_size=100)).x
    assert torch.equal(batch.x, unit(data)[order]) and torch.equal(batch.y, data.y[order])


def test_weights_are_kept_as_they_are_and_not_averaged(plan):
    network = nn.Linear(3, 2)
    kept = Averaged(network, plan.average)
    for _ in range(3):
        nn.init.normal_(network.weight)
        kept.update()
    assert torch.equal(kept.network().weight, network.weight)


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


# The label and the digit -----------------------------------------------------------------------------------------


class Shade(nn.Module):
    """A conditional generator that paints label y as a plain picture of brightness y / 10; z is not looked at."""

    def __init__(self, shift=0):
        super().__init__()
        self.shift = shift

    def noise(self, n):
        return torch.zeros(n, 1)

    def forward(self, z, y):
        return ((y + self.shift) % 10 / 10)[:, None, None, None].expand(-1, 1, 28, 28)


class ReadsShade(Classifier):
    """A judge who names a plain picture in [-1, 1] by its brightness."""

    def forward(self, x):
        return nn.functional.one_hot((x.mean(dim=(1, 2, 3)) * 5 + 5).round().long(), 10).float()


@pytest.mark.parametrize("shift, share", [(0, 1.0), (1, 0.0)])
def test_the_share_of_digits_that_are_their_label(plan, shift, share):
    drawn = draw(Shade(shift), Plan(plan.game, plan.batches, image_range=(0, 1), classes=10), 1_030)
    assert experiment.label_gives_digit(ReadsShade(), drawn) == share


def test_real_digits_of_the_right_label_are_named_so_by_a_real_judge(monkeypatch):
    """A judge fitted in two passes; digits that stand in the order 0, 1, 2 ..., and the same ones shifted by one."""
    data = digits()
    judge = experiment.train_classifier(data.train, epochs=2, width=8)
    members = [(data.test.y == digit).nonzero().flatten()[:20] for digit in range(10)]
    in_turn = unit(data.test.take(torch.stack(members, 1).flatten()))
    assert experiment.label_gives_digit(judge, in_turn) > 0.9
    assert experiment.label_gives_digit(judge, in_turn.roll(1, 0)) < 0.1


# The whole -------------------------------------------------------------------------------------------------------


def test_it_runs_and_measures_by_the_protocol_of_the_table(tmp_path, monkeypatch):
    asked = []

    def watched(samples, validation, test):
        asked.append((samples, validation, test))
        return parzen(samples, validation, test)

    monkeypatch.setattr(experiment, "parzen", watched)
    how = Training(tmp_path, accelerator="cpu", log_every=2, draw_every=4, measure_every=2, save_every=2)
    outcome = experiment.reproduce(experiment.QUICK, how)
    (samples, validation, test), (without, _, _) = asked
    data = digits()
    assert torch.equal(validation, unit(data.validation)[:1_000]) and torch.equal(test, unit(data.test))
    assert samples.shape == (100, 1, 28, 28) and 0 <= samples.min() < samples.max() <= 1
    assert all(math.isfinite(number) for number in outcome.numbers.values())
    assert outcome.numbers["parzen_ll_100"] == parzen(samples, validation, test).mean
    assert outcome.numbers["parzen_ll_100_dropout_off"] == parzen(without, validation, test).mean
    assert not torch.equal(samples, without)
    assert 0 <= outcome.numbers["label_gives_digit_100"] <= 1
    assert 0.8 < outcome.numbers["judge_test_accuracy"] <= 1
    digits_note, weights_note = outcome.note.split("; ")
    assert digits_note == "3,500 embedded digits for training, 1,000 for testing" and outcome.seconds > 0
    assert weights_note in ("weights of step 2 of 4", "weights of step 4 of 4")


def test_its_numbers_have_the_papers_name_at_full_size():
    samples = 10 * experiment.GPU.samples_per_class
    assert experiment.GPU.samples_per_class == experiment.CPU.samples_per_class == 1_000
    assert [f"parzen_ll_{thousands(samples)}"] == [*experiment.PAPER]


@pytest.mark.parametrize("size", ["quick", "cpu", "gpu"])
def test_the_size_sets_the_settings(monkeypatch, size):
    monkeypatch.setenv("GAN_COURSE_SIZE", size)
    assert experiment.settings() == getattr(experiment, size.upper())


def test_no_samples_are_refused():
    with pytest.raises(ValueError, match="samples_per_class is 0; draw at least 1"):
        experiment.plan(replace(experiment.QUICK, samples_per_class=0), CPU)
