"""Pictures of training: Figure 1 as panels and as an animation, points on the ring, losses over the steps."""

from collections.abc import Mapping, Sequence

import torch
from IPython.display import Image
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.experiments.lessons import figure_one as on_the_line
from course_lib.experiments.lessons.ring import TARGET
from course_lib.experiments.lessons.ring import Snapshot as RingSnapshot
from course_lib.figures.film import film
from course_lib.figures.style import ACCENT, DATA, JUDGE, LINE, MODEL, MUTED, describe, panels

X, P_DATA = on_the_line.X, on_the_line.P_DATA
Z_LINE, X_LINE = -0.8, -0.3  # heights below the curves at which z and x are drawn
CURVES = ((JUDGE, "--"), (ACCENT, "-"), (MODEL, "-."), (DATA, ":"))


def figure_one(snapshots: Sequence[on_the_line.Snapshot]) -> Figure:
    """Figure 1 of Goodfellow et al. 2014: a panel for each snapshot, usually the four of `four(train())`.

    D is drawn thin where neither density reaches 0.02: hardly anything falls there, and D is free.
    """
    figure, axes = panels(1, len(snapshots), width=2.1 * len(snapshots), height=2.7)
    for place, shot in zip(axes, snapshots, strict=True):
        _pair(place, shot)
        place.text(0.02, 0.99, f"({shot.panel})", transform=place.transAxes, va="top")
    for place in axes[1:]:
        place.set(yticks=[], ylabel="")
        place.spines["left"].set_visible(False)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
    return describe(figure, " ".join(f"({shot.panel}) {_words(shot)}" for shot in snapshots))


def figure_one_film(snapshots: Sequence[on_the_line.Snapshot], *, frame_ms: int = 300, pause_ms: int = 2_500) -> Image:
    """The frames of `train()` as an animated PNG that loops, for a notebook's output; about 60 KB.

    frame_ms: how long a frame stands. pause_ms: how long each of the four panels stands.
    Where animations are not shown, the first frame is.
    """

    def drawn(shot: on_the_line.Snapshot) -> Figure:
        figure, [axes] = panels(width=4.0, height=2.6)
        _pair(axes, shot)
        axes.text(0.02, 0.99, f"({shot.panel}) {shot.moves}", transform=axes.transAxes, va="top")
        axes.legend(loc="upper right", handlelength=1.8, frameon=False)
        return figure

    words = " ".join(f"({shot.panel}) {_words(shot)}" for shot in snapshots if shot.is_panel)
    return film(
        map(drawn, snapshots),
        [pause_ms if shot.is_panel else frame_ms for shot in snapshots],
        colours=(DATA, MODEL, JUDGE, MUTED),
        alt=f"Animation in {len(snapshots)} frames. {words}",
        dpi=72,
    )


def ring_snapshots(snapshots: Sequence[RingSnapshot]) -> Figure:
    """Generated points in a row of panels, one for each snapshot, over the eight centres; modes covered below."""
    figure, axes = panels(1, len(snapshots), width=1.35 * len(snapshots), height=1.85)
    for place, shot in zip(axes, snapshots, strict=True):
        place.plot(*TARGET.centres.T, "o", ms=10, mfc="none", mec=DATA, mew=0.9)
        place.plot(*shot.samples[:250].T, ".", ms=2, color=MODEL)
        place.set(xlim=(-3, 3), ylim=(-3, 3), xticks=[], yticks=[], aspect="equal")
        place.set_xlabel(f"step {shot.step:,}\n{shot.modes.covered} of {len(TARGET.centres)} modes")
    counts = ", ".join(f"{shot.modes.covered} after {shot.step:,} steps" for shot in snapshots)
    return describe(
        figure, f"Generated points over a ring of eight circles that mark the modes. Modes covered: {counts}."
    )


def modes_over_steps(trainings: Mapping[str, Sequence[RingSnapshot]]) -> Figure:
    """Modes covered, and the share of points near any mode, at each snapshot of each named training."""
    figure, (left, right) = panels(1, 2, width=7.2, height=2.6)
    for (name, shots), (colour, style) in zip(trainings.items(), CURVES, strict=False):
        steps = [shot.step for shot in shots]
        left.plot(steps, [shot.modes.covered for shot in shots], style, color=colour, marker="o", ms=4, label=name)
        right.plot(steps, [shot.modes.good for shot in shots], style, color=colour, marker="o", ms=4)
    left.set(xlabel="step", ylabel="modes covered", ylim=(-0.4, 8.6), yticks=[0, 2, 4, 6, 8])
    right.set(xlabel="step", ylabel="share of points near a mode", ylim=(-0.05, 1.05))
    left.legend(loc="center right", frameon=False)
    ends = "; ".join(
        f"{name} ends at {s[-1].modes.covered} with {s[-1].modes.good:.0%} near one" for name, s in trainings.items()
    )
    return describe(figure, f"Modes covered, and share of points near a mode, over the steps: {ends}.")


