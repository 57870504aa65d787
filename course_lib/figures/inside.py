"""Figures of lesson 10: what filters look for, which weights a gradient stems from, and what G forgot."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor
from torchvision.utils import make_grid

from course_lib.explore.forgetting import Box
from course_lib.figures.images import image_grid
from course_lib.figures.style import ACCENT, DATA, JUDGE, MODEL, MUTED, describe, panels

Patches = Sequence[tuple[Float[Tensor, "n c h w"], Float[Tensor, "n c h w"]]]


def as_grey(slopes: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
    """Slopes or weights for an image of [-1, 1]: 0 is middle grey, and the largest of each, up or down, white or black."""
    largest = slopes.abs().flatten(1).amax(1).clamp(min=1e-12)
    return slopes / largest[:, None, None, None]


def around(
    images: Float[Tensor, "n c size size"], slopes: Float[Tensor, "n c size size"], *, side: int = 14
) -> tuple[Float[Tensor, "n c side side"], Float[Tensor, "n c side side"]]:
    """Windows of both, `side` pixels high and wide, around the middle of each slope; moved inwards at a border."""
    size, seen = images.shape[3], ([], [])
    place = torch.arange(size, dtype=slopes.dtype)
    for image, slope in zip(images, slopes, strict=True):
        weight = slope.abs().sum(0) + 1e-12
        top, left = (
            int(((weight.sum(axis) * place).sum() / weight.sum() - side / 2).round().clamp(0, size - side))
            for axis in (1, 0)
        )
        for kept, whole in zip(seen, (image, slope), strict=True):
            kept.append(whole[:, top : top + side, left : left + side])
    return torch.stack(seen[0]), torch.stack(seen[1])


def filter_patches(networks: Mapping[str, tuple[Sequence[int], Patches]]) -> Figure:
    """For each network its filters in rows: pieces of images that drive a filter, and under them what of a piece drives it.

    networks: by name, the numbers of the filters, and for each filter the images' pieces and the slopes on them.
    """
    figure, axes = panels(1, len(networks), width=3.9 * len(networks), height=5.9)
    for axis, (name, (numbers, patches)) in zip(axes, networks.items(), strict=True):
        rows = [part for images, slopes in patches for part in (images.clamp(-1, 1), as_grey(slopes))]
        grid = make_grid((torch.cat(rows) + 1) / 2, nrow=len(rows[0]), padding=2, pad_value=1.0)
        axis.imshow(grid.permute(1, 2, 0).numpy(), interpolation="nearest")
        height = rows[0].shape[2] + 2
        axis.set_yticks([height * (2 * row + 1) for row in range(len(numbers))], numbers)
        axis.set_xticks([])
        axis.tick_params(length=0)
        axis.set_xlabel(name)
        axis.spines[:].set_visible(False)
    axes[0].set_ylabel("filter")
    return describe(
        figure,
        f"For {' and for '.join(networks)}: {len(numbers)} filters, each with the pieces of images that drive it most and, "
        "under each piece, its guided gradient.",
    )


def slopes_by_weights(
    images: Float[Tensor, "n c h w"], slopes: Mapping[str, Float[Tensor, "n c h w"]], *, width: float = 6.4
) -> Figure:
    """Images in the first row, and in each row below what D's weights of that name have to say of their pixels."""
    figure = image_grid(
        torch.cat([images, *map(as_grey, slopes.values())]),
        columns=len(images),
        row_labels=["images", *slopes],
        width=width,
    )
    figure.set_size_inches(width, 0.075 * width * (1 + len(slopes)) + 0.1)  # labels take a third of the width
    return describe(figure, f"{len(images)} images, and gradients on their pixels in rows: {', '.join(slopes)}.")


def filters(rows: Mapping[str, Float[Tensor, "n c h w"]], *, width: float = 6.4) -> Figure:
    """Filters of a first layer, a row for each name, every filter scaled by its own largest weight."""
    count = {len(row) for row in rows.values()}
    figure = image_grid(
        torch.cat([as_grey(row) for row in rows.values()]), columns=max(count), row_labels=list(rows), width=width
    )
    return describe(
        figure, f"{max(count)} filters of D's first layer as small grey squares, in rows: {', '.join(rows)}."
    )


def single_filters(areas: Mapping[str, Sequence[float]]) -> Figure:
    """How well each filter alone tells real from fake: area under its ROC curve, sorted, a line for each network."""
    figure, [axis] = panels(width=5.6, height=3.0)
    looks = [(JUDGE, "-"), (MUTED, "--"), (ACCENT, ":")]
    for (name, values), (colour, style) in zip(areas.items(), looks, strict=False):
        axis.plot(range(1, len(values) + 1), sorted(values), style, color=colour, label=name)
    axis.axhline(0.5, color=DATA, lw=0.8)
    axis.set(xlabel="filters, from the worst to the best", ylabel="real above fake", ylim=(0, 1))
    axis.legend(loc="upper left")
    spans = "; ".join(f"{name} from {min(values):.2f} to {max(values):.2f}" for name, values in areas.items())
    return describe(figure, f"The share of pairs in which one filter ranks real above fake, filter by filter: {spans}.")


def boxed(images: Float[Tensor, "n c size size"], boxes: Sequence[Box], *, columns: int = 13) -> Figure:
    """Images in [-1, 1] with the boxes that were drawn on them."""
    figure = image_grid(images, columns=columns, width=6.4)
    size = images.shape[3] + 2
    for box in boxes:
        corner = (box.image % columns * size + box.left + 1.5, box.image // columns * size + box.top + 1.5)
        edges = plt.Rectangle(corner, box.right - box.left, box.bottom - box.top, fill=False, color=ACCENT, lw=1.2)
        figure.axes[0].add_patch(edges)
    return describe(figure, f"{len(images)} generated images with {len(boxes)} boxes drawn on them.")


def forgotten(named: Mapping[str, tuple[float, float]], at_random: Sequence[tuple[float, float]]) -> Figure:
    """What is left inside the boxes against what is left outside. named, at_random: shares (inside, outside) of the ink."""
    figure, [axis] = panels(width=5.0, height=4.0)
    most = 1.05 * max(1.0, *(share for pair in [*named.values(), *at_random] for share in pair))
    axis.plot([0, most], [0, most], color=MUTED, lw=0.8)
    axis.text(
        0.3 * most,
        0.32 * most,
        "as much left inside as outside",
        ha="center",
        va="bottom",
        color=MUTED,
        rotation=45,
        rotation_mode="anchor",
        transform_rotates_text=True,
        fontsize=9,
    )
    axis.plot(*zip(*((out, within) for within, out in at_random), strict=True), "o", color=MUTED, mfc="none", ms=5)
    axis.plot([], [], "o", color=MUTED, mfc="none", ms=5, label="as many maps, drawn at random")
    for (name, (within, out)), (colour, mark) in zip(named.items(), [(ACCENT, "s"), (MODEL, "D")], strict=False):
        axis.plot(out, within, mark, color=colour, ms=8, label=name)
    axis.set(xlabel="ink left outside the boxes", ylabel="ink left inside the boxes", xlim=(0, most), ylim=(0, most))
    axis.legend(loc="upper left", fontsize=9)
    told = "; ".join(f"{name}: {within:.2f} inside, {out:.2f} outside" for name, (within, out) in named.items())
    mean = [sum(pair[i] for pair in at_random) / len(at_random) for i in (0, 1)]
    return describe(
        figure,
        f"Ink left inside the boxes against ink left outside. {told}; maps at random, on average {mean[0]:.2f} and {mean[1]:.2f}.",
    )
