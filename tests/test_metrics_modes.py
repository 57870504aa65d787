"""Counting modes: all of them, some of them, none of them, and strays that do not count."""

import pytest
import torch
from torch import nn

from course_lib.data import ring
from course_lib.metrics import classes_seen, modes_covered


def test_real_samples_cover_every_mode():
    found = modes_covered(ring().sample(2_000), ring())
    assert found.covered == 8
    assert found.good == pytest.approx(0.989, abs=0.01)  # a plane Gaussian has 1 - exp(-9/2) within 3 std
    assert found.counts.sum().item() == round(found.good * 2_000)


@pytest.mark.parametrize("kept", [1, 3, 7])
def test_samples_from_some_modes_cover_those(kept):
    target = ring()
    found = modes_covered(target.centres[:kept].repeat(100, 1), target)
    assert found.covered == kept and found.good == 1.0


def test_a_stray_point_does_not_cover_a_mode():
    target = ring()
    samples = torch.cat([target.centres[:1].repeat(799, 1), target.centres[1:2]])
    assert modes_covered(samples, target).covered == 1


def test_points_between_the_modes_are_not_good():
    found = modes_covered(torch.zeros(10, 2), ring())
    assert (found.covered, found.good) == (0, 0.0)


@pytest.mark.parametrize("shape", [(10,), (10, 3), (0, 2)])
def test_a_wrong_shape_is_refused(shape):
    with pytest.raises(Exception, match=r"\(n, 2\)|samples"):
        modes_covered(torch.zeros(shape), ring())


class Names(nn.Module):
    """A judge that reads the class off the first pixel."""

    def forward(self, x):
        return nn.functional.one_hot(x[:, 0, 0, 0].long(), 10).float()


@pytest.mark.parametrize(
    "counts, seen",
    [
        ([10] * 10, 10),
        ([100] + [0] * 9, 1),
        ([82, 2, 2, 2, 2, 2, 2, 2, 2, 2], 10),
        ([91, 1, 1, 1, 1, 1, 1, 1, 1, 1], 1),
    ],
)
def test_a_class_is_seen_with_a_fifth_of_its_share(counts, seen):
    """Of 100 images of ten classes: two or more."""
    x = torch.arange(10.0).repeat_interleave(torch.tensor(counts)).reshape(-1, 1, 1, 1)
    assert classes_seen(Names(), x) == seen


def test_of_no_images_no_class_is_seen_and_that_is_said():
    with pytest.raises(ValueError, match="no images"):
        classes_seen(Names(), torch.zeros(0, 1, 1, 1))
