"""Tags for images: from generated word vectors to a ranked list, and how good that list is.

Mirza and Osindero 2014, section 4.2, draws 100 word vectors for an image, takes the 20 nearest words to each, and
keeps the 10 most common. The paper shows examples and measures nothing; precision and recall are ours.
"""

from collections.abc import Collection, Hashable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import normalize


def most_common_of_nearest(
    generated: Float[Tensor, "image sample dim"],
    word_vectors: Float[Tensor, "word dim"],
    *,
    nearest: int = 20,
    keep: int = 10,
) -> Int[Tensor, "image keep"]:
    """The paper's tags: for each image the `keep` words most often among the `nearest` to its samples, by cosine.

    generated: word vectors drawn for each image, 100 in the paper. word_vectors: row w is the vector of word w.
    Returns rows of word_vectors, the most common first; of words equally common the one of the lower row, which is
    the more frequent word where the vocabulary is sorted by frequency. Ties are the rule where an image's samples are
    much alike: all its `nearest` words then have every vote. The paper does not say how it breaks them.
    Raises ValueError for a vector without direction, or numbers that the vocabulary cannot give.
    """
    if not 1 <= keep <= nearest <= len(word_vectors):
        raise ValueError(
            f"keep is {keep} of the {nearest} nearest of {len(word_vectors)} words. "
            "Choose 1 <= keep <= nearest <= the number of words."
        )
    words = _directions("word_vectors", word_vectors)
    found = []
    for samples in _directions("generated", generated):  # one image at a time: sample x word numbers are enough
        neighbours = (samples @ words.T).topk(nearest, dim=1).indices
        count = neighbours.flatten().bincount(minlength=len(words))
        found.append(count.argsort(descending=True, stable=True)[:keep])
    return torch.stack(found)


def precision_at_k(
    predicted: Sequence[Sequence[Hashable]], held_out: Sequence[Collection[Hashable]], k: int = 10
) -> float:
    """Share of the first k predicted tags that are held-out tags of the image, averaged over images, in [0, 1].

    predicted: for each image its tags, best first; fewer than k count as if wrong ones filled up the list.
    held_out: for each image the tags it has, at least one.
    The best to be had is below 1 where an image has fewer than k tags.
    """
    return sum(hits / k for hits, _ in _hits(predicted, held_out, k)) / len(predicted)


def recall_at_k(
    predicted: Sequence[Sequence[Hashable]], held_out: Sequence[Collection[Hashable]], k: int = 10
) -> float:
    """Share of an image's held-out tags that are among its first k predicted ones, averaged over images, in [0, 1].

    predicted, held_out: as for `precision_at_k`. Below 1 at best where an image has more than k tags.
    """
    return sum(hits / tags for hits, tags in _hits(predicted, held_out, k)) / len(predicted)


def _hits(predicted: Sequence, held_out: Sequence, k: int) -> list[tuple[int, int]]:
    """For each image how many of its first k tags are right, and how many right ones there are."""
    if k < 1 or len(predicted) != len(held_out) or len(predicted) == 0:
        raise ValueError(
            f"There are {len(predicted)} lists of predicted tags and {len(held_out)} of held-out ones, at k = {k}. "
            "Give one of each for every image, and k of at least 1."
        )
    found = []
    for image, (ranked, right) in enumerate(zip(predicted, held_out, strict=True)):
        if len(set(ranked)) < len(ranked):
            raise ValueError(f"The tags predicted for image {image} repeat one: {list(ranked)}.")
        if not right:
            raise ValueError(f"Image {image} has no held-out tags, so nothing can be right. Leave it out.")
        found.append((len(set(ranked[:k]) & set(right)), len(set(right))))
    return found


def _directions(name: str, vectors: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch dim"]:
    """Vectors of length 1, whose products are cosines."""
    length = vectors.norm(dim=-1)
    if not (torch.isfinite(length) & (length > 0)).all():
        raise ValueError(f"{name} holds a vector that is zero or not finite, which has no direction.")
    return normalize(vectors.detach(), dim=-1, eps=0)