def losses(
    values: Mapping[str, Float[Tensor, " step"]], guides: Mapping[str, float] | None = None, smooth: int = 1
) -> Figure:
    """The loss of each term at every step; its name in the game is its legend.

    guides: heights to mark by a thin line, each with what stands beside it, such as {"log 4": math.log(4)}.
    smooth: each point is the mean over that many steps.
    """
    values = {name: loss.unfold(0, smooth, 1).mean(1) for name, loss in values.items()}
    figure, [axes] = panels(width=6.4, height=2.7)
    _losses(axes, values, guides or {}, first=smooth)
    if smooth > 1:
        axes.set_ylabel(f"loss, mean of {smooth} steps")
    return describe(figure, _fate(values))


def losses_and_distance(
    values: Mapping[str, Float[Tensor, " step"]],
    distance: Mapping[int, float],
    guides: Mapping[str, float] | None = None,
) -> Figure:
    """The losses over the steps, beside how far p_g is from p_data at some of the steps (JSD in nats, log scale)."""
    figure, (left, right) = panels(1, 2, width=7.6, height=2.9)
    _losses(left, values, guides or {})
    right.plot(list(distance), list(distance.values()), color=MODEL, marker="o", ms=3)
    right.set(xlabel="step", ylabel="JSD of $p_\\mathrm{data}$ and $p_g$", yscale="log")
    first, *_, last = distance.values()
    return describe(
        figure, f"Left: {_fate(values)} Right: the Jensen-Shannon divergence goes from {first:.3f} to {last:.3f}."
    )


def centres_over_moves(centres: Mapping[str, Sequence[float]], target: float) -> Figure:
    """The mean of p_g after each move of G, for each named way of playing, and the data's mean, dotted."""
    figure, [axes] = panels(width=6.4, height=2.7)
    axes.axhline(target, color=DATA, ls=":", lw=1.4)
    for (name, path), (colour, style) in zip(centres.items(), CURVES, strict=False):
        axes.plot(path, style, color=colour, label=name)
    axes.set(xlabel="moves of G", ylabel="mean of $p_g$")
    axes.text(1.0, target, " data", transform=axes.get_yaxis_transform(), va="center")
    axes.legend(ncols=2, frameon=False)
    ends = "; ".join(
        f"{name} runs between {min(p):.2f} and {max(p):.2f} and ends at {p[-1]:.2f}" for name, p in centres.items()
    )
    return describe(figure, f"The mean of p_g over the moves of G, with the data's mean at {target}: {ends}.")


def _pair(axes: Axes, shot: on_the_line.Snapshot) -> None:
    """The densities, D, and the lines from z up to x = G(z)."""
    p_data = P_DATA.pdf(X)
    for y, kind, name in ((p_data, "data", "$p_\\mathrm{data}$"), (shot.p_g, "model", "$p_g$")):
        colour, style = LINE[kind]
        axes.plot(X, y, style, color=colour, label=name)
    colour, style = LINE["judge"]
    axes.plot(X, shot.d, style, color=colour, lw=0.7)
    matters = torch.maximum(p_data, shot.p_g) >= 0.02
    axes.plot(X[matters], shot.d[matters], style, color=colour, label="$D$")
    low, high = X[0].item(), X[-1].item()
    for z, x in zip(0.9 * high * shot.z, shot.x.clamp(low, high), strict=True):
        axes.plot([z, x], [Z_LINE, X_LINE], color=MUTED, lw=0.7)
    axes.plot([low, high], [Z_LINE, Z_LINE], color=DATA, lw=0.8)
    for height, name in ((Z_LINE, "$z$"), (X_LINE, "$x$")):
        axes.text(high, height, f" {name}", va="center")
    axes.spines["bottom"].set_position(("data", X_LINE))
    axes.tick_params(axis="x", direction="in", pad=-14, length=3)
    axes.set(xlim=(low, high), ylim=(-0.85, 1.3), xticks=[-2, 0, 2], yticks=[0, 0.5, 1])
    axes.set_ylabel("density, $D(x)$", y=0.66)


def _words(shot: on_the_line.Snapshot) -> str:
    """One frame for a reader who cannot see it."""
    centre = shot.x.mean().item()
    there, data = (shot.d[(X - place).abs().argmin()].item() for place in (centre, P_DATA.means[0]))
    return (
        f"{shot.moves}: p_g is centred at {centre:.1f} and p_data at {P_DATA.means[0]:.1f}; D is {data:.2f} at the centre "
        f"of the data and {there:.2f} at that of p_g."
    )


def _losses(axes: Axes, values: Mapping[str, Tensor], guides: Mapping[str, float], first: int = 1) -> None:
    for (name, loss), (colour, style) in zip(values.items(), CURVES, strict=False):
        axes.plot(torch.arange(len(loss)) + first, loss, style, color=colour, lw=1.2, label=name)
    for name, height in guides.items():
        axes.axhline(height, color=MUTED, lw=1, zorder=0)
        axes.text(1.0, height, f" {name}", transform=axes.get_yaxis_transform(), va="center")
    axes.set(xlabel="step", ylabel="loss")
    axes.set_ylim(min(0.0, *(loss.min().item() for loss in values.values())), None)
    axes.legend(frameon=False)


def _fate(values: Mapping[str, Tensor]) -> str:
    return " ".join(f"'{name}' goes from {loss[0]:.2f} to {loss[-20:].mean():.2f}." for name, loss in values.items())
