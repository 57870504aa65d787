"""The experiments as commands: options from their frozen settings, and what is done with them."""

import sys
from collections.abc import Callable
from types import ModuleType

import tyro

from course_lib.experiments.options import as_, refuse_impossible_numbers, unchecked
from course_lib.game import Diverged
from course_lib.leader import leads
from course_lib.training import ledger
from course_lib.training.checkpoint import NotWritten
from course_lib.training.plan import Trained, Training
from course_lib.training.run import train

Plain = tyro.conf.OmitArgPrefixes  # --steps and not --settings.steps


def how(module: ModuleType) -> Training:
    """How an experiment is trained where nothing else is asked for."""
    return getattr(module, "TRAINING", Training())


def train_command(name: str, module: ModuleType) -> Callable[..., int]:
    """The function behind `gan-course train NAME`, for tyro to read its options from."""

    def trained(settings, training: Training) -> int:
        say_finished(or_say(lambda: train(name, module.plan, settings, training)))
        return 0

    return _command(module, trained)


def reproduce_command(name: str, module: ModuleType) -> Callable[..., int]:
    """The function behind `gan-course reproduce NAME`."""

    def reproduced(settings, training: Training) -> int:
        if training.dry_run:
            raise ValueError("A dry run reproduces nothing. Use `gan-course train NAME --dry-run`.")
        ledger.lines()  # a damaged one is refused before the hours, not after
        found = or_say(lambda: module.reproduce(settings, training))
        for outcome in found if isinstance(found, list) else [found]:
            if not leads():
                continue
            for key, value in outcome.numbers.items():
                paper = module.PAPER.get(key)
                print(f"{key}: {value:.4g}" + (f" (the paper: {paper})" if paper else ""))
            ledger.record(name, outcome, settings=outcome.settings or settings, paper=module.PAPER)
        return 0

    return _command(module, reproduced)


def say_finished(trained: Trained | None) -> None:
    """Print what a training came to; of several processes one does. Nothing is printed for a dry run."""
    if trained is not None and leads():
        measured = ", ".join(f"{key} {value:.4g}" for key, value in trained.measures.items())
        print(f"Finished: weights of step {trained.step}{f' ({measured})' if measured else ''}, {trained.folder}")


def or_say(work: Callable):
    """A training that diverged, or found the disk full, ends with a sentence and not with a traceback."""
    try:
        return work()
    except Diverged as error:
        print(f"The training diverged. {error}", file=sys.stderr)
    except NotWritten as error:
        print(error, file=sys.stderr)
    raise SystemExit(1)


def _command(module: ModuleType, work: Callable[..., int]) -> Callable[..., int]:
    """A function of settings and training whose defaults are the experiment's, and which refuses them in a sentence."""
    of_experiment, of_training = unchecked(module.Settings), unchecked(Training)
    usual, usual_training = as_(of_experiment, module.settings()), as_(of_training, how(module))

    def command(settings: Plain[of_experiment] = usual, training: Plain[of_training] = usual_training) -> int:
        refuse_impossible_numbers(settings)
        return work(as_(module.Settings, settings), as_(Training, training))

    command.__doc__ = module.__doc__
    return command
