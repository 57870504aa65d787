"""Data by the name it has on the command line: `mnist`, `emoji`, `folder:PATH`."""

from dataclasses import replace

import torch
from torchvision.transforms.v2 import functional

from course_lib.data.files import SOURCES
from course_lib.data.folder import chosen, folder_images
from course_lib.data.images import Images, load
from course_lib.data.layouts import celeba_images, imagenet_images, lsun_images
from course_lib.data.packed_emoji import embedded_emoji

LAYOUTS = {
    "folder": folder_images,
    "celeba": celeba_images,
    "lsun": lsun_images,
    "imagenet": imagenet_images,
}


def open_data(
    name: str,
    size: int | None = None,
    *,
    split: str = "train",
    limit: int | None = None,
    skip_damaged: bool = False,
) -> Images:
    """Images by name: a set that `load` knows, "emoji", or "folder:PATH", "celeba:PATH", "lsun:PATH", "imagenet:PATH".

    size: height and width in pixels; the set's own if not given, which folders of pictures do not have.
    split: "train" or "test". limit: at most so many, chosen by a fixed shuffle. skip_damaged: see `folder_images`.
    Raises ValueError for an unknown name or a missing size, and DataError for data that is not there or damaged.
    """
    layout, colon, path = name.partition(":")
    if colon and layout in LAYOUTS and path:
        if size is None:
            raise ValueError(f"To what size should the pictures of {name} be brought? Give a size, such as 64.")
        return LAYOUTS[layout](path, size, split=split, limit=limit, skip_damaged=skip_damaged)
    if name not in (*SOURCES, "emoji"):
        folders = ", ".join(f"{layout}:PATH" for layout in LAYOUTS)
        raise ValueError(f"Unknown data '{name}'. The course has: {', '.join(SOURCES)}, emoji; and reads {folders}.")
    images = embedded_emoji(split).images() if name == "emoji" else load(name, split)
    if limit is not None:
        images = images.take(chosen(len(images), limit))
    return images if size is None else resized(images, size)


def resized(images: Images, size: int) -> Images:
    """The images at another height and width, in pixels, with antialiasing; raises ValueError for less than 1."""
    if size < 1:
        raise ValueError(f"size is {size} pixels; it must be at least 1.")
    if images.x.shape[2:] == (size, size):
        return images
    # In parts, since in between a picture takes four times its bytes.
    parts = [functional.resize(part, [size, size], antialias=True) for part in images.x.split(1_000)]
    return replace(images, x=torch.cat(parts))
