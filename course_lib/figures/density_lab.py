"""The density lab's picture: two densities, the best discriminator between them, and the criterion; it can be moved."""

import torch
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_lib import theory
from course_lib.figures.style import ACCENT, JUDGE, LINE, MUTED, describe, look, panels

LARGE = 13  # letters to be read from the back row


@look()
def density_lab(
    p_data: theory.Density,
    p_g: theory.Density,
    *,
    x_range: tuple[float, float] = (-6, 6),
    top: float | None = None,
) -> Figure:
    """p_data, p_g, the optimal discriminator between them, and where C(G) stands between its two ends.

    x_range: the part of the line that is drawn; the numbers are integrals over all of `theory.GRID`.
    top: upper end of the density axis, fixed where several pictures are compared; otherwise that of the curves.
    """
    x = torch.linspace(*x_range, 601, dtype=torch.float64)
    figure, [above, below, scale] = panels(3, width=5.6, height=4.2)
    above.get_gridspec().set_height_ratios([3, 2, 0.5])
    for role, label in (("model", "$p_g$"), ("data", r"$p_\mathrm{data}$")):  # dots last: visible when equal
        colour, line = LINE[role]
        above.plot(x, torch.zeros_like(x), line, color=colour, label=label)
    above.set(ylabel="density", xlim=x_range)
    above.tick_params(labelbottom=False)
    above.legend(loc="upper left", fontsize=LARGE)

    below.axhline(0.5, color=MUTED, linewidth=0.8)
    below.plot(x, torch.full_like(x, 0.5), LINE["judge"][1], color=JUDGE)
    below.set(xlabel="x", ylabel="$D^*(x)$", ylim=(-0.05, 1.05), yticks=(0, 0.5, 1), xlim=x_range)

    scale.plot([theory.C_MIN, 0], [0, 0], color=MUTED, linewidth=4, solid_capstyle="butt")
    scale.plot([0], [0], "o", color=ACCENT, markersize=9)
    scale.set(xlim=(1.08 * theory.C_MIN, -0.08 * theory.C_MIN), ylim=(-1, 1), yticks=[])
    scale.set_xticks([theory.C_MIN, 0], [r"$-\log 4$" + "\nequal", "0\napart"])
    scale.set_xlabel("$C(G)$", labelpad=-14)
    scale.tick_params(length=0)
    scale.spines[["left", "bottom"]].set_visible(False)
    for axes in (above, below, scale):  # to be read from the back row
        axes.tick_params(labelsize=LARGE)
        axes.xaxis.label.set_size(LARGE)
        axes.yaxis.label.set_size(LARGE)
    curves = move_density_lab(figure, p_data, p_g)[:2]
    above.set_ylim(0, top or 1.08 * max(max(curve.get_ydata()) for curve in curves))
    return figure


def move_density_lab(figure: Figure, p_data: theory.Density, p_g: theory.Density) -> list[Artist]:
    """Show two other densities in a figure made by `density_lab`, axes as they are; what has changed is returned."""
    above, below, scale = figure.axes
    (model, data), (_, judge), (_, dot) = above.lines, below.lines, scale.lines
    x = torch.as_tensor(model.get_xdata(), dtype=torch.float64)
    p, q = (torch.as_tensor(density.pdf(x), dtype=torch.float64) for density in (p_data, p_g))
    # Adding 0.0 turns a rounded -0.0 into 0.0.
    c, jsd = (round(f(p_data, p_g).item(), 3) + 0.0 for f in (theory.criterion, theory.jsd))
    d = theory.optimal_discriminator(p, q).where(p + q > 0, torch.nan)  # free there, so nothing is drawn
    for curve, y in ((model, q), (data, p), (judge, d)):
        curve.set_ydata(y.numpy())
    dot.set_xdata([c])
    scale.set_xlabel(f"C(G) = {c:.3f},   JSD = {jsd:.3f} nats", labelpad=-14)
    describe(
        figure,
        f"Above, the densities p_data and p_g on the line; in the middle, the optimal discriminator between them; "
        f"below, the criterion C(G) = {c:.3f} on its scale from -log 4 to 0. Jensen-Shannon divergence {jsd:.3f}.",
    )
    return [model, data, judge, dot, scale.xaxis.label]
