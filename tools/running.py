"""Run a notebook from top to bottom, and keep of its outputs what a reader should see."""

import base64
import io
import os
import re
import time
from copy import deepcopy
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from PIL import Image

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # for the kernels; why: course_lib/threads.py

WIDGET = "application/vnd.jupyter.widget-view+json"
PROGRESS = re.compile(r"\d{1,3}%\|.*\||\d{1,9}it \[\d")  # a line that tqdm wrote
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Refused(Exception):
    """A notebook that must not be published; the message names the cell."""


class CellFailed(Refused):
    """A cell that raised, took too long or lost its kernel. index: its position among all cells, from 0."""

    def __init__(self, index: int, cell: NotebookNode, error: str, reason: str, traceback: str = ""):
        super().__init__(f"{where(index, cell)} failed with {error}: {reason}")
        self.index, self.error, self.traceback = index, error, COLOUR.sub("", traceback)


def where(index: int, cell: NotebookNode) -> str:
    """A cell as a person finds it: its number, from 1, and its first line."""
    return f"cell {index + 1} (`{cell.source.strip().split(chr(10))[0][:60]}`)"


def tags(cell: NotebookNode) -> list[str]:
    """The cell's tags, empty if it has none."""
    return cell.metadata.get("tags", [])


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The notebook's code cells, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def execute(notebook: NotebookNode, folder: Path, timeout: float = 600) -> list[float]:
    """Run all cells in a fresh kernel whose working directory is `folder`; the outputs land in `notebook`.

    timeout: seconds a cell may take. Returns each cell's seconds, 0 for text. Raises CellFailed.
    The kernel gets this process's environment, GAN_COURSE_SIZE included.
    """
    seconds, at, begun = [0.0] * len(notebook.cells), 0, 0.0

    def begin(cell, cell_index):
        nonlocal at, begun
        at, begun = cell_index, time.perf_counter()

    def end(cell, cell_index, execute_reply):
        seconds[cell_index] = time.perf_counter() - begun

    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        record_timing=False,  # times would make every execution a new file
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # not the kernel's advice on encryption, once a notebook
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=begin,
        on_cell_executed=end,
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise CellFailed(at, notebook.cells[at], error.ename, error.evalue, error.traceback) from None
    except CellTimeoutError:
        raise CellFailed(at, notebook.cells[at], "timeout", f"more than {timeout:.0f} s") from None
    except DeadKernelError as error:
        raise CellFailed(at, notebook.cells[at], "a dead kernel", str(error)) from None
    return seconds


def warnings_in(executed: NotebookNode) -> list[str]:
    """The warnings that cleaning is about to remove, each with its cell: the author should know of them."""
    found = []
    for index, cell in enumerate(executed.cells):
        text = "".join(output.text for output in cell.get("outputs", []) if output.get("name") == "stderr")
        found += [f"{where(index, cell)} warns: {line.strip()}" for line in text.splitlines() if "Warning" in line]
    return found


def take_outputs(fresh: NotebookNode, executed: NotebookNode) -> None:
    """Give `fresh` the cleaned outputs of the same code cells in `executed`, counted anew from 1."""
    count = 0
    for cell, done in zip(code_cells(fresh), code_cells(executed), strict=True):
        if done.execution_count is None:
            continue
        count += 1
        cell.execution_count, cell.outputs = count, clean(done.outputs)
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count


def clean(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The outputs a reader should see: no stderr, progress bars or live widgets, and printed text in one piece.

    A widget's still picture, published beside it, stays.
    """
    kept = []
    for output in map(_smaller, map(_without_widget, deepcopy(outputs))):
        if output.output_type == "stream" and output.name == "stderr":
            continue
        if output.output_type == "stream" and kept and kept[-1].output_type == "stream":
            kept[-1].text += output.text
        elif not _empty(output):
            kept.append(output)
    for output in kept:
        if output.output_type == "stream":
            output.text = _without_progress(output.text)
    return [output for output in kept if output.output_type != "stream" or output.text]


def _without_widget(output: NotebookNode) -> NotebookNode:
    if "data" in output:
        if output.data.pop(WIDGET, None):
            output.data.pop("text/plain", None)  # the widget's repr, of no use without a kernel
        output.metadata = {mime: value for mime, value in output.metadata.items() if mime in output.data}
    return output


def _smaller(output: NotebookNode) -> NotebookNode:
    """The same with its picture in at most 128 colours, which no eye misses in a plot and which takes half the space."""
    if "image/png" in output.get("data", {}):
        with Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))) as picture:
            if picture.mode == "P":  # done before
                return output
            few = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
        buffer = io.BytesIO()
        few.save(buffer, "PNG", optimize=True)
        output.data["image/png"] = base64.b64encode(buffer.getvalue()).decode() + "\n"
    return output


def _empty(output: NotebookNode) -> bool:
    """A display of nothing, or of a progress bar alone."""
    if "data" not in output:
        return False
    return not output.data or (list(output.data) == ["text/plain"] and bool(PROGRESS.search(output.data["text/plain"])))


def _without_progress(text: str) -> str:
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]  # what the last rewriting left
    return "\n".join(line for line in lines if not PROGRESS.search(line))
