"""Checks for lesson 07: nearest words, the paper's vote, precision and recall at k, a split by concept."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.functional import normalize

from course_lib.checks.base import NotYet, as_tensor, check, close


@check
def nearest_words(answer: Callable[[Tensor, int, int], Sequence[int]]) -> None:
    """Lesson 07, task 1: answer(vectors, place, k), vectors (word, dim), to the k places nearest by cosine, in order."""
    draw = torch.Generator().manual_seed(0)
    for words, dim, place, k in ((12, 3, 4, 3), (30, 5, 0, 5), (9, 2, 8, 8)):
        # Of very different lengths, one of them long enough to have the largest product with anything.
        lengths = torch.rand(words, 1, generator=draw, dtype=torch.float64) * 4 + 0.2
        lengths[(place + 1) % words] = 40
        vectors = normalize(torch.randn(words, dim, generator=draw, dtype=torch.float64), dim=1) * lengths
        got = _places(answer(given := vectors.clone(), place, k), words)
        if not torch.equal(given, vectors):
            raise NotYet("Your function changed the vectors it was given. Work on copies: others still need them.")
        if place in got:
            raise NotYet(f"Word {place} is among its own neighbours. Nothing is nearer to a word than itself: skip it.")
        if len(got) != k:
            raise NotYet(f"{k} words were asked for, and {len(got)} came. Was the word itself taken off the {k}?")
        cosine = normalize(vectors, dim=1) @ normalize(vectors[place], dim=0)
        best = _ranked(cosine, place)[:k]
        product = vectors @ vectors[place]
        mistakes = {
            "These are the words with the largest product. Long vectors win there: divide by both lengths.": product,
            "These are the nearest by distance, which depends on the vectors' lengths. Compare directions.": -(
                vectors - vectors[place]
            ).norm(dim=1),
            "These are the smallest cosines, the words furthest away. Which end did you sort from?": -cosine,
            "The sign of the cosine is lost: -1 is not near, it is the opposite direction.": cosine.abs(),
            "The vectors were divided along the wrong axis: each row is a word, and has to get length 1.": normalize(
                vectors, dim=0
            )
            @ normalize(vectors, dim=0)[place],
        }
        if got == best:
            continue
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
    draw = torch.Generator().manual_seed(0)
    for words, dim, count, nearest, keep in ((40, 4, 50, 6, 4), (25, 3, 30, 5, 5), (60, 6, 80, 3, 3)):
        vectors = torch.randn(words, dim, generator=draw, dtype=torch.float64)
        vectors *= torch.rand(words, 1, generator=draw, dtype=torch.float64) * 5 + 0.1
        centres = vectors[torch.tensor([0, 3, 7])].repeat(-(-count // 3), 1)[:count]
        samples = centres + torch.randn(count, dim, generator=draw, dtype=torch.float64)
        got = _places(answer(samples.clone(), vectors.clone(), nearest, keep), words)
        if len(got) != len(set(got)):
            raise NotYet(f"A word comes twice in {got}. Count the votes of each word first, then take the largest.")
        if len(got) != keep:
            raise NotYet(f"{keep} words were to be kept, and {len(got)} came.")
        cosine = normalize(samples, dim=1) @ normalize(vectors, dim=1).T
        votes = _votes(cosine, nearest)
        if votes[got].tolist() == votes.sort(descending=True).values[:keep].tolist():
            continue  # right, whatever the order among words of equally many votes
        mistakes = {
            "These words are nearest to the mean of the samples. The samples vote one by one.": normalize(
                vectors, dim=1
            )
            @ samples.mean(0),
            "These are the words with the largest sum of cosines. A word gets one vote from a sample, or none.": (
                cosine.sum(0)
            ),
            f"Only the one nearest word of each sample has a vote here; it should be {nearest}.": _votes(cosine, 1),
            f"Each sample voted for {keep} words, those to keep; it should be {nearest}.": _votes(cosine, keep),
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
                raise NotYet(f"{sentence}")
        if sorted(votes[got].tolist()) == sorted(votes.sort(descending=True).values[:keep].tolist()):
            raise NotYet(f"The right words in another order: their votes are {votes[got].tolist()}. Most votes first.")
        raise NotYet(
            f"The words with most votes have {votes.sort(descending=True).values[:keep].tolist()} of them; yours "
            f"have {votes[got].tolist()}. Take {nearest} words for each sample, and count."
        )
    print("Right: every sample votes for its nearest words, and the most common are kept.")


@check
def precision_and_recall(answer: Callable[[Sequence[str], Sequence[str], int], tuple[float, float]]) -> None:
    """Lesson 07, task 3: answer(ranked, right, k), for one picture, to its precision and its recall at k."""
    for ranked, right, k in (
        (["cat", "sofa", "dog", "sea", "pet"], ["dog", "cat", "pet", "fur", "tail", "paw"], 4),
        (["sea", "sky", "sun", "sand", "salt"], ["sky", "sea"], 5),  # fewer true tags than k
        (["car", "road"], ["road", "car", "bus"], 10),  # fewer predicted than k
        (["moon", "star", "sun"], ["sea"], 3),
    ):
        got = answer(list(ranked), list(right), k)
        if got is None:
            raise NotYet("Your function returned nothing. Is there a `return`?")
        got = as_tensor(got)
        if got.shape != (2,):
            raise NotYet(f"Return two numbers, precision and recall; yours has shape {tuple(got.shape)}.")
        hits, anywhere = len(set(ranked[:k]) & set(right)), len(set(ranked) & set(right))
        best = (hits / k, hits / len(right))
        told = f"{hits} of the first {k} are right, of {len(right)} true tags"
        mistakes = {
            "Precision and recall are exchanged.": best[::-1],
            "Words beyond the first k are counted, too. At k means: only the first k.": (
                anywhere / k,
                anywhere / len(right),
            ),
            "The number of right words is divided by the length of the list, not by k.": (
                hits / len(ranked[:k]),
                hits / len(right),
            ),
            "The whole list is counted, and divided by its length. At k means: only the first k.": (
                anywhere / len(ranked),
                anywhere / len(right),
            ),
            "Precision is divided by the number of true tags where that is below k. That is another measure, in which "
            "every picture can reach 1; here k stays k.": (hits / min(k, len(right)), hits / len(right)),
            "Recall is divided by k where there are more true tags than k. It is a share of all of them.": (
                hits / k,
                hits / min(k, len(right)),
            ),
            "These are counts. Divide by what they are a share of.": (hits, hits),
            "Recall is divided by all words in either list. It is a share of the true tags alone.": (
                hits / k,
                hits / len(set(ranked[:k]) | set(right)),
            ),
        }
        if close(got, torch.tensor(best)):
            continue
        for sentence, mistaken in mistakes.items():
            if close(got, torch.tensor(mistaken)):
                raise NotYet(f"{told}: expected {best[0]:.2f} and {best[1]:.2f}. {sentence}")
        raise NotYet(
            f"{told}: expected precision {best[0]:.2f} and recall {best[1]:.2f}; got {got[0]:.2f} and {got[1]:.2f}."
        )
    print("Right: a share of k, and a share of the true tags, however many there are.")


@check
def split_by_concept(answer: Callable[[Tensor, float, int], Tensor]) -> None:
    """Lesson 07, task 4: answer(concept, share, seed), concept (picture,), to (picture,) True where it is for testing."""
    for share in (0.2, 0.5):
        # Neither sorted nor without gaps, and some concepts have many more pictures than others.
        sizes = torch.arange(20) % 4 + 1
        sizes[3] = 60
        concept = (torch.arange(20) * 7 + 5).repeat_interleave(sizes)
        concept = concept[torch.randperm(len(concept), generator=torch.Generator().manual_seed(1))]
        state = torch.get_rng_state()
        drawn = [_mask(answer(concept.clone(), share, seed), concept) for seed in range(40)]
        again = _mask(answer(concept.clone(), share, 0), concept)
        moved = not torch.equal(state, torch.get_rng_state())
        torch.set_rng_state(state)
        for test in drawn:
            both = set(concept[test].tolist()) & set(concept[~test].tolist())
            if both:
                raise NotYet(
                    f"{len(both)} concepts have pictures on both sides, such as number {min(both)}. Draw concepts, not "
                    "pictures, and give all pictures of a concept to one side."
                )
        if not torch.equal(drawn[0], again):
            raise NotYet("Seed 0, asked twice, gave two different splits. Draw with a generator made from the seed.")
        if all(torch.equal(drawn[0], other) for other in drawn[1:]):
            raise NotYet("Forty seeds gave one and the same split. It should be drawn at random, by the seed.")
        for test in drawn:
            number = len(concept[test].unique())
            wanted = round(share * 20)
            if number == 20 - wanted != wanted:
                raise NotYet("True marks the training pictures here. It should mark those for testing.")
            if number != wanted:
                raise NotYet(
                    f"share {share} of 20 concepts are {wanted} for testing; yours has {number}. It is a share of the "
                    "concepts, and exactly so many: neither of the pictures nor with each concept tossing a coin."
                )
        for end in (concept.min(), concept.max()):
            # By chance this happens to a right answer once in thousands at share 0.2, so it is asked at 0.5 alone.
            if share == 0.5 and not any(test[concept == end].any() for test in drawn):
                raise NotYet(f"Concept {end} is in the test part of none of forty seeds. Draw from all concepts.")
        if moved:
            raise NotYet(
                "Your function moved the global random state, so that whatever is drawn afterwards changes with it. "
                "Use a torch.Generator of your own."
            )
    print("Right: whole concepts, drawn by the seed, and nothing that a test picture shows has been trained on.")


def _places(got, words: int) -> list[int]:
    """The answer as a list of places among `words` words, or NotYet saying what it is instead."""
    got = as_tensor(list(got) if isinstance(got, range | map | dict) else got)
    if got.ndim != 1:
        raise NotYet(f"Return one row of places; yours has shape {tuple(got.shape)}.")
    if not ((got == got.round()) & (got >= 0) & (got < words)).all():
        raise NotYet(
            f"Return the places of words, whole numbers from 0 to {words - 1}; got {[round(g, 2) for g in got.tolist()]}. "
            "Are these the cosines themselves?"
        )
    return [int(place) for place in got.tolist()]


def _ranked(score: Tensor, place: int) -> list[int]:
    """All places but one, the highest score first."""
    return [other for other in score.argsort(descending=True).tolist() if other != place]


def _votes(score: Tensor, nearest: int) -> Tensor:
    """For each word, of how many samples it is among the `nearest`. score: (sample, word)."""
    return score.topk(nearest, dim=1).indices.flatten().bincount(minlength=score.shape[1])


def _mask(got, concept: Tensor) -> Tensor:
    """The answer as a (picture,) tensor of booleans, or NotYet saying what it is instead."""
    if got is None:
        raise NotYet("Your function returned nothing. Is there a `return`?")
    got = torch.as_tensor(got)
    if got.shape != concept.shape:
        raise NotYet(
            f"Return True or False for each of the {len(concept)} pictures; yours has shape {tuple(got.shape)}. "
            "Are these places, or one answer for each concept?"
        )
    if not ((got == 0) | (got == 1)).all():
        raise NotYet("Return True or False for each picture; other numbers came. Are these places?")
    return got.bool()
