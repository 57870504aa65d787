"""Runs that are there: going on with one, and drawing from one, given its folder alone."""

import sys
from dataclasses import fields, replace
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torchvision.utils import save_image

from course_lib.environment import seed as seed_all
from course_lib.experiments.catalogue import TRAINED
from course_lib.experiments.command import or_say
from course_lib.training import told
from course_lib.training.checkpoint import write_whole
from course_lib.training.plan import Trained, Training
from course_lib.training.run import train
from course_lib.training.run_folder import RunFolder, draw
from course_lib.training.weights import Damaged, Weights

MOST = 10_000  # samples in one picture


def resumed(folder: Path, steps: int | None = None, devices: int | None = None) -> Trained:
    """Go on with the run in a folder, to another last step or on other devices than before if these are given."""
    before = told.read(folder)
    module, settings = _settings(before)
    if steps is not None:
        settings = replace(settings, steps=steps)
    own = {field.name for field in fields(Training)} - {"folder"}
    how = Training(folder, **{key: value for key, value in before["training"].items() if key in own})
    if devices is not None:
        how = replace(how, devices=devices, other_devices=True)
    return or_say(lambda: train(before["experiment"], module.plan, settings, how))


def write_samples(folder: Path, to: Path, *, n: int, label: int | None, seed: int) -> None:
    """Write n samples of a run's generator as one PNG: of the best weights if some were chosen, or else the last.

    Where the one file of weights is damaged the other is taken, and that is said.
    """
    if not 1 <= n <= MOST:
        raise ValueError(f"n is {n}; draw 1 to {MOST:,}.")
    _refuse_as_picture(to)
    module, settings = _settings(told.read(folder))
    weights = chosen_weights(RunFolder(folder))
    seed_all(settings.seed)
    plan = module.plan(settings, torch.device("cpu"))
    generator = plan.game.generator.eval()
    try:
        generator.load_state_dict(weights.of("generator"))
    except RuntimeError as error:
        raise ValueError(f"The weights in {folder} are not those of the networks in its settings.json.") from error
    picture = BytesIO()
    save_image(draw(generator, plan, n, label=label, seed=seed), picture, format="png")
    write_whole(to, picture.getvalue())


def chosen_weights(run: RunFolder) -> Weights:
    """The best weights of a run if some were chosen, or else the last; the other ones, said so, in place of damaged ones.

    Raises ValueError where none is whole, and FileNotFoundError where none has been written yet.
    """
    files = [name for name in ("best", "last") if (run.path / f"{name}.safetensors").exists()]
    if not files:
        raise FileNotFoundError(f"{run.path} holds no weights yet: its run has not come to a first checkpoint.")
    damaged = []
    for name in files:
        try:
            weights = run.load_weights(name)
        except Damaged as error:
            damaged.append(str(error))
            continue
        if damaged:
            print(f"{' '.join(damaged)} Drawn from {name}.safetensors, of step {weights.step}.", file=sys.stderr)
        return weights
    raise ValueError(
        f"{' '.join(damaged)} There are no other weights. If the run has a whole checkpoint, "
        f"`gan-course resume {run.path}` writes last.safetensors anew."
    )


def _settings(before: dict) -> tuple[ModuleType, Any]:
    """The experiment's module, and the settings that its run was begun with."""
    module = TRAINED.get(before["experiment"])
    own = {field.name for field in fields(module.Settings)} if module else set()
    if set(before["settings"]) != own:
        raise ValueError(f"This is a run of '{before['experiment']}' by another version of the course.")
    # JSON has lists where the settings have tuples.
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in before["settings"].items()}
    return module, module.Settings(**values)


def _refuse_as_picture(to: Path) -> None:
    if not to.name or to.is_dir():
        raise ValueError(f"'{to}' is a folder. Name the picture to write, such as {to / 'samples.png'}.")
    if to.suffix.lower() not in ("", ".png"):
        raise ValueError(f"'{to}': samples are written as PNG. Name it {to.with_suffix('.png').name}.")
    if to.exists() and not to.is_file():
        raise ValueError(f"'{to}' is no file that a picture can be written to.")
