"""Pictures of lesson 01: densities raised over dots, the climb of a likelihood, and the two directions of KL."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor
from torch.special import xlogy

from course_lib import theory
from course_lib.figures.style import ACCENT, DATA, JUDGE, LINE, MODEL, MUTED, describe, look, panels

DASHES = ("-", "--", "-.", ":")
COLOURS = (MODEL, ACCENT, JUDGE, DATA)


@look()
def dots_under_densities(
    dots: Float[Tensor, " dot"],
    candidates: Mapping[str, theory.Density],
    *,
    x_range: tuple[float, float] = (-4, 4),
) -> Figure:
    """The same dots on a line under one density after another, with the height of each density over each dot.

    candidates: label and density, two to four; under each stands the mean of the logarithms of its heights.
    """
    x = torch.linspace(*x_range, 401, dtype=torch.float64)
    figure, axes = panels(1, len(candidates), width=2.4 * len(candidates), height=2.5)
    top = 1.12 * max(float(torch.as_tensor(density.pdf(x)).max()) for density in candidates.values())
    said = []
    for (label, density), panel in zip(candidates.items(), axes, strict=True):
        heights = torch.as_tensor(density.pdf(dots))
        mean_log = heights.log().mean().item()
        panel.plot(x, density.pdf(x), LINE["model"][1], color=MODEL)
        panel.vlines(dots, 0, heights, color=ACCENT, lw=1.2)
        panel.plot(dots, torch.zeros_like(dots), "o", color=DATA, markersize=5, clip_on=False, zorder=3)
        panel.set(xlabel=f"x\n{label}: {mean_log:.2f}", ylim=(0, top), xlim=x_range)
        said.append(f"{label} {mean_log:.2f}")
    axes[0].set_ylabel("density")
    for panel in axes[1:]:
        panel.tick_params(labelleft=False)
    return describe(
        figure,
        f"The same {len(dots)} dots on a line under {len(candidates)} densities, with a stem from each dot up to the "
        f"curve. Mean of the logarithms of the stems' lengths: {', '.join(said)}.",
    )


@look()
def climb_of_likelihood(
    dots: Float[Tensor, " dot"],
    path: Float[Tensor, "step 2"],
    *,
    means: tuple[float, float] = (-3, 3),
    stds: tuple[float, float] = (0.4, 3.2),
) -> Figure:
    """The mean log-likelihood of a Gaussian over its mean and width as a map, and a path of gradient ascent on it.

    path: mean and std at each step. means, stds: the part of the map that is drawn, stds positive.
    """
    mean, std = torch.meshgrid(torch.linspace(*means, 121), torch.linspace(*stds, 121), indexing="xy")
    z = (dots.float()[:, None, None] - mean) / std
    height = (-0.5 * z**2 - std.log() - 0.5 * np.log(2 * np.pi)).mean(0)
    peak = dots.mean().item(), dots.std(correction=0).item()
    highest = height.max().item()
    figure, [axes] = panels(width=5.4, height=3.0)
    levels = [highest - drop for drop in (6, 4, 3, 2, 1.4, 1, 0.7, 0.4, 0.2, 0.05)]
    drawn = axes.contour(mean, std, height, levels=levels, colors=MUTED, linestyles="-", linewidths=0.9)
    axes.clabel(drawn, levels[1::2], fmt="%.1f", fontsize=8)
    axes.plot(*path.T.numpy(), "-", color=MODEL, label="gradient ascent")
    axes.plot(*path[0].tolist(), "s", color=MODEL, label="start")
    axes.plot(*peak, "o", color=ACCENT, label="mean and spread\nof the dots")
    axes.set(xlabel=r"mean $\mu$", ylabel=r"width $\sigma$", xlim=means, ylim=stds)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return describe(
        figure,
        f"A map of the mean log-likelihood over mean and width of a Gaussian, with one peak at mean {peak[0]:.2f} and "
        f"width {peak[1]:.2f}. The path of gradient ascent crosses the contour lines and ends near the peak.",
    )


@look()
def histogram_under_densities(
    x: Float[Tensor, " sample"],
    densities: Mapping[str, theory.Density],
    *,
    what: str = "x",
    label: str = "data",
    bins: int = 50,
) -> Figure:
    """A histogram of samples, scaled to area 1, under one or more densities. At most four.

    what: the label of the horizontal axis. label: what the samples are.
    """
    figure, [axes] = panels(width=5.6, height=2.7)
    axes.hist(x.numpy(), bins, density=True, color="0.85", edgecolor="0.7", label=label)
    grid = torch.linspace(x.min().item(), x.max().item(), 601, dtype=torch.float64)
    for (name, density), line, colour in zip(densities.items(), DASHES, COLOURS, strict=False):
        axes.plot(grid, density.pdf(grid), line, color=colour, label=name)
    axes.set(xlabel=what, ylabel="density", ylim=(0, None))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return describe(figure, f"A histogram of {len(x)} samples ({label}) under the density of: {', '.join(densities)}.")


@look()
def where_divergences_pay(
    p: theory.Density, models: Mapping[str, theory.Density], *, x_range: tuple[float, float] = (-6, 6)
) -> Figure:
    """Above, p and one model a column; below, the integrands of both KLs, whose signed areas are the divergences."""
    x = torch.linspace(*x_range, 1_201, dtype=torch.float64)
    data = torch.as_tensor(p.pdf(x))
    figure, axes = panels(2, len(models), width=3.6 * len(models), height=4.2)
    said = []
    for column, (name, model) in enumerate(models.items()):
        q = torch.as_tensor(model.pdf(x))
        above, below = axes[column], axes[len(models) + column]
        for y, role, label in ((q, "model", name), (data, "data", r"$p_\mathrm{data}$")):
            above.plot(x, y, LINE[role][1], color=LINE[role][0], label=label)
        above.set(ylim=(0, 1.3 * max(data.max(), q.max()).item()), xlim=x_range)
        above.legend(loc="upper left", fontsize=8, ncols=2)
        above.tick_params(labelbottom=False)
        forward = (xlogy(data, data) - xlogy(data, q)).nan_to_num(posinf=torch.nan)
        backward = (xlogy(q, q) - xlogy(q, data)).nan_to_num(posinf=torch.nan)
        numbers = theory.kl(p, model).item(), theory.kl(model, p).item()
        for y, line, colour, label, number in (
            (forward, "-", ACCENT, "forwards", numbers[0]),
            (backward, "--", JUDGE, "backwards", numbers[1]),
        ):
            below.fill_between(x, y, color=colour, alpha=0.15, lw=0)
            below.plot(x, y, line, color=colour, lw=1.3, label=f"{label}: {number:.2f}")
        below.axhline(0, color=MUTED, lw=0.8)
        below.set(xlabel="x", xlim=x_range)
        below.legend(loc="upper left", fontsize=8)
        said.append(f"{name}: forwards {numbers[0]:.2f}, backwards {numbers[1]:.2f}")
    axes[0].set_ylabel("density")
    axes[len(models)].set_ylabel("integrand of KL")
    return describe(
        figure,
        "Above, the density of the data and one model in each column. Below, the integrands of the two KL divergences "
        f"between them. {'; '.join(said)}.".replace("$", ""),
    )


@look()
def divergences_along(
    position: Float[Tensor, " point"],
    curves: Mapping[str, Float[Tensor, " point"]],
    *,
    what: str = "mean of the model",
    top: float | None = None,
) -> Figure:
    """Divergences while a model is moved along the line, with every valley of each curve marked. At most four.

    curves: label and divergence at each position. top: upper end of the vertical axis.
    """
    figure, [axes] = panels(width=5.6, height=2.7)
    valleys = []
    for (label, d), line, colour in zip(curves.items(), DASHES, (ACCENT, JUDGE, MODEL, DATA), strict=False):
        axes.plot(position, d, line, color=colour, label=label)
        low = 1 + ((d[1:-1] < d[:-2]) & (d[1:-1] < d[2:])).nonzero().squeeze(1)
        axes.plot(position[low], d[low], "o", color=colour, markersize=6)
        valleys.append(f"{label} at {', '.join(f'{place:.1f}' for place in position[low].tolist()) or 'none'}")
    axes.set(xlabel=what, ylabel="divergence in nats", ylim=(0, top))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return describe(figure, f"Divergences against the {what}. Valleys: {'; '.join(valleys)}.".replace("$", ""))
