"""Checks for lesson 06: one-hot conditioning, and the conditional value."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_lib import theory
from course_lib.checks.base import NotYet, as_tensor, check, close, one_number, untouched


@check
def noise_and_label(answer: Callable[[Tensor, Tensor, int], Tensor]) -> None:
    """Lesson 06, task 1: answer(z, y, classes), z (batch, noise) and y (batch,), to (batch, noise + classes)."""
    random = torch.Generator().manual_seed(0)
    for labels, classes, dtype in (
        ([2, 0, 1, 2, 2], 4, torch.float32),
        ([9, 3, 9], 10, torch.float64),
        ([1], 3, torch.float32),
        ([0, 2], 3, torch.float16),
    ):
        z = torch.rand(len(labels), 5, generator=random, dtype=torch.float64).to(dtype)
        y = torch.tensor(labels)
        got = answer(z, y, classes)
        if got is None:
            raise NotYet("Your function returned nothing. Is there a `return`?")
        if not isinstance(got, Tensor):
            raise NotYet(
                f"Your function returned a {type(got).__name__}. A network wants one tensor: z, then the label."
            )
        one_hot = torch.eye(classes, dtype=dtype)[y]
        wanted = torch.cat([z, one_hot], 1)
        if got.shape == one_hot.shape:
            raise NotYet("These are the labels without z. The generator wants both: z, and the label behind it.")
        if got.shape == (len(labels), z.shape[1] + 1):
            raise NotYet(
                "One column was added: the label as a number. To a network 9 would be nine times as much as 1, and 4 "
                f"between 3 and 5. Give every label a column of its own, {classes} in all."
            )
        if got.ndim == 2 and got.shape[0] == len(labels) and got.shape[1] < wanted.shape[1]:
            raise NotYet(
                f"For {classes} classes the input has {wanted.shape[1]} columns; yours has {got.shape[1]}. A batch that "
                "happens to lack the highest label must not make the input narrower: use `classes`."
            )
        if got.ndim == 2 and got.shape[0] == len(labels) and got.shape[1] > wanted.shape[1]:
            raise NotYet(
                f"For {classes} classes the input has {wanted.shape[1]} columns, those of z and one for each class; yours "
                f"has {got.shape[1]}. `classes` says how many classes there are."
            )
        if got.shape != wanted.shape:
            raise NotYet(
                f"One row an example: expected shape {tuple(wanted.shape)}, got {tuple(got.shape)}. Join along the "
                "columns, dimension 1."
            )
        if got.dtype != dtype:
            raise NotYet(f"z has type {dtype} and your result {got.dtype}. Turn the one-hot rows into z's type.")
        if torch.equal(got, wanted):
            continue
        mistakes = {
            "The label stands before z. Here z comes first.": torch.cat([one_hot, z], 1),
            "The rows of the labels do not belong to the rows of z: their order was changed.": torch.cat(
                [z, torch.eye(classes, dtype=dtype)[y.sort().values]], 1
            ),
            "Every row has the label of the first. Each example has its own.": torch.cat(
                [z, one_hot[:1].expand(len(y), -1)], 1
            ),
            "The 1 stands one column too far to the right, as if labels began at 1.": torch.cat(
                [z, one_hot.roll(1, 1)], 1
            ),
            "The 1 stands one column too far to the left. Labels begin at 0.": torch.cat([z, one_hot.roll(-1, 1)], 1),
            "Every row has a 1 for every label of the batch: `[:, y] = 1` fills whole columns. A row gets a single 1.": (
                torch.cat([z, one_hot.amax(0).expand_as(one_hot)], 1)
            ),
            "The 1 holds the label itself. One-hot rows are of 0 and 1 alone.": torch.cat([z, one_hot * y[:, None]], 1),
            "0 and 1 are exchanged. The 1 stands at the label, 0 everywhere else.": torch.cat([z, 1 - one_hot], 1),
        }
        for sentence, mistaken in mistakes.items():
            if torch.equal(got, mistaken):
                raise NotYet(sentence)
        if not torch.equal(got[:, : z.shape[1]], z):
            raise NotYet("The first columns are not z any more. Conditioning adds columns and leaves the noise alone.")
        if not torch.equal(got, wanted):
            row = int((got != wanted).any(1).int().argmax())
            raise NotYet(
                f"For y = {labels[row]}, in row {row}, the columns after z should be {one_hot[row].int().tolist()}; "
                f"yours are {got[row, z.shape[1] :].tolist()}."
            )
    print("Right: z as it was, and behind it a 1 in the column of the label.")


@check
def conditional_value(answer: Callable[[Tensor, Tensor, Tensor, Tensor], float]) -> None:
    """Lesson 06, task 2: answer(p, g, d, share), tables (label, outcome) and share (label,), to V of equation 2."""
    random = torch.Generator().manual_seed(1)
    for labels, outcomes in ((2, 3), (3, 5)):
        p, g = (2 * torch.randn(2, labels, outcomes, dtype=torch.float64, generator=random)).softmax(2)
        d = torch.rand(labels, outcomes, dtype=torch.float64, generator=random) * 0.8 + 0.1
        share = torch.arange(1, labels + 1, dtype=torch.float64)
        share = share / share.sum()
        got = one_number(untouched(answer, p, g, d, share), "V")
        real, fake = p * d.log(), g * (1 - d).log()
        by_label = (real + fake).sum(1)
        right = share @ by_label
        mixed, best = share @ d, theory.optimal_discriminator(p, g)
        mistakes = {
            "The labels count equally. Weigh the game of each by p(y).": by_label.mean(),
            "The games of all labels are added up without their weights p(y).": by_label.sum(),
            "This is the first term alone; the fakes are missing.": share @ real.sum(1),
            "This is the second term alone; the real data are missing.": share @ fake.sum(1),
            "This is the loss of D. V is its negative.": -right,
            "The logarithm is to base 2. The paper's is natural.": right / math.log(2),
            "The logarithm is to base 10. The paper's is natural.": right / math.log(10),
            "The logarithms are missing.": share @ (p * d + g * (1 - d)).sum(1),
            "The logarithm of a sum was taken. V is a sum of logarithms, each weighed by its probability.": share
            @ ((p * d).sum(1).log() + (g * (1 - d)).sum(1).log()),
            "This is the plain mean of the table. Outcomes are added up, labels weighed by p(y).": by_label.mean()
            / outcomes,
            "The probabilities p and g are missing: an outcome counts as often as it comes.": share
            @ (d.log() + (1 - d).log()).sum(1),
            "The probabilities p and g are missing: a plain mean over outcomes is no expectation.": share
            @ (d.log() + (1 - d).log()).mean(1),
            "This is the value of the best D. Wanted is that of the D given.": share
            @ (p * best.log() + g * (1 - best).log()).sum(1),
            "The mean over outcomes was taken. An expectation is a sum, weighed by the probabilities.": right
            / outcomes,
            "The fakes should count with log(1 - D), not with log D.": share @ (p * d.log() + g * d.log()).sum(1),
            "Only the real term was weighed by p(y).": share @ real.sum(1) + fake.sum(),
            "Only the fake term was weighed by p(y).": real.sum() + share @ fake.sum(1),
            "The two tables are exchanged: log D belongs to the data.": share
            @ (g * d.log() + p * (1 - d).log()).sum(1),
            "Your D answers the same for every label: it was averaged over y. D(x|y) is told y.": (share @ p)
            @ mixed.log()
            + (share @ g) @ (1 - mixed).log(),
        }
        for sentence, mistaken in mistakes.items():
            if close(got, mistaken) and not close(got, right):
                raise NotYet(f"Expected {right:.4f}, got {got:.4f}. {sentence}")
        if not close(got, right):
            raise NotYet(f"Expected {right:.4f}, got {got:.4f}. Is it the sum over y of p(y) times the value at y?")
    p, g = torch.tensor([[[0.5, 0.5]], [[0.25, 0.75]]], dtype=torch.float64)
    d, share = torch.tensor([[1e-30, 0.5]], dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    right = (p * d.log() + g * (1 - d).log()).sum()
    if not close(got := as_tensor(answer(p, g, d, share)), right):
        raise NotYet(
            f"With one label, and D(x|y) = 1e-30 at an outcome, V is {right:.3f}; yours is {got.tolist()}. A small number "
            "added inside the logarithm, or a clamp, hides how wrong D is there."
        )
    print("Right: one game for every label, each counted as often as its label comes.")
