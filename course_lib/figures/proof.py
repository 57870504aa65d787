"""The proofs of Goodfellow et al. 2014, section 4, in motion: D* found point by point, and p_g rolling down C(G)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from matplotlib.figure import Figure
from torch.special import xlogy

from course_lib import theory
from course_lib.figures.film import film
from course_lib.figures.style import ACCENT, DATA, JUDGE, LINE, MODEL, MUTED, describe, look, panels

if TYPE_CHECKING:
    from IPython.display import Image

COLOURS = (DATA, MODEL, JUDGE, ACCENT, MUTED)
FRAME_MS, PAUSE_MS = 500, 2_500
LOWEST = -2.0  # of the curve f(y) / (a + b), which falls without end


@look()
def best_answer_at(
    x: float, p_data: theory.Density, p_g: theory.Density, *, x_range: tuple[float, float] = (-2.5, 4.5)
) -> Figure:
    """One step of the proof of Proposition 1: at x, the curve f(y) on its side, and its peak carried over to D*(x).

    x: a place where one of the densities is not 0. The curve of D* is drawn up to x. f is divided by a + b, which
    moves no peak. x_range: the part of the line that is drawn.
    """
    line = torch.linspace(*x_range, 361, dtype=torch.float64)
    p, q = (torch.as_tensor(density.pdf(line), dtype=torch.float64) for density in (p_data, p_g))
    a, b = (density.pdf(torch.tensor(x, dtype=torch.float64)).item() for density in (p_data, p_g))
    share, y = a / (a + b), torch.linspace(0.001, 0.999, 333, dtype=torch.float64)
    best = theory.optimal_discriminator(p, q)

    figure, (above, words, below, curve) = panels(2, 2, width=5.8, height=3.5)
    above.get_gridspec().set_width_ratios([2, 1])
    for density, role, label, height, name in (
        (p, "data", r"$p_\mathrm{data}$", a, "a"),
        (q, "model", "$p_g$", b, "b"),
    ):
        colour, style = LINE[role]
        above.plot(line, density, style, color=colour, label=label)
        above.plot([x], [height], "o", color=colour, markersize=6, label=f"${name}$ = {height:.2f}")
    above.set(ylim=(0, 1.25 * max(p.max(), q.max()).item()), ylabel="density", xlim=x_range)
    above.tick_params(labelbottom=False)
    words.axis("off")
    words.legend(*above.get_legend_handles_labels(), loc="center")

    below.plot(line[line <= x], best[line <= x], LINE["judge"][1], color=JUDGE)
    below.set(ylabel="$y = D(x)$", xlabel="$x$", xlim=x_range)
    curve.plot(xlogy(a, y).add(xlogy(b, 1 - y)) / (a + b), y, color=JUDGE)
    peak = (xlogy(torch.tensor(share), share) + xlogy(torch.tensor(1 - share), 1 - share)).item()
    curve.set(xlim=(LOWEST, 0.1), xlabel=r"$f(y)\,/\,(a + b)$", xticks=(-2, -1, 0))
    curve.tick_params(labelleft=False)
    for axes, place in ((below, x), (curve, peak)):
        axes.set(ylim=(-0.05, 1.05), yticks=(0, 0.5, 1))
        axes.axhline(share, color=ACCENT, lw=1)
        axes.plot([place], [share], "o", color=ACCENT, markersize=7, clip_on=False)
    for axes in (above, below):
        axes.axvline(x, color=ACCENT, lw=1)
    return describe(
        figure,
        f"At x = {x:.1f} the densities are a = {a:.2f} and b = {b:.2f}. Beside them lies the curve f(y), turned on its "
        f"side, with its peak at y = {share:.2f}; below, the optimal discriminator is drawn up to this x.",
    )


def best_answer_film(
    p_data: theory.Density, p_g: theory.Density, *, frames: int = 11, x_range: tuple[float, float] = (-2.5, 4.5)
) -> "Image":
    """The proof of Proposition 1 as an animation: x sweeps the line, and the peaks of f trace D*. About 35 KB."""
    places = torch.linspace(*x_range, frames).tolist()
    drawn = (best_answer_at(x, p_data, p_g, x_range=x_range) for x in places)
    alt = (
        f"Animation in {frames} frames. A place x moves along the line from {x_range[0]:g} to {x_range[1]:g}. At each x "
        "the curve f(y) stands beside it with its peak at a / (a + b), and the heights of the peaks draw the optimal "
        "discriminator, from 1 where only data fall to 0 where only fakes fall."
    )
    return film(drawn, [FRAME_MS] * (frames - 1) + [PAUSE_MS], colours=COLOURS, alt=alt, dpi=72)


def path_down(p: float, start: float, *, fresh: bool, rate: float, moves: int) -> list[tuple[float, float]]:
    """How p_g, a share t of the first of two outcomes, moves down the slope of U: pairs (t, the t that D answers).

    p: p_data of the first outcome. fresh: D is the best one at every move; otherwise it stays as it was at the start.
    The move is the lesson's: t times (1 - D)^-rate, divided by the sum.
    """
    p_data, t, asked = torch.tensor([p, 1 - p], dtype=torch.float64), start, start
    path = [(t, asked)]
    for _ in range(moves):
        d = theory.optimal_discriminator(p_data, torch.tensor([asked, 1 - asked], dtype=torch.float64))
        moved = torch.tensor([t, 1 - t], dtype=torch.float64) * (1 - d) ** -rate
        t = (moved[0] / moved.sum()).item()
        asked = t if fresh else asked
        path.append((t, asked))
    return path


@look()
def rolling(t: float, asked: float, p: float, what: str) -> Figure:
    """p_g at one moment: the ball on the line U of the D that is best for `asked`, below the bowl C; and the bars of p_g.

    t: p_g of the first of two outcomes. p: p_data of it. what: a few words, written into the picture.
    """
    p_data = torch.tensor([p, 1 - p], dtype=torch.float64)
    shares = torch.linspace(0, 1, 101, dtype=torch.float64)
    c = [theory.criterion(p_data, torch.stack([s, 1 - s])).item() for s in shares]
    d = theory.optimal_discriminator(p_data, torch.tensor([asked, 1 - asked], dtype=torch.float64))

    def u(share):
        return xlogy(p_data, d).sum() + share * (1 - d[0]).log() + (1 - share) * (1 - d[1]).log()

    figure, (left, right) = panels(1, 2, width=5.8, height=2.7)
    left.get_gridspec().set_width_ratios([2.2, 1])
    left.plot(shares, c, color=DATA, label="$C(G)$")
    left.plot(shares, u(shares), color=JUDGE, ls="--", label="$U(p_g, D)$, this $D$")
    left.plot([p], [theory.C_MIN], "o", mfc="none", mec=DATA, markersize=9)
    left.plot([t], [u(t)], "o", color=ACCENT, markersize=9, zorder=5)
    left.set(xlabel="$p_g$ of the first outcome", ylabel="value", xlim=(-0.02, 1.02), ylim=(-3.6, 0.1))
    left.legend(loc="upper center", ncols=2)
    left.text(0.98, 0.04, what, transform=left.transAxes, color=ACCENT, ha="right")
    right.bar([1, 2], [t, 1 - t], 0.6, color=MODEL, label="$p_g$")
    right.stairs([p, 1 - p], [0.5, 1.5, 2.5], ls=":", lw=1.8, color=DATA, label=r"$p_\mathrm{data}$")
    right.set(ylim=(0, 1.3), xticks=(1, 2), yticks=(0, 0.5, 1), xlabel="outcome", ylabel="probability")
    right.legend(loc="upper center", ncols=2, handlelength=1.2, columnspacing=1)
    return describe(
        figure,
        f"{what.replace('$', '')}. The bowl C(G) over the share of the first outcome, lowest at {p}, and below it the straight line of one "
        f"fixed D; a ball on that line stands at {t:.2f}. Beside it, bars of p_g and p_data.",
    )


def rolling_film(p: float = 0.3, start: float = 0.85) -> "Image":
    """p_g rolling down: with a fresh D to the bottom of the bowl, with a D that stands still into a corner, and back.

    p: p_data of the first of two outcomes. start: p_g of it at first. About 25 KB.
    """
    down = path_down(p, start, fresh=True, rate=1.0, moves=5)
    stale = path_down(p, start, fresh=False, rate=0.7, moves=6)
    back = path_down(p, stale[-1][0], fresh=False, rate=0.7, moves=4)
    scenes: Sequence[tuple[str, list[tuple[float, float]]]] = (
        ("a fresh $D$ before every move", down),
        ("the same $D$ throughout", stale),
        ("$D$ wakes up, and stands still again", back),
    )
    shots = [(t, asked, words) for words, path in scenes for t, asked in path]
    pauses = [time for _, path in scenes for time in [PAUSE_MS // 2] + [FRAME_MS] * (len(path) - 2) + [PAUSE_MS]]
    alt = (
        f"Animation in {len(shots)} frames. With a fresh D before every move the ball rolls to the bottom of the bowl, at "
        f"{down[-1][0]:.2f}. With the same D throughout it rolls along a straight line, past the bottom, to the corner at "
        f"{stale[-1][0]:.2f}. There D is renewed once, and the ball rolls to the other corner, {back[-1][0]:.2f}."
    )
    return film((rolling(t, asked, p, words) for t, asked, words in shots), pauses, colours=COLOURS, alt=alt, dpi=72)
