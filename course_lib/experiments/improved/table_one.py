"""Semi-supervised digits for many numbers of labels and seeds at once: Salimans et al. 2016, Table 1.

    gan-course reproduce semi-mnist --labels 20 50 100 200 --seeds 10

Each game is that of `semi_mnist`, and is trained beside the others: forty cost a GPU a few times what one does. There is
a record for each, and one for each number of labels: the mean and the spread over its seeds, and the errors of
their ensemble, which names the class that the discriminators' probabilities, averaged, make the likeliest. Expected
of ten: 1134 +- 445 errors of 10,000 with 20 labels, 142 +- 96 with 50, 86 +- 5.6 with 100, 81 +- 4.3 with 200; the
paper's spread is over ensembles. On a CPU the games take as long as one after
the other, hours each.
"""

from dataclasses import dataclass, fields
from functools import partial
from itertools import product
from statistics import mean, stdev

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.environment import by_size
from course_lib.experiments.improved import semi_mnist
from course_lib.training.ledger import Outcome
from course_lib.training.plan import Plan, Training
from course_lib.training.run import train
from course_lib.training.stack import stacked

ENSEMBLES = {20: "1134 ± 445", 50: "142 ± 96", 100: "86 ± 5.6", 200: "81 ± 4.3"}
PAPER = semi_mnist.PAPER | {
    **{f"test_errors_{labels}_labels_ensemble_of_10": errors for labels, errors in ENSEMBLES.items()},
    **{f"{name}_mean_of_10_seeds": errors for name, errors in semi_mnist.PAPER.items()},
}
TRAINING = semi_mnist.TRAINING


@dataclass(frozen=True)
class Settings(semi_mnist.Settings):
    """The settings of every game, and which games there are."""

    labels: tuple[int, ...] = (100,)
    """Known ones in all, equally many of each class; a game for each of these numbers and each seed."""
    seeds: int = 1
    """Games for each number of labels, of the seeds from `seed` on."""

    def __post_init__(self):
        if self.seeds < 1 or not self.labels:
            raise ValueError(
                f"There is no game for seeds {self.seeds} and labels {self.labels}. Give at least 1 of each."
            )
        if len(set(self.labels)) < len(self.labels):
            raise ValueError(f"labels are {self.labels}; name each number once.")

    def games(self) -> list[semi_mnist.Settings]:
        """The settings of each game, number of labels by number of labels."""
        shared = {field.name: getattr(self, field.name) for field in fields(semi_mnist.Settings)}
        pairs = product(self.labels, range(self.seed, self.seed + self.seeds))
        return [semi_mnist.Settings(**shared | {"labels": labels, "seed": seed}) for labels, seed in pairs]


QUICK = Settings(labels=(20, 50), seeds=2, steps=4, batch_size=20, generator_units=(16,), discriminator_units=(16, 16))
CPU = Settings(steps=6_000)
GPU = Settings()


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


def plan(settings: Settings, device: torch.device) -> Plan:
    """All the games as one, on digits that they share."""
    return plan_with(semi_mnist.data(device), settings, device)


def plan_with(data: semi_mnist.Data, settings: Settings, device: torch.device) -> Plan:
    """`plan` on digits that are there already."""
    games = settings.games()
    plans = [partial(semi_mnist.plan_with, data, game, device) for game in games]
    return stacked(plans, [game.seed for game in games], [_name(game) for game in games])


def reproduce(settings: Settings, training: Training) -> list[Outcome]:
    """Train all games, count each one's errors on the test images, and those of the ensembles."""
    games = settings.games()
    if len(games) == 1:
        return [semi_mnist.reproduce(games[0], training)]
    trained = train("semi-mnist-table", plan, settings, training)
    device = next(trained.discriminator.parameters()).device
    data = semi_mnist.data(device)
    beside = f"one of {len(games)} games side by side, the time is that of all"
    outcomes, judges = [], [trained.discriminator.network(number) for number in range(len(games))]
    for game in games:
        own = {name: value for name, value in trained.measures.items() if name.endswith(f"({_name(game)})")}
        numbers = {name.partition(" (")[0]: value for name, value in own.items()}
        outcomes.append(
            Outcome(
                numbers, trained.seconds, device, semi_mnist.note(game.labels, len(data.test_y), beside), settings=game
            )
        )
    for labels in settings.labels if settings.seeds > 1 else ():
        chosen = [number for number, game in enumerate(games) if game.labels == labels]
        name = semi_mnist.errors_name(labels, data)
        errors = [outcomes[number].numbers[name] for number in chosen]
        n = len(chosen)
        numbers = {
            f"{name}_mean_of_{n}_seeds": mean(errors),
            f"{name}_std_of_{n}_seeds": stdev(errors),
            f"{name}_ensemble_of_{n}": ensemble_errors([judges[number] for number in chosen], data.test_x, data.test_y),
        }
        outcomes.append(
            Outcome(numbers, trained.seconds, device, semi_mnist.note(labels, len(data.test_y), f"{n} seeds", beside))
        )
    return outcomes


def ensemble_errors(discriminators: list[nn.Module], x: Float[Tensor, "test 1 28 28"], y: Int[Tensor, " test"]) -> int:
    """How many of x are named wrongly by the mean of the discriminators' class probabilities."""
    with torch.no_grad():
        likely = sum(discriminator(x).classes.softmax(1) for discriminator in discriminators)
    return int((likely.argmax(1) != y).sum())


def _name(game: semi_mnist.Settings) -> str:
    return f"{game.labels} labels, seed {game.seed}"
