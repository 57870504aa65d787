"""The folder of a run: what it was told to do, its logs, pictures, weights and checkpoints."""

import io
import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor, nn
from torchvision.utils import save_image

from course_lib.training.checkpoint import newest_step, undisturbed, write_whole
from course_lib.training.fabric import CSVLogger, Logger, TensorBoardLogger
from course_lib.training.plan import Plan

# What may be different when a run is taken up again: it does not change what is trained.
FREE = ("folder", "log_every", "draw_every", "save_every", "accelerator", "dry_run")


class RunFolder:
    """runs/NAME, say: settings.json, logs/, samples/, best.safetensors, last.safetensors and two checkpoints."""

    def __init__(self, path: Path):
        self.path = path

    def claim(self, resolved: dict) -> None:
        """Write down what is about to be done; or, where a run was stopped, see that it is the same.

        The number of steps alone may be another: a run can be made longer, or shorter as far as it has not gone yet.
        Raises ValueError, naming each difference, where the folder holds a run with other settings.
        """
        file = self.path / "settings.json"
        told = json.loads(json.dumps(resolved, default=str))
        if file.exists():
            before = json.loads(file.read_text(encoding="utf-8"))
            if differences := _differences(before, told):
                raise ValueError(
                    f"{self.path} holds a run with other settings: {'; '.join(differences)}. "
                    "Repeat its settings to go on with it, or give another --folder."
                )
            steps, done = told["settings"]["steps"], newest_step(self.path)
            if steps < done:
                raise ValueError(
                    f"steps is {steps}, and the run in {self.path} has come to step {done}. "
                    f"Ask for at least {done}, or give another --folder."
                )
            if steps == before["settings"]["steps"]:
                return
            told = before | {"settings": told["settings"]}
        write_whole(file, (json.dumps(told, indent=2) + "\n").encode())

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
        """Write NAME.safetensors, with the step and the measures in its header."""
        contiguous = {key: value.detach().cpu().contiguous() for key, value in weights.items()}
        # In one entry: of several, safetensors writes now this first and now that.
        header = {"run": json.dumps({"step": step, "measures": measures})}
        write_whole(self.path / f"{name}.safetensors", to_bytes(contiguous, header))

    def load_weights(self, name: str) -> tuple[dict[str, Tensor], int, dict[str, float]]:
        """What `save_weights` wrote."""
        file = self.path / f"{name}.safetensors"
        with safe_open(file, "pt") as opened:
            header = json.loads(opened.metadata()["run"])
        return load_file(file), header["step"], header["measures"]


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


def _differences(before: dict, now: dict) -> list[str]:
    found = [f"the experiment is {before['experiment']}"] if before["experiment"] != now["experiment"] else []
    for part in ("settings", "training"):
        names = [name for name in before[part] | now[part] if name not in (FREE if part == "training" else ("steps",))]
        found += [
            f"{name} is {before[part].get(name)} there and {now[part].get(name)} here"
            for name in names
            if before[part].get(name) != now[part].get(name)
        ]
    return found
