"""The trainer: a game played to its end on whatever devices there are, stopped and taken up again at will.

`play` does the training. What stands around it here is devices, precision and processes (Lightning Fabric),
averages of the weights, checkpoints, logs, pictures and held-out measures. None of it changes the game: what
is looked at on the way has random numbers of its own.
"""

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from tqdm.auto import tqdm

from course_lib.environment import seed
from course_lib.game import raise_if_diverged
from course_lib.training import checkpoint
from course_lib.training.devices import fabric_for, keep_freed_memory, precision_for
from course_lib.training.fabric import Fabric
from course_lib.training.plan import Plan, Settings, Trained, Training
from course_lib.training.provenance import provenance
from course_lib.training.run_folder import RunFolder
from course_lib.training.state import State
from course_lib.training.steps import Captured, Losses, OneByOne, not_captured_because


def train(
    name: str, plan: Callable[[Any, torch.device], Plan], settings: Settings, training: Training
) -> Trained | None:
    """Train to `settings.steps`, from the newest whole checkpoint in the folder if there is one.

    name: of the experiment. plan: makes the Plan from the settings and the device.
    Raises ValueError before the first step for settings that cannot be, or that are not those of the run in the
    folder; InUse where another process trains in it; Diverged where a loss is not finite; NotWritten where the disk is
    full. Returns None for a dry run.
    """
    if settings.steps < 1:
        raise ValueError(f"steps is {settings.steps}; train for at least 1.")
    folder = RunFolder(training.folder or Path("runs") / name)
    fabric = fabric_for(training)
    fabric.launch()
    if fabric.device.type == "cpu":
        keep_freed_memory()
    seed(settings.seed)
    made = plan(settings, fabric.device)
    made.check(fabric.world_size)
    resolved = {
        "experiment": name,
        "settings": asdict(settings),
        "training": asdict(training)
        | {
            "folder": str(folder.path),
            "processes": fabric.world_size,
            "precision": precision_for(training, fabric.device),
        },
        "batch_size": made.batches.batch_size,
        "parameters": {
            "G": sum(weights.numel() for weights in made.game.generator.parameters()),
            "D": sum(weights.numel() for weights in made.game.discriminator.parameters()),
        },
    } | provenance(fabric.device)
    if training.dry_run:
        if fabric.is_global_zero:
            print(folder.in_words(resolved))
        return None
    with folder.claimed(resolved, fabric):
        return _Run(made, settings, training, fabric, folder).to_the_end()


class _Run:
    """A training on its way."""

    def __init__(self, plan: Plan, settings: Settings, training: Training, fabric: Fabric, folder: RunFolder):
        self.plan, self.steps, self.training, self.fabric, self.folder = plan, settings.steps, training, fabric, folder
        self.leads = fabric.is_global_zero  # of several processes one measures, draws and writes
        self.state = State(plan, fabric, settings.seed)
        self.state.restore(folder)

    def to_the_end(self) -> Trained:
        """Play what is left of the steps, or until patience ends."""
        if not self._over():
            loggers = self.folder.loggers(self.state.step) if self.leads else []
            with tqdm(total=self.steps, initial=self.state.step, unit="step", disable=not self.leads) as bar:
                self._play(loggers, bar)
            for logger in loggers:
                logger.finalize("success")
        return self._trained()

    def _steps(self) -> OneByOne | Captured:
        why_not = not_captured_because(self.plan.game, self.plan.batches, self.fabric.device, self.fabric.world_size)
        if why_not is None:
            return Captured(self.state.game, self.plan.batches, self.state.average)
        if self.leads and self.fabric.device.type == "cuda":
            print(f"Steps are made kernel by kernel: {why_not}.")
        return OneByOne(self.state.game, self.state.batches, self.state.average, after=self.state.step)

    def _play(self, loggers: list, bar: tqdm) -> None:
        steps = self._steps()
        while not self._over():
            began, n = time.perf_counter(), self._until_due()
            losses = steps.advance(n)
            self.state.step += n
            losses = self._last(losses)
            took = time.perf_counter() - began
            speed = {"images per second": n * self.state.batches.batch_size / took}
            self._log(loggers, losses | speed)
            bar.set_postfix({name: f"{value:.3g}" for name, value in (losses | speed).items()}, refresh=False)
            bar.update(n)
            self.state.seconds += took
            self._look(loggers)

    def _over(self) -> bool:
        return self.state.step >= self.steps or 0 < self.plan.patience <= self.state.worse

    def _look(self, loggers: list) -> None:
        """Whatever is due: held-out measures, a sample grid, a checkpoint."""
        if self.leads and self.plan.image_range and self._due(self.training.draw_every):
            self.folder.draw(self.state.averages()["generator"], self.plan, self.state.step)
        if self.leads and self.plan.measure and self._due(self.training.measure_every):
            with checkpoint.undisturbed(), torch.no_grad():
                self.state.measures = self.plan.measure(*self.state.averages().values())
            self._log(loggers, self.state.measures)
            if self.plan.decides and self._is_best(self.state.measures[self.plan.decides]):
                self.state.best, self.state.worse = self.state.measures[self.plan.decides], 0
                self.folder.save_weights("best", self.state.weights(), self.state.step, self.state.measures)
            else:
                self.state.worse += 1
        if self.plan.patience:
            self.state.worse = self.fabric.broadcast(self.state.worse)  # the leader alone measures; all end together
        if self._due(self.training.save_every) or self._over():
            self.state.save(self.folder)

    def _due(self, every: int) -> bool:
        return self.state.step % every == 0 or self.state.step == self.steps

    def _until_due(self) -> int:
        """Steps until something is to be looked at."""
        every = self.training
        intervals = (every.log_every, every.draw_every, every.measure_every, every.save_every)
        return min(self.steps - self.state.step, *(each - self.state.step % each for each in intervals))

    def _last(self, losses: Losses) -> dict[str, float]:
        """The last losses of a window of steps, all of which are looked at, the GPU being waited for once."""
        numbers = torch.stack(list(losses.values()), 1).cpu()
        for back, row in enumerate(numbers):
            for name, number in zip(losses, row, strict=True):
                raise_if_diverged(name, number, self.state.step - len(numbers) + 1 + back)
        return dict(zip(losses, numbers[-1].tolist(), strict=True))

    def _is_best(self, measured: float) -> bool:
        if self.state.best is None:
            return True
        return measured < self.state.best if self.plan.lower_is_better else measured > self.state.best

    def _log(self, loggers: list, values: dict[str, float]) -> None:
        for logger in loggers:
            logger.log_metrics(values, self.state.step)
            logger.save()

    def _trained(self) -> Trained:
        chosen = self.fabric.broadcast("last" if self.state.best is None else "best")  # the leader alone measures
        self.fabric.barrier()
        weights = self.folder.load_weights(chosen)
        networks = self.state.averages()
        for name, network in networks.items():
            network.load_state_dict(weights.of(name))
        generator, discriminator = networks.values()
        where = (self.state.seconds, self.folder.path, self.plan)
        return Trained(generator, discriminator, weights.step, weights.measures, *where)
