"""How fast the trainer's steps are: ours in several ways, and the plain loop of PyTorch's DCGAN example beside them.

`benchmarks/dcgan_step.py` times the same two on a CPU.
"""

import csv
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.data import Batches
from course_lib.environment import seed
from course_lib.game import Game
from course_lib.losses import non_saturating, tell_apart
from course_lib.models import dcgan
from course_lib.training.optimizers import adam
from course_lib.training.plan import Plan, Training
from course_lib.training.run import train

BATCH = 128


@dataclass(frozen=True)
class Settings:
    """size and channels: of the images. nf: feature maps next to them, in both networks."""

    size: int = 32
    channels: int = 3
    nf: int = 64
    steps: int = 30
    seed: int = 0
    compiled: bool = False


def networks(settings: Settings) -> tuple[nn.Module, nn.Module]:
    """The same G and D for both, from the same seed."""
    seed(settings.seed)
    of = (settings.size, settings.channels, settings.nf)
    return dcgan.Generator(*of), dcgan.Discriminator(*of)


def plain_loop(images: Tensor, settings: Settings, every: int) -> tuple[nn.Module, list[float]]:
    """The peer: eager and in float32, `.item()` of three losses and three means a step.

    images: in [-1, 1], on the device. Returns G, and the images per second of each `every` steps.
    """
    where = images.device
    generator, discriminator = (network.to(where).train() for network in networks(settings))
    g_adam = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    d_adam = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    criterion = nn.BCEWithLogitsLoss()
    batches = Batches(images, batch_size=BATCH, seed=settings.seed)
    ones, zeros = torch.ones(BATCH, device=where), torch.zeros(BATCH, device=where)
    speeds, began = [], time.perf_counter()
    for step in range(1, settings.steps + 1):
        discriminator.zero_grad()
        on_real = discriminator(next(batches).x).logits
        loss_real = criterion(on_real, ones)
        loss_real.backward()
        fake = generator(generator.noise(BATCH))
        on_fake = discriminator(fake.detach()).logits
        loss_fake = criterion(on_fake, zeros)
        loss_fake.backward()
        d_adam.step()
        generator.zero_grad()
        again = discriminator(fake).logits
        loss = criterion(again, ones)
        loss.backward()
        g_adam.step()
        for number in (loss_real, loss_fake, loss, on_real.mean(), on_fake.mean(), again.mean()):
            number.item()
        if step % every == 0:
            now = time.perf_counter()
            speeds.append(every * BATCH / (now - began))
            began = now
    return generator, speeds


def ours(images: Tensor, settings: Settings, every: int, **how: Any) -> tuple[nn.Module, Plan, list[float]]:
    """The trainer. Returns G, the plan, and the images per second of each `every` steps.

    how: of `Training`, such as precision or captured.
    """

    def plan(settings: Settings, where: torch.device) -> Plan:
        generator, discriminator = networks(settings)
        if settings.compiled:
            generator.compile()
            discriminator.compile()
        game = Game(
            generator,
            discriminator,
            d_terms={"real or fake": tell_apart},
            g_terms={"pass for real": non_saturating},
            d_optimizer=adam(discriminator, 2e-4),
            g_optimizer=adam(generator, 2e-4),
            reuse_samples=True,
        )
        batches = Batches(images.to(where), batch_size=BATCH, seed=settings.seed)
        # As in the DCGAN experiments the last weights count: an average over a hundred steps is no fair match so early.
        return Plan(game, batches, image_range=(-1, 1), average=1.0)

    trained, speeds = timed("benchmark", plan, settings, every, accelerator=images.device.type, **how)
    return trained.generator, trained.plan, speeds


def timed(name: str, plan: Callable, settings: Any, every: int, **how: Any) -> tuple[Any, list[float]]:
    """Train to the end of the settings' steps; the run, and the images per second of each `every` steps, from its log."""
    never = settings.steps + 1
    with tempfile.TemporaryDirectory() as folder:
        seldom = {"log_every": every, "draw_every": never, "measure_every": never, "save_every": never}
        trained = train(name, plan, settings, Training(Path(folder), **seldom | how))
        (file,) = Path(folder).glob("logs/csv*/metrics.csv")
        with file.open() as opened:
            speeds = [float(row["images per second"]) for row in csv.DictReader(opened) if row["images per second"]]
    return trained, speeds


def ms_a_step(speeds: list[float], batch: int) -> float:
    """The median of all windows but the first, in which kernels are chosen and the step is captured."""
    return 1_000 * batch / statistics.median(speeds[1:] or speeds)
