"""The checks of lesson 09: right answers however written, and wrong ones with the message that names the mistake."""

from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from judged import judge_answers, judge_manners

from course_lib import checks, explore

ALL = [
    checks.great_circle,
    checks.sum_of_means,
    checks.walk_through_points,
    checks.balanced_turn,
    checks.slant_by_moments,
]

# Task 1 -----------------------------------------------------------------------------------------------------


def circle(a, b, t, *, directions=True, length=None, weights=None, guard=True, omega=None):
    """The great circle, with a part of it changed."""
    t = t[:, None]
    la, lb = a.norm(dim=1, keepdim=True), b.norm(dim=1, keepdim=True)
    cosine = (a * b).sum(1, keepdim=True) / (la * lb)
    w = cosine.clamp(-1, 1).arccos() if omega is None else omega(a, b, cosine)
    first, last = (((1 - t) * w).sin() / w.sin(), (t * w).sin() / w.sin()) if weights is None else weights(t, w)
    if directions:
        long = (1 - t) * la + t * lb if length is None else length(la, lb, t)
        found = long * (first * a / la + last * b / lb)
    else:
        found = first * a + last * b
    return torch.where(w.sin() > 1e-4, found, (1 - t) * a + t * b) if guard else found


def circle_row_by_row(a, b, t):
    """With NumPy and an `if` for each row, the second direction made orthogonal to the first."""
    rows = []
    for start, end, place in zip(a.double().numpy(), b.double().numpy(), t.tolist(), strict=True):
        la, lb = np.linalg.norm(start), np.linalg.norm(end)
        straight = (1 - place) * start + place * end
        if la == 0 or lb == 0:
            rows.append(straight)
            continue
        one, two = start / la, end / lb
        w = np.arctan2(np.linalg.norm(two - (one @ two) * one), one @ two)
        if np.sin(w) <= 1e-4:
            rows.append(straight)
            continue
        aside = (two - np.cos(w) * one) / np.sin(w)
        rows.append(((1 - place) * la + place * lb) * (np.cos(place * w) * one + np.sin(place * w) * aside))
    return np.stack(rows)


def one_decision_for_all(a, b, t):
    w = F.cosine_similarity(a, b).arccos()
    if (w.sin() < 1e-4).any() or w.isnan().any() or not (a.norm(dim=1) * b.norm(dim=1)).all():
        return torch.lerp(a, b, t[:, None])
    return circle(a, b, t, guard=False)


def only_finite(a, b, t):
    """Guards against nan alone, not against what rounding makes of an angle of 180 degrees."""
    got = circle(a, b, t, guard=False)
    return torch.where(got.isfinite().all(1, keepdim=True), got, torch.lerp(a, b, t[:, None]))


def start_where_parallel(a, b, t):
    got = circle(a, b, t)
    special = ~((F.cosine_similarity(a, b).clamp(-1, 1).arccos().sin() > 1e-4) & (a.norm(dim=1) > 0))
    return torch.where((special | (b.norm(dim=1) == 0))[:, None], a, got)


def mended_line(a, b, t):
    line = torch.lerp(a, b, t[:, None])
    length = torch.lerp(a.norm(dim=1), b.norm(dim=1), t)[:, None]
    return torch.nan_to_num(line / line.norm(dim=1, keepdim=True)) * length


# Task 2 -----------------------------------------------------------------------------------------------------


def refusing(function):
    """The function, which refuses an idea without exemplars."""

    def answer(*ideas):
        if any(len(idea) == 0 for idea in ideas):
            raise ValueError("No exemplar.")
        return function(*ideas)

    return answer


def sum_with_loop(plus, minus, to):
    total = [0.0] * plus.shape[1]
    for sign, idea in ((1, plus), (-1, minus), (1, to)):
        if idea.numel() == 0:
            raise ValueError("No exemplar.")
        for row in idea.tolist():
            total = [value + sign * number / len(idea) for value, number in zip(total, row, strict=True)]
    return total


# Task 3 -----------------------------------------------------------------------------------------------------


def walk_by_interpolation(points, steps):
    """Every number of z by NumPy's piecewise linear interpolation."""
    places = np.linspace(0, len(points) - 1, (len(points) - 1) * steps + 1)
    columns = points.double().numpy().T
    return np.stack([np.interp(places, np.arange(len(points)), column) for column in columns], 1)


