"""Many small pictures as one: a sheet that a page cuts up again."""

import base64
import io

import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

COLUMNS = 16  # pictures a row of the sheet


def packed(pictures: UInt8[Tensor, "n channel height width"], levels: int = 256) -> str:
    """Pictures as one PNG in base64, COLUMNS a row; the places left over in the last row are black.

    pictures: in grey or in colour. levels: of grey to which they are brought, 2, 4, 16 or 256: 16 take half the bytes.
    Raises ValueError for pictures in colour of fewer levels.
    """
    n, channels, height, width = pictures.shape
    if channels == 3 and levels != 256:
        raise ValueError(f"levels is {levels}; pictures in colour keep all 256.")
    rows = -(-n // COLUMNS)
    places = torch.zeros(rows * COLUMNS, channels, height, width, dtype=torch.uint8)
    places[:n] = pictures.cpu()
    sheet = places.view(rows, COLUMNS, channels, height, width).permute(0, 3, 1, 4, 2)
    pixels = sheet.reshape(rows * height, COLUMNS * width, channels).squeeze(2)
    file = io.BytesIO()
    if channels == 3:
        Image.fromarray(pixels.numpy()).save(file, "PNG", optimize=True)
    else:
        step = 255 // (levels - 1)
        image = Image.fromarray(((pixels.int() + step // 2) // step).byte().numpy())
        image.putpalette([level * step for level in range(levels) for _ in range(3)])
        image.save(file, "PNG", optimize=True, bits=(levels - 1).bit_length())
    return base64.b64encode(file.getvalue()).decode()
