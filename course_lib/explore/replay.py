"""The steps of an exported generator taken in PyTorch: what the page must show, in float32."""

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.explore.layers import Step


def replayed(
    steps: list[Step],
    z: Float[Tensor, "n noise"],
    y: Int[Tensor, " n"] | None = None,
    *,
    classes: int = 0,
    seed: int = 0,
) -> Float[Tensor, "n channel height width"]:
    """G(z) or G(z, y) by the steps of `layers.steps_of`, channels first, as PyTorch has images.

    seed: of dropout that is noise; which numbers it silences is the page's choice, see `kept`.
    """
    label = F.one_hot(y, classes).to(z.dtype) if y is not None else None
    return _taken(steps, z[:, :, None, None], label, seed)


def _taken(steps: list[Step], x: Tensor, label: Tensor | None, seed: int) -> Tensor:
    for number, step in enumerate(steps):
        x = _one(step, x, label, seed + number)
    return x


def _one(step: Step, x: Tensor, label: Tensor | None, seed: int) -> Tensor:
    match step["op"]:
        case "dense":
            return F.linear(_vector(x), _tensor(step["weight"], x).T, _tensor(step["bias"], x))[:, :, None, None]
        case "up":
            weight, sizes = (
                _tensor(step["weight"], x).permute(2, 3, 0, 1),
                (step["stride"], step["padding"], step["extra"]),
            )
            return F.conv_transpose2d(x, weight, _tensor(step["bias"], x), *sizes)
        case "conv":
            weight = _tensor(step["weight"], x).permute(3, 2, 0, 1)
            return F.conv2d(x, weight, _tensor(step["bias"], x), padding=step["padding"])
        case "resize":
            return F.interpolate(x, scale_factor=step["by"])
        case "affine":
            scale, shift = (_tensor(step[name], x)[:, None, None] for name in ("scale", "shift"))
            return x * scale + shift
        case "shape":
            return _vector(x).unflatten(1, (step["height"], step["width"], step["channels"])).permute(0, 3, 1, 2)
        case "relu":
            return x.relu()
        case "leaky":
            return F.leaky_relu(x, step["slope"])
        case "tanh":
            return x.tanh()
        case "sigmoid":
            return x.sigmoid()
        case "label":
            return torch.cat([x, label[:, :, None, None].expand(-1, -1, *x.shape[2:])], 1)
        case "apart":
            parts = (
                _taken(step["first"], x, label, seed),
                _taken(step["second"], label[:, :, None, None], label, seed),
            )
            return torch.cat(parts, 1)
        case "dropout":
            keep = torch.from_numpy(kept(seed, x.shape[1], step["p"])).to(x)
            return x * keep[:, None, None] / (1 - step["p"])
    raise ValueError(f"There is no step {step['op']!r}.")


def kept(seed: int, n: int, p: float) -> np.ndarray:
    """Which of n numbers dropout keeps: 1 or 0, drawn as the page draws them (the generator mulberry32)."""
    mask, state = np.empty(n), seed & 0xFFFFFFFF
    for i in range(n):
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = ((state ^ (state >> 15)) * (state | 1)) & 0xFFFFFFFF
        t ^= (t + ((t ^ (t >> 7)) * (t | 61))) & 0xFFFFFFFF
        mask[i] = ((t ^ (t >> 14)) & 0xFFFFFFFF) / 2**32 >= p
    return mask


def _vector(x: Tensor) -> Tensor:
    """Maps as one vector, in the page's order: channels last."""
    return x.permute(0, 2, 3, 1).flatten(1)


def _tensor(numbers: np.ndarray, like: Tensor) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(numbers)).to(like)
