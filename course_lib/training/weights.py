"""Files of trained weights: safetensors, which cannot run code, with a checksum over every byte.

The checksum stands in the header, and is taken while 64 zeros stand in its place. So the file is one that any other
program reads, and there is no second file to go astray.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load as from_bytes
from safetensors.torch import save as to_bytes
from torch import Tensor

from course_lib.training.checkpoint import write_whole

BLANK = "0" * 64


class Damaged(ValueError):
    """A file of weights that is not what was written; the message names it."""


@dataclass(frozen=True)
class Weights:
    """What a file of weights holds. tensors: by name. step: of the training. measures: of these weights, then."""

    tensors: dict[str, Tensor]
    step: int
    measures: dict[str, float]

    def of(self, network: str) -> dict[str, Tensor]:
        """The weights of one network, "generator" or "discriminator", for its `load_state_dict`."""
        start = f"{network}."
        return {name.removeprefix(start): value for name, value in self.tensors.items() if name.startswith(start)}


def save_weights(file: Path, weights: Weights) -> None:
    """Write a file whole or not at all, with the step, the measures and the checksum in its header."""
    tensors = {name: value.detach().cpu().contiguous() for name, value in weights.tensors.items()}
    # In one entry: of several, safetensors writes now this first and now that.
    header = {"run": json.dumps({"step": weights.step, "measures": weights.measures, "sha256": BLANK})}
    contents = to_bytes(tensors, header)
    write_whole(file, contents.replace(BLANK.encode(), _checksum(contents), 1))


def load_weights(file: Path) -> Weights:
    """What `save_weights` wrote. Raises Damaged where it is not that to the last bit, FileNotFoundError without it."""
    contents = file.read_bytes()
    try:
        # Eight bytes say how long the header is.
        header = json.loads(contents[8 : 8 + int.from_bytes(contents[:8], "little")])
        run = json.loads(header["__metadata__"]["run"])
        stated = run["sha256"].encode()
        whole = len(stated) == len(BLANK) and _checksum(contents.replace(stated, BLANK.encode(), 1)) == stated
    except (ValueError, KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise Damaged(f"{file} is damaged: its contents do not match the checksum in its header.")
    return Weights(from_bytes(contents), run["step"], run["measures"])


def _checksum(contents: bytes) -> bytes:
    return hashlib.sha256(contents).hexdigest().encode()
