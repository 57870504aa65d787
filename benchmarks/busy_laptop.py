"""Lesson 04 at quick size alone, and beside two programs that never rest: how much slower?

    python benchmarks/busy_laptop.py               # a few minutes
    python benchmarks/busy_laptop.py --spinning    # the same with threads that spin while they wait; many minutes

The cells' seconds, in a kernel of the lesson's own; starting it is not counted. Two programs on two cores leave the
lesson half of them, so that 2 is the best that can be asked for; at most 3 is the goal. A machine with more cores runs
as many programs as it has.
"""

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / "tools"))

from running import execute
from sources import structure, targets

LESSON = "04_algorithm_1"
GOAL = 3
RESTLESS = "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"  # and ends with the benchmark


@contextmanager
def busy(programs: int) -> Iterator[None]:
    """So many processes that compute without a pause, for as long as the block runs."""
    started = [subprocess.Popen([sys.executable, "-c", RESTLESS]) for _ in range(programs)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def lesson() -> float:
    """Seconds that the lesson's cells take, from top to bottom in a fresh kernel."""
    (target,) = [target for target in targets() if target.path == REPO / "notebooks" / f"{LESSON}.ipynb"]
    return sum(execute(structure(target), target.path.parent))


def compare(threads: str, repeats: int) -> float:
    """Run it alone and beside the programs in turn; print the medians' ratio and return it. threads: for the print."""
    alone, beside = [], []
    for _ in range(repeats):
        alone.append(lesson())
        with busy(max(2, os.cpu_count() or 2)):
            beside.append(lesson())
    ratio = statistics.median(beside) / statistics.median(alone)
    seconds = [", ".join(f"{value:.1f}" for value in values) for values in (alone, beside)]
    print(f"{threads}: alone {seconds[0]} s; beside busy programs {seconds[1]} s; {ratio:.1f} times", flush=True)
    return ratio


def main() -> int:
    """Measure, and print what came; 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description="Lesson 04 beside two busy programs.")
    parser.add_argument("--spinning", action="store_true", help="also with threads that spin, which takes long")
    parser.add_argument("--repeats", type=int, default=3, help="of each; the medians are compared")
    asked = parser.parse_args()
    os.environ |= {"GAN_COURSE_SIZE": "quick", "GAN_COURSE_DATA": str(REPO / "no data"), "OMP_WAIT_POLICY": "passive"}
    missed = compare("threads that sleep", asked.repeats) > GOAL
    if asked.spinning:
        os.environ["GOMP_SPINCOUNT"] = "300000"  # what GNU's OpenMP does where nobody says anything
        compare("threads that spin", 1)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
