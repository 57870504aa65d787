"""Checks for lesson 04: covered modes, the cost of k, and what a training log proves."""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from course_lib.checks.base import NotYet, check, close, one_number
from course_lib.data import ring
from course_lib.metrics import modes_covered

FAR = [[9.0, 9.0]]
PAIR = [[0.0, 0.0], [4.0, 0.0]]
EDGES = (  # samples, centres, covered, what is to be seen; the width of a mode is 0.5
    ([[1.5, 0.0], [4.0, 1.5]], PAIR, 2, "a point exactly three widths away is near."),
    ([[1.55, 0.0], [4.0, 1.6]], PAIR, 0, "points 3.1 and 3.2 widths away are not near."),
    (
        [[1.2, 1.2], [4.0, 0.0]],
        PAIR,
        1,
        "the distance is the length of the straight line: (1.2, 1.2) is 3.4 widths away.",
    ),
    ([[1.0, 1.0], [4.0, 0.0]], PAIR, 2, "the distance is the length of the straight line: (1, 1) is 2.8 widths away."),
    ([[0.0, 0.0], [-1.5, 0.0]], [[0.0, 0.0], [1.0, 0.0]], 1, "a point counts for its nearest centre alone."),
    ([[0.6, 0.0]] * 4, [[0.0, 0.0], [1.0, 0.0]], 1, "a point counts for its nearest centre alone."),
    ([[0.0, 0.0]] * 5 + FAR * 20, PAIR[:1], 1, "5 of 25 points are exactly a fifth of the fair share, and enough."),
    ([[0.0, 0.0]] * 4 + FAR * 20, PAIR[:1], 0, "4 of 24 points are less than a fifth of the fair share."),
    ([[0.0, 0.0]] * 2 + FAR * 23, PAIR, 0, "a fifth of the fair share of 12.5 points is 2.5, and 2 are fewer."),
    ([[0.0, 0.0]] * 3 + FAR * 22, PAIR, 1, "a fifth of the fair share of 12.5 points is 2.5, and 3 are more."),
    ([[4.0, 0.0]], PAIR, 1, "one sample can cover one mode."),
)


@check
def modes_counted(answer: Callable[[Tensor, Tensor, float], int]) -> None:
    """Lesson 04, task 3: answer(samples (n, 2), centres (mode, 2), std) to the number of modes covered."""
    target = ring()
    far = 0.3 * target.centres[5:6]  # nearest to mode 5, and far from every mode
    for per_mode, elsewhere, at in (
        ([50] * 8, 0, 0.5),
        ([200, 180, 150, 1, 1, 1, 1, 1], 0, 0.5),
        ([60, 9, 9, 1, 0, 0, 0, 0], 321, 0.5),
        ([40, 40, 40, 40, 40, 0, 0, 0], 0, 2.5),
        ([0] * 8, 300, 0.5),
    ):
        around = torch.tensor([[at * target.std, 0.0]])
        parts = [(target.centres[mode : mode + 1] + around).repeat(n, 1) for mode, n in enumerate(per_mode)]
        samples = torch.cat([*parts, far.repeat(elsewhere, 1)])
        right = modes_covered(samples, target).covered
        got = one_number(answer(samples.clone(), target.centres.clone(), target.std), "The number of covered modes")
        if close(got, right, 1e-9):
            continue
        told = f"{per_mode} points near the eight modes and {elsewhere} far from all: {right} covered; yours says {got:.0f}."
        why = ""
        if close(got, sum(n > 0 for n in per_mode)):
            why = "A single stray point does not cover a mode. It must hold a fifth of an equal share."
        elif elsewhere and any(per_mode) and close(got, modes_covered(samples[:-elsewhere], target).covered):
            why = "The fair share is one of all samples, those that lie near no mode included."
        elif at > 1 and got == 0:
            why = "These points lie 2.5 standard deviations from their centre. Up to three count as near."
        elif elsewhere and got > right:
            why = "Points in the middle have a nearest centre too, but are far from it: near means within three std."
        elif close(got, min(sum(per_mode), len(samples))):
            why = "That is how many points lie near a mode, not how many modes have enough of them."
        raise NotYet(f"{told} {why}".strip())
    for samples, centres, right, why in EDGES:
        # Few points and round numbers, so that what lies exactly on an edge does so for a computer too.
        samples, centres = torch.tensor(samples), torch.tensor(centres)
        got = one_number(answer(samples, centres, 0.5), "The number of covered modes")
        if not close(got, right, 1e-9):
            raise NotYet(
                f"With std = 0.5 and centres {centres.tolist()}: {why} So {right} covered; yours says {got:.0f}."
            )
    print("Right: near means within three standard deviations, and covered means a fifth of a fair share.")


