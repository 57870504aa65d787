"""Labels as one-hot, without looking at them on a GPU; and words for a wrong shape or label."""

import inspect

import pytest
import torch
from torch.nn.functional import one_hot as torch_one_hot

from course_lib.models import cgan, conditional_dcgan, dcgan, gan, semi_supervised
from course_lib.models.inputs import check_shape, one_hot

LABELS = torch.arange(3)
PAIRS = {
    "gan": (gan.Generator(hidden=(4,)), gan.Discriminator(hidden=(4,)), ()),
    "cgan": (cgan.Generator(6, 10, (4, 4), 5), cgan.Discriminator(hidden=(4, 4), joint=5), (LABELS,)),
    "tags": (cgan.TagGenerator(6, 7, 5, (4, 4)), cgan.TagDiscriminator(5, 7, (4, 4), 5), (torch.randn(3, 7),)),
    "dcgan": (dcgan.Generator(16, nf=2, hidden=(4,)), dcgan.Discriminator(16, nf=2, hidden=(4,)), ()),
    "conditional dcgan": (
        conditional_dcgan.Generator(units=4, nf=2),
        conditional_dcgan.Discriminator(nf=2, units=4),
        (LABELS,),
    ),
    "dense": (semi_supervised.DenseGenerator(hidden=(4,)), semi_supervised.DenseDiscriminator(hidden=(4,)), ()),
    "conv": (semi_supervised.ConvGenerator(width=2), semi_supervised.ConvDiscriminator(width=2), ()),
    "sgan": (dcgan.Generator(28, 1, 2, start=7), semi_supervised.SganDiscriminator(nf=2), ()),
}


def test_one_hot_is_pytorchs():
    y = torch.randint(7, (50,))
    torch.testing.assert_close(one_hot(y, 7), torch_one_hot(y, 7).float())


def test_one_hot_looks_at_no_label_that_is_not_on_the_cpu():
    """A tensor on "meta" has no values, so whatever would wait for one on a GPU fails here."""
    y = torch.empty(5, dtype=torch.long, device="meta")
    assert one_hot(y, 10).shape == (5, 10)
    with pytest.raises(RuntimeError, match="meta"):
        y.max().item()


@pytest.mark.parametrize("pair", PAIRS)
def test_no_network_looks_at_a_value_and_noise_is_made_where_the_weights_are(pair):
    """In every forward of every network, in training, on a device that has no values to look at."""
    generator, discriminator, given = PAIRS[pair]
    given = [told.to("meta") for told in given]
    z = generator.to("meta").noise(3)
    assert z.device.type == "meta"
    verdict = discriminator.to("meta")(generator(z, *given), *given)
    assert verdict.logits.shape == (3,) and verdict.logits.device.type == "meta"


@pytest.mark.parametrize("labels", [[0, 10], [-1, 3]])
def test_a_label_out_of_range_is_refused(labels):
    low, high = min(labels), max(labels)
    with pytest.raises(ValueError, match=f"y runs from {low} to {high}; this network knows the classes 0 to 9"):
        one_hot(torch.tensor(labels), 10)


def test_no_label_is_no_error():
    assert one_hot(torch.empty(0, dtype=torch.long), 10).shape == (0, 10)


def test_a_wrong_shape_is_refused_in_words():
    check_shape("x", torch.zeros(3, 1, 28, 28), 1, 28, 28)
    with pytest.raises(ValueError, match=r"x has shape \(3, 784\); this network wants \(batch, 1, 28, 28\)"):
        check_shape("x", torch.zeros(3, 784), 1, 28, 28)


@pytest.mark.parametrize("y", [torch.eye(3, 10), torch.eye(3, 10).long(), torch.tensor([1.0, 2.0])])
def test_labels_that_are_one_hot_already_or_fractions_are_refused(y):
    """Without the checks of the tests, which see it first."""
    with pytest.raises(ValueError, match=r"labels are whole numbers of shape \(batch,\)"):
        inspect.unwrap(one_hot)(y, 10)
