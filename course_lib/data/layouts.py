"""Large data sets as they are distributed: CelebA, LSUN, ImageNet. They are read where they lie, never downloaded."""

import io
import re
from pathlib import Path

from PIL import Image

from course_lib.data.files import DataError
from course_lib.data.folder import UNKNOWN, Pictures, folder_images, pictures_in, read, refuse_other_splits
from course_lib.data.images import Images

PARTITION = "list_eval_partition.txt"  # CelebA's list: 0 is for training, 1 for validation, 2 for testing


def celeba_images(
    path: str | Path, size: int, *, split: str = "train", limit: int | None = None, skip_damaged: bool = False
) -> Images:
    """CelebA's aligned faces, from a folder with `img_align_celeba` and the list `list_eval_partition.txt`.

    Without the list, all faces are for training. Labels are -1. Other arguments and errors: see `folder_images`.
    """
    refuse_other_splits(split)
    path = Path(path).expanduser()
    # As unpacked by hand, as torchvision keeps it, or the pictures themselves.
    places = [path / "img_align_celeba", path / "celeba" / "img_align_celeba", path]
    faces = next((place for place in places if place.is_dir() and place.name == "img_align_celeba"), None)
    if faces is None:
        raise DataError(f"{path} has no folder `img_align_celeba`. Unpack img_align_celeba.zip of CelebA there.")
    found = pictures_in(faces, classes=())
    listed = faces.parent / PARTITION
    if listed.exists():
        part = dict(line.split() for line in listed.read_text(encoding="utf-8").splitlines() if line.strip())
        wanted = {"train": "0", "test": "2"}[split]
        names = [name for name in found.names if part.get(Path(name).name) == wanted]
        if not names:
            raise DataError(f"{PARTITION} says of no picture in {faces} that it is for {split}. Is it CelebA's own?")
        found = Pictures(names, lambda place: Image.open(names[place]), [UNKNOWN] * len(names), (), "celeba")
    elif split == "test":
        raise DataError(f"{PARTITION} is not in {faces.parent}. It says which faces are for testing: copy it there.")
    return read(found, size, limit, skip_damaged)


def lsun_images(
    path: str | Path, size: int, *, split: str = "train", limit: int | None = None, skip_damaged: bool = False
) -> Images:
    """LSUN's scenes, from a folder with databases such as `bedroom_train_lmdb`; each category is a class.

    path: that folder, or one of the databases. The split "test" is LSUN's `val`. Needs the package lmdb. They are read
    without torchvision's class, which leaves a file in whatever folder one happens to be in.
    Other arguments and errors: see `folder_images`.
    """
    refuse_other_splits(split)
    try:
        import lmdb  # large, and needed for this alone
    except ImportError as error:
        raise DataError("LSUN is kept in LMDB databases. Run `pip install lmdb` and try again.") from error
    path, ending = Path(path).expanduser(), {"train": "_train_lmdb", "test": "_val_lmdb"}[split]
    databases = [path] if path.name.endswith(ending) else sorted(path.glob(f"*{ending}"))
    if not databases:
        raise DataError(f"{path} has no database that ends in {ending}. Unpack the zip files of LSUN there.")
    # Of both splits, so that a category has one label in both.
    classes = sorted({re.sub("_(train|val)_lmdb$", "", d.name) for d in [*databases, *path.glob("*_lmdb")]})
    opened, where, keys, labels = [], [], [], []
    for number, database in enumerate(databases):
        opened.append(lmdb.open(str(database), readonly=True, lock=False, readahead=False, meminit=False))
        with opened[number].begin() as look:
            of_one = list(look.cursor().iternext(keys=True, values=False))
        keys += of_one
        where += [number] * len(of_one)
        labels += [classes.index(database.name.removesuffix(ending))] * len(of_one)

    def picture(place: int) -> Image.Image:
        with opened[where[place]].begin() as look:
            return Image.open(io.BytesIO(look.get(keys[place])))

    names = [f"{key.decode('ascii', 'replace')} in {databases[n].name}" for key, n in zip(keys, where, strict=True)]
    return read(Pictures(names, picture, labels, tuple(classes), "lsun"), size, limit, skip_damaged)


def imagenet_images(
    path: str | Path, size: int, *, split: str = "train", limit: int | None = None, skip_damaged: bool = False
) -> Images:
    """ImageNet's photographs, from a folder with `train` and `val`, in each one folder a class, such as n01440764.

    The split "test" is `val`, whose labels are known. Other arguments and errors: see `folder_images`.
    """
    path = Path(path).expanduser()
    if path.is_dir() and not (path / "train").is_dir():
        raise DataError(
            f"{path} has no folder `train`. Unpack the archives of ImageNet with "
            "torchvision.datasets.ImageNet(PATH, split='train') and split='val'."
        )
    return folder_images(path, size, split=split, limit=limit, skip_damaged=skip_damaged)
