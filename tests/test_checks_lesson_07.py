"""The checks of lesson 07: right answers however written, and wrong ones with the message that names the mistake."""

import random
from collections import Counter

import numpy as np
import torch
from judged import judge_answers, judge_manners
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.model_selection import GroupShuffleSplit
from torch.nn.functional import normalize

from course_lib import checks

ALL = [checks.nearest_words, checks.tags_by_vote, checks.precision_and_recall, checks.split_by_concept]


# Task 1 -----------------------------------------------------------------------------------------------------


def ranked(score, place, k):
    score = score.clone()
    score[place] = -torch.inf
    return score.topk(k).indices


def near(vectors, place, k):
    return ranked(normalize(vectors, dim=1) @ normalize(vectors[place], dim=0), place, k)


def near_by_scikit_learn(vectors, place, k):
    order = np.argsort(-cosine_similarity(vectors.numpy())[place])
    return order[order != place][:k]


def near_with_loop(vectors, place, k):
    rows = vectors.tolist()

    def cosine(a, b):
        return sum(x * y for x, y in zip(a, b, strict=True)) / (sum(x * x for x in a) * sum(y * y for y in b)) ** 0.5

    others = [other for other in range(len(rows)) if other != place]
    return sorted(others, key=lambda other: -cosine(rows[other], rows[place]))[:k]


def near_by_one_more(vectors, place, k):
    cosine = torch.cosine_similarity(vectors, vectors[place][None])
    return cosine.topk(k + 1).indices[1:]


def near_in_place(vectors, place, k):
    vectors /= vectors.norm(dim=1, keepdim=True)
    return ranked(vectors @ vectors[place], place, k)


# Task 2 -----------------------------------------------------------------------------------------------------


def votes_of(score, nearest):
    return score.topk(nearest, dim=1).indices.flatten().bincount(minlength=score.shape[1])


def cosines(samples, vectors):
    return normalize(samples, dim=1) @ normalize(vectors, dim=1).T


def vote(samples, vectors, nearest, keep):
    return votes_of(cosines(samples, vectors), nearest).topk(keep).indices


def vote_with_counter(samples, vectors, nearest, keep):
    cosine = cosine_similarity(samples.numpy(), vectors.numpy())
    counted = Counter(int(word) for row in cosine for word in np.argsort(row)[-nearest:])
    return [word for word, _ in counted.most_common(keep)]


def vote_with_other_ties(samples, vectors, nearest, keep):
    count = votes_of(cosines(samples, vectors), nearest).numpy()
    return np.lexsort((-np.arange(len(count)), -count))[:keep].copy()


# Task 3 -----------------------------------------------------------------------------------------------------


def both(ranked, right, k):
    hits = len(set(ranked[:k]) & set(right))
    return hits / k, hits / len(right)


def both_with_loop(ranked, right, k):
    hits = 0
    for place, word in enumerate(ranked):
        if place < k and word in right:
            hits += 1
    return [hits / k, hits / len(right)]


def both_as_tensor(ranked, right, k):
    return torch.tensor([word in right for word in ranked[:k]]).sum() / torch.tensor([k, len(right)])


def hits_of(ranked, right, k):
    return len(set(ranked[:k]) & set(right))


# Task 4 -----------------------------------------------------------------------------------------------------


def concepts_drawn(concept, share, seed):
    different = concept.unique()
    order = torch.randperm(len(different), generator=torch.Generator().manual_seed(seed))
    return different[order[: round(share * len(different))]]


def split(concept, share, seed):
    return torch.isin(concept, concepts_drawn(concept, share, seed))


def split_with_random(concept, share, seed):
    different = sorted(set(concept.tolist()))
    drawn = set(random.Random(seed).sample(different, round(share * len(different))))
    return [number in drawn for number in concept.tolist()]


def split_by_scikit_learn(concept, share, seed):
    [(_, test)] = GroupShuffleSplit(1, test_size=share, random_state=seed).split(concept, groups=concept.numpy())
    mask = np.zeros(len(concept), bool)
    mask[test] = True
    return mask


def split_by_picture(concept, share, seed):
    order = torch.randperm(len(concept), generator=torch.Generator().manual_seed(seed))
    return torch.isin(torch.arange(len(concept)), order[: round(share * len(concept))])


def split_without_seed(concept, share, seed):
    return split(concept, share, int(torch.randint(1_000_000, ())))


def split_with_global_seed(concept, share, seed):
    torch.manual_seed(seed)
    different = concept.unique()
    return torch.isin(concept, different[torch.randperm(len(different))[: round(share * len(different))]])


def split_by_coin(concept, share, seed):
    different = concept.unique()
    coin = torch.rand(len(different), generator=torch.Generator().manual_seed(seed)) < share
    return torch.isin(concept, different[coin])


