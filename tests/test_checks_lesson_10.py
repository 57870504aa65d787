"""The checks of lesson 10 pass every right answer and name the mistake in every wrong one."""

import numpy as np
import torch
from judged import judge_answers, judge_manners
from sklearn.linear_model import LogisticRegression
from torch import nn

from course_lib import checks
from course_lib.explore.guided import guided

ALL = (checks.guided_relu, checks.strongest, checks.maps_to_drop, checks.forgotten, checks.short_weights)


# The guided way back ----------------------------------------------------------------------------------------


def by_the_library(u, R):
    relu = nn.ReLU()
    x = u.clone().requires_grad_()
    with guided(relu):
        (down,) = torch.autograd.grad(relu(x), x, R)
    return down


def by_loop(u, R):
    flat = [r if a > 0 and r > 0 else 0.0 for a, r in zip(u.flatten().tolist(), R.flatten().tolist(), strict=True)]
    return torch.tensor(flat, dtype=u.dtype).reshape(u.shape)


# The strongest filters --------------------------------------------------------------------------------------


def by_sorting(maps, k):
    n, filters = maps.shape[:2]
    response = maps.reshape(n, filters, -1).max(2).values.sum(0)
    return np.argsort(response.numpy())[::-1][:k]


# Which maps to drop -----------------------------------------------------------------------------------------


def fit(rows, answers, **how):
    return LogisticRegression(max_iter=2_000, **how).fit(rows, answers)


def places(maps):
    return maps.permute(0, 2, 3, 1).reshape(-1, maps.shape[1]).numpy()


def dropped(choose, rows=places, **how):
    return lambda maps, marked: torch.from_numpy(choose(fit(rows(maps), marked.flatten().numpy(), **how).coef_[0]))


def balanced(maps, marked):
    rows, answers = places(maps), marked.flatten().numpy()
    yes = answers.nonzero()[0]
    no = np.random.default_rng(0).permutation((~answers).nonzero()[0])[: len(yes)]
    chosen = np.concatenate([yes, no])
    return list(fit(rows[chosen], answers[chosen]).coef_[0] > 0)


def with_intercept(maps, marked):
    model = fit(places(maps), marked.flatten().numpy())
    return np.r_[model.coef_[0], model.intercept_] > 0


# Forgotten --------------------------------------------------------------------------------------------------


def ratio_of(before, after, marked):
    was, now = before[:, 0] / 2 + 0.5, after[:, 0] / 2 + 0.5
    return (now[marked].sum() / was[marked].sum()) / (now[~marked].sum() / was[~marked].sum())


def forgotten(
    before, after, controls, marked, *, ratio=ratio_of, chance=lambda low, n: (1 + low) / (1 + n), as_low=None
):
    chosen = ratio(before, after, marked)
    as_low = as_low or torch.le
    low = sum(bool(as_low(ratio(before, control, marked), chosen)) for control in controls)
    return chosen, chance(low, len(controls))


def with_ratio(ratio):
    return lambda *given: forgotten(*given, ratio=ratio)


def with_chance(chance, as_low=None):
    return lambda *given: forgotten(*given, chance=chance, as_low=as_low)


def all_at_once(before, after, controls, marked):
    ink = (torch.cat([after[None], controls])[:, :, 0].double() + 1) / 2
    was = (before[:, 0].double() + 1) / 2
    within = (ink * marked).sum((1, 2, 3)) / (was * marked).sum()
    outside = (ink * ~marked).sum((1, 2, 3)) / (was * ~marked).sum()
    ratios = within / outside
    return np.array([ratios[0], (ratios <= ratios[0]).double().mean()])


def unshifted(before, after, marked):
    return (after[:, 0][marked].sum() / before[:, 0][marked].sum()) / (
        after[:, 0][~marked].sum() / before[:, 0][~marked].sum()
    )


def image_by_image(before, after, marked):
    return torch.stack(
        [ratio_of(before[i : i + 1], after[i : i + 1], marked[i : i + 1]) for i in range(len(before))]
    ).mean()


def inside_alone(before, after, marked):
    return (after[:, 0][marked] + 1).sum() / (before[:, 0][marked] + 1).sum()


def over_the_whole(before, after, marked):
    return inside_alone(before, after, marked) / ((after + 1).sum() / (before + 1).sum())


