"""Pictures of images: grids, with the generator's range turned into grey or colour."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor
from torchvision.utils import make_grid

from course_lib.figures.style import describe, panels


def image_grid(
    images: Float[Tensor, "n channel height width"],
    *,
    columns: int = 10,
    row_labels: Sequence[str] | None = None,
    width: float = 5.0,
    what: str = "generated images",
) -> Figure:
    """Images in [-1, 1] as a grid, row by row.

    columns: images in a row. row_labels: one text per row, at its left. width: of the figure in inches.
    what: what the images are, for the alternative text.
    """
    if images.ndim != 4 or images.shape[1] not in (1, 3):
        raise ValueError(f"images has shape {tuple(images.shape)}; image_grid wants (n, 1 or 3, height, width).")
    rows = -(-len(images) // columns)
    if row_labels is not None and len(row_labels) != rows:
        raise ValueError(f"There are {rows} rows but {len(row_labels)} row labels.")
    pixels = (images.detach().cpu().clamp(-1, 1) + 1) / 2
    grid = make_grid(pixels, nrow=columns, padding=2, pad_value=1.0).permute(1, 2, 0)
    figure, [axes] = panels(width=width, height=width * grid.shape[0] / grid.shape[1])
    axes.imshow(grid.numpy(), interpolation="nearest")
    axes.set_xticks([])
    if row_labels is None:
        axes.set_yticks([])
    else:
        height = images.shape[2] + 2
        axes.set_yticks(torch.arange(rows).mul(height).add(height // 2).tolist(), row_labels)
        axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return describe(figure, f"{len(images)} {what} in {rows} rows of up to {columns}.")
