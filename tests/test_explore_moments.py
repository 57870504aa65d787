"""Moments of images: slants of strokes drawn at a known angle, and NumPy's weighted covariance as witness."""

import numpy as np
import pytest
import torch

from course_lib.explore import ink, slant


def stroke(lean: float, thick: float = 1.5, size: int = 41) -> torch.Tensor:
    """A white stroke through the middle of a black image, leaning `lean` pixels to the right for each pixel up."""
    row, column = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    up, right = size // 2 - row, column - size // 2
    near = (right - lean * up).abs() <= thick
    return torch.where(near & (up.abs() < 12), 1.0, -1.0)[None, None]


@pytest.mark.parametrize("lean", [-1.0, -0.5, 0.0, 0.3, 1.0])
def test_the_slant_of_a_stroke_is_how_far_it_leans(lean):
    assert slant(stroke(lean)).item() == pytest.approx(lean, abs=0.03)


def test_the_slant_is_that_of_numpys_weighted_covariance():
    x = torch.rand(5, 3, 9, 12, generator=torch.Generator().manual_seed(0)) * 2 - 1
    rows, columns = np.mgrid[:9, :12]
    for image, found in zip(x, slant(x), strict=True):
        weights = ((image + 1) / 2).mean(0).flatten().double().numpy()
        covariance = np.cov(np.stack([rows.ravel(), columns.ravel()]), aweights=weights, ddof=0)
        assert found.item() == pytest.approx(-covariance[0, 1] / covariance[0, 0], rel=1e-4)


def test_place_brightness_and_batch_change_nothing_and_a_mirror_turns_the_sign():
    x = stroke(0.4)
    moved = x.roll((3, -2), (2, 3))
    dimmer = (x + 1) * 0.3 - 1
    assert slant(torch.cat([x, moved, dimmer, x.flip(3), x.flip(2)])).tolist() == pytest.approx(
        [0.4, 0.4, 0.4, -0.4, -0.4], abs=0.03
    )


def test_without_ink_or_in_a_single_row_there_is_no_slant():
    flat = torch.full((1, 1, 5, 5), -1.0)
    flat[..., 2, 1:4] = 1
    assert slant(torch.cat([torch.full((1, 1, 5, 5), -1.0), flat])).tolist() == [0, 0]


def test_ink_is_the_share_of_white():
    x = torch.full((2, 1, 4, 4), -1.0)
    x[1, 0, :2] = 1
    assert ink(x).tolist() == [0, 0.5]