@check
def cheapest_k(answer: Callable[[Mapping[int, int | None]], int]) -> None:
    """Lesson 04, task 4: answer({k: rounds needed, None if never}) to the k that needs the fewest moves in all."""
    for needed in (
        {1: None, 2: 150, 5: 90, 10: 80},
        {1: 100, 2: 70, 5: 60},
        {1: 500, 2: 240, 4: 140, 8: 130},
        {2: 100, 5: 50},
        {5: 40, 1: None, 3: 70},
        {5: 40, 1: None, 3: 60},
        {3: 0, 1: 5, 2: 0},
        {7: 30},
    ):
        got = one_number(answer(dict(needed)), "k").item()
        settled = {k: rounds for k, rounds in needed.items() if rounds is not None}
        cost = {k: (k + 1) * rounds for k, rounds in settled.items()}
        best = min(sorted(cost), key=cost.get)
        told = f"For {needed} the moves are {cost}, so k = {best}; yours says {got:g}."
        if got == best:
            continue
        if got in needed and needed[got] is None:
            raise NotYet(f"{told} None means that the game never settles with this k; no number of moves is enough.")
        if got in cost.values():
            raise NotYet(f"{told} That is the number of moves. The question is which k.")
        if got in cost and cost[got] == cost[best]:
            raise NotYet(f"{told} The cost is the same; of two that cost the same, take the smaller k.")
        if got == min(sorted(settled), key=lambda k: k * settled[k]):
            raise NotYet(f"{told} A round is k moves of D and one of G: k + 1 in all.")
        if got == min(sorted(settled), key=settled.get):
            raise NotYet(f"{told} It needs the fewest rounds, but a round with a large k costs more.")
        if got == min(settled):
            raise NotYet(f"{told} The smallest k has the cheapest rounds, but may need many of them.")
        raise NotYet(told)
    print("Right: rounds times k + 1, among those that settle at all.")


@check
def distance_from_log(answer: Callable[[float], float]) -> None:
    """Lesson 04, task 5a: answer(D's loss) to the largest lower bound on JSD(p_data, p_g) that it proves."""
    log4 = math.log(4)
    for loss in (0.551, 0.0, 1.2, log4, 1.7, 1.38, 40.0):
        right = max(0.0, (log4 - loss) / 2)
        got = one_number(answer(loss), "A distance").detach()
        if close(got, right):
            continue
        told = f"From a loss of {loss:.3f} follows a JSD of at least {right:.3f}; yours says {got:.3f}."
        for wrong, why in (
            (log4 - loss, "Theorem 1 has two times the JSD: C(G) = -log 4 + 2 JSD."),
            ((loss - log4) / 2, "The sign is turned: D's loss is -V, and a smaller loss means a larger distance."),
            ((log4 - loss) / 2, "A distance is never negative. A D that is worse than a coin proves nothing: 0."),
            (max(0.0, (math.log(2) - loss) / 2), "At equality D's loss is log 4, a log 2 from each half of V."),
            (max(0.0, (log4 - loss) / 2) / math.log(2), "This is in bits. The course counts in nats."),
            (-loss, "This is V itself. Theorem 1 says how V at the best D is related to the JSD."),
        ):
            if close(got, wrong):
                raise NotYet(f"{told} {why}")
        raise NotYet(told)
    print("Right: half of what D has gained on a coin, and nothing if it has gained nothing.")


@check
def winning(answer: Callable[[], Mapping[str, str]]) -> None:
    """Lesson 04, task 5b: answer() to {"A": ..., "B": ..., "C": ..., "D": ...}, each one of four verdicts."""
    got = answer()
    if got is None:
        raise NotYet("Your function returned nothing. Is there a `return`?")
    choices = ("D", "G", "bug", "look at samples")
    if not isinstance(got, Mapping) or set(got) != set("ABCD") or not all(v in choices for v in got.values()):
        raise NotYet(f"Return a dict from the letters A, B, C, D to one of {choices} each; got {got!r}.")
    for letter, right, why in (
        ("A", "D", "D's loss is near 0, G's is large: every fake is found out. Which player is that good for?"),
        (
            "B",
            "look at samples",
            "log 4 and log 2 mean that D cannot tell. Good fakes and a weak D look the same here.",
        ),
        ("C", "bug", "Both losses fall to 0. What one player wins the other loses, so no honest game does that."),
        ("D", "G", "D's loss is above log 4, worse than a coin's, and G's is low: D is being fooled."),
    ):
        if got[letter] != right:
            raise NotYet(f"Log {letter}: you say '{got[letter]}'. {why}")
    print("Right: one for D, one for G, one bug, and one that only samples can tell.")
