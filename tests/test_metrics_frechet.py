"""The Frechet classifier distance against SciPy's matrix square root, and the properties of a distance."""

import numpy as np
import pytest
import scipy.linalg
import torch
from torch import nn

from course_lib.metrics import frechet_classifier_distance


class Reads(nn.Module):
    """A classifier whose features are the image's own numbers, behind a dropout that only training sees."""

    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.5)

    def features(self, x):
        return self.dropout(x.flatten(1))


def features_as_images(n, seed, dims=6, shift=0.0):
    generator = torch.Generator().manual_seed(seed)
    mixed = torch.randn(n, dims, generator=generator) @ torch.randn(dims, dims, generator=generator)
    return (mixed + shift)[:, None, None]


def by_scipy(real, fake):
    real, fake = (images.flatten(1).double().numpy() for images in (real, fake))
    m, n = real.mean(0), fake.mean(0)
    s, t = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    return ((m - n) ** 2).sum() + np.trace(s + t - 2 * scipy.linalg.sqrtm(s @ t).real)


@pytest.mark.parametrize("shift", [0.0, 2.0, -1_000.0])
def test_it_is_the_formula_with_scipys_root(shift):
    """Far from the origin too, where sums of squares in float32 would have lost the covariance."""
    real, fake = features_as_images(200, 1, shift=shift), features_as_images(150, 2, shift=shift)
    found = frechet_classifier_distance(Reads(), real, fake, batch_size=64)
    assert found.distance == pytest.approx(by_scipy(real, fake), rel=1e-6)
    assert (found.n_real, found.n_fake, found.features, found.classifier) == (200, 150, 6, "Reads")


def test_equal_sets_are_at_no_distance_in_any_order():
    """To rounding: roots of eigenvalues, in float64, turn its 2e-16 into at most the root of it, 1.5e-8, each."""
    real = features_as_images(100, 1)
    assert frechet_classifier_distance(Reads(), real, real.flip(0)).distance == pytest.approx(0, abs=1e-6)


def test_it_is_symmetric():
    real, fake = features_as_images(100, 1), features_as_images(100, 2)
    there, back = (frechet_classifier_distance(Reads(), *pair).distance for pair in ((real, fake), (fake, real)))
    assert there == pytest.approx(back)


def test_a_shift_adds_its_square():
    real = features_as_images(100, 1)
    found = frechet_classifier_distance(Reads(), real, real + 0.5)
    assert found.distance == pytest.approx(6 * 0.25, rel=1e-5)


def test_collapse_onto_one_image_is_far_off():
    """The mean alone would not see it: the collapsed images lie exactly there."""
    real = features_as_images(100, 1)
    collapsed = real.mean(0, keepdim=True).repeat(100, 1, 1, 1)
    spread = real.flatten(1).var(0).sum().item()
    assert frechet_classifier_distance(Reads(), real, collapsed).distance == pytest.approx(spread, rel=1e-4)


def test_fewer_images_than_features_give_a_finite_number():
    found = frechet_classifier_distance(Reads(), features_as_images(4, 1), features_as_images(3, 2))
    assert np.isfinite(found.distance) and found.distance > 0


def test_it_is_biased_upwards_by_few_images():
    everything = features_as_images(4_000, 1)
    few, many = everything[::80], everything[::2]
    distance = [frechet_classifier_distance(Reads(), everything[1::2], part).distance for part in (few, many)]
    assert distance[0] > 5 * distance[1]


def test_the_classifier_is_asked_in_evaluation_mode_and_left_as_it_was():
    classifier = Reads().train()
    real, fake = features_as_images(50, 1), features_as_images(50, 2)
    assert frechet_classifier_distance(classifier, real, fake).distance == pytest.approx(by_scipy(real, fake))
    assert classifier.dropout.training


def test_the_names_of_a_record_carry_their_protocol_and_claim_no_inception():
    record = frechet_classifier_distance(Reads(), features_as_images(300, 1), features_as_images(1_000, 2)).record()
    assert set(record) == {"frechet_classifier_distance_1k", "frechet_classifier_distance_1k_n_real"}
    assert not any("inception" in name or "fid" in name for name in record)


def test_one_image_has_no_covariance():
    with pytest.raises(ValueError, match="got 5 real and 1 generated"):
        frechet_classifier_distance(Reads(), features_as_images(5, 1), features_as_images(1, 2))


def test_features_that_are_not_finite_are_refused_by_name():
    bad = features_as_images(5, 2)
    bad[0] = torch.nan
    bad[1] = -1
    with pytest.raises(ValueError, match="features of `fake`"):
        frechet_classifier_distance(Reads(), features_as_images(5, 1), bad)


def test_images_from_zero_to_one_bring_a_warning():
    with pytest.warns(UserWarning, match="No pixel of fake is below 0"):
        frechet_classifier_distance(Reads(), features_as_images(9, 1), torch.rand(9, 1, 1, 6))
