"""The linear probes of a DCGAN: no label and no test image in training, and numbers that are the paper's protocol."""

import functools
import math
from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from course_lib.data import open_data
from course_lib.experiments.dcgan import dcgan, dcgan_cifar10_probe, dcgan_probe, dcgan_svhn_probe
from course_lib.experiments.dcgan.dcgan_probe import Probed, labelled, probe
from course_lib.metrics import LinearProbe, conv_features
from course_lib.models.dcgan import Discriminator
from course_lib.training.plan import Training

BOTH = [dcgan_cifar10_probe, dcgan_svhn_probe]
QUICK = dcgan_cifar10_probe.QUICK
once = functools.cache(open_data)


@pytest.fixture(autouse=True)
def unpacked_once(monkeypatch):
    """The emoji take a second to unpack. And nothing else is there."""
    monkeypatch.setenv("GAN_COURSE_DATA", "no such folder")
    for module in (dcgan, dcgan_probe):
        monkeypatch.setattr(module, "open_data", once)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One training for all tests: none of them changes its settings."""
    return tmp_path_factory.mktemp("run")


def training(folder):
    return Training(folder, accelerator="cpu", log_every=2, draw_every=4, measure_every=2, save_every=2)


def linear(accuracy, **changes):
    of = {"validation_accuracy": 0.5, "C": 1e-3, "C_at_edge": False, "converged": True}
    return LinearProbe(accuracy, **of | changes, dims=448, n_train=1_000, n_test=10_000)


def probed(*probes):
    return Probed(probes, unlabelled=40_000, seconds=1.0, device=torch.device("cpu"))


def test_full_size_is_the_papers():
    cifar10, svhn = dcgan_cifar10_probe.GPU, dcgan_svhn_probe.GPU
    assert (cifar10.data, cifar10.labels, cifar10.validation) == ("cifar10", None, 10_000)
    assert (svhn.data, svhn.labels, svhn.validation, svhn.subsets) == ("svhn", 1_000, 10_000, 10)
    for settings in (cifar10, svhn):
        assert (settings.kernel, settings.batch_size, settings.learning_rate) == (5, 128, 2e-4)
    # 64, 128 and 256 maps on grids of 4x4, the size of the code's features for SVHN.
    discriminator = Discriminator(32, 3, svhn.nf, kernel=svhn.kernel)
    assert conv_features(discriminator, torch.zeros(1, 3, 32, 32)).shape == (1, 7_168)


def test_the_dcgan_is_told_all_settings_it_has_and_no_label():
    settings = replace(dcgan_svhn_probe.GPU, steps=7, batch_size=9, learning_rate=0.1, limit=11, kernel=4, seed=3)
    told = settings.training()
    shared = {field.name for field in fields(settings)} & {field.name for field in fields(told)}
    assert shared == {"data", "nf", "kernel", "steps", "batch_size", "learning_rate", "limit", "skip_damaged", "seed"}
    assert all(getattr(told, name) == getattr(settings, name) for name in shared)
    assert told.held_out == settings.validation
    assert replace(settings, labels=50, subsets=1).training() == told


def test_both_run_without_downloads_and_error_and_accuracy_add_up(folder):
    """On one training of a DCGAN, since the two quick settings are the same."""
    accuracy, error = (module.reproduce(module.QUICK, training(folder)) for module in BOTH)
    assert all(math.isfinite(value) for value in (accuracy.numbers | error.numbers).values())
    ours, theirs = "test_accuracy_percent_27_labels", "test_error_percent_27_labels"
    assert accuracy.numbers[ours] + error.numbers[theirs] == pytest.approx(100)
    assert accuracy.numbers[f"{ours}_std_2_subsets"] == pytest.approx(error.numbers[f"{theirs}_std_2_subsets"])
    assert accuracy.numbers[ours] > 100 / 9  # of nine groups of emoji
    assert "emoji in the place of CIFAR-10" in accuracy.note and "emoji in the place of SVHN" in error.note
    assert "640 unlabelled" in error.note and "27 labels" in error.note


def test_names_at_full_size_are_those_of_the_papers_numbers(monkeypatch):
    for module in BOTH:
        monkeypatch.setattr(module, "probe", lambda *_: probed(linear(0.75)))
    outcomes = [
        dcgan_cifar10_probe.reproduce(dcgan_cifar10_probe.GPU, Training()),
        dcgan_cifar10_probe.reproduce(replace(dcgan_cifar10_probe.GPU, labels=4_000), Training()),
        dcgan_svhn_probe.reproduce(dcgan_svhn_probe.GPU, Training()),
    ]
    for outcome, module in zip(outcomes, [BOTH[0], *BOTH], strict=True):
        (name,) = outcome.numbers.keys() & module.PAPER.keys()
        assert outcome.numbers[name] == pytest.approx(25 if "error" in name else 75)
        assert "in the place of" not in outcome.note
    assert set(dcgan_cifar10_probe.PAPER) == {name for o in outcomes[:2] for name in o.numbers} - {"C"}


def test_the_svm_learns_chooses_and_is_tested_on_three_separate_sets(folder, monkeypatch):
    """Trained on labelled training images, C by what the DCGAN never trained on, tested on the test set."""
    asked, averaged = [], []

    def look(train, validation, test, *, Cs, seed):
        asked.append((train, validation, test, tuple(Cs)))
        return linear(0.5, C=2e-3)

    monkeypatch.setattr(dcgan_probe, "linear_probe", look)
    monkeypatch.setattr(dcgan_probe, "average_batch_norm", lambda _, batches: averaged.extend(batches))
    probe("probe", QUICK, training(folder))
    data = dcgan.parts(QUICK.training())
    choices = labelled(data.train, QUICK)
    for (train, validation, test, _), chosen in zip(asked, choices, strict=True):
        assert torch.equal(train[1], chosen.y) and torch.equal(validation[1], data.held_out.y)
        assert torch.equal(test[1], once("emoji", 32, split="test", limit=QUICK.limit).y)
        assert [len(features) for features, _ in (train, validation, test)] == [27, 60, 413]
    assert asked[0][3] == dcgan_probe.CS and asked[1][3] == (2e-3,)  # C is chosen once
    # Batch norm's statistics are of all training images and of no others.
    assert torch.equal(torch.cat(averaged), data.train.scaled())


def test_other_labels_go_with_the_same_training(folder):
    first = probe("probe", QUICK, training(folder))
    before = {file.name: file.stat().st_mtime_ns for file in folder.glob("*.safetensors")}
    second = probe("probe", replace(QUICK, labels=18, subsets=1), training(folder))
    assert {file.name: file.stat().st_mtime_ns for file in folder.glob("*.safetensors")} == before
    assert second.seconds == first.seconds
    assert second.probes[0].n_train == 18


def test_labels_are_shared_equally_and_chosen_anew_for_every_subset_and_seed():
    train = dcgan.parts(QUICK.training()).train
    choices = labelled(train, QUICK) + labelled(train, replace(QUICK, seed=1))
    for chosen in choices:
        assert torch.bincount(chosen.y).tolist() == [3] * 9
    assert len({tuple(chosen.x.flatten().tolist()[:20_000]) for chosen in choices}) == 4
    assert labelled(train, replace(QUICK, labels=None)) == [train]


@pytest.mark.parametrize("changes", [{"labels": 28}, {"labels": 9_000}, {"validation": 1}])
def test_what_cannot_be_is_refused_before_the_training(tmp_path, changes):
    with pytest.raises(ValueError):
        probe("probe", replace(QUICK, **changes), training(tmp_path))
    assert not any(tmp_path.iterdir())


def test_images_without_labels_are_refused_even_where_all_are_to_be_taken():
    train = dcgan.parts(QUICK.training()).train
    unknown = replace(train, y=torch.full_like(train.y, -1))
    with pytest.raises(ValueError, match="emoji have a label"):
        labelled(unknown, replace(QUICK, labels=None))


def test_no_subset_at_all_is_refused():
    with pytest.raises(ValueError, match="subsets is 0"):
        replace(QUICK, subsets=0)


def test_the_numbers_are_mean_and_spread_over_the_choices():
    numbers = probed(linear(0.7), linear(0.8), linear(0.72)).numbers("error", errors=True)
    assert numbers["error"] == pytest.approx(np.mean([30, 20, 28]))
    assert numbers["error_std_3_subsets"] == pytest.approx(np.std([30, 20, 28], ddof=1))
    assert set(probed(linear(0.7)).numbers("error", errors=True)) == {"error", "C"}


def test_the_note_says_what_is_doubtful():
    assert "end" not in probed(linear(0.7)).note() and "converge" not in probed(linear(0.7)).note()
    note = probed(linear(0.7, C_at_edge=True), linear(0.7, converged=False), linear(0.7, C_at_edge=True)).note()
    assert "C is at an end of its grid" in note and "1 of 3 SVMs did not converge" in note
