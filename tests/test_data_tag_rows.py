"""Rows of pictures and tags: one for each tag of each picture, and batches of them that keep each pair together."""

from itertools import islice

import pytest
import torch

from course_lib import Game, play
from course_lib.data import Shard, embedded_emoji
from course_lib.data.shard import EndlessBatches
from course_lib.data.tag_rows import PairBatches, TaggedImages, TagRows, split_by_rows, tag_rows, tagged_emoji
from course_lib.losses import non_saturating, tell_apart
from course_lib.models.cgan import TagDiscriminator, TagGenerator

TAGS = (("red", "round"), ("blue",), ("round", "unheard of", "red", "big"), ("nothing known",))
WORDS = ("round", "red", "big", "blue")


def batches(batch_size=2, seed=0):
    """Features and vectors that say their own place, so that a pair can be read off."""
    images = torch.arange(4.0)[:, None].repeat(1, 3)
    words = torch.arange(4.0)[:, None].repeat(1, 5) * 10
    return PairBatches(tag_rows(TAGS, WORDS), images, words, batch_size=batch_size, seed=seed)


def pairs(found):
    return [(int(v), int(x) // 10) for batch in found for x, v in zip(batch.x[:, 0], batch.given[0][:, 0], strict=True)]


def test_a_picture_has_a_row_for_each_of_its_known_tags():
    rows = tag_rows(TAGS, WORDS)
    named = [(image, WORDS[word]) for image, word in zip(rows.image.tolist(), rows.word.tolist(), strict=True)]
    assert named == [(0, "red"), (0, "round"), (1, "blue"), (2, "round"), (2, "red"), (2, "big")]
    assert len(rows) == 6


def test_no_known_tag_at_all_is_refused():
    with pytest.raises(ValueError, match="None of the tags of 4 pictures is among the 1 words"):
        tag_rows(TAGS, ("green",))


def test_real_data_are_the_word_and_both_players_are_told_its_own_picture():
    rows = tag_rows(TAGS, WORDS)
    one_pass = pairs(islice(batches(), 3))
    assert sorted(one_pass) == sorted(zip(rows.image.tolist(), rows.word.tolist(), strict=True))
    batch = next(batches())
    assert batch.x.shape == (2, 5) and batch.y is None and batch.given[0].shape == (2, 3)


def test_the_next_pass_is_ordered_anew_and_the_seed_gives_the_order():
    data = batches()
    first, second = pairs(islice(data, 3)), pairs(islice(data, 3))
    assert first != second and sorted(first) == sorted(second)
    assert pairs(islice(batches(seed=1), 3)) == pairs(islice(batches(seed=1), 3)) != first


@pytest.mark.parametrize("stop", [0, 1, 4, 6])
def test_going_on_equals_not_having_stopped(stop):
    whole = pairs(islice(batches(), 9))
    stopped, again = batches(), batches()
    list(islice(stopped, stop))
    again.load_state_dict(stopped.state_dict())
    assert pairs(islice(again, 9 - stop)) == whole[2 * stop :]


def test_processes_share_a_batch_and_each_keeps_its_pairs():
    assert isinstance(batches(), EndlessBatches) and batches().batches_per_pass == 3
    whole = pairs([next(batches(batch_size=6))])
    shards = [Shard(batches(batch_size=6), rank, 3) for rank in range(3)]
    assert pairs(next(shard) for shard in shards) == whole


def test_a_game_is_played_on_them():
    game = Game(
        TagGenerator(4, 3, 5, (6, 6)),
        TagDiscriminator(5, 3, (6, 6), 4),
        d_terms={"real or fake": tell_apart},
        g_terms={"pass for real": non_saturating},
    )
    steps = list(islice(play(game, batches()), 3))
    assert all(torch.isfinite(loss) for _, values in steps for loss in values.values())


@pytest.mark.parametrize(
    "image, word, says",
    [(4, 0, "pictures 4 to 4 of 4"), (0, 4, "words 4 to 4 of 4"), (-1, 0, "pictures -1 to -1 of 4")],
)
def test_pairs_that_point_outside_are_refused(image, word, says):
    with pytest.raises(ValueError, match=says):
        PairBatches(
            TagRows(torch.tensor([image]), torch.tensor([word])), torch.zeros(4, 3), torch.zeros(4, 5), batch_size=1
        )


def test_a_batch_larger_than_the_rows_is_refused():
    with pytest.raises(ValueError, match="batch_size is 7 for 6 examples"):
        batches(batch_size=7)


@pytest.mark.parametrize(
    "tags, says",
    [((("a",),), "2 pictures but 1 lists"), ((("a",), ()), "at least one"), ((("a",), ("b", "b")), "none twice")],
)
def test_tagged_images_that_cannot_be_are_refused(tags, says):
    with pytest.raises(ValueError, match=says):
        TaggedImages(torch.zeros(2, 3, 4, 4, dtype=torch.uint8), tags, "made up")


def test_the_emoji_carry_their_concepts_tags():
    emoji, tagged = embedded_emoji("validation"), tagged_emoji("validation")
    assert torch.equal(tagged.x, emoji.x) and len(tagged) == len(emoji)
    for concept, tags in zip(emoji.concept.tolist(), tagged.tags, strict=True):
        assert set(tags) == set(emoji.concepts[concept].tags)
    assert tagged.scaled().min() >= -1 and tagged.scaled().max() == 1


def test_no_picture_of_a_held_out_concept_is_trained_on():
    """Trap: split by picture, most tag sets for testing would be another rendering's in training."""
    train, test = (tagged_emoji(split) for split in ("train", "test"))
    seen = set(train.tags)
    given_away = sum(tags in seen for tags in test.tags) / len(test)
    assert given_away < 0.02
    everything = tagged_emoji("all").tags
    by_picture = set(everything[::2])
    assert sum(tags in by_picture for tags in everything[1::2]) / len(everything[1::2]) > 0.9


# Splits by rows ---------------------------------------------------------------------------------------------------


def six_pictures():
    """With 1, 2, 3, 1, 2 and 3 tags; picture n is of the shade n."""
    x = torch.arange(6, dtype=torch.uint8)[:, None, None, None].expand(-1, 3, 2, 2)
    return TaggedImages(x, tuple(tuple(f"{n}{k}" for k in range(n % 3 + 1)) for n in range(6)), "made up")


@pytest.mark.parametrize(
    "rows, shares",
    [(3, ([0, 1], [2, 4], [3, 5])), (5, ([0, 1], [2, 4], [3, 5])), (6, ([0, 1, 2], [3, 5], [4]))],
)
def test_the_first_rows_train_and_no_picture_is_torn_apart(rows, shares):
    found = split_by_rows(six_pictures(), rows)
    for (split, own), places in zip(found.items(), shares, strict=True):
        assert own.x[:, 0, 0, 0].tolist() == places, split
        assert own.tags == tuple(six_pictures().tags[place] for place in places) and own.name == "made up"


@pytest.mark.parametrize("rows", [0, 9, 150_000])
def test_a_split_without_pictures_is_refused(rows):
    with pytest.raises(ValueError, match=f"training_rows {rows} puts"):
        split_by_rows(six_pictures(), rows)
