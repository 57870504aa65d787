"""Check for lesson 07: precision and recall at k."""

from collections.abc import Callable, Sequence

import torch

from course_lib.checks.base import NotYet, as_tensor, check, close, untouched


@check
def precision_and_recall(answer: Callable[[Sequence[str], Sequence[str], int], tuple[float, float]]) -> None:
    """Lesson 07, task 3: answer(ranked, right, k), for one picture, to its precision and its recall at k."""
    for ranked, right, k in (
        # The last of the first k is right, and so is one behind them; the true tags are in no order.
        (
            ["cat", "dog", "sofa", "ear", "paw", "pet", "sea", "lamp"],
            ["fur", "pet", "tail", "ear", "cat", "dog", "paw"],
            5,
        ),
        (["sea", "sky", "sun", "sand", "salt"], ["sky", "sea"], 5),  # fewer true tags than k
        (["car", "road"], ["road", "car", "bus"], 10),  # fewer predicted than k
        (["moon", "star", "sun"], ["sunset"], 3),
        (["moon", "star"], ["star", "moon", "sky"], 1),
        (["a", "b", "c"], ["c"], 3),
    ):
        got = as_tensor(untouched(answer, ranked, right, k))
        if got.shape != (2,):
            raise NotYet(f"Return two numbers, precision and recall; yours has shape {tuple(got.shape)}.")
        hits, anywhere = len(set(ranked[:k]) & set(right)), len(set(ranked) & set(right))
        but_one, in_cut = len(set(ranked[: k - 1]) & set(right)), len(set(ranked[:k]) & set(right[:k]))
        in_place = sum(a == b for a, b in zip(ranked[:k], right, strict=False))

        def shares(hits: int, k: int = k, true: int = len(right)) -> tuple[float, float]:
            return hits / k, hits / true

        best, told = shares(hits), f"{hits} of the first {k} are right, of {len(right)} true tags"
        mistakes = {
            "Precision and recall are exchanged.": best[::-1],
            "Words beyond the first k are counted, too. At k means: only the first k.": shares(anywhere),
            "The number of right words is divided by the length of the list, not by k.": shares(hits, len(ranked[:k])),
            "The whole list is counted, and divided by its length. At k means: only the first k.": shares(
                anywhere, len(ranked)
            ),
            "Precision is divided by the number of true tags where that is below k. That is another measure, in which "
            "every picture can reach 1; here k stays k.": shares(hits, min(k, len(right))),
            "Recall is divided by k where there are more true tags than k. It is a share of all of them.": shares(
                hits, true=min(k, len(right))
            ),
            "These are counts. Divide by what they are a share of.": (hits, hits),
            "One of the first k words is left out. They are ranked[:k], from place 0 to place k - 1.": shares(but_one),
            "The true tags were cut to k, too. They have no order, and all of them count.": shares(in_cut),
            "The lists are compared place by place. The true tags have no order: a word is right wherever it stands.": (
                shares(in_place)
            ),
            "These are rounded. Leave that to whoever prints them.": [round(number, 2) for number in best],
            "These are percentages. A share is in [0, 1].": [100 * number for number in best],
            "Recall is divided by all words in either list. It is a share of the true tags alone.": shares(
                hits, true=len(set(ranked[:k]) | set(right))
            ),
        }
        if close(got, torch.tensor(best)):
            continue
        for sentence, mistaken in mistakes.items():
            if close(got, torch.tensor(mistaken)):
                raise NotYet(f"{told}: expected {best[0]:.2f} and {best[1]:.2f}. {sentence}")
        raise NotYet(
            f"{told}: expected precision {best[0]:.3f} and recall {best[1]:.3f}; got {got[0]:.3f} and {got[1]:.3f}."
        )
    print("Right: a share of k, and a share of the true tags, however many there are.")
