"""Pictures of the Parzen window: the bumps and their mean, what their width does, and where the estimate falls short."""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from course_lib import theory
from course_lib.data import gaussian
from course_lib.figures.style import ACCENT, DATA, JUDGE, LINE, MODEL, MUTED, describe, look, panels

STYLES = (("-", DATA), ("--", ACCENT), ("-.", JUDGE), (":", MODEL))


@look()
def parzen_windows(
    samples: Float[Tensor, " sample"],
    sigmas: Sequence[float],
    density: theory.Density | None = None,
    *,
    x_range: tuple[float, float] = (-4, 4),
) -> Figure:
    """A bump on each sample and the mean of all bumps, on the line; a panel for each width.

    sigmas: the widths, above 0. density: what the samples were drawn from, drawn dotted. Each bump is drawn at its share,
    1/N of a Gaussian, so that the heights add up to the curve; where there are more than 12 they are left out.
    """
    x = torch.linspace(*x_range, 801, dtype=torch.float64)
    truth = torch.as_tensor(density.pdf(x), dtype=torch.float64) if density is not None else None
    figure, axes = panels(1, len(sigmas), width=max(5.2, 3.0 * len(sigmas)), height=2.6)
    highest = 0.0 if truth is None else truth.max().item()
    for panel, sigma in zip(axes, sigmas, strict=True):
        bumps = torch.stack([gaussian(at, sigma).pdf(x) / len(samples) for at in samples.tolist()])
        highest = max(highest, bumps.sum(0).max().item())
        if len(samples) <= 12:
            for number, bump in enumerate(bumps):
                panel.plot(x, bump, color=MUTED, linewidth=1.0, label="a bump on each sample" if number == 0 else None)
        panel.plot(x, bumps.sum(0), LINE["model"][1], color=MODEL, label="their sum, the estimate")
        if truth is not None:
            panel.plot(x, truth, LINE["data"][1], color=DATA, label="true density")
        panel.plot(samples, torch.zeros(len(samples)), "|", color=ACCENT, markersize=9, clip_on=False, label="samples")
        panel.set(xlabel=f"x,   $\\sigma$ = {sigma:g}", xlim=x_range)
    for panel in axes:
        panel.set_ylim(0, 1.1 * highest)
    axes[0].set_ylabel("density")
    names = axes[0].get_legend_handles_labels()
    figure.legend(*names, loc="outside upper center", ncols=2 if len(sigmas) == 1 else 4)
    return describe(
        figure,
        f"{len(samples)} samples on the line under Gaussian bumps of width {', '.join(f'{s:g}' for s in sigmas)}, and "
        "the mean of the bumps: jagged where they are narrow, flat where they are wide.",
    )


@look()
def likelihood_against_sigma(
    sigmas: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    *,
    level: float | None = None,
    bottom: float | None = None,
) -> Figure:
    """Mean log-likelihood against the window's width, in nats; the highest point of each curve is marked.

    curves: label and a value at each sigma; at most four. level: a value to compare with, as a grey line, such as the
    true density's. bottom: lower end of the axis, where a curve falls far below what there is to see.
    """
    figure, [axes] = panels(width=5.8, height=2.9)
    if level is not None:
        axes.axhline(level, color=MUTED, linewidth=0.9, label="true density")
    for (label, values), (line, colour) in zip(curves.items(), STYLES, strict=False):
        values = torch.as_tensor(values, dtype=torch.float64)
        axes.plot(sigmas, values, line, color=colour, label=label)
        best = int(values.argmax())
        axes.plot([sigmas[best]], [values[best]], "o", color=colour, markersize=7)
    axes.set(xlabel=r"$\sigma$", ylabel="log-likelihood (nats)", xscale="log")
    ticks = [s for s in (0.01, 0.03, 0.1, 0.3, 1, 3, 10) if min(sigmas) <= s <= max(sigmas)]
    axes.set_xticks(ticks, [f"{s:g}" for s in ticks])
    axes.minorticks_off()
    if bottom is not None:
        axes.set_ylim(bottom=bottom)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return describe(figure, f"Log-likelihood against the width sigma: {', '.join(curves)}.")


@look()
def shortfall_against_dimension(
    dimensions: Sequence[int], curves: Mapping[str, Sequence[float]], bound: Sequence[float] | None = None
) -> Figure:
    """How far the estimate lies below the true log-likelihood, in nats, as the dimension grows; both axes in the log.

    curves: label and shortfall at each dimension, above 0; at most four. bound: the most it can be, drawn grey.
    """
    figure, [axes] = panels(width=5.8, height=3.0)
    if bound is not None:
        axes.plot(dimensions, bound, color=MUTED, linewidth=4, label="bound, $(d/2)\\log 2$")
    for (label, values), (line, colour) in zip(curves.items(), STYLES, strict=False):
        axes.plot(dimensions, values, line, color=colour, marker="o", markersize=4, label=label)
    axes.set(xlabel="dimension d", ylabel="shortfall (nats)", xscale="log", yscale="log")
    ticks = [d for number, d in enumerate(dimensions) if number % 2 == 0 or d == dimensions[-1]]
    axes.set_xticks(ticks, [str(d) for d in ticks])
    axes.set_yticks([0.01, 0.1, 1, 10, 100], ["0.01", "0.1", "1", "10", "100"])
    axes.minorticks_off()
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return describe(
        figure,
        f"The shortfall of the estimate grows with the dimension, from {dimensions[0]} to {dimensions[-1]}: "
        f"{', '.join(curves)}.",
    )


@look()
def parzen_scores(found: Mapping[str, tuple[float, float]]) -> Figure:
    """Estimates as points with their standard errors, one row for each model, in the order given from the top.

    found: label, mean and standard error in nats.
    """
    figure, [axes] = panels(width=5.8, height=0.9 + 0.32 * len(found))
    rows = range(len(found))
    means, errors = zip(*found.values(), strict=True)
    axes.hlines(rows, min(0, *means), means, color=MUTED, linewidth=0.8)
    axes.errorbar(means, rows, xerr=errors, fmt="o", color=ACCENT, ecolor=DATA, capsize=3, markersize=6)
    axes.set_yticks(rows, list(found))
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("Parzen estimate (nats)")
    said = "; ".join(f"{label} {mean:.0f}" for label, (mean, _) in found.items())
    return describe(figure, f"Parzen estimates in nats, from the top: {said}.")
