"""How pictures get their ten tags: from a GAN's samples; and what these are set beside, a linear regression, and a copy."""

import torch
from jaxtyping import Float, Int
from sklearn.linear_model import Ridge
from torch import Tensor, nn
from torch.nn.functional import normalize

from course_lib.data.tag_rows import Tags
from course_lib.data.word_vectors import WordVectors
from course_lib.experiments.cgan.tagging import KEEP, NEAREST, Tagging
from course_lib.metrics import most_common_of_nearest, nearest, precision_at_k
from course_lib.metrics.passes import evaluating

RIDGES = (10.0, 100.0, 1_000.0, 10_000.0)  # of the linear baseline, which is chosen as the weights are
WEIGHTS = (0.0, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0)  # of a word's frequency beside the cosine, likewise
HELD_OUT = ("validation", "test")


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


def generated_answers(generator: nn.Module, tagging: Tagging, samples: int) -> dict[str, Float[Tensor, "image dim"]]:
    """For each validation and each test picture the mean of its samples, one point among the words."""
    where, found = next(generator.parameters()).device, {}
    with evaluating(generator):
        for split in HELD_OUT:
            means = []
            for part in tagging.features[split].split(50):
                told = part.to(where).repeat_interleave(samples, 0)
                means.append(generator(generator.noise(len(told)), told).unflatten(0, (len(part), samples)).mean(1))
            found[split] = torch.cat(means).cpu()
    return found


def linear_answers(tagging: Tagging) -> dict[str, Float[Tensor, "image dim"]]:
    """For each validation and each test picture where ridge regression of the rows' words sends it."""
    rows, vectors = tagging.rows, tagging.words.vectors
    fits = [
        Ridge(alpha).fit(tagging.features["train"][rows.image].numpy(), vectors[rows.word].numpy()) for alpha in RIDGES
    ]
    answers = [
        {split: torch.from_numpy(fit.predict(tagging.features[split].numpy())).float() for split in HELD_OUT}
        for fit in fits
    ]
    return max(answers, key=lambda own: _precision(nearest_tags(own["validation"], tagging), tagging))


def linear_tags(tagging: Tagging) -> list[Tags]:
    """Ten tags for each test picture, those nearest to where ridge regression of the rows' words sends it, in no order."""
    return nearest_tags(linear_answers(tagging)["test"], tagging)


def nearest_tags(answers: Float[Tensor, "image dim"], tagging: Tagging, weight: float = 0.0) -> list[Tags]:
    """For each answer the ten words of highest cosine + weight * log(how many training rows have the word)."""
    frequency = tagging.rows.word.bincount(minlength=len(tagging.words)).clamp(min=1).log()
    cosine = normalize(answers) @ normalize(tagging.words.vectors).T
    return as_words((cosine + weight * frequency).topk(KEEP, dim=1).indices, tagging.words)


def tags_with_prior(answers: dict[str, Float[Tensor, "image dim"]], tagging: Tagging) -> tuple[list[Tags], float]:
    """The test pictures' tags by `nearest_tags`, and the weight, the best of WEIGHTS on the validation pictures.

    answers: a point among the words for each picture of "validation" and of "test". As in Bayes' rule, evidence from the
    picture is weighed against how common a word is; the weight says how much a cosine is worth as evidence.
    """
    weight = max(WEIGHTS, key=lambda one: _precision(nearest_tags(answers["validation"], tagging, one), tagging))
    return nearest_tags(answers["test"], tagging, weight), weight


def _precision(predicted: list[Tags], tagging: Tagging) -> float:
    return precision_at_k(predicted, tagging.tags["validation"], KEEP)


def copied_tags(tagging: Tagging) -> list[Tags]:
    """For each test picture all tags of the training picture that lies nearest to it by its features."""
    closest = nearest(tagging.features["test"], tagging.features["train"]).index
    return [tagging.tags["train"][place] for place in closest.tolist()]


def as_words(rows: Int[Tensor, "image keep"], words: WordVectors) -> list[Tags]:
    """Places among the words as the words themselves, a tuple for each row."""
    return [tuple(words.words[place] for place in row) for row in rows.tolist()]
