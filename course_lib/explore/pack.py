"""The steps of a generator as text for a page: weights as whole numbers, with a scale for each output channel.

The pictures of the course's DCGAN of digits (0.76 million weights) differ from PyTorch's by up to 11 of 255 grey levels
with 8 bits, 3 with 10 and less than 1 with 12; those of its DCGAN of emoji (1.07 million) by 5, 1.4 and 0.3.
"""

import base64
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from course_lib.explore.layers import WEIGHTED, Step

Bits = Literal[8, 10, 12]
LARGEST = {8: 127, 10: 511, 12: 2_047}
ROOM = 1_900_000  # characters of weights, so that a page stays below 2 MB


@dataclass(frozen=True)
class Whole:
    """Weights as whole numbers: weight is about whole * scale, scale one for each output, the last axis."""

    whole: np.ndarray
    scale: Float[np.ndarray, " output"]


def whole(weight: np.ndarray, bits: Bits) -> Whole:
    """Each weight to the nearest of its output's whole numbers, from -127 to 127 (10 bits: to 511; 12: to 2,047)."""
    largest = np.abs(weight).reshape(-1, weight.shape[-1]).max(0)
    scale = np.where(largest > 0, largest, 1.0).astype(np.float32) / LARGEST[bits]
    return Whole(np.clip(np.rint(weight / scale), -LARGEST[bits], LARGEST[bits]).astype(np.int32), scale)


def fitting(steps: list[Step]) -> Bits:
    """12 where the page stays below 2 MB with so many bits to a weight, else 10."""
    return 12 if _weights(steps) * 12 / 6 <= ROOM else 10  # base64 has 6 bits to a character


def _weights(steps: list[Step]) -> int:
    inner = sum(_weights(step[name]) for step in steps if step["op"] == "apart" for name in ("first", "second"))
    return inner + sum(step["weight"].size for step in steps if step["op"] in WEIGHTED)


def rounded(steps: list[Step], bits: Bits | None = None) -> list[Step]:
    """The same steps with the weights that a page has after rounding: what its pictures are compared with.

    bits: as many as `fitting` says, if not given.
    """
    bits = bits or fitting(steps)

    def change(step: Step) -> Step:
        if step["op"] == "apart":
            return step | {name: rounded(step[name], bits) for name in ("first", "second")}
        if step["op"] not in WEIGHTED:
            return step
        made = whole(step["weight"], bits)
        return step | {"weight": made.whole * made.scale}

    return [change(step) for step in steps]


def packed(steps: list[Step], bits: Bits | None = None) -> list[dict]:
    """The steps as JSON can hold them: weights as base64 of whole numbers, biases and scales of float32. bits: as for `rounded`."""
    bits = bits or fitting(steps)

    def change(step: Step) -> dict:
        if step["op"] == "apart":
            return step | {name: packed(step[name], bits) for name in ("first", "second")}
        told = {name: _float32(value) if isinstance(value, np.ndarray) else value for name, value in step.items()}
        if step["op"] in WEIGHTED:
            made, shape = whole(step["weight"], bits), step["weight"].shape
            told |= {"weight": _bytes(made.whole, bits), "scale": _float32(made.scale), "bits": bits}
            told |= {"count": int(np.prod(shape)), "kernel": shape[0]}
        return told

    return [change(step) for step in steps]


def _bytes(whole: np.ndarray, bits: Bits) -> str:
    """The high 8 bits of every number; then the low ones, of 12 bits two numbers to a byte, of 10 four."""
    flat, low = whole.ravel(), bits - 8
    high = (flat >> low).astype(np.int8).view(np.uint8)
    if not low:
        return _text(high)
    together = 8 // low
    rest = np.append(flat & (2**low - 1), [0] * (-len(flat) % together)).astype(np.uint8).reshape(-1, together)
    return _text(np.concatenate([high, (rest << (low * np.arange(together, dtype=np.uint8))).sum(1, dtype=np.uint8)]))


def _float32(numbers: np.ndarray) -> str:
    return _text(np.ascontiguousarray(numbers, dtype="<f4"))


def _text(numbers: np.ndarray) -> str:
    return base64.b64encode(numbers.tobytes()).decode()
