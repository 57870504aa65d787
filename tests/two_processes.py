"""Run by test_run_two_processes.py: three steps of the conditional DCGAN in two processes, or what they should equal.

python two_processes.py FOLDER apart|one_pass|at_once batch_norm|no_norm
"""

import sys
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import ClassVar

import lightning_fabric.strategies.ddp
import torch
from torch import nn
from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import allreduce_hook
from torch.nn.parallel import DistributedDataParallel

from course_lib.data import Batches
from course_lib.game import Game, play
from course_lib.losses import non_saturating, tell_apart
from course_lib.models import conditional_dcgan
from course_lib.training.plan import Plan, Training
from course_lib.training.run import train
from course_lib.verdict import Batch, Round

STEPS, BATCH, PROCESSES = 3, 8, 2


class SharedNoise(conditional_dcgan.Generator):
    """Draws the noise of the global batch, move after move, and keeps one process's part of it."""

    rank, processes, moves = 0, 1, 0

    def noise(self, n):
        self.moves += 1
        drawn = torch.Generator().manual_seed(self.moves)
        z = torch.rand(n * self.processes, self.noise_dim, generator=drawn) * 2 - 1
        return z[self.rank * n : (self.rank + 1) * n]


@dataclass(frozen=True)
class Settings:
    """What `train` wants to know, and which game."""

    one_pass: bool
    batch_norm: bool
    at_once: bool = False
    steps: int = STEPS
    seed: int = 0


def plan(settings: Settings, device: torch.device) -> Plan:
    """The conditional DCGAN, small, with plain SGD.

    Adam divides a gradient by its own size, and so makes a full step of the rounding of one near zero.
    """
    x = torch.rand(24, 1, 28, 28, generator=torch.Generator().manual_seed(5))
    y = torch.arange(24) % 10
    generator, discriminator = SharedNoise(nf=4, units=16), conditional_dcgan.Discriminator(nf=4, units=16)
    if not settings.batch_norm:
        for network in (generator, discriminator):
            for module in list(network.modules()):
                for name, child in module.named_children():
                    if isinstance(child, nn.modules.batchnorm._BatchNorm):
                        setattr(module, name, nn.Identity())
    game = Game(
        generator,
        discriminator,
        d_terms={"real or fake": tell_apart},
        g_terms={"pass for real": non_saturating},
        d_optimizer=torch.optim.SGD(discriminator.parameters(), lr=0.1),
        g_optimizer=torch.optim.SGD(generator.parameters(), lr=0.1),
        one_pass=settings.one_pass,
        simultaneous=settings.at_once,
    )
    return Plan(game, Batches(x.to(device), y, batch_size=BATCH, conditional=True), image_range=(0, 1), classes=10)


class Counting(DistributedDataParallel):
    """Counts the sums over processes, by the network whose gradients they are."""

    sums: ClassVar = {}

    def __init__(self, module, **settings):
        super().__init__(module, **settings)
        self.register_comm_hook(type(module).__name__, self.count)

    @classmethod
    def count(cls, name, bucket):
        cls.sums[name] = cls.sums.get(name, 0) + 1
        return allreduce_hook(torch.distributed.group.WORLD, bucket)


def two(settings: Settings, folder: Path) -> Game:
    """Two processes, as a user starts them."""
    made = []
    lightning_fabric.strategies.ddp.DistributedDataParallel = Counting

    def plan_of_this_process(settings, device):
        made.append(plan(settings, device))
        generator = made[0].game.generator
        generator.rank, generator.processes = torch.distributed.get_rank(), PROCESSES
        return made[0]

    how = Training(folder / "run", accelerator="cpu", devices=PROCESSES, precision="float32")
    train("test", plan_of_this_process, settings, how)
    return made[0].game


def whole(settings: Settings) -> Game:
    """One process that sees the whole batch."""
    torch.manual_seed(settings.seed)
    made = plan(settings, torch.device("cpu"))
    list(islice(play(made.game, made.batches), STEPS))
    return made.game


def halves(settings: Settings) -> Game:
    """One process that puts the two halves through one after the other and takes the mean of their gradients."""
    torch.manual_seed(settings.seed)
    game = (made := plan(settings, torch.device("cpu"))).game
    game.generator.processes = PROCESSES
    for _ in range(STEPS):
        for player, network, terms, optimizer in (
            ("D", game.discriminator, game.d_terms, game.d_optimizer),
            ("G", game.generator, game.g_terms, game.g_optimizer),
        ):
            batch, move = next(made.batches), game.generator.moves
            optimizer.zero_grad()
            for rank in range(PROCESSES):
                game.generator.rank, game.generator.moves = rank, move
                part = half(batch, rank)
                z = game.generator.noise(len(part))
                together = settings.one_pass and player == "D"
                round = Round(game.generator, game.discriminator, part, player == "G", z=z, one_pass=together)
                sum(term(round) / PROCESSES for term in terms.values()).backward(inputs=list(network.parameters()))
            optimizer.step()
    return game


def half(batch: Batch, rank: int) -> Batch:
    """What that process sees of a batch."""
    n = len(batch) // PROCESSES
    y = batch.y[rank * n :][:n]
    return Batch(batch.x[rank * n :][:n], y, given=(y,))


def weights(game: Game) -> dict[str, dict[str, torch.Tensor]]:
    """What is trained, and not the running statistics, which every process keeps for itself."""
    networks = {"G": game.generator, "D": game.discriminator}
    return {name: {key: value.detach() for key, value in n.named_parameters()} for name, n in networks.items()}


if __name__ == "__main__":
    folder, form, norm = Path(sys.argv[1]), *sys.argv[2:]
    trained = two(Settings(form == "one_pass", norm == "batch_norm", form == "at_once"), folder)
    torch.save(weights(trained) | {"sums": Counting.sums}, folder / f"{torch.distributed.get_rank()}.pt")
