"""Checks for lesson 11: C chosen without a look at the test set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from course_lib.checks.base import NotYet, as_tensor, check, close, compare, two_numbers

Labelled = tuple[Tensor, Tensor]


@dataclass
class Bench:
    """Stands in for training and scoring: every part of the data has its accuracy at each C, and every look is noted."""

    parts: dict[str, Labelled]
    table: dict[str, dict[float, float]]
    looks: list[tuple[str, float]] = field(default_factory=list)

    def fit(self, train, C) -> "Fitted":
        """A classifier, if this is the training part."""
        if (name := self.name_of(train)) != "train":
            raise NotYet(
                f"A classifier was fitted to {name}. Fit to the training part alone: what is chosen by has to be unseen."
            )
        if not any(close(C, offered, 1e-9) for offered in self.table["validation"]):
            raise NotYet(f"A classifier was fitted with C = {C}, which is not on offer.")
        return Fitted(self, min(self.table["validation"], key=lambda offered: abs(offered - float(C))))

    def name_of(self, labelled) -> str:
        """Which part of the data this is."""
        try:
            features, labels = labelled
        except (TypeError, ValueError):
            raise NotYet("Hand a part on as it came: a pair of features and labels.") from None
        for name, (x, y) in self.parts.items():
            if x.shape == features.shape and torch.equal(x, features) and torch.equal(y, labels):
                return f"{name}" if name == "train" else f"the {name} part"
        return "something that is none of the three parts"


@dataclass(frozen=True)
class Fitted:
    """A classifier fitted at one C."""

    bench: Bench
    C: float

    def score(self, labelled) -> float:
        """Its accuracy on a part of the data."""
        name = self.bench.name_of(labelled).removeprefix("the ").removesuffix(" part")
        if name not in self.bench.table:
            raise NotYet(f"A classifier was scored on {name}.")
        self.bench.looks.append((name, self.C))
        return self.bench.table[name][self.C]


# Accuracies on train, validation and test at each C; what tells the mistakes apart is where each is highest.
TABLES = (
    # The test part would choose 0.1, the training part 10, validation 1. The smallest C is best nowhere.
    {0.01: (0.60, 0.55, 0.52), 0.1: (0.80, 0.81, 0.86), 1.0: (0.95, 0.84, 0.79), 10.0: (1.00, 0.78, 0.75)},
    # Equals on validation: the smallest C of them, in whatever order they come.
    {5.0: (1.00, 0.70, 0.61), 50.0: (1.00, 0.90, 0.91), 0.5: (0.90, 0.90, 0.83), 0.05: (0.70, 0.60, 0.40)},
    # Highest at the last on offer, and at the first.
    {0.2: (0.50, 0.31, 0.90), 0.4: (0.60, 0.32, 0.80), 0.8: (0.55, 0.33, 0.70)},
    {3.0: (0.90, 0.77, 0.60), 30.0: (1.00, 0.66, 0.65), 300.0: (1.00, 0.70, 0.71)},
    {0.3: (0.9, 0.0, 0.0)},
)


@check
def c_by_validation(answer: Callable[..., tuple[float, float]]) -> None:
    """Lesson 11, task 4: answer(fit, train, validation, test, Cs) to (C, accuracy on the test part)."""
    wanted = "Return two numbers: (C, accuracy on the test part)."
    for number, rows in enumerate(TABLES):
        random = torch.Generator().manual_seed(number)
        parts = {
            name: (torch.randn(n, 3, generator=random), torch.randint(2, (n,), generator=random))
            for name, n in (("train", 8), ("validation", 6), ("test", 5))
        }
        table = {name: {C: row[i] for C, row in rows.items()} for i, name in enumerate(parts)}
        bench = Bench(parts, table)
        c, accuracy = two_numbers(answer(bench.fit, *parts.values(), list(rows)), wanted)
        if (c.numel(), accuracy.numel()) != (1, 1):
            raise NotYet(wanted)
        _judge(c.reshape(()), accuracy.reshape(()), bench, list(rows))
    print("Right: C by the validation part, the smaller of equals, and one look at the test part.")


def _judge(c: Tensor, accuracy: Tensor, bench: Bench, cs: Sequence[float]) -> None:
    on_train, on_validation, on_test = (bench.table[name] for name in ("train", "validation", "test"))
    most = max(on_validation.values())
    best = min(C for C in cs if on_validation[C] == most)
    looked_at = {C for name, C in bench.looks if name == "test"}
    if len(looked_at) > 1:
        raise NotYet(
            f"The test part was scored at {len(looked_at)} values of C ({', '.join(f'{C:g}' for C in sorted(looked_at))}). "
            "Choose first, and look at it once: at the C that validation chose."
        )
    if not any(close(c, offered, 1e-9) for offered in cs):
        if any(close(accuracy, offered, 1e-9) for offered in cs):
            raise NotYet("The two are in the wrong order: first C, then the accuracy.")
        raise NotYet(f"Your C is {c:g}, none of those on offer. Is it its place in the list?")
    if not close(c, best, 1e-9):
        chosen = on_validation[min(cs, key=lambda offered: abs(offered - c.item()))]
        if chosen == most:
            why = "Both do equally well on the validation part; take the smaller, which is the more regularised."
        elif chosen == min(on_validation.values()):
            why = "That is where the validation part does worst."
        elif not any(name == "validation" for name, _ in bench.looks):
            why = "The validation part was never scored. Was C chosen by the data that were trained on?"
        else:
            why = "Score every C on the validation part, and keep the best."
        raise NotYet(f"Of {', '.join(f'{C:g}' for C in cs)} the best is {best:g}; you chose {c:g}. {why}")
    mistakes = {
        "This is the accuracy on the validation part, by which C was chosen. Report the test part's.": as_tensor(most),
        "This is the accuracy on the training part. Report the test part's.": as_tensor(on_train[best]),
        "This is the share of errors.": as_tensor(1 - on_test[best]),
        "In percent? Give a share between 0 and 1.": as_tensor(100 * on_test[best]),
    }
    at_best = "Report the accuracy on the test part at the C chosen."
    compare(accuracy, as_tensor(on_test[best]), mistakes, f"At C = {best:g}:", at_best, 1e-6)
