"""Features where labels are few, and copies among samples: what is compared, and that it runs to the same numbers."""

import math
from dataclasses import replace

import pytest
import torch

from course_lib.data import embedded_digits
from course_lib.experiments.dcgan import dcgan_digits_features as features
from course_lib.experiments.dcgan import dcgan_memorising as memorising
from course_lib.experiments.digits import digits
from course_lib.training.plan import Training

SMALL = replace(features.QUICK, trials=1, validation=20, test=20)


def test_every_kind_of_features_is_measured_at_every_count(monkeypatch):
    monkeypatch.setattr(features, "COUNTS", (20,))
    monkeypatch.setattr(features, "CS", (1e-3, 1e-2))
    state = torch.get_rng_state()
    outcome = features.reproduce(SMALL, Training())
    assert torch.equal(state, torch.get_rng_state())
    for kind in ("pixels", "kmeans", "random", "dcgan", "supervised"):
        assert 10 <= outcome.numbers[f"accuracy_percent_{kind}_20_labels"] <= 100
        assert math.isfinite(outcome.numbers[f"accuracy_percent_{kind}_20_labels_std"])
    assert outcome.numbers["C_dcgan_20_labels"] in (1e-3, 1e-2)
    assert "embedded digits" in outcome.note


def test_labels_are_shared_by_the_classes_and_differ_from_choice_to_choice():
    first, second = features.choices(digits().train, 100, SMALL)
    assert torch.equal(first.y.bincount(), torch.full((10,), 10)) and not torch.equal(first.x, second.x)


def test_the_supervised_network_learns_its_few_labels():
    few = embedded_digits().labelled(2)
    network = features.supervised(few, SMALL, rate=1e-2, decay=1e-4, dropout=0.0, steps=60)
    assert features.accuracy(network, few) > 0.9


def test_too_few_choices_are_refused():
    with pytest.raises(ValueError, match="subsets is 1"):
        features.reproduce(replace(SMALL, subsets=1), Training())


@pytest.mark.parametrize("right, down", [(0, 0), (1, 0), (0, 2), (-1, 3), (2, -2)])
def test_a_moved_image_is_the_image_elsewhere_on_black(right, down):
    x = torch.rand(2, 1, 6, 7)
    moved = memorising.shifted(x, right, down)
    expected = torch.roll(x + 1, (down, right), (2, 3)) - 1
    rows, columns = torch.arange(6)[:, None], torch.arange(7)
    inside = (rows - down >= 0) & (rows - down < 6) & (columns - right >= 0) & (columns - right < 7)
    assert torch.allclose(moved, torch.where(inside, expected, -1.0), atol=1e-6)


def test_what_was_not_moved_is_found_again():
    x = embedded_digits().scaled()[:30]
    assert memorising.found_again(x[:10], x[:10], x[10:]) == 1
    assert memorising.found_again(x[:10], x[10:20], x[10:]) == 0


def test_copies_are_nearer_than_test_digits_and_samples_are_not():
    outcome = memorising.reproduce(memorising.QUICK, Training())
    assert outcome.numbers["median_distance_samples"] > outcome.numbers["median_distance_test"] > 0
    assert (
        outcome.numbers["found_again_moved_2_pixels_percent"] <= outcome.numbers["found_again_moved_1_pixels_percent"]
    )
