"""Ten minutes on a GPU: correctness, speed, and then the ledger's experiments, in order of worth.

    GAN_COURSE_DATA=PATH python -m course_lib.gpu_report --minutes 9

Needs the library alone: no Jupyter, no network, and no data but those in GAN_COURSE_DATA. What is found stands in one
folder: `send` holds the log, the records and sample grids, small enough to be sent; `runs` the trainings, which the
same command takes up again. Every part has its share of the time, and what does not fit is said.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import torch
import tyro

from course_lib.data import DataError
from course_lib.environment import device
from course_lib.gpu_report.experiments import run_experiments
from course_lib.gpu_report.log import Log
from course_lib.gpu_report.parity import checks
from course_lib.gpu_report.table import measure_speed
from course_lib.missing import NotInstalled
from course_lib.training.provenance import device_in_words


@dataclass(frozen=True)
class Shares:
    """Of the minutes, for each part; the experiments have what is left."""

    correctness: float = 0.3
    speed: float = 0.3


def report(
    minutes: Annotated[float, tyro.conf.arg(help="all in all; at the end of them the report is whole")] = 9.0,
    folder: Annotated[Path, tyro.conf.arg(help="where everything is kept")] = Path("gpu-report"),
    accelerator: Annotated[
        Literal["auto", "cpu", "cuda"], tyro.conf.arg(help="cpu: a dry run, at quick size")
    ] = "auto",
) -> int:
    """Is the library right on this GPU, how fast is it, and what do its experiments find in the minutes there are?"""
    if not minutes > 0:
        raise SystemExit(f"minutes is {minutes}; give more than 0.")
    where = device() if accelerator == "auto" else torch.device(accelerator)
    if accelerator == "cuda" and not torch.cuda.is_available():
        raise SystemExit("There is no CUDA GPU here, or PyTorch cannot use it. --accelerator cpu makes a dry run.")
    log = Log(folder, minutes)
    log.say(f"{device_in_words(where)}, PyTorch {torch.__version__}, {minutes:g} minutes")
    check_correctness(log, where, Shares.correctness * minutes)
    measure_speed(log, where, Shares.speed * minutes)
    run_experiments(log, where)
    log.pack()
    return 0


def check_correctness(log: Log, where: torch.device, minutes: float) -> None:
    """A line for each check, whatever becomes of the others, as far as the time goes."""
    end, counts = log.clock() + 60 * minutes, {"OK": 0, "FAILED": 0, "left out": 0}
    for name, check in checks():
        if log.clock() > end:
            counts["left out"] += 1
            continue
        began = time.perf_counter()
        try:
            with log.somewhere() as place:
                check(where, place)
            mark, why = "OK", ""
        except (DataError, NotInstalled) as error:
            mark, why = "left out", f": {error}"
        except Exception as error:  # noqa: BLE001 one that fails must not hide the others
            mark, why = "FAILED", f": {type(error).__name__}: {str(error)[:500]}"
        counts[mark] += 1
        log.say(f"{mark:8} {name} ({time.perf_counter() - began:.1f} s){why}")
    log.say("correctness: " + ", ".join(f"{count} {mark}" for mark, count in counts.items()))


if __name__ == "__main__":
    sys.exit(tyro.cli(report, prog="python -m course_lib.gpu_report", description=__doc__))
