"""What networks do about their inputs: shapes are checked, a label becomes one-hot, a layer's width is found."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.verdict import free_to_look


def check_shape(name: str, tensor: Tensor, *shape: int) -> None:
    """Raise ValueError where `tensor` is not (batch, *shape); `name` is what the message calls it."""
    if tuple(tensor.shape[1:]) != shape:
        wanted = ", ".join(map(str, shape))
        raise ValueError(f"{name} has shape {tuple(tensor.shape)}; this network wants (batch, {wanted}).")


def one_hot(y: Int[Tensor, " batch"], classes: int) -> Float[Tensor, "batch class"]:
    """Labels 0 to classes - 1 as rows with a single 1, on the device of y.

    Raises ValueError for labels that are no whole numbers of shape (batch,), and where y is on the CPU for a
    label outside that range. On a GPU to look at a label is to wait for the device, so nothing is checked
    there, and such a label becomes a row of zeros.
    """
    if y.ndim != 1 or y.is_floating_point():
        raise ValueError(
            f"y has shape {tuple(y.shape)} and type {y.dtype}; labels are whole numbers of shape (batch,), not one-hot."
        )
    if free_to_look(y) and len(y) and not (0 <= y.min() and y.max() < classes):
        raise ValueError(f"y runs from {y.min()} to {y.max()}; this network knows the classes 0 to {classes - 1}.")
    return (y[:, None] == torch.arange(classes, device=y.device)).float()


def width_after(minibatch: nn.Module | None, features: int) -> int:
    """How many features D's last layer sees behind a minibatch layer, or None: found by trying two rows of zeros."""
    with torch.no_grad():
        return features if minibatch is None else minibatch(torch.zeros(2, features)).shape[1]
