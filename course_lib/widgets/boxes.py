"""Boxes drawn on images in JupyterLab, by mouse or keyboard, and handed back to Python."""

import base64
import io
from collections.abc import Sequence
from dataclasses import astuple
from importlib.resources import files

import anywidget
import traitlets
from jaxtyping import Float
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn.functional import pad
from torchvision.utils import make_grid

from course_lib.explore.forgetting import Box

COLOUR = (213, 94, 0)  # figures.style.ACCENT


class Boxes(anywidget.AnyWidget):
    """Images to draw boxes on; `boxes()` is what was drawn, ready for `explore.forgetting.inside`.

    images: in [-1, 1], (n, 1 or 3, size, size). drawn: boxes that are there from the start. columns: images in a row.
    By mouse a box is dragged, and stays within the image where it began. By keyboard the arrows move a pixel, with Shift an
    image; Space begins and ends a box; Escape gives it up; Delete removes the last one of the image.
    Raises ValueError for images of another shape, and for a box that does not lie in one of them.
    """

    _esm = files("course_lib.widgets").joinpath("boxes.js").read_text(encoding="utf-8") + (
        "\nexport default { render({ model, el }) {"
        " const shown = mountBoxes(el, model.get('spec'), model.get('drawn'), (boxes) => {"
        " model.set('drawn', boxes); model.save_changes(); });"
        " const heard = () => shown.set(model.get('drawn')); model.on('change:drawn', heard);"
        " return () => model.off('change:drawn', heard); } };"
    )
    spec = traitlets.Dict().tag(sync=True)
    drawn = traitlets.List(traitlets.List(traitlets.Int(), minlen=5, maxlen=5)).tag(sync=True)

    def __init__(
        self,
        images: Float[Tensor, "n channel size size"],
        drawn: Sequence[Box] = (),
        *,
        columns: int = 10,
        scale: int = 3,
    ):
        if len(images) == 0 or images.shape[1] not in (1, 3):
            raise ValueError(
                f"images has shape {tuple(images.shape)}; Boxes shows (n, 1 or 3, size, size), n at least 1."
            )
        size = images.shape[3]
        self._grid = _sheet(images, columns)
        file = io.BytesIO()
        self._grid.save(file, "PNG", optimize=True)
        spec = {
            "sheet": "data:image/png;base64," + base64.b64encode(file.getvalue()).decode(),
            "size": size,
            "columns": min(columns, len(images)),
            "count": len(images),
            "scale": scale,
        }
        super().__init__(spec=spec, drawn=[list(astuple(box)) for box in drawn])

    def boxes(self) -> list[Box]:
        """The boxes drawn so far. Raises ValueError where there is none."""
        if not self.drawn:
            raise ValueError(
                "No box was drawn yet. Drag one on an image, or choose a pixel with the arrows and press Space."
            )
        return [Box(*numbers) for numbers in self.drawn]

    @traitlets.validate("drawn")
    def _lies_within(self, proposal) -> list[list[int]]:
        count, size = self.spec["count"], self.spec["size"]
        for image, top, left, bottom, right in proposal["value"]:
            if not (0 <= image < count and 0 <= top < bottom <= size and 0 <= left < right <= size):
                box = Box(image, top, left, bottom, right)
                raise ValueError(f"{box} does not lie in one of {count} images of {size}x{size} pixels.")
        return proposal["value"]

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        about = {
            "alt": f"{self.spec['count']} images with {len(self.drawn)} boxes drawn on them.",
            "width": 2 * self._grid.width,
        }
        return {**data, "image/png": base64.b64encode(self._still()).decode()}, {**metadata, "image/png": about}

    def _still(self) -> bytes:
        """The images with their boxes as PNG, for a page on which nothing runs."""
        scale, cell = 4, self.spec["size"] + 2
        picture = self._grid.convert("RGB").resize((scale * self._grid.width, scale * self._grid.height), 0)
        pen = ImageDraw.Draw(picture)
        for image, top, left, bottom, right in self.drawn:
            x, y = (part * cell + 1 for part in (image % self.spec["columns"], image // self.spec["columns"]))
            edges = (x + left, y + top, x + right, y + bottom)
            pen.rectangle([scale * edge for edge in edges], outline=COLOUR, width=3)
        file = io.BytesIO()
        picture.quantize(32).save(file, "PNG", optimize=True)
        return file.getvalue()


def _sheet(images: Tensor, columns: int) -> Image.Image:
    """All images side by side, each with a white pixel around it."""
    pixels = ((images.detach().cpu().clamp(-1, 1) + 1) * 127.5).round()
    cells = pad(pixels, (1, 1, 1, 1), value=255.0)
    if len(cells) > 1:  # of one image make_grid makes no grid
        cells = make_grid(cells, nrow=min(columns, len(cells)), padding=0, pad_value=255.0)
    else:
        cells = cells[0].expand(3, -1, -1)
    return Image.fromarray(cells.byte().permute(1, 2, 0).numpy()).convert("RGB" if images.shape[1] == 3 else "L")