def of_after_alone(before, after, marked):
    return (after[:, 0][marked] + 1).sum() / (after[:, 0][~marked] + 1).sum()


# Short weights ----------------------------------------------------------------------------------------------


def by_gradient(within, outside, C):
    rows = torch.cat([within, outside])
    t = torch.cat([torch.ones(len(within)), torch.zeros(len(outside))]).to(rows)
    return C * ((t - t.mean())[:, None] * rows).sum(0)


def by_scikit(within, outside, C):
    rows = torch.cat([within, outside]).numpy()
    answers = np.r_[np.ones(len(within)), np.zeros(len(outside))]
    return LogisticRegression(C=1e-6, tol=1e-14, max_iter=10_000).fit(rows, answers).coef_[0] * (C / 1e-6)


def means(within, outside, factor):
    return factor * (within.mean(0) - outside.mean(0))


RIGHT = [
    (checks.guided_relu, lambda u, R: R.clamp(min=0) * (u > 0)),
    (checks.guided_relu, lambda u, R: torch.where((u > 0) & (R > 0), R, 0)),
    (checks.guided_relu, by_loop),
    (checks.guided_relu, by_the_library),
    (checks.guided_relu, lambda u, R: (R * u.sign().clamp(min=0)).relu().numpy()),
    (checks.strongest, lambda maps, k: maps.amax((2, 3)).mean(0).topk(k).indices),
    (checks.strongest, lambda maps, k: maps.flatten(2).max(-1)[0].mean(0).argsort(descending=True)[:k].tolist()),
    (checks.strongest, by_sorting),
    (checks.maps_to_drop, dropped(lambda weights: weights > 0)),
    (checks.maps_to_drop, dropped(lambda weights: weights > 0, C=1e-4)),
    (checks.maps_to_drop, balanced),
    (checks.maps_to_drop, lambda maps, marked: dropped(lambda weights: weights > 0)(maps, marked).int()),
    (checks.forgotten, forgotten),
    (checks.forgotten, all_at_once),
    (checks.forgotten, lambda *given: [float(number) for number in forgotten(*given)]),
    (checks.short_weights, lambda a, b, C: C * (len(a) * len(b)) * (a.mean(0) - b.mean(0)) / (len(a) + len(b))),
    (checks.short_weights, by_gradient),
    (checks.short_weights, by_scikit),
]


