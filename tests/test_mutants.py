"""No small slip in a right answer passes its check, unless it is known to change nothing."""

import ast
import subprocess
import sys

import mutants
import pytest
from mutations import mutants_of

LESSONS = sorted(path.stem for path in (mutants.REPO / "exercises" / "src").glob("*.py"))
CELL = """
def share(real, fake):
    ### BEGIN SOLUTION
    right = (real > 0).sum() + (fake <= 0).sum()
    return right / (len(real) + len(fake))
    ### END SOLUTION
"""


def changed(cell: str) -> list[str]:
    return [mutant.shown for mutant in mutants_of(cell, *mutants.answer_lines(cell))]


@pytest.mark.parametrize(
    "slip",
    [
        "right = (real >= 0).sum() + (fake <= 0).sum()",
        "right = (real > 1).sum() + (fake <= 0).sum()",
        "right = (real > 0).mean() + (fake <= 0).sum()",
        "right = (real > 0) + (fake <= 0).sum()",
        "right = (fake > 0).sum() + (fake <= 0).sum()",
        "right = (real > 0).sum()",
        "without right = (real > 0).sum() + (fake <= 0).sum()",
        "return right / (len(real) - len(fake))",
        "return right // (len(real) + len(fake))",
        "return right",
    ],
)
def test_a_slip_is_among_the_mutants(slip):
    assert slip in changed(CELL)


def test_each_mutant_is_code_that_differs_from_the_answer_and_from_the_others():
    found = mutants_of(CELL, *mutants.answer_lines(CELL))
    codes = {ast.unparse(ast.parse(mutant.code)) for mutant in found} | {ast.unparse(ast.parse(CELL))}
    assert len(codes) == len(found) + 1 > 30


def test_what_stands_outside_the_answer_is_left_as_it_is():
    cell = "LIMIT = 3\n" + CELL
    assert all("LIMIT = 3" in mutant.code for mutant in mutants_of(cell, *mutants.answer_lines(cell)))


@pytest.mark.parametrize("added", ["G.eval() at the start", "D.requires_grad_(False) at the start"])
def test_a_network_left_in_eval_mode_or_frozen_is_a_mutant(added):
    cell = "def move(G, D, x):\n    ### BEGIN SOLUTION\n    return D(G(x)).mean()\n    ### END SOLUTION"
    assert added in changed(cell)


def test_a_check_that_asks_too_little_lets_mutants_through():
    lenient = "class checks:\n    def share(answer):\n        assert answer([1], [2]) <= 1"
    task = mutants.Task(
        "any",
        "share",
        lenient,
        CELL.replace("(real > 0).sum()", "1").replace("(fake <= 0).sum()", "1"),
        "checks.share(share)",
    )
    said = {one.mutant: one.said for one in mutants.judge(task)}
    assert said["right = 1 - 1"] is None and said["right = 2 + 1"].startswith("AssertionError")


def test_a_solution_that_its_own_check_refuses_is_an_error():
    task = mutants.Task("any", "share", "", CELL, "raise ValueError('no')")
    with pytest.raises(RuntimeError, match="the solution itself is refused"):
        mutants.judge(task)


def test_a_survivor_is_not_listed_without_a_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(mutants, "LISTS", tmp_path)
    (tmp_path / "any.toml").write_text('[[equivalent]]\ncheck = "share"\nmutant = "return right"\nwhy = "same"\n')
    with pytest.raises(ValueError, match="without a reason"):
        mutants.equivalent("any")


def test_every_answer_that_a_check_judges_is_found():
    for lesson in LESSONS:
        source = (mutants.REPO / "exercises" / "src" / f"{lesson}.py").read_text()
        assert len(list(mutants.tasks(mutants.REPO / "exercises" / "src" / f"{lesson}.py"))) == source.count(
            mutants.BEGIN
        )


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_checks_of_a_lesson_refuse_every_mutant_that_is_not_listed(lesson):
    tool = [sys.executable, str(mutants.REPO / "tools" / "mutants.py"), "--lesson", lesson]
    done = subprocess.run(tool, check=False, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-2_000:]
    assert int(done.stdout.split(" mutants of")[0].split()[-1].replace(",", "")) >= 130  # over 1,000 in all lessons
