"""Pictures of Goodfellow et al. 2014, section 4: D*, the criterion C(G), and how far the convergence argument goes."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from course_lib import theory
from course_lib.figures.style import ACCENT, DATA, JUDGE, LINE, MODEL, MUTED, describe, look, panels

DASHES = ("-", "--", "-.", ":")
LARGE = 13
CRITERION_TICKS = ([theory.C_MIN, -1, -0.5, 0], [r"$-\log 4$", "$-1$", "$-0.5$", "0"])


@look()
def learned_discriminators(
    x: Float[Tensor, " point"], best: Float[Tensor, " point"], learned: Mapping[str, Float[Tensor, " point"]]
) -> Figure:
    """Discriminators at several moments of a training, and the best there is. At most four moments."""
    figure, [axes] = panels(width=5.6, height=2.8)
    for (label, d), line, grey in zip(learned.items(), DASHES, ("0.75", "0.55", "0.35", "0"), strict=False):
        axes.plot(x, d, line, color=grey, label=label, linewidth=1.4)
    axes.plot(x, best, color=JUDGE, linewidth=3.5, alpha=0.45, label="$D^*$")
    axes.set(xlabel="x", ylabel="$D(x)$", ylim=(-0.03, 1.03))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return describe(
        figure, f"The curve of D at {len(learned)} moments of its training, coming closer to the optimal one."
    )


@look()
def logarithm_below_its_tangent() -> Figure:
    """log t and its tangent at 1, the line t - 1: the one inequality behind Theorem 1."""
    t = torch.linspace(0.02, 3, 400)
    figure, [axes] = panels(width=4.2, height=2.6)
    axes.plot(t, t - 1, "--", color=MUTED, label="$t - 1$")
    axes.plot(t, t.log(), color=DATA, label=r"$\log t$")
    axes.plot([1], [0], "o", color=ACCENT)
    axes.set(xlabel="t", ylim=(-3, 2))
    axes.legend()
    return describe(figure, "The logarithm lies below the line t - 1 everywhere and touches it only at t = 1.")


@look()
def criterion_against_position(
    position: Float[Tensor, " point"], curves: Mapping[str, Float[Tensor, " point"]], *, what: str = "shift of $p_g$"
) -> Figure:
    """C(G) while p_g is moved along the line, between its two ends -log 4 and 0. At most four curves.

    curves: label and values of C(G) at each position. what: the label of the horizontal axis.
    """
    figure, [axes] = panels(width=5.6, height=2.7)
    for level in (theory.C_MIN, 0):
        axes.axhline(level, color=MUTED, linewidth=0.8)
    for (label, c), line, colour in zip(curves.items(), DASHES, (DATA, ACCENT, JUDGE, MODEL), strict=False):
        axes.plot(position, c, line, color=colour, label=label)
    axes.set(xlabel=what, ylabel="$C(G)$", ylim=(-1.5, 0.1))
    axes.set_yticks(*CRITERION_TICKS)
    if len(curves) > 1:
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return describe(figure, f"The criterion C(G) against the {what.replace('$', '')}: {', '.join(curves)}.")


@look()
def criterion_as_envelope(p: float, *, lines: int = 9) -> Figure:
    """C(G) for two outcomes as the upper envelope of straight lines, one for each fixed discriminator.

    p: p_data of the first outcome, in (0, 1). lines: discriminators drawn, each the best one somewhere.
    """
    p_data = torch.tensor([p, 1 - p], dtype=torch.float64)
    share = torch.linspace(0, 1, 201, dtype=torch.float64)
    c = [theory.criterion(p_data, torch.stack([t, 1 - t])).item() for t in share]
    figure, [axes] = panels(width=4.8, height=3.2)
    for t in torch.linspace(0.06, 0.94, lines, dtype=torch.float64):
        d = theory.optimal_discriminator(p_data, torch.stack([t, 1 - t]))
        real, fake = (p_data * d.log()).sum(), (1 - d).log()
        axes.plot(share, real + share * fake[0] + (1 - share) * fake[1], color=MUTED, linewidth=0.8)
    axes.plot(share, c, color=DATA, label="$C(G)$, the highest of all lines")
    axes.plot([], [], color=MUTED, linewidth=0.8, label="$U(p_g, D)$, one fixed $D$ each")
    axes.plot([p], [theory.C_MIN], "o", color=ACCENT, label=r"$p_g = p_\mathrm{data}$")
    axes.set(xlabel="$p_g$ of the first outcome", ylabel="value", ylim=(-1.8, max(c) + 0.4), xlim=(0, 1))
    axes.legend(loc="upper center")
    return describe(
        figure, f"A bowl-shaped curve with its lowest point at {p}, and straight lines that touch it from below."
    )


@look()
def distributions_on_the_way(
    p_data: Float[Tensor, " outcome"],
    path: Mapping[str, Float[Tensor, " outcome"]],
    criteria: Mapping[str, Sequence[float]],
) -> Figure:
    """Left, p_g at some moments of a descent beside p_data; right, C(G) at every step of one or more descents.

    path: label and p_g, at most three moments. criteria: label and values of C(G), one for each step.
    """
    figure, [left, right] = panels(1, 2, width=7.6, height=2.9)
    outcome, width = np.arange(len(p_data)), 0.8 / len(path)
    for number, ((label, q), shade) in enumerate(zip(path.items(), ("#A8DDCB", "#4DB892", MODEL), strict=False)):
        left.bar(outcome - 0.4 + (number + 0.5) * width, q.numpy(), width, color=shade, label=f"$p_g$, {label}")
    left.stairs(
        p_data.numpy(), np.arange(len(p_data) + 1) - 0.5, ls=":", lw=1.8, color=DATA, label=r"$p_\mathrm{data}$"
    )
    highest = max(float(q.max()) for q in (p_data, *path.values()))
    left.set(xlabel="outcome", ylabel="probability", xticks=outcome, ylim=(0, 1.4 * highest))  # room for the legend
    left.legend(fontsize=8, loc="upper left", ncols=2)
    right.axhline(theory.C_MIN, color=MUTED, linewidth=0.8)
    for (label, c), line, colour in zip(criteria.items(), DASHES, (DATA, ACCENT, JUDGE, MODEL), strict=False):
        right.plot(range(len(c)), c, line, color=colour, label=label)
    right.set(xlabel="step", ylabel="$C(G)$")
    right.set_yticks(*CRITERION_TICKS)
    right.legend(fontsize=8)
    return describe(
        figure, f"Bars of p_g beside p_data at {len(path)} moments, and C(G) step by step: {', '.join(criteria)}."
    )


@look()
def one_gaussian_for_two_bumps(
    p_data: theory.Density, fits: Mapping[str, theory.Density], *, x_range: tuple[float, float] = (-6, 6)
) -> Figure:
    """What one Gaussian makes of data that it cannot match: a small panel for each fit, over the same dotted p_data.

    fits: label and density, written below each panel; two to four.
    """
    x = torch.linspace(*x_range, 401, dtype=torch.float64)
    figure, axes = panels(1, len(fits), width=2.3 * len(fits), height=1.9)
    top = 1.1 * max(float(torch.as_tensor(density.pdf(x)).max()) for density in (p_data, *fits.values()))
    for panel, (label, q) in zip(axes, fits.items(), strict=True):
        panel.plot(x, q.pdf(x), LINE["model"][1], color=MODEL, label="$p_g$")
        panel.plot(x, p_data.pdf(x), LINE["data"][1], color=DATA, label=r"$p_\mathrm{data}$")
        panel.set(xlabel=label, xlim=x_range, ylim=(0, top), yticks=[])
    axes[0].set_ylabel("density")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return describe(
        figure,
        f"Two bumps of data, and the one Gaussian that comes closest by each measure: {'; '.join(fits)}.".replace(
            "$", ""
        ),
    )
