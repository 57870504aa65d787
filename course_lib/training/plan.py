"""What is trained and how: the words in which an experiment and the trainer speak to each other."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from torch import nn

from course_lib.data.shard import EndlessBatches
from course_lib.game import Game


@runtime_checkable
class Settings(Protocol):
    """What every experiment's settings hold: how many steps of the game, and the seed of everything random."""

    steps: int
    seed: int


@dataclass(frozen=True)
class Plan:
    """What an experiment hands to the trainer.

    game: at its start, on the CPU. batches: of the global batch size, on the device.
    image_range: the lowest and the highest value of G's pixels; None if G makes no pictures.
    classes: how many labels y a conditional generator G(z, y) takes; 0 if it takes none.
    measure: from the averaged G and D to named numbers, by data that nobody trains on, nor tests with if
        it decides.
    decides: the measure by which the best weights are chosen; if None, the last are taken.
    lower_is_better: whether that measure is an error. patience: the run ends after so many measurings in a row without
    a better one; if 0, it goes to its last step. average: the newest weights' share in the averaged ones, which
    are what is drawn, measured and kept; in (0, 1].
    """

    game: Game
    batches: EndlessBatches
    image_range: tuple[float, float] | None = None
    classes: int = 0
    measure: Callable[[nn.Module, nn.Module], dict[str, float]] | None = None
    decides: str | None = None
    lower_is_better: bool = False
    patience: int = 0
    average: float = 1e-2

    def check(self, processes: int) -> None:
        """Refuse what cannot be trained by that many processes, before anything is written. Raises ValueError."""
        sizes = {"batch": self.batches.batch_size, "labelled batch": getattr(self.batches, "labelled_batch_size", 0)}
        for name, size in sizes.items():
            if size % processes:
                raise ValueError(
                    f"A {name} of {size} cannot be shared equally by {processes} processes. "
                    f"Choose a multiple of {processes}."
                )
        each = self.batches.batch_size // processes
        layers = [*self.game.generator.modules(), *self.game.discriminator.modules()]
        if each == 1 and any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in layers):
            raise ValueError(
                "A batch of 1 a process cannot be normalised by batch norm: its variance is zero. "
                "Choose a larger batch size, or networks without batch norm."
            )
        y = getattr(self.batches, "y", None)
        if self.classes and y is not None and not 0 <= int(y.min()) <= int(y.max()) < self.classes:
            raise ValueError(f"Labels must be 0 to {self.classes - 1}; the data has {int(y.min())} to {int(y.max())}.")
        if self.decides and not self.measure:
            raise ValueError(f"'{self.decides}' is to choose the best weights, but nothing is measured.")
        if self.patience < 0 or (self.patience and not self.decides):
            raise ValueError(
                f"patience is {self.patience}: it counts measurings without a better one, from 0 up, and needs a "
                "measure that decides which is better."
            )


@dataclass(frozen=True)
class Training:
    """How to train, whatever is trained."""

    folder: Path | None = None
    """Where the run is kept; runs/NAME if not given. A run that was stopped goes on from there."""
    accelerator: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """The kind of device; auto takes a GPU where there is one."""
    devices: int = 1
    """Processes on this machine, one to a GPU; they share every batch."""
    nodes: int = 1
    """Machines. Start the same command on each, through torchrun or a cluster's own launcher."""
    precision: Literal["auto", "float32", "tf32", "bfloat16"] = "auto"
    """Of the networks' arithmetic; auto takes bfloat16 where the hardware is fast at it. tf32 is float32 in all but
    an NVIDIA GPU's products of matrices, which keep 10 bits of the 23."""
    log_every: int = 50
    """Steps between log lines."""
    draw_every: int = 500
    """Steps between sample grids."""
    measure_every: int = 1_000
    """Steps between held-out measures."""
    save_every: int = 500
    """Steps between checkpoints."""
    other_devices: bool = False
    """Go on with another number of devices or machines than before; no longer to the last bit as it would have."""
    dry_run: bool = False
    """Say what would be done, and do nothing."""

    def __post_init__(self):
        for name in ("devices", "nodes", "log_every", "draw_every", "measure_every", "save_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be at least 1.")


@dataclass(frozen=True)
class Trained:
    """What a run left: the averaged networks, the best by the measure that decides, or else the last ones.

    step: of those weights. measures: of those weights; empty if nothing was measured. seconds: of training,
    over all the times it was taken up. folder: with the rest. plan: what was trained.
    """

    generator: nn.Module
    discriminator: nn.Module
    step: int
    measures: dict[str, float]
    seconds: float
    folder: Path
    plan: Plan
