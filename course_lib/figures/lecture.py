"""What the lectures draw beside the lessons' figures: diagrams of the game, and three pictures of likelihood."""

import math

import numpy as np
import torch
from matplotlib.figure import Figure

from course_lib import theory
from course_lib.data.toy import Mixture, gaussian
from course_lib.figures.boxes import arrow, blank, box, flow
from course_lib.figures.showing import publish
from course_lib.figures.style import ACCENT, DATA, JUDGE, LINE, MODEL, MUTED, describe, panels


def show(figure: Figure, *, pixels: int = 1160, colours: int = 64) -> None:
    """Put a figure on a slide: sharp on a projector, small in the notebook, with its alternative text.

    pixels: width of the picture; 1160 is that of the text on a slide, and small figures stay at 200 dots per
    inch. colours: at most 256. Raises ValueError for a figure that `describe` has not seen.
    """
    publish(figure, dpi=min(200, pixels / figure.get_figwidth()), colours=colours)


def taxonomy() -> Figure:
    """Explicit and implicit generative models as a tree, with what each lets one do."""
    figure, [axes] = panels(width=6.4, height=2.75)
    blank(axes, 12.8, 5.5)
    box(axes, 6.4, 4.85, 3.6, 0.95, "generative model\nof $p_{\\mathrm{data}}$", MUTED)
    for x, title, colour, examples, gives in (
        (
            2.1,
            "explicit, tractable",
            JUDGE,
            "Gaussian mixture,\nautoregressive model, flow",
            "evaluate $p_{\\mathrm{model}}(x)$",
        ),
        (6.4, "explicit, approximate", JUDGE, "variational autoencoder,\nBoltzmann machine", "bound or estimate it"),
        (10.7, "implicit", MODEL, "generative adversarial\nnetwork", "only draw $x = G(z)$"),
    ):
        arrow(axes, (6.4, 4.35), (x, 3.62), MUTED)
        box(axes, x, 3.15, 3.7, 0.85, title, colour)
        axes.text(x, 2.5, examples, ha="center", va="top", fontsize=9.5)
        axes.text(x, 0.95, gives, ha="center", va="center", fontsize=10, color=colour, weight="bold")
    axes.axhline(1.45, color=MUTED, lw=0.8)
    return describe(
        figure,
        "A tree. A generative model of p_data is explicit and tractable (Gaussian mixture, autoregressive model, flow: "
        "p_model(x) can be evaluated), explicit and approximate (variational autoencoder, Boltzmann machine: it can be "
        "bounded or estimated), or implicit (generative adversarial network: one can only draw x = G(z)).",
    )


def counterfeiter() -> Figure:
    """The story of the game: a counterfeiter, real money, a detective, and what each learns from the verdict."""
    return describe(
        flow(
            "blank\npaper",
            "counterfeiter",
            "forged notes",
            "the mint",
            "real notes",
            "detective",
            "real or\nforged?",
        ),
        "A counterfeiter turns blank paper into forged notes. A detective is shown forged notes and real ones from the "
        "mint and says of each whether it is real or forged. The verdict goes back to both, and both improve.",
    )


def game() -> Figure:
    """The same game in symbols: noise z through G, data x, and D's answer to both."""
    return describe(
        flow(
            "noise\n$z \\sim p_z$",
            "generator $G$",
            "$G(z)$",
            "data set",
            "$x \\sim p_{\\mathrm{data}}$",
            "discriminator $D$",
            "$D(\\cdot) \\in (0, 1)$",
        ),
        "Noise z drawn from p_z goes through the generator G and becomes G(z). The discriminator D is shown G(z) and "
        "data x from p_data, and answers each with a number between 0 and 1. Gradients flow back to both networks.",
    )


