"""The generator's two losses: their values and slopes, where they lead, and how rounding can spoil them."""

from collections.abc import Mapping, Sequence

import torch
from matplotlib.figure import Figure
from torch.nn.functional import softplus

from course_lib.figures.style import ACCENT, DATA, JUDGE, MUTED, describe, panels

SATURATING, NON_SATURATING = (JUDGE, "--"), (ACCENT, "-")


def generator_losses() -> Figure:
    """Both of G's losses against D(G(z)), and their slopes in D's logit, with the early phase shaded.

    Goodfellow et al. 2014, section 3. With l the logit of D(G(z)), the slopes are -D and -(1 - D).
    """
    d = torch.linspace(0.003, 0.997, 498, dtype=torch.float64)
    figure, (left, right) = panels(1, 2, width=7.2, height=2.9)
    for loss, slope, (colour, style), name in (
        ((1 - d).log(), -d, SATURATING, "$\\log(1-D)$, saturating"),
        (-d.log(), d - 1, NON_SATURATING, "$-\\log D$, non-saturating"),
    ):
        left.plot(d, loss, style, color=colour, label=name)
        right.plot(d, slope, style, color=colour, label=name)
    for axes in (left, right):
        axes.axvspan(0, 0.1, color=MUTED, alpha=0.25, lw=0)
        axes.set(xlim=(0, 1), xlabel="$D(G(z))$")
    left.set(ylabel="G's loss", ylim=(-5, 5))
    right.set(ylabel="slope of the loss in D's logit", ylim=(-1.05, 0.25))
    right.text(0.02, 0.08, "D is sure: the start of training", fontsize=9)
    right.axhline(0, color=DATA, lw=0.8)
    left.legend(frameon=False, loc="lower left", bbox_to_anchor=(0.1, 0.0), handlelength=1.6)
    return describe(
        figure,
        "Left: both losses of G fall as D(G(z)) rises from 0 to 1; log(1 - D) is flat near 0 and steep near 1, -log D "
        "steep "
        "near 0 and flat near 1. Right: their slopes in D's logit. That of log(1 - D) is -D, zero where D is sure of a "
        "fake; that of -log D is D - 1, which is -1 there. They cross at D = 1/2.",
    )


def generator_paths(paths: Mapping[str, Sequence[float]], slopes: Mapping[str, Sequence[float]]) -> Figure:
    """A generator's one parameter over the steps of training under each loss, and the size of its gradient.

    paths: the parameter after each step, from step 0, for each loss, saturating first. slopes: the gradients
    at the same steps.
    """
    figure, (left, right) = panels(1, 2, width=7.2, height=2.7)
    for name, (colour, style) in zip(paths, (SATURATING, NON_SATURATING), strict=True):
        left.plot(paths[name], style, color=colour, label=name)
        right.plot([abs(slope) for slope in slopes[name]], style, color=colour, label=name)
    left.axhline(0, color=MUTED, lw=1, ls=":")
    left.set(xlabel="step", ylabel="$\\theta$, centre of $p_g$", ylim=(-0.3, None))
    right.set(xlabel="step", ylabel="size of the gradient in $\\theta$", yscale="log")
    left.legend(frameon=False)
    ends = "; ".join(f"under {name} from {path[0]:.1f} to {path[-1]:.1f}" for name, path in paths.items())
    return describe(
        figure,
        f"Left: the parameter theta over the steps, {ends}; the data's centre is 0. Right: the size of the gradient "
        "at each "
        "step, on a log scale.",
    )


def sigmoid_then_log() -> Figure:
    """The slope of log(1 - D) in D's logit in float32, by three ways of computing it; the exact one is -D."""
    logit = torch.linspace(8, 24, 321)
    figure, [axes] = panels(width=5.2, height=2.8)
    for way, style, colour, width, name in (
        (lambda l: -softplus(l), "-", MUTED, 4, "$-$softplus$(l)$"),
        (lambda l: (1 - l.sigmoid()).log(), "--", JUDGE, 1.6, "$\\log(1-\\sigma(l))$"),
        (lambda l: (1 - l.sigmoid() + 1e-8).log(), ":", ACCENT, 2, "$\\log(1-\\sigma(l)+10^{-8})$"),
    ):
        l = logit.clone().requires_grad_()
        [slope] = torch.autograd.grad(way(l).sum(), l)
        axes.plot(logit, slope, style, color=colour, lw=width, label=name)
        last = slope.isfinite().nonzero().max()
        if last + 1 < len(slope):
            axes.plot(logit[last], slope[last], "x", color=colour, ms=9, mew=2)
            axes.annotate("NaN from here", (logit[last], slope[last]), (6, 8), textcoords="offset points", color=colour)
    axes.set(xlabel="$l$, D's logit on a fake", ylabel="slope in $l$", ylim=(-1.6, 0.4))
    axes.legend(frameon=False, loc="upper left", ncols=1)
    return describe(
        figure,
        "The slope of log(1 - D) for logits from 8 to 24. By softplus it is -1 throughout. By sigmoid and then log it "
        "is NaN beyond a logit of about 17. With 1e-8 added inside the log it is finite, but becomes 0 there.",
    )
