"""Lessons and solutions run from top to bottom and give the numbers they show; blanks stop at their first task."""

import os
import subprocess
import sys
from pathlib import Path

import derive
import pytest
import running
import sources

pytestmark = pytest.mark.notebook

LESSONS = [target for target in sources.targets() if not target.blank and target.source.suffix == ".py"]
EXECUTED = [target for target in LESSONS if not target.outputs_of]  # a translation has the same code cells
BLANKS = [target for target in sources.targets() if target.blank]
CHECKED = '# %% tags=["nbval-check-output"]\nhalf = 1 / 2\nprint(f"{half:.2f}")\n'


def name_of(target: sources.Target) -> str:
    """The path of a derived notebook, as the name of its test."""
    return target.path.relative_to(sources.REPO).as_posix()


def nbval(path: Path) -> subprocess.CompletedProcess:
    """Run one notebook under nbval in a pytest of its own.

    Ours has warnings as errors and shape checks, which are for the library and not for a reader's kernel. It
    stops at the first cell that fails, since those after it mostly fail because of it.
    """
    options = ["-c", os.devnull, "-q", "--tb=short", "--color=no", "--exitfirst", "--no-header"]
    plugins = ["-p", "no:cacheprovider", "-p", "no:jaxtyping"]
    command = [sys.executable, "-m", "pytest", *options, *plugins, "--rootdir", path.parent]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    return subprocess.run(
        [*command, "--nbval-lax", "--nbval-cell-timeout=120", path],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )


@pytest.mark.parametrize("target", EXECUTED, ids=name_of)
def test_notebook_runs_and_shows_the_same_numbers(target):
    result = nbval(target.path)
    said = running.COLOUR.sub("", result.stdout + result.stderr)
    assert result.returncode == 0, f"{name_of(target)} under nbval:\n{said[-10_000:]}"


@pytest.mark.parametrize("target", BLANKS, ids=name_of)
def test_blank_stops_at_its_first_task(target):
    """A student who has not begun is stopped by the first task, not by a mistake of ours before or after it."""
    blank = sources.structure(target)
    tasks = [index for index, cell in enumerate(blank.cells) if sources.BLANK in cell.source]
    with pytest.raises(running.CellFailed) as stopped:
        running.execute(blank, target.path.parent, timeout=120)
    assert stopped.value.error in ("NotImplementedError", "NotYet"), str(stopped.value)
    assert tasks[0] <= stopped.value.index, f"stopped before the first task: {stopped.value}"
    assert len(tasks) == 1 or stopped.value.index < tasks[1], f"stopped only after a later task: {stopped.value}"


# The mechanism itself ---------------------------------------------------------------------------------------


@pytest.fixture
def lesson(tmp_path) -> Path:
    """A lesson of one checked cell, derived and executed."""
    source = tmp_path / "notebooks" / "src" / "01_small.py"
    source.parent.mkdir(parents=True)
    source.write_text(CHECKED)
    (target,) = sources.targets(tmp_path)
    derive.derive(target)
    return target.path


def test_a_notebook_as_derived_passes(lesson):
    result = nbval(lesson)
    assert result.returncode == 0 and "1 passed" in result.stdout, result.stdout


@pytest.mark.parametrize(
    "shown, instead, said",
    [("0.50", "0.51", "Cell outputs differ"), ("half = 1 / 2", "half = 1 / 0", "ZeroDivisionError")],
)
def test_a_wrong_number_or_a_broken_cell_fails_and_is_shown(lesson, shown, instead, said):
    assert shown in lesson.read_text()
    lesson.write_text(lesson.read_text().replace(shown, instead))
    result = nbval(lesson)
    assert result.returncode == 1
    assert said in result.stdout and instead in result.stdout and "print(f" in result.stdout


def test_a_number_in_an_unchecked_cell_is_free(lesson):
    """Lax: without its tag the same wrong number passes, so it is the tag that bites above."""
    lesson.write_text(lesson.read_text().replace("0.50", "0.51").replace("nbval-check-output", "spelled-out"))
    assert nbval(lesson).returncode == 0
