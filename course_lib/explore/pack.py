"""The steps of a generator as text for a page: weights as whole numbers, with a scale for each output channel.

With 8 bits the pictures of a trained DCGAN of digits differ from PyTorch's by up to 9 of 255 grey levels, with 12 by
less than one, for half as much text again.
"""

import base64
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from course_lib.explore.layers import WEIGHTED, Step

Bits = Literal[8, 12]
LARGEST = {8: 127, 12: 2_047}


@dataclass(frozen=True)
class Whole:
    """Weights as whole numbers: weight is about whole * scale, scale one for each output, the last axis."""

    whole: np.ndarray
    scale: Float[np.ndarray, " output"]


def whole(weight: np.ndarray, bits: Bits) -> Whole:
    """Each weight to the nearest of its output's whole numbers, from -127 to 127 (with 12 bits to 2,047)."""
    largest = np.abs(weight).reshape(-1, weight.shape[-1]).max(0)
    scale = np.where(largest > 0, largest, 1.0).astype(np.float32) / LARGEST[bits]
    return Whole(np.clip(np.rint(weight / scale), -LARGEST[bits], LARGEST[bits]).astype(np.int32), scale)


def rounded(steps: list[Step], bits: Bits = 12) -> list[Step]:
    """The same steps with the weights that a page has after rounding: what its pictures are compared with."""

    def change(step: Step) -> Step:
        if step["op"] == "apart":
            return step | {name: rounded(step[name], bits) for name in ("first", "second")}
        if step["op"] not in WEIGHTED:
            return step
        made = whole(step["weight"], bits)
        return step | {"weight": made.whole * made.scale}

    return [change(step) for step in steps]


def packed(steps: list[Step], bits: Bits = 12) -> list[dict]:
    """The steps as JSON can hold them: weights as base64 of whole numbers, biases and scales of float32."""

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
    """The high 8 bits of every number; then, of 12, the low 4, two numbers to a byte."""
    flat = whole.ravel()
    if bits == 8:
        return _text(flat.astype(np.int8))
    low = np.append(flat & 15, [0] * (len(flat) % 2)).astype(np.uint8)
    return _text(np.concatenate([(flat >> 4).astype(np.int8).view(np.uint8), low[0::2] | (low[1::2] << 4)]))


def _float32(numbers: np.ndarray) -> str:
    return _text(np.ascontiguousarray(numbers, dtype="<f4"))


def _text(numbers: np.ndarray) -> str:
    return base64.b64encode(numbers.tobytes()).decode()
