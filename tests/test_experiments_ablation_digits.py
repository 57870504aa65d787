"""The ablation on digits: the games of the CIFAR-10 ablation, on digits, with names of its own."""

import math
from dataclasses import replace

import pytest
import torch

from course_lib.experiments.improved import ablation_digits
from course_lib.experiments.improved.ablation_cifar import VARIANTS
from course_lib.experiments.improved.ablation_digits import CPU, PAPER, QUICK, plan, reproduce
from course_lib.metrics.passes import thousands
from course_lib.training.plan import Training


def test_reproduced_at_quick_size(tmp_path):
    outcome = reproduce(
        QUICK, Training(tmp_path, accelerator="cpu", log_every=2, draw_every=4, measure_every=2, save_every=2)
    )
    names = {"classifier_score_100_ours", "frechet_classifier_distance_100_ours", "classes_100_ours"}
    assert names < set(outcome.numbers) and all(math.isfinite(number) for number in outcome.numbers.values())
    assert 0 <= outcome.numbers["classes_100_ours"] <= 10
    assert outcome.note.startswith("variant ours, judged by our own classifier") and "in place" not in outcome.note


def test_digits_are_grey_and_brought_to_32_pixels():
    made = plan(replace(QUICK, variant="no-L"), torch.device("cpu"))
    assert next(made.batches).x.shape == (10, 1, 32, 32)
    assert made.game.discriminator.output.out_features == 10


def test_the_names_of_the_papers_numbers_are_those_of_ours():
    assert list(PAPER) == [f"classifier_score_{thousands(CPU.samples)}_{variant}" for variant in VARIANTS]


@pytest.mark.parametrize("size", ["quick", "cpu", "gpu"])
def test_the_size_sets_the_settings(monkeypatch, size):
    monkeypatch.setenv("GAN_COURSE_SIZE", size)
    assert ablation_digits.settings() == getattr(ablation_digits, size.upper())
