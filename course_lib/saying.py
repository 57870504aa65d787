"""What went wrong, in a sentence: for whoever types a command, who has no use for a traceback."""

import re
import sys
import threading
import warnings
from pathlib import Path

import torch

from course_lib.data import DataError
from course_lib.missing import NotInstalled

MEMORY = re.compile("(can't|could not|cannot) allocate memory|out of memory", re.IGNORECASE)
CONNECTION = re.compile("[Cc]onnection (closed|reset|refused)|[Bb]roken pipe|gloo", re.IGNORECASE)
NO_DEVICE = re.compile(r"`(\w+)Accelerator` can not run on your system")


def worded(error: Exception) -> str | None:
    """A sentence for what can go wrong without a mistake in the course; None for everything else."""
    if isinstance(error, ValueError | DataError | NotInstalled):
        return str(error)
    if isinstance(error, OSError):
        # Of the operating system's own errors the text is a number, a word and a path.
        return f"{error.filename or 'Reading or writing failed'}: {error.strerror}." if error.strerror else str(error)
    text = str(error)
    if isinstance(error, torch.OutOfMemoryError) or MEMORY.search(text):
        return "There is not enough memory for that. Choose a smaller batch_size, or smaller networks."
    if found := NO_DEVICE.search(text):
        return f"There is no {found[1].lower()} device here, or PyTorch cannot use it. `gan-course doctor` looks at it."
    if CONNECTION.search(text):
        return "Another process of this training ended; it has said why above."
    return None


def in_a_sentence(message, category, filename, lineno, line=None) -> str:
    """For `warnings.formatwarning`: what the course warns of, without the line of code that does."""
    if issubclass(category, UserWarning) and Path(filename).is_relative_to(Path(__file__).parent):
        return f"{message}\n"
    return _usual(message, category, filename, lineno, line)


def of_a_thread(arguments) -> None:
    """For `threading.excepthook`: a thread that writes logs stops on a full disk, which is raised where it is waited for."""
    if not issubclass(arguments.exc_type, OSError):
        threading.__excepthook__(arguments)


def of_nobody(arguments) -> None:
    """For `sys.unraisablehook`: the same, for files that are closed after all."""
    if not isinstance(arguments.exc_value, OSError):
        sys.__unraisablehook__(arguments)


_usual = warnings.formatwarning
