"""Grey pictures of more than 8 bits, or of floating-point numbers, as pictures of 8 bits.

Pillow's own conversion cuts off everything above 255, so that nearly all of a 16-bit picture becomes white.
"""

import numpy as np
from PIL import ExifTags, Image

BITS, WHITE_IS_ZERO = 258, 262  # tags of a TIFF file: BitsPerSample; PhotometricInterpretation, where 0 means that


def eight_bits(picture: Image.Image) -> Image.Image:
    """A picture of Pillow's mode I;16, I or F in grey of 8 bits: 0 stays black, the most becomes white; others stay.

    Whole numbers run from 0 to 65535, or to 4095 in a TIFF file of 12 bits; floating-point numbers from 0 to 1. A
    range is never guessed from one picture, since then the darkest of a folder would be as bright as the others.
    Raises ValueError, naming the numbers, for any that are outside, since nothing says then what is white.
    """
    if picture.mode[0] not in "IF":
        return picture
    grey, tags = np.asarray(picture), getattr(picture, "tag_v2", {})
    most = 1 if picture.mode == "F" else 4_095 if tags.get(BITS) == (12,) else 65_535
    if not (grey.min() >= 0 and grey.max() <= most):  # so, since this is true where a number is none
        raise ValueError(f"its pixels are {grey.min():g} to {grey.max():g}, and such a picture has 0 to {most:g}")
    levels = np.rint(grey.astype(np.float64) * (255 / most)).astype(np.uint8)
    scaled = Image.fromarray(255 - levels if tags.get(WHITE_IS_ZERO) == 0 else levels)
    clear = picture.info.get("transparency")
    if clear is not None:
        scaled.putalpha(Image.fromarray(np.where(grey == clear, 0, 255).astype(np.uint8)))
    # How the camera was held, which only the file itself knows.
    scaled.getexif()[ExifTags.Base.Orientation] = picture.getexif().get(ExifTags.Base.Orientation, 1)
    return scaled