def walk_by_torch(points, steps):
    wanted = (len(points) - 1) * steps + 1
    return F.interpolate(points.T[None], size=wanted, mode="linear", align_corners=True)[0].T


def walk_with_loop(points, steps):
    rows = [points[0]]
    for start, end in pairwise(points):
        rows += [start + (end - start) * i / steps for i in range(1, steps + 1)]
    return torch.stack(rows)


def legs(points, t, close_up=False):
    points = torch.cat([points, points[:1]]) if close_up else points
    return torch.cat([torch.lerp(a, b, t.to(points)[:, None]) for a, b in pairwise(points)])


def uneven(points, steps):
    return torch.cat([legs(points, (torch.arange(steps) / steps) ** 2), points[-1:]])


# Task 4 -----------------------------------------------------------------------------------------------------


def turn_by_digit(z, lean, digit):
    each = []
    for k in range(10):
        left, right = z[(digit == k) & (lean < -0.1)], z[(digit == k) & (lean > 0.3)]
        if len(left) and len(right):
            each.append(right.mean(0) - left.mean(0))
    if not each:
        raise ValueError("Nothing to compare.")
    return sum(each) / len(each)


def turn_with_one_hot(z, lean, digit):
    kinds = F.one_hot(digit, 10).to(z).T
    sides = [kinds * side for side in (lean < -0.1, lean > 0.3)]
    counts = [side.sum(1, keepdim=True) for side in sides]
    means = [side @ z / count.clamp(min=1) for side, count in zip(sides, counts, strict=True)]
    both = ((counts[0] > 0) & (counts[1] > 0))[:, 0]
    if not both.any():
        raise ValueError("Nothing to compare.")
    return (means[1] - means[0])[both].mean(0)


def turn_with_numpy(z, lean, digit):
    z, lean, digit = z.numpy(), lean.numpy(), digit.numpy()
    kinds = [k for k in np.unique(digit) if (lean[digit == k] < -0.1).any() and (lean[digit == k] > 0.3).any()]
    if not kinds:
        raise ValueError("Nothing to compare.")
    of = [z[(digit == k) & (lean > 0.3)].mean(0) - z[(digit == k) & (lean < -0.1)].mean(0) for k in kinds]
    return np.mean(of, axis=0)


def over_all(z, lean, digit):
    return z[lean > 0.3].mean(0) - z[lean < -0.1].mean(0)


def kinds_of(lean, digit, both=True):
    return [
        k for k in digit.unique() if not both or ((lean[digit == k] < -0.1).any() and (lean[digit == k] > 0.3).any())
    ]


def turn(z, lean, digit, *, low=-0.1, high=0.3, touching=False, reduce=None):
    each, counts = [], []
    for k in kinds_of(lean, digit):
        own = digit == k
        left, right = (lean <= low, lean >= high) if touching else (lean < low, lean > high)
        each.append(z[own & right].mean(0) - z[own & left].mean(0))
        counts.append((own & (left | right)).sum().item())
    each = torch.stack(each)
    return each.mean(0) if reduce is None else reduce(each, torch.tensor(counts).to(each), digit)


# Task 5 -----------------------------------------------------------------------------------------------------


def slant_with_numpy(x):
    found = []
    for image in x[:, 0].double().numpy():
        mass = (image + 1) / 2
        rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
        if (mass.sum(1) > 0).sum() < 2:
            found.append(0.0)
            continue
        c = np.cov(np.stack([rows.ravel(), columns.ravel()]), aweights=mass.ravel(), ddof=0)
        found.append(-c[0, 1] / c[0, 0])
    return found


def slant_by_line(x):
    """The slope of the line that best foretells the column: weighted least squares."""
    found = []
    for image in x[:, 0].double():
        mass = (image.flatten() + 1) / 2
        rows, columns = (
            index.flatten().double() for index in torch.meshgrid(*map(torch.arange, image.shape), indexing="ij")
        )
        design = torch.stack([rows, torch.ones_like(rows)], 1) * mass.sqrt()[:, None]
        if (image > -1).any(1).sum() < 2:
            found.append(0.0)
            continue
        found.append(-torch.linalg.lstsq(design, (columns * mass.sqrt())[:, None]).solution[0, 0].item())
    return torch.tensor(found)


