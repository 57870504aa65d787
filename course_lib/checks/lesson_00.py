"""Checks of lesson 00 on pixels there and back, and on what D says; those on noise are in `lesson_00_walk`."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.checks.base import NotYet, as_tensor, check, close, one_number


@check
def to_unit_range(answer: Callable[[Tensor], Tensor]) -> None:
    """Task 2a: answer(pixels), uint8 in 0..255 of any shape, to floats of the same shape in [-1, 1]."""
    every = torch.arange(256, dtype=torch.uint8).reshape(4, 1, 8, 8)
    some = torch.tensor([[[[10, 100], [200, 30]]], [[[90, 60], [20, 150]]]], dtype=torch.uint8)
    outputs = []
    for pixels in (every, some, every[0, 0, 0], torch.tensor([[255, 255]], dtype=torch.uint8)):
        raw = answer(pixels.clone())
        got = _shape(raw, pixels.shape, "pixels")
        if not _is_float(raw):
            raise NotYet("Your function returned whole numbers, so most shades are lost. Return floats.")
        outputs.append(got)
    fine = max(1e-4, torch.finfo(getattr(torch.as_tensor(raw), "dtype", None)).eps)  # of half precision, say
    got, *others = (output.flatten() for output in outputs)
    true = every.double().flatten()
    if not all(
        close(other, got[same], fine)
        for other, same in zip(others, (some.long().flatten(), slice(8), [255, 255]), strict=True)
    ):
        raise NotYet(
            "The same pixel value came out differently in another batch. Do not use the batch's own minimum, maximum "
            "or mean: 0 is always black and 255 always white."
        )
    if close(got, true / 255, fine):
        raise NotYet("Divided by 255 only: your values run from 0 to 1. G's last layer reaches from -1 to 1.")
    if close(got, 1 - true / 127.5, fine):
        raise NotYet("Black and white are exchanged: 0 should go to -1 and 255 to 1.")
    if (got.diff() < 0).any():
        at = (got.diff() < 0).nonzero()[0].item()
        raise NotYet(
            f"Pixel {at + 1} came out darker than pixel {at}. That is uint8 wrapping round, where 255 + 1 is 0. "
            "Turn the pixels into floats before any other arithmetic."
        )
    if not close(got, true / 127.5 - 1, fine) or not close(got[[0, -1]], [-1, 1]):
        raise NotYet(
            f"0 goes to {got[0]:.4f} and 255 to {got[-1]:.4f}; they should go to -1 and 1 exactly. "
            "There are 256 values but 255 steps between them."
        )
    print("Right: 0 goes to -1, 255 to 1, and every step between is the same.")


@check
def to_bytes(answer: Callable[[Tensor], Tensor]) -> None:
    """Task 2b: answer(x), floats of any shape, to the nearest uint8: -1 to 0, 1 to 255, beyond clipped."""
    pixels = torch.arange(256, dtype=torch.uint8).reshape(4, 1, 8, 8)
    x = pixels.float() / 127.5 - 1
    raw = answer(x.clone())
    got = _shape(raw, pixels.shape, "images").flatten()
    kind = str(getattr(raw, "dtype", type(raw).__name__)).removeprefix("torch.")
    if kind != "uint8":
        raise NotYet(f"The type that came back is {kind}. Return uint8, one byte a pixel.")
    if got.max() <= 2:
        raise NotYet(f"The largest value that came back is {got.max():.0f}. White is 255: stretch before you round.")
    if got[-1] == 0:
        raise NotYet("White came back as 0: it was computed as 256, which does not fit into uint8 and wraps round.")
    # A generator's values lie between those that pixels have, so both sides of each are tried as well.
    tried = [x, (x + 0.3 / 127.5).clamp(max=1), (x - 0.3 / 127.5).clamp(min=-1)]
    off = torch.stack([as_tensor(answer(value)).flatten() for value in tried]) - pixels.double().flatten()
    if off.abs().max() > 1:
        at = off.abs().max(dim=0).values.argmax().item()
        raise NotYet(f"Pixel {at} came back as {got[at]:.0f}. Undo the way there step by step, its last step first.")
    if off.min() < 0:
        raise NotYet(
            f"{(off.min(dim=0).values < 0).sum()} of the 256 values come back one too small: turning a float into "
            "uint8 cuts off what is after the point. Round first."
        )
    if off.max() > 0:
        raise NotYet(
            f"{(off.max(dim=0).values > 0).sum()} of the 256 values come back one too large. Round to nearest, not up."
        )
    for far in (1.004, 1.2, 40.0, float("inf")):
        beyond = _shape(answer(torch.tensor([-far, far])), (2,), "images").tolist()
        if beyond != [0, 255]:
            raise NotYet(
                f"-{far} and {far} came back as {beyond[0]:.0f} and {beyond[1]:.0f}. What lies beyond [-1, 1] should "
                "become black or white: clip it before it becomes uint8, or it wraps round."
            )
    print("Right: all 256 values come back as they were, and what lies beyond is clipped.")


@check
def share_right(answer: Callable[[Tensor, Tensor], float]) -> None:
    """Task 5: answer(real_logits, fake_logits), the share of all images that D names rightly, in [0, 1]."""
    # Neither batches of equal size nor symmetric logits: each slip below gives another number.
    real = torch.tensor([3.5, 0.8, 0.3, 0.1, -0.4, -2.0, -0.5])
    fake = torch.tensor([-2.6, -5.5, -4.0, -0.2, 2.8])
    one, nought = torch.ones(1), torch.zeros(1)
    cases = (
        (real, fake),
        (torch.cat([real, -fake]), torch.tensor([0.2, -1.0])),
        (torch.ones(3), torch.ones(5)),
        (one, -one),
        (-900 * one, 900 * one),
    )
    ties = (
        (torch.tensor([1.0, 2.0, 0.0]), -one.expand(4)),
        (one.expand(4), torch.tensor([-1.0, 0.0])),
        (nought, nought),
    )
    for number, (r, f) in enumerate((*cases, *ties)):
        got = one_number(answer(r.clone(), f.clone()), "A share").item()
        n, on_real, on_fake = len(r) + len(f), (r > 0).float(), (f <= 0).float()
        right = torch.cat([on_real, on_fake])
        slips = (
            (100 * right.mean(), "percent. Give a share between 0 and 1."),
            (right.sum(), "a count. Divide it by the number of images."),
            (((r > 0.5).sum() + (f <= 0.5).sum()) / n, "logits compared with 0.5. D(x) is 1/2 where the logit is 0."),
            (len(r) / n, "all called real. D(x) is above 0 everywhere: compare it with 1/2, or the logits with 0."),
            (((r > 0).sum() + (f > 0).sum()) / n, "the share called real. On a fake, the right answer is fake."),
            (1 - right.mean(), "the share D gets wrong. Turn it round."),
            (on_real.mean(), "right on the real images alone. The fakes count as well."),
            (on_fake.mean(), "right on the fakes alone. The real images count as well."),
            ((on_real.mean() + on_fake.mean()) / 2, "the mean of two shares. Count every image alike."),
            ((r.sigmoid().sum() + (1 - f.sigmoid()).sum()) / n, "the mean of D's answers. Decide first: real or fake?"),
        )
        if math.isclose(got, right.mean(), abs_tol=1e-5):
            continue
        if number >= len(cases):
            raise NotYet("At a logit of exactly 0, D(x) is one half, not more: such an image is called fake.")
        expected = f"Expected {right.mean():.3f}, got {got:.3f}"
        for slip, meaning in slips:
            if math.isclose(got, slip, abs_tol=1e-5):
                raise NotYet(f"{expected}: {meaning}")
        raise NotYet(f"{expected} for real logits {r.numpy().round(1)} and fake logits {f.numpy().round(1)}.")
    print("Right: above 0 means real, every image counts once, and one who always says real is right on the real ones.")


def _is_float(raw) -> bool:
    """Whether what the answer returned, tensor, array or list, holds numbers with a point."""
    return torch.as_tensor(raw).is_floating_point()


def _shape(raw, shape: tuple[int, ...], what: str) -> Tensor:
    """The answer as float64 if it has the right shape, or NotYet naming the likely slip."""
    got = as_tensor(raw)
    shape, came = tuple(shape), tuple(got.shape)
    if came == shape:
        return got
    if came == shape[1:]:
        slip = " The batch dimension is lost."
    elif came == shape[::-1]:
        slip = " The dimensions are exchanged: one row for each."
    elif came in ((math.prod(shape),), (shape[0], math.prod(shape[1:]))):
        slip = " It was flattened."
    elif came[1:] == shape[1:]:
        slip = f" There are {came[0]} rows instead of {shape[0]}."
    else:
        slip = ""
    raise NotYet(f"The {what} should have shape {shape}; yours has {came}.{slip}")
