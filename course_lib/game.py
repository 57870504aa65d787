"""The adversarial game: two players, each with its own losses, moving in turn.

Algorithm 1 of Goodfellow et al. 2014. This loop knows no technique: each one is a term in `d_terms` or
`g_terms`, a layer in a network, or an argument of a loss.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
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
    one_pass: in D's move, D sees real and generated data in one batch rather than apart (see `Round`).
    reuse_samples: G's move is judged on the very samples of D's move before it, of the same labels, rather than on fresh
        ones. Saves a pass of G, as PyTorch's DCGAN example does; the paper's Algorithm 1 draws fresh noise.
    simultaneous: neither player waits for the other. Both losses are of the same samples and the same verdicts, taken
        before either moves, as in the authors' code of 2014; in the paper's Algorithm 1 G answers the new D.
    backward: what computes the gradients of a loss; a trainer on several devices has its own.
    """

    generator: nn.Module
    discriminator: nn.Module
    d_terms: Mapping[str, Term]
    g_terms: Mapping[str, Term]
    d_optimizer: torch.optim.Optimizer | None = None
    g_optimizer: torch.optim.Optimizer | None = None
    d_steps: int = 1
    g_steps: int = 1
    one_pass: bool = False
    reuse_samples: bool = False
    simultaneous: bool = False
    backward: Callable[..., None] = Tensor.backward

    def __post_init__(self):
        for player, terms in (("D", self.d_terms), ("G", self.g_terms)):
            if not terms:
                raise ValueError(f"{player} has no loss. Give it at least one named term.")
        if self.d_steps < 1 or self.g_steps < 1:
            raise ValueError(
                f"Each player moves at least once a step; got d_steps={self.d_steps}, g_steps={self.g_steps}."
            )
        if (self.reuse_samples or self.simultaneous) and (self.d_steps, self.g_steps) != (1, 1):
            raise ValueError(
                "Samples can be used by both players only where one move of D meets one move of G; got "
                f"d_steps={self.d_steps}, g_steps={self.g_steps}. Leave reuse_samples and simultaneous at False."
            )
        if not callable(getattr(self.generator, "noise", None)):
            raise TypeError(
                f"{type(self.generator).__name__} has no method `noise(n)` that draws n noise vectors z. "
                "The prior p(z) belongs to the generator: add it there."
            )
        if self.one_pass:
            self._refuse_layers_that_compare()
        self.d_optimizer = self.d_optimizer or ADAM(self.discriminator.parameters())
        self.g_optimizer = self.g_optimizer or ADAM(self.generator.parameters())

    def _refuse_layers_that_compare(self) -> None:
        for layer in self.discriminator.modules():
            if getattr(layer, "compares_examples", False):
                raise ValueError(
                    f"{type(layer).__name__} compares the examples of a batch, so real and generated ones must "
                    "come to D apart. Leave one_pass at False."
                )


def play(
    game: Game, batches: Iterable[Batch], *, after: int = 0, watch: bool = True
) -> Iterator[tuple[int, dict[str, Tensor]]]:
    """Train both players, yielding (step, values) after each step, counted from `after` + 1.

    values: the loss of every term as a detached scalar tensor, keyed "D name" or "G name".
    after: steps already played, where a game goes on.
    watch: raise Diverged before the update that a loss which is not finite would have made. To look at a
        loss is to wait for the GPU; the trainer passes False and looks at many steps at once.
    Each move draws a fresh batch of real data and fresh noise. Ends when the batches end.
    """
    batches = iter(batches)
    game.generator.train()
    game.discriminator.train()
    step = after
    while True:
        step += 1
        values: dict[str, Tensor] = {}
        try:
            if game.reuse_samples or game.simultaneous:
                values |= move_both(game, next(batches), step, watch)
            else:
                for _ in range(game.d_steps):
                    values |= move_discriminator(game, next(batches), step, watch)
                for _ in range(game.g_steps):
                    values |= move_generator(game, next(batches), step, watch)
        except StopIteration:
            return
        yield step, values


