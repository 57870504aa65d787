"""The adversarial game: two players, each with its own losses, moving in turn.

Algorithm 1 of Goodfellow et al. 2014. This loop knows no technique: each one is a term in `d_terms` or
`g_terms`, a layer in a network, or an argument of a loss.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from course_lib.verdict import Batch, Round, Term

ADAM = partial(torch.optim.Adam, lr=2e-4, betas=(0.5, 0.999))  # Radford et al. 2016, section 4


class Diverged(RuntimeError):
    """A loss stopped being a finite number; says at which step, for which player, in which term."""


@dataclass
class Game:
    """Two networks, and what each is trained to make small.

    generator: module with `noise(n) -> z` and `generator(z, *given) -> x`.
    discriminator: module with `discriminator(x, *given) -> Verdict`.
    d_terms, g_terms: named losses of each player, summed; the names become log keys and plot legends.
    d_optimizer, g_optimizer: Adam with the DCGAN paper's settings where none is given.
    d_steps: moves of D before each move of G, the paper's k. g_steps: moves of G that follow.
    """

    generator: nn.Module
    discriminator: nn.Module
    d_terms: Mapping[str, Term]
    g_terms: Mapping[str, Term]
    d_optimizer: torch.optim.Optimizer | None = None
    g_optimizer: torch.optim.Optimizer | None = None
    d_steps: int = 1
    g_steps: int = 1

    def __post_init__(self):
        for player, terms in (("D", self.d_terms), ("G", self.g_terms)):
            if not terms:
                raise ValueError(f"{player} has no loss. Give it at least one named term.")
        if self.d_steps < 1 or self.g_steps < 1:
            raise ValueError(
                f"Each player moves at least once a step; got d_steps={self.d_steps}, g_steps={self.g_steps}."
            )
        if not callable(getattr(self.generator, "noise", None)):
            raise TypeError(
                f"{type(self.generator).__name__} has no method `noise(n)` that draws n noise vectors z. "
                "The prior p(z) belongs to the generator: add it there."
            )
        self.d_optimizer = self.d_optimizer or ADAM(self.discriminator.parameters())
        self.g_optimizer = self.g_optimizer or ADAM(self.generator.parameters())


def play(game: Game, batches: Iterable[Batch]) -> Iterator[tuple[int, dict[str, Tensor]]]:
    """Train both players, yielding (step, values) after each step, counted from 1.

    values: the loss of every term as a detached scalar tensor, keyed "D name" or "G name".
    Each move draws a fresh batch of real data and fresh noise. Ends when the batches end.
    Raises Diverged before the update that a loss which is not finite would have made.
    """
    batches = iter(batches)
    game.generator.train()
    game.discriminator.train()
    step = 0
    while True:
        step += 1
        values: dict[str, Tensor] = {}
        try:
            for _ in range(game.d_steps):
                values |= move_discriminator(game, next(batches), step)
            for _ in range(game.g_steps):
                values |= move_generator(game, next(batches), step)
        except StopIteration:
            return
        yield step, values


def move_discriminator(game: Game, batch: Batch, step: int) -> dict[str, Tensor]:
    """One update of D's weights. G's are not touched: its samples come without gradient."""
    z = game.generator.noise(len(batch))
    round = Round(game.generator, game.discriminator, batch, learning_generator=False, z=z)
    return _descend("D", round, game.d_terms, game.discriminator, game.d_optimizer, step)


def move_generator(game: Game, batch: Batch, step: int) -> dict[str, Tensor]:
    """One update of G's weights. D is asked, but neither its weights nor their gradients are touched."""
    z = game.generator.noise(len(batch))
    round = Round(game.generator, game.discriminator, batch, learning_generator=True, z=z)
    return _descend("G", round, game.g_terms, game.generator, game.g_optimizer, step)


def _descend(player, round, terms, network, optimizer, step) -> dict[str, Tensor]:
    losses = {f"{player} {name}": term(round) for name, term in terms.items()}
    for name, loss in losses.items():
        if loss.shape != ():
            raise ValueError(f"The term '{name}' returned shape {tuple(loss.shape)}; a loss is one number.")
        if not torch.isfinite(loss):
            raise Diverged(
                f"step {step}: the term '{name}' is {loss.item()}. Lower the learning rate, or look at the data."
            )
    optimizer.zero_grad(set_to_none=True)
    # `inputs` keeps the gradient from being added to the other player's weights on the way.
    sum(losses.values()).backward(inputs=list(network.parameters()))
    optimizer.step()
    return {name: loss.detach() for name, loss in losses.items()}
