"""The look that all figures share: colours that survive a grey copy, labelled axes, and text for who cannot see.

Every figure function returns a matplotlib Figure on which `describe` has left `alt_text`.
"""

import io
from collections.abc import Sequence
from contextlib import contextmanager

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# From Okabe and Ito's palette: told apart by colour-blind readers, and by lightness in grey.
DATA = "#000000"  # p_data: black, dotted
MODEL = "#009E73"  # p_g: green, solid
JUDGE = "#0072B2"  # D: blue, dashed
ACCENT = "#D55E00"  # what to look at
MUTED = "#999999"
LINE = {"data": (DATA, ":"), "model": (MODEL, "-"), "judge": (JUDGE, "--")}

LOOK = {
    "figure.dpi": 100,
    "savefig.dpi": 100,
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "figure.constrained_layout.use": True,
}


@contextmanager
def look():
    """The course's style for what is drawn inside, or, as `@look()`, by a function."""
    with plt.rc_context(LOOK):
        yield


def panels(
    rows: int = 1, columns: int = 1, *, width: float = 6.4, height: float = 3.2
) -> tuple[Figure, Sequence[Axes]]:
    """A figure of rows x columns axes in the course's style, sizes in inches; axes as a flat list."""
    with look():
        figure, axes = plt.subplots(rows, columns, figsize=(width, height), squeeze=False)
    return figure, list(axes.flat)


def describe(figure: Figure, alt_text: str) -> Figure:
    """Attach what a reader who cannot see the figure should be told, and hand the figure back."""
    figure.alt_text = alt_text
    return figure


def png(figure: Figure) -> bytes:
    """The figure as the bytes of a PNG file, and closed, so that the notebook does not show it again."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=figure.dpi, metadata={"Software": None})
    plt.close(figure)
    return buffer.getvalue()
