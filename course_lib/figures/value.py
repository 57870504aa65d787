"""The value function in pictures: what D earns, point by point and in total."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor
from torch.special import xlogy

from course_lib import theory
from course_lib.figures.style import ACCENT, DATA, JUDGE, LINE, MODEL, MUTED, describe, panels

DEEPEST = -4.0  # where D is certain and wrong the value is minus infinity, and the picture ends here


def pointwise_value(a: float, b: float) -> Figure:
    """f(y) = a log y + b log(1 - y), what D gains at one x from the answer y, with its peak at a / (a + b).

    a, b: the densities p_data(x) and p_g(x) there, at least 0 and not both 0, else ValueError.
    Goodfellow et al. 2014, proof of Proposition 1.
    """
    if min(a, b) < 0 or a + b == 0:
        raise ValueError(f"a and b are densities, at least 0 and not both 0; got {a} and {b}.")
    y = torch.linspace(0.002, 0.998, 499, dtype=torch.float64)
    f = a * y.log() + b * (1 - y).log()
    best = torch.tensor(a / (a + b), dtype=torch.float64)
    top = (xlogy(a, best) + xlogy(b, 1 - best)).item()
    figure, [axes] = panels(width=4.8, height=2.8)
    axes.plot(y, f, color=JUDGE)
    axes.plot([best], [top], "o", color=ACCENT, zorder=3, clip_on=False)
    axes.axvline(best, color=ACCENT, ls=":", lw=1.2)
    bottom = min(f[25].item(), f[-26].item())  # near 0 and 1 the curve falls without end and would flatten the peak
    axes.set(xlim=(0, 1), ylim=(bottom, top + 0.12 * (top - bottom)), xlabel="$y = D(x)$")
    axes.set_ylabel(f"${a:g}\\,\\log y + {b:g}\\,\\log(1-y)$")
    side, shift = ("right", -6) if best > 0.5 else ("left", 6)
    axes.annotate(f"$y = {best:.2f}$", (best, bottom), (shift, 8), textcoords="offset points", color=ACCENT, ha=side)
    return describe(
        figure,
        f"The function {a:g} log y + {b:g} log(1 - y) of D's answer y between 0 and 1: one smooth hump whose peak is "
        "at "
        f"y = {best:.2f}, falling without end towards an answer that is certain and sometimes wrong.",
    )


def value_of(
    d: Float[Tensor, " point"], p_data: theory.Distribution, p_g: theory.Distribution, x: Float[Tensor, " point"]
) -> Figure:
    """V(D, G) on the line: D over the two densities, and the integrand, whose shaded area is minus the value.

    d: D's answers in (0, 1) at the points of the grid x. p_data, p_g: as in `theory.value`, which also says
    what is refused. Goodfellow et al. 2014, equations 1 and 3.
    """
    v = theory.value(d, p_data, p_g, x).item()
    p, q = (torch.as_tensor(each.pdf(x) if hasattr(each, "pdf") else each) for each in (p_data, p_g))
    figure, (left, right) = panels(1, 2, width=7.2, height=2.8)
    left.plot(x, p, LINE["data"][1], color=DATA, label="$p_{\\mathrm{data}}(x)$")
    left.plot(x, q, LINE["model"][1], color=MODEL, label="$p_g(x)$")
    left.plot(x, d, LINE["judge"][1], color=JUDGE, label="$D(x)$")
    left.set(xlabel="$x$", ylabel="density, and D's answer", ylim=(0, 1.3), yticks=(0, 0.5, 1))
    left.legend(frameon=False, loc="upper center", ncols=3, handlelength=1.4, columnspacing=0.9)
    on_data = xlogy(p, d).clamp(min=DEEPEST)
    both = on_data + xlogy(q, 1 - d).clamp(min=DEEPEST)
    right.fill_between(x, 0, on_data, color=DATA, alpha=0.35, lw=0, label="$p_{\\mathrm{data}}\\log D$")
    right.fill_between(x, on_data, both, color=MODEL, alpha=0.55, lw=0, label="$p_g\\log(1-D)$")
    right.plot(x, both, color=ACCENT, lw=1.2)
    _value_axes(right, both.min().item(), v)
    right.set(xlabel="$x$", ylabel="integrand")
    return describe(
        figure,
        f"Left: the densities of data and of the generator along x, and D's answers, from {d.min():.2f} to "
        f"{d.max():.2f}. "
        "Right: p_data log D and p_g log(1 - D), both at most zero, stacked downwards; the area between them and "
        "zero, "
        f"taken as negative, is the value, {v:.3f}.",
    )


def value_of_outcomes(
    d: Float[Tensor, " outcome"],
    p_data: Float[Tensor, " outcome"],
    p_g: Float[Tensor, " outcome"],
    names: Sequence[str],
) -> Figure:
    """V(D, G) on a few outcomes: probabilities with D's answers, and what each outcome adds to the sum.

    d, p_data, p_g: one number for each outcome, as in `theory.value`. names: the outcomes' names.
    """
    v = theory.value(d, p_data, p_g).item()
    summands = xlogy(p_data, d), xlogy(p_g, 1 - d)
    parts = "; ".join(f"{name} adds {part:.3f}" for name, part in zip(names, sum(summands), strict=True))
    on_data, on_fakes = (summand.clamp(min=DEEPEST).numpy() for summand in summands)
    d, p_data, p_g, place = d.numpy(), p_data.numpy(), p_g.numpy(), torch.arange(len(d)).numpy()
    figure, (left, right) = panels(1, 2, width=7.2, height=2.8)
    left.bar(place - 0.18, p_data, 0.34, color=DATA, alpha=0.45, label="$p_{\\mathrm{data}}$")
    left.bar(place + 0.18, p_g, 0.34, color=MODEL, label="$p_g$")
    left.hlines(d, place - 0.4, place + 0.4, color=JUDGE, ls=LINE["judge"][1], lw=2.2, label="$D$")
    left.set(xlabel="outcome $x$", ylabel="probability, and D's answer", ylim=(0, 1.3), yticks=(0, 0.5, 1))
    left.legend(frameon=False, loc="upper center", ncols=3, handlelength=1.4)
    right.bar(place, on_data, 0.6, color=DATA, alpha=0.45, label="$p_{\\mathrm{data}}\\log D$")
    right.bar(place, on_fakes, 0.6, bottom=on_data, color=MODEL, label="$p_g\\log(1-D)$")
    _value_axes(right, (on_data + on_fakes).min().item(), v)
    right.set(xlabel="outcome $x$", ylabel="summand")
    for axes in (left, right):
        axes.set_xticks(place, names)
    return describe(
        figure,
        f"Left: for each outcome its probability under the data and under the generator, and D's answer. Right: what "
        f"each outcome adds to the value, in two stacked parts: {parts}. The sum is the value, {v:.3f}.",
    )


def value_of_slope(slopes: Float[Tensor, " slope"], values: Float[Tensor, " slope"]) -> Figure:
    """V of the discriminators D(x) = sigmoid(-s x) against s, the best of them marked.

    slopes: the s tried, ascending. values: V of each.
    """
    figure, [axes] = panels(width=4.8, height=2.6)
    axes.plot(slopes, values, color=JUDGE)
    axes.axhline(theory.C_MIN, color=MUTED, lw=1, ls=":")
    axes.text(slopes[-1], theory.C_MIN, "$-\\log 4$", ha="right", va="bottom")
    top = values.argmax()
    axes.plot(slopes[top], values[top], "o", color=ACCENT)
    axes.annotate(
        f"$s = {slopes[top]:.1f}$",
        (slopes[top], values[top]),
        (0, 6),
        textcoords="offset points",
        ha="center",
        color=ACCENT,
    )
    axes.set(xlabel="$s$, how sure $D$ is", ylabel="$V$")
    axes.margins(y=0.15)
    return describe(
        figure,
        f"The value of D(x) = sigmoid(-s x) against s. It begins at {values[0]:.2f} for s = {slopes[0]:g}, peaks at "
        f"{values[top]:.2f} for s = {slopes[top]:.1f}, and falls to {values[-1]:.2f} for s = {slopes[-1]:g}, where D "
        "is too sure.",
    )


def spread_of_estimates(sizes: Sequence[int], estimates: Float[Tensor, "size repeat"], value: float) -> Figure:
    """Estimates of V from samples: each one as a dot, and their standard deviation against the sample's size.

    sizes: n, ascending. estimates: a row of repeated estimates for each n. value: what they estimate.
    """
    figure, (left, right) = panels(1, 2, width=7.2, height=2.7)
    for n, row in zip(sizes, estimates, strict=True):
        left.plot([n] * len(row), row, ".", color=JUDGE, alpha=0.15, ms=4, mew=0)
    left.axhline(value, color=ACCENT, lw=1.4)
    left.set(xscale="log", xlabel="$n$, examples of each kind", ylabel="estimate of $V$")
    n, spread = torch.tensor(sizes, dtype=torch.float64), estimates.std(1)
    right.plot(n, spread[0] * (n[0] / n).sqrt(), "--", color=MUTED, label="slope of $1/\\sqrt{n}$")
    right.plot(n, spread, "o", color=JUDGE, label="measured")
    right.set(xscale="log", yscale="log", xlabel="$n$, examples of each kind", ylabel="standard deviation")
    right.legend(frameon=False)
    return describe(
        figure,
        f"Left: estimates of the value lie around {value:.2f} for every sample size and draw together as n grows. "
        "Right: "
        f"their standard deviation falls from {spread[0]:.2g} at n = {sizes[0]} to {spread[-1]:.2g} at n = "
        f"{sizes[-1]}, along "
        "a line proportional to one over the square root of n.",
    )


def _value_axes(axes: Axes, lowest: float, v: float) -> None:
    axes.axhline(0, color=DATA, lw=0.8)
    lowest = min(lowest, -0.1)
    axes.set_ylim(1.55 * lowest, -0.05 * lowest)
    axes.legend(frameon=False, loc="lower left", handlelength=1.2)
    axes.text(0.98, 0.06, f"$V = {v:.3f}$", transform=axes.transAxes, ha="right", color=ACCENT)
