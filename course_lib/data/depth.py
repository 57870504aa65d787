"""Grey pictures of more than 8 bits, or of floating-point numbers, as pictures of 8 bits.

Pillow's own `convert` cuts everything above 255 off, so that nearly all of a 16-bit picture becomes white.
"""

import numpy as np
from PIL import ExifTags, Image

BITS, WHITE_IS_ZERO = 258, 262  # tags of a TIFF file: BitsPerSample; PhotometricInterpretation, where 0 means that


def eight_bits(picture: Image.Image) -> Image.Image:
    """A picture of Pillow's mode I;16, I or F as grey of 8 bits, its whole range scaled to 0 to 255; others as they are.

    Whole numbers run from 0 to 65535, or to 4095 in a TIFF file of 12 bits; floating-point numbers from 0 to 1. A
    range is never guessed from one picture, since then the darkest picture of a folder would be as bright as the others.
    Raises ValueError for a picture with values outside.
    """
    if picture.mode[0] not in "IF":
        return picture
    values, tags = np.asarray(picture), getattr(picture, "tag_v2", {})
    white = 1 if picture.mode == "F" else 4095 if tags.get(BITS) == (12,) else 65535
    low, high = values.min(), values.max()
    if not 0 <= low <= high <= white:  # nor is it where a value is not a number
        raise ValueError(f"its values run from {low:.4g} to {high:.4g}, and should from 0 to {white}")
    grey = (values * (255 / white) + 0.5).astype(np.uint8)
    if tags.get(WHITE_IS_ZERO) == 0:
        grey = 255 - grey
    if "transparency" in picture.info:
        grey[values == picture.info["transparency"]] = 255
    converted = Image.fromarray(grey)
    converted.getexif()[ExifTags.Base.Orientation] = picture.getexif().get(ExifTags.Base.Orientation, 1)
    return converted
