"""Boxes and arrows, of which the lectures' diagrams are made."""

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_lib.figures.style import ACCENT, DATA, JUDGE, MODEL, panels


def flow(source: str, maker: str, made: str, mint: str, real: str, judge: str, verdict: str) -> Figure:
    """The game as boxes: a source feeds the maker, what it made and what the mint made go to the judge, whose verdict returns."""
    figure, [axes] = panels(width=6.4, height=2.75)
    blank(axes, 12.8, 5.5)
    axes.text(0.9, 4.0, source, ha="center", va="center")
    arrow(axes, (1.8, 4.0), (2.6, 4.0))
    box(axes, 4.1, 4.0, 2.9, 0.95, maker, MODEL)
    box(axes, 4.1, 1.3, 2.9, 0.95, mint, DATA)
    box(axes, 8.6, 2.65, 3.1, 0.95, judge, JUDGE)
    arrow(axes, (5.6, 3.8), (7.3, 3.2), label=made, above=True)
    arrow(axes, (5.6, 1.5), (7.3, 2.1), label=real, above=False)
    arrow(axes, (10.2, 2.65), (11.0, 2.65))
    axes.text(11.9, 2.65, verdict, ha="center", va="center", color=JUDGE)
    for path in (
        ((11.9, 3.25), (11.9, 5.05), (4.1, 5.05), (4.1, 4.5)),
        ((11.9, 2.05), (11.9, 0.75), (8.6, 0.75), (8.6, 2.1)),
    ):
        axes.plot(*zip(*path, strict=True), "--", color=ACCENT, lw=1.3)
        axes.annotate("", path[3], path[2], arrowprops={"arrowstyle": "-|>", "color": ACCENT, "lw": 0})
    axes.text(8.6, 5.12, "learns to pass for real", ha="center", va="bottom", color=ACCENT)
    axes.text(10.25, 0.66, "learns to tell", ha="center", va="top", color=ACCENT)
    return figure


def blank(axes: Axes, width: float, height: float) -> None:
    """Axes of that size without anything on them."""
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")


def box(axes: Axes, x: float, y: float, width: float, height: float, text: str, colour: str) -> None:
    """A rounded box with a text, by its centre."""
    box = {"boxstyle": "round,pad=0.1", "fc": "white", "ec": colour, "lw": 1.8}
    corner = (x - width / 2 + 0.1, y - height / 2 + 0.1)
    axes.add_patch(plt.matplotlib.patches.FancyBboxPatch(corner, width - 0.2, height - 0.2, **box))
    axes.text(x, y, text, ha="center", va="center")


def arrow(axes: Axes, start, end, colour: str = DATA, label: str = "", above: bool = True) -> None:
    """An arrow between two points, with a label above or below it."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.4})
    middle = ((start[0] + end[0]) / 2 + 0.2, (start[1] + end[1]) / 2 + (0.35 if above else -0.35))
    axes.text(*middle, label, ha="left", va="bottom" if above else "top")