def many_answers() -> Figure:
    """One input with two right answers: the least squares answer lies between them and is wrong."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(300, generator=generator)
    side = torch.randint(2, (300,), generator=generator) * 2 - 1
    y = side * (0.25 + 0.75 * x) + 0.06 * torch.randn(300, generator=generator)
    figure, [axes] = panels(width=6.4, height=2.5)
    axes.scatter(x, y, s=9, color=DATA, alpha=0.45, linewidths=0)
    line = np.polynomial.Polynomial.fit(x.numpy(), y.numpy(), 3)
    grid = np.linspace(0, 1, 100)
    axes.plot(grid, line(grid), color=ACCENT)
    axes.text(1.03, 0.95, "one right answer", va="center")
    axes.text(1.03, -0.95, "another", va="center")
    axes.text(1.03, line(1.0), "least squares", va="center", color=ACCENT)
    axes.set(xlabel="input", ylabel="answer", xlim=(0, 1.3), xticks=(0, 0.5, 1))
    return describe(
        figure,
        "Answers against inputs: the data form an upper and a lower branch that move apart. The least squares fit runs "
        "between them, near zero, where there are no data.",
    )


def maximum_likelihood() -> Figure:
    """Five data points under three Gaussians, and the mean log-likelihood as the Gaussian's mean moves."""
    x = torch.tensor([-1.2, -0.3, 0.1, 0.5, 1.4])
    grid = torch.linspace(-4, 4.5, 400)
    figure, (left, right) = panels(1, 2, width=6.4, height=2.6)
    right.plot(grid, [_score(x, m) for m in grid.tolist()], color=MUTED)
    for mean, style in ((-2.0, ":"), (x.mean().item(), "-"), (2.2, "--")):
        best = style == "-"
        left.plot(grid, gaussian(mean).pdf(grid), style, color=MODEL if best else MUTED)
        right.plot(mean, _score(x, mean), "o" if best else "s", color=MODEL if best else MUTED)
    left.vlines(x, 0, gaussian(x.mean().item()).pdf(x), color=MODEL, lw=0.8)
    left.plot(x, torch.zeros_like(x), "o", color=DATA, clip_on=False, zorder=3)
    left.set(xlabel="$x$", ylabel="$p_{\\mathrm{model}}(x\\,|\\,\\theta)$", ylim=(0, 0.45), xlim=(-4, 4.5))
    right.set(xlabel="$\\theta$, the mean", ylabel="mean of $\\log p_{\\mathrm{model}}$")
    return describe(
        figure,
        "Left: five data points on a line under Gaussians with three different means; the middle one gives the data "
        "the highest density. Right: the mean log-likelihood as the mean moves, highest at the average of the data.",
    )


def covering() -> Figure:
    """The one Gaussian of greatest likelihood for data in two groups: it covers both, and the gap between."""
    data = Mixture((-2.0, 2.0), (0.5, 0.5))
    narrow, wide = gaussian(2.0, 0.5), gaussian(0.0, math.sqrt(4 + 0.25))
    x = torch.linspace(-6, 6, 601, dtype=torch.float64)
    figure, [axes] = panels(width=6.4, height=2.6)
    axes.plot(x, data.pdf(x), ":", color=DATA, label="$p_{\\mathrm{data}}$")
    for density, style, colour, where in ((wide, "-", MODEL, "over both"), (narrow, "--", MUTED, "on one")):
        score = _integral(data.pdf(x) * _log_pdf(x, density), x)
        axes.plot(x, density.pdf(x), style, color=colour, label=f"{where}: mean log-likelihood {score:.1f}")
    axes.set(xlabel="$x$", ylabel="density", ylim=(0, None))
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, 1.04), frameon=False)
    axes.set_ylim(0, 1.15)
    return describe(
        figure,
        "Data in two groups, at minus 2 and plus 2. A narrow Gaussian on the right group has a very low mean "
        "log-likelihood, since it gives the left group almost no density. The wide Gaussian over both groups is the "
        "best one, although it puts much of its mass in the empty middle.",
    )


def best_discriminator(p_data: theory.Density, p_g: theory.Density) -> Figure:
    """Two densities on the line, and beside them the optimal discriminator between them (equation 2)."""
    x = torch.linspace(-5, 5, 501, dtype=torch.float64)
    p, q = p_data.pdf(x), p_g.pdf(x)
    d = theory.optimal_discriminator(p, q)
    crossing = x[(d - 0.5).abs().argmin()]
    figure, (left, right) = panels(1, 2, width=6.4, height=2.2)
    left.plot(x, p, LINE["data"][1], color=DATA, label="$p_{\\mathrm{data}}$")
    left.plot(x, q, LINE["model"][1], color=MODEL, label="$p_g$")
    left.set(xlabel="$x$", ylabel="density", ylim=(0, None))
    left.legend(frameon=False)
    right.axhline(0.5, color=MUTED, lw=0.8)
    right.plot(x, d, LINE["judge"][1], color=JUDGE)
    right.set(xlabel="$x$", ylabel="$D^*_G(x)$", ylim=(-0.04, 1.04), yticks=(0, 0.5, 1))
    for axes in (left, right):
        axes.axvline(crossing, color=ACCENT, lw=1, ls=":")
    return describe(
        figure,
        "Left: the densities p_data and p_g on the line. Right: the optimal discriminator between them, near 1 where "
        "p_data is the larger, near 0 where p_g is the larger, and one half where they cross.",
    )


def _score(x: torch.Tensor, mean: float) -> float:
    return gaussian(mean).pdf(x).log().mean().item()


def _log_pdf(x: torch.Tensor, density: Mixture) -> torch.Tensor:
    """The log-density of one Gaussian, which stays finite where its density has become 0."""
    [mean], [std] = density.means, density.stds
    return -0.5 * ((x - mean) / std) ** 2 - math.log(std * math.sqrt(2 * math.pi))


def _integral(y: torch.Tensor, x: torch.Tensor) -> float:
    return torch.trapezoid(y, x).item()
