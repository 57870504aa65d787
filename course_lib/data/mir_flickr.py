"""MIR Flickr 25,000: photographs from Flickr with their owners' tags, as its two archives unpack.

Huiskes and Lew 2008; the data of Mirza and Osindero 2014, section 4.2. In one folder im1.jpg to im25000.jpg and
meta/tags/tags1.txt to tags25000.txt, a tag on each line; in another, whose name ends in _annotations_v080 or the
like, a file for each thing that annotators looked for, such as plant_life.txt, with the numbers of the images that
show it, and plant_life_r1.txt with those that show it well. Both have to be asked for; the course downloads neither.
"""

import re
from collections import defaultdict
from pathlib import Path

from PIL import Image

from course_lib.data.files import DataError
from course_lib.data.folder import Pictures, read
from course_lib.data.tag_rows import TaggedImages

IMAGE = re.compile(r"im(\d+)\.jpg")


def mir_flickr(
    path: str | Path,
    size: int,
    *,
    annotations: str | Path | None = None,
    limit: int | None = None,
    skip_damaged: bool = False,
) -> TaggedImages:
    """Photographs and tags in the order of their numbers, so that the paper's first 150,000 rows come first.

    path: the folder with im1.jpg. size: height and width in pixels that the central squares are brought to.
    annotations: the folder of their lists; if not given, the one in `path` or beside it, if there is one.
    limit, skip_damaged: as in `folder_images`; both after images without any tag have been left out.
    An annotation counts as one more tag, "plant life" for plant_life.txt. An image without a tags file has no tags.
    Raises DataError where images or tags are not there, for an annotation that is no number of an image, and for a
    damaged image.
    """
    path = Path(path).expanduser()
    numbers = sorted(int(found[1]) for file in path.glob("im*.jpg") if (found := IMAGE.fullmatch(file.name)))
    if not numbers:
        raise DataError(f"{path} holds no im1.jpg, im2.jpg and so on. Give the folder that mirflickr25k.zip became.")
    if not (path / "meta" / "tags").is_dir():
        raise DataError(f"{path / 'meta' / 'tags'} is missing: the folder with the images' tags.")
    annotated = _annotated(_annotation_folder(path, annotations))
    # As a dict, since somebody may have typed what an annotator also saw.
    tags = {n: tuple(dict.fromkeys(_lines(path / "meta" / "tags" / f"tags{n}.txt") + annotated[n])) for n in numbers}
    tagged = [n for n in numbers if tags[n]]
    if not tagged:
        raise DataError(f"None of the {len(numbers)} images in {path} has a tag.")
    names = [str(path / f"im{n}.jpg") for n in tagged]
    # An image's place serves as its label, so that it finds its tags again whichever are left out.
    found = Pictures(names, lambda place: Image.open(names[place]), range(len(names)), (), "mirflickr")
    images = read(found, size, limit, skip_damaged)
    return TaggedImages(images.x, tuple(tags[tagged[place]] for place in images.y.tolist()), images.name)


def _annotation_folder(path: Path, given: str | Path | None) -> Path | None:
    if given is not None:
        folder = Path(given).expanduser()
        if not folder.is_dir():
            raise DataError(f"There is no folder {folder} with annotations. Check how it is spelt.")
        return folder
    inside_or_beside = [*path.glob("*_annotations_v*"), *path.resolve().parent.glob("*_annotations_v*")]
    return next((folder for folder in sorted(inside_or_beside) if folder.is_dir()), None)


def _annotated(folder: Path | None) -> defaultdict[int, list[str]]:
    """For each image the things that annotators saw in it."""
    seen = defaultdict(list)
    files = [] if folder is None else sorted(folder.glob("*.txt"))
    for file in files:
        if file.stem.lower() == "readme":
            continue
        tag = file.stem.removesuffix("_r1").replace("_", " ")
        for line in _lines(file):
            if not line.isdecimal():
                raise DataError(f"{file} has the line '{line}', which is no number of an image.")
            seen[int(line)].append(tag)
    return seen


def _lines(file: Path) -> list[str]:
    """What stands on the lines of a file, if there is one."""
    # Tags are in all the world's writing; a broken byte makes a rare word, and some editors put a mark before the first.
    text = file.read_text(encoding="utf-8-sig", errors="replace") if file.exists() else ""
    return [line.strip() for line in text.splitlines() if line.strip()]
