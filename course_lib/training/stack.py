"""Several plans as one plan, whose games the trainer then plays side by side."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace

import torch
from torch import Tensor, nn

from course_lib.data import Batches, SemiSupervisedBatches
from course_lib.environment import seed
from course_lib.training.chance import Chance
from course_lib.training.checkpoint import undisturbed
from course_lib.training.plan import Plan
from course_lib.training.side_by_side import OfEach, SideBySide
from course_lib.verdict import Batch


def stacked(plans: Sequence[Callable[[], Plan]], seeds: Sequence[int], names: Sequence[str]) -> Plan:
    """One plan for all the games. Its networks are `SideBySide`, its measures those of each game, with its name.

    plans: each makes the plan of one game, after its seed of `seeds` has been set, as when the game is trained alone.
    The games may differ in seed and data; whatever else they are made of is taken from the first. Weights are the last
    ones, and no pictures are drawn on the way.
    Raises ValueError for networks of different shapes, terms that remember, and plans that choose weights by a measure.
    """
    made, states = [], []
    for plan, number in zip(plans, seeds, strict=True):
        seed(number)
        made.append(plan())
        states.append(torch.get_rng_state())
    first = made[0]
    if any(plan.decides or plan.patience for plan in made):
        raise ValueError("Games side by side all end together, at their last weights; these plans choose by a measure.")
    chance = Chance(torch.stack(states))
    generator = SideBySide([plan.game.generator for plan in made], chance)
    discriminator = SideBySide([plan.game.discriminator for plan in made], chance)
    summed = f", sum of {len(made)}"
    game = replace(
        first.game,
        generator=generator,
        discriminator=discriminator,
        d_terms={name + summed: OfEach(term, chance) for name, term in first.game.d_terms.items()},
        g_terms={name + summed: OfEach(term, chance) for name, term in first.game.g_terms.items()},
        d_optimizer=_for(first.game.d_optimizer, discriminator),
        g_optimizer=_for(first.game.g_optimizer, generator),
    )

    def measure(generator: SideBySide, discriminator: SideBySide) -> dict[str, float]:
        found = {}
        for number, (plan, name) in enumerate(zip(made, names, strict=True)):
            with undisturbed():  # each by the same random numbers, as alone
                own = plan.measure(generator.network(number), discriminator.network(number))
            found |= {f"{key} ({name})": value for key, value in own.items()}
        return found

    batches = StackedBatches([plan.batches for plan in made])
    return Plan(game, batches, measure=measure if first.measure else None, average=first.average)


def _for(optimizer: torch.optim.Optimizer, network: nn.Module) -> torch.optim.Optimizer:
    """The optimiser, with its settings and schedules, for other weights; before its first step."""
    (group,) = optimizer.param_groups
    group["params"] = list(network.parameters())
    return optimizer


class StackedBatches:
    """The batches of several games as one of (batch, game, ...); each game's order is its own.

    each: all `Batches`, or all `SemiSupervisedBatches`, of equal batch sizes. Data that are the same tensor are kept once.
    """

    def __init__(self, each: Sequence[Batches] | Sequence[SemiSupervisedBatches]):
        self._each, first = list(each), each[0]
        sizes = {(games.batch_size, getattr(games, "labelled_batch_size", 0)) for games in each}
        if len(sizes) > 1:
            raise ValueError(f"Games side by side need batches of equal size; got {sorted(sizes)}.")
        self.batch_size = first.batch_size
        parts = ("labelled_x", "labelled_y") if isinstance(first, SemiSupervisedBatches) else ()
        self._all = copy(first)
        if parts:
            self._all.unlabelled = copy(first.unlabelled)
            offsets = [self._pool(self._all.unlabelled, [games.unlabelled for games in each], ("x", "y"))]
            offsets.append(self._pool(self._all, each, parts))
        else:
            offsets = [self._pool(self._all, each, ("x", "y"))]
        self._offsets = offsets

    @staticmethod
    def _pool(into: object, each: Sequence, names: Sequence[str]) -> Tensor | int:
        """Put the data of all games one after the other; where each game's begin."""
        tensors = {name: [getattr(games, name) for games in each] for name in names}
        lead = tensors[names[0]]
        if all(own is lead[0] for own in lead):
            return 0
        for name, own in tensors.items():
            if own[0] is not None:
                setattr(into, name, torch.cat(own))
        lengths = torch.tensor([0, *(len(own) for own in lead[:-1])], device=lead[0].device)
        return lengths.cumsum(0)

    def __iter__(self) -> "StackedBatches":
        return self

    def __next__(self) -> Batch:
        return self.take(*self.draw())

    def draw(self) -> tuple[Tensor, ...]:
        """Where the next batch of every game lies: (batch, game) places."""
        columns = zip(*(games.draw() for games in self._each), strict=True)
        return tuple(torch.stack(column, 1) + offset for column, offset in zip(columns, self._offsets, strict=True))

    def take(self, *places: Tensor) -> Batch:
        """The batch that lies there."""
        return self._all.take(*places)

    def state_dict(self) -> dict[str, list]:
        """Where every game is, for a checkpoint."""
        return {"games": [games.state_dict() for games in self._each]}

    def load_state_dict(self, state: dict[str, list]) -> None:
        """Go on from there."""
        for games, own in zip(self._each, state["games"], strict=True):
            games.load_state_dict(own)
