"""The check of lesson 07, task 4: a split by concept, drawn by the seed."""

import random
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from course_lib.checks.base import NotYet, check, untouched


@check
def split_by_concept(answer: Callable[[Tensor, float, int], Tensor]) -> None:
    """Lesson 07, task 4: answer(concept, share, seed), concept (picture,), to (picture,) True where it is for testing."""
    for share, count in ((0.2, 20), (0.5, 20), (0.33, 20), (0.4, 7), (0.7, 4)):
        # Neither sorted nor without gaps, and one concept, of number 14, has more pictures than all others together.
        sizes = torch.arange(count) % 4 + 1
        sizes[3] = 60
        concept = (torch.arange(count).square() + 5).repeat_interleave(sizes)
        concept = concept[torch.randperm(len(concept), generator=torch.Generator().manual_seed(1))]
        before = _random_states()
        *drawn, again = (_mask(untouched(answer, concept, share, seed), concept) for seed in (*range(40), 0))
        moved = before != _random_states()
        torch.set_rng_state(torch.tensor(before[0], dtype=torch.uint8))
        random.setstate(before[1])
        np.random.set_state(before[2])
        for test in drawn:
            both = set(concept[test].tolist()) & set(concept[~test].tolist())
            if both:
                raise NotYet(
                    f"{len(both)} concepts have pictures on both sides, such as number {min(both)}. Draw concepts, not "
                    "pictures, and give all pictures of a concept to one side."
                )
        if not torch.equal(drawn[0], again):
            raise NotYet("Seed 0, asked twice, gave two different splits. Draw with a generator made from the seed.")
        numbers, wanted = {len(concept[test].unique()) for test in drawn}, round(share * count)
        if numbers == {count - wanted} != {wanted}:
            raise NotYet("True marks the training pictures here. It should mark those for testing.")
        if numbers == {int(share * count)} != {wanted}:
            raise NotYet(
                f"share {share} of {count} concepts is {share * count:.1f}, rounded {wanted}; yours has {int(share * count)}. `int` "
                "cuts off, `round` takes the nearest whole number."
            )
        if numbers != {wanted}:
            raise NotYet(
                f"share {share} of {count} concepts are {wanted} for testing, exactly so many with every seed; yours has "
                f"{' to '.join(map(str, sorted({min(numbers), max(numbers)})))}. It is a share of the concepts and not of "
                "the pictures: draw so many of the numbers that occur, none twice, and toss no coin for each."
            )
        if all(torch.equal(drawn[0], other) for other in drawn[1:]):
            raise NotYet("Forty seeds gave one and the same split. It should be drawn at random, by the seed.")
        times = sum(int(test[concept == 14].any()) for test in drawn)
        if share == 0.2 and times > 25:  # 8 on average; over 25 happen to a right answer once in a billion
            raise NotYet(
                f"Concept 14, with {sizes[3]} of {len(concept)} pictures, is for testing with {times} of forty seeds. Each "
                "concept should be as likely as any other: draw among their different numbers, not among the pictures."
            )
        for end in (concept.min(), concept.max()):
            # By chance this happens to a right answer once in thousands at share 0.2, so it is asked at 0.5 alone.
            if share == 0.5 and not any(test[concept == end].any() for test in drawn):
                raise NotYet(f"Concept {end} is in the test part of none of forty seeds. Draw from all concepts.")
        if moved:
            raise NotYet(
                "Your function moved the global random state, of PyTorch, Python or NumPy, so that whatever is drawn "
                "afterwards changes with it. Use a generator of your own, such as a torch.Generator."
            )
    print("Right: whole concepts, drawn by the seed, and nothing that a test picture shows has been trained on.")


def _random_states() -> tuple:
    """The global random states of PyTorch, Python and NumPy, in forms that `==` compares."""
    kind, numbers, *rest = np.random.get_state()
    return torch.get_rng_state().tolist(), random.getstate(), (kind, numbers.tolist(), *rest)


def _mask(got, concept: Tensor) -> Tensor:
    """The answer as a (picture,) tensor of booleans, or NotYet saying what it is instead."""
    if got is None:
        raise NotYet("Your function returned nothing. Is there a `return`?")
    try:
        got = torch.as_tensor(got)
    except (TypeError, ValueError, RuntimeError):
        raise NotYet(
            f"Return True or False for each of the {len(concept)} pictures, in one tensor; a {type(got).__name__} came."
        ) from None
    if got.shape != concept.shape:
        raise NotYet(
            f"Return True or False for each of the {len(concept)} pictures; yours has shape {tuple(got.shape)}. "
            "Are these places, or one answer for each concept?"
        )
    if not ((got == 0) | (got == 1)).all():
        raise NotYet("Return True or False for each picture; other numbers came. Are these places?")
    return got.bool()
