"""The recorded boxes belong to the generator that ships: where they lie there is ink, mostly across."""

import torch

from course_lib.experiments.dcgan.shipped import shipped
from course_lib.experiments.lessons import bars
from course_lib.explore.forgetting import inside
from course_lib.metrics.passes import evaluating


def test_every_seven_has_a_box_with_ink_wider_than_high():
    generator, _ = shipped("digits")
    boxes, z = bars.boxes(), bars.latents()
    assert len(boxes) == len(z) == 52 and z.abs().max() <= 1
    assert [box.image for box in boxes] == list(range(52))
    with evaluating(generator):
        ink = (generator(z)[:, 0] > 0).float()
    marked = inside(boxes, (52, 28, 28), 28)
    assert (ink * marked).sum((1, 2)).min() > 10
    share = (ink * marked).sum((1, 2)) / ink.sum((1, 2))
    assert 0.3 < share.mean() < 0.6 and share.min() > 0.2  # a bar is a good third of a 7, and never all of it
    across = torch.tensor([box.right - box.left > box.bottom - box.top for box in boxes])
    assert across.float().mean() > 0.9
