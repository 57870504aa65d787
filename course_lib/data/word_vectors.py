"""Word vectors from lists of tags: words that are used together come to lie in the same direction.

Mirza and Osindero 2014, section 4.2, trains the skip-gram of Mikolov et al. 2013 on millions of tags, titles and
descriptions. Here it is trained in a minute on what there is, by gensim.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.missing import NotInstalled


@dataclass(frozen=True)
class WordVectors:
    """Words and where they lie. words: the most frequent first. vectors: (word, dim), a row for each of them."""

    words: tuple[str, ...]
    vectors: Float[Tensor, "word dim"]

    def __len__(self) -> int:
        return len(self.words)


def skip_gram(
    sentences: Sequence[Sequence[str]], *, dim: int = 200, min_count: int = 5, epochs: int = 30, seed: int = 0
) -> WordVectors:
    """Vectors of the words in `sentences`, by skip-gram with negative sampling.

    sentences: each a set of tags. Tags have no order, so every word of a sentence is context for every other.
    dim: numbers in a vector. min_count: words that come fewer times in all are left out before anything is learned,
    200 in the paper. epochs: passes over the sentences. seed: of everything random; one thread works, so that the
    same seed gives the same vectors.
    The mean of all vectors is subtracted: skip-gram gives all words a large part in common, which makes every cosine
    large and says nothing. Then all are divided by one number, so that a coordinate has variance 1.
    Raises ValueError where fewer than two words are left, and NotInstalled where there is no gensim.
    """
    try:
        from gensim.models import Word2Vec  # two seconds to import, and only needed here
    except ModuleNotFoundError:
        raise NotInstalled("gensim", "Training word vectors of tags") from None

    model = Word2Vec(
        vector_size=dim,
        sg=1,
        window=max(map(len, sentences), default=1),
        shrink_windows=False,
        min_count=min_count,
        sample=0,
        workers=1,
        seed=seed,
        epochs=epochs,
    )
    sentences = [list(sentence) for sentence in sentences]
    model.build_vocab(sentences)
    if len(model.wv) < 2:
        raise ValueError(
            f"{len(model.wv)} words come at least {min_count} times in {len(sentences)} sentences. Lower min_count."
        )
    model.train(sentences, total_examples=model.corpus_count, epochs=epochs)
    vectors = torch.from_numpy(model.wv.vectors.copy())
    vectors = vectors - vectors.mean(0)
    return WordVectors(tuple(model.wv.index_to_key), vectors / vectors.std(correction=0))
