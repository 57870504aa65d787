"""Many games at once: networks of equal shape as one, with a leading axis on every weight.

A GPU that trains one small network is idle most of the time. Games that differ in seed and in data alone are played
side by side here, by the same `play` and the same losses: `torch.vmap` puts the new axis through layers and terms.
Each game is, to rounding, what it is alone. Data come as (batch, game, ...), so that their length is a batch's.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state

from course_lib.layers import WeightNorm
from course_lib.training.chance import Chance, OwnChance
from course_lib.verdict import Batch, Round, Term, Verdict


@dataclass
class Verdicts(Verdict):
    """The answers of as many discriminators as there are games, each on its own batch."""

    logits: Float[Tensor, "batch game"]
    features: Float[Tensor, "batch game feature"]
    classes: Float[Tensor, "batch game class"] | None = None

    def __post_init__(self):
        """Each of them was looked at when it was given."""


class SideBySide(nn.Module):
    """Networks of equal shape as one: (batch, game, ...) goes to (batch, game, ...), game by game.

    networks: as they start; they are left alone. chance: where each game's random numbers come from.
    Raises ValueError where the networks' weights differ in shape.
    """

    def __init__(self, networks: Sequence[nn.Module], chance: Chance):
        super().__init__()
        shapes = [{name: value.shape for name, value in network.state_dict().items()} for network in networks]
        if any(shape != shapes[0] for shape in shapes):
            raise ValueError("Games side by side need networks of equal shape; these differ.")
        # Both in lists, so that they are not saved and trained as parts of this: the one lends its form alone.
        self._form = [deepcopy(networks[0])]
        for layer in self._form[0].modules():
            if isinstance(layer, WeightNorm):
                layer.one_kernel = False
        self._shared = [chance]
        parameters, buffers = stack_module_state(list(networks))
        for name, value in parameters.items():
            self.register_parameter(_plain(name), nn.Parameter(value.detach().clone()))
        for name, value in buffers.items():
            self.register_buffer(_plain(name), value, persistent=name in shapes[0])
        self._names = list(parameters), list(buffers)

    def noise(self, n: int) -> Float[Tensor, "n game noise"]:
        """n draws for each game."""
        return self._shared[0].draw(lambda count: self._form[0].noise(count), n)

    def forward(self, *inputs: Tensor) -> Tensor | Verdicts:
        """Each network's answer to its own part of the inputs."""

        def one(parameters: dict, buffers: dict, game: Tensor, *own: Tensor) -> Tensor | tuple[Tensor, ...]:
            with OwnChance(self._shared[0], game):
                answer = functional_call(self._form[0], (parameters, buffers), own)
            return _tensors(answer) if isinstance(answer, Verdict) else answer

        parameters, buffers = ({name: getattr(self, _plain(name)) for name in names} for names in self._names)
        games = torch.arange(self._shared[0].games, device=inputs[0].device)
        # In float32 even under autocast: batch norm of many games at once takes no mixture of types.
        inputs = [given.float() if given.is_floating_point() else given for given in inputs]
        with torch.autocast(inputs[0].device.type, enabled=False):
            answers = torch.vmap(one, (0, 0, 0, *[1] * len(inputs)), 1, randomness=self._shared[0].randomness)(
                parameters, buffers, games, *inputs
            )
        return answers if isinstance(answers, Tensor) else Verdicts(*answers)

    def network(self, game: int) -> nn.Module:
        """One of them by itself, a copy, in the mode that all are in."""
        alone = deepcopy(self._form[0])
        for layer in alone.modules():
            if isinstance(layer, WeightNorm):
                layer.one_kernel = True
        with torch.no_grad():
            for name, value in [*alone.named_parameters(), *alone.named_buffers()]:
                value.copy_(getattr(self, _plain(name))[game])
        return alone

    def train(self, mode: bool = True) -> "SideBySide":
        """Training or evaluation, for every network."""
        self._form[0].train(mode)
        return super().train(mode)

    def to(self, *arguments, memory_format: torch.memory_format | None = None, **named) -> "SideBySide":
        """As for any module, save that the order of axes in memory stays: none is made for one axis more."""
        return super().to(*arguments, **named)

    def _apply(self, *arguments, **named) -> "SideBySide":
        self._form[0]._apply(*arguments, **named)  # noise is drawn where its weights are
        return super()._apply(*arguments, **named)


class OfEach(nn.Module):
    """A term of one game as a term of all: its sum over the games, whose gradients do not meet.

    term: looks at its round alone, and remembers nothing. chance: is saved with this term.
    """

    def __init__(self, term: Term, chance: Chance):
        super().__init__()
        if isinstance(term, nn.Module) and term.state_dict():
            raise ValueError(f"{type(term).__name__} remembers weights of one game; it cannot stand for many.")
        self.term, self.chance = term, chance
        self._asked: list[str] | None = None

    def forward(self, round: Round) -> Float[Tensor, ""]:
        """The sum over all games."""
        if self._asked is None:
            self._asked = _asked_of_a_round(self.term, round)
        asked = {name: getattr(round, name) for name in self._asked}
        told = {name: _tensors(value) if isinstance(value, Verdict) else value for name, value in asked.items()}

        def one(batch: dict, told: dict) -> Tensor:
            return self.term(_own_round(round, batch, told))

        return torch.vmap(one, 1, randomness=self.chance.randomness)(_of_batch(round.batch), told).sum()


class _Looking(Round):
    """The round of the first game, which asks the round of all for what it is asked, and keeps in mind what that was."""

    def __getattribute__(self, name: str):
        kept = object.__getattribute__(self, "__dict__")
        if name in ("real", "fake", "labelled", "fake_x") and name not in kept:
            value = getattr(kept["of_all"], name)
            kept[name] = Verdict(*_column(_tensors(value))) if isinstance(value, Verdict) else _column(value)
            kept["asked"].append(name)
        return object.__getattribute__(self, name)


def _asked_of_a_round(term: Term, round: Round) -> list[str]:
    """Which verdicts a term looks at, in order: tried once, on the first game."""
    first = _own_round(round, _column(_of_batch(round.batch)), {}, _Looking)
    first.__dict__.update(of_all=round, asked=[])
    term(first)
    return first.__dict__["asked"]


def _own_round(round: Round, batch: dict, told: dict, kind: type[Round] = Round) -> Round:
    """The round of one game, whose verdicts are given already."""
    own = kind(round.generator, round.discriminator, _batch(batch), round.learning_generator, z=round.z)
    own.__dict__.update({name: Verdict(*value) if isinstance(value, tuple) else value for name, value in told.items()})
    return own


def _of_batch(batch: Batch) -> dict:
    """The tensors of a batch by name, as `torch.vmap` wants them."""
    told = {"x": batch.x, "given": batch.given}
    if batch.y is not None:
        told["y"] = batch.y
    if batch.labelled is not None:
        told["labelled"] = _of_batch(batch.labelled)
    return told


def _batch(told: dict) -> Batch:
    labelled = told.get("labelled")
    return Batch(told["x"], told.get("y"), told["given"], None if labelled is None else _batch(labelled))


def _column(told):
    """The first game's part."""
    if isinstance(told, dict):
        return {name: _column(value) for name, value in told.items()}
    return tuple(map(_column, told)) if isinstance(told, tuple) else told[:, 0]


def _tensors(verdict: Verdict) -> tuple[Tensor, ...]:
    return tuple(part for part in (verdict.logits, verdict.features, verdict.classes) if part is not None)


def _plain(name: str) -> str:
    return name.replace(".", "/")  # a module's own names have no dots
