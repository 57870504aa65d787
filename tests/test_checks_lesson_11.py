"""The checks of lesson 11: right answers however written, and wrong ones with the message that names the mistake."""

from collections import Counter
from itertools import combinations

import numpy as np
import torch
from judged import judge_answers, judge_manners
from torch.nn import functional

from course_lib import checks

ALL = [
    checks.pooled_vector,
    checks.semantic_hash,
    checks.nearest_label_error,
    checks.c_by_validation,
    checks.duplicate_scores,
]


# Task 1 -----------------------------------------------------------------------------------------------------


def pooled_adaptively(maps):
    return torch.cat([functional.adaptive_max_pool2d(one, 4).flatten(1) for one in maps], 1)


def pooled_by_window(maps):
    sides = [(one.shape[2] // 4, one.shape[3] // 4) for one in maps]
    return torch.hstack([functional.max_pool2d(one, side).flatten(1) for one, side in zip(maps, sides, strict=True)])


def pooled_by_unflatten(maps):
    parts = [one.unflatten(3, (4, -1)).unflatten(2, (4, -1)) for one in maps]
    return torch.cat([part.amax((3, 5)).flatten(1) for part in parts], 1)


def pooled_by_loop(maps):
    rows = []
    for i in range(len(maps[0])):
        row = []
        for one in maps:
            for channel in one[i].numpy():
                for band in np.split(channel, 4, axis=0):
                    row += [part.max() for part in np.split(band, 4, axis=1)]
        rows.append(row)
    return np.array(rows)


def with_pooling(pool, join=1):
    return lambda maps: torch.cat([pool(one).flatten(1) for one in maps], join)


def transposed(one):
    return functional.adaptive_max_pool2d(one, 4).transpose(2, 3)


def channels_last(one):
    return functional.adaptive_max_pool2d(one, 4).permute(0, 2, 3, 1)


def normalised(maps):
    right = pooled_adaptively(maps)
    return right / right.norm(dim=1, keepdim=True)


# Task 2 -----------------------------------------------------------------------------------------------------


def packed_by_numpy(code):
    return torch.from_numpy(np.packbits((code > 0).numpy(), axis=1))


def packed_by_weights(code):
    return ((code > 0).long().unflatten(1, (-1, 8)) * torch.tensor([128, 64, 32, 16, 8, 4, 2, 1])).sum(2)


def packed_by_text(code):
    rows = ["".join("1" if unit > 0 else "0" for unit in row) for row in code.tolist()]
    return [[int(row[i : i + 8], 2) for i in range(0, len(row), 8)] for row in rows]


def packed_from_sign(code):
    return torch.from_numpy(np.packbits(code.sign().bool().numpy(), axis=1))


def packed_where(test):
    return lambda code: torch.from_numpy(np.packbits(test(code).numpy(), axis=1))


# Task 3 -----------------------------------------------------------------------------------------------------


def error_by_table(samples, labels, x, y):
    squares = (x[:, None] - samples).square().sum(2)
    near = squares == squares.amin(1, keepdim=True)
    return ((near & (labels != y[:, None])).sum(1) / near.sum(1)).mean()


def error_by_loop(samples, labels, x, y):
    errors = []
    for image, truth in zip(x, y, strict=True):
        distances = [(image - sample).norm().item() for sample in samples]
        nearest = [label for label, d in zip(labels.tolist(), distances, strict=True) if d == min(distances)]
        errors.append(sum(label != truth.item() for label in nearest) / len(nearest))
    return float(np.mean(errors))


def error_by_weights(samples, labels, x, y):
    distance = torch.cdist(x.double(), samples.double(), compute_mode="donot_use_mm_for_euclid_dist")
    near = torch.isclose(distance, distance.amin(1, keepdim=True)).double()
    votes = near / near.sum(1, keepdim=True) @ functional.one_hot(labels, 10).double()
    return 1 - votes.gather(1, y[:, None]).mean()


def tables(distance):
    """An error whose distances are of another kind."""

    def answer(samples, labels, x, y):
        found = distance(x, samples)
        near = found == found.amin(1, keepdim=True)
        return ((near & (labels != y[:, None])).sum(1) / near.sum(1)).mean()

    return answer


def pieces(samples, labels, x, y):
    squares = (x[:, None] - samples).square().sum(2)
    return squares == squares.amin(1, keepdim=True), labels != y[:, None]


def first_decides(samples, labels, x, y):
    return (labels[(x[:, None] - samples).square().sum(2).argmin(1)] != y).float().mean()


def majority_decides(samples, labels, x, y):
    near, _ = pieces(samples, labels, x, y)
    given = [Counter(labels[row].tolist()).most_common(1)[0][0] for row in near]
    return (torch.tensor(given) != y).float().mean()


def one_wrong_spoils(samples, labels, x, y):
    near, wrong = pieces(samples, labels, x, y)
    return (near & wrong).any(1).float().mean()


def one_right_saves(samples, labels, x, y):
    near, wrong = pieces(samples, labels, x, y)
    return 1 - (near & ~wrong).any(1).float().mean()


def in_one_pot(samples, labels, x, y):
    near, wrong = pieces(samples, labels, x, y)
    return (near & wrong).sum() / near.sum()


# Task 4 -----------------------------------------------------------------------------------------------------


def chosen_by_max(fit, train, validation, test, Cs):
    best = max(sorted(Cs), key=lambda C: fit(train, C).score(validation))
    return best, fit(train, best).score(test)


def chosen_by_loop(fit, train, validation, test, Cs):
    best, highest, keep = None, -1, None
    for C in Cs:
        fitted = fit(train, C)
        found = fitted.score(validation)
        if found > highest or (found == highest and best > C):
            best, highest, keep = C, found, fitted
    return [best, keep.score(test)]


def chosen_by_pairs(fit, train, validation, test, Cs):
    scored = sorted((-fit(train, C).score(validation), C) for C in Cs)
    return np.array([scored[0][1], fit(train, scored[0][1]).score(test)])


def chosen_on(part, of="test", order=sorted):
    """C chosen on another part."""

    def answer(fit, train, validation, test, Cs):
        parts = {"train": train, "validation": validation, "test": test}
        best = max(order(Cs), key=lambda C: fit(train, C).score(parts[part]))
        return best, fit(train, best).score(parts[of])

    return answer


def looks_at_all(fit, train, validation, test, Cs):
    reports = {C: (fit(train, C).score(validation), fit(train, C).score(test)) for C in sorted(Cs)}
    best = max(reports, key=lambda C: reports[C][0])
    return best, reports[best][1]


def fits_on_both(fit, train, validation, test, Cs):
    best, _ = chosen_by_max(fit, train, validation, test, Cs)
    both = torch.cat([train[0], validation[0]]), torch.cat([train[1], validation[1]])
    return best, fit(both, best).score(test)


def fits_on_validation(fit, train, validation, test, Cs):
    best = max(sorted(Cs), key=lambda C: fit(validation, C).score(train))
    return best, fit(train, best).score(test)


def worst(fit, train, validation, test, Cs):
    best = min(sorted(Cs), key=lambda C: fit(train, C).score(validation))
    return best, fit(train, best).score(test)


def changed(change):
    """The right pair, changed."""
    return lambda fit, train, validation, test, Cs: change(*chosen_by_max(fit, train, validation, test, Cs), Cs)


def largest_of_equals(fit, train, validation, test, Cs):
    best = max(sorted(Cs, reverse=True), key=lambda C: fit(train, C).score(validation))
    return best, fit(train, best).score(test)


# Task 5 -----------------------------------------------------------------------------------------------------


def in_groups(hashes, original):
    groups = {}
    for hashed, source in zip(hashes, original, strict=True):
        groups.setdefault(hashed, []).append(source)
    return list(groups.values())


def counted(hashes, original):
    groups = in_groups(hashes, original)
    removed, wrong = (sum(len(size(group)) - 1 for group in groups) for size in (list, set))
    copies = [i for i, source in enumerate(original) if source != i]
    found = sum(hashes[i] == hashes[original[i]] for i in copies)
    return removed, wrong, len(copies), found


def scored(hashes, original):
    removed, wrong, copies, found = counted(hashes, original)
    return (removed - wrong) / removed if removed else 1.0, found / copies


def scored_one_by_one(hashes, original):
    """As a program would that keeps the first of each group: an image goes if its hash was seen."""
    kept, removed, right = {}, 0, 0
    for hashed, source in zip(hashes, original, strict=True):
        if hashed in kept:
            removed += 1
            right += source in kept[hashed]
            kept[hashed].add(source)
        else:
            kept[hashed] = {source}
    copies = [i for i in range(len(original)) if original[i] != i]
    return torch.tensor(
        [right / max(1, removed) if removed else 1, np.mean([hashes[i] == hashes[original[i]] for i in copies])]
    )


def scored_by_numpy(hashes, original):
    numbers = np.unique(np.array([h.hex() for h in hashes]), return_inverse=True)[1]
    source, place = np.array(original), np.arange(len(original))
    removed = len(place) - len(np.unique(numbers))
    pairs = len(np.unique(np.stack([numbers, source]), axis=1).T)
    right = len(place) - pairs
    copies = source != place
    return np.array([right / removed if removed else 1.0, (numbers == numbers[source])[copies].mean()])


def of_pairs(hashes, original):
    pairs = list(combinations(range(len(hashes)), 2))
    alike = [p for p in pairs if hashes[p[0]] == hashes[p[1]]]
    true = [p for p in pairs if original[p[0]] == original[p[1]]]
    both = set(alike) & set(true)
    return len(both) / len(alike) if alike else 1.0, len(both) / len(true)


def with_counts(formula):
    return lambda hashes, original: formula(*counted(hashes, original), len(hashes))


def with_other_copy(hashes, original):
    copies = [i for i, source in enumerate(original) if source != i]
    seen = [
        any(j != i and hashes[i] == hashes[j] and original[i] == original[j] for j in range(len(hashes)))
        for i in copies
    ]
    return scored(hashes, original)[0], sum(seen) / len(copies)


RIGHT = [
    *((checks.pooled_vector, f) for f in (pooled_adaptively, pooled_by_window, pooled_by_unflatten, pooled_by_loop)),
    (checks.pooled_vector, lambda maps: pooled_adaptively([one.double() for one in maps])),
    *((checks.semantic_hash, f) for f in (packed_by_numpy, packed_by_weights, packed_by_text, packed_from_sign)),
    (checks.semantic_hash, packed_where(lambda code: code != 0)),
    *((checks.nearest_label_error, f) for f in (error_by_table, error_by_loop, error_by_weights)),
    (checks.nearest_label_error, tables(torch.cdist)),
    *((checks.c_by_validation, f) for f in (chosen_by_max, chosen_by_loop, chosen_by_pairs)),
    *((checks.duplicate_scores, f) for f in (scored, scored_one_by_one, scored_by_numpy)),
]

WRONG = [
    # Task 1
    (checks.pooled_vector, with_pooling(lambda one: functional.adaptive_avg_pool2d(one, 4)), "These are means"),
    (checks.pooled_vector, with_pooling(lambda one: -functional.adaptive_max_pool2d(-one, 4)), "smallest values"),
    (checks.pooled_vector, with_pooling(lambda one: functional.adaptive_max_pool2d(one.relu(), 4)), "became 0"),
    (checks.pooled_vector, with_pooling(lambda one: functional.adaptive_max_pool2d(one.abs(), 4)), "Keep the sign"),
    (checks.pooled_vector, with_pooling(channels_last), "in another order"),
    (checks.pooled_vector, with_pooling(transposed), "in another order"),
    (checks.pooled_vector, lambda maps: pooled_adaptively(maps[::-1]), "reverse order"),
    (checks.pooled_vector, normalised, "rescaled"),
    (checks.pooled_vector, lambda maps: pooled_adaptively(maps[-1:]), "Only the last layer"),
    (checks.pooled_vector, with_pooling(lambda one: one.amax((2, 3))), "One number a map"),
    (checks.pooled_vector, with_pooling(lambda one: one), "Nothing is pooled"),
    (checks.pooled_vector, with_pooling(lambda one: functional.max_pool2d(one, 4)), "window of 4x4"),
    (checks.pooled_vector, with_pooling(lambda one: functional.adaptive_max_pool2d(one, 2)), "Is the grid 4x4"),
    (checks.pooled_vector, lambda maps: pooled_adaptively(maps).flatten(), "flatten all but the first"),
    (checks.pooled_vector, lambda maps: pooled_adaptively(maps).sort(1).values, "not their order"),
    (checks.pooled_vector, lambda maps: pooled_adaptively(maps) + 1, "its sixteenth"),
    # Task 2
    (checks.semantic_hash, packed_where(lambda code: code >= 0), "not >= 0"),
    (checks.semantic_hash, packed_where(lambda code: code <= 0), "exchanged"),
    (checks.semantic_hash, packed_where(lambda code: code > 1e-6), "by very little"),
    (checks.semantic_hash, packed_where(lambda code: code > 0.5), "by very little"),
    (checks.semantic_hash, packed_where(lambda code: code > code.mean(1, keepdim=True)), "no mean or median"),
    (checks.semantic_hash, packed_where(lambda code: code > code.mean(0)), "no mean or median"),
    (checks.semantic_hash, packed_where(lambda code: code.int() > 0), "nothing is rounded"),
    (checks.semantic_hash, lambda code: code > 0, "Pack them"),
    (checks.semantic_hash, lambda code: (code > 0).float(), "Pack them"),
    (
        checks.semantic_hash,
        lambda code: torch.from_numpy(np.packbits((code > 0).numpy(), axis=1, bitorder="little")),
        "yours is the lowest",
    ),
    (checks.semantic_hash, lambda code: packed_by_numpy(code).flip(1), "reverse order"),
    (checks.semantic_hash, lambda code: torch.from_numpy(np.packbits((code > 0).numpy())), "a row of its own"),
    (checks.semantic_hash, lambda code: torch.from_numpy(np.packbits((code > 0).numpy(), axis=0)), "along the units"),
    (checks.semantic_hash, lambda code: (code > 0).sum(1), "a row of its own"),
    (checks.semantic_hash, lambda code: (code > 0).unflatten(1, (-1, 8)).sum(2), "as numpy.packbits"),
    # Task 3
    (checks.nearest_label_error, first_decides, "one alone decided"),
    (checks.nearest_label_error, majority_decides, "majority decided"),
    (checks.nearest_label_error, one_wrong_spoils, "a single wrong one"),
    (checks.nearest_label_error, one_right_saves, "a single right one"),
    (checks.nearest_label_error, in_one_pot, "in one pot"),
    (checks.nearest_label_error, lambda *given: 1 - error_by_table(*given), "named rightly"),
    (checks.nearest_label_error, lambda *given: 100 * error_by_table(*given), "In percent"),
    (checks.nearest_label_error, lambda *given: error_by_table(*given) * len(given[2]), "a sum over the images"),
    (checks.nearest_label_error, tables(lambda x, s: (x[:, None] - s).abs().sum(2)), "sum of squares"),
    (checks.nearest_label_error, tables(lambda x, s: (x[:, None] - s).abs().amax(2)), "sum of squares"),
    (checks.nearest_label_error, tables(lambda x, s: -(x[:, None] - s).square().sum(2)), "farthest"),
    (checks.nearest_label_error, lambda s, labels, x, y: error_by_table(x, y, s, labels), "exchanged"),
    (checks.nearest_label_error, tables(lambda x, s: -(x @ s.T)), "farthest|A mean over the images"),
    (checks.nearest_label_error, lambda *given: error_by_table(*given)[None], "one number"),
    # Task 4
    (checks.c_by_validation, chosen_on("test"), "scored at 4 values"),
    (checks.c_by_validation, looks_at_all, "scored at 4 values"),
    (checks.c_by_validation, chosen_on("train"), "never scored"),
    (checks.c_by_validation, chosen_on("validation", "validation"), "accuracy on the validation part"),
    (checks.c_by_validation, chosen_on("validation", "train"), "accuracy on the training part"),
    (checks.c_by_validation, chosen_on("validation", order=list), "take the smaller"),
    (checks.c_by_validation, largest_of_equals, "take the smaller"),
    (checks.c_by_validation, fits_on_both, "fitted to something that is none"),
    (checks.c_by_validation, fits_on_validation, "fitted to the validation part"),
    (checks.c_by_validation, worst, "does worst"),
    (checks.c_by_validation, changed(lambda C, found, Cs: (found, C)), "wrong order"),
    (checks.c_by_validation, changed(lambda C, found, Cs: (sorted(Cs).index(C) + 20, found)), "place in the list"),
    (checks.c_by_validation, changed(lambda C, found, Cs: (C, 1 - found)), "share of errors"),
    (checks.c_by_validation, changed(lambda C, found, Cs: (C, 100 * found)), "In percent"),
    (checks.c_by_validation, changed(lambda C, found, Cs: found), "two numbers"),
    (checks.c_by_validation, changed(lambda C, found, Cs: ([C, C], found)), "two numbers"),
    (checks.c_by_validation, lambda fit, train, *rest: fit(train[0], 1.0), "a pair of features and labels"),
    (checks.c_by_validation, lambda fit, train, *rest: (7.0, fit(train, 7.0).score(rest[0])), "not on offer"),
    (
        checks.c_by_validation,
        lambda fit, train, validation, test, Cs: (
            Cs[0],
            fit(train, Cs[0]).score((test[0][:2], test[1][:2])),
        ),
        "scored on something that is none",
    ),
    # Task 5
    (checks.duplicate_scores, of_pairs, "counts pairs"),
    (checks.duplicate_scores, lambda *given: scored(*given)[::-1], "wrong order"),
    (checks.duplicate_scores, lambda *given: (1 - scored(*given)[0], scored(*given)[1]), "removed wrongly"),
    (checks.duplicate_scores, lambda *given: (scored(*given)[0], 1 - scored(*given)[1]), "copies missed"),
    (checks.duplicate_scores, with_counts(lambda r, w, c, f, n: ((r - w) / n, f / c)), "number of images removed"),
    (checks.duplicate_scores, with_counts(lambda r, w, c, f, n: ((r - w) / c, f / c)), "recall's business"),
    (
        checks.duplicate_scores,
        with_counts(lambda r, w, c, f, n: ((r - w) / r if r else 0.0, f / c)),
        "nothing is removed wrongly",
    ),
    (checks.duplicate_scores, with_counts(lambda r, w, c, f, n: ((r - w) / r if r else 1, f / n)), "number of copies"),
    (checks.duplicate_scores, with_counts(lambda r, w, c, f, n: ((r - w) / r if r else 1, r / c)), "removed images"),
    (
        checks.duplicate_scores,
        with_counts(lambda r, w, c, f, n: ((r - w) / r if r else 1, (f + n - c) / n)),
        "original is no copy",
    ),
    (checks.duplicate_scores, with_other_copy, "not that of another copy"),
    (checks.duplicate_scores, lambda *given: tuple(100 * v for v in scored(*given)), "In percent"),
    (checks.duplicate_scores, lambda *given: scored([h[:2] for h in given[0]], given[1]), "precision"),
    (checks.duplicate_scores, lambda *given: scored(*given)[0], "two numbers"),
]

TestAnswers = judge_answers(ALL, RIGHT, WRONG)
TestManners = judge_manners(ALL)
