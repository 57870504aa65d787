"""Tags: the paper's evaluation against scikit-learn's neighbours, precision and recall against its scores."""

from collections import Counter

import pytest
import torch
from sklearn.metrics import precision_score, recall_score
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import MultiLabelBinarizer

from course_lib.metrics import most_common_of_nearest, precision_at_k, recall_at_k


def by_scikit_learn(generated, words, nearest, keep):
    neighbours = NearestNeighbors(n_neighbors=nearest, metric="cosine").fit(words.numpy())
    found = []
    for samples in generated:
        counts = Counter(neighbours.kneighbors(samples.numpy(), return_distance=False).flatten().tolist())
        found.append(sorted(counts, key=lambda word: (-counts[word], word))[:keep])
    return found


def test_it_is_the_papers_evaluation():
    """Vectors of very different lengths, which only a cosine leaves out of account."""
    words = torch.randn(300, 16) * torch.rand(300, 1) * 10
    generated = torch.randn(3, 1, 16) + 0.5 * torch.randn(3, 100, 16)
    got = most_common_of_nearest(generated, words)
    assert got.shape == (3, 10)
    assert got.tolist() == by_scikit_learn(generated, words, 20, 10)


def test_a_neighbour_by_euclidean_distance_is_not_taken_for_one_by_angle():
    words = torch.tensor([[0.0, 1.0], [100.0, 1.0]])
    assert most_common_of_nearest(torch.tensor([[[2.0, 0.0]]]), words, nearest=1, keep=1).tolist() == [[1]]


def test_the_most_common_comes_first_and_of_equals_the_lower_row():
    """Three samples at word 2, one at each of 0, 1 and 3: the nearest alone is asked."""
    words = torch.eye(4)
    generated = words[[3, 2, 1, 2, 0, 2]][None]
    assert most_common_of_nearest(generated, words, nearest=1, keep=1).tolist() == [[2]]
    pairs = torch.tensor([[1.0, 0.9, 0.0, 0.0], [0.0, 0.0, 1.0, 0.9]])[None]
    assert most_common_of_nearest(pairs, words, nearest=2, keep=2).tolist() == [[0, 1]]


def test_samples_that_agree_leave_the_choice_to_the_order_of_the_words():
    """All of the nearest have every vote then, and the ones kept are not the nearest of them."""
    angle = torch.arange(8) * 0.1
    words = torch.stack([angle.cos(), angle.sin()], 1)
    generated = words[[6]].repeat(50, 1)[None]
    assert most_common_of_nearest(generated, words, nearest=4, keep=2).tolist() == [[4, 5]]
    assert most_common_of_nearest(generated, words, nearest=2, keep=2).tolist() in ([[5, 6]], [[6, 7]])


def test_images_do_not_share_their_counts():
    words = torch.eye(3)
    generated = torch.stack([words[[0, 0, 1]], words[[2, 2, 2]]])
    assert most_common_of_nearest(generated, words, nearest=1, keep=1).tolist() == [[0], [2]]


@pytest.mark.parametrize("nearest, keep", [(4, 1), (2, 3), (2, 0)])
def test_numbers_that_the_vocabulary_cannot_give_are_refused(nearest, keep):
    with pytest.raises(ValueError, match=f"keep is {keep} of the {nearest} nearest of 3 words"):
        most_common_of_nearest(torch.ones(1, 2, 3), torch.eye(3), nearest=nearest, keep=keep)


def test_a_vector_without_direction_is_refused_by_name():
    with pytest.raises(ValueError, match="generated holds a vector that is zero"):
        most_common_of_nearest(torch.zeros(1, 2, 3), torch.eye(3), nearest=1, keep=1)
    with pytest.raises(ValueError, match="word_vectors holds a vector"):
        most_common_of_nearest(torch.ones(1, 2, 3), torch.eye(3) * torch.nan, nearest=1, keep=1)


# Precision and recall -------------------------------------------------------------------------------------------

PREDICTED = [["cat", "sofa", "dog"], ["sea", "sky", "sun"], ["car", "road", "sky"]]
HELD_OUT = [["dog", "cat", "pet", "fur"], ["moon"], ["sky"]]


@pytest.mark.parametrize("k", [1, 2, 3])
def test_precision_and_recall_are_scikit_learns_over_samples(k):
    binary = MultiLabelBinarizer().fit(PREDICTED + HELD_OUT)
    right, named = binary.transform(HELD_OUT), binary.transform([tags[:k] for tags in PREDICTED])
    assert precision_at_k(PREDICTED, HELD_OUT, k) == pytest.approx(precision_score(right, named, average="samples"))
    assert recall_at_k(PREDICTED, HELD_OUT, k) == pytest.approx(recall_score(right, named, average="samples"))


def test_naming_few_tags_does_not_raise_precision():
    assert precision_at_k([["cat"]], [["cat", "dog"]], k=10) == 0.1
    assert recall_at_k([["cat"]], [["cat", "dog"]], k=10) == 0.5


def test_only_the_order_across_the_cut_matters():
    assert precision_at_k([["a", "b", "c"]], [["a"]], 2) == precision_at_k([["b", "a", "c"]], [["a"]], 2) == 0.5
    assert precision_at_k([["b", "c", "a"]], [["a"]], 2) == 0.0


def test_rows_of_word_vectors_will_do_for_tags():
    rows = most_common_of_nearest(torch.eye(4)[:2, None], torch.eye(4), nearest=1, keep=1).tolist()
    assert precision_at_k(rows, [{0, 3}, {2}], k=1) == 0.5


@pytest.mark.parametrize("measure", [precision_at_k, recall_at_k])
@pytest.mark.parametrize(
    "predicted, held_out, k, words",
    [
        ([["a"]], [["a"]], 0, "k = 0"),
        ([["a"]], [["a"], ["b"]], 1, "1 lists of predicted tags and 2"),
        ([], [], 1, "0 lists"),
        ([["a", "a"]], [["a"]], 2, "image 0 repeat one"),
        ([["a"], ["b"]], [["a"], []], 1, "Image 1 has no held-out tags"),
    ],
)
def test_lists_that_do_not_fit_are_refused(measure, predicted, held_out, k, words):
    with pytest.raises(ValueError, match=words):
        measure(predicted, held_out, k)
