"""The README keeps its promises: its example runs, its links lead somewhere, its map has every lesson."""

import re
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent
README = (REPO / "README.md").read_text()
LESSONS = sorted(path.stem for path in (REPO / "notebooks" / "src").glob("*.py"))


def test_the_homework_example_runs(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len([line for line in example.splitlines() if line]) <= 10
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102
    assert re.fullmatch(r"[0-8] of 8 modes\n", capsys.readouterr().out)


def test_links_lead_somewhere():
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert len(links) > 10
    assert [link for link in links if not (REPO / link).exists()] == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_map_has_every_lesson_with_its_minutes_and_exercise(lesson):
    (row,) = [line for line in README.splitlines() if f"(notebooks/{lesson}.ipynb)" in line]
    assert re.search(r"\| \d+ \|", row) and f"(exercises/{lesson}.ipynb)" in row


@pytest.mark.parametrize("deck", sorted(path.stem for path in (REPO / "slides").glob("L*.md")))
def test_every_deck_is_listed(deck):
    assert f"slides/{deck}.ipynb" in README


def test_the_commands_are_targets_of_the_makefile():
    targets = set(re.findall(r"^([a-z]+):", (REPO / "Makefile").read_text(), re.MULTILINE))
    for document in ("README.md", "CONTRIBUTING.md"):
        named = set(re.findall(r"(?:`|^)make ([a-z]+)", (REPO / document).read_text(), re.MULTILINE))
        assert named and named <= targets


def test_the_picture_is_a_real_one():
    (picture,) = re.findall(r"!\[[^\]]{40,}\]\(([^)]+)\)", README)  # with an alternative text worth the name
    assert (REPO / picture).read_bytes().startswith(b"\x89PNG")
