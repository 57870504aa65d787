"""From a source to the cells of a notebook: which notebook comes from which source, and what a blank leaves out."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode
from recorded_numbers import filled
from running import Refused, tags, where

REPO = Path(__file__).resolve().parent.parent
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
FOLD = "hide-output"  # a cell whose committed output is folded, so that a guess stays one; the website knows it too
LIKE_A_MARKER = re.compile(r"#\s*(BEGIN|END)[\s_-]+SOLUTION", re.IGNORECASE)
MARKED = re.compile(r'^# %%.*\blang="', re.MULTILINE)  # a cell of prose in one of several languages
BLANK = 'raise NotImplementedError("your answer here")'
KERNEL = {
    "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"},
    "language_info": {
        "name": "python",
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}


@dataclass(frozen=True)
class Target:
    """One derived notebook. A blank has its answers removed and is not executed.

    language: of the prose it keeps, of a source in several; None where the source has one language.
    outputs_of: the notebook of the same code that is executed in its place, for a translation.
    """

    source: Path
    path: Path
    blank: bool = False
    language: str | None = None
    outputs_of: Path | None = None


def targets(root: Path = REPO) -> list[Target]:
    """Every notebook to derive, lessons first."""
    found = []
    for source in sorted(root.glob("notebooks/src/*.py")):
        lesson = root / "notebooks" / f"{source.stem}.ipynb"
        if MARKED.search(source.read_text(encoding="utf-8")):
            found.append(Target(source, lesson, language="en"))
            translation = lesson.with_stem(f"{source.stem}_zh")
            found.append(Target(source, translation, language="zh", outputs_of=lesson))
        else:
            found.append(Target(source, lesson))
    for source in sorted(root.glob("exercises/src/*.py")):
        found.append(Target(source, root / "exercises" / f"{source.stem}.ipynb", blank=True))
        found.append(Target(source, root / "exercises" / "solutions" / f"{source.stem}.ipynb"))
    for source in sorted(root.glob("slides/L[0-9]*_*.md")):
        found.append(Target(source, source.with_suffix(".ipynb")))
    return found


def structure(target: Target) -> NotebookNode:
    """The notebook as its source gives it, without outputs.

    Raises Refused for a misplaced solution marker, and for prose that one of the languages lacks.
    """
    text = target.source.read_text(encoding="utf-8")
    read = jupytext.reads(text, fmt="py:percent" if target.source.suffix == ".py" else "md")
    if target.language:
        refuse_missing_translations(read.cells)
    cells, seen = [], Counter()
    for index, cell in enumerate(read.cells):
        without = without_answers(cell, f"{target.source.name}, {where(index, cell)}")
        if not cell.source.strip() or (target.blank and "solution" in tags(cell)):
            continue
        if cell.metadata.get("lang", target.language) != target.language:
            continue
        source = without if target.blank else cell.source
        # From the cell's own text, so that an edit leaves every other cell's id, and its diff, alone.
        digest = hashlib.sha256(f"{cell.cell_type}\n{source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        metadata = {key: value for key, value in cell.metadata.items() if key not in ("lines_to_next_cell", "lang")}
        if FOLD in tags(cell) and not target.blank:
            metadata["jupyter"] = {"outputs_hidden": True}  # JupyterLab unfolds it as soon as the cell is run
        new = {
            "id": digest if seen[digest] == 1 else f"{digest}-{seen[digest]}",
            "cell_type": cell.cell_type,
            "metadata": metadata,
            "source": source
            if cell.cell_type == "code"
            else filled(source, f"{target.source.name}, {where(index, cell)}"),
        }
        cells.append(new | ({"execution_count": None, "outputs": []} if cell.cell_type == "code" else {}))
    metadata = {key: value for key, value in read.metadata.items() if key != "jupytext"} | KERNEL
    return nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})


def refuse_missing_translations(cells: list[NotebookNode]) -> None:
    """Prose comes in pairs, English and then Chinese; code belongs to both. Raises Refused for a cell left alone."""
    prose = [(index, cell) for index, cell in enumerate(cells) if cell.cell_type == "markdown"]
    for number, (index, cell) in enumerate(prose):
        expected = ("en", "zh")[number % 2]
        if (lang := cell.metadata.get("lang")) != expected:
            raise Refused(f'{where(index, cell)}: lang="{expected}" was expected here, and it is {lang!r}.')
    if len(prose) % 2:
        raise Refused(f"{where(*prose[-1])}: the last cell of prose has no translation.")


def without_answers(cell: NotebookNode, place: str) -> str:
    """The cell's source with one raise in place of each marked answer, at the answer's indentation.

    Raises Refused for markers that are misspelt, nested, unbalanced, around nothing, or outside a code cell:
    each would show a student the answer, or ask for none.
    """
    kept, indent, answer = [], None, []
    for line in cell.source.split("\n"):
        word = line.strip()
        if not LIKE_A_MARKER.search(line):
            (kept if indent is None else answer).append(line)
        elif cell.cell_type != "code":
            raise Refused(f"{place}: a solution marker outside a code cell.")
        elif word not in (BEGIN, END):
            raise Refused(f"{place}: '{word}' is neither '{BEGIN}' nor '{END}'.")
        elif (word == BEGIN) == (indent is not None):
            raise Refused(f"{place}: '{word}' after another {word[4:]}, or with none before it; they come in pairs.")
        elif word == BEGIN:
            indent, answer = line[: line.index("#")], []
        elif not "".join(answer).strip():
            raise Refused(f"{place}: nothing stands between '{BEGIN}' and '{END}'.")
        else:
            kept.append(indent + BLANK)
            indent = None
    if indent is not None:
        raise Refused(f"{place}: '{BEGIN}' has no '{END}' after it.")
    return "\n".join(kept)
