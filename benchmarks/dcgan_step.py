"""Our DCGAN training step against the plain loop of PyTorch's DCGAN example, in one run on one machine.

    python benchmarks/dcgan_step.py speed          # minutes
    python benchmarks/dcgan_step.py quality        # 26 minutes with one thread, beside other work

Both train the same networks from the same start on the same images, batch 128: 32x32 with nf 64 on a CPU, 64x64 with
nf 64 on a GPU. The peer is what the example does, eager and in float32: D's pass and backward on real images, then
on generated ones, G's on the same generated ones, and `.item()` of three losses and three means a step. Ours uses
samples twice too, and is the whole trainer as a user starts it, with its averages of the weights, its logs and its
looks at every loss.
`quality` asks whether speed costs any: classifier scores after equally many steps, three seeds each, with nf 32.
"""

import csv
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from course_lib.data import Batches, load, resized
from course_lib.environment import device, seed
from course_lib.game import Game
from course_lib.losses import non_saturating, tell_apart
from course_lib.metrics.classifier_score import classifier_score
from course_lib.models import dcgan
from course_lib.models.classifier import train_classifier
from course_lib.training.optimizers import adam
from course_lib.training.plan import Plan, Training
from course_lib.training.run import train
from course_lib.training.run_folder import draw

BATCH = 128


@dataclass(frozen=True)
class Settings:
    """size and channels: of the images. nf: feature maps next to them, in both networks."""

    size: int = 32
    channels: int = 3
    nf: int = 64
    steps: int = 30
    seed: int = 0


def images(settings: Settings) -> Tensor:
    """Real digits, enlarged and in as many channels as asked for, in [-1, 1]."""
    digits = resized(load("mnist"), settings.size)
    return digits.scaled().expand(-1, settings.channels, -1, -1).contiguous()


def networks(settings: Settings) -> tuple[nn.Module, nn.Module]:
    """The same G and D for both, from the same seed."""
    seed(settings.seed)
    of = (settings.size, settings.channels, settings.nf)
    return dcgan.Generator(*of), dcgan.Discriminator(*of)


def plain_loop(settings: Settings, where: torch.device, every: int) -> tuple[nn.Module, list[float]]:
    """The peer. Returns G, and the images per second of each `every` steps."""
    generator, discriminator = (network.to(where).train() for network in networks(settings))
    g_adam = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    d_adam = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    criterion = nn.BCEWithLogitsLoss()
    batches = Batches(images(settings).to(where), batch_size=BATCH, seed=settings.seed)
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


def ours(settings: Settings, every: int) -> tuple[nn.Module, Plan, list[float]]:
    """The trainer. Returns G, the plan, and the images per second of each `every` steps."""

    def plan(settings: Settings, where: torch.device) -> Plan:
        generator, discriminator = networks(settings)

        game = Game(
            generator,
            discriminator,
            d_terms={"real or fake": tell_apart},
            g_terms={"pass for real": non_saturating},
            d_optimizer=adam(discriminator, 2e-4),
            g_optimizer=adam(generator, 2e-4),
            reuse_samples=True,
        )
        batches = Batches(images(settings).to(where), batch_size=BATCH, seed=settings.seed)
        # As in the DCGAN experiments the last weights count: an average over a hundred steps is no fair match so early.
        return Plan(game, batches, image_range=(-1, 1), average=1.0)

    with tempfile.TemporaryDirectory() as folder:
        never = settings.steps + 1
        how = Training(Path(folder), log_every=every, draw_every=never, measure_every=never, save_every=never)
        trained = train("benchmark", plan, settings, how)
        (file,) = Path(folder).glob("logs/csv*/metrics.csv")
        with file.open() as opened:
            speeds = [float(row["images per second"]) for row in csv.DictReader(opened) if row["images per second"]]
    return trained.generator, trained.plan, speeds


def speed(where: torch.device) -> None:
    """Images per second, the medians over windows of five steps; three turns each, so that both meet the same noise."""
    gpu = where.type == "cuda"
    settings = Settings(size=64 if gpu else 32, steps=500 if gpu else 20)
    every = 50 if gpu else 5
    found: dict[str, list[float]] = {"plain loop": [], "ours": []}
    for _ in range(3):
        found["plain loop"] += plain_loop(settings, where, every)[1][1:]
        found["ours"] += ours(settings, every)[2][1:]
    plain = statistics.median(found["plain loop"])
    print(f"\n{settings.size}x{settings.size}, nf 64, batch {BATCH}, {where.type}")
    for name, speeds in found.items():
        middle = statistics.median(speeds)
        print(f"{name:16} {middle:9.0f} images a second {1000 * BATCH / middle:8.1f} ms a step {middle / plain:6.2f}x")


def quality(where: torch.device, steps: int = 600, n: int = 2_000) -> None:
    """Classifier scores of digits after the same number of steps, nf 32; real digits for comparison."""
    real = resized(load("mnist"), 32)
    judge = train_classifier(real, epochs=5)
    shown = load("mnist", "test")
    shown = resized(shown, 32).scaled()[:1_000]
    print("real digits", classifier_score(judge, shown, splits=10), flush=True)
    for number in range(3):
        settings = Settings(channels=1, nf=32, steps=steps, seed=number)
        plain, _ = plain_loop(settings, where, steps)
        with torch.no_grad():
            seed(0)
            samples = torch.cat([plain(plain.noise(BATCH)) for _ in range(-(-n // BATCH))])[:n].cpu()
        print(f"seed {number} plain loop", classifier_score(judge, samples, splits=10), flush=True)
        generator, plan, _ = ours(settings, steps)
        samples = draw(generator, plan, n).cpu() * 2 - 1
        print(f"seed {number} ours      ", classifier_score(judge, samples, splits=10), flush=True)


if __name__ == "__main__":
    {"speed": speed, "quality": quality}[sys.argv[1] if len(sys.argv) > 1 else "speed"](device())
