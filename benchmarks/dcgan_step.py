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

import statistics
import sys

import torch
from torch import Tensor

from course_lib.data import load, resized
from course_lib.environment import device, seed
from course_lib.gpu_report.speed import BATCH, Settings, ours, plain_loop
from course_lib.metrics.classifier_score import classifier_score
from course_lib.models.classifier import train_classifier
from course_lib.training.run_folder import draw


def images(settings: Settings) -> Tensor:
    """Real digits, enlarged and in as many channels as asked for, in [-1, 1]."""
    digits = resized(load("mnist"), settings.size)
    return digits.scaled().expand(-1, settings.channels, -1, -1).contiguous()


def speed(where: torch.device) -> None:
    """Images per second, the medians over windows of five steps; three turns each, so that both meet the same noise."""
    gpu = where.type == "cuda"
    settings = Settings(size=64 if gpu else 32, steps=500 if gpu else 20)
    every = 50 if gpu else 5
    found: dict[str, list[float]] = {"plain loop": [], "ours": []}
    for _ in range(3):
        found["plain loop"] += plain_loop(images(settings).to(where), settings, every)[1][1:]
        found["ours"] += ours(images(settings).to(where), settings, every)[2][1:]
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
        plain, _ = plain_loop(images(settings).to(where), settings, steps)
        with torch.no_grad():
            seed(0)
            samples = torch.cat([plain(plain.noise(BATCH)) for _ in range(-(-n // BATCH))])[:n].cpu()
        print(f"seed {number} plain loop", classifier_score(judge, samples, splits=10), flush=True)
        generator, plan, _ = ours(images(settings).to(where), settings, steps)
        samples = draw(generator, plan, n).cpu() * 2 - 1
        print(f"seed {number} ours      ", classifier_score(judge, samples, splits=10), flush=True)


if __name__ == "__main__":
    {"speed": speed, "quality": quality}[sys.argv[1] if len(sys.argv) > 1 else "speed"](device())
