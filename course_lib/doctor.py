"""What on this computer is in order for the course, and what to do where something is not.

A machine with the library alone, without Jupyter, is in order too: what it lacks for the lessons is a note.
"""

import platform
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

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
    """Every dependency is installed, and new enough: the library's, and the lessons' where JupyterLab is here."""
    remedy = "`pip install -c constraints.txt -e '.[course]'`"
    if wrong := _wrong(dependencies("")):
        return Finding("packages", "BAD", f"{'; '.join(wrong)}. Install again: {remedy}")
    here = f"torch {version('torch')}, torchvision {version('torchvision')}"
    if wrong := _wrong(dependencies("course")):
        if _installed("jupyterlab"):
            return Finding("packages", "BAD", f"{'; '.join(wrong)}. Install again: {remedy}")
        return Finding("packages", "NOTE", f"{here}; the library alone. For the lessons and decks: {remedy}")
    return Finding("packages", "OK", here)


def dependencies(extra: str) -> list[Requirement]:
    """What the library needs, or an extra beyond it; from the checkout where the course was not installed."""
    try:
        lines = requires("gan-course") or []
    except PackageNotFoundError:
        project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        lines = project["optional-dependencies"][extra] if extra else project["dependencies"]
        return [Requirement(line) for line in lines]
    found = [Requirement(line) for line in lines]
    if not extra:
        return [line for line in found if _holds(line, "")]
    return [line for line in found if _holds(line, extra) and not _holds(line, "")]


def _holds(line: Requirement, extra: str) -> bool:
    """Whether a dependency is one on this machine, with that extra."""
    return line.marker is None or line.marker.evaluate({"extra": extra})


def _installed(name: str) -> str | None:
    """Its version; Fabric may have come within lightning."""
    for distribution in (name, "lightning") if name == "lightning-fabric" else (name,):
        with suppress(PackageNotFoundError):
            return version(distribution)
    return None


def _wrong(wanted: list[Requirement]) -> list[str]:
    """A few words on each that is missing or too old."""
    wrong = []
    for requirement in wanted:
        found = _installed(requirement.name)
        if found is None:
            wrong.append(f"{requirement.name} is missing")
        elif not requirement.specifier.contains(found, prereleases=True):
            wrong.append(f"{requirement.name} is {found}, wanted {requirement.specifier}")
    return wrong


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
    try:
        from jupyter_core.paths import jupyter_path
    except ModuleNotFoundError:
        return Finding("widgets", "NOTE", "no Jupyter here: trainings run, lessons and sliders need it")
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
