"""Pictures of lesson 08: what a unit of a convolution sees, how often it is written to, and what each rule is worth."""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.figures.style import ACCENT, DATA, JUDGE, MODEL, MUTED, describe, look, panels

MARKS = ("o", "s", "^", "D", "v", "P", "X")


def convolution_sees(large: int, kernel: int, stride: int, padding: int, *, marked: int = 1) -> Figure:
    """A convolution in one dimension: `large` pixels below, the outputs above, a line from each to what it sees.

    marked: the output whose lines are drawn thick. Padding is drawn as dashed squares of zeros.
    """
    small = (large + 2 * padding - kernel) // stride + 1
    figure, axes = _wires(large, small, kernel, stride, padding, marked, large_above=False)
    first = marked * stride - padding
    axes.text(-padding - 1.0, 0, "input", ha="right", va="center")
    axes.text(-padding - 1.0, 1, "output", ha="right", va="center")
    return describe(
        figure,
        f"A row of {large} input pixels with {padding} zeros at each end, and {small} outputs above them. Each output "
        f"sees {kernel} neighbours and the next begins {stride} further on; output {marked} sees pixels {first} to "
        f"{first + kernel - 1}, counted from 0.",
    )


def transposed_writes(small: int, kernel: int, stride: int, padding: int, extra: int = 0, *, marked: int = 1) -> Figure:
    """A transposed convolution in one dimension: `small` pixels below, a line from each to the outputs it adds to.

    extra: the output padding. marked: the input whose lines are drawn thick. What is cut off is drawn dashed.
    """
    large = (small - 1) * stride - 2 * padding + kernel + extra
    figure, axes = _wires(large, small, kernel, stride, padding, marked, large_above=True)
    first = marked * stride - padding
    axes.text(-padding - 1.0, 0, "input", ha="right", va="center")
    axes.text(-padding - 1.0, 1, "output", ha="right", va="center")
    return describe(
        figure,
        f"A row of {small} input pixels, and {large} outputs above them. Each input adds to {kernel} neighbours and the "
        f"next begins {stride} further on; input {marked} adds to outputs {first} to {first + kernel - 1}, counted from "
        f"0. At each end {padding} outputs are cut off.",
    )


def _wires(
    large: int, small: int, kernel: int, stride: int, padding: int, marked: int, *, large_above: bool
) -> tuple[Figure, Axes]:
    """Two rows of squares and the lines between them."""
    width = large + 2 * padding
    figure, [axes] = panels(width=min(7.4, 0.42 * width + 1.6), height=1.9)
    here, there = (1, 0) if large_above else (0, 1)
    centres = [i * stride - padding + (kernel - 1) / 2 for i in range(small)]
    for i, centre in enumerate(centres):
        thick = i == marked
        for j in range(i * stride - padding, i * stride - padding + kernel):
            style = {"color": ACCENT, "lw": 2.2, "zorder": 2} if thick else {"color": MUTED, "lw": 0.8, "zorder": 1}
            axes.plot([centre, j], [there, here], **style)
        colour = ACCENT if thick else DATA
        axes.plot(centre, there, "s", ms=13, mfc="white", mec=colour, mew=2.2 if thick else 1.2, zorder=3)
        axes.text(centre, there, str(i), ha="center", va="center", fontsize=8, zorder=4)
    for j in range(-padding, large + padding):
        inside = 0 <= j < large
        axes.plot(j, here, "s", ms=13, mfc="white", mec=DATA if inside else MUTED, mew=1.2, zorder=3)
        text = str(j) if inside else ("×" if large_above else "0")
        axes.text(j, here, text, ha="center", va="center", fontsize=8, color=DATA if inside else MUTED, zorder=4)
    axes.set(xlim=(-padding - 3.2, large + padding), ylim=(-0.35, 1.35))
    axes.axis("off")
    return figure, axes


