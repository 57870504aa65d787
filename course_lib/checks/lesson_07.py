"""Checks for lesson 07: nearest words, and the paper's vote."""

from collections.abc import Callable, Iterator, KeysView, Sequence

import torch
from torch import Tensor
from torch.nn.functional import normalize

from course_lib.checks.base import NotYet, as_tensor, check, untouched
from course_lib.checks.lesson_07_scores import precision_and_recall
from course_lib.checks.lesson_07_split import split_by_concept

__all__ = ["nearest_words", "precision_and_recall", "split_by_concept", "tags_by_vote"]


@check
def nearest_words(answer: Callable[[Tensor, int, int], Sequence[int]]) -> None:
    """Lesson 07, task 1: answer(vectors, place, k), vectors (word, dim), to the k places nearest by cosine, in order."""
    draw = torch.Generator().manual_seed(0)
    for words, dim, place, k in ((12, 3, 4, 6), (30, 5, 0, 5), (9, 2, 0, 8), (6, 3, 5, 1), (2, 2, 1, 1)):
        # Of very different lengths, one of them long enough to have the largest product with anything.
        lengths = torch.rand(words, 1, generator=draw, dtype=torch.float64) * 4 + 0.2
        lengths[(place + 1) % words] = 40
        vectors = normalize(torch.randn(words, dim, generator=draw, dtype=torch.float64), dim=1) * lengths
        if k == words - 1 > 1:  # all others are wanted, and the last is exactly opposite: its cosine is -1
            vectors[place], vectors[-1] = torch.tensor([2.0, 0.0]), torch.tensor([-3.0, 0.0])
        got = _places(answer(vectors, place, k), words)
        cosine = normalize(vectors, dim=1) @ normalize(vectors[place], dim=0)
        best = _ranked(cosine, place)[:k]
        if got == best:
            continue
        if got == [other - (other > place) for other in best]:
            raise NotYet(
                f"Expected {best}, got {got}. With word {place} taken out of the table, all behind it moved up: their "
                "places are one too low."
            )
        if got == [other + 1 for other in best]:
            raise NotYet(f"Expected {best}, got {got}. Places are counted from 0.")
        if place in got:
            raise NotYet(
                f"Word {place} is among its own neighbours. Nothing is nearer to a word than itself: skip it, or give it "
                "a cosine below -1, since -1 is that of an opposite word."
            )
        if len(got) != k:
            taken_off = f" Was the word itself taken off the {k}?" if len(got) == k - 1 else ""
            raise NotYet(f"{k} words were asked for, and {len(got)} came.{taken_off}")
        product = vectors @ vectors[place]
        mistakes = {
            "These are the words with the largest product. Long vectors win there: divide by both lengths.": product,
            "These are the nearest by distance, which depends on the vectors' lengths. Compare directions.": -(
                vectors - vectors[place]
            ).norm(dim=1),
            "The product was divided by the squared length. The length is its root.": product / vectors.square().sum(1),
            "These are the smallest cosines, the words furthest away. Which end did you sort from?": -cosine,
            "The sign of the cosine is lost: -1 is not near, it is the opposite direction.": cosine.abs(),
            "The vectors were divided along the wrong axis: each row is a word, and has to get length 1.": normalize(
                vectors, dim=0
            )
            @ normalize(vectors, dim=0)[place],
        }
        for sentence, score in mistakes.items():
            if got == _ranked(score, place)[:k]:
                raise NotYet(f"Expected {best}, got {got}. {sentence}")
        if set(got) == set(best):
            raise NotYet(f"Expected {best}, got {got}: the right words in another order. The nearest comes first.")
        raise NotYet(f"Expected {best}, got {got}. Is it the product of vectors brought to length 1, sorted downwards?")
    print("Right: the nearest by angle, the word itself left out, however long the vectors are.")


