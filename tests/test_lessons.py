"""What holds of every lesson and deck as a reader opens it: guesses stay guesses, pictures are told, numbers have a home."""

import base64
import io
import re
import tomllib
from collections.abc import Iterator

import jupytext
import nbformat
import pytest
import recorded_numbers
import running
import sources
from PIL import Image

LESSONS = [target for target in sources.targets() if target.path.parent.name == "notebooks"]
EXECUTED = [target for target in sources.targets() if not target.blank]
PROMPT = re.compile(
    r"before you (run|read the next|move)|while the next cells? runs?|运行(下|该|这)[^。，]*之前", re.IGNORECASE
)
SHARP = 1.5  # pixels of the file to one of the page, at least

# A decimal number or a percentage. Whole numbers are mostly counts and sizes, which the code above sets.
NUMBER = re.compile(r"(?<![\w.])\d*\.\d+(?![\w.]*\w)|(?<![\w.])\d+(?:\.\d+)?(?=\s?%)")
NO_PROSE = re.compile(r"\$\$.*?\$\$|\$[^$]*\$|```.*?```|`[^`]*`|\]\([^)]*\)|<[^>]*>|^#.*?$", re.DOTALL | re.MULTILINE)
REFERENCE = re.compile(
    r"(?:sections?|equations?|chapters?|tasks?|version|CC BY(?:-\w+)*|\bnf)\s\d+(?:\.\d+)*", re.IGNORECASE
)
STATED = sources.REPO / "tests" / "stated_numbers"  # one file a source, STEM.toml: "number" = "its source in words"


def name_of(target: sources.Target) -> str:
    return target.path.relative_to(sources.REPO).as_posix()


def committed(target: sources.Target) -> nbformat.NotebookNode:
    return nbformat.read(target.path, as_version=4)


def pictures(notebook: nbformat.NotebookNode) -> Iterator[tuple[str, bytes, dict]]:
    """Every PNG in a notebook: where, its bytes, what is said of it."""
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                png = base64.b64decode(output.data["image/png"])
                yield running.where(index, cell), png, output.metadata.get("image/png", {})


def folded(cell: nbformat.NotebookNode) -> bool:
    return bool(cell.metadata.get("jupyter", {}).get("outputs_hidden")) and sources.FOLD in running.tags(cell)


def asks_to_guess(cell: nbformat.NotebookNode) -> bool:
    return bool(PROMPT.search(" ".join(cell.source.split())))


# Guesses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", LESSONS, ids=name_of)
def test_the_answer_to_every_guess_is_folded_until_the_cell_is_run(target):
    """Between a prompt and the next prose, whatever has an output; and at least one cell has."""
    spoiled, cells = [], committed(target).cells
    for index, cell in enumerate(cells):
        if cell.cell_type != "markdown" or not asks_to_guess(cell):
            continue
        until = next((i for i in range(index + 1, len(cells)) if cells[i].cell_type == "markdown"), len(cells))
        answers = [one for one in cells[index + 1 : until] if one.outputs]
        if not answers or not all(map(folded, answers)):
            spoiled.append(running.where(index, cell))
    assert not spoiled, "\n".join(spoiled)


@pytest.mark.parametrize("target", LESSONS, ids=name_of)
def test_nothing_else_is_folded(target):
    """A reader of the saved page should see all that is no answer to a guess."""
    waiting, without_reason = False, []
    for index, cell in enumerate(committed(target).cells):
        if cell.cell_type == "markdown":
            waiting = asks_to_guess(cell)
        elif folded(cell) and not waiting:
            without_reason.append(running.where(index, cell))
    assert not without_reason, "\n".join(without_reason)


# Pictures ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", EXECUTED, ids=name_of)
def test_every_picture_is_told_in_words(target):
    silent = [where for where, _, about in pictures(committed(target)) if len(about.get("alt", "").split()) < 5]
    assert not silent, "\n".join(silent)


@pytest.mark.parametrize("target", EXECUTED, ids=name_of)
def test_every_picture_is_sharp_on_a_screen_of_high_density(target):
    """On slides they fill the page, and are as wide as a projector shows."""
    blurred = []
    for where, png, about in pictures(committed(target)):
        width = Image.open(io.BytesIO(png)).width
        if target.source.suffix == ".md":
            sharp = "width" in about or width >= 600
        else:
            sharp = "width" in about and width >= SHARP * about["width"]
        blurred += [] if sharp else [f"{where}: {width} pixels for {about.get('width', 'as many')}"]
    assert not blurred, "\n".join(blurred)


# Numbers ----------------------------------------------------------------------------------------------------


def stated(target: sources.Target) -> Iterator[tuple[str, str]]:
    """Numbers in prose that nothing printed above them bears out: the cell, and the number as written."""
    read = jupytext.reads(
        target.source.read_text(encoding="utf-8"), fmt="py:percent" if target.source.suffix == ".py" else "md"
    )
    outputs = iter(running.code_cells(committed(target)))
    shown: set[str] = set()
    for index, cell in enumerate(read.cells):
        if cell.cell_type == "code":
            if cell.source.strip():
                said = [o.get("text", "") + str(o.get("data", {}).get("text/plain", "")) for o in next(outputs).outputs]
                shown |= set(re.findall(r"\d*\.?\d+", cell.source + " ".join(said)))
        elif cell.metadata.get("lang", target.language) == target.language:
            prose = recorded_numbers.PLACE.sub("", cell.source)
            prose = REFERENCE.sub("", NO_PROSE.sub(" ", prose))
            for number in NUMBER.findall(prose):
                if not any(same(number, printed) for printed in shown):
                    yield running.where(index, cell), number


def same(stated: str, printed: str) -> bool:
    """Whether a printed number, rounded to as many digits as are stated, is the one stated; or is it in per cent."""
    digits = len(stated.partition(".")[2])
    value = float(printed)
    return any(abs(round(scaled, digits) - float(stated)) < 1e-9 for scaled in (value, 100 * value, value / 100))


ALLOWED = {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(STATED.glob("*.toml"))}


@pytest.mark.parametrize("target", EXECUTED, ids=name_of)
def test_a_number_in_prose_is_printed_above_it_or_comes_from_a_record_or_has_a_source(target):
    """The last kind stands in stated_numbers/ with its source: a paper's table, arithmetic, a choice of ours."""
    sourced = ALLOWED.get(target.source.stem, {})
    homeless = [f"{where}: {number}" for where, number in stated(target) if number not in sourced]
    assert not homeless, "\n".join(homeless)


def test_a_source_is_given_in_words_and_none_is_left_over():
    for stem, numbers in ALLOWED.items():
        [first, *others] = [target for target in EXECUTED if target.source.stem == stem]
        used = {number for target in (first, *others) for _, number in stated(target)}
        assert all(len(why.split()) >= 2 for why in numbers.values())
        assert set(numbers) <= used, (stem, set(numbers) - used)


@pytest.mark.parametrize(
    "number, printed, right",
    [
        ("0.81", "0.8123", True),
        ("81", "0.8123", True),
        ("81", "81.2", True),
        ("0.82", "0.8123", False),
        (".5", "0.5", True),
    ],
)
def test_a_number_is_the_printed_one_rounded(number, printed, right):
    assert same(number, printed) == right
