"""Pictures of lesson 11: what D's features are worth, what stands in for real data, and how near is a copy."""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn.functional import adaptive_max_pool2d

from course_lib.figures.style import ACCENT, DATA, JUDGE, MODEL, MUTED, describe, look, panels

PURPLE = "#CC79A7"
STYLES = (
    ("-", ACCENT, "o"),
    ("--", JUDGE, "s"),
    ("-.", MODEL, "^"),
    (":", DATA, "D"),
    ((0, (5, 1)), PURPLE, "v"),
)


@look()
def pooled_maps(
    image: Float[Tensor, "1 side side"], maps: Float[Tensor, "map height width"], *, show: int = 5
) -> Figure:
    """An image, some maps of a layer of D below each other's heading, and the same maps max-pooled to 4x4.

    image: in [-1, 1]. maps: of one layer for that image; the `show` whose largest value stands out most are drawn.
    """
    flat = maps.detach().flatten(1)
    chosen = maps.detach()[(flat.amax(1) - flat.median(1).values).argsort(descending=True)[:show]]
    pooled = adaptive_max_pool2d(chosen, 4)
    low, high = chosen.min().item(), chosen.max().item()
    figure, axes = panels(2, show + 1, width=1.15 * (show + 1), height=2.5)
    for panel in axes:
        panel.set(xticks=[], yticks=[])
    axes[0].imshow(image[0].numpy(), cmap="gray", vmin=-1, vmax=1)
    axes[0].set_xlabel("image", fontsize=9)
    axes[show + 1].axis("off")
    for column in range(show):
        for row, part in enumerate((chosen, pooled)):
            panel = axes[row * (show + 1) + column + 1]
            panel.imshow(part[column].numpy(), cmap="gray", vmin=low, vmax=high)
    size = "x".join(str(side) for side in maps.shape[1:])
    axes[1].set_ylabel(size, fontsize=9)
    axes[show + 2].set_ylabel("4x4", fontsize=9)
    return describe(
        figure,
        f"A digit, {show} maps of {size} that D answers it with, and below each map the largest value in each part of a "
        "4x4 grid: where a stroke of some kind is, roughly.",
    )


@look()
def accuracy_against_c(cs: Sequence[float], curves: Mapping[str, Sequence[float]], *, bottom: float = 0.5) -> Figure:
    """Validation accuracy of a linear classifier against C; the highest point of each curve is marked.

    curves: label and a share in [0, 1] for each C; at most five. bottom: lower end of the axis.
    """
    figure, [axes] = panels(width=6.4, height=2.9)
    for (label, values), (line, colour, _) in zip(curves.items(), STYLES, strict=False):
        axes.plot(cs, values, linestyle=line, color=colour, label=label)
        best = max(range(len(values)), key=lambda i: values[i])
        axes.plot([cs[best]], [values[best]], "o", color=colour, markersize=7)
    axes.set(xlabel="C", ylabel="validation accuracy", xscale="log", ylim=(bottom, 1))
    axes.minorticks_off()
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return describe(figure, f"Validation accuracy against C, with a mark at the best C: {', '.join(curves)}.")


@look()
def accuracy_against_labels(
    counts: Sequence[int], curves: Mapping[str, tuple[Sequence[float], Sequence[float]]]
) -> Figure:
    """Test accuracy in percent against the number of known labels, with the spread over choices of labels as bars.

    curves: label to (mean, standard deviation) at each count; at most five, the best drawn first in the legend.
    """
    figure, [axes] = panels(width=6.4, height=3.3)
    in_order = sorted(curves.items(), key=lambda item: -item[1][0][-1])
    styles = dict(zip(curves, STYLES, strict=False))
    for place, (label, (means, spreads)) in enumerate(in_order):
        line, colour, mark = styles[label]
        x = [count * (1 + 0.03 * (place - 2)) for count in counts]  # side by side, so that no bar hides another
        axes.errorbar(
            x, means, yerr=spreads, linestyle=line, color=colour, marker=mark, markersize=5, capsize=3, label=label
        )
    axes.set(xlabel="known labels", ylabel="test accuracy (%)", xscale="log")
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.minorticks_off()
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    said = "; ".join(f"{label} {means[0]:.0f} to {means[-1]:.0f}" for label, (means, _) in in_order)
    return describe(
        figure, f"Test accuracy in percent, from {counts[0]:,} labels to {counts[-1]:,}, the best first: {said}."
    )


