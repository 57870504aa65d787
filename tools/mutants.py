"""Change the solutions of the exercises one small place at a time, and see whether the checks notice.

    python tools/mutants.py [--lesson 02] [--check discrete_value] [--all]

A mutant is a solution with one constant, comparison, operator, axis, call, name or statement changed, as a student's
slip would change it (`mutations.py` has the list). It should be refused. One that is accepted is a survivor: either
the check is mended, or, where the mutant does the same as the solution, it is entered in
tests/equivalent_mutants/NN_topic.toml:

    [[equivalent]]
    check = "share_right"
    mutant = "right = (real_logits > 0).sum() + (fake_logits <= 0).sum(0)"
    why = "logits are a vector, and the sum over its only axis is the sum"

`mutant` is the changed statement as this tool prints it. Ends with 1 if there is a survivor that is not listed, or a
line in a list that no survivor answers to. `--all` prints the killed ones too, with what the check said.
"""

import argparse
import ast
import contextlib
import io
import signal
import sys
import tomllib
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import jupytext
from mutations import mutants_of
from sources import BEGIN, END, REPO
from tqdm import tqdm

SECONDS = 120  # for one mutant; one that runs longer has been killed
LISTS = REPO / "tests" / "equivalent_mutants"
KEPT = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Task:
    """One answer of an exercise. before: what it stands on. answer: its cell. asked: the call of its check."""

    lesson: str
    check: str
    before: str
    answer: str
    asked: str


@dataclass(frozen=True)
class Judged:
    """A mutant and what became of it. said: the check's words, or the error, or None for a survivor."""

    task: Task
    mutant: str
    said: str | None


def tasks(source: Path) -> Iterator[Task]:
    """Every answer of an exercise that a check judges, with the imports, functions and constants above it."""
    cells = [cell.source for cell in jupytext.read(source).cells if cell.cell_type == "code"]
    before: list[str] = []
    for number, cell in enumerate(cells):
        if BEGIN in cell and number + 1 < len(cells) and "checks." in cells[number + 1]:
            asked = cells[number + 1]
            yield Task(source.stem, asked.split("checks.")[1].split("(")[0], "\n".join(before), cell, asked)
        before += [ast.unparse(statement) for statement in ast.parse(cell).body if _cheap(statement)]


def _cheap(statement: ast.stmt) -> bool:
    """Whether a statement only names something: what else stands above an answer, such as trainings, is not run."""
    constant = isinstance(statement, ast.Assign) and not any(
        isinstance(node, ast.Call | ast.Name) for node in ast.walk(statement.value)
    )
    return isinstance(statement, KEPT) or constant


def answer_lines(answer: str) -> tuple[int, int]:
    """The first and the last line of an answer between its markers, counted from 1."""
    lines = [line.strip() for line in answer.split("\n")]
    return lines.index(BEGIN) + 2, lines.index(END)


def judge(task: Task) -> list[Judged]:
    """Every mutant of one answer, run against its check. Raises RuntimeError if the answer itself is refused."""
    import course_lib  # noqa: F401  here, so that each process sets its threads before it loads PyTorch

    if (said := _said(task, task.answer)) is not None:
        raise RuntimeError(f"{task.lesson}: the solution itself is refused by checks.{task.check}: {said}")
    return [
        Judged(task, mutant.shown, _said(task, mutant.code))
        for mutant in mutants_of(task.answer, *answer_lines(task.answer))
    ]


def _said(task: Task, answer: str) -> str | None:
    """What the check says of an answer, shortened; None if it is content."""
    import torch

    names: dict = {"__name__": "mutant"}
    torch.manual_seed(0)
    try:
        with _in_time(), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for code in (task.before, answer, task.asked):
                exec(compile(code, task.lesson, "exec"), names)  # noqa: S102  the course's own exercises
    except Exception as error:  # noqa: BLE001  whatever a student would see as an error is a kill
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    finally:
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
    return None


@contextlib.contextmanager
def _in_time():
    def over(*_):
        raise TimeoutError(f"ran longer than {SECONDS} s")

    signal.signal(signal.SIGALRM, over)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


def equivalent(lesson: str) -> dict[tuple[str, str], str]:
    """The listed survivors of a lesson: (check, mutant) to the reason. Raises ValueError for one without a reason."""
    file = LISTS / f"{lesson}.toml"
    listed = tomllib.loads(file.read_text(encoding="utf-8")).get("equivalent", []) if file.exists() else []
    for one in listed:
        if len(one.get("why", "").split()) < 3:
            raise ValueError(f"{file.name}: `{one.get('mutant')}` is listed without a reason.")
    return {(one["check"], one["mutant"]): one["why"] for one in listed}


def main(arguments: list[str] | None = None) -> int:
    """The command line; 0 if every mutant is killed or known to be equivalent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lesson", default="", help="beginning of an exercise's name, such as 02")
    parser.add_argument("--check", default="", help="name of a single check")
    parser.add_argument("--all", action="store_true", help="print the killed mutants too, with what was said")
    options = parser.parse_args(arguments)

    sources = sorted((REPO / "exercises" / "src").glob(f"{options.lesson}*.py"))
    chosen = [task for source in sources for task in tasks(source) if options.check in ("", task.check)]
    with ProcessPoolExecutor(2) as pool:
        found = list(tqdm(pool.map(judge, chosen), total=len(chosen), desc="checks", disable=None))
    judged = [one for several in found for one in several]
    if options.all:
        for one in judged:
            print(f"{one.task.check}: {one.mutant}\n    {one.said or 'SURVIVED'}")

    survived = {(one.task.lesson, one.task.check, one.mutant) for one in judged if one.said is None}
    listed = {
        (lesson, *key)
        for lesson in {task.lesson for task in chosen}
        for key in equivalent(lesson)
        if options.check in ("", key[0])
    }
    print(
        f"{len(judged):,} mutants of {len(chosen)} answers: {len(survived)} survived, {len(survived & listed)} of them listed"
    )
    for lesson, check, mutant in sorted(survived - listed):
        print(f"SURVIVED {lesson} checks.{check}: {mutant}")
    for lesson, check, mutant in sorted(listed - survived):
        print(f"LISTED AND KILLED, or no longer there: {lesson} checks.{check}: {mutant}")
    return int(survived != listed)


if __name__ == "__main__":
    sys.exit(main())
