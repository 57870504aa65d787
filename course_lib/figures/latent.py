"""Figures of lesson 09: arithmetic with exemplars, how often it obeys, and what a direction drags along."""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.figures.seeds import KINDS
from course_lib.figures.style import ACCENT, JUDGE, MODEL, describe, look, panels


@look()
def arithmetic_of_means(
    concepts: Sequence[tuple[str, Float[Tensor, "4 channel height width"]]],
    result: Float[Tensor, "9 channel height width"],
    *,
    signs: Sequence[str] = ("", "−", "+"),
) -> Figure:
    """Columns of exemplars with the picture of their mean z below, and the result amid its neighbours. Figure 7.

    concepts: a name and four images each, three exemplars and what G makes of the mean of their z. signs: before each
    concept. result: nine images in [-1, 1], the result itself the fifth.
    """
    figure, axes = panels(1, len(concepts) + 1, width=1.35 * len(concepts) + 3.15, height=3.3)
    figure.set_layout_engine("none")
    left, wide = 0.03, 1.35 / figure.get_figwidth()
    for number, ((name, images), sign) in enumerate(zip(concepts, signs, strict=True)):
        x = left + number * wide
        axes[number].set_position((x + 0.2 * wide, 0.31, 0.6 * wide, 0.62))
        _tiles(axes[number], images[:3], 1)
        mean = figure.add_axes((x + 0.2 * wide, 0.04, 0.6 * wide, 0.21))
        _tiles(mean, images[3:], 1)
        figure.text(x + 0.5 * wide, 0.965, name, ha="center", va="center", fontsize=10)
        figure.text(x + 0.08 * wide, 0.145, sign, ha="center", va="center", fontsize=16)
    figure.text(left, 0.275, "the mean of each column:", fontsize=9, va="center")
    start = left + len(concepts) * wide
    figure.text(start + 0.1 * wide, 0.145, "=", ha="center", va="center", fontsize=16)
    axes[-1].set_position((start + 0.25 * wide, 0.04, 0.97 - start - 0.25 * wide, 0.89))
    _tiles(axes[-1], result, 3)
    side = result.shape[-1] + 2
    box = [side - 1.5, 2 * side - 0.5]
    axes[-1].plot([*box, *box[::-1], box[0]], [box[0], *box, *box[::-1]][:5], color=ACCENT, lw=2.5)
    spelled = " ".join(f"{sign} {name}".strip() for (name, _), sign in zip(concepts, signs, strict=True))
    return describe(
        figure,
        f"Three exemplars of each of {len(concepts)} concepts, the picture of the mean of their z below them, and the "
        f"sum {spelled}: the result in the middle of eight neighbours.",
    )


@look()
def obedience_by_exemplars(exemplars: Sequence[int], shares: Mapping[str, Sequence[float]]) -> Figure:
    """In how many sums of a hundred the result is what was asked for, against the exemplars in each mean.

    exemplars: how many, growing. shares: from the name of a sum, at most four, to a share in [0, 1] for each of them.
    """
    figure, [axes] = panels(width=6.0, height=2.8)
    for (name, values), (colour, style, mark) in zip(shares.items(), KINDS, strict=False):
        axes.plot(exemplars, values, style, marker=mark, ms=5, color=colour, label=name)
    axes.set_xscale("log")
    axes.minorticks_off()
    axes.set_xticks(list(exemplars), [str(n) for n in exemplars])
    axes.set(xlabel="exemplars in each mean", ylabel="share that obeys", ylim=(-0.02, 1.02))
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    told = "; ".join(f"{name} from {values[0]:.0%} to {values[-1]:.0%}" for name, values in shares.items())
    return describe(
        figure,
        f"The share of sums that obey, with {exemplars[0]} to {exemplars[-1]} exemplars in each mean: {told}.",
    )


@look()
def along_direction(
    places: Sequence[float],
    slants: Float[Tensor, "place n"],
    kept: Mapping[str, Sequence[float]],
) -> Figure:
    """What a direction changes and what it drags along: slant at the left, the share that stays the same digit right.

    places: how many times the direction is added. slants: of n images at each place; the band holds the middle half.
    kept: from the name of a direction, at most three, to the share in [0, 1] of images that are still read as before.
    """
    figure, (left, right) = panels(1, 2, width=7.2, height=2.8)
    low, middle, high = torch.quantile(slants, torch.tensor([0.25, 0.5, 0.75]).to(slants), dim=1)
    left.fill_between(places, low.numpy(), high.numpy(), color=MODEL, alpha=0.25, lw=0)
    left.plot(places, middle.numpy(), "-o", ms=4, color=MODEL)
    left.axhline(0, color="black", lw=0.8)
    left.set(xlabel="times the direction", ylabel="slant, pixels right a pixel up")
    lines = ((JUDGE, "-", "o"), (ACCENT, "--", "s"), (MODEL, "-.", "^"))
    for (name, shares), (colour, style, mark) in zip(kept.items(), lines, strict=False):
        right.plot(places, shares, style, marker=mark, ms=4, color=colour, label=name)
    right.set(xlabel="times the direction", ylabel="still the same digit", ylim=(0, 1.04))
    right.legend(loc="lower center")
    told = "; ".join(f"{name} {min(shares):.0%} at worst" for name, shares in kept.items())
    return describe(
        figure,
        f"Left, the middle slant goes from {middle[0]:.2f} to {middle[-1]:.2f} along the direction. Right, the share "
        f"of images still read as the same digit: {told}.",
    )


def _tiles(axes: Axes, images: Float[Tensor, "n channel height width"], columns: int) -> None:
    """Images in [-1, 1] side by side in one picture, with white lines between."""
    n, _, height, width = images.shape
    rows = -(-n // columns)
    sheet = torch.ones(3, rows * (height + 2), columns * (width + 2))
    for number, image in enumerate(images.detach().cpu()):
        top, left = (height + 2) * (number // columns) + 1, (width + 2) * (number % columns) + 1
        sheet[:, top : top + height, left : left + width] = (image.clamp(-1, 1) + 1) / 2
    axes.imshow(sheet.permute(1, 2, 0).numpy(), interpolation="nearest")
    axes.set_axis_off()