@look()
def matrix_and_transpose(matrix: Float[Tensor, "small large"], *, names: Mapping[float, str]) -> Figure:
    """The matrix of a convolution beside its transpose; each entry that is not 0 is written as its name.

    names: from the value of a weight to what is written, such as {1.0: "a"}.
    """
    small, large = matrix.shape
    figure, axes = panels(1, 2, width=0.3 * (small + large) + 1.4, height=0.3 * large + 0.6)
    for panel, values, label in zip(axes, (matrix, matrix.T), ("$C$", "$C^T$"), strict=True):
        panel.imshow((values != 0).float().numpy(), cmap="Greys", vmin=0, vmax=4)
        for row, column in values.nonzero().tolist():
            panel.text(column, row, names[values[row, column].item()], ha="center", va="center", fontsize=9)
        for spine in panel.spines.values():
            spine.set_visible(True)
        panel.set(xticks=[], yticks=[])
        panel.set_xlabel(f"{label}: {values.shape[1]} pixels to {values.shape[0]}")
    rows = "; ".join(" ".join(names.get(value, "0") for value in row) for row in matrix.tolist())
    return describe(figure, f"The matrix C of a convolution, and its transpose beside it. The rows of C: {rows}.")


@look()
def contributions(counts: Mapping[str, Sequence[int]]) -> Figure:
    """How many inputs add to each output pixel of a transposed convolution, a panel for each label."""
    figure, axes = panels(1, len(counts), width=3.3 * len(counts), height=2.2)
    highest = max(max(values) for values in counts.values())
    for panel, (label, values) in zip(axes, counts.items(), strict=True):
        colours = [ACCENT if value == max(values) and min(values) < max(values) else JUDGE for value in values]
        panel.bar(range(len(values)), values, color=colours, width=0.75)
        panel.set_xticks(range(0, len(values), 2))
        panel.set(xlabel=f"output pixel; {label}", ylim=(0, highest + 0.4), yticks=range(highest + 1))
    axes[0].set_ylabel("inputs that add to it")
    said = "; ".join(f"{label}: {' '.join(map(str, values))}" for label, values in counts.items())
    return describe(figure, f"Inputs that add to each output pixel, from left to right. {said}.")


@look()
def learning_by_start(losses: Mapping[str, Float[Tensor, " step"]], *, smooth: int = 10) -> Figure:
    """The loss of D at each step of trainings that begin differently, with log 4 marked; a logarithmic axis.

    smooth: each point is the mean over that many steps.
    """
    figure, [axes] = panels(width=6.4, height=2.8)
    ends = []
    for (label, values), colour, line in zip(
        losses.items(), (MODEL, JUDGE, ACCENT, DATA), ("-", "--", "-.", ":"), strict=False
    ):
        mean = values.unfold(0, smooth, 1).mean(1)
        axes.plot(torch.arange(len(mean)) + smooth, mean.numpy(), line, color=colour, label=label)
        ends.append(f"{label} from {mean[0]:.2g} to {mean[-1]:.2g}")
    axes.axhline(torch.tensor(4.0).log().item(), color=MUTED, lw=1)
    axes.text(1.0, torch.tensor(4.0).log().item(), " log 4", transform=axes.get_yaxis_transform(), va="center")
    axes.set(xlabel="step", ylabel="loss of D", yscale="log")
    axes.legend(loc="upper left", bbox_to_anchor=(1.08, 1.0))
    return describe(figure, f"The loss of D, mean of {smooth} steps: {'; '.join(ends)}.")


@look()
def worth_of_rules(found: Mapping[str, Sequence[Mapping[str, float]]], names: Mapping[str, str]) -> Figure:
    """One row for each broken rule, a dot a seed, a bar at their mean; a panel for each number.

    found: from the broken rule to the numbers of each seed. names: from the number to its label, one a panel.
    """
    figure, axes = panels(1, len(names), width=2.2 * len(names) + 1.4, height=0.8 + 0.34 * len(found))
    said = []
    for panel, (name, label) in zip(axes, names.items(), strict=True):
        for row, (broken, seeds) in enumerate(found.items()):
            values = [numbers[name] for numbers in seeds]
            colour = JUDGE if row == 0 else ACCENT
            panel.plot(values, [row] * len(values), MARKS[row % len(MARKS)], color=colour, ms=6, alpha=0.6)
            mean = sum(values) / len(values)
            panel.plot([mean, mean], [row - 0.32, row + 0.32], color=colour, lw=2.5)
            said.append(f"{label}, {broken}: {', '.join(f'{value:.2f}' for value in values)}")
        panel.set(xlabel=label, ylim=(len(found) - 0.5, -0.5), yticks=range(len(found)), yticklabels=[])
        panel.set_xlim(min(0, panel.get_xlim()[0]), None)
        panel.tick_params(axis="y", length=0)
        panel.grid(axis="y", color="#dddddd", lw=0.6)
    axes[0].set_yticklabels(list(found))
    return describe(figure, f"A dot a seed, a bar at the mean. {'; '.join(said)}.")
