"""The 1-NN test against scikit-learn, exact copies, and who labels whom."""

import sys

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from course_lib.metrics import nearest, nearest_neighbour_error


@pytest.fixture(scope="module")
def digits():
    found = load_digits()
    return torch.from_numpy(found.images).float()[:, None] / 16, torch.from_numpy(found.target).long()


def test_it_is_scikit_learns_nearest_neighbour(digits):
    x, y = digits
    oracle = KNeighborsClassifier(1, algorithm="brute").fit(x[:900].flatten(1), y[:900])
    found = nearest_neighbour_error(x[:900], y[:900], x[900:], y[900:])
    assert found.error == pytest.approx(1 - oracle.score(x[900:].flatten(1), y[900:]))
    assert 0 < found.error < 0.1
    assert (found.n_samples, found.n_test) == (900, 897)


@pytest.mark.parametrize("block", [1, 5_000, 2**23])
def test_index_and_distance_are_scikit_learns_for_any_block(digits, block, monkeypatch):
    monkeypatch.setattr(sys.modules["course_lib.metrics.nearest_neighbour"], "BLOCK", block)
    queries, data = digits[0][:40], digits[0][40:400]
    distance, index = (
        NearestNeighbors(n_neighbors=1).fit(data.flatten(1).double()).kneighbors(queries.flatten(1).double())
    )
    found = nearest(queries, data)
    np.testing.assert_array_equal(found.index.numpy(), index[:, 0])
    np.testing.assert_allclose(found.distance.numpy(), distance[:, 0])


def test_a_memorised_image_is_found_at_exactly_no_distance():
    """The matrix product alone rounds: to it a copy seems a little way off, or at the root of a negative number."""
    train = torch.rand(500, 1, 28, 28)
    copies = train[[7, 3, 499]]
    found = nearest(copies, train)
    assert found.index.tolist() == [7, 3, 499]
    assert found.distance.tolist() == [0.0, 0.0, 0.0]
    flat = train.flatten(1)
    by_product = (2 * flat.square().sum(1) - 2 * (flat @ flat.T).diagonal())[[7, 3, 499]]
    assert by_product.abs().max() > 0


def test_bytes_may_be_compared_with_bytes():
    data = torch.tensor([[0, 255], [10, 10]], dtype=torch.uint8)
    found = nearest(torch.tensor([[12, 10]], dtype=torch.uint8), data)
    assert (found.index.item(), found.distance.item()) == (1, 2.0)


def test_samples_label_real_images_and_not_the_other_way_round():
    """Two real classes, but samples of one: half of the images are labelled wrongly. In the other direction none."""
    x, y = torch.tensor([[0.0], [1.0]]), torch.tensor([0, 1])
    samples, labels = torch.tensor([[0.0], [0.1]]), torch.tensor([0, 0])
    assert nearest_neighbour_error(samples, labels, x, y).error == 0.5
    assert nearest_neighbour_error(x, y, samples, labels).error == 0.0


def test_samples_with_permuted_labels_are_no_better_than_chance(digits):
    x, y = digits
    found = nearest_neighbour_error(x[:900], y[:900][torch.randperm(900)], x[900:], y[900:])
    assert found.error == pytest.approx(0.9, abs=0.06)


def test_the_name_of_a_record_carries_the_number_of_samples():
    found = nearest_neighbour_error(
        torch.rand(2_000, 2), torch.zeros(2_000).long(), torch.rand(3, 2), torch.ones(3).long()
    )
    assert found.record() == {"nearest_neighbour_error_2k": 1.0}


@pytest.mark.parametrize("queries, data", [((0, 4), (3, 4)), ((3, 4), (0, 4)), ((3, 4), (3, 5))])
def test_what_cannot_be_compared_is_refused(queries, data):
    with pytest.raises(ValueError, match="cannot be compared"):
        nearest(torch.rand(queries), torch.rand(data))


def test_values_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="data has values that are not finite"):
        nearest(torch.rand(2, 2), torch.tensor([[torch.nan, 1.0]]))


def test_bytes_against_floats_are_refused():
    with pytest.raises(ValueError, match="torch.uint8.*same units"):
        nearest(torch.zeros(2, 2, dtype=torch.uint8), torch.rand(2, 2))


def test_samples_in_another_range_than_the_images_bring_a_warning(digits):
    """Trap: a sigmoid generator's samples against images for a tanh one."""
    x, y = digits
    with pytest.warns(UserWarning, match=r"lowest pixel is 0 in the samples and -1 in the real images"):
        nearest_neighbour_error(x[:50], y[:50], 2 * x[50:90] - 1, y[50:90])


def test_labels_of_another_number_are_refused():
    with pytest.raises(Exception, match="2 samples with 3 labels|sample_labels"):
        nearest_neighbour_error(torch.rand(2, 2), torch.zeros(3).long(), torch.rand(2, 2), torch.zeros(2).long())