@look()
def one_nn_errors(found: Mapping[str, float]) -> Figure:
    """Errors of the nearest-neighbour classifier as points, one row for what stood in for real data, from the top.

    found: label and share of errors, in [0, 1].
    """
    figure, [axes] = panels(width=6.0, height=0.8 + 0.32 * len(found))
    rows, percent = range(len(found)), [100 * error for error in found.values()]
    axes.hlines(rows, 0, percent, color=MUTED, linewidth=0.8)
    axes.plot(percent, rows, "o", color=ACCENT)
    for row, value in zip(rows, percent, strict=True):
        axes.annotate(f"{value:.1f}", (value, row), (6, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_yticks(rows, list(found))
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel="test digits named wrongly (%)", xlim=(0, 1.12 * max(percent)))
    said = "; ".join(f"{label} {value:.1f}" for label, value in zip(found, percent, strict=True))
    return describe(figure, f"Error in percent of a nearest-neighbour classifier trained on: {said}.")


@look()
def error_against_samples(counts: Mapping[str, Sequence[int]], curves: Mapping[str, Sequence[float]]) -> Figure:
    """Error of the nearest-neighbour classifier in percent against how many examples it has, both axes in the log.

    counts, curves: label to numbers of examples, and to the share of errors in [0, 1] at each.
    """
    figure, [axes] = panels(width=6.4, height=2.9)
    for (label, values), (line, colour, mark) in zip(curves.items(), STYLES, strict=False):
        percent = [100 * value for value in values]
        axes.plot(counts[label], percent, linestyle=line, color=colour, marker=mark, markersize=5, label=label)
    axes.set(xlabel="examples to choose the nearest from", ylabel="error (%)", xscale="log", yscale="log")
    ticks = sorted({10 ** round(torch.tensor(float(n)).log10().item()) for several in counts.values() for n in several})
    axes.set_xticks(ticks, [f"{n:,}" for n in ticks])
    axes.set_yticks([5, 10, 20, 40], ["5", "10", "20", "40"])
    axes.minorticks_off()
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    said = "; ".join(f"{label} {100 * values[0]:.0f} to {100 * values[-1]:.0f}" for label, values in curves.items())
    return describe(figure, f"Error in percent from the fewest examples to the most: {said}.")


@look()
def found_by_bits(bits: Sequence[int], curves: Mapping[str, Sequence[float]]) -> Figure:
    """Precision, and recall of each kind of copy, against the bits of the hash.

    curves: label to a share in [0, 1] for each number of bits; the first, precision, is drawn thick and black.
    """
    figure, [axes] = panels(width=6.4, height=3.1)
    first, *others = curves
    axes.plot(bits, curves[first], color=DATA, linewidth=3, marker="o", label=first)
    for label, (line, colour, mark) in zip(others, (*STYLES[:3], STYLES[4]), strict=False):
        axes.plot(bits, curves[label], linestyle=line, color=colour, marker=mark, markersize=5, label=label)
    axes.set(xlabel="bits of the hash", ylabel="share", xscale="log", ylim=(-0.03, 1.05))
    axes.set_xticks(bits, [str(n) for n in bits])
    axes.minorticks_off()
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    said = "; ".join(f"{label} {values[0]:.2f} to {values[-1]:.2f}" for label, values in curves.items())
    return describe(figure, f"From {bits[0]} bits to {bits[-1]}: {said}.")


@look()
def shares_within(
    distances: Mapping[str, Float[Tensor, " n"]], *, what: str = "distance to the nearest training digit"
) -> Figure:
    """For each set of images, which share of them lies within a distance of the training images.

    distances: label to the distance of each image, at least 0; at most five. what: the label of the axis.
    """
    figure, [axes] = panels(width=6.4, height=2.9)
    medians = []
    for (label, values), (line, colour, _) in zip(distances.items(), STYLES, strict=False):
        ordered = values.detach().double().sort().values
        share = torch.arange(1, len(ordered) + 1) / len(ordered)
        axes.step(ordered.numpy(), share.numpy(), where="post", linestyle=line, color=colour, label=label)
        medians.append(f"{label} {ordered[(len(ordered) - 1) // 2]:.1f}")
    axes.set(
        xlabel=what, ylabel="share within", ylim=(0, 1.02), xlim=(-0.3, None)
    )  # so that copies, at 0, are not hidden by the axis
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return describe(figure, f"Share of images within a distance of the training images. Medians: {'; '.join(medians)}.")