def move_discriminator(game: Game, batch: Batch, step: int, watch: bool = True) -> dict[str, Tensor]:
    """One update of D's weights. G's are not touched: its samples come without gradient."""
    z = game.generator.noise(len(batch))
    round = Round(game.generator, game.discriminator, batch, learning_generator=False, z=z, one_pass=game.one_pass)
    return _move_d(game, round, step, watch)


def move_generator(game: Game, batch: Batch, step: int, watch: bool = True) -> dict[str, Tensor]:
    """One update of G's weights. D is asked, but neither its weights nor their gradients are touched."""
    z = game.generator.noise(len(batch))
    return _move_g(game, Round(game.generator, game.discriminator, batch, learning_generator=True, z=z), step, watch)


def move_both(game: Game, batch: Batch, step: int, watch: bool = True) -> dict[str, Tensor]:
    """One update of each player's weights on the same samples: D's and then G's, which the new D judges; or both at once."""
    z = game.generator.noise(len(batch))
    g_round = Round(game.generator, game.discriminator, batch, learning_generator=True, z=z)
    if game.simultaneous:
        return _move_at_once(game, replace(g_round, one_pass=game.one_pass), step, watch)
    seen = g_round.fake_x.detach()
    d_round = replace(g_round, learning_generator=False, one_pass=game.one_pass, made=seen)
    return _move_d(game, d_round, step, watch) | _move_g(game, g_round, step, watch)


def _move_at_once(game: Game, round: Round, step: int, watch: bool) -> dict[str, Tensor]:
    d_values = _losses("D", game.d_terms, round, step, watch)
    g_values = _losses("G", game.g_terms, round, step, watch)
    _gradients(game, d_values, game.discriminator, game.d_optimizer, retain_graph=True)
    _gradients(game, g_values, game.generator, game.g_optimizer)
    game.d_optimizer.step()
    game.g_optimizer.step()
    return {name: loss.detach() for name, loss in (d_values | g_values).items()}


def _move_d(game: Game, round: Round, step: int, watch: bool) -> dict[str, Tensor]:
    values = _losses("D", game.d_terms, round, step, watch)
    _descend(game, values, game.discriminator, game.d_optimizer)
    return {name: loss.detach() for name, loss in values.items()}


def _move_g(game: Game, round: Round, step: int, watch: bool) -> dict[str, Tensor]:
    values = _losses("G", game.g_terms, round, step, watch)
    _descend(game, values, game.generator, game.g_optimizer)
    return {name: loss.detach() for name, loss in values.items()}


def raise_if_diverged(name: str, loss: Tensor, step: int) -> None:
    """Raise Diverged, naming step, player and term, where a loss is not a finite number."""
    if not torch.isfinite(loss):
        raise Diverged(
            f"step {step}: the term '{name}' is {loss.item()}. Lower the learning rate, or look at the data."
        )


def _losses(player: str, terms: Mapping[str, Term], round: Round, step: int, watch: bool) -> dict[str, Tensor]:
    losses = {f"{player} {name}": term(round) for name, term in terms.items()}
    for name, loss in losses.items():
        if loss.shape != ():
            raise ValueError(f"The term '{name}' returned shape {tuple(loss.shape)}; a loss is one number.")
        if watch:
            raise_if_diverged(name, loss, step)
    return losses


def _descend(game: Game, losses: dict[str, Tensor], network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    _gradients(game, losses, network, optimizer)
    optimizer.step()


def _gradients(
    game: Game, losses: dict[str, Tensor], network: nn.Module, optimizer: torch.optim.Optimizer, **backward: bool
) -> None:
    optimizer.zero_grad(set_to_none=True)
    # `inputs` keeps the gradient from being added to the other player's weights on the way.
    game.backward(sum(losses.values()), inputs=list(network.parameters()), **backward)