def moments(x, *, mass=None, centre=None):
    mass = (x[:, 0] + 1) / 2 if mass is None else mass(x[:, 0])
    total = mass.sum((1, 2), keepdim=True)
    rows, columns = torch.arange(x.shape[2])[:, None].to(x), torch.arange(x.shape[3]).to(x)
    r, c = ((mass * axis).sum((1, 2), keepdim=True) / total for axis in (rows, columns))
    if centre is not None:
        r, c = centre(x, r, c)
    down, across = rows - r, columns - c
    return [
        (mass * part).sum((1, 2))
        for part in (down * across, down**2 * across**0, across**2 * down**0, down**0 * across**0)
    ]


def slanting(function, **changed):
    """A slant of the four moments, 0 where it is not finite."""

    def answer(x):
        both, rows, columns, total = moments(x, **changed)
        return torch.where((rows > 1e-6), function(both, rows, columns, total), 0.0)

    return answer


def plainly(both, rows, columns, total):
    return -both / rows


RIGHT = [
    (checks.great_circle, circle),
    (checks.great_circle, circle_row_by_row),
    (checks.great_circle, explore.spherical),
    (checks.great_circle, lambda a, b, t: circle(a.double(), b.double(), t.double()).numpy()),
    (checks.sum_of_means, refusing(explore.arithmetic)),
    (checks.sum_of_means, sum_with_loop),
    (checks.sum_of_means, refusing(lambda p, m, t: p.numpy().mean(0) - m.numpy().mean(0) + t.numpy().mean(0))),
    (checks.walk_through_points, explore.walk),
    (checks.walk_through_points, walk_by_interpolation),
    (checks.walk_through_points, walk_by_torch),
    (checks.walk_through_points, walk_with_loop),
    (checks.balanced_turn, turn_by_digit),
    (checks.balanced_turn, turn_with_one_hot),
    (checks.balanced_turn, turn_with_numpy),
    (checks.slant_by_moments, explore.slant),
    (checks.slant_by_moments, slant_with_numpy),
    (checks.slant_by_moments, slant_by_line),
    (checks.slant_by_moments, slanting(plainly)),
    (checks.slant_by_moments, slanting(plainly, centre=lambda x, r, c: (r, 0 * c))),
]

