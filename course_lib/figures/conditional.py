"""The figures of lesson 06: the conditional net as a diagram, discrete games label by label, and who obeys a label."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float, Float64, Int
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from course_lib import theory
from course_lib.figures.images import image_grid
from course_lib.figures.style import ACCENT, DATA, JUDGE, MODEL, MUTED, describe, look, panels


def conditional_net() -> Figure:
    """Both players of a conditional GAN as rows of units, y fed to each: Figure 1 of Mirza and Osindero 2014."""
    figure, [axes] = panels(width=6.0, height=4.6)
    axes.set(xlim=(0, 12), ylim=(0, 9.4), aspect="equal")
    axes.axis("off")
    for low, inputs, output, player, colour in (
        (5.2, ("$x$", "$y$"), r"$D(x \,|\, y)$", "discriminator", JUDGE),
        (0.3, ("$z$", "$y$"), r"$G(z \,|\, y)$", "generator", MODEL),
    ):
        frame = plt.Rectangle((0.2, low - 0.2), 9.0, 4.1, fill=False, ec=colour, lw=1.8)
        axes.add_patch(frame)
        axes.text(9.4, low + 1.85, player, color=colour, va="center", weight="bold")
        for centre, units, name in ((2.9, 5, inputs[0]), (7.2, 3, inputs[1])):
            _units(axes, centre, low + 0.5, units, ACCENT if name == "$y$" else MUTED)
            axes.text(centre - 0.35 * units - 0.35, low + 0.5, name, ha="center", va="center")
            _arrow(axes, (centre, low + 0.85), (centre + 0.25 * (5.0 - centre), low + 1.6))
        _units(axes, 5.0, low + 1.95, 7, MUTED)
        outputs = 1 if player == "discriminator" else 5
        _arrow(axes, (5.0, low + 2.3), (5.0, low + 3.05))
        _units(axes, 5.0, low + 3.4, outputs, MUTED)
        axes.text(5.0 - 0.35 * outputs - 0.8, low + 3.4, output, ha="center", va="center")
    return describe(
        figure,
        "Two networks, one above the other, as rows of units. Below, the generator: noise z and the label y, two rows "
        "side by side, both lead to one hidden row, and that to the output G(z|y). Above, the discriminator: an image "
        "x and the same label y lead to one hidden row, and that to a single unit, D(x|y). y enters both players.",
    )


@look()
def game_by_label(
    p: Float64[Tensor, "label outcome"], g: Float64[Tensor, "label outcome"], share: Float64[Tensor, " label"]
) -> Figure:
    """A discrete conditional game: a panel a label with p(x|y), g(x|y) and the best D(x|y); last, y hidden from D.

    p, g: each row sums to 1. share: p(y), which weighs the rows in the last panel.
    """
    rows = [(f"$y$ = {label}", *pair) for label, pair in enumerate(zip(p, g, strict=True))]
    rows.append(("$y$ not told", share @ p, share @ g))
    figure, axes = panels(1, len(rows), width=1.0 + 2.1 * len(rows), height=2.8)
    outcome = np.arange(p.shape[1])
    for panel, (name, real, fake) in zip(axes, rows, strict=True):
        panel.bar(outcome, fake.numpy(), 0.7, color=MODEL, alpha=0.45, label="$g(x|y)$")
        panel.stairs(real.numpy(), np.arange(len(real) + 1) - 0.5, ls=":", lw=1.8, color=DATA, label="$p(x|y)$")
        d = theory.optimal_discriminator(real, fake)
        panel.plot(outcome, d.numpy(), "D", ms=6, color=JUDGE, label="$D^*$")
        panel.axhline(0.5, color=MUTED, lw=0.8)
        panel.set(xlabel=f"outcome $x$\n{name}", ylim=(-0.04, 1.08), xticks=outcome)
    axes[0].set_ylabel("probability, and $D^*$")
    axes[-1].legend(loc="upper left", bbox_to_anchor=(1, 1))
    return describe(
        figure,
        f"One panel for each of {len(p)} labels with bars of g(x|y), the outline of p(x|y) and the best discriminator's "
        "answers as diamonds; a last panel with the same for the mixture over labels, which is all that a "
        "discriminator sees that is not told y.",
    )


def rows_by_label(
    images: Float[Tensor, "label sample channel height width"],
    names: Sequence[str],
    *,
    width: float = 4.4,
    across: str = "samples, each with noise of its own",
) -> Figure:
    """One row a label, one column a sample: Figure 2 of Mirza and Osindero 2014.

    images: in [0, 1], those made for one label in one row. names: one text for each label. width: in inches.
    across: what the columns are.
    """
    labels, columns = images.shape[:2]
    figure = image_grid(2 * images.flatten(0, 1) - 1, columns=columns, row_labels=names, width=width)
    figure.axes[0].set_ylabel("label asked for")
    figure.axes[0].set_xlabel(across)
    said = f"{labels} rows of {columns} generated images; a row was asked for one label, {', '.join(names)}."
    return describe(figure, f"{said} Columns: {across}.")


@look()
def asked_and_seen(counts: Mapping[str, Int[Tensor, "label label"]]) -> Figure:
    """What a judge saw against what was asked for, one panel for each generator; right answers are on the diagonal.

    counts: name, and a matrix with the label asked for as row and the label seen as column. Cells carry their share
    of the row in percent where it is one or more.
    """
    figure, axes = panels(1, len(counts), width=0.4 + 3.9 * len(counts), height=4.1)
    for panel, (name, matrix) in zip(axes, counts.items(), strict=True):
        share = matrix.double() / matrix.sum(1, keepdim=True).clamp(min=1)
        panel.imshow(share.numpy(), cmap="gray_r", vmin=0, vmax=1)
        for (row, column), value in np.ndenumerate(share.numpy()):
            if value >= 0.0095:
                colour = "white" if value > 0.5 else DATA
                panel.text(column, row, f"{100 * value:.0f}", ha="center", va="center", fontsize=8, color=colour)
        ticks = range(len(matrix))
        panel.set(xlabel=f"digit seen by the judge\n{name}", xticks=ticks, yticks=ticks)
    axes[0].set_ylabel("label asked for; numbers are % of its row")
    kept = ", ".join(f"{name} {m.diagonal().sum() / m.sum():.0%}" for name, m in counts.items())
    return describe(figure, f"Label asked for against digit seen, as shades and in percent. On the diagonal: {kept}.")


@look()
def on_and_off(numbers: Mapping[str, tuple[float, float]]) -> Figure:
    """What dropout in a trained generator is worth while it samples: a panel a number, a bar with it on and one with it off.

    numbers: from what was measured to its value with dropout on, and off.
    """
    figure, axes = panels(1, len(numbers), width=3.2 * len(numbers), height=2.4)
    for panel, (name, values) in zip(axes, numbers.items(), strict=True):
        bars = panel.bar(["on", "off"], values, width=0.55, color=(MODEL, ACCENT))
        panel.bar_label(bars, [f"{value:.3g}" for value in values], padding=3)
        panel.axhline(0, color=DATA, lw=0.8)
        panel.margins(y=0.2)
        panel.set(xlabel="dropout while sampling", ylabel=name)
    said = "; ".join(f"{name}: {on:.3g} on, {off:.3g} off" for name, (on, off) in numbers.items())
    return describe(figure, f"Bars with dropout on and off while sampling. {said}.")


@look()
def _units(axes: Axes, x: float, y: float, units: int, colour: str) -> None:
    """A row of circles around (x, y) in a frame."""
    half = 0.35 * units
    axes.add_patch(plt.Rectangle((x - half, y - 0.33), 2 * half, 0.66, fill=False, ec=DATA, lw=0.8))
    for place in torch.linspace(-half + 0.35, half - 0.35, units).tolist():
        axes.add_patch(plt.Circle((x + place, y), 0.22, fc=colour, ec=DATA, lw=0.8))


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": DATA, "lw": 1.4})
