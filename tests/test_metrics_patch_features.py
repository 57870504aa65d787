"""Features by k-means on patches: their number, what they see, and what they forgive."""

import pytest
import torch

from course_lib.data import embedded_digits
from course_lib.metrics import linear_probe
from course_lib.metrics.patch_features import PatchFeatures


@pytest.fixture(scope="module")
def fitted() -> PatchFeatures:
    return PatchFeatures(embedded_digits().scaled()[:500], centroids=16, n_patches=4_000)


def test_there_are_as_many_as_centroids_times_places_and_none_is_below_0(fitted):
    features = fitted(embedded_digits("test").scaled()[:450])
    assert features.shape == (450, 16 * 16) and features.min() == 0 and torch.isfinite(features).all()


def test_an_image_has_its_features_whatever_its_batch_mates(fitted):
    x = embedded_digits("test").scaled()[:210]
    assert torch.allclose(fitted(x)[205:], fitted(x[205:]), atol=1e-5)  # rounding of another batch


def test_contrast_and_brightness_of_a_patch_do_not_matter(fitted):
    x = embedded_digits("test").scaled()[:20]
    patches, paler = (fitted._patches(one) for one in (x, 0.5 * x + 0.2))
    strong = patches.var(1) > 0.98  # where there is a stroke
    assert strong.any() and torch.allclose(
        patches.transpose(1, 2)[strong], paler.transpose(1, 2)[strong], rtol=0.08, atol=0.03
    )


def test_patches_are_white_once_whitened(fitted):
    x = embedded_digits().scaled()[:100]
    white = (fitted._patches(x).transpose(1, 2).flatten(0, 1) - fitted.mean) @ fitted.whiten
    spread = torch.linalg.eigvalsh(white.T.cov())
    assert spread.max() < 1.3  # 1 for strong directions, below for those of noise
    assert torch.allclose(fitted.whiten, fitted.whiten.T, atol=1e-3)  # turned back


def test_few_of_them_already_beat_pixels_where_labels_are_few(fitted):
    train, test = embedded_digits().labelled(10), embedded_digits("test")
    rows = [[see(part.scaled()) for part in (train, test)] for see in (fitted, lambda x: x.flatten(1))]
    scores = [
        linear_probe((few, train.y), (many, test.y), (many, test.y), Cs=[C]).accuracy
        for (few, many), C in zip(rows, (1.0, 0.01), strict=True)
    ]
    assert scores[0] > scores[1]


def test_the_seed_decides_and_the_global_random_numbers_are_left_alone():
    x, state = embedded_digits().scaled()[:100], torch.get_rng_state()
    first, again, other = (PatchFeatures(x, centroids=5, n_patches=500, seed=seed)(x[:9]) for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.allclose(first, other)
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("wrong", [{"centroids": 0}, {"side": 29}, {"n_patches": 10}])
def test_what_cannot_be_found_is_refused(wrong):
    with pytest.raises(ValueError, match="cannot be found in images of 28x28"):
        PatchFeatures(torch.zeros(3, 1, 28, 28), **wrong)
