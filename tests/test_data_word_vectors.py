"""Word vectors: used together is near, whatever the order; rare words are out; the same seed gives the same."""

import random
import sys

import pytest
import torch
from gensim.models import Word2Vec
from scipy.stats import spearmanr
from torch.nn.functional import cosine_similarity

from course_lib.data.tag_rows import tagged_emoji
from course_lib.data.word_vectors import WordVectors, skip_gram
from course_lib.missing import NotInstalled

TOPICS = (("dog", "cat", "horse", "cow", "sheep"), ("red", "blue", "green", "white", "black"))


@pytest.fixture(scope="module")
def sentences():
    """Each of three words of one topic, in any order."""
    draw = random.Random(0)
    return [draw.sample(draw.choice(TOPICS), 3) for _ in range(400)]


@pytest.fixture(scope="module")
def found(sentences):
    return skip_gram(sentences, dim=16, min_count=2, epochs=10)


def vector(found, word):
    return found.vectors[found.words.index(word)]


def test_words_used_together_are_near_and_others_are_not(found):
    for topic, other in (TOPICS, TOPICS[::-1]):
        near = [cosine_similarity(vector(found, topic[0]), vector(found, word), dim=0) for word in topic[1:]]
        far = [cosine_similarity(vector(found, topic[0]), vector(found, word), dim=0) for word in other]
        assert min(near) > max(far) + 0.5


def test_tags_far_apart_in_a_list_are_together_all_the_same():
    """Trap: word2vec's usual window of 5 words, for tags that stand in no order."""
    draw = random.Random(0)
    fillers = [f"filler {n}" for n in range(40)]
    lists = [
        [
            *draw.sample([f"front {n % 4} {k}" for k in range(3)], 2),
            *draw.sample(fillers, 8),
            *draw.sample([f"back {n % 4} {k}" for k in range(3)], 2),
        ]
        for n in range(600)
    ]
    narrow = Word2Vec(lists, vector_size=16, sg=1, window=5, min_count=2, sample=0, workers=1, epochs=8, seed=0).wv
    narrow = WordVectors(tuple(narrow.index_to_key), torch.from_numpy(narrow.vectors - narrow.vectors.mean(0)))

    def right(found):
        """How many of the four fronts have their own back, and not another's, as the nearest."""
        cosines = [
            [cosine_similarity(vector(found, f"front {n} 0"), vector(found, f"back {m} 0"), dim=0) for m in range(4)]
            for n in range(4)
        ]
        return sum(max(range(4), key=row.__getitem__) == n and row[n] > 0.5 for n, row in enumerate(cosines))

    assert right(skip_gram(lists, dim=16, min_count=2, epochs=8)) == 4
    assert right(narrow) < 3


def test_the_most_frequent_words_come_first_and_rare_ones_are_left_out():
    lists = [["often", "sometimes", "twice"]] * 2 + [["often", "sometimes"]] * 3 + [["often", "once"]]
    assert skip_gram(lists, dim=4, min_count=1, epochs=1).words == ("often", "sometimes", "twice", "once")
    assert skip_gram(lists, dim=4, min_count=2, epochs=1).words == ("often", "sometimes", "twice")


def test_a_rare_word_teaches_the_others_nothing():
    lists = [["a", "b"], ["b", "c"], ["a", "c"]] * 5
    with_rare = [[*lists[0], "rare"], *lists[1:]]
    plain, left_out = (skip_gram(each, dim=4, min_count=2, epochs=2) for each in (lists, with_rare))
    assert plain.words == left_out.words and torch.equal(plain.vectors, left_out.vectors)


def test_no_direction_is_common_to_all_and_a_coordinate_has_variance_one(found):
    torch.testing.assert_close(found.vectors.mean(0), torch.zeros(16), atol=1e-5, rtol=0)
    assert found.vectors.std(correction=0).item() == pytest.approx(1, abs=1e-5)
    assert found.vectors.shape == (10, 16) and len(found) == 10


def test_the_seed_gives_the_vectors(sentences, found):
    random.seed(99)
    torch.manual_seed(99)
    again = skip_gram(sentences, dim=16, min_count=2, epochs=10)
    assert again.words == found.words and torch.equal(again.vectors, found.vectors)
    other = skip_gram(sentences, dim=16, min_count=2, epochs=10, seed=1)
    assert not torch.allclose(other.vectors, found.vectors)


def test_on_the_emoji_it_agrees_with_how_often_words_are_used_together():
    """Levy and Goldberg 2014: skip-gram factorises pointwise mutual information, here computed by counting."""
    tags = tagged_emoji("train").tags
    found = skip_gram(tags, dim=32, min_count=60, epochs=3)
    place = {word: number for number, word in enumerate(found.words)}
    has = torch.zeros(len(tags), len(found))
    for image, own in enumerate(tags):
        has[image, [place[tag] for tag in own if tag in place]] = 1
    together = has.T @ has
    alone = together.diagonal()
    i, j = torch.tensor([(i, j) for i in range(len(found)) for j in range(i) if together[i, j] >= 1]).unbind(1)
    information = (together[i, j] * len(tags) / (alone[i] * alone[j])).log()
    cosine = cosine_similarity(found.vectors[i], found.vectors[j])
    assert spearmanr(information.numpy(), cosine.numpy()).statistic > 0.6


def test_too_few_words_are_refused(sentences):
    with pytest.raises(ValueError, match="0 words come at least 1000 times in 400 sentences. Lower min_count"):
        skip_gram(sentences, min_count=1_000)


def test_without_gensim_a_sentence_says_what_to_do(monkeypatch, sentences):
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(NotInstalled, match="needs the package gensim.*pip install"):
        skip_gram(sentences, dim=4)