def split_of_the_first(concept, share, seed):
    different = concept.unique()
    return torch.isin(concept, different[: round(share * len(different))])


def split_never_the_last(concept, share, seed):
    different = concept.unique()
    order = torch.randperm(len(different) - 1, generator=torch.Generator().manual_seed(seed))
    return torch.isin(concept, different[order[: round(share * len(different))]])


def near_turned(vectors, place, k):
    """A view that is turned round: PyTorch takes no such array."""
    score = cosine_similarity(vectors.numpy())[place]
    score[place] = -2
    return np.argsort(score)[::-1][:k]


def near_with_own_cosine(value):
    def answer(vectors, place, k):
        score = cosines(vectors, vectors)[place]
        score[place] = value
        return score.topk(k).indices

    return answer


def near_in_shorter_table(vectors, place, k):
    others = torch.cat([vectors[:place], vectors[place + 1 :]])
    return cosines(vectors[place][None], others)[0].topk(k).indices


def vote_turned(samples, vectors, nearest, keep):
    return np.argsort(votes_of(cosines(samples, vectors), nearest).numpy())[::-1][:keep]


def vote_in_place(samples, vectors, nearest, keep):
    vectors /= vectors.norm(dim=1, keepdim=True)
    return votes_of(samples @ vectors.T, nearest).topk(keep).indices


def vote_with_counter_of_tensors(samples, vectors, nearest, keep):
    counted = Counter(word for row in cosines(samples, vectors) for word in row.topk(nearest).indices)
    return [word for word, _ in counted.most_common(keep)]


def vote_weighed(samples, vectors, nearest, keep):
    cosine = cosines(samples, vectors)
    largest = cosine.topk(nearest, dim=1)
    return torch.zeros_like(cosine).scatter(1, largest.indices, largest.values).sum(0).topk(keep).indices


def shares_of(hits, right, k):
    return hits / k, hits / len(right)


def both_in_place(ranked, right, k):
    del ranked[k:]
    return both(ranked, right, k)


def split_of_length(length):
    def answer(concept, share, seed):
        different = concept.unique()
        order = torch.randperm(len(different), generator=torch.Generator().manual_seed(seed))
        return torch.isin(concept, different[order[: length(share, len(different))]])

    return answer


def split_with_global_random(concept, share, seed):
    random.seed(seed)
    different = sorted(set(concept.tolist()))
    return torch.isin(concept, torch.tensor(random.sample(different, round(share * len(different)))))


def split_with_global_numpy(concept, share, seed):
    np.random.seed(seed)
    different = concept.unique().numpy()
    return np.isin(concept.numpy(), np.random.choice(different, round(share * len(different)), replace=False))


def split_by_shuffled_pictures(concept, share, seed):
    order = torch.randperm(len(concept), generator=torch.Generator().manual_seed(seed))
    met = list(dict.fromkeys(concept[order].tolist()))
    return torch.isin(concept, torch.tensor(met[: round(share * len(met))]))


def split_among_places(concept, share, seed):
    number = len(concept.unique())
    order = torch.randperm(number, generator=torch.Generator().manual_seed(seed))
    return torch.isin(concept, order[: round(share * number)])


def split_every_so_many(concept, share, seed):
    return concept % round(1 / share) == seed % round(1 / share)


def split_in_place(concept, share, seed):
    test = split(concept, share, seed)
    concept[test] = -1
    return test


RIGHT = [
    (checks.nearest_words, near),
    (checks.nearest_words, near_by_scikit_learn),
    (checks.nearest_words, near_with_loop),
    (checks.nearest_words, near_by_one_more),
    (checks.tags_by_vote, vote),
    (checks.tags_by_vote, vote_with_counter),
    (checks.tags_by_vote, vote_with_other_ties),
    (checks.precision_and_recall, both),
    (checks.precision_and_recall, both_with_loop),
    (checks.precision_and_recall, both_as_tensor),
    (checks.split_by_concept, split),
    (checks.split_by_concept, split_with_random),
    (checks.split_by_concept, split_by_scikit_learn),
    (checks.nearest_words, near_turned),
    (checks.nearest_words, lambda v, p, k: (int(place) for place in near(v, p, k))),
    (checks.tags_by_vote, vote_turned),
    (checks.precision_and_recall, lambda a, r, k: np.array(both(a, r, k))),
    (checks.split_by_concept, split_of_length(lambda share, n: int(share * n + 0.5))),
]

