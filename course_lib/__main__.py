"""The command line: `gan-course train dcgan-mnist`, `reproduce`, `sample`, `resume`, `results`, `data`, `doctor`."""

import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal

import tyro

from course_lib.data import DataError, data_folder, download
from course_lib.doctor import examine
from course_lib.leader import leads_here
from course_lib.missing import NotInstalled
from course_lib.saying import in_a_sentence, of_a_thread, of_nobody, worded

DataName = Literal["mnist", "fashion", "cifar10", "svhn"]


def doctor() -> int:
    """Look at this computer: versions, device, data, widgets, Chromium. Each is OK, or says what to do."""
    findings = examine()
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        print(f"{finding.mark:4}  {finding.what:{width}}  {finding.says}")
    broken = [finding.what for finding in findings if finding.mark == "BAD"]
    print(f"\nNot in order: {', '.join(broken)}." if broken else "\nReady: `make lab` opens the course.")
    return 1 if broken else 0


def data(
    name: Annotated[DataName, tyro.conf.Positional],
    folder: Annotated[Path | None, tyro.conf.arg(help="where to; $GAN_COURSE_DATA or ./data if not given")] = None,
) -> int:
    """Download a data set, with a progress bar; what arrives damaged is not kept."""
    folder = folder or data_folder()
    download(name, folder)
    print(f"{name}: in {folder}")
    return 0


def train(name: Annotated[str, tyro.conf.Positional]) -> int:
    """Train a network of the course. `gan-course train --help` lists them, `gan-course train NAME --help` its settings."""
    raise AssertionError("The names of experiments are commands of their own.")


def reproduce(name: Annotated[str, tyro.conf.Positional]) -> int:
    """Train, measure as a paper did, and add a line to the ledger. `gan-course reproduce --help` lists what there is."""
    raise AssertionError("The names of experiments are commands of their own.")


def resume(
    folder: Annotated[Path, tyro.conf.Positional],
    steps: Annotated[int | None, tyro.conf.arg(help="where it is to end now, if not where it was to end")] = None,
    devices: Annotated[int | None, tyro.conf.arg(help="another number of devices; no longer bit for bit")] = None,
) -> int:
    """Go on with a run that was stopped, from its folder such as runs/dcgan-mnist, with the settings it was begun with.

    A finished run goes on with more --steps. What was to happen over the whole length, such as a learning rate that
    falls to zero, follows the new length from there on.
    """
    from course_lib.experiments.command import say_finished
    from course_lib.experiments.kept_runs import resumed

    say_finished(resumed(folder, steps, devices))
    return 0


def sample(
    folder: Annotated[Path, tyro.conf.Positional],
    to: Annotated[Path, tyro.conf.arg(help="the picture to write")] = Path("samples.png"),
    n: Annotated[int, tyro.conf.arg(help="how many images")] = 64,
    label: Annotated[int | None, tyro.conf.arg(help="the label of all of them, for a conditional generator")] = None,
    seed: Annotated[int, tyro.conf.arg(help="of the noise; the same seed gives the same picture")] = 0,
) -> int:
    """Draw samples from a trained generator, given the folder of its run, and write them as one picture."""
    from course_lib.experiments.kept_runs import write_samples

    write_samples(folder, to, n=n, label=label, seed=seed)
    print(f"{n} samples: {to}")
    return 0


def results() -> int:
    """Print the ledger: our numbers beside the papers'. Also rewrites results/README.md."""
    from course_lib.training import ledger

    print(ledger.render())
    return 0


COMMANDS = {
    "train": train,
    "reproduce": reproduce,
    "resume": resume,
    "sample": sample,
    "results": results,
    "data": data,
    "doctor": doctor,
}


def experiments(command: str, *, one_line_each: bool) -> dict[str, Callable]:
    """A command for each experiment, made only when asked for: importing them all takes seconds."""
    from course_lib.experiments import catalogue
    from course_lib.experiments.command import reproduce_command, train_command

    table: dict[str, ModuleType] = catalogue.TRAINED if command == "train" else catalogue.REPRODUCED
    make = train_command if command == "train" else reproduce_command
    made = {name: make(name, module) for name, module in table.items()}
    for function in made.values() if one_line_each else ():
        function.__doc__ = function.__doc__.partition("\n")[0]
    return made


def say(sentence: str) -> None:
    """Print to stderr what went wrong; of several processes on a machine, the first does."""
    if leads_here():
        print(sentence, file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """Entry point of the command `gan-course`. What cannot be done is said in a sentence, without a traceback."""
    if arguments is None:
        arguments = sys.argv[1:]
        warnings.formatwarning, threading.excepthook, sys.unraisablehook = in_a_sentence, of_a_thread, of_nobody
    try:
        if arguments[:1] in (["train"], ["reproduce"]):
            command = arguments[0]
            listing = not any(not word.startswith("-") for word in arguments[1:])
            return tyro.extras.subcommand_cli_from_dict(
                experiments(command, one_line_each=listing),
                args=arguments[1:],
                prog=f"gan-course {command}",
                description=COMMANDS[command].__doc__,
            )
        return tyro.extras.subcommand_cli_from_dict(
            COMMANDS, args=arguments, prog="gan-course", description="The GAN course from the command line."
        )
    except KeyboardInterrupt:
        trains = arguments[:1] in (["train"], ["reproduce"], ["resume"])
        say("\nStopped." + " The same command goes on from the newest checkpoint, if there is one." * trains)
        return 130
    except (ValueError, DataError, OSError, RuntimeError, NotInstalled) as error:
        if (sentence := worded(error)) is None:
            raise
        say(sentence)
        return 1


if __name__ == "__main__":
    sys.exit(main())