@check
def tags_by_vote(answer: Callable[[Tensor, Tensor, int, int], Sequence[int]]) -> None:
    """Lesson 07, task 2: answer(samples, vectors, nearest, keep) to the places of the words with most votes."""
    draw = torch.Generator().manual_seed(3)  # such that in the first case no mistake leads to another's words
    for words, dim, count, nearest, keep in (
        (40, 4, 50, 6, 4),
        (50, 3, 70, 5, 5),
        (60, 6, 80, 3, 3),
        (9, 3, 1, 4, 4),
        (8, 3, 5, 1, 1),
    ):
        vectors = torch.randn(words, dim, generator=draw, dtype=torch.float64)
        vectors *= torch.rand(words, 1, generator=draw, dtype=torch.float64) * 5 + 0.1
        centres = vectors[torch.tensor([0, 3, 7])].repeat(-(-count // 3), 1)[:count]
        samples = centres + torch.randn(count, dim, generator=draw, dtype=torch.float64)
        got = _places(untouched(answer, samples, vectors, nearest, keep), words)
        cosine = normalize(samples, dim=1) @ normalize(vectors, dim=1).T
        votes = _votes(cosine, nearest)
        most = votes.sort(descending=True).values[:keep].tolist()
        if len(set(got)) == len(got) == keep and votes[got].tolist() == most:
            continue  # right, whatever the order among words of equally many votes
        if got in (most, votes.tolist()):
            raise NotYet("These are the numbers of votes. Asked for are the words that got them, by their places.")
        if len(got) != len(set(got)):
            raise NotYet(f"A word comes twice in {got}. Count the votes of each word first, then take the largest.")
        if len(got) != keep:
            raise NotYet(f"{keep} words were to be kept, and {len(got)} came.")
        if got == cosine[0].topk(keep).indices.tolist():
            raise NotYet(
                f"These are the words nearest to the first sample. They have {votes[got].tolist()} votes, and the most "
                f"common words have {most}. (A `Counter` or a dict takes each tensor for another thing, even of the same "
                "number: count numbers, with `.tolist()`.)"
            )
        largest = cosine.topk(nearest, dim=1)
        mistakes = {
            "These words are nearest to the mean of the samples. The samples vote one by one.": normalize(
                vectors, dim=1
            )
            @ samples.mean(0),
            "These are the words with the largest sum of cosines. A word gets one vote from a sample, or none.": (
                cosine.sum(0)
            ),
            "The votes are weighed by their cosines. Each counts as one.": torch.zeros_like(cosine)
            .scatter(1, largest.indices, largest.values)
            .sum(0),
            f"Only the one nearest word of each sample has a vote here; it should be {nearest}.": _votes(cosine, 1),
            f"Each sample voted for {keep} words, those to keep; it should be {nearest}.": _votes(cosine, keep),
            f"Each sample voted for 20 words, as in the paper. Here `nearest` says how many: {nearest}.": _votes(
                cosine, min(20, words)
            ),
            "The nearest word of each sample was left out. A sample is no word of the table: all may be voted for.": (
                _votes(cosine, min(nearest + 1, words)) - _votes(cosine, 1)
            ),
            "The samples vote for words here. You searched the wrong dimension: each word voted for samples.": _votes(
                cosine.T, min(nearest, count)
            ),
            "The vectors were divided along the wrong axis: each row is one vector, and has to get length 1.": _votes(
                normalize(samples, dim=0) @ normalize(vectors, dim=0).T, nearest
            ),
            "The vote is by product and not by cosine: long vectors win. Divide by the words' lengths.": _votes(
                samples @ vectors.T, nearest
            ),
            "These have the fewest votes. Which end did you sort from?": -votes,
            "The neighbours are those furthest away: `topk` gives the largest, and a distance wants the smallest.": (
                _votes(-cosine, nearest)
            ),
            "The vote is by distance, which depends on the vectors' lengths. The paper compares cosines.": _votes(
                -torch.cdist(samples, vectors), nearest
            ),
        }
        for sentence, score in mistakes.items():
            if score[got].tolist() == score.sort(descending=True).values[:keep].tolist():
                raise NotYet(sentence)
        if sorted(votes[got].tolist(), reverse=True) == most:
            raise NotYet(f"The right words in another order: their votes are {votes[got].tolist()}. Most votes first.")
        raise NotYet(
            f"The words with most votes have {most} of them; yours have {votes[got].tolist()}. Take {nearest} words for "
            "each sample, and count."
        )
    print("Right: every sample votes for its nearest words, and the most common are kept.")


def _places(got, words: int) -> list[int]:
    """The answer as a list of places among `words` words, or NotYet saying what it is instead."""
    got = as_tensor(list(got) if isinstance(got, range | dict | Iterator | KeysView) else got)
    if got.ndim != 1:
        raise NotYet(f"Return one row of places; yours has shape {tuple(got.shape)}.")
    if not (got == got.round()).all():
        raise NotYet(
            f"Return the places of words, whole numbers from 0 to {words - 1}; got {[round(g, 2) for g in got.tolist()]}. "
            "Are these the cosines themselves?"
        )
    if not ((got >= 0) & (got < words)).all():
        raise NotYet(
            f"There are {words} words, at places 0 to {words - 1}; got {[int(place) for place in got.tolist()]}. Do you "
            "count from 0, and search along the dimension of the words?"
        )
    return [int(place) for place in got.tolist()]


def _ranked(score: Tensor, place: int) -> list[int]:
    """All places but one, the highest score first."""
    return [other for other in score.argsort(descending=True).tolist() if other != place]


def _votes(score: Tensor, nearest: int) -> Tensor:
    """For each word, of how many samples it is among the `nearest`. score: (sample, word)."""
    return score.topk(nearest, dim=1).indices.flatten().bincount(minlength=score.shape[1])
