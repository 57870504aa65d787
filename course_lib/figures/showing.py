"""A figure put below a cell: sharp, small in the file, and told in words to who cannot see it."""

import base64
import io

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

WIDEST = 960  # CSS pixels; JupyterLab's cells are about as wide


def show(figure: Figure, *, scale: float = 2.0, colours: int = 64) -> None:
    """Put a figure below a lesson's cell, at 100 CSS pixels an inch, with its alternative text.

    scale: pixels of the file to one of the page; 2 is sharp on high-density screens. colours: at most 256, to which the
    picture is reduced: a dozen pictures a notebook should stay under 300 KB, and 16 are enough for lines and bars.
    Raises ValueError for a figure that `describe` has not seen.
    """
    publish(figure, dpi=100 * scale, colours=colours, width=round(min(WIDEST, 100 * figure.get_figwidth())))


def publish(figure: Figure, *, dpi: float, colours: int, width: int | None = None) -> None:
    """Display a figure as a PNG of few colours, and close it.

    width: on the page, in CSS pixels; None for as wide as the file has pixels. Raises ValueError without `alt_text`.
    """
    from IPython.display import display

    if not getattr(figure, "alt_text", ""):
        raise ValueError("This figure has no alt_text. Say in words what it shows: describe(figure, text).")
    full = io.BytesIO()
    figure.savefig(full, format="png", dpi=dpi)
    plt.close(figure)
    about = {"alt": figure.alt_text} | ({"width": width} if width else {})
    png = base64.b64encode(few_colours(full.getvalue(), colours)).decode()
    display({"image/png": png}, metadata={"image/png": about}, raw=True)


def few_colours(png: bytes, colours: int) -> bytes:
    """The same picture with at most so many colours, as the bytes of a PNG file: of a plot a third of the size."""
    small = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(small, "PNG", optimize=True)
    return small.getvalue()