WRONG = [
    # Task 1
    (checks.nearest_words, lambda v, p, k: ranked(v @ v[p], p, k), "largest product"),
    (checks.nearest_words, lambda v, p, k: ranked(v @ normalize(v[p], dim=0), p, k), "largest product"),
    (checks.nearest_words, lambda v, p, k: ranked(-cosines(v, v)[p], p, k), "smallest cosines"),
    (checks.nearest_words, lambda v, p, k: cosines(v, v)[p].topk(k).indices, "among its own neighbours"),
    (checks.nearest_words, lambda v, p, k: cosines(v, v)[p].topk(k).indices[1:], "taken off"),
    (checks.nearest_words, lambda v, p, k: ranked(-torch.cdist(v, v)[p], p, k), "by distance"),
    (checks.nearest_words, lambda v, p, k: ranked(cosines(v, v)[p].abs(), p, k), "sign of the cosine"),
    (checks.nearest_words, lambda v, p, k: near(v, p, k).flip(0), "in another order"),
    (checks.nearest_words, lambda v, p, k: cosines(v, v)[p].sort().values[-k - 1 : -1], "cosines themselves"),
    (
        checks.nearest_words,
        lambda v, p, k: ranked(normalize(v, dim=0) @ normalize(v, dim=0)[p], p, k),
        "wrong axis",
    ),
    (checks.nearest_words, near_in_place, "changed what it was given"),
    (checks.nearest_words, lambda v, p, k: [other for other in range(len(v)) if other != p][:k], "sorted downwards"),
    (checks.nearest_words, lambda v, p, k: cosines(v, v).topk(k).indices, "one row of places"),
    # Task 2
    (
        checks.tags_by_vote,
        lambda s, v, n, k: cosines(s.mean(0, keepdim=True), v)[0].topk(k).indices,
        "mean of the samples",
    ),
    (checks.tags_by_vote, lambda s, v, n, k: cosines(s, v).sum(0).topk(k).indices, "sum of cosines"),
    (checks.tags_by_vote, lambda s, v, n, k: votes_of(cosines(s, v), 1).topk(k).indices, "Only the one nearest"),
    (checks.tags_by_vote, lambda s, v, n, k: votes_of(cosines(s, v), k).topk(k).indices, "those to keep"),
    (checks.tags_by_vote, lambda s, v, n, k: votes_of(s @ v.T, n).topk(k).indices, "by product"),
    (checks.tags_by_vote, lambda s, v, n, k: votes_of(cosines(s, v), n).argsort()[:k], "fewest votes"),
    (checks.tags_by_vote, lambda s, v, n, k: votes_of(-cosines(s, v), n).topk(k).indices, "furthest away"),
    (checks.tags_by_vote, lambda s, v, n, k: votes_of(-torch.cdist(s, v), n).topk(k).indices, "by distance"),
    (checks.tags_by_vote, lambda s, v, n, k: vote(s, v, n, k).flip(0), "Most votes first"),
    (checks.tags_by_vote, lambda s, v, n, k: cosines(s, v).topk(n).indices.flatten()[:k], "comes twice|have"),
    (checks.tags_by_vote, lambda s, v, n, k: vote(s, v, n, n + 1), "were to be kept"),
    (checks.tags_by_vote, lambda s, v, n, k: list(range(k)), "Take .* words for each sample"),
    (checks.tags_by_vote, lambda s, v, n, k: votes_of(cosines(s, v), n).topk(k), "should return numbers|one row"),
    # Task 3
    (checks.precision_and_recall, lambda a, r, k: both(a, r, k)[::-1], "exchanged"),
    (checks.precision_and_recall, lambda a, r, k: both(a, r, len(a)), "divided by its length"),
    (
        checks.precision_and_recall,
        lambda a, r, k: (len(set(a) & set(r)) / k, len(set(a) & set(r)) / len(r)),
        "beyond the first k",
    ),
    (
        checks.precision_and_recall,
        lambda a, r, k: (hits_of(a, r, k) / len(a[:k]), both(a, r, k)[1]),
        "length of the list, not by k",
    ),
    (
        checks.precision_and_recall,
        lambda a, r, k: (hits_of(a, r, k) / min(k, len(r)), both(a, r, k)[1]),
        "another measure",
    ),
    (
        checks.precision_and_recall,
        lambda a, r, k: (both(a, r, k)[0], hits_of(a, r, k) / min(k, len(r))),
        "a share of all of them",
    ),
    (checks.precision_and_recall, lambda a, r, k: (hits_of(a, r, k), hits_of(a, r, k)), "counts"),
    (
        checks.precision_and_recall,
        lambda a, r, k: (both(a, r, k)[0], hits_of(a, r, k) / len(set(a[:k]) | set(r))),
        "true tags alone",
    ),
    (checks.precision_and_recall, lambda a, r, k: (0.5, 0.5), "expected precision|expected"),
    (checks.precision_and_recall, lambda a, r, k: both(a, r, k)[0], "two numbers"),
    # Task 4
    (checks.split_by_concept, split_by_picture, "Draw concepts, not pictures"),
    (checks.split_by_concept, split_without_seed, "two different splits"),
    (checks.split_by_concept, split_of_the_first, "one and the same split"),
    (checks.split_by_concept, lambda c, share, seed: ~split(c, share, seed), "marks the training pictures"),
    (checks.split_by_concept, split_by_coin, "exactly so many"),
    (checks.split_by_concept, split_with_global_seed, "global random state"),
    (checks.split_by_concept, split_never_the_last, "none of forty seeds"),
    (checks.split_by_concept, lambda c, share, seed: split(c, share, seed).nonzero().flatten(), "each of the"),
    (checks.split_by_concept, lambda c, share, seed: concepts_drawn(c, share, seed), "one answer for each concept"),
    (checks.split_by_concept, lambda c, share, seed: c * split(c, share, seed), "other numbers came"),
    # Task 1
    (checks.nearest_words, near_with_own_cosine(0.0), "below -1"),
    (checks.nearest_words, near_with_own_cosine(-1.0), "below -1"),
    (checks.nearest_words, near_in_shorter_table, "one too low"),
    (checks.nearest_words, lambda v, p, k: near(v, p, k) + 1, "count from 0"),
    (checks.nearest_words, lambda v, p, k: ranked(v @ v[p] / v.square().sum(1), p, k), "squared length"),
    (checks.nearest_words, lambda v, p, k: near(v, p, k).repeat(2), r"words were asked for, and 12 came\.$"),
    # Task 2
    (checks.tags_by_vote, vote_in_place, "changed what it was given"),
    (checks.tags_by_vote, vote_with_counter_of_tensors, "first sample"),
    (checks.tags_by_vote, vote_weighed, "weighed by their cosines"),
    (checks.tags_by_vote, lambda s, v, n, k: votes_of(cosines(s, v), n).topk(k).values, "numbers of votes"),
    (checks.tags_by_vote, lambda s, v, n, k: votes_of(cosines(s, v), n), "numbers of votes"),
    (checks.tags_by_vote, lambda s, v, n, k: votes_of(cosines(s, v).T, n).topk(k).indices, "dimension of the words"),
    (checks.tags_by_vote, lambda s, v, n, k: votes_of(cosines(s, v), 20).topk(k).indices, "as in the paper"),
    (
        checks.tags_by_vote,
        lambda s, v, n, k: (votes_of(cosines(s, v), n + 1) - votes_of(cosines(s, v), 1)).topk(k).indices,
        "was left out",
    ),
    (
        checks.tags_by_vote,
        lambda s, v, n, k: votes_of(normalize(s, dim=0) @ normalize(v, dim=0).T, n).topk(k).indices,
        "wrong axis",
    ),
    # Task 3
    (checks.precision_and_recall, lambda a, r, k: shares_of(len(set(a[: k - 1]) & set(r)), r, k), "is left out"),
    (checks.precision_and_recall, lambda a, r, k: shares_of(len(set(a[1:k]) & set(r)), r, k), "is left out"),
    (checks.precision_and_recall, lambda a, r, k: shares_of(len(set(a[-k:]) & set(r)), r, k), "expected"),
    (checks.precision_and_recall, lambda a, r, k: shares_of(len(set(a[:k]) & set(r[:k])), r, k), "cut to k, too"),
    (
        checks.precision_and_recall,
        lambda a, r, k: shares_of(sum(x == y for x, y in zip(a[:k], r, strict=False)), r, k),
        "place by place",
    ),
    (checks.precision_and_recall, lambda a, r, k: shares_of(sum(w in " ".join(r) for w in a[:k]), r, k), "0.333"),
    (checks.precision_and_recall, lambda a, r, k: [round(n, 2) for n in both(a, r, k)], "rounded"),
    (checks.precision_and_recall, lambda a, r, k: [100 * n for n in both(a, r, k)], "percentages"),
    (checks.precision_and_recall, both_in_place, "changed what it was given"),
    # Task 4
    (checks.split_by_concept, split_with_global_random, "global random state"),
    (checks.split_by_concept, split_with_global_numpy, "global random state"),
    (checks.split_by_concept, split_of_length(lambda share, n: int(share * n)), "nearest whole number"),
    (checks.split_by_concept, split_of_length(lambda share, n: round(share * n) - 1), "exactly so many"),
    (checks.split_by_concept, split_by_shuffled_pictures, "as likely as any other"),
    (checks.split_by_concept, split_among_places, "numbers that occur"),
    (checks.split_by_concept, split_every_so_many, "exactly so many"),
    (checks.split_by_concept, split_in_place, "changed what it was given"),
    (checks.split_by_concept, lambda c, share, seed: (~split(c, share, seed), split(c, share, seed)), "a tuple came"),
    (checks.split_by_concept, lambda c, share, seed: set(concepts_drawn(c, share, seed).tolist()), "a set came"),
]

TestAnswers = judge_answers(ALL, RIGHT, WRONG)
TestManners = judge_manners(ALL)
