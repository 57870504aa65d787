"""The conditional DCGAN on MNIST, judged by the 1-NN test: Radford et al. 2016, appendix A.1, Table 3.

    gan-course train dcgan-mnist
    gan-course reproduce dcgan-mnist-1nn

Each test digit is given the label of the nearest sample; equally many are drawn of each digit. Expected error: 2.98 %
with 50,000 samples, 1.48 % with 10 million (`--samples 10_000_000`, for a GPU), and 3.1 % with the 50,000 real training
digits in their place.

The authors' code is followed: no weight is averaged; an L2 penalty on all weights, which are the only parameters
of these networks, adds 2.5e-5 of each weight to its gradient before Adam sees it; the learning rate is constant for
100 passes and falls to zero over 100 more. There each minibatch moves G or D in turn; here a step moves both, each on
a minibatch of its own, so that 200 passes are 39,000 steps. Weights are chosen by the 1-NN error of the validation
digits. Samples are drawn with batch norm's running averages, the code's with the statistics of their own batch.
On two cores 2,000 steps take some ten minutes (estimated).
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.data import Batches
from course_lib.environment import by_size
from course_lib.experiments.digits import digits, unit
from course_lib.game import Game
from course_lib.losses import non_saturating, tell_apart
from course_lib.metrics.nearest_neighbour import nearest, nearest_neighbour_error
from course_lib.metrics.passes import thousands
from course_lib.models import conditional_dcgan
from course_lib.training.ledger import Outcome
from course_lib.training.optimizers import adam
from course_lib.training.plan import Plan, Training
from course_lib.training.run import train
from course_lib.training.run_folder import draw
from course_lib.training.schedules import straight

PAPER = {
    "one_nn_error_50k_percent": "2.98",
    "one_nn_error_10000k_percent": "1.48",
    "one_nn_error_real_percent": "3.1",
}
AT_ONCE = 50_000  # samples in memory: 160 MB


@dataclass(frozen=True)
class Settings:
    """What the training depends on, and how many samples are then drawn."""

    steps: int = 39_000
    """Of the game: a move of D and a move of G. The learning rate falls to zero over the second half of them."""
    batch_size: int = 128
    """Digits a move."""
    learning_rate: float = 2e-4
    """Of both players' Adam, in the first half."""
    weight_decay: float = 2.5e-5
    """L2 penalty on all weights of both players."""
    nf: int = 64
    """Feature maps at 14x14 in both networks; twice as many at 7x7."""
    units: int = 1024
    """Of the fully connected layer of both networks."""
    samples: int = 50_000
    """Drawn for the 1-NN test, a multiple of ten."""
    validation_samples: int = 5_000
    """Drawn each time the validation error is measured, a multiple of ten."""
    seed: int = 0
    """Of the weights, the noise and the order of the data."""

    def __post_init__(self):
        for name in ("samples", "validation_samples"):
            if (n := getattr(self, name)) < 10 or n % 10:
                raise ValueError(f"{name} is {n}; choose a multiple of ten, equally many of each digit.")


QUICK = Settings(steps=4, batch_size=20, nf=4, units=16, samples=200, validation_samples=100)
CPU = Settings(steps=2_000, validation_samples=2_000)
GPU = Settings()


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


def plan(settings: Settings, device: torch.device) -> Plan:
    """The conditional game on MNIST's first 50,000 digits, measured on its last 10,000."""
    data = digits()
    generator = conditional_dcgan.Generator(units=settings.units, nf=settings.nf)
    discriminator = conditional_dcgan.Discriminator(units=settings.units, nf=settings.nf)

    rate, half = settings.learning_rate, settings.steps // 2
    schedule = straight(rate, 0.0, steps=settings.steps - half, after=half)
    d_optimizer, g_optimizer = (
        adam(network, rate, schedule=schedule, weight_decay=settings.weight_decay)
        for network in (discriminator, generator)
    )
    game = Game(
        generator,
        discriminator,
        d_terms={"real or fake": tell_apart},
        g_terms={"pass for real": non_saturating},
        d_optimizer=d_optimizer,
        g_optimizer=g_optimizer,
    )
    batches = Batches(
        data.train.x.to(device),
        data.train.y.to(device),
        batch_size=settings.batch_size,
        seed=settings.seed,
        conditional=True,
        scale_to=(0, 1),
    )
    x, y = unit(data.validation).to(device), data.validation.y.to(device)
    n = settings.validation_samples
    name = f"validation_one_nn_error_{thousands(n)}_percent"

    def measure(generator: nn.Module, discriminator: nn.Module) -> dict[str, float]:
        return {name: one_nn_error_percent(generator, made, n, x, y)}

    made = Plan(
        game,
        batches,
        image_range=(0, 1),
        classes=10,
        measure=measure,
        decides=name,
        lower_is_better=True,
        average=1.0,
    )
    return made


def one_nn_error_percent(
    generator: nn.Module, plan: Plan, n: int, x: Float[Tensor, "test 1 28 28"], y: Int[Tensor, " test"]
) -> float:
    """Share of the digits x, in percent, whose nearest of n samples was made for another class than y.

    x: in [0, 1], on the generator's device. Samples are drawn 50,000 at a time, so that n may be ten million.
    """
    best = torch.full((len(x),), torch.inf, dtype=torch.float64)
    given = torch.zeros(len(x), dtype=torch.long)
    for part, start in enumerate(range(0, n, AT_ONCE)):
        # Of the classes 0, 1, 2, ... in turn, and of noise that differs from part to part.
        samples = draw(generator, plan, min(AT_ONCE, n - start), seed=part)
        found = nearest(x, samples)
        closer = found.distance.cpu() < best
        best = torch.where(closer, found.distance.cpu(), best)
        given = torch.where(closer, found.index.cpu() % plan.classes, given)
    return 100 * (given != y.cpu()).double().mean().item()


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Train, and label the test digits by samples; also by the real training digits."""
    trained, data = train("dcgan-mnist", plan, settings, training), digits()
    device = next(trained.generator.parameters()).device
    x, y = unit(data.test).to(device), data.test.y.to(device)
    real = nearest_neighbour_error(unit(data.train).to(device), data.train.y.to(device), x, y)
    numbers = {
        f"one_nn_error_{thousands(settings.samples)}_percent": one_nn_error_percent(
            trained.generator, trained.plan, settings.samples, x, y
        ),
        "one_nn_error_real_percent": 100 * real.error,
    }
    return Outcome(numbers, trained.seconds, device, data.note)
