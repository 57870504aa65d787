"""The experiments as commands: options from their frozen settings, and what is done with them."""

import json
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from io import BytesIO
from pathlib import Path
from types import ModuleType

import torch
import tyro
from torchvision.utils import save_image

from course_lib.environment import seed as seed_all
from course_lib.experiments.catalogue import TRAINED
from course_lib.game import Diverged
from course_lib.training import ledger
from course_lib.training.checkpoint import write_whole
from course_lib.training.plan import Trained, Training
from course_lib.training.run import train
from course_lib.training.run_folder import RunFolder, draw

Plain = tyro.conf.OmitArgPrefixes  # --steps and not --settings.steps


def how(module: ModuleType) -> Training:
    """How an experiment is trained where nothing else is asked for."""
    return getattr(module, "TRAINING", Training())


def train_command(name: str, module: ModuleType) -> Callable[..., int]:
    """The function behind `gan-course train NAME`, for tyro to read its options from."""

    def command(settings: Plain[module.Settings] = module.settings(), training: Plain[Training] = how(module)) -> int:  # noqa: B008 frozen
        trained = _or_say(lambda: train(name, module.plan, settings, training))
        if trained is not None:
            measured = ", ".join(f"{key} {value:.4g}" for key, value in trained.measures.items())
            print(f"Finished: weights of step {trained.step}{f' ({measured})' if measured else ''}, {trained.folder}")
        return 0

    command.__doc__ = module.__doc__
    return command


def reproduce_command(name: str, module: ModuleType) -> Callable[..., int]:
    """The function behind `gan-course reproduce NAME`."""

    def command(settings: Plain[module.Settings] = module.settings(), training: Plain[Training] = how(module)) -> int:  # noqa: B008 frozen
        if training.dry_run:
            raise ValueError("A dry run reproduces nothing. Use `gan-course train NAME --dry-run`.")
        found = _or_say(lambda: module.reproduce(settings, training))
        for outcome in found if isinstance(found, list) else [found]:
            line = ledger.record(name, outcome, settings=outcome.settings or settings, paper=module.PAPER)
            for key, value in line["numbers"].items():
                paper = line["paper"].get(key)
                print(f"{key}: {value:.4g}" + (f" (the paper: {paper})" if paper else ""))
        return 0

    command.__doc__ = module.__doc__
    return command


def _or_say(work: Callable):
    """A training that diverged ends with a sentence and not with a traceback."""
    try:
        return work()
    except Diverged as error:
        print(f"The training diverged. {error} The last good checkpoint is kept.", file=sys.stderr)
        raise SystemExit(1) from None


def _told(folder: Path) -> dict:
    file = folder / "settings.json"
    if not file.is_file():
        raise FileNotFoundError(f"{folder} is not the folder of a run: it holds no settings.json.")
    return json.loads(file.read_text(encoding="utf-8"))


def _settings(told: dict):
    """The experiment's module, and the settings that its run was begun with."""
    module = TRAINED.get(told["experiment"])
    own = {field.name for field in fields(module.Settings)} if module else set()
    if set(told["settings"]) != own:
        raise ValueError(f"This is a run of '{told['experiment']}' by another version of the course.")
    # JSON has lists where the settings have tuples.
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in told["settings"].items()}
    return module, module.Settings(**values)


def resumed(folder: Path, steps: int | None = None) -> Trained:
    """Go on with the run in a folder, to another last step if one is given."""
    told = _told(folder)
    module, settings = _settings(told)
    if steps is not None:
        settings = replace(settings, steps=steps)
    own = {field.name for field in fields(Training)} - {"folder"}
    how = Training(folder, **{key: value for key, value in told["training"].items() if key in own})
    return _or_say(lambda: train(told["experiment"], module.plan, settings, how))


def write_samples(folder: Path, to: Path, *, n: int, label: int | None, seed: int) -> None:
    """Write n samples of a run's generator, the best if one was chosen, as one PNG."""
    if n < 1:
        raise ValueError(f"n is {n}; draw at least 1.")
    module, settings = _settings(_told(folder))
    seed_all(settings.seed)
    plan = module.plan(settings, torch.device("cpu"))
    run = RunFolder(folder)
    chosen = next((name for name in ("best", "last") if (folder / f"{name}.safetensors").exists()), None)
    if chosen is None:
        raise FileNotFoundError(f"{folder} holds no weights yet: its run has not come to a first checkpoint.")
    weights, _, _ = run.load_weights(chosen)
    generator = plan.game.generator.eval()
    generator.load_state_dict(
        {key.removeprefix("generator."): value for key, value in weights.items() if key.startswith("generator.")}
    )
    picture = BytesIO()
    save_image(draw(generator, plan, n, label=label, seed=seed), picture, format="png")
    write_whole(to, picture.getvalue())
