"""Pictures of lesson 01: noise pushed through a map, and samples that lie on a curve instead of filling the plane."""

from collections.abc import Callable, Mapping

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.data.toy import gaussian
from course_lib.figures.style import ACCENT, DATA, LINE, MODEL, MUTED, describe, look, panels


@look()
def pushed_noise(
    push: Callable[[Tensor], Tensor],
    *,
    strips: int = 10,
    x_range: tuple[float, float] = (-4, 4),
    mark: float | None = None,
) -> Figure:
    """A standard Gaussian z below, the map x = push(z) as a curve, and at its left how the samples x are spread.

    push: (n,) to (n,), elementwise. strips: the line of z is cut into this many pieces of equal probability, whose
    borders are followed up to the curve and across to x. mark: an x whose line is drawn across the curve.
    The spread of x is counted from evenly spaced quantiles of z, with no formula for its density.
    """
    z = torch.linspace(-3, 3, 601, dtype=torch.float64)
    even = torch.special.ndtri((torch.arange(80_000, dtype=torch.float64) + 0.5) / 80_000)
    borders = torch.special.ndtri(torch.arange(1, strips, dtype=torch.float64) / strips)
    low, high = x_range

    figure, [left, main, empty, below] = panels(2, 2, width=6.4, height=4.4)
    grid = left.get_gridspec()
    grid.set_width_ratios([1, 2.6])
    grid.set_height_ratios([2.6, 1])
    empty.axis("off")

    counts = torch.histc(push(even), bins=160, min=low, max=high) / len(even) / ((high - low) / 160)
    centre = torch.linspace(low, high, 161, dtype=torch.float64).unfold(0, 2, 1).mean(1)
    left.fill_betweenx(centre, counts, color=MODEL, alpha=0.2, lw=0)
    left.plot(counts, centre, LINE["model"][1], color=MODEL)
    left.set(xlabel="density of $x$", ylabel="$x$", ylim=x_range, xlim=(1.15 * counts.max().item(), 0))
    main.plot(z, push(z), color=DATA)
    for border, height in zip(borders.tolist(), push(borders).tolist(), strict=True):
        main.plot([border, border, -3], [low, height, height], color=MUTED, lw=0.8)
        left.axhline(height, color=MUTED, lw=0.8)
        below.axvline(border, color=MUTED, lw=0.8)
    if mark is not None:
        main.axhline(mark, color=ACCENT, lw=1.4, ls="--")
        left.axhline(mark, color=ACCENT, lw=1.4, ls="--")
    main.set(ylabel="$x = G(z)$", ylim=x_range, xlim=(-3, 3))
    main.tick_params(labelbottom=False)
    density = gaussian().pdf(z)
    below.fill_between(z, density, color=MUTED, alpha=0.25, lw=0)
    below.plot(z, density, color=MUTED)
    below.set(xlabel="$z$", ylabel="density of $z$", ylim=(0, 0.45), xlim=(-3, 3))
    return describe(
        figure,
        f"Below, the bell of the noise z, cut into {strips} strips of equal probability. Above it, the curve x = G(z) "
        "takes each strip to a stretch of x. At the left, the density of x, high where the curve is flat and strips "
        "are squeezed, low where it is steep and they are pulled apart.",
    )


@look()
def clouds(samples: Mapping[str, Float[Tensor, "n 2"]], *, dots: int = 3_000) -> Figure:
    """Samples in the plane, one panel for each sampler, on the same axes. dots: at most so many are drawn in each."""
    figure, axes = panels(1, len(samples), width=3.2 * len(samples), height=3.0)
    both = torch.cat(list(samples.values()))
    low, high = (both.quantile(q, dim=0).tolist() for q in (0.001, 0.999))
    for (label, x), panel in zip(samples.items(), axes, strict=True):
        panel.plot(*x[:dots].T.numpy(), ".", color=MODEL, markersize=2, alpha=0.5)
        panel.set(xlabel=f"$x_1$\n{label}", xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    axes[0].set_ylabel("$x_2$")
    for panel in axes[1:]:
        panel.tick_params(labelleft=False)
    return describe(figure, f"Samples in the plane, one panel each, on the same axes: {'; '.join(samples)}.")
