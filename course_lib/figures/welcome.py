"""The figures of lesson 00: the game in one diagram, a digit as numbers, noise, D's answers, and the latent walk."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import torch
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.figures.style import ACCENT, DATA, JUDGE, MODEL, MUTED, describe, panels


def the_game(
    z: Float[Tensor, " noise"], fake: Float[Tensor, "channel height width"], real: Float[Tensor, "channel height width"]
) -> Figure:
    """The game as a diagram: noise z through G to a fake, a real image beside it, and both shown to D.

    z: some numbers, of which the first twelve are drawn as bars. fake, real: images in [-1, 1].
    """
    figure, [axes] = panels(width=6.4, height=2.5)
    axes.set(xlim=(0, 12.8), ylim=(0, 5))
    axes.axis("off")
    bars = axes.inset_axes((0.1, 3.15, 1.9, 1.1), transform=axes.transData)
    bars.bar(range(len(z[:12])), z[:12].detach().cpu().numpy(), color=MUTED)
    bars.axis("off")
    for place, image in (((5.8, 2.9, 1.6, 1.6), fake), ((5.8, 0.5, 1.6, 1.6), real)):
        _thumbnail(axes.inset_axes(place, transform=axes.transData), image)
    for x, y, text, colour in ((3.9, 3.7, "generator\n$G$", MODEL), (9.5, 2.5, "discriminator\n$D$", JUDGE)):
        box = {"boxstyle": "round,pad=0.5", "fc": "white", "ec": colour, "lw": 1.8}
        axes.text(x, y, text, ha="center", va="center", bbox=box)
    for start, end in (
        ((2.1, 3.7), (2.8, 3.7)),
        ((5.0, 3.7), (5.7, 3.7)),
        ((7.5, 3.6), (8.1, 3.0)),
        ((7.5, 1.4), (8.1, 2.0)),
        ((10.95, 2.5), (11.5, 2.5)),
    ):
        axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": DATA, "lw": 1.4})
    axes.text(1.05, 2.95, "noise $z$", ha="center", va="top")
    axes.text(6.6, 4.6, "fake: $G(z)$", ha="center", va="bottom")
    axes.text(6.6, 0.4, "real: $x$", ha="center", va="top")
    axes.text(12.1, 2.5, "real\nor\nfake?", ha="center", va="center")
    return describe(
        figure,
        "From left to right: a row of random numbers, the noise z, goes into the generator G, which makes a fake image "
        "G(z) of it. Below stands a real image x. Both go, one at a time, into the discriminator D, which says of each "
        "whether it is real or fake.",
    )


def digit_in_numbers(image: UInt8[Tensor, "1 height width"], *, top: int = 9, left: int = 9, side: int = 10) -> Figure:
    """A digit, and a window of it with the number of every pixel written in.

    image: 0 to 255. top, left: the window's first row and column. side: pixels along the window's edge.
    """
    pixels = image[0].cpu().numpy()
    window = pixels[top : top + side, left : left + side]
    figure, (whole, close) = panels(1, 2, width=6.4, height=3.1)
    whole.imshow(pixels, cmap="gray", vmin=0, vmax=255)
    corner = (left - 0.5, top - 0.5)
    whole.add_patch(plt.Rectangle(corner, window.shape[1], window.shape[0], fill=False, ec=ACCENT, lw=2))
    whole.set(xlabel="column", ylabel="row")
    extent = (left - 0.5, left + window.shape[1] - 0.5, top + window.shape[0] - 0.5, top - 0.5)
    close.imshow(window, cmap="gray", vmin=0, vmax=255, extent=extent)
    for row, line in enumerate(window.tolist(), start=top):
        for column, value in enumerate(line, start=left):
            shade = "white" if value < 128 else "black"
            close.text(column, row, str(value), color=shade, fontsize=7, ha="center", va="center")
    close.set(xlabel="column", ylabel="row")
    return describe(
        figure,
        f"Left: a digit of {pixels.shape[0]} by {pixels.shape[1]} pixels, white on black, with a frame around rows "
        f"{top} to {top + window.shape[0] - 1}. Right: that window enlarged, each pixel with its number, from "
        f"{window.min()} (black) to {window.max()}.",
    )


def noise_batch(z: Float[Tensor, "n noise"]) -> Figure:
    """A batch of noise as shades, one row a draw, and how often each value occurs beside the standard Gaussian."""
    values = z.detach().cpu().numpy()
    figure, (rows, shares) = panels(1, 2, width=6.4, height=2.6)
    shades = rows.imshow(values, cmap="gray", vmin=-3, vmax=3, aspect="auto", interpolation="nearest")
    figure.colorbar(shades, ax=rows, label="value", ticks=[-3, 0, 3])
    rows.set(xlabel="coordinate", ylabel="draw")
    shares.hist(values.flatten(), bins=torch.linspace(-4, 4, 33).tolist(), density=True, color=MUTED)
    x = torch.linspace(-4, 4, 200)
    shares.plot(x, torch.exp(-x.square() / 2) / (2 * torch.pi) ** 0.5, color=MODEL, label="standard Gaussian")
    shares.set(xlabel="value", ylabel="density", ylim=(0, 0.6))
    shares.legend(loc="upper left", fontsize=9, frameon=False)
    return describe(
        figure,
        f"Left: {len(values)} rows of {values.shape[1]} random shades of grey, without any pattern. Right: the "
        "histogram of all the values, a bell around 0 that ends near plus and minus 3, with the curve of the standard "
        "Gaussian over it.",
    )


def nudged(
    fake: Float[Tensor, "channel height width"],
    gradient: Float[Tensor, "channel height width"],
    after: Float[Tensor, "channel height width"],
    before_d: float,
    after_d: float,
) -> Figure:
    """A fake, the gradient of D's logit with respect to its pixels, and the fake moved that way.

    fake, after: images in [-1, 1], of one channel. before_d, after_d: D's answers on them, in [0, 1].
    """
    figure, (left, middle, right) = panels(1, 3, width=6.4, height=2.5)
    _thumbnail(left, fake)
    _thumbnail(right, after)
    most = gradient.abs().max().item() or 1.0
    middle.imshow(gradient[0].detach().cpu().numpy() / most, cmap="PuOr_r", vmin=-1, vmax=1)
    middle.set(xticks=[], yticks=[])
    for axes, words in (
        (left, f"fake: $D$ says {before_d:.2f}"),
        (middle, "what $D$ asks for"),
        (right, f"nudged: $D$ says {after_d:.2f}"),
    ):
        axes.set_xlabel(words)
    return describe(
        figure,
        f"Left: a generated digit, of which D says {before_d:.2f}. Middle: for each pixel whether D asks for more ink, "
        f"orange, or less, purple. Right: the digit moved a little that way, of which D says {after_d:.2f}.",
    )


def answers_over_time(steps: Sequence[int], real: Sequence[float], fake: Sequence[float]) -> Figure:
    """D's mean answer on real digits and on fakes as training goes on, with 1/2, where it cannot tell.

    steps: when it was asked. real, fake: its mean answers then, in [0, 1].
    """
    figure, [axes] = panels(width=5.4, height=2.6)
    axes.axhline(0.5, color=MUTED, lw=1)
    axes.plot(steps, real, ":", marker="o", ms=4, color=DATA, label="on real digits")
    axes.plot(steps, fake, "-", marker="s", ms=4, color=MODEL, label="on fakes")
    axes.set(xlabel="step", ylabel="mean of $D$'s answer", ylim=(-0.03, 1.03))
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return describe(
        figure,
        f"D's mean answer over {steps[-1]} steps: on real digits it ends at {real[-1]:.2f}, on fakes at {fake[-1]:.2f}."
        " A line marks one half.",
    )


def lengths_on_the_way(
    straight: Float[Tensor, "step noise"], kept: Float[Tensor, "step noise"], typical: Float[Tensor, " n"]
) -> Figure:
    """The length of z along a straight walk and along one that keeps it, over the range of ordinary noise.

    straight, kept: the two walks. typical: lengths of many draws; the band holds the middle 98 in 100 of them.
    """
    low, high = torch.quantile(typical, torch.tensor([0.01, 0.99]).to(typical)).tolist()
    figure, [axes] = panels(width=5.4, height=2.6)
    axes.axhspan(low, high, color=MUTED, alpha=0.3, lw=0, label="98 in 100 draws")
    for walk, style, colour, label in (
        (straight, "--", ACCENT, "straight walk"),
        (kept, "-", MODEL, "keeps its length"),
    ):
        axes.plot(torch.linspace(0, 1, len(walk)), walk.norm(dim=1), style, marker="o", ms=4, color=colour, label=label)
    axes.set(xlabel="part of the way", ylabel="length of $z$", ylim=(0, 1.15 * high))
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    straight_low, kept_low = (walk.norm(dim=1).min().item() for walk in (straight, kept))
    return describe(
        figure,
        f"The length of z along two walks with the same ends. The straight one is down to {straight_low:.1f} on the "
        f"way, the other to {kept_low:.1f}. A band from {low:.1f} to {high:.1f} holds the lengths of 98 in 100 draws.",
    )


def _thumbnail(axes: Axes, image: Tensor) -> None:
    pixels = ((image.detach().cpu().clamp(-1, 1) + 1) / 2).permute(1, 2, 0).numpy()
    axes.imshow(pixels[..., 0] if pixels.shape[2] == 1 else pixels, cmap="gray", vmin=0, vmax=1)
    axes.set(xticks=[], yticks=[])
