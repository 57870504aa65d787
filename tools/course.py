"""Run every lesson from its source, headless, and say how long each takes: `make course`.

    python tools/course.py [NAME ...]

At the size in GAN_COURSE_SIZE, quick if unset. Writes nothing. Fails if a lesson fails or one of its cells takes
more than a minute, since a student would take it for stuck.
"""

import argparse
import os
import sys

from running import Refused, execute, where
from sources import Target, structure, targets

SLOWEST = 60  # seconds a cell may take


def run(target: Target) -> tuple[str, list[str]]:
    """Run one lesson. Returns its row of the table and what is wrong with it, if anything."""
    lesson = target.source.stem
    try:
        notebook = structure(target)
        seconds = execute(notebook, target.path.parent, timeout=5 * SLOWEST)
    except Refused as refused:
        return f"{lesson:32} {'failed':>7}", [f"{lesson}, {refused}"]
    slowest = max(range(len(seconds)), key=seconds.__getitem__)
    cell = where(slowest, notebook.cells[slowest])
    row = f"{lesson:32} {sum(seconds):7.1f} {seconds[slowest]:7.1f}  {cell}"
    if seconds[slowest] > SLOWEST:
        return row, [f"{lesson}, {cell} takes {seconds[slowest]:.0f} s; {SLOWEST} is the most."]
    return row, []


def main(arguments: list[str] | None = None) -> int:
    """The command line; 0 if every lesson ran, and no cell for too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="beginning of a lesson's name, such as 03")
    names = tuple(parser.parse_args(arguments).names)
    os.environ.setdefault("GAN_COURSE_SIZE", "quick")
    lessons = [target for target in targets() if target.path.parent.name == "notebooks" and not target.outputs_of]
    lessons = [target for target in lessons if not names or target.source.stem.startswith(names)]
    if not lessons:
        print("There is no lesson to run.", file=sys.stderr)
        return 1

    print(f"{'lesson':32} seconds slowest  cell (size: {os.environ['GAN_COURSE_SIZE']})")
    problems = []
    for target in lessons:
        row, wrong = run(target)
        print(row, flush=True)
        problems += wrong
    for problem in problems:
        print(f"FAILED {problem}", file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
