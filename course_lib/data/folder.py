"""Any folder of pictures as one tensor: found, checked, cropped to a square, resized.

What can be opened is whatever Pillow opens. Pictures that cannot be read stop the reading, all of them by name, since
a training that silently goes without some of its data is hard to repeat.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from jaxtyping import Int, UInt8
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor
from torchvision.datasets.folder import IMG_EXTENSIONS
from torchvision.transforms.v2 import functional
from tqdm.auto import tqdm

from course_lib.data.depth import eight_bits
from course_lib.data.files import DataError
from course_lib.data.images import Images
from course_lib.leader import leads

UNKNOWN = -1  # the label of a picture that lies in no class's folder
AT_ONCE = 1_000  # pictures in work at a time; from so many on, a progress bar
NAMED = 100  # damaged files that are named; of more, the others are counted


@dataclass(frozen=True)
class Pictures:
    """Pictures that have been found and not yet opened.

    names: of each, for errors. open: the picture at a place. labels: of each, -1 for unknown. classes: their names.
    name: of the whole.
    """

    names: Sequence[str]
    open: Callable[[int], Image.Image]
    labels: Sequence[int]
    classes: tuple[str, ...]
    name: str


def folder_images(
    path: str | Path, size: int, *, split: str = "train", limit: int | None = None, skip_damaged: bool = False
) -> Images:
    """All pictures in a folder, each cropped to its central square and resized, in RGB.

    path: with the pictures in it, whose labels are then -1; or with one folder for each class, at any depth below.
        If it has a folder `train`, that is read, and for the split "test" its neighbour `test` or `val`, whose
        classes have the same labels.
    size: height and width in pixels. limit: at most so many, chosen by a fixed shuffle of all.
    skip_damaged: leave out files that are no readable pictures, and print their names, rather than stop.
    Grey pictures of 16 bits, or of floating-point numbers from 0 to 1, are brought to 8 bits.
    Raises DataError where there is no such folder or no picture in it, and for damaged files, all by name.
    """
    path = Path(path).expanduser()
    folder = of_split(path, split)
    return read(pictures_in(folder, class_names(folder, path / "train")), size, limit, skip_damaged)


def of_split(path: Path, split: str) -> Path:
    """The folder that holds a split: `train`, `test` or `val` inside, or for "train" the folder itself."""
    refuse_other_splits(split)
    if not path.is_dir():
        raise DataError(f"There is no folder {path}. Check how it is spelt; nothing is downloaded.")
    inside = ["train"] if split == "train" else ["test", "val"]
    for name in inside:
        if (path / name).is_dir():
            return path / name
    if split == "test":
        raise DataError(f"{path} has no folder `test` or `val`. Put the pictures that are for testing into one.")
    return path


def refuse_other_splits(split: str) -> None:
    """Raise ValueError for a split that is neither "train" nor "test"."""
    if split not in ("train", "test"):
        raise ValueError(f"split is '{split}'. Choose 'train' or 'test'.")


def class_names(folder: Path, train: Path) -> list[str]:
    """The names of the folders in `train`, if there is such a folder, or else in `folder`: one for each class."""
    of = train if train.is_dir() else folder
    return sorted(inside.name for inside in of.iterdir() if inside.is_dir() and not inside.name.startswith("."))


def pictures_in(folder: Path, classes: Sequence[str]) -> Pictures:
    """The pictures in a folder and below, in the order of their names.

    classes: names of the folders directly inside that are classes; if any picture lies beside them, none is.
    Raises DataError where there are no pictures, and for a folder inside that is none of the classes.
    """
    below = (file.relative_to(folder) for file in folder.rglob("*") if file.suffix.lower() in IMG_EXTENSIONS)
    # Names with a dot in front are what notebooks, systems and editors hide.
    files = sorted(file for file in below if not any(part.startswith(".") for part in file.parts))
    if not files:
        raise DataError(f"No pictures in {folder}, nor below it. Looked for {', '.join(IMG_EXTENSIONS)}.")
    labels = [UNKNOWN] * len(files)
    if classes and all(len(file.parts) > 1 for file in files):
        number = {name: label for label, name in enumerate(classes)}
        for name in {file.parts[0] for file in files} - set(classes):
            raise DataError(f"{folder / name} is a class that the training data do not have.")
        labels = [number[file.parts[0]] for file in files]
    else:
        classes = ()
    names = [str(folder / file) for file in files]
    return Pictures(names, lambda place: Image.open(names[place]), labels, tuple(classes), folder.name)


def read(pictures: Pictures, size: int, limit: int | None = None, skip_damaged: bool = False) -> Images:
    """Open, crop, resize all pictures, or `limit` of them; see `folder_images`."""
    if size < 1:
        raise ValueError(f"size is {size} pixels; it must be at least 1.")
    places = chosen(len(pictures.names), limit).tolist()
    x = torch.empty(len(places), 3, size, size, dtype=torch.uint8)

    def problem_with(row: int) -> str | None:
        try:
            with pictures.open(places[row]) as picture:
                x[row] = square(picture, size)
        except UnidentifiedImageError:  # whose own words name the file again, or an object in memory
            return "it is in no format that Pillow knows"
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            return str(error)

    damaged: dict[int, str] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool, tqdm(total=len(x), disable=len(x) < AT_ONCE) as bar:
        for start in range(0, len(x), AT_ONCE):
            rows = range(start, min(start + AT_ONCE, len(x)))
            for row, problem in zip(rows, pool.map(problem_with, rows), strict=True):
                bar.update()
                if problem is not None:
                    damaged[row] = f"  {pictures.names[places[row]]}: {problem}"
    kept = [row for row in range(len(x)) if row not in damaged]
    if damaged:
        named = [*damaged.values()][:NAMED] + [f"  and {len(damaged) - NAMED:,} others"] * (len(damaged) > NAMED)
        report = f"{len(damaged):,} of {len(x):,} files in {pictures.name} are no readable pictures:\n" + "\n".join(
            named
        )
        if not skip_damaged or not kept:
            skip = "" if not kept else ", or leave them out with --skip-damaged (in Python, skip_damaged=True)"
            raise DataError(f"{report}\nDelete or convert them{skip}.")
        _say(f"{report}\nThey are left out.")
    y = torch.tensor([pictures.labels[places[row]] for row in kept])
    return Images(x[kept] if damaged else x, y, pictures.classes, pictures.name)


@cache
def _say(report: str) -> None:
    """Once, as an experiment opens its data more than once, and of several processes by the first alone."""
    if leads():
        print(report)


def square(picture: Image.Image, size: int) -> UInt8[Tensor, "3 size size"]:
    """The central square of a picture, resized, in RGB: upright as the camera says, what is transparent white."""
    picture = ImageOps.exif_transpose(eight_bits(picture))
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    cropped = functional.center_crop(picture.convert("RGB"), [min(picture.size)] * 2)
    return functional.pil_to_tensor(functional.resize(cropped, [size, size]))


def chosen(n: int, limit: int | None) -> Int[Tensor, " chosen"]:
    """Places of at most `limit` of n examples, in their order, chosen by a fixed shuffle."""
    if limit is None or limit >= n:
        return torch.arange(n)
    if limit < 1:
        raise ValueError(f"limit is {limit}; take at least 1 example.")
    return torch.randperm(n, generator=torch.Generator().manual_seed(0))[:limit].sort().values
