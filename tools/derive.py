"""Write every derived notebook from its one source.

    python tools/derive.py [--check] [--no-execute] [--force] [NAME ...]

notebooks/src/NN_topic.py -> notebooks/NN_topic.ipynb, executed; where cells of prose are marked lang="en" and
                             lang="zh", notebooks/NN_topic_zh.ipynb too, with the same code and the same outputs
exercises/src/NN_topic.py -> exercises/NN_topic.ipynb, the blank; exercises/solutions/NN_topic.ipynb, executed
slides/LN_topic.md        -> slides/LN_topic.ipynb, executed

NAME is the beginning of a source's name ("03" is lesson and exercise 03); none means all. Execution is at the
size in GAN_COURSE_SIZE (cpu if unset), in the notebook's own folder. Outputs are kept while the source's code
cells are the same, so prose is edited freely. A change in `course_lib` goes unnoticed: use --force after one.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from running import Refused, code_cells, execute, tags, take_outputs, warnings_in, where
from sources import REPO, Target, structure, targets

LARGEST = 300_000  # bytes in a committed notebook
MEMORY_ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")


def still_valid(fresh: NotebookNode, old: NotebookNode | None) -> bool:
    """Whether `old` was executed from top to bottom with the code that `fresh` has."""

    def code(notebook):
        steer = {"raises-exception", "skip-execution"}  # tags that change what executing does
        return [(cell.get("id"), cell.source, steer & set(tags(cell))) for cell in code_cells(notebook)]

    def was_run(cell):
        return cell.execution_count is not None or "skip-execution" in tags(cell)

    return old is not None and code(fresh) == code(old) and all(map(was_run, code_cells(old)))


def publishable(notebook: NotebookNode) -> str:
    """The notebook as the text of its file. Raises Refused for what no reader should get, or for a file too big."""
    folders = [folder for folder in (str(REPO), str(Path.home()), tempfile.gettempdir()) if len(folder) > 1]
    machine_path = re.compile(f"(?:{'|'.join(map(re.escape, folders))})(?![\\w-])")
    sizes = {}
    for index, cell in enumerate(notebook.cells):
        sizes[where(index, cell)] = len(json.dumps(cell).encode())
        for output in cell.get("outputs", []):
            readable = {mime: value for mime, value in output.get("data", {}).items() if mime != "image/png"}
            text = json.dumps({**output, "data": readable}, ensure_ascii=False)
            if found := machine_path.search(text) or MEMORY_ADDRESS.search(text):
                raise Refused(f"{where(index, cell)}: the output shows '{found[0]}', true of this machine alone.")
    nbformat.validate(notebook)
    text = nbformat.writes(notebook) + "\n"
    if (size := len(text.encode())) > LARGEST:
        cell = max(sizes, key=sizes.get)
        raise Refused(f"{size / 1000:.0f} KB, over {LARGEST / 1000:.0f}: {sizes[cell] / 1000:.0f} of it in {cell}.")
    return text


def read(path: Path) -> NotebookNode | None:
    """The notebook at `path`, or None if there is none or it is not one (after a merge gone wrong, say)."""
    try:
        return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except (FileNotFoundError, ValueError):
        return None


def derive(target: Target, *, run: bool = True, force: bool = False) -> bool:
    """Bring one notebook up to date; whether its file changed. Raises Refused and leaves the file alone.

    run: execute if need be; otherwise a notebook whose code changed is written without outputs.
    force: execute though nothing changed.
    """
    fresh, folder = structure(target), target.path.parent
    folder.mkdir(parents=True, exist_ok=True)
    if not target.blank:
        old = read(target.outputs_of or target.path)
        if still_valid(fresh, old) and (target.outputs_of or not force):
            take_outputs(fresh, old)
        elif run:
            # What readers see is made of the data that come with the course, whatever its author has downloaded.
            os.environ["GAN_COURSE_DATA"] = str(REPO / "no data")
            executed = deepcopy(fresh)
            execute(executed, folder)
            for warning in warnings_in(executed):
                print(f"{target.path.name}, {warning}")
            take_outputs(fresh, executed)
    text = publishable(fresh).encode()
    if target.path.exists() and target.path.read_bytes() == text:
        return False
    unfinished = folder / f".{target.path.name}.{os.getpid()}.tmp"
    unfinished.write_bytes(text)
    os.replace(unfinished, target.path)
    return True


def out_of_date(root: Path = REPO) -> list[str]:
    """One line for each derived notebook that is missing, stale, not executed, refused, or without a source."""
    found, expected = [], targets(root)
    for target in expected:
        try:
            problem = _problem(target)
        except Refused as refused:
            problem = f"cannot be derived: {refused}"
        if problem:
            found.append(f"{target.path.relative_to(root).as_posix()} {problem}")
    for folder in ("notebooks", "exercises", "exercises/solutions", "slides"):
        for path in sorted((root / folder).glob("*.ipynb")):
            if path not in {target.path for target in expected}:
                found.append(f"{path.relative_to(root).as_posix()} has no source: delete it, or restore the source")
    return found


def _problem(target: Target) -> str | None:
    fresh, old = structure(target), read(target.outputs_of or target.path)
    if old is None or not target.path.exists():
        return "is missing"
    if not target.blank:
        if not still_valid(fresh, old):
            return "was not executed with the code now in its source"
        take_outputs(fresh, old)
    return None if publishable(fresh).encode() == target.path.read_bytes() else "differs from its source"


def main(arguments: list[str] | None = None) -> int:
    """The command line; 0 if all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="beginning of a source's name, such as 03 or L2")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a notebook is out of date")
    parser.add_argument("--no-execute", action="store_true", help="write notebooks whose code changed without outputs")
    parser.add_argument("--force", action="store_true", help="execute again though the code did not change")
    options = parser.parse_args(arguments)
    if options.check:
        stale = out_of_date()
        print("\n".join([*stale, "Run `make derive`."]) if stale else "Every derived notebook matches its source.")
        return int(bool(stale))

    names = [Path(name).stem for name in options.names]
    chosen = [target for target in targets() if not names or target.source.stem.startswith(tuple(names))]
    unknown = [name for name in names if not any(target.source.stem.startswith(name) for target in chosen)]
    failures = [f"no source has a name beginning with '{name}'" for name in unknown]
    for target in chosen:
        name, begun = target.path.relative_to(REPO).as_posix(), time.perf_counter()
        try:
            changed = derive(target, run=not options.no_execute, force=options.force)
        except Refused as refused:
            failures.append(f"{name}: {refused}\n{getattr(refused, 'traceback', '')}")
            continue
        size, seconds = target.path.stat().st_size / 1000, time.perf_counter() - begun
        print(f"{name}: {'written' if changed else 'unchanged'}, {size:.0f} KB, {seconds:.1f} s", flush=True)
    for failure in failures:
        print(f"FAILED {failure}", file=sys.stderr)
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
