"""The folder of a run: what it was told to do, its logs, pictures, weights and checkpoints."""

import io
import json
import shutil
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.utils import save_image

from course_lib.game import Diverged
from course_lib.leader import Together, as_one
from course_lib.training import told
from course_lib.training.checkpoint import NotWritten, newest_step, undisturbed, write_whole
from course_lib.training.fabric import CSVLogger, Logger, TensorBoardLogger
from course_lib.training.lock import locked
from course_lib.training.plan import Plan
from course_lib.training.weights import Damaged, Weights, load_weights, save_weights


class RunFolder:
    """runs/NAME, say: settings.json, logs/, samples/, best.safetensors, last.safetensors and two checkpoints.

    Raises NotADirectoryError for a path that is something else.
    """

    def __init__(self, path: Path):
        if path.exists() and not path.is_dir():
            raise NotADirectoryError(f"{path} is a file, and a run needs a folder. Give another --folder.")
        self.path = path

    @contextmanager
    def claimed(self, resolved: dict, fabric: Together) -> Iterator[None]:
        """Have the folder to oneself, with what is about to be done written down; the leader for all its processes.

        Raises InUse where another run has it, and ValueError as `claim` does. A run that diverges, or finds the disk
        full, ends with Diverged or NotWritten, which say what is kept.
        """
        with ExitStack() as until_the_end:

            def claim() -> None:
                until_the_end.enter_context(locked(self.path))
                self.claim(resolved)

            as_one(fabric, claim)
            try:
                yield
            except Diverged as error:
                raise Diverged(f"{error} {self.kept()}") from error
            except OSError as error:
                what = error.strerror and f"{error.filename or self.path}: {error.strerror}."
                and_then = "Once that is mended, the same command goes on."
                raise NotWritten(f"{what or error} {self.kept()} {and_then}") from error

    def kept(self) -> str:
        """What there is to go on from, in a sentence."""
        step = newest_step(self.path)
        return f"The checkpoint of step {step} in {self.path} is kept." if step else "There is no checkpoint yet."

    def claim(self, resolved: dict) -> None:
        """Write down what is about to be done; or, where a run was stopped, see that it is the same.

        The number of steps may be another: a run can be made longer, or shorter as far as it has not gone yet. So may
        the number of devices, where the training's `other_devices` says so.
        Raises ValueError, naming each difference, where the folder holds a run with other settings.
        """
        now, file = json.loads(json.dumps(resolved, default=str)), self.path / "settings.json"
        if not file.exists():
            return told.write(file, now)
        before = told.read(self.path)
        if differences := told.differences(before, now):
            other = told.devices_differ(before, now)
            raise ValueError(
                f"{self.path} holds a run with other settings: {'; '.join(differences)}. "
                "Repeat its settings to go on with it, or give another --folder."
                + (" With --other-devices it goes on, though not as it would have to the last bit." if other else "")
            )
        steps, done = now["settings"]["steps"], newest_step(self.path)
        if steps < done:
            raise ValueError(
                f"steps is {steps}, and the run in {self.path} has come to step {done}. "
                f"Ask for at least {done}, or give another --folder."
            )
        if told.devices_differ(before, now):
            begun, here = before["training"]["processes"], now["training"]["processes"]
            warnings.warn(
                f"The run in {self.path} went on {begun} process(es) and goes on with {here}: from here on it is no "
                "longer, to the last bit, what it would have been.",
                stacklevel=2,
            )
        elif steps == before["settings"]["steps"]:
            return
        devices = {name: now["training"][name] for name in told.DEVICES}
        told.write(file, before | {"settings": now["settings"], "training": before["training"] | devices})

    @staticmethod
    def in_words(resolved: dict) -> str:
        """For a dry run: what would be done."""
        return json.dumps(resolved, indent=2, default=str)

    def loggers(self, step: int) -> list[Logger]:
        """CSV logs from a step on, a run that goes on beginning a file of its own; TensorBoard's where it is installed."""
        logs = self.path / "logs"
        version = f"csv-from-{step:08d}"
        shutil.rmtree(logs / version, ignore_errors=True)  # the steps that were lost come again
        loggers = [CSVLogger(logs, name="", version=version)]
        if find_spec("tensorboard"):
            loggers.append(TensorBoardLogger(logs, name="", version="tensorboard"))
        return loggers

    def draw(self, generator: nn.Module, plan: Plan, step: int) -> None:
        """Write a grid of samples, always of the same noise, as samples/00001000.png."""
        picture = io.BytesIO()
        save_image(draw(generator, plan, 64), picture, format="png")
        write_whole(self.path / "samples" / f"{step:08d}.png", picture.getvalue())

    def save_weights(self, name: str, weights: dict[str, Tensor], step: int, measures: dict[str, float]) -> None:
        """Write NAME.safetensors, with the step, the measures and a checksum in its header."""
        save_weights(self.path / f"{name}.safetensors", Weights(weights, step, measures))

    def load_weights(self, name: str) -> Weights:
        """What `save_weights` wrote; Damaged is raised where it is not that any more."""
        return load_weights(self.path / f"{name}.safetensors")

    def begin(self) -> None:
        """Refuse to begin where weights of a run are, whose checkpoints are gone. Raises ValueError."""
        if (self.path / "last.safetensors").exists():
            raise ValueError(
                f"{self.path} holds the weights of a run, and no checkpoint from which it could go on. To begin anew "
                "would overwrite them: give another --folder, or delete best.safetensors and last.safetensors."
            )

    def mend(self, last: Weights, has_best: bool) -> bool:
        """See to the files of weights of a run that goes on. Returns whether the best ones are there.

        last: those of the checkpoint, written anew if the file is another step's, damaged or gone. has_best: whether
        the run has come to weights that were the best. Raises Damaged where they are damaged, since no other file has
        them.
        """
        try:
            if self.load_weights("last").step != last.step:
                self.save_weights("last", last.tensors, last.step, last.measures)
        except (Damaged, FileNotFoundError) as error:
            if isinstance(error, Damaged):
                warnings.warn(f"{error} It is written anew from the checkpoint.", stacklevel=2)
            self.save_weights("last", last.tensors, last.step, last.measures)
        if not has_best:
            return False
        try:
            self.load_weights("best")
        except Damaged as error:
            raise Damaged(
                f"{error} The run can go on without it: delete it, and the best weights are chosen among those that "
                "come; or train anew in another --folder."
            ) from None
        except FileNotFoundError:
            warnings.warn(
                f"{self.path / 'best.safetensors'} is gone. The best weights are chosen among those that come; if none "
                "come any more, the last ones are taken.",
                stacklevel=2,
            )
            return False
        return True


def draw(generator: nn.Module, plan: Plan, n: int, *, label: int | None = None, seed: int = 0) -> Tensor:
    """n images in [0, 1], shape (n, channel, height, width), from a trained generator.

    label: the y of all of them; if None, a conditional generator is given 0, 1, 2, ... in turn.
    """
    if plan.image_range is None:
        raise ValueError("This generator makes no pictures.")
    if label is not None and not 0 <= label < plan.classes:
        raise ValueError(
            f"label is {label}. " + (f"Choose 0 to {plan.classes - 1}." if plan.classes else "This G takes no label.")
        )
    low, high = plan.image_range
    images = []
    with undisturbed(seed), torch.no_grad():
        for start in range(0, n, 1_000):
            z = generator.noise(min(1_000, n - start))
            y = torch.arange(start, start + len(z), device=z.device) % max(1, plan.classes)
            given = (y if label is None else torch.full_like(y, label),) if plan.classes else ()
            images.append(generator(z, *given))
    return ((torch.cat(images).float() - low) / (high - low)).clamp(0, 1)
