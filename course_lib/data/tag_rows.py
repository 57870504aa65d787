"""Pictures with tags, as a conditional GAN is trained on them: one row for each tag of each picture.

Mirza and Osindero 2014, section 4.2: images without tags are left out, and one with several is repeated, once for
each. What D calls real is the tag's word vector; what both players are told is the picture's feature vector.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from course_lib.data.batches import Batches
from course_lib.data.packed_emoji import embedded_emoji
from course_lib.verdict import Batch

Tags = tuple[str, ...]


@dataclass(frozen=True)
class TaggedImages:
    """Pictures and their tags.

    x: (n, 3, height, width), 0 to 255. tags: of each picture, at least one, none twice. Pictures of one thing, such
    as the renderings of an emoji, may have the same tags. name: where from.
    Raises ValueError for a picture without tags or with one of them twice, or another number of lists than pictures.
    """

    x: UInt8[Tensor, "n 3 height width"]
    tags: tuple[Tags, ...]
    name: str

    def __post_init__(self):
        if len(self.x) != len(self.tags):
            raise ValueError(f"There are {len(self.x)} pictures but {len(self.tags)} lists of tags.")
        for place, tags in enumerate(self.tags):
            if not tags or len(set(tags)) < len(tags):
                raise ValueError(f"Picture {place} has the tags {tags}; give it at least one, and none twice.")

    def __len__(self) -> int:
        return len(self.x)

    def scaled(self) -> Float[Tensor, "n 3 height width"]:
        """The pictures as float32 in [-1, 1]."""
        return self.x.float() / 127.5 - 1


def tagged_emoji(split: str = "train") -> TaggedImages:
    """The course's emoji, each picture with its concept's keywords; see `embedded_emoji` for the splits.

    The splits are of concepts, so no tag is given away by another rendering of the same thing.
    """
    emoji = embedded_emoji(split)
    of_concept = [tuple(dict.fromkeys(concept.tags)) for concept in emoji.concepts]
    return TaggedImages(emoji.x, tuple(of_concept[concept] for concept in emoji.concept.tolist()), "emoji")


def split_by_rows(tagged: TaggedImages, training_rows: int) -> dict[str, TaggedImages]:
    """Pictures into "train", "validation" and "test", whole: all rows of a picture are in one split.

    training_rows: so many tags, counted from the first picture on, train; 150,000 in the paper. The pictures after
    them are for validation and test in turn. Raises ValueError where a split would be empty.
    """
    up_to = torch.tensor([len(tags) for tags in tagged.tags]).cumsum(0)
    last = int((up_to <= training_rows).sum())
    places = {"train": range(last), "validation": range(last, len(tagged), 2), "test": range(last + 1, len(tagged), 2)}
    if not all(places.values()):
        raise ValueError(
            f"training_rows {training_rows} puts {last} of {len(tagged)} pictures with {int(up_to[-1])} tags into "
            "training; at least one is needed there and two after it."
        )
    return {
        split: TaggedImages(tagged.x[own.start : own.stop : own.step], tuple(tagged.tags[n] for n in own), tagged.name)
        for split, own in places.items()
    }


@dataclass(frozen=True)
class TagRows:
    """Which word goes with which picture: (row,) places among the pictures, and (row,) places among the words."""

    image: Int[Tensor, " row"]
    word: Int[Tensor, " row"]

    def __len__(self) -> int:
        return len(self.image)


def tag_rows(tags: Sequence[Tags], words: Sequence[str]) -> TagRows:
    """One row for each tag of each picture, in the order of the pictures; a tag that is none of `words` has no row.

    tags: of each picture. Raises ValueError where no tag of any picture is a known word.
    """
    place = {word: number for number, word in enumerate(words)}
    rows = [(image, place[tag]) for image, own in enumerate(tags) for tag in own if tag in place]
    if not rows:
        raise ValueError(f"None of the tags of {len(tags)} pictures is among the {len(words)} words.")
    image, word = torch.tensor(rows).unbind(1)
    return TagRows(image.contiguous(), word.contiguous())


class PairBatches:
    """Endless, seeded batches of rows: x is the word's vector, `given` the picture's feature vector.

    rows: pairs, as from `tag_rows`. image_features, word_vectors: a row for each picture and for each word, already
    on the device where they will be used. batch_size, seed: as in `Batches`, which keeps the order and the place.
    Raises ValueError for a pair that points outside of the two, or a batch that cannot be.
    """

    def __init__(
        self,
        rows: TagRows,
        image_features: Float[Tensor, "image feature"],
        word_vectors: Float[Tensor, "word dim"],
        *,
        batch_size: int,
        seed: int = 0,
    ):
        for name, places, among in (("picture", rows.image, image_features), ("word", rows.word, word_vectors)):
            if len(places) and not 0 <= int(places.min()) <= int(places.max()) < len(among):
                raise ValueError(f"Rows point to the {name}s {places.min()} to {places.max()} of {len(among)}.")
        pairs = torch.stack([rows.image, rows.word], 1).to(word_vectors.device)
        self._rows = Batches(pairs, batch_size=batch_size, seed=seed)
        self.batch_size, self.image_features, self.word_vectors = batch_size, image_features, word_vectors

    @property
    def batches_per_pass(self) -> int:
        """Full batches in one pass over the rows."""
        return self._rows.batches_per_pass

    def __iter__(self) -> "PairBatches":
        return self

    def __next__(self) -> Batch:
        return self.take(*self.draw())

    def draw(self) -> tuple[Int[Tensor, " batch"]]:
        """Which rows make the next batch; moves on by one batch."""
        return self._rows.draw()

    def take(self, rows: Int[Tensor, " batch"]) -> Batch:
        """The batch of those rows. Of tensors alone, so that a captured step can repeat it."""
        image, word = self._rows.take(rows).x.unbind(1)
        return Batch(self.word_vectors[word], given=(self.image_features[image],))

    def state_dict(self) -> dict[str, int]:
        """Where we are, for a checkpoint."""
        return self._rows.state_dict()

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from there: the next batch is the one that would have come."""
        self._rows.load_state_dict(state)
