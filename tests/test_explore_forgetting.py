"""Forgetting: boxes in pixels and in a layer's places, the maps that speak of what is in them, and what is left."""

import pytest
import torch
from torch import nn

from course_lib.data import load
from course_lib.explore.forgetting import Box, activations, holes, inside, weights_of_maps, without_maps


def test_a_box_marks_the_places_whose_middles_it_holds():
    marked = inside([Box(0, 0, 4, 8, 8), Box(1, 4, 0, 6, 28)], (3, 7, 7), 28)
    assert marked.sum((1, 2)).tolist() == [2, 0, 0]  # places are 4x4 pixels, with middles at 2, 6, ...; 6 is excluded
    assert marked[0, :2, 1].all()
    assert inside([Box(1, 4, 0, 7, 28)], (3, 7, 7), 28)[1, 1].all()


@pytest.mark.parametrize(
    "box", [Box(3, 0, 0, 4, 4), Box(-1, 0, 0, 4, 4), Box(0, 4, 0, 4, 4), Box(0, 0, 0, 29, 4), Box(0, 0, -1, 4, 4)]
)
def test_a_box_that_lies_nowhere_is_refused(box):
    with pytest.raises(ValueError, match="does not lie in one of 3 images"):
        inside([box], (3, 7, 7), 28)


class Drawer(nn.Module):
    """z to 4 maps of 7x7 and on to one image. Map 2 is bright in the left half where z[0] > 0."""

    def __init__(self):
        super().__init__()
        self.layer, self.last = nn.Identity(), nn.Upsample(scale_factor=4)

    def forward(self, z):
        maps = 0.1 * torch.randn(len(z), 4, 7, 7, generator=torch.Generator().manual_seed(0))
        maps[:, 2, :, :3] += (z[:, 0] > 0).float()[:, None, None]
        return self.last(self.layer(maps)[:, 2:3])


def test_the_map_that_draws_the_object_has_the_largest_weight_and_without_it_the_object_is_gone():
    torch.manual_seed(0)
    generator, z = Drawer(), torch.randn(40, 2)
    maps = activations(generator, generator.layer, z)
    boxes = [Box(i, 0, 0, 28, 12) for i in range(40) if z[i, 0] > 0]
    weights = weights_of_maps(maps, inside(boxes, (40, 7, 7), 28))
    assert weights.argmax() == 2 and weights[2] > 3 * weights[[0, 1, 3]].abs().max()
    full = generator(z)
    with without_maps(generator.layer, weights > weights.max() / 2):
        assert generator(z).abs().max() == 0
    assert torch.equal(generator(z), full)


def test_boxes_smaller_than_every_place_are_refused():
    with pytest.raises(ValueError, match="No place of the layer lies inside"):
        weights_of_maps(torch.zeros(1, 2, 7, 7), inside([Box(0, 0, 0, 1, 1)], (1, 7, 7), 28))


def test_holes_of_drawn_shapes():
    ring, two, open_, bar = -torch.ones(4, 1, 12, 12)
    ring[0, 2:8, 2:8] = 1
    ring[0, 4:6, 4:6] = -1
    two[0, 1:10, 2:8] = 1
    two[0, 2:4, 4:6] = two[0, 6:8, 4:6] = -1
    open_[0, 2:8, 2:8] = 1
    open_[0, 4:6, 4:12] = -1
    bar[0, 2:8, 5] = 1
    found = holes(torch.stack([ring, two, open_, bar]))
    assert [len(one) for one in found] == [1, 2, 0, 0]
    assert found[0] == [(slice(4, 6), slice(4, 6))]


def test_holes_of_real_digits_are_where_one_writes_them():
    digits = load("mnist")
    counts = torch.tensor([len(found) for found in holes(digits.scaled())]).float()
    mean = [counts[digits.y == digit].mean().item() for digit in range(10)]
    assert mean[8] > 1.5 and 0.8 < mean[0] < 1.2 and max(mean[1], mean[7]) < 0.1


def test_only_the_places_asked_about_are_compared():
    """Map 0 is bright wherever there is ink, map 1 in the boxes only. Among inked places map 0 says nothing."""
    marked, ink = torch.zeros(2, 30, 6, 6, dtype=torch.bool)
    marked[:, :3, :3], ink[:, :, :3] = True, True
    noise = 0.1 * torch.randn(30, 2, 6, 6, generator=torch.Generator().manual_seed(0))
    maps = torch.stack([ink, marked], 1).float() + noise
    everywhere, among = weights_of_maps(maps, marked), weights_of_maps(maps, marked, among=ink)
    assert everywhere[0] > 1 and among[0].abs() < 0.5 < among[1]


def test_short_weights_are_differences_of_means():
    torch.manual_seed(0)
    maps, marked = torch.randn(20, 5, 6, 6), torch.zeros(20, 6, 6, dtype=torch.bool)
    marked[:, :, :3] = True
    weights = weights_of_maps(maps, marked, C=1e-6)
    values = maps.permute(0, 2, 3, 1)
    difference = values[marked].mean(0) - values[~marked].mean(0)
    assert torch.allclose(weights / weights.norm(), difference / difference.norm(), atol=1e-2)