WRONG = [
    # Task 1
    (checks.great_circle, lambda a, b, t: torch.lerp(a, b, t[:, None]), "the straight line"),
    (checks.great_circle, lambda a, b, t: circle(b, a, t), "from end to start"),
    (checks.great_circle, lambda a, b, t: circle(a, b, t, directions=False), "laid on a and b as they are"),
    (checks.great_circle, mended_line, "with its length mended"),
    (
        checks.great_circle,
        lambda a, b, t: (
            mended_line(*(F.normalize(v) for v in (a, b)), t) * torch.lerp(a.norm(dim=1), b.norm(dim=1), t)[:, None]
        ),
        "mixing the directions evenly",
    ),
    (checks.great_circle, lambda a, b, t: circle(a, b, t, length=lambda la, lb, t: 1.0), "give it its length back"),
    (checks.great_circle, lambda a, b, t: circle(a, b, t, length=lambda la, lb, t: la), "as long as `start`"),
    (
        checks.great_circle,
        lambda a, b, t: circle(a, b, t, length=lambda la, lb, t: (la + lb) / 2),
        "mean of both lengths",
    ),
    (
        checks.great_circle,
        lambda a, b, t: circle(a, b, t, weights=lambda t, w: (((1 - t) * w).sin(), (t * w).sin())),
        "division by sin",
    ),
    (
        checks.great_circle,
        lambda a, b, t: circle(a, b, t, omega=lambda a, b, c: c.arccos().mean().expand_as(c)),
        "One angle for the whole batch",
    ),
    (
        checks.great_circle,
        lambda a, b, t: circle(a, b, t, omega=lambda a, b, c: (a * b).sum(1, keepdim=True).arccos()),
        "divide by both lengths|straight line",
    ),
    (checks.great_circle, lambda a, b, t: circle(a, b, t, guard=False), "is not finite|straight line"),
    (checks.great_circle, only_finite, "opposite|straight line"),
    (checks.great_circle, start_where_parallel, "`start` itself|straight line"),
    (checks.great_circle, one_decision_for_all, "Decide for each row by itself"),
    (checks.great_circle, lambda a, b, t: circle(a, b, t)[0], "Expected latents of shape"),
    (checks.great_circle, lambda a, b, t: circle(a, b, t**2), "formula once more"),
    (
        checks.great_circle,
        lambda a, b, t: (
            torch.where(circle(a, b, t, omega=lambda a, b, c: c.clamp(-1, 1).arccos()).isfinite(), circle(a, b, t), 0.0)
            if a.dtype == torch.float64
            else torch.zeros_like(a)
        ),
        "not in float32",
    ),
    (
        checks.great_circle,
        lambda a, b, t: torch.where(
            F.cosine_similarity(a, b).clamp(-1, 1).arccos().sin()[:, None] > 1e-3,
            circle(a, b, t),
            torch.lerp(a, b, t[:, None]),
        ),
        "1.05e-04",
    ),
    # Task 2
    (checks.sum_of_means, explore.arithmetic, "mean of nothing"),
    (checks.sum_of_means, refusing(lambda p, m, t: p.sum(0) - m.sum(0) + t.sum(0)), "sums of the exemplars"),
    (checks.sum_of_means, refusing(lambda p, m, t: (p.sum(0) - m.sum(0) + t.sum(0)) / 3), "divided by 3|once more"),
    (checks.sum_of_means, refusing(lambda p, m, t: p.mean(0) + m.mean(0) + t.mean(0)), "has the sign"),
    (checks.sum_of_means, refusing(lambda p, m, t: m.mean(0) - p.mean(0) + t.mean(0)), "plus and minus are exchanged"),
    (checks.sum_of_means, refusing(lambda p, m, t: p.mean(0) + m.mean(0) - t.mean(0)), "minus and to are exchanged"),
    (checks.sum_of_means, refusing(lambda p, m, t: p.mean(0) - m.mean(0) - t.mean(0)), "only `minus`"),
    (checks.sum_of_means, refusing(lambda p, m, t: p.mean(0) - m.mean(0)), "`to` is left out"),
    (checks.sum_of_means, refusing(lambda p, m, t: p.mean(0) + t.mean(0)), "`minus` is left out"),
    (checks.sum_of_means, refusing(lambda p, m, t: p[0] - m[0] + t[0]), "first exemplar"),
    (checks.sum_of_means, refusing(lambda p, m, t: p[-1] - m[-1] + t[-1]), "last exemplar"),
    (
        checks.sum_of_means,
        refusing(lambda p, m, t: p.median(0).values - m.median(0).values + t.median(0).values),
        "median",
    ),
    (checks.sum_of_means, refusing(lambda p, m, t: (p.mean(0) - m.mean(0) + t.mean(0)) / 3), "once more"),
    (checks.sum_of_means, refusing(lambda p, m, t: F.normalize(explore.arithmetic(p, m, t), dim=0)), "length 1"),
    (checks.sum_of_means, refusing(lambda p, m, t: p.mean() - m.mean() + t.mean()), r"shape \(\)"),
    (checks.sum_of_means, refusing(lambda p, m, t: p.mean(1)), "mean over the exemplars"),
    # Task 3
    (checks.walk_through_points, lambda p, n: legs(p, torch.linspace(0, 1, n)), "twice|shape"),
    (checks.walk_through_points, lambda p, n: legs(p, torch.linspace(0, 1, n + 1)), "twice"),
    (checks.walk_through_points, lambda p, n: legs(p, torch.arange(n) / n), "last point is missing"),
    (checks.walk_through_points, lambda p, n: legs(p, torch.arange(1, n + 1) / n), "first point is missing"),
    (checks.walk_through_points, lambda p, n: explore.walk(p, n).flip(0), "backwards"),
    (checks.walk_through_points, lambda p, n: explore.walk(torch.cat([p, p[:1]]), n), "returns to the first"),
    (
        checks.walk_through_points,
        lambda p, n: torch.lerp(p[0], p[-1], torch.linspace(0, 1, (len(p) - 1) * n + 1).to(p)[:, None]),
        "meets none between",
    ),
    (checks.walk_through_points, lambda p, n: explore.walk(p, n + 1), "expected shape"),
    (checks.walk_through_points, lambda p, n: explore.walk(p[:2], n), "expected shape"),
    (checks.walk_through_points, uneven, "row 1 is not"),
    (
        checks.walk_through_points,
        lambda p, n: explore.walk(p, n, between=explore.spherical),
        "is not where it should be",
    ),
    (checks.walk_through_points, lambda p, n: explore.walk(p, n).unique(dim=0), "is not where|count rows"),
    (checks.walk_through_points, lambda p, n: explore.walk(p, n)[0], "Expected latents"),
    # Task 4
    (checks.balanced_turn, lambda *given: -turn_by_digit(*given), "from right to left"),
    (checks.balanced_turn, over_all, "over all draws"),
    (
        checks.balanced_turn,
        lambda *given: turn(*given, reduce=lambda e, n, d: (e * n[:, None]).sum(0) / n.sum()),
        "weighted by how many",
    ),
    (checks.balanced_turn, lambda *given: turn(*given, reduce=lambda e, n, d: e.sum(0)), "sum over the digits"),
    (
        checks.balanced_turn,
        lambda *given: turn(*given, reduce=lambda e, n, d: e.sum(0) / 10),
        "divides by ten|divides by all",
    ),
    (
        checks.balanced_turn,
        lambda *given: turn(*given, reduce=lambda e, n, d: e.sum(0) / len(d.unique())),
        "divides by ten|divides by all",
    ),
    (checks.balanced_turn, lambda *given: turn(*given, touching=True), "exactly -0.1 or 0.3"),
    (checks.balanced_turn, lambda *given: turn(*given, low=0.0, high=0.0), "parted at 0"),
    (
        checks.balanced_turn,
        lambda *given: turn(*given, reduce=lambda e, n, d: F.normalize(e.mean(0), dim=0)),
        "length 1",
    ),
    (checks.balanced_turn, lambda *given: turn(*given, reduce=lambda e, n, d: e[0]), "a single digit"),
    (
        checks.balanced_turn,
        lambda z, lean, digit: torch.stack(
            [over_all(z[digit == k], lean[digit == k], None) for k in digit.unique()]
        ).mean(0),
        "not finite",
    ),
    (checks.balanced_turn, lambda *given: turn(*given, reduce=lambda e, n, d: e), "shape of one z"),
    (checks.balanced_turn, lambda *given: turn(*given, low=-0.15), "within each digit"),
    (
        checks.balanced_turn,
        lambda z, lean, digit: turn(z, lean, digit) if kinds_of(lean, digit) else torch.zeros(z.shape[1]),
        "nothing to compare",
    ),
    # Task 5
    (checks.slant_by_moments, slanting(lambda b, r, c, t: b / r), "sign is turned"),
    (checks.slant_by_moments, slanting(lambda b, r, c, t: -b / c), "variance of the columns"),
    (checks.slant_by_moments, slanting(lambda b, r, c, t: -b / t), "covariance alone"),
    (checks.slant_by_moments, slanting(lambda b, r, c, t: -b / (r * c).sqrt()), "correlation"),
    (checks.slant_by_moments, slanting(plainly, centre=lambda x, r, c: (0 * r, 0 * c)), "about the corner"),
    (
        checks.slant_by_moments,
        slanting(plainly, centre=lambda x, r, c: (0 * r + (x.shape[2] - 1) / 2, 0 * c + (x.shape[3] - 1) / 2)),
        "middle of the picture",
    ),
    (checks.slant_by_moments, slanting(lambda b, r, c, t: (-b / r).arctan()), "an angle"),
    (checks.slant_by_moments, slanting(lambda b, r, c, t: (-b / r).arctan().rad2deg()), "an angle"),
    (checks.slant_by_moments, slanting(lambda b, r, c, t: (b / r).abs()), "sign is lost"),
    (checks.slant_by_moments, slanting(lambda b, r, c, t: -b / t / (r / t).sqrt()), "standard deviation"),
    (
        checks.slant_by_moments,
        lambda x: -moments(x, mass=lambda p: p)[0] / moments(x, mass=lambda p: p)[1],
        r"in \[-1, 1\]",
    ),
    (checks.slant_by_moments, lambda x: -moments(x)[0] / moments(x)[1], "0 there, as the task says"),
    (checks.slant_by_moments, lambda x: explore.slant(x).mean(), "One slant for each"),
    (checks.slant_by_moments, lambda x: explore.slant(x.transpose(2, 3)), "variance of the columns"),
    (checks.slant_by_moments, slanting(plainly, mass=lambda p: (p > 0).to(p)), "covariance over the variance"),
    (
        checks.slant_by_moments,
        slanting(plainly, mass=lambda p: ((p + 1) / 2).mean(0, keepdim=True).expand_as(p)),
        "covariance over",
    ),
]

TestAnswers = judge_answers(ALL, RIGHT, WRONG)
TestManners = judge_manners(ALL)
