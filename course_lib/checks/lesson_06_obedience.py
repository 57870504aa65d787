"""Checks for lesson 06: who obeys a label, and a D that is not told it."""

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.checks.base import NotYet, as_tensor, check, close, untouched
from course_lib.checks.obedience import Obeys, judge_of_obeys


@check
def obedience_by_label(answer: Callable[..., Tensor]) -> None:
    """Lesson 06, task 3: answer(generator, judge, per_label) to the share of obedient samples, (label,)."""
    right = torch.tensor([1.0, 0.75, 0.5, 0.25], dtype=torch.float64)
    for per_label in (8, 20, 4):
        generator = Obeys()
        got = as_tensor(answer(generator, judge_of_obeys, per_label)).detach()
        if not generator.training or not generator.scale.requires_grad:
            raise NotYet(
                "The generator was left in evaluation mode, or frozen. It is only asked here, and the next training "
                "wants it as it was: put back what you change."
            )
        if got.shape == ():
            raise NotYet(
                f"One number came, {got.item():.3g}. Asked for is one share for each label: a mean over all would hide "
                "a label that is never obeyed."
            )
        if got.shape != (4,):
            raise NotYet(f"Expected one share for each of 4 labels, got shape {tuple(got.shape)}.")
        asked, seen = generator.asked, generator.seen
        if asked.bincount(minlength=4).tolist() != [per_label] * 4:
            raise NotYet(
                f"{per_label} images of each label were to be made; asked for were {asked.bincount(minlength=4).tolist()}."
            )
        probability = judge_of_obeys((seen / 4 - 0.8)[:, None, None, None]).softmax(1)[torch.arange(len(asked)), asked]
        in_turn, in_blocks = torch.arange(len(asked)) % 4, torch.arange(4).repeat_interleave(per_label)
        mixed = (
            "Rows are mixed up: the labels you compare with stand in another order than those the images were made "
            "for. Make y once, give it to G, and compare with the same y."
        )
        grouped = (
            "Every image is compared with its label, but the mean is not over the images of one label. How y is ordered "
            "says which `view` puts them into one row."
        )
        mistakes = (
            (f"These are counts. Divide by the {per_label} images of each label.", right * per_label),
            ("Each share is a quarter of what it should be: divide by the images of one label, not by all.", right / 4),
            ("These are percentages. A share is in [0, 1].", 100 * right),
            ("This is the share that does not obey.", 1 - right),
            ("This is one mean over all labels, repeated. Average label by label.", right.mean().expand(4)),
            (
                "This counts how often the judge saw each digit, whatever was asked for.",
                seen.bincount(minlength=4) / per_label,
            ),
            (
                "This is the mean probability that the judge gives to the label. Count how often it is the best class.",
                _by_label(probability, asked),
            ),
            (
                "These are shares of the images read as a label. Asked for are shares of those made for it.",
                _by_label(seen == asked, seen),
            ),
            (mixed, _by_label(seen == in_turn, in_turn)),
            (mixed, _by_label(seen == in_blocks, in_blocks)),
            (grouped, _by_label(seen == asked, in_turn)),
            (grouped, _by_label(seen == asked, in_blocks)),
        )
        for sentence, mistaken in mistakes:
            if close(got, mistaken) and not close(got, right):
                raise NotYet(sentence)
        if not close(got, right):
            raise NotYet(
                f"Expected shares {right.tolist()}, got {[round(v, 3) for v in got.tolist()]}. Compare the judge's best "
                "class (argmax over classes, dimension 1) with the label in the same row, and average label by label."
            )
    print("Right: every image is compared with the label that it was made for, label by label.")


def _by_label(values: Tensor, labels: Tensor) -> Tensor:
    return torch.stack([values[labels == label].double().mean() for label in range(4)])


@check
def unseen_disobedience(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Lesson 06, task 4: answer(p, share) to a table g that only a D that is told y can tell from p."""
    random = torch.Generator().manual_seed(2)
    for share in ([0.5, 0.5], [0.2, 0.8], [0.5, 0.2, 0.3]):
        share = torch.tensor(share, dtype=torch.float64)
        p = (1.5 * torch.randn(len(share), 4, dtype=torch.float64, generator=random)).softmax(1)
        g = as_tensor(untouched(answer, p, share))
        if g.shape != p.shape:
            raise NotYet(f"g has one row a label, as p: expected shape {tuple(p.shape)}, got {tuple(g.shape)}.")
        if g.isnan().any() or (g < -1e-9).any():
            raise NotYet(f"A probability is never negative nor NaN; your smallest is {g.min().item():.3g}.")
        sums = g.sum(1)
        if not close(sums, torch.ones(len(g)), 1e-6):
            hint = " g holds g(x|y), not p(y) g(x|y)." if close(sums, share, 1e-6) else ""
            if close(g.sum(0), torch.ones(g.shape[1]), 1e-6):
                hint = " Your columns do: p(y|x) is the wrong way round."
            raise NotYet(f"Each row should sum to 1; yours sum to {[round(v, 3) for v in sums.tolist()]}.{hint}")
        if (g - p).abs().max() < 1e-4:
            raise NotYet(
                "This g is p itself, or within 0.0001 of it: no discriminator can tell, told or not. Wanted is a g that does "
                "not do what the label says, and is found out only by a D that is told the label."
            )
        if close(g, p.mean(0).expand_as(g), 1e-6) and not close(share, torch.full_like(share, 1 / len(share))):
            raise NotYet(
                f"Rare and frequent labels count equally in your mixture. With shares {share.tolist()} the data as a "
                "whole are not the plain mean of the rows."
            )
        seen, wanted = share @ g, share @ p
        if not close(seen, wanted, 1e-5):
            seen, wanted = ([round(v, 4) for v in mixture.tolist()] for mixture in (seen, wanted))
            raise NotYet(
                f"With shares {share.tolist()}, even a D that is not told y tells this g from the data. All that it sees is "
                f"the mixture over labels, {seen} for g and {wanted} for p. The two must be the same."
            )
    print("Right: label by label it is wrong, and a D that is not told the label is left with -log 4.")
