"""Checkpoints that survive: written whole or not at all, checked before they are believed, unable to run code.

A checkpoint is one file `00001000-3fa9c2d1e0b75a44.pt`: the step, and the beginning of the SHA-256 of its
contents. It is written under another name, flushed to the disk and renamed, which the file system does at
once; so a process killed at any moment leaves the older ones as they were. Reading goes through
`torch.load(weights_only=True)`, which builds tensors and plain Python values and nothing else.
"""

import hashlib
import io
import os
import pickle
import random
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from course_lib.environment import seed as seed_all

NAME = re.compile(r"(\d{8,})-([0-9a-f]{16})\.pt")


class NotWritten(OSError):
    """A file could not be written, because the disk is full or for another reason that the message gives."""


def write_whole(path: Path, contents: bytes) -> None:
    """Write a file so that whoever looks finds the old one or the new one, never half of either.

    Raises NotWritten, a sentence, where it cannot be done; then the old file is there as it was, and nothing else.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in path.parent.glob(f".{path.name}.*"):
            left.unlink(missing_ok=True)  # by a process that was killed here
        try:
            with temporary.open("wb") as file:
                file.write(contents)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        size = f"{len(contents) / 2**20:.1f} MiB"
        raise NotWritten(f"{path} ({size}) could not be written: {error.strerror or error}.") from error


def save(folder: Path, step: int, state: Mapping, *, keep: int = 2) -> Path:
    """Write a checkpoint and delete all but the newest `keep`, as well as what a killed process left behind.

    state: tensors, numbers, strings, and dicts, lists and tuples of these.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    contents = buffer.getvalue()
    path = folder / f"{step:08d}-{_checksum(contents)}.pt"
    write_whole(path, contents)
    for old in [*_checkpoints(folder)[keep:], *folder.glob(".*.pt.*")]:
        old.unlink(missing_ok=True)
    return path


def newest(folder: Path) -> dict | None:
    """The newest checkpoint that is whole, or None where there is none at all.

    Those that were truncated or altered are named, and set aside where an older one is whole. Raises ValueError, and
    leaves everything as it is, where none is, and for one that might run code.
    """
    damaged = []
    for path in _checkpoints(folder):
        contents = path.read_bytes()
        if _checksum(contents) != NAME.fullmatch(path.name)[2]:
            damaged.append(path)
            continue
        for harmed in damaged:
            # Under its own name it would count among the two that are kept.
            aside = harmed.rename(harmed.with_suffix(".damaged"))
            warnings.warn(
                f"The checkpoint {harmed} is damaged: its contents do not match the checksum in its name. "
                f"It is now {aside.name}, and an older one is used.",
                stacklevel=2,
            )
        # On the CPU first, so that a run may go on on another device than it was begun on.
        try:
            return torch.load(io.BytesIO(contents), map_location="cpu", weights_only=True)
        except pickle.UnpicklingError as error:
            raise ValueError(
                f"The checkpoint {path} holds more than numbers and words, and might run code. The course wrote no such "
                "file: delete it."
            ) from error
    if damaged:
        raise ValueError(
            f"All checkpoints in {folder} are damaged: {', '.join(path.name for path in damaged)}. Their contents do not "
            "match the checksums in their names, and the run cannot go on. Nothing was changed. Copy a whole checkpoint "
            "there if you have one elsewhere; or train anew in another folder; the weights that are there may still be "
            "good for `gan-course sample`."
        )
    return None


def newest_step(folder: Path) -> int:
    """The step of the newest checkpoint by its name, or 0; its contents are not looked at."""
    return max((int(NAME.fullmatch(path.name)[1]) for path in _checkpoints(folder)), default=0)


def _checkpoints(folder: Path) -> list[Path]:
    """All checkpoints of a folder, the newest first."""
    return sorted((path for path in folder.glob("*.pt") if NAME.fullmatch(path.name)), reverse=True)


def _checksum(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()[:16]


def random_state() -> dict:
    """Where Python's, NumPy's and PyTorch's random generators are, the GPU's included."""
    numpy_state = np.random.get_state(legacy=True)
    return {
        "python": random.getstate(),
        "numpy": [numpy_state[0], torch.from_numpy(numpy_state[1].astype(np.int64)), *map(float, numpy_state[2:])],
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state() if torch.cuda.is_available() else torch.empty(0),
    }


def set_random_state(state: dict) -> None:
    """Put all random generators back to where `random_state` found them."""
    version, numbers, gauss = state["python"]
    random.setstate((version, tuple(numbers), gauss))
    kind, keys, position, has_gauss, cached = state["numpy"]
    np.random.set_state((kind, keys.numpy().astype(np.uint32), int(position), int(has_gauss), cached))
    torch.set_rng_state(state["torch"])
    if torch.cuda.is_available() and state["cuda"].numel():
        torch.cuda.set_rng_state(state["cuda"])


@contextmanager
def undisturbed(seed: int = 0) -> Iterator[None]:
    """Random numbers of its own for a while: what is looked at inside does not change what is trained outside."""
    before = random_state()
    seed_all(seed)
    try:
        yield
    finally:
        set_random_state(before)


def not_finite(state: Mapping[str, Tensor]) -> list[str]:
    """Names of the tensors that hold a number which is not finite."""
    return [name for name, value in state.items() if value.is_floating_point() and not value.isfinite().all()]
