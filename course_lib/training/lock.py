"""One process at a time: a lock that the operating system holds, and lets go when its process ends, however it ends.

The lock is on the file `.in-use`, which names the process for whoever comes second. A file that a killed process left
is locked by nobody, and so stands in nobody's way. Where the file system knows no locks, as some shared ones do not,
that is said, and the work goes on without.
"""

import errno
import json
import os
import socket
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
try:
    import msvcrt
except ImportError:  # everywhere else
    msvcrt = None

NAME = ".in-use"
TAKEN = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
BEYOND = 2**30  # Windows keeps others from reading what is locked: not the name of the process


class InUse(OSError):
    """Another process works in a folder; the message says which, and what to do."""


@contextmanager
def locked(folder: Path, *, patience: float = 0.0) -> Iterator[None]:
    """Have a folder to oneself. It is made if it is not there.

    patience: seconds to wait for another process. Raises InUse where it still has the folder then, and OSError where
    nothing can be written there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, until = folder / NAME, time.monotonic() + patience
    while (file := _taken(path)) is None:
        if time.monotonic() >= until:
            raise InUse(
                f"{folder} is in use: {_holder(path)} works in it. Wait for it, stop it, or give another folder."
            )
        time.sleep(0.05)
    try:
        yield
    finally:
        with suppress(OSError):
            if msvcrt:  # Windows removes no open file
                file.close()
            path.unlink()  # elsewhere while it is locked, so that nobody's file is taken away
        file.close()


def _taken(path: Path) -> FileIO | None:
    """The file, opened and locked, with this process's name in it; None where another process has it."""
    file = path.open("ab+", buffering=0)  # so that nothing is left to write at the end
    try:
        _lock(file)
        # Whoever had it may have removed it in between; then this is a lock on a file without a name.
        if not path.exists() or not os.path.samestat(os.fstat(file.fileno()), path.stat()):
            file.close()
            return _taken(path)
    except OSError as error:
        if error.errno in TAKEN:
            file.close()
            return None
        warnings.warn(
            f"The file system of {path.parent} knows no locks ({error.strerror}). See to it yourself that no second "
            "process writes there.",
            stacklevel=4,
        )
    name = {"process": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%Y-%m-%d %H:%M")}
    with suppress(OSError):  # on a full disk the lock has no name, and holds
        file.truncate(0)
        file.write(json.dumps(name).encode())
    return file


def _lock(file: FileIO) -> None:
    if fcntl:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    elif msvcrt:
        file.seek(BEYOND)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)
    else:
        raise OSError(errno.ENOSYS, "nor does this system")


def _holder(path: Path) -> str:
    try:
        told = json.loads(path.read_text())
        return f"process {told['process']} on {told['host']}, since {told['since']},"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
