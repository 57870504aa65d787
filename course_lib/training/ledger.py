"""The ledger: one JSON line for each finished experiment, and the table that sets it beside the paper's number."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from course_lib.training.checkpoint import write_whole
from course_lib.training.lock import locked
from course_lib.training.provenance import provenance

CHECKOUT = Path(__file__).parents[2]
LEDGER = "ledger.jsonl"
FOLDER = CHECKOUT / "results" if (CHECKOUT / "pyproject.toml").exists() else Path("results")


@dataclass(frozen=True)
class Outcome:
    """What an experiment found.

    numbers: named with their protocol. seconds: of training, over all the times it was taken up. device: where.
    note: what a reader of the numbers must know, such as data that are not the paper's. settings: of this one, where
    an experiment finds several outcomes at once, of different settings.
    """

    numbers: Mapping[str, float]
    seconds: float
    device: torch.device
    note: str = ""
    settings: Any = None


def record(
    experiment: str, outcome: Outcome, *, settings: Any, paper: Mapping[str, str], folder: Path | None = None
) -> dict:
    """Append one line to results/ledger.jsonl, rewrite the table beside it, and return the line.

    settings: a frozen dataclass. paper: the paper's number for some of the names, as printed.
    """
    folder = folder or FOLDER
    line = {
        "experiment": experiment,
        "numbers": dict(outcome.numbers),
        "paper": dict(paper),
        "settings": {name: _without_path(value) for name, value in asdict(settings).items()},
        "seed": getattr(settings, "seed", None),
        "seconds": round(outcome.seconds, 1),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "note": outcome.note,
    } | provenance(outcome.device)
    told = json.loads(json.dumps(line, default=str))
    with locked(folder, patience=60):  # of two that end at once, neither may lose the other's line
        # The whole file at once, and read before: a line half written would make all the others unreadable.
        write_whole(folder / LEDGER, "".join(json.dumps(one) + "\n" for one in [*lines(folder), told]).encode())
        render(folder)
    return told


def render(folder: Path | None = None) -> str:
    """Write results/README.md from the ledger beside it, and return its text."""
    folder = folder or FOLDER
    text = table(lines(folder))
    write_whole(folder / "README.md", text.encode())
    return text


def lines(folder: Path | None = None) -> list[dict]:
    """All records, the oldest first. Raises ValueError, naming the line, where one is damaged."""
    file, records = (folder or FOLDER) / LEDGER, []
    if not file.exists():
        return []
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        try:
            records.append(_record(json.loads(line)))
        except ValueError:
            raise ValueError(
                f"{file} is damaged: its line {number} is no record. Mend or delete that line, or get the file back from "
                "git. Until then nothing is read from it nor written to it."
            ) from None
    return records


def table(records: list[dict]) -> str:
    """The ledger as Markdown: a row for each number, the paper's beside ours where it has one."""
    rows = [
        "# The ledger",
        "",
        "Numbers of our own runs, and the papers' beside them. `gan-course reproduce NAME` adds a line to",
        "`ledger.jsonl`, with all settings and versions; this table is made from it by `gan-course results`.",
        "",
        "| experiment | number | the paper's | ours | seed | time | device | commit | note |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for line in records:
        for name, value in line["numbers"].items():
            cells = [
                f"`{line['experiment']}`",
                name,
                line["paper"].get(name, ""),
                f"{value:.4g}",
                line["seed"],
                _time(line["seconds"]),
                line["device"],
                line["commit"] or "",
                line["note"],
            ]
            rows.append("| " + " | ".join(str("" if cell is None else cell) for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def _record(line: Any) -> dict:
    """A line of the ledger, if the table can be made of it. Raises ValueError for another one."""
    try:
        table([line])
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"no record: {error}") from None
    return line


def _without_path(setting: Any) -> Any:
    """Of data named "folder:PATH" the kind: the ledger is for everyone, and the path is of one computer."""
    return setting.partition(":")[0] if isinstance(setting, str) else setting


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3_600:.1f} h"
