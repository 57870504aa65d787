"""Figures one after the other as one animated picture, small enough for a notebook and sharp on its page."""

import io
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import UInt8
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image as Picture
from PIL import PngImagePlugin

if TYPE_CHECKING:
    from IPython.display import Image

SCALE = 1.5  # pixels of the file to one of the page: more would double the file
STRENGTHS = (1 / 3, 2 / 3, 1)  # of each colour, for the edges of lines and letters
UNCHANGED, WHITE = 0, 1  # places in the palette; the first is transparent


def film(
    figures: Iterable[Figure], milliseconds: Sequence[int], *, colours: Sequence[str], alt: str, dpi: float = 100
) -> "Image":
    """An animated PNG that loops; where animations are not shown, its first frame is.

    figures: of one size, drawn and closed one by one. milliseconds: how long each stands. colours: all that occur, black
    among them; they are kept in three strengths, on white, which makes the file a third of what it were. alt: what happens,
    in words. dpi: CSS pixels an inch.
    Raises ValueError for a film without frames, and where there are not as many durations as frames.
    """
    palette = _palette(colours)
    frames = [_frame(figure, SCALE * dpi, palette) for figure in figures]
    if not frames or len(frames) != len(milliseconds):
        raise ValueError(
            f"{len(frames)} frames and {len(milliseconds)} durations: give one for each, and at least one."
        )
    return animation(frames, palette, milliseconds, alt=alt, width=round(frames[0].shape[1] / SCALE))


def animation(
    frames: Sequence[UInt8[np.ndarray, "height width"]],
    palette: Picture.Image,
    milliseconds: Sequence[int],
    *,
    alt: str,
    width: int,
) -> "Image":
    """Frames of places in the palette, in which `UNCHANGED` does not occur, as an animated PNG that loops.

    milliseconds: how long each frame stands. alt: what happens, in words. width: on the page, in CSS pixels.
    """
    from IPython.display import Image

    changes = [_changes(before, after, palette) for before, after in pairwise(frames)]
    file = io.BytesIO()
    _picture(frames[0], palette).save(
        file,
        "PNG",
        save_all=True,
        append_images=changes,
        duration=list(milliseconds),
        loop=0,
        blend=PngImagePlugin.Blend.OP_OVER,
        transparency=UNCHANGED,
        optimize=True,
    )
    return Image(file.getvalue(), format="png", alt=alt, width=width)


def _frame(figure: Figure, dpi: float, palette: Picture.Image) -> UInt8[np.ndarray, "height width"]:
    """The figure as places in the palette."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    plt.close(figure)
    few = Picture.open(buffer).convert("RGB").quantize(palette=palette, dither=Picture.Dither.NONE)
    frame = np.asarray(few).copy()
    frame[frame == UNCHANGED] = WHITE  # both are white in the palette
    return frame


def _changes(
    before: UInt8[np.ndarray, "height width"], after: UInt8[np.ndarray, "height width"], palette: Picture.Image
) -> Picture.Image:
    """The second frame where it differs from the first, elsewhere nothing: half the bytes, or less."""
    return _picture(np.where(after == before, UNCHANGED, after).astype(np.uint8), palette)


def _picture(frame: UInt8[np.ndarray, "height width"], palette: Picture.Image) -> Picture.Image:
    picture = Picture.fromarray(frame)
    picture.putpalette(palette.getpalette())
    picture.info["transparency"] = UNCHANGED  # for Pillow too, which stores only the part that differs from before
    return picture


def _palette(colours: Sequence[str]) -> Picture.Image:
    values = [255, 255, 255] * 2
    for colour in colours:
        for strength in STRENGTHS:
            values += [round(255 - strength * (255 - 255 * part)) for part in to_rgb(colour)]
    palette = Picture.new("P", (1, 1))
    palette.putpalette(values)
    return palette
