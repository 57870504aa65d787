"""Where the Parzen window misleads: k-means is k-means, both sides are measured alike, and the blurred ones win."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.cluster.vq import kmeans2

from course_lib.experiments.digits import digits, unit
from course_lib.experiments.gan import parzen_weakness as experiment
from course_lib.metrics import parzen
from course_lib.metrics.passes import thousands
from course_lib.training.plan import Training


@pytest.fixture
def measured(monkeypatch):
    """What is handed to the Parzen window, in order."""
    asked = []

    def watched(samples, validation, test):
        asked.append((samples, validation, test))
        return parzen(samples, validation, test)

    monkeypatch.setattr(experiment, "parzen", watched)
    return asked


@pytest.mark.parametrize("steps", [1, 3])
def test_a_step_is_scipys(steps):
    x = torch.rand(300, 1, 3, 4, generator=torch.Generator().manual_seed(0))
    start = x[:20]
    oracle, _ = kmeans2(x.flatten(1).double().numpy(), start.flatten(1).double().numpy(), iter=steps, minit="matrix")
    found = experiment.k_means(x, start, steps)
    assert found.shape == (20, 1, 3, 4)
    np.testing.assert_allclose(found.flatten(1).numpy(), oracle, atol=1e-5)


def test_blurred_means_of_digits_score_above_the_digits_themselves(measured, tmp_path):
    """The paper's point, on the embedded digits: by far more than the standard errors."""
    settings = replace(experiment.QUICK, centroids=200, fewer=100)
    numbers = experiment.reproduce(settings, Training(tmp_path)).numbers
    for n in (100, 200):
        gap = numbers[f"parzen_ll_{n}_kmeans"] - numbers[f"parzen_ll_{n}_training_samples"]
        assert gap > 50 > 10 * numbers[f"parzen_ll_{n}_kmeans_se"]


def test_both_sides_are_as_many_and_measured_alike(measured, tmp_path):
    outcome = experiment.reproduce(experiment.QUICK, Training(tmp_path))
    data = digits()
    assert [len(samples) for samples, *_ in measured] == [20, 20, 50, 50]
    for samples, validation, test in measured:
        assert samples.shape[1:] == (1, 28, 28)
        assert torch.equal(validation, unit(data.validation)[:1_000]) and torch.equal(test, unit(data.test))
    train = {digit.numpy().tobytes() for digit in unit(data.train)}
    kmeans, real = ([digit.numpy().tobytes() in train for digit in samples] for samples, _, _ in measured[2:])
    assert all(real) and sum(kmeans) < 25
    assert set(outcome.numbers) > {f"parzen_ll_{n}_{what}" for n in (20, 50) for what in ("kmeans", "training_samples")}
    assert all(math.isfinite(number) for number in outcome.numbers.values())
    assert outcome.note.startswith("20 and 50 centroids, each time beside as many training digits; 3,500 embedded")
    assert list(tmp_path.iterdir()) == []


def test_the_seed_chooses_the_digits(measured, tmp_path):
    first, again, other = (
        experiment.reproduce(replace(experiment.QUICK, centroids=20, fewer=10, seed=seed), Training(tmp_path)).numbers
        for seed in (0, 0, 1)
    )
    assert first == again != other


def test_there_are_five_digits_to_a_centroid_where_data_are_few(measured, tmp_path, monkeypatch):
    data = digits()
    few = replace(data, train=data.train.take(torch.arange(100)))
    monkeypatch.setattr(experiment, "digits", lambda: few)
    outcome = experiment.reproduce(experiment.GPU, Training(tmp_path))
    assert {len(samples) for samples, _, _ in measured} == {20} and outcome.note.startswith("20 centroids,")


@pytest.mark.parametrize("changes", [{"centroids": 0}, {"fewer": 0}, {"steps": 0}])
def test_nothing_to_do_is_refused(changes, tmp_path):
    with pytest.raises(ValueError, match="give at least 1"):
        experiment.reproduce(replace(experiment.QUICK, **changes), Training(tmp_path))


def test_the_papers_numbers_stand_beside_ours_of_full_size():
    n = thousands(experiment.GPU.centroids)
    assert set(experiment.PAPER) == {f"parzen_ll_{n}_{what}" for what in ("kmeans", "training_samples")}


@pytest.mark.parametrize("size", ["quick", "cpu", "gpu"])
def test_the_size_sets_the_settings(monkeypatch, size):
    monkeypatch.setenv("GAN_COURSE_SIZE", size)
    assert experiment.settings() == getattr(experiment, size.upper())
