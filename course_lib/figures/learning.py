"""What a generator makes as it learns: a film of its samples, and digits to be told from real ones by eye."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.figure import Figure
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont
from torch import Tensor
from torchvision.utils import make_grid

from course_lib.figures.film import WHITE, animation
from course_lib.figures.style import ACCENT, DATA, describe, look, panels

if TYPE_CHECKING:
    from IPython.display import Image

LEVELS = 4  # of grey, white and black among them: more would cost bytes that nobody sees
ENLARGED = 6  # pixels of the film to one of the image
STRIP = 44  # pixels below the images, for the step


def samples_film(
    shots: Mapping[int, Float[Tensor, "n 1 height width"]],
    *,
    columns: int = 4,
    frame_ms: int = 800,
    pause_ms: int = 4_000,
) -> "Image":
    """What G makes of the same z at several steps of its training, as an animated PNG that loops.

    shots: step -> grey images in [-1, 1], in order of steps. columns: images in a row. frame_ms: how long a frame
    stands. pause_ms: how long the last one does. Raises ValueError if there are no shots.
    """
    if not shots:
        raise ValueError("There are no shots. Give at least one step and its images.")
    steps = list(shots)
    frames = [_frame(step, images, columns) for step, images in shots.items()]
    return animation(
        frames,
        _greys(),
        [frame_ms] * (len(steps) - 1) + [pause_ms],
        alt=f"Animation in {len(steps)} frames: what a generator makes of the same {len(shots[steps[0]])} draws of noise, "
        f"from step {steps[0]:,} to step {steps[-1]:,} of its training.",
        width=frames[0].shape[1],
    )


def _frame(
    step: int, images: Float[Tensor, "n 1 height width"], columns: int
) -> UInt8[np.ndarray, "film_height film_width"]:
    """The images side by side, enlarged, and the step below, as places in the palette."""
    pixels = (images.detach().cpu().clamp(-1, 1) + 1) / 2
    grid = make_grid(pixels, nrow=columns, padding=1, pad_value=1.0)[0].numpy()
    grid = grid.repeat(ENLARGED, 0).repeat(ENLARGED, 1)
    strip = Picture.new("L", (grid.shape[1], STRIP), 255)
    font = ImageFont.load_default(size=28)
    ImageDraw.Draw(strip).text((grid.shape[1] / 2, STRIP / 2), f"step {step:,}", fill=0, font=font, anchor="mm")
    lightness = np.concatenate([grid, np.asarray(strip) / 255])
    return (WHITE + np.rint((1 - lightness) * (LEVELS - 1))).astype(np.uint8)


def _greys() -> Picture.Image:
    """Nothing, then greys from white to black."""
    palette = Picture.new("P", (1, 1))
    shades = [255, *np.linspace(255, 0, LEVELS).round().astype(int).tolist()]
    palette.putpalette([shade for shade in shades for _ in range(3)])
    return palette


@look()
def real_or_fake(
    images: Float[Tensor, "n 1 height width"],
    kinds: Sequence[str] | None = None,
    answers: Float[Tensor, "n"] | None = None,
    *,
    columns: int = 10,
) -> Figure:
    """Numbered grey images in [-1, 1] to be told apart; or, with both others given, what each is and what D says.

    kinds: of each image "real", or words for what kind of fake it is, which is drawn in another colour. answers: D(x).
    Raises ValueError if one is given without the other, or there are not as many as images.
    """
    if (kinds is None) != (answers is None):
        raise ValueError("Give both kinds and answers, or neither.")
    if kinds is not None and not len(kinds) == len(answers) == len(images):
        raise ValueError(f"{len(images)} images, {len(kinds)} kinds and {len(answers)} answers: give as many of each.")
    rows = -(-len(images) // columns)
    figure, places = panels(rows, columns, width=6.4, height=(0.95 if kinds is None else 1.2) * rows)
    for axes in places:
        axes.axis("off")
    for number, (axes, image) in enumerate(zip(places, images, strict=False)):
        axes.imshow(image[0].detach().cpu().numpy(), cmap="gray", vmin=-1, vmax=1)
        words = str(number + 1) if kinds is None else f"{kinds[number]}\n{answers[number]:.2f}"
        genuine = kinds is None or kinds[number] == "real"
        axes.text(0.5, -0.08, words, transform=axes.transAxes, ha="center", va="top", color=DATA if genuine else ACCENT)
    if kinds is None:
        return describe(figure, f"{len(images)} numbered pictures of digits, some real and some generated.")
    told = "; ".join(f"{i} {kind}, {d:.2f}" for i, (kind, d) in enumerate(zip(kinds, answers.tolist(), strict=True), 1))
    return describe(figure, f"The same {len(images)} pictures with what they are and D's answer: {told}.")
