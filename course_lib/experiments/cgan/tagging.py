"""Pictures, their tags and what a fixed convnet sees in them: what the game of `cgan_tags` is played with."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from course_lib.data.mir_flickr import mir_flickr
from course_lib.data.packed_emoji import SPLITS, embedded_emoji
from course_lib.data.tag_rows import TaggedImages, TagRows, Tags, split_by_rows, tagged_emoji
from course_lib.data.word_vectors import WordVectors
from course_lib.metrics.passes import in_batches
from course_lib.models.alexnet import SIZE
from course_lib.models.classifier import train_classifier

KEEP, NEAREST = 10, 20  # words kept for a picture, of those nearest to each sample


@dataclass(frozen=True)
class Tagging:
    """What the game is played with, and judged by.

    words: of the training concepts' keywords. rows: each keyword of each training picture that is among them.
    features: of the pictures of each split, by its name; every feature has mean 0 and variance 1 in "train".
    tags: of the same pictures, whether among the words or not. source: the pictures' name.
    """

    words: WordVectors
    rows: TagRows
    features: dict[str, Float[Tensor, "image feature"]]
    tags: dict[str, tuple[Tags, ...]]
    source: str = "emoji"


def tagged_pictures(data: str, training_rows: int, skip_damaged: bool = False) -> dict[str, TaggedImages]:
    """The pictures of "train", "validation" and "test", which share no picture and, of emoji, no concept.

    data: "emoji", or "mirflickr:PATH" for the folder with im1.jpg, whose photographs are brought to the size that
    AlexNet wants. training_rows: see `split_by_rows`; the emoji have splits of their own.
    skip_damaged: see `folder_images`.
    """
    kind, _, path = data.partition(":")
    if data == "emoji":
        return {split: tagged_emoji(split) for split in SPLITS}
    if kind == "mirflickr" and path:
        return split_by_rows(mir_flickr(path, SIZE, skip_damaged=skip_damaged), training_rows)
    raise ValueError(f"data is '{data}'. Choose emoji, or mirflickr:PATH for the folder with im1.jpg.")


def seen_by_small_convnet(
    pictures: dict[str, TaggedImages], width: int, epochs: int, seed: int
) -> dict[str, Float[Tensor, "image feature"]]:
    """Features of emoji by a convnet that is fitted here, to the nine groups of the training concepts.

    width: feature maps of its first layer; a picture has 32 times as many features. epochs, seed: of its training.
    """
    convnet = train_classifier(embedded_emoji("train").images(), epochs=epochs, width=width, seed=seed)
    last_convolution = convnet.layers[:-3]  # the layer above knows the nine groups and has forgotten the rest
    return {split: in_batches(convnet, last_convolution, tagged.scaled(), 500) for split, tagged in pictures.items()}