WRONG = [
    (checks.guided_relu, lambda u, R: R * (u > 0), "plain chain rule"),
    (checks.guided_relu, lambda u, R: R.relu(), "deconvnet's rule"),
    (checks.guided_relu, lambda u, R: R * ((u > 0) | (R > 0)), "both gates"),
    (checks.guided_relu, lambda u, R: u.relu() * (R > 0), "not its own u"),
    (checks.guided_relu, lambda u, R: ((u > 0) & (R > 0)).to(u), "gates themselves"),
    (checks.guided_relu, lambda u, R: R.clamp(max=0) * (u > 0), "where it is negative"),
    (checks.guided_relu, lambda u, R: R.relu() * (u < 0), "where the unit was off"),
    (checks.guided_relu, lambda u, R: R.abs() * (u > 0), "absolute values"),
    (checks.guided_relu, lambda u, R: R.relu() * (u >= 0), "At u = 0"),
    (checks.guided_relu, lambda u, R: (R.relu() * (u > 0)).sum(), "has the shape of u"),
    (checks.guided_relu, lambda u, R: R.relu() * (u > 1e-3), "expected"),
    (checks.guided_relu, lambda u, R: R.mul_(u > 0).relu(), "changed what it was given"),
    (checks.strongest, lambda maps, k: maps.amax((2, 3)).mean(0).topk(k).values, "These are the responses"),
    (checks.strongest, lambda maps, k: maps.mean((2, 3)).mean(0).topk(k).indices, "mean over places"),
    (checks.strongest, lambda maps, k: maps.amax((0, 2, 3)).topk(k).indices, "largest response over images"),
    (checks.strongest, lambda maps, k: maps.mean(0).amax((1, 2)).topk(k).indices, "at another place in each image"),
    (checks.strongest, lambda maps, k: maps.abs().amax((2, 3)).mean(0).topk(k).indices, "absolute values"),
    (checks.strongest, lambda maps, k: maps.amax((2, 3)).mean(0).topk(k, largest=False).indices, "weakest"),
    (checks.strongest, lambda maps, k: maps.amax((2, 3)).mean(0).topk(k).indices.sort()[0], "another order"),
    (checks.strongest, lambda maps, k: maps.amax((2, 3)).topk(k).indices, "there are 4 numbers"),
    (checks.strongest, lambda maps, k: maps.amax((2, 3)).mean(0).topk(1).indices, "there are 4 numbers"),
    (checks.maps_to_drop, dropped(lambda weights: weights < 0), "Exactly the others"),
    (checks.maps_to_drop, dropped(lambda weights: weights <= 0), "Exactly the others"),
    (checks.maps_to_drop, dropped(lambda weights: weights >= 0), "0 everywhere"),
    (checks.maps_to_drop, dropped(lambda weights: weights), "Are these the weights"),
    (checks.maps_to_drop, dropped(lambda weights: np.abs(weights) > 1e-3), "size of a weight is not its sign"),
    (checks.maps_to_drop, dropped(lambda weights: (weights > 0)[None]), "coef_ has a row"),
    (checks.maps_to_drop, with_intercept, "intercept is no map"),
    (
        checks.maps_to_drop,
        dropped(lambda weights: weights > 0, lambda maps: maps.reshape(-1, maps.shape[1]).numpy()),
        "mixes them up",
    ),
    (checks.maps_to_drop, lambda maps, marked: maps.mean((0, 2, 3)) > 0, "how large the maps are"),
    (checks.maps_to_drop, dropped(lambda weights: (weights > 0).nonzero()[0]), "one answer for each map"),
    (checks.forgotten, with_ratio(lambda *given: 1 / ratio_of(*given)), "the other way round"),
    (checks.forgotten, with_ratio(unshifted), r"in \[-1, 1\]"),
    (checks.forgotten, with_ratio(image_by_image), "image by image"),
    (checks.forgotten, with_ratio(inside_alone), "left inside alone"),
    (checks.forgotten, with_ratio(over_the_whole), "not by that of whole images"),
    (checks.forgotten, with_ratio(of_after_alone), "share of the ink before"),
    (checks.forgotten, with_chance(lambda low, n: low / n), "add 1 above and below"),
    (checks.forgotten, with_chance(lambda low, n: low / (1 + n)), "above as well as below"),
    (checks.forgotten, with_chance(lambda low, n: (1 + low) / n), "below the line: 1 \\+"),
    (checks.forgotten, with_chance(lambda low, n: (1 + low) / (1 + n), torch.lt), "equal does as well"),
    (checks.forgotten, with_chance(lambda low, n: (1 + low) / (1 + n), torch.ge), "do worse"),
    (checks.forgotten, with_chance(lambda low, n: 1 + low), "Wanted is a share"),
    (checks.forgotten, lambda *given: forgotten(*given)[0], "Return two numbers"),
    (checks.short_weights, lambda a, b, C: means(b, a, C * len(a) * len(b) / (len(a) + len(b))), "The sign"),
    (checks.short_weights, lambda a, b, C: means(a, b, 1), "m1 - m0 itself"),
    (checks.short_weights, lambda a, b, C: means(a, b, len(a) * len(b) / (len(a) + len(b))), "C is missing"),
    (checks.short_weights, lambda a, b, C: means(a, b, C), "numbers of examples are missing"),
    (checks.short_weights, lambda a, b, C: C / 2 * (a.sum(0) - b.sum(0)), "p is not one half"),
    (checks.short_weights, lambda a, b, C: means(a, b, C * (len(a) + len(b)) / 4), "factor is n1 n0"),
    (checks.short_weights, lambda a, b, C: C * (a.sum(0) - b.sum(0)), "intercept sees to"),
    (checks.short_weights, lambda a, b, C: means(a, b, C / (len(a) * len(b)) * (len(a) + len(b))), "turned over"),
    (checks.short_weights, lambda a, b, C: means(a, b, C).mean(), "one weight for each map"),
]

TestManners = judge_manners(ALL)
TestAnswers = judge_answers(ALL, RIGHT, WRONG)
