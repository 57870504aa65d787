"""The trainer: a game played to its end on whatever devices there are, stopped and taken up again at will.

`play` does the training. What stands around it here is devices, precision and processes (Lightning Fabric),
averages of the weights, checkpoints, logs, pictures and held-out measures. None of it changes the game: what
is looked at on the way has random numbers of its own.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from course_lib.data import Shard
from course_lib.environment import seed
from course_lib.game import Diverged, Game, raise_if_diverged
from course_lib.leader import as_one
from course_lib.training import checkpoint
from course_lib.training.averaging import Averaged
from course_lib.training.devices import fabric_for, keep_freed_memory, precision_for
from course_lib.training.fabric import Fabric
from course_lib.training.optimizers import on_device
from course_lib.training.plan import Plan, Settings, Trained, Training
from course_lib.training.provenance import provenance
from course_lib.training.run_folder import RunFolder
from course_lib.training.steps import Captured, Losses, OneByOne, not_captured_because
from course_lib.training.weights import Weights

# Where a run stands: its step and training time, its last measures, the best and how many in a row were none better.
PLACE = ("step", "seconds", "measures", "best", "worse")


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
        self.batches = Shard(plan.batches, fabric.global_rank, fabric.world_size)
        self.terms = _terms_with_state(plan.game)
        self.networks = {"generator": plan.game.generator, "discriminator": plan.game.discriminator}
        for module in (*self.networks.values(), *self.terms.values()):
            module.to(fabric.device, memory_format=torch.channels_last)
        self.averaged = {name: Averaged(network, plan.average) for name, network in self.networks.items()}
        self.game = self._set_up(plan.game)
        self.step, self.seconds, self.measures, self.best, self.worse = 0, 0.0, {}, None, 0
        if fabric.world_size > 1:
            seed(settings.seed + fabric.global_rank)  # each process draws its own noise
        self._restore()

    def _set_up(self, game: Game) -> Game:
        self._optimizers_on_device()
        # Kernels chosen by a race may be others when a run is taken up again, and it would end with other weights.
        torch.backends.cudnn.deterministic = self.fabric.device.type == "cuda"
        generator, g_optimizer = self.fabric.setup(game.generator, game.g_optimizer)
        discriminator, d_optimizer = self.fabric.setup(game.discriminator, game.d_optimizer)
        return replace(
            game,
            generator=generator,
            discriminator=discriminator,
            g_optimizer=g_optimizer,
            d_optimizer=d_optimizer,
            backward=self.fabric.backward,
        )

    def _optimizers_on_device(self) -> None:
        for optimizer in (self.plan.game.g_optimizer, self.plan.game.d_optimizer):
            on_device(optimizer, self.fabric.device)

    def _averages(self) -> dict[str, nn.Module]:
        """G and D, in this order, with averaged weights."""
        return {name: average.network() for name, average in self.averaged.items()}

    def to_the_end(self) -> Trained:
        """Play what is left of the steps, or until patience ends."""
        if not self._over():
            loggers = self.folder.loggers(self.step) if self.leads else []
            with tqdm(total=self.steps, initial=self.step, unit="step", disable=not self.leads) as bar:
                self._play(loggers, bar)
            for logger in loggers:
                logger.finalize("success")
        return self._trained()

    def _steps(self) -> OneByOne | Captured:
        why_not = not_captured_because(self.plan.game, self.plan.batches, self.fabric.device, self.fabric.world_size)
        if why_not is None:
            return Captured(self.game, self.plan.batches, self._average)
        if self.leads and self.fabric.device.type == "cuda":
            print(f"Steps are made kernel by kernel: {why_not}.")
        return OneByOne(self.game, self.batches, self._average, after=self.step)

    def _average(self) -> None:
        for average in self.averaged.values():
            average.update()

    def _play(self, loggers: list, bar: tqdm) -> None:
        steps = self._steps()
        while not self._over():
            began, n = time.perf_counter(), self._until_due()
            losses = steps.advance(n)
            self.step += n
            losses = self._last(losses)
            took = time.perf_counter() - began
            speed = {"images per second": n * self.batches.batch_size / took}
            self._log(loggers, losses | speed)
            bar.set_postfix({name: f"{value:.3g}" for name, value in (losses | speed).items()}, refresh=False)
            bar.update(n)
            self.seconds += took
            self._look(loggers)

    def _over(self) -> bool:
        return self.step >= self.steps or 0 < self.plan.patience <= self.worse

    def _look(self, loggers: list) -> None:
        """Whatever is due: held-out measures, a sample grid, a checkpoint."""
        if self.leads and self.plan.image_range and self._due(self.training.draw_every):
            self.folder.draw(self._averages()["generator"], self.plan, self.step)
        if self.leads and self.plan.measure and self._due(self.training.measure_every):
            with checkpoint.undisturbed(), torch.no_grad():
                self.measures = self.plan.measure(*self._averages().values())
            self._log(loggers, self.measures)
            if self.plan.decides and self._is_best(self.measures[self.plan.decides]):
                self.best, self.worse = self.measures[self.plan.decides], 0
                self.folder.save_weights("best", self._weights(), self.step, self.measures)
            else:
                self.worse += 1
        if self.plan.patience:
            self.worse = self.fabric.broadcast(self.worse)  # the leader alone measures; all end together
        if self._due(self.training.save_every) or self._over():
            self._save()

    def _due(self, every: int) -> bool:
        return self.step % every == 0 or self.step == self.steps

    def _until_due(self) -> int:
        """Steps until something is to be looked at."""
        every = self.training
        intervals = (every.log_every, every.draw_every, every.measure_every, every.save_every)
        return min(self.steps - self.step, *(each - self.step % each for each in intervals))

    def _last(self, losses: Losses) -> dict[str, float]:
        """The last losses of a window of steps, all of which are looked at, the GPU being waited for once."""
        numbers = torch.stack(list(losses.values()), 1).cpu()
        for back, row in enumerate(numbers):
            for name, number in zip(losses, row, strict=True):
                raise_if_diverged(name, number, self.step - len(numbers) + 1 + back)
        return dict(zip(losses, numbers[-1].tolist(), strict=True))

    def _is_best(self, measured: float) -> bool:
        if self.best is None:
            return True
        return measured < self.best if self.plan.lower_is_better else measured > self.best

    def _log(self, loggers: list, values: dict[str, float]) -> None:
        for logger in loggers:
            logger.log_metrics(values, self.step)
            logger.save()

    def _weights(self) -> dict[str, Tensor]:
        return {
            f"{name}.{key}": value
            for name, network in self._averages().items()
            for key, value in network.state_dict().items()
        }

    def _parts(self) -> dict:
        """Everything with a state of its own, by its name in a checkpoint."""
        players = {"g_optimizer": self.game.g_optimizer, "d_optimizer": self.game.d_optimizer}
        averages = {f"averaged {name}": average for name, average in self.averaged.items()}
        return self.networks | players | self.terms | averages | {"batches": self.batches}

    def _save(self) -> None:
        states = {name: part.state_dict() for name, part in self._parts().items()}
        for player, name in (("G", "generator"), ("D", "discriminator")):
            if broken := checkpoint.not_finite(states[name]):
                raise Diverged(f"step {self.step}: the weights {', '.join(broken)} of {player} are not finite.")
        everyone = [checkpoint.random_state()]
        if self.fabric.world_size > 1:
            everyone = [None] * self.fabric.world_size
            torch.distributed.all_gather_object(everyone, checkpoint.random_state())
        if self.leads:
            place = {name: getattr(self, name) for name in PLACE}
            # The checkpoint comes first: where last.safetensors stands there was one, and from it comes what is lost.
            checkpoint.save(self.folder.path, self.step, states | place | {"random": everyone})
            self.folder.save_weights("last", self._weights(), self.step, self.measures)
        self.fabric.barrier()

    def _restore(self) -> None:
        state = as_one(self.fabric, lambda: checkpoint.newest(self.folder.path))
        if state is None:
            return as_one(self.fabric, self.folder.begin)
        parts = self._parts()
        if missing := sorted({*parts, *PLACE, "random"} - state.keys()):
            raise ValueError(
                f"The checkpoint in {self.folder.path} lacks {', '.join(missing)}: another version of the course wrote "
                "it. Train anew in another --folder."
            )
        try:
            for name, part in parts.items():
                part.load_state_dict(state[name])
        except (RuntimeError, ValueError, KeyError) as error:
            raise ValueError(
                f"The checkpoint in {self.folder.path} is of other networks than these settings make. Repeat the "
                "settings that it was begun with, or give another --folder."
            ) from error
        self._optimizers_on_device()
        for name in PLACE:
            setattr(self, name, state[name])
        if len(state["random"]) == self.fabric.world_size:
            checkpoint.set_random_state(state["random"][self.fabric.global_rank])
        else:  # on other devices than before: noise that has not been seen yet
            seed(self.step + self.fabric.global_rank)
        last = Weights(self._weights(), self.step, self.measures)
        has_best = as_one(self.fabric, lambda: self.folder.mend(last, self.best is not None))
        if self.best is not None and not has_best:
            self.best, self.worse = None, 0

    def _trained(self) -> Trained:
        chosen = self.fabric.broadcast("last" if self.best is None else "best")  # the leader alone measures
        self.fabric.barrier()
        weights = self.folder.load_weights(chosen)
        networks = self._averages()
        for name, network in networks.items():
            network.load_state_dict(weights.of(name))
        generator, discriminator = networks.values()
        where = (self.seconds, self.folder.path, self.plan)
        return Trained(generator, discriminator, weights.step, weights.measures, *where)


def _terms_with_state(game: Game) -> dict[str, nn.Module]:
    """The losses that remember something, which a checkpoint must hold; by player and name."""
    return {
        f"{player} {name}": term
        for player, terms in (("D", game.d_terms), ("G", game.g_terms))
        for name, term in terms.items()
        if isinstance(term, nn.Module)
    }
