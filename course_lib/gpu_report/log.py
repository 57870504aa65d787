"""The report's folder: a log that is whole at every moment, and what is worth sending."""

import io
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

MOST = 16 * 2**20  # bytes of what is sent


class Log:
    """Lines with their minute, in send/log.txt and on the screen; and the clock that the parts go by.

    folder: of the report. minutes: in all, from now on.
    """

    def __init__(self, folder: Path, minutes: float):
        self.folder, self.send, self.runs = folder, folder / "send", folder / "runs"
        self.send.mkdir(parents=True, exist_ok=True)
        self.minutes, self._began = minutes, time.monotonic()

    def clock(self) -> float:
        """Seconds since the report began."""
        return time.monotonic() - self._began

    def left(self) -> float:
        """Minutes that are left."""
        return self.minutes - self.clock() / 60

    def say(self, line: str) -> None:
        """Write a line at once: a report that is cut off says what it found until then."""
        line = f"{self.clock() / 60:6.2f}  {line}"
        print(line, flush=True)
        with (self.send / "log.txt").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    @contextmanager
    def somewhere(self) -> Iterator[Path]:
        """An empty folder for a while, and silence: what a training says is of no use here."""
        with tempfile.TemporaryDirectory() as place, redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            yield Path(place)

    def pack(self) -> None:
        """Put logs and sample grids of the runs beside the records, the newest first, as far as there is room."""
        small = [*self.runs.rglob("metrics.csv"), *self.runs.rglob("settings.json"), *self.runs.rglob("*.png")]
        room = MOST - sum(file.stat().st_size for file in self.send.rglob("*") if file.is_file()) - 2**16
        for file in sorted(small, key=lambda file: file.stat().st_mtime, reverse=True):
            target, size = self.send / "runs" / file.relative_to(self.runs), file.stat().st_size
            if size > room or target.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, target)
            room -= size
        size = sum(file.stat().st_size for file in self.send.rglob("*") if file.is_file())
        self.say(
            f"{self.send}: {size / 2**20:.1f} MB to send; the same command goes on with the trainings in {self.runs}"
        )
