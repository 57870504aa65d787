"""How pictures get their ten tags: from a GAN's samples; and what these are set beside, a linear regression, and a copy."""

import torch
from jaxtyping import Float, Int
from sklearn.linear_model import Ridge
from torch import Tensor, nn

from course_lib.data.tag_rows import Tags
from course_lib.data.word_vectors import WordVectors
from course_lib.experiments.cgan.tagging import KEEP, NEAREST, Tagging
from course_lib.metrics import most_common_of_nearest, nearest, precision_at_k
from course_lib.metrics.passes import evaluating

RIDGES = (10.0, 100.0, 1_000.0, 10_000.0)  # of the linear baseline, which is chosen as the weights are


def generated_tags(
    generator: nn.Module,
    features: Float[Tensor, "image feature"],
    words: WordVectors,
    samples: int,
    *,
    dropout: bool = False,
) -> list[Tags]:
    """Ten tags for each picture, the paper's way: of the 20 words nearest to each sample the most common.

    dropout: whether the generator's dropout stays on, as noise; the paper does not say.
    """
    where = next(generator.parameters()).device
    vectors, found = words.vectors.to(where), []
    with evaluating(generator):
        for layer in generator.modules():
            layer.train(dropout and isinstance(layer, nn.Dropout))
        for part in features.split(50):
            told = part.to(where).repeat_interleave(samples, 0)
            drawn = generator(generator.noise(len(told)), told).unflatten(0, (len(part), samples))
            found.append(most_common_of_nearest(drawn, vectors, nearest=NEAREST, keep=KEEP).cpu())
    return as_words(torch.cat(found), words)


def linear_tags(tagging: Tagging) -> list[Tags]:
    """Ten tags for each test picture, those nearest to where ridge regression of the rows' words sends it, in no order."""
    rows, vectors = tagging.rows, tagging.words.vectors

    def tags(ridge: Ridge, split: str) -> list[Tags]:
        predicted = torch.from_numpy(ridge.predict(tagging.features[split].numpy())).float()
        return as_words(most_common_of_nearest(predicted[:, None], vectors, nearest=KEEP, keep=KEEP), tagging.words)

    fits = [
        Ridge(alpha).fit(tagging.features["train"][rows.image].numpy(), vectors[rows.word].numpy()) for alpha in RIDGES
    ]
    best = max(fits, key=lambda ridge: precision_at_k(tags(ridge, "validation"), tagging.tags["validation"], KEEP))
    return tags(best, "test")


def copied_tags(tagging: Tagging) -> list[Tags]:
    """For each test picture all tags of the training picture that lies nearest to it by its features."""
    closest = nearest(tagging.features["test"], tagging.features["train"]).index
    return [tagging.tags["train"][place] for place in closest.tolist()]


def as_words(rows: Int[Tensor, "image keep"], words: WordVectors) -> list[Tags]:
    """Places among the words as the words themselves, a tuple for each row."""
    return [tuple(words.words[place] for place in row) for row in rows.tolist()]
