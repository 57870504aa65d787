"""The rules of the house: short modules, docstrings, no library code pasted into a lesson, no path of one machine."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
import running
import sources
from IPython.core.inputtransformer2 import TransformerManager
from nbval.plugin import metadata_tags as nbval_tags

REPO = sources.REPO
MODULES = sorted((REPO / "course_lib").rglob("*.py"))
LESSONS = [target for target in sources.targets() if target.source.suffix == ".py" and not target.blank]
LONGEST = 200  # lines of a module: one sitting

# Not inside a word, an address or base64, where the same letters mean nothing.
MACHINE_PATH = re.compile(r"(?:file://|(?<![\w/+.~-]))/(?:root|work|tmp|home/\w+|Users/\w+|opt/\w+)(?![\w+=])")
PACKAGE_INDEX = re.compile(
    r"(?:find-links|index-url|index_url|INDEX_URL)\b|https?://\S+/simple\b|https?://(?!127\.)\d+\.\d+\.\d+\.\d+"
)
LEFT_OPEN = re.compile(r"(?<![\w/+])(?:TO" + r"DO|FIX" + r"ME)(?![\w/+=])")


def name_of(path: Path) -> str:
    """A file's path in the repository, as the name of its test."""
    return path.relative_to(REPO).as_posix()


def is_public(node: ast.AST) -> bool:
    """Whether a statement defines a function or class that others may use."""
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_")


def public_names() -> dict[str, str]:
    """Every public function and class of course_lib, and the file it is defined in."""
    return {
        node.name: name_of(path)
        for path in MODULES
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if is_public(node)
    }


def redefinitions(source: str, library: dict[str, str]) -> list[str]:
    """Functions and classes of the library that a piece of a lesson defines again, at any depth."""
    found = []
    for node in ast.walk(ast.parse(TransformerManager().transform_cell(source))):
        names = [node.name] if is_public(node) else []
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        found += [f"{name} is in {library[name]}" for name in names if name in library]
    return found


def text_files() -> dict[Path, str]:
    """Every text file that is, or is about to be, in the repository."""
    command = ["git", "-C", REPO, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    files = {}
    for path in (REPO / name for name in listed if name):
        try:
            files[path] = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue  # a picture, or a file deleted but not yet committed as such
    return files


def hits(pattern: re.Pattern, but_not: Path = Path()) -> list[str]:
    """Where a pattern stands in the repository's text files, as file:line: match."""
    return [
        f"{name_of(path)}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for path, text in text_files().items()
        if path != but_not
        for match in pattern.finditer(text)
    ]


@pytest.mark.parametrize("target", LESSONS, ids=lambda target: name_of(target.source))
def test_no_lesson_redefines_the_library(target):
    """Library code is shown with `show_source`; what a lesson is there to teach carries the tag spelled-out.

    An exercise's answer may bear the library's name, since the student writes it.
    """
    library = public_names()
    found = []
    for index, cell in enumerate(sources.structure(target).cells):
        answer = sources.BEGIN in cell.source
        if cell.cell_type == "code" and not answer and not {"spelled-out", "solution"} & set(running.tags(cell)):
            found += [f"{running.where(index, cell)}: {again}" for again in redefinitions(cell.source, library)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("target", LESSONS, ids=lambda target: name_of(target.source))
def test_tags_for_nbval_are_ones_it_knows(target):
    """nbval ignores a misspelt tag, and the number is then compared with nothing."""
    given = {tag for cell in sources.structure(target).cells for tag in running.tags(cell)}
    assert {tag for tag in given if tag.startswith("nbval")} <= set(nbval_tags)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_is_read_in_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_everything_public_has_a_docstring(path):
    body = ast.parse(path.read_text(encoding="utf-8")).body
    assert [node.name for node in body if is_public(node) and not ast.get_docstring(node)] == []


# What the library's core may be without, on a machine in a cluster.
OF_THE_LESSONS = {"IPython", "ipywidgets", "matplotlib", "gensim", "mlxtend", "nbconvert", "nbformat", "jupytext"}
DRAWN = ("course_lib.figures", "course_lib.widgets", "course_lib.checks")


def imported(path: Path, *, anywhere: bool) -> set[str]:
    """The modules that a file imports as it is loaded, or anywhere in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if anywhere else tree.body
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    nodes = ast.walk(tree) if anywhere else tree.body
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("path", [path for path in MODULES if "figures" in path.parts], ids=name_of)
def test_figures_know_no_widgets(path):
    assert {name for name in imported(path, anywhere=True) if name.startswith("course_lib.widgets")} == set()


CORE = [path for path in MODULES if not {"figures", "widgets", "checks"} & set(path.parts)]


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_the_core_loads_without_jupyter_and_without_figures(path):
    names = imported(path, anywhere=False)
    found = {name for name in names if name.partition(".")[0] in OF_THE_LESSONS or name.startswith(("jupyter", *DRAWN))}
    assert found == set()


def test_what_a_module_imports_is_found():
    assert "course_lib.widgets" in imported(REPO / "tests" / "test_widgets_live.py", anywhere=False)
    assert "matplotlib.pyplot" in imported(REPO / "course_lib" / "figures" / "style.py", anywhere=False)


def test_no_path_of_one_machine():
    assert hits(MACHINE_PATH, but_not=Path(__file__)) == []


def test_no_package_index():
    assert hits(PACKAGE_INDEX, but_not=Path(__file__)) == []


def test_nothing_is_left_open():
    assert hits(LEFT_OPEN) == []


# The rules themselves ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source, found",
    [
        ("def play():\n    pass", True),
        ("class play:\n    pass", True),
        ("if True:\n    def play():\n        pass", True),
        ("%matplotlib inline\nplay = lambda: 1", True),
        ("def display():\n    return play()", False),
        ("play = library.play", False),
    ],
)
def test_a_redefinition_is_found(source, found):
    assert bool(redefinitions(source, {"play": "course_lib/game.py"})) == found


def test_the_library_has_its_public_names():
    names = public_names()
    assert names["play"] == "course_lib/game.py" and "_descend" not in names


@pytest.mark.parametrize("text", ["see /tmp/x", "'/root'", "(/home/ann/a.py)", "file:///home/ann/x", "=/opt/wheels"])
def test_a_machine_path_is_found(text):
    assert MACHINE_PATH.search(text)


@pytest.mark.parametrize("text", ["and/work", "aGk/tmp/x+4", "../tmp/x", "https://a.org/tmp/b", "/tmpfs", "net/home/x"])
def test_what_is_no_machine_path_is_left_alone(text):
    assert not MACHINE_PATH.search(text)


@pytest.mark.parametrize(
    "text", ["--extra-index-url x", "https://mirror.org/simple", "PIP_INDEX_URL=x", "http://10.0.0.1/"]
)
def test_a_package_index_is_found(text):
    assert PACKAGE_INDEX.search(text)
