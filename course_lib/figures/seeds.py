"""Trainings that differ in their seed alone, as bands and as dots: what one run of each would not show."""

from collections.abc import Mapping, Sequence

import torch
from matplotlib.figure import Figure

from course_lib.figures.style import ACCENT, DATA, JUDGE, MODEL, MUTED, describe, look, panels

KINDS = ((MODEL, "-", "o"), (ACCENT, "--", "s"), (JUDGE, "-.", "^"), (DATA, ":", "D"))


@look()
def shares_over_steps(
    steps: Sequence[int], shares: Mapping[str, Sequence[Sequence[float]]], *, chance: float = 0.1
) -> Figure:
    """The share of samples that show what was asked for as training goes on; a band from the worst seed to the best.

    steps: when it was measured. shares: from a name, at most four, to a row of values in [0, 1] for each seed, one value
    for each of `steps`. chance: the share by blind guessing. Lines are the means over the seeds.
    """
    figure, [axes] = panels(width=6.4, height=2.9)
    axes.axhline(chance, color=MUTED, lw=1)
    axes.annotate("chance", (steps[-1], chance), xytext=(0, 3), textcoords="offset points", ha="right", color=MUTED)
    ends = []
    for (name, rows), (colour, line, mark) in zip(shares.items(), KINDS, strict=False):
        values = torch.tensor(rows, dtype=torch.float64)
        low, high, mean = values.min(0).values, values.max(0).values, values.mean(0)
        axes.fill_between(steps, low.numpy(), high.numpy(), color=colour, alpha=0.2, lw=0)
        axes.plot(steps, mean.numpy(), line, marker=mark, ms=4, color=colour, label=name)
        ends.append(f"{name} {mean[-1]:.0%}, from {low[-1]:.0%} to {high[-1]:.0%}")
    axes.set(xlabel="step", ylabel="label gives digit", ylim=(-0.02, 1.02), xticks=steps)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return describe(
        figure,
        f"Share of samples that show their label over {steps[-1]} steps, means and bands over seeds; chance "
        f"{chance:.0%}. At the end: {'; '.join(ends)}.",
    )


@look()
def dots_by_seed(
    values: Mapping[str, Sequence[float]], *, xlabel: str, reference: Mapping[str, float] | None = None
) -> Figure:
    """One row a kind of training, one dot a seed, and a bar at their mean.

    values: from a name, at most four, to a number for each seed. xlabel: what the number is, with its unit.
    reference: named numbers to draw as upright lines.
    """
    figure, [axes] = panels(width=6.0, height=0.95 + 0.4 * len(values))
    said = []
    for row, ((name, dots), (colour, _, mark)) in enumerate(zip(values.items(), KINDS, strict=False)):
        axes.plot(dots, [row] * len(dots), mark, color=colour, ms=7, alpha=0.6)
        mean = sum(dots) / len(dots)
        axes.plot([mean, mean], [row - 0.3, row + 0.3], color=colour, lw=2.5)
        said.append(f"{name} {mean:.3g}, from {min(dots):.3g} to {max(dots):.3g}")
    for name, place in (reference or {}).items():
        axes.axvline(place, color=DATA, ls=":", lw=1.2)
        axes.annotate(
            name, (place, -0.5), xytext=(4, 0), textcoords="offset points", ha="left", va="center", fontsize=9
        )
        said.append(f"{name} {place:.3g}")
    axes.set(xlabel=xlabel, yticks=range(len(values)), yticklabels=list(values), ylim=(len(values) - 0.5, -0.7))
    axes.tick_params(axis="y", length=0)
    return describe(figure, f"A dot for each seed, a bar at the mean; {xlabel}: {'; '.join(said)}.")
