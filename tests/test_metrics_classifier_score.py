"""The classifier score against the formula in NumPy, and what it must leave alone."""

import math

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from torch import nn
from torchmetrics.image.inception import InceptionScore

from course_lib.metrics import classifier_accuracy, classifier_score


class Reads(nn.Module):
    """A classifier whose logits are the image's own numbers, behind a dropout that only training sees."""

    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        return self.dropout(x.flatten(1))


def logits_as_images(n=60, classes=5, scale=3.0):
    return scale * torch.randn(n, 1, 1, classes)


def by_formula(images, splits, seed):
    """exp of the mean KL(p(y|x) || p(y)) of each split, as one writes it in NumPy."""
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    log_p = log_softmax(images[order].flatten(1).double().numpy(), axis=1)
    scores = []
    for part in np.split(log_p, splits):
        log_mean = np.log(np.exp(part).mean(0))
        scores.append(np.exp((np.exp(part) * (part - log_mean)).sum(1).mean()))
    return np.array(scores)


@pytest.mark.parametrize("splits, seed", [(2, 0), (10, 0), (10, 3)])
def test_it_is_the_formula(splits, seed):
    images = logits_as_images()
    oracle = by_formula(images, splits, seed)
    found = classifier_score(Reads(), images, splits=splits, seed=seed, batch_size=7)
    assert found.mean == pytest.approx(oracle.mean())
    assert found.std == pytest.approx(oracle.std(ddof=0))
    assert found.std_ddof1 == pytest.approx(oracle.std(ddof=1))
    assert (found.n, found.splits, found.classifier) == (60, splits, "Reads")


def test_images_all_alike_score_one():
    found = classifier_score(Reads(), logits_as_images(1).repeat(20, 1, 1, 1), splits=2)
    assert (found.mean, found.std) == (pytest.approx(1), pytest.approx(0, abs=1e-9))


def test_certain_and_varied_images_score_near_the_number_of_classes():
    certain = torch.full((5, 5), -1_000.0).fill_diagonal_(1_000.0)
    images = certain.repeat(400, 1)[:, None, None]
    found = classifier_score(Reads(), images, splits=2)
    assert found.mean == pytest.approx(by_formula(images.clamp(-100, 100), 2, 0).mean())
    assert 4.95 < found.mean <= 5


def test_a_class_that_never_comes_makes_no_nan():
    """Logits of a sure classifier, straight into torchmetrics: a probability underflows, and 0 log 0 is NaN."""
    images = torch.tensor([[0.0, -1_000.0], [0.0, -900.0]]).repeat(10, 1)[:, None, None]
    assert classifier_score(Reads(), images, splits=2).mean == pytest.approx(1)
    with pytest.warns(UserWarning, match="save all extracted features"):
        bare = InceptionScore(nn.Flatten(), splits=2)
    bare.update(images)
    assert math.isnan(bare.compute()[0])


def test_the_global_random_state_is_neither_used_nor_moved():
    images, found = logits_as_images(), []
    for seed in (1, 2):
        torch.manual_seed(seed)
        np.random.seed(seed)
        before = torch.get_rng_state(), np.random.get_state()[1].copy()
        found.append(classifier_score(Reads(), images))
        assert torch.equal(torch.get_rng_state(), before[0])
        np.testing.assert_array_equal(np.random.get_state()[1], before[1])
    assert found[0] == found[1]
    assert classifier_score(Reads(), images, seed=1).mean != found[0].mean  # the shuffle is the seed's


def test_the_classifier_is_asked_in_evaluation_mode_and_left_as_it_was():
    classifier = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(5), nn.Dropout(0.5))
    classifier.train()
    classifier[1].eval()
    state = {name: value.clone() for name, value in classifier.state_dict().items()}
    images = logits_as_images()
    first = classifier_score(classifier, images)
    assert first == classifier_score(classifier, images)
    assert [layer.training for layer in classifier] == [True, False, True]
    for name, value in classifier.state_dict().items():
        assert torch.equal(value, state[name])


def test_the_names_of_a_record_carry_their_protocol_and_claim_no_inception():
    record = classifier_score(Reads(), logits_as_images(2_000)).record()
    assert set(record) == {"classifier_score_2k", "classifier_score_2k_std_ddof0", "classifier_score_2k_splits"}
    assert not any("inception" in name or name.startswith("is_") for name in record)


@pytest.mark.parametrize("n, splits", [(60, 7), (60, 1), (0, 2), (5, 10)])
def test_images_that_do_not_fall_into_equal_splits_are_refused(n, splits):
    with pytest.raises(ValueError, match=f"{n} images do not fall into {splits} equal splits"):
        classifier_score(Reads(), logits_as_images(n), splits=splits)


def test_a_classifier_that_gives_no_numbers_is_refused():
    with pytest.raises(ValueError, match="3 values not finite"):
        classifier_score(Reads(), torch.tensor([[math.nan, -1.0]] * 3 + [[0.0, -1.0]])[:, None, None], splits=2)


def test_images_from_zero_to_one_bring_a_warning():
    """Trap: a sigmoid generator's images before a classifier of [-1, 1]."""
    with pytest.warns(UserWarning, match=r"No pixel of images is below 0.*2 \* x - 1"):
        classifier_score(Reads(), torch.rand(20, 1, 1, 5), splits=2)


def test_accuracy_is_the_share_named_rightly_in_evaluation_mode():
    images = logits_as_images(40)
    y = images.flatten(1).argmax(1)
    y[:10] = (y[:10] + 1) % 5
    assert classifier_accuracy(Reads().train(), images, y, batch_size=7) == 0.75
