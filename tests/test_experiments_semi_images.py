"""Semi-supervised CIFAR-10 and SVHN: the released code's parts, at quick size on the emoji that stand in for both."""

import math
from dataclasses import replace

import numpy as np
import pytest
import sklearn.metrics
import torch
from torch import nn
from torchvision.utils import save_image

from course_lib import Round
from course_lib.data import DataError, open_data
from course_lib.experiments.improved import semi_cifar10, semi_images, semi_svhn
from course_lib.experiments.improved.semi_images import (
    adam_that_falls_late,
    error_percent,
    number,
    plan,
    some,
    start_from_data,
)
from course_lib.losses import feature_matching_absolute, supervised, unlabelled
from course_lib.models.semi_supervised import ConvDiscriminator, ConvGenerator
from course_lib.training.plan import Training

CPU = torch.device("cpu")
BOTH = pytest.mark.parametrize("experiment", [semi_cifar10, semi_svhn])


def small(**changes):
    """A plan at quick size."""
    return plan(replace(semi_cifar10.QUICK, **changes), CPU)


def widths(network, kind):
    return [layer.out_channels for layer in network.modules() if isinstance(layer, kind)]


def test_the_sizes_are_those_of_the_released_code():
    for settings, width, data, labels in ((semi_cifar10.GPU, 96, "cifar10", 4_000), (semi_svhn.GPU, 64, "svhn", 1_000)):
        assert (settings.discriminator_width, settings.data, settings.labels) == (width, data, labels)
        assert (settings.generator_width, settings.learning_rate, settings.batch_size) == (128, 3e-4, 100)
    assert semi_cifar10.GPU.steps == 1_200 * (50_000 // 100)
    assert semi_svhn.GPU.steps == 900 * (73_257 // 100)


def test_the_widths_reach_the_networks_and_d_has_nine_convolutions():
    game = small(discriminator_width=6, generator_width=5).game
    assert widths(game.discriminator, nn.Conv2d) == [6] * 3 + [12] * 6
    assert widths(game.generator, nn.ConvTranspose2d) == [10, 5, 3]
    assert game.discriminator.output.out_features == 9


@pytest.mark.parametrize("experiment, passes, fall", [(semi_cifar10, 1_200, 400), (semi_svhn, 900, 300)])
def test_the_rate_is_the_codes(experiment, passes, fall):
    """3e-4 times min(3 - e / 400, 1) in pass e over CIFAR-10, min(3 - e / 300, 1) over SVHN."""
    steps = experiment.GPU.steps
    network = nn.Linear(1, 1)
    optimizer = adam_that_falls_late(network, 3e-4, steps)
    for e in (0, fall, 2 * fall, 2 * fall + 1, 2 * fall + fall // 3, passes - 1):
        optimizer.param_groups[0]["steps_made"].fill_(e * (steps // passes))
        network(torch.ones(1, 1)).sum().backward()
        optimizer.step()
        assert optimizer.param_groups[0]["lr"] == pytest.approx(3e-4 * min(3 - e / fall, 1), rel=1e-6)


def test_both_players_have_the_codes_adam():
    game = small().game
    for optimizer in (game.d_optimizer, game.g_optimizer):
        (group,) = optimizer.param_groups
        assert isinstance(optimizer, torch.optim.Adam)
        assert (group["lr"], group["betas"], group["eps"]) == (3e-4, (0.5, 0.999), 1e-4)


def test_the_losses_are_the_codes():
    made = small()
    assert made.game.d_terms == {"class": supervised, "real or fake": unlabelled}
    assert made.game.g_terms == {"match": feature_matching_absolute}
    assert (made.game.d_steps, made.game.g_steps) == (1, 1)
    round = Round(
        made.game.generator, made.game.discriminator, next(made.batches), True, z=made.game.generator.noise(10)
    )
    real, fake = (verdict.features.detach().numpy() for verdict in (round.real, round.fake))
    expected = np.abs(real.mean(0) - fake.mean(0)).mean()
    assert made.game.g_terms["match"](round).item() == pytest.approx(expected, rel=1e-5)


def test_both_outputs_start_at_a_tenth():
    """Before softmax and tanh, over the data they were set on: standard deviation 0.1 and mean 0, as in the code."""
    images = open_data("emoji")
    discriminator, generator = ConvDiscriminator(32, 3, 4, 9), ConvGenerator(32, 3, 4)
    for network, output, x in (
        (discriminator, discriminator.output, some(images, 300)),
        (generator, generator.output[0], generator.noise(300)),
    ):
        seen = []
        start_from_data(network, output, x)
        output.register_forward_hook(lambda _, __, out, seen=seen: seen.append(out.detach()))
        network.train()(x)
        by_unit = seen[0].transpose(0, 1).flatten(1)
        assert by_unit.mean(1).abs().max() < 0.03
        assert 0.07 < by_unit.std(1).min() < by_unit.std(1).max() < 0.13


def test_the_start_is_from_images_of_all_classes():
    """The first 500 emoji are of a few groups only, since the pack lies in order."""
    images = open_data("emoji")
    rows = {bytes(row): label for row, label in zip(images.x.flatten(1).numpy(), images.y.tolist(), strict=True)}
    taken = ((some(images, 500) + 1) * 127.5).round().to(torch.uint8).flatten(1).numpy()
    assert len({rows[bytes(row)] for row in taken}) >= 8 > len(images.y[:500].unique())


def test_labels_are_balanced_images_in_range_and_all_of_them_unlabelled_data():
    made = small(labels=27)
    assert made.batches.labelled_y.bincount().tolist() == [3] * 9
    assert made.batches.batches_per_pass == len(open_data("emoji")) // 10
    batch = next(made.batches)
    assert batch.y is None and batch.x.dtype == torch.float32
    assert -1 <= batch.x.min() < 0 < batch.x.max() <= 1 and made.image_range == (-1, 1)
    assert not torch.equal(made.batches.labelled_x, small(labels=27, seed=1).batches.labelled_x)


def test_the_test_images_choose_nothing_and_the_average_is_the_codes():
    made = small()
    assert made.decides is None and made.average == 1e-4


def test_the_error_is_scikit_learns_in_percent():
    made, test = small(), open_data("emoji", split="test")
    discriminator = made.game.discriminator
    with torch.no_grad():
        predicted = discriminator.eval()(test.scaled()).classes.argmax(1)
    discriminator.train()  # as a network on its way; dropout would change the answers
    expected = 100 * sklearn.metrics.zero_one_loss(test.y, predicted)
    assert error_percent(discriminator, test) == pytest.approx(expected) and discriminator.training
    assert made.measure(made.game.generator, discriminator) == {"test_error_18_labels_percent": pytest.approx(expected)}


@BOTH
def test_reproduced_at_quick_size(tmp_path, experiment):
    how = Training(tmp_path, accelerator="cpu", log_every=2, draw_every=4, measure_every=2, save_every=2)
    outcome = experiment.reproduce(experiment.QUICK, how)
    (value,) = outcome.numbers.values()
    assert set(outcome.numbers) == {"test_error_18_labels_percent"} and 0 <= value <= 100
    papers = {semi_cifar10: "cifar10", semi_svhn: "svhn"}[experiment]
    assert outcome.note == (
        f"18 labels; emoji, 3,298 images for training and 413 for testing, in place of {papers}: "
        "not comparable with published numbers"
    )
    assert outcome.seconds > 0 and (tmp_path / "samples" / "00000004.png").exists()


def test_on_the_papers_data_the_note_is_of_the_labels_alone(tmp_path):
    outcome = semi_images.reproduce("semi-cifar10", "emoji", semi_cifar10.QUICK, Training(tmp_path, accelerator="cpu"))
    assert outcome.note == "18 labels" and math.isfinite(*outcome.numbers.values())


@BOTH
def test_the_papers_numbers_have_the_names_of_ours(experiment):
    table = {semi_cifar10: (1_000, 2_000, 4_000, 8_000), semi_svhn: (500, 1_000, 2_000)}[experiment]
    assert list(experiment.PAPER) == [number(replace(experiment.GPU, labels=labels)) for labels in table]


@BOTH
@pytest.mark.parametrize("size", ["quick", "cpu", "gpu"])
def test_the_size_sets_the_settings(monkeypatch, experiment, size):
    monkeypatch.setenv("GAN_COURSE_SIZE", size)
    assert experiment.settings() == getattr(experiment, size.upper())


def pictures(folder, *, classes):
    for split in ("train", "test"):
        for place in range(24):
            inside = folder / split / (f"class {place % 2}" if classes else "")
            inside.mkdir(parents=True, exist_ok=True)
            save_image(torch.rand(3, 9, 9), inside / f"{place}.png")
    return f"folder:{folder}"


def test_a_folder_of_pictures_serves_as_well(tmp_path):
    made = small(data=pictures(tmp_path, classes=True), labels=4)
    assert next(made.batches).x.shape == (10, 3, 32, 32)
    assert made.game.discriminator.output.out_features == 2


@pytest.mark.parametrize(
    "labels, words", [(10, "10 labels cannot be shared equally by 9"), (9_000, "Class 'Activities'")]
)
def test_labels_that_cannot_be_are_refused(labels, words):
    with pytest.raises(ValueError, match=words):
        small(labels=labels)


def test_images_of_no_known_class_are_refused(tmp_path):
    with pytest.raises(ValueError, match="Put each class into a folder of its own"):
        small(data=pictures(tmp_path, classes=False))


@BOTH
def test_data_that_are_not_there_are_asked_for(monkeypatch, tmp_path, experiment):
    monkeypatch.setenv("GAN_COURSE_DATA", str(tmp_path))
    with pytest.raises(DataError, match=f"gan-course data {experiment.GPU.data}"):
        experiment.plan(experiment.CPU, CPU)
