"""Which files make up a data set, whether they are here, whole, and how to get them.

torchvision knows the addresses, the checksums and the formats. What it does not do, and this does: refuse
a damaged file by name, keep nothing that arrived damaged, and leave the data folder as it was found.
"""

import difflib
import gzip
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from torchvision import datasets
from torchvision.datasets.utils import calculate_md5

DIGITS = tuple("0123456789")
GARMENTS = tuple(datasets.FashionMNIST.classes)
OBJECTS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


class DataError(RuntimeError):
    """A data set is missing or damaged; the message says which file and what to do."""


@dataclass(frozen=True)
class Source:
    """A torchvision data set: its class, its title, its classes' names, and its files with their MD5 sums.

    files: path inside the data folder and checksum of every file. packed: they are .gz of what is read.
    """

    kind: type
    title: str
    classes: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    packed: bool = False

    def open(self, folder: Path, split: str):
        """torchvision's data set object for a split."""
        if self.kind is datasets.SVHN:
            return self.kind(folder, split=split)
        return self.kind(folder, train=split == "train")

    def fetch(self, folder: Path) -> None:
        """Download everything into a folder, with a progress bar."""
        for split in ("train", "test"):
            if self.kind is datasets.SVHN:
                self.kind(folder, split=split, download=True)
            else:
                self.kind(folder, train=split == "train", download=True)


def _mnist_like(kind, title, classes) -> Source:
    return Source(kind, title, classes, tuple((f"{kind.__name__}/raw/{n}", md5) for n, md5 in kind.resources), True)


SOURCES = {
    "mnist": _mnist_like(datasets.MNIST, "MNIST", DIGITS),
    "fashion": _mnist_like(datasets.FashionMNIST, "Fashion-MNIST", GARMENTS),
    "cifar10": Source(
        datasets.CIFAR10,
        "CIFAR-10",
        OBJECTS,
        tuple(
            (f"{datasets.CIFAR10.base_folder}/{name}", md5)
            for name, md5 in [
                *datasets.CIFAR10.train_list,
                *datasets.CIFAR10.test_list,
                [datasets.CIFAR10.meta["filename"], datasets.CIFAR10.meta["md5"]],
            ]
        ),
    ),
    "svhn": Source(
        datasets.SVHN,
        "SVHN",
        DIGITS,
        tuple((datasets.SVHN.split_list[split][1], datasets.SVHN.split_list[split][2]) for split in ("train", "test")),
    ),
}


def source(name: str) -> Source:
    """The data set of that name. Raises ValueError, listing the names, for any other."""
    if name not in SOURCES:
        near = difflib.get_close_matches(str(name), SOURCES, n=1, cutoff=0.5)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise ValueError(f"Unknown data set '{name}'.{hint} The course has: {', '.join(SOURCES)}.")
    return SOURCES[name]


def is_here(found: Source, folder: Path) -> bool:
    """Whether any file of the data set lies in the folder, packed or unpacked, whole or not."""
    return any((folder / path).exists() or (folder / path.removesuffix(".gz")).exists() for path, _ in found.files)


def check_files(found: Source, folder: Path, name: str) -> None:
    """Refuse a data set with a missing or damaged file. Raises DataError with the file and the remedy."""
    for path, md5 in found.files:
        file, remedy = folder / path, f"Delete it and run `gan-course data {name}`."
        if file.exists():
            if calculate_md5(file) != md5:
                raise DataError(f"{file} is damaged: its checksum (MD5) is not {md5}. {remedy}")
        elif found.packed and (folder / path.removesuffix(".gz")).exists():
            unpacked_file = folder / path.removesuffix(".gz")
            if unpacked_file.stat().st_size != _idx_size(unpacked_file):
                raise DataError(f"{unpacked_file} is damaged: it is not as long as its header says. {remedy}")
        else:
            raise DataError(
                f"{file} is missing, though other files of {found.title} are here. Run `gan-course data {name}`."
            )


def _idx_size(file: Path) -> int:
    """The length that an MNIST file's header promises: two zeros, type, rank, then that many 4-byte sizes."""
    with file.open("rb") as opened:
        head = opened.read(4)
        if len(head) < 4 or head[:3] != b"\x00\x00\x08":
            return -1
        sizes = [int.from_bytes(opened.read(4), "big") for _ in range(head[3])]
    count = 1
    for size in sizes:
        count *= size
    return 4 + 4 * len(sizes) + count


@contextmanager
def unpacked(found: Source, folder: Path) -> Iterator[Path]:
    """A folder that torchvision can read: this one, or for packed files a temporary one.

    The data folder may be read-only, shared by a class; nothing is written to it.
    """
    packed = [path for path, _ in found.files if found.packed and (folder / path).exists()]
    if not packed:
        yield folder
        return
    with tempfile.TemporaryDirectory() as temporary:
        for path, _ in found.files:
            target = Path(temporary) / path.removesuffix(".gz")
            target.parent.mkdir(parents=True, exist_ok=True)
            if path in packed:
                with gzip.open(folder / path) as zipped, target.open("wb") as out:
                    shutil.copyfileobj(zipped, out)
            else:
                shutil.copyfile(folder / path.removesuffix(".gz"), target)
        yield Path(temporary)


def download(name: str, folder: Path) -> None:
    """Download a data set into a folder, checked against torchvision's checksums.

    It arrives in a temporary folder and is moved over only when every file is whole, so that nothing
    half finished or damaged is ever kept. Raises DataError if it could not be had.
    """
    found = source(name)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as temporary:
        arrived = Path(temporary)
        try:
            found.fetch(arrived)
            check_files(found, arrived, name)
        except (RuntimeError, URLError, OSError) as error:
            raise DataError(
                f"{found.title} could not be downloaded, and nothing was kept. Check the network and run "
                f"`gan-course data {name}` again, or copy the files from somebody who has them into {folder}. "
                f"What went wrong: {str(error).strip()}"
            ) from error
        for path, _ in found.files:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            (arrived / path).replace(target)
            # What an older unpacking left would hide the new file from other users of the folder.
            if found.packed:
                target.with_suffix("").unlink(missing_ok=True)
