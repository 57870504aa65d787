"""Labelled subsets: balanced, repeatable, nested, and refused where they cannot be."""

import pytest
import torch

from course_lib.data import Images, labelled_subset, labels_per_class


def labels(n=200, classes=5):
    return torch.randint(classes, (n,), generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("per_class", [1, 4, 20])
def test_every_class_is_there_equally_often_and_no_example_twice(per_class):
    y = labels()
    chosen = labelled_subset(y, per_class)
    assert y[chosen].bincount().tolist() == [per_class] * 5
    assert len(chosen.unique()) == len(chosen)


def test_it_is_the_first_of_each_class_in_a_permutation():
    """The released code's rule, written out as a walk along the permutation."""
    y, taken = labels(), {label: [] for label in range(5)}
    for index in torch.randperm(len(y), generator=torch.Generator().manual_seed(7)).tolist():
        if len(taken[y[index].item()]) < 3:
            taken[y[index].item()].append(index)
    assert labelled_subset(y, 3, seed=7).tolist() == [index for label in range(5) for index in taken[label]]


def test_with_one_seed_a_smaller_subset_is_part_of_a_larger():
    y = labels()
    small, large = (set(labelled_subset(y, per_class, seed=1).tolist()) for per_class in (2, 10))
    assert small < large


def test_the_seed_alone_decides():
    y, drawn = labels(), []
    for global_seed in (1, 2):
        torch.manual_seed(global_seed)
        drawn.append(labelled_subset(y, 3, seed=5))
    assert torch.equal(*drawn)
    assert not torch.equal(drawn[0], labelled_subset(y, 3, seed=6))


def test_examples_of_unknown_class_are_never_chosen():
    y = labels()
    y[::2] = -1
    assert (y[labelled_subset(y, 5)] >= 0).all()


def test_of_images():
    x = torch.arange(200, dtype=torch.uint8)[:, None, None, None]
    images = Images(x, labels(), ("a", "b", "c", "d", "e"), "made up")
    chosen = images.labelled(per_class=3, seed=2)
    assert chosen.y.tolist() == sorted([*range(5)] * 3) and chosen.classes == images.classes
    assert torch.equal(chosen.x, images.x[labelled_subset(images.y, 3, seed=2)])


@pytest.mark.parametrize(
    "y, per_class, words",
    [
        ([0, 0, 1], 0, "per_class is 0"),
        ([0, 0, 1], -3, "per_class is -3"),
        ([0, 0, 1], 2, "Class '1' has 1 examples; 2 of each"),
        ([0, 0, 2, 2], 1, "Class '1' has 0 examples; 1 of each"),
        ([-1, -1], 1, "No example has a known class"),
        ([], 1, "No example has a known class"),
    ],
)
def test_what_cannot_be_is_refused(y, per_class, words):
    with pytest.raises(ValueError, match=words):
        labelled_subset(torch.tensor(y, dtype=torch.long), per_class)


def test_a_class_is_called_by_its_name():
    images = Images(torch.zeros(2, 1, 4, 4, dtype=torch.uint8), torch.tensor([0, 0]), ("cat", "dog"), "pets")
    with pytest.raises(ValueError, match="Class 'dog' has 0 examples; 1 of each class were asked for"):
        images.labelled(1)


def test_fewer_names_than_labels_are_refused():
    with pytest.raises(ValueError, match="labels up to 1, but only 1 classes: cat"):
        labelled_subset(torch.tensor([0, 1]), 1, classes=["cat"])


@pytest.mark.parametrize("total, classes, each", [(100, 10, 10), (10, 10, 1), (20, 10, 2), (6, 2, 3)])
def test_a_total_is_shared_among_the_classes(total, classes, each):
    assert labels_per_class(total, classes) == each


@pytest.mark.parametrize(
    "total, words", [(25, "such as 20 or 30"), (5, "such as 10"), (0, "such as 10"), (-10, "such as 10")]
)
def test_a_total_that_cannot_be_shared_is_refused_with_one_that_can(total, words):
    with pytest.raises(ValueError, match=f"^{total} labels cannot be shared equally by 10 classes.*{words}"):
        labels_per_class(total, 10)
