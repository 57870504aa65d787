"""environment.yml says the same as pyproject.toml, in conda-forge's names."""

import tomllib
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

REPO = Path(__file__).resolve().parent.parent
CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base"}


def lines_of(project: dict) -> list[str]:
    """What is installed for the tests: the library, the course and the tools. An extra that names another is met by it."""
    extras = project["optional-dependencies"]
    assert f"{project['name']}[course]" in extras["test"]
    lines = [*project["dependencies"], *extras["course"], *extras["test"]]
    return [line for line in lines if Requirement(line).name != project["name"]]


def from_pyproject() -> dict[str, str]:
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    wanted = {"python": project["requires-python"]}
    for requirement in map(Requirement, lines_of(project)):
        wanted[CONDA_NAMES.get(requirement.name, requirement.name)] = str(requirement.specifier)
    return wanted


def from_conda() -> dict[str, str]:
    dependencies = yaml.safe_load((REPO / "environment.yml").read_text())["dependencies"]
    (by_pip,) = [entry["pip"] for entry in dependencies if isinstance(entry, dict)]
    lines = [line for line in [*dependencies, *by_pip] if isinstance(line, str) and not line.startswith("-")]
    return {requirement.name: str(requirement.specifier) for requirement in map(Requirement, lines)}


def test_conda_and_pip_install_the_same_with_the_same_bounds():
    tools_of_conda = {"pip", "make"}
    assert {name: bound for name, bound in from_conda().items() if name not in tools_of_conda} == from_pyproject()


def test_conda_installs_the_course_itself_last_when_its_dependencies_are_there():
    dependencies = yaml.safe_load((REPO / "environment.yml").read_text())["dependencies"]
    assert dependencies[-1]["pip"][-1] == "--editable ."


@pytest.mark.parametrize("line", (REPO / "constraints.txt").read_text().splitlines())
def test_a_constraint_is_a_comment_or_one_exact_version_and_no_address(line):
    if not line.startswith("#"):
        (specifier,) = Requirement(line).specifier
        assert specifier.operator == "=="
        assert Requirement(line).url is None


def test_the_exact_versions_lie_within_the_bounds_and_none_is_missing():
    lines = (REPO / "constraints.txt").read_text().splitlines()
    pinned = [Requirement(line) for line in lines if not line.startswith("#")]
    exact = {pin.name.lower().replace("_", "-"): next(iter(pin.specifier)).version for pin in pinned}
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    for requirement in map(Requirement, lines_of(project)):
        assert requirement.specifier.contains(exact[requirement.name]), requirement


def test_every_dependency_says_why_it_is_there():
    text = (REPO / "pyproject.toml").read_text()
    project = tomllib.loads(text)["project"]
    for line in chain(project["dependencies"], *project["optional-dependencies"].values()):
        (stated,) = [row for row in text.splitlines() if f'"{line}"' in row]
        assert "#" in stated, f"{line}: say in a comment why the course needs it"
