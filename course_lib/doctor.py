"""What on this computer is in order for the course, and what to do where something is not."""

import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

from jupyter_core.paths import jupyter_path
from packaging.requirements import Requirement


@dataclass(frozen=True)
class Finding:
    """what was looked at; mark: OK, NOTE (works, but could be better) or BAD (the course will not work); says: the rest."""

    what: str
    mark: Literal["OK", "NOTE", "BAD"]
    says: str


def examine() -> list[Finding]:
    """Everything `gan-course doctor` looks at. One failing look does not hide the others."""
    return [_safely(look) for look in (python, packages, device, size, data, widgets, browser)]


def _safely(look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except Exception as error:  # noqa: BLE001 whatever it is, the student should read it as a finding
        return Finding(look.__name__, "BAD", f"{type(error).__name__}: {error}")


def python() -> Finding:
    """The Python that runs; an older one than the course needs could not have installed it."""
    return Finding("python", "OK", platform.python_version())


def packages() -> Finding:
    """Every dependency is installed, and new enough."""
    wrong = []
    for line in requires("gan-course") or []:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            wrong.append(f"{requirement.name} is {found}, wanted {requirement.specifier}")
    if wrong:
        return Finding("packages", "BAD", "; ".join(wrong) + ". Install again: `pip install -c constraints.txt -e .`")
    return Finding("packages", "OK", f"torch {version('torch')}, torchvision {version('torchvision')}")


def device() -> Finding:
    """Where trainings run."""
    from course_lib.environment import device

    where = device()
    if where.type == "cpu":
        import torch

        return Finding("device", "OK", f"cpu, {torch.get_num_threads()} threads; every lesson is made for it")
    return Finding("device", "OK", str(where))


def size() -> Finding:
    """The dial for cost."""
    from course_lib.environment import size

    return Finding("size", "OK", f"{size()} (set GAN_COURSE_SIZE to quick, cpu or gpu to change it)")


def data() -> Finding:
    """Which data sets are here and whole."""
    from course_lib.data import data_folder
    from course_lib.data.files import SOURCES, DataError, check_files, is_here

    here = []
    for name, found in SOURCES.items():
        if is_here(found, data_folder()):
            try:
                check_files(found, data_folder(), name)
            except DataError as error:
                return Finding("data", "BAD", str(error))
            here.append(name)
    if "mnist" in here:
        return Finding("data", "OK", f"{', '.join(here)} in {data_folder()}")
    also = f"{', '.join(here)} in {data_folder()}; " if here else ""
    return Finding(
        "data", "NOTE", f"{also}digits: the 5,000 embedded ones; `gan-course data mnist` downloads all 70,000"
    )


def widgets() -> Finding:
    """JupyterLab has the front end that draws sliders."""
    front_ends = (Path(path) / "@jupyter-widgets" / "jupyterlab-manager" for path in jupyter_path("labextensions"))
    if not any(folder.exists() for folder in front_ends):
        return Finding("widgets", "BAD", "the front end is missing: `pip install --force-reinstall jupyterlab_widgets`")
    return Finding("widgets", "OK", f"ipywidgets {version('ipywidgets')}")


def browser() -> Finding:
    """Chromium, which only the browser tests and the PDF of the decks need."""
    from course_lib.browser import chromium

    found = chromium()
    if found is None:
        return Finding("chromium", "NOTE", "not found: browser tests are skipped and decks are built without PDF")
    return Finding("chromium", "OK", str(found))
