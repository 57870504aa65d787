"""The game of the value function in pictures: who is paid what, and the saddle."""

import torch
from matplotlib.figure import Figure

from course_lib import theory
from course_lib.figures.style import ACCENT, JUDGE, LINE, MODEL, MUTED, describe, panels


def payments(a: float, b: float) -> Figure:
    """What D expects at one x from the answer y if paid by the log, and if paid in proportion; peaks marked.

    a, b: shares of real and of generated data at x, positive, summing to 1, else ValueError.
    """
    if min(a, b) <= 0 or abs(a + b - 1) > 1e-6:
        raise ValueError(f"a and b are shares at one x, positive and summing to 1; got {a} and {b}.")
    y = torch.linspace(0.005, 0.995, 397)
    figure, [axes] = panels(width=4.8, height=2.8)
    for pay, style, colour, name in (
        (a * y + b * (1 - y), "--", MUTED, "paid $y$ or $1-y$"),
        (a * y.log() + b * (1 - y).log(), "-", JUDGE, "paid $\\log y$ or $\\log(1-y)$"),
    ):
        axes.plot(y, pay, style, color=colour, label=name)
        axes.plot(y[pay.argmax()], pay.max(), "o", color=ACCENT, zorder=3, clip_on=False)
    axes.axvline(a, color=ACCENT, lw=1, ls=":")
    axes.set(xlim=(0, 1), ylim=(-2.2, 1.6), xlabel="$y = D(x)$", ylabel="expected payment")
    axes.legend(frameon=False, loc="upper left")
    return describe(
        figure,
        f"Expected payment against D's answer y where a share {a:g} of what arrives is real. Paid in proportion, the "
        "best "
        f"answer is at the edge, {float(a > 0.5):g}. Paid by the log, it is {a:g}, the share itself.",
    )


def saddle(share: float = 0.7) -> Figure:
    """V on two outcomes as a map: G chooses t, the share of the first one; D answers d there and 1 - d elsewhere.

    share: of the first outcome under p_data, in (0, 1).
    """
    t = torch.linspace(0, 1, 121, dtype=torch.float64)
    d = torch.linspace(0.1, 0.9, 121, dtype=torch.float64)[:, None]
    v = (share + 1 - t) * d.log() + (1 - share + t) * (1 - d).log()
    figure, [axes] = panels(width=5.6, height=3.4)
    heights = [-2.3, -2.0, -1.8, -1.6, -1.5, theory.C_MIN, -1.3, -1.2, -1.1, -0.9]
    filled = axes.contourf(t, d[:, 0], v, levels=heights, cmap="Greys_r", vmin=-2.6, vmax=-1.1, alpha=0.8, extend="min")
    bar = figure.colorbar(filled, label="$V$", ticks=[-2.0, -1.6, theory.C_MIN, -1.2, -0.9])
    bar.ax.set_yticklabels(["$-2.0$", "$-1.6$", "$-\\log 4$", "$-1.2$", "$-0.9$"])
    axes.plot(t, (share + 1 - t) / 2, LINE["judge"][1], color=JUDGE, label="the best $d$ against each $t$")
    axes.plot(share, 0.5, "o", color=ACCENT, zorder=3, label="saddle, $V = -\\log 4$")
    for player, colour, start, end in (
        ("G", MODEL, (0.25, 0.8), (0.45, 0.8)),
        ("G", MODEL, (0.5, 0.35), (0.3, 0.35)),
        ("D", JUDGE, (0.08, 0.58), (0.08, 0.76)),
        ("D", JUDGE, (0.92, 0.64), (0.92, 0.46)),
    ):
        axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2})
        middle = ((start[0] + end[0]) / 2 + 0.02, (start[1] + end[1]) / 2 + 0.025)
        axes.text(*middle, f"${player}$", color=colour)
    axes.set(
        xlabel="$t$, share of the first outcome under $p_g$",
        ylabel="$d$, D's answer there",
        xlim=(0, 1),
        ylim=(0.1, 0.9),
    )
    axes.legend(loc="lower left")
    return describe(
        figure,
        "The height of the value over G's choice t and D's choice d. D moves up or down towards a falling line, its "
        "best "
        "answer to each t. G moves right where d is above one half and left where it is below. The two are at rest "
        "only "
        f"at t = {share:g}, d = 0.5, a saddle of height minus log 4.",
    )
