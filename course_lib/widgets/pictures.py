"""What the sliders show, drawn by Pillow in a few milliseconds: images enlarged, numbers as bars, a line of text."""

import io
from dataclasses import dataclass
from functools import cache

from jaxtyping import Float, Shaped
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from course_lib.figures.style import ACCENT, DATA, MODEL, MUTED

SHARP = 2  # pixels of the file to one of the page
TEXT = 13  # height of letters, in pixels of the page
TALLEST = 5.0  # of the bars of z; a standard Gaussian passes it less than once in a million draws


@dataclass(frozen=True)
class Drawn:
    """A picture as the bytes of a PNG file, what it shows in words, and its width on the page in pixels."""

    png: bytes
    alt: str
    width: int


class Sheet:
    """A white sheet to draw on, measured in pixels of the page."""

    def __init__(self, width: int, height: int):
        self.width = width
        self.paper = Image.new("RGB", (width * SHARP, height * SHARP), "white")
        self.pen = ImageDraw.Draw(self.paper)

    def image(self, pixels: Shaped[Tensor, "channel height width"], left: float, top: float, side: float) -> None:
        """An image in [0, 1], enlarged without smoothing so that its longer side has `side` pixels."""
        bytes_ = (pixels.detach().cpu().clamp(0, 1) * 255).round().byte().permute(1, 2, 0).squeeze(2).numpy()
        small = Image.fromarray(bytes_)
        scale = side * SHARP / max(small.size)
        large = small.resize((round(small.width * scale), round(small.height * scale)), Image.Resampling.NEAREST)
        self.paper.paste(large, (round(left * SHARP), round(top * SHARP)))

    def text(self, words: str, x: float, y: float, *, colour: str = DATA, anchor: str = "mm") -> None:
        """One line; anchor as Pillow has it, "mm" for the middle, "lm" for the left end."""
        self.pen.text((x * SHARP, y * SHARP), words, colour, _font(), anchor=anchor)

    def frame(self, left: float, top: float, width: float, height: float) -> None:
        """A frame in the colour of what to look at."""
        corners = [left * SHARP, top * SHARP, (left + width) * SHARP, (top + height) * SHARP]
        self.pen.rectangle(corners, outline=ACCENT, width=3 * SHARP)

    def bars(
        self, values: list[float], left: float, top: float, width: float, height: float, marked: int | None = None
    ) -> None:
        """Numbers as bars around a line at 0, from -TALLEST to TALLEST; longer ones end there. marked: in colour."""
        zero, step = top + height / 2, width / len(values)
        for place, value in enumerate(values):
            end = zero - max(-TALLEST, min(TALLEST, value)) / TALLEST * height / 2
            x = left + place * step
            corners = [x * SHARP, min(zero, end) * SHARP, (x + 0.8 * step) * SHARP, max(zero, end) * SHARP]
            self.pen.rectangle(corners, fill=ACCENT if place == marked else MUTED if marked is not None else MODEL)
        self.pen.line([left * SHARP, zero * SHARP, (left + width) * SHARP, zero * SHARP], DATA, SHARP)
        for value in (-4, 0, 4):
            self.text(str(value), left - 8, zero - value / TALLEST * height / 2, anchor="rm")
        if marked is not None:
            x, foot = left + (marked + 0.4) * step, top + height
            self.pen.polygon(
                [(x * SHARP, foot * SHARP), *(((x + d) * SHARP, (foot + 9) * SHARP) for d in (-5, 5))], ACCENT
            )

    def done(self, alt: str) -> Drawn:
        """The sheet as a picture."""
        return Drawn(quick_png(self.paper), alt, self.width)


def place_between(
    start: Shaped[Tensor, "channel height width"],
    here: Shaped[Tensor, "channel height width"],
    end: Shaped[Tensor, "channel height width"],
    z: Float[Tensor, " noise"],
    marked: int,
) -> Drawn:
    """The latent slider's picture: the images at both ends of a walk and at a place on it, and z at that place.

    start, here, end: images in [-1, 1]. z: the noise at the place. marked: the coordinate to point out.
    """
    sheet = Sheet(540, 340)
    for number, (name, image) in enumerate((("start", start), ("here", here), ("end", end))):
        sheet.image((image + 1) / 2, 8 + number * 178, 6, 168)
        sheet.text(name, 92 + number * 178, 188, colour=ACCENT if name == "here" else DATA)
    values = z.detach().cpu().tolist()
    sheet.bars(values, 40, 206, 492, 96, marked)
    sheet.text("the numbers of z at this place", 286, 328)
    return sheet.done(
        "Three generated images: where the walk starts, the chosen place on it, and where it ends. Below, the "
        f"{len(values)} numbers of z at that place as bars; coordinate {marked}, marked, is {values[marked]:.1f}."
    )


def every_label(images: Float[Tensor, "label channel height width"], z: Float[Tensor, " noise"], chosen: int) -> Drawn:
    """The label slider's picture: one z under every label, the chosen label large, and z below it.

    images: in [0, 1], one a label, all from the same z. chosen: the label to show large.
    """
    sheet, columns = Sheet(640, 330), -(-len(images) // 2)
    side = min(80.0, 400 / columns - 4)
    sheet.image(images[chosen], 6, 6, 176)
    sheet.text(f"G(z | y = {chosen})", 94, 196)
    for label, image in enumerate(images):
        row, column = divmod(label, columns)
        left, top = 214 + column * (side + 4), 6 + row * (side + 22)
        sheet.image(image, left, top, side)
        sheet.text(str(label), left + side / 2, top + side + 9, colour=ACCENT if label == chosen else DATA)
        if label == chosen:
            sheet.frame(left - 2, top - 2, side + 3, side + 3)
    values = z.detach().cpu().tolist()
    sheet.bars(values, 40, 214, 592, 86)
    sheet.text("the numbers of z", 336, 318)
    return sheet.done(
        f"Left, the image that the generator makes of z for label {chosen}; right of it, the {len(images)} images it "
        f"makes of the same z for every label, with {chosen} framed. Below, the {len(values)} numbers of z as bars."
    )


def quick_png(picture: Image.Image) -> bytes:
    """A PNG of 64 colours, which takes less time to write than one of all."""
    file = io.BytesIO()
    picture.quantize(64, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, "PNG", compress_level=1)
    return file.getvalue()


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(TEXT * SHARP)
