"""Checks for lesson 11: precision and recall of the duplicates that equal hashes find."""

from collections.abc import Callable

from torch import Tensor

from course_lib.checks.base import NotYet, as_tensor, check, close, compare, two_numbers

# Hashes and the place of each image's original; an original has its own place.
HEAPS = (
    # Images 0 to 3, then copies of 0, 0, 1, 2. Found: 4. Too many: 1 with 2. Not found: 5, and 6 beside another image.
    ([7, 8, 8, 9, 7, 5, 9, 8], [0, 1, 2, 3, 0, 0, 1, 2]),
    # All alike: of five, two are copies.
    ([1, 1, 1, 1, 1], [0, 1, 2, 0, 1]),
    # Nothing alike: nothing removed, and no copy found.
    ([1, 2, 3, 4, 5], [0, 1, 2, 0, 1]),
    # Two copies alike, and unlike their original.
    ([3, 4, 6, 6, 6], [0, 1, 0, 0, 1]),
    # Perfect; copies stand before their originals, too.
    ([2, 5, 2, 5, 8, 2], [2, 3, 2, 3, 4, 2]),
    # Three of one, one found twice over.
    ([4, 4, 4, 0, 1, 1], [0, 0, 0, 3, 4, 0]),
    ([6, 6], [0, 0]),
    # The one removed should have stayed.
    ([5, 5, 2], [0, 1, 0]),
)


@check
def duplicate_scores(answer: Callable[[list[bytes], list[int]], tuple[float, float]]) -> None:
    """Lesson 11, task 5: answer(hashes, original) to (precision of what is removed, recall of the copies)."""
    wanted = "Return two numbers: (precision, recall)."
    for numbers, original in HEAPS:
        # Longer than a byte, and equal in all but the last one.
        hashes = [bytes([0, 200, number]) for number in numbers]
        precision, recall = two_numbers(answer(hashes, list(original)), wanted)
        if (precision.numel(), recall.numel()) != (1, 1):
            raise NotYet(wanted)
        _compare_scores(precision.reshape(()), recall.reshape(()), numbers, original)
    print("Right: of the removed those with an original among the kept, of the copies those found.")


def _compare_scores(precision: Tensor, recall: Tensor, numbers: list[int], original: list[int]) -> None:
    places = range(len(numbers))
    groups = [[i for i in places if numbers[i] == number] for number in sorted(set(numbers))]
    removed = sum(len(group) - 1 for group in groups)
    wrong = sum(len({original[i] for i in group}) - 1 for group in groups)
    copies = [i for i in places if original[i] != i]
    found = sum(numbers[i] == numbers[original[i]] for i in copies)
    with_other = sum(
        any(numbers[i] == numbers[j] and original[i] == original[j] for j in places if j != i) for i in copies
    )
    pairs = [(i, j) for i in places for j in range(i) if numbers[i] == numbers[j]]
    true_pairs = [(i, j) for i in places for j in range(i) if original[i] == original[j]]
    right_pairs = [pair for pair in pairs if pair in true_pairs]
    right = as_tensor((removed - wrong) / removed if removed else 1.0)
    told = f"Hashes {numbers}, originals {original}: the"
    if close(precision, as_tensor(found / len(copies))) and close(recall, right) and not close(right, precision):
        raise NotYet("The two are in the wrong order: first precision, then recall.")
    n = len(numbers)
    wrong_precisions = {
        "Nothing is removed, so nothing is removed wrongly: 1.": as_tensor(0.0) if not removed else (),
        "This is the share that was removed wrongly.": as_tensor(wrong / max(1, removed)),
        "Divide by the number of images removed, which is one less than the size of each group.": (
            as_tensor((removed - wrong) / n),
            as_tensor((removed - wrong) / max(1, sum(len(group) for group in groups if len(group) > 1))),
        ),
        "This counts pairs. Of a group all but one are removed.": as_tensor(len(right_pairs) / max(1, len(pairs))),
        "This divides by the copies planted, which is recall's business.": as_tensor((removed - wrong) / len(copies)),
        "A removed image is right if another image of the same original is in its group, wherever the original is.": (
            as_tensor(found / max(1, removed))
        ),
        "Each group with two originals was counted as one error.": as_tensor(
            1 - sum(len({original[i] for i in group}) > 1 for group in groups) / max(1, removed)
        ),
        "In percent? Give a share between 0 and 1.": 100 * right,
    }
    wrong_recalls = {
        "This is the share of copies missed.": as_tensor(1 - found / len(copies)),
        "An original is no copy: count only images whose original is another one.": as_tensor(
            (found + n - len(copies)) / n
        ),
        "Divide by the number of copies.": (as_tensor(found / n), as_tensor(found / max(1, removed))),
        "A copy is found if its hash is its original's, not that of another copy.": as_tensor(with_other / len(copies)),
        "This counts pairs. Count copies.": as_tensor(len(right_pairs) / max(1, len(true_pairs))),
        "This counts removed images, of which some are not copies.": (
            as_tensor(removed / len(copies)),
            as_tensor((removed - wrong) / len(copies)),
        ),
    }
    compare(
        precision, right, wrong_precisions, f"{told} precision:", "Of those removed, how many have their like kept?"
    )
    asked = "Of the copies, how many have the hash of their original?"
    compare(recall, as_tensor(found / len(copies)), wrong_recalls, f"{told} recall:", asked)
