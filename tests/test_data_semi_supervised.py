"""Semi-supervised batches: both parts whole, balanced, in separate orders, and going on where one stopped."""

from itertools import chain, islice

import pytest
import torch

from course_lib import Game, play
from course_lib.data import Batches, SemiSupervisedBatches
from course_lib.losses import feature_matching, tell_apart
from course_lib.models.mlp import Discriminator, Generator


def batches(n=40, labelled=6, **settings):
    """Unlabelled examples are 0 to n - 1, labelled ones 100 and on; the label is the number's last digit."""
    known = torch.arange(100, 100 + labelled)
    settings = {"batch_size": 8, "labelled_batch_size": 4} | settings
    return SemiSupervisedBatches(torch.arange(n), known, known % 10, **settings)


def drawn(batches, n):
    return [(batch.x.tolist(), batch.labelled.x.tolist()) for batch in islice(batches, n)]


def test_a_batch_holds_both_parts_and_the_labels_of_one():
    batch = next(batches())
    assert len(batch) == 8 and batch.y is None and batch.given == ()
    assert len(batch.labelled) == 4
    assert torch.equal(batch.labelled.y, batch.labelled.x % 10)


def test_the_unlabelled_part_is_that_of_plain_batches():
    plain = Batches(torch.arange(40), batch_size=8, seed=3)
    assert [x for x, _ in drawn(batches(seed=3), 12)] == [batch.x.tolist() for batch in islice(plain, 12)]


@pytest.mark.parametrize("labelled, size", [(6, 4), (3, 8), (1, 5), (7, 7), (8, 3)])
def test_every_labelled_example_is_drawn_as_often_as_any_other_at_any_moment(labelled, size):
    """Also from a set smaller than its batch."""
    counts = torch.zeros(labelled, dtype=torch.long)
    for batch in islice(batches(labelled=labelled, labelled_batch_size=size), 50):
        counts += (batch.labelled.x - 100).bincount(minlength=labelled)
        assert counts.max() - counts.min() <= 1
    assert counts.sum() == 50 * size


def test_each_permutation_is_another():
    orders = {tuple(labelled) for _, labelled in drawn(batches(labelled=6, labelled_batch_size=6), 20)}
    assert len(orders) > 15


def test_the_two_orders_are_separate():
    """Equally many of both, in equal batches, do not come in one order."""
    both = SemiSupervisedBatches(torch.arange(8), torch.arange(8), torch.zeros(8, dtype=torch.long), batch_size=8)
    assert all(x != labelled for x, labelled in drawn(both, 5))


def test_the_size_of_one_part_leaves_the_other_alone():
    small, large = (drawn(batches(labelled_batch_size=size), 6) for size in (2, 5))
    assert [x for x, _ in small] == [x for x, _ in large]
    one, other = ([*chain(*(labelled for _, labelled in part))] for part in (small, large))
    assert one == other[: len(one)]


def test_the_seed_gives_both_orders_whatever_the_global_seed():
    orders = []
    for global_seed, own_seed in ((1, 4), (2, 4), (1, 5)):
        torch.manual_seed(global_seed)
        orders.append(drawn(batches(seed=own_seed), 6))
    assert orders[0] == orders[1]
    assert all(one != other for one, other in zip(orders[0], orders[2], strict=True))


@pytest.mark.parametrize("stop", [0, 1, 3, 7, 20])
def test_going_on_equals_not_having_stopped(stop):
    whole = drawn(batches(), 30)
    first, again = batches(), batches()
    drawn(first, stop)
    again.load_state_dict(first.state_dict())
    assert drawn(again, 30 - stop) == whole[stop:]


def test_going_on_beyond_a_block_of_the_labelled_order():
    first, again = batches(labelled=1_000), batches(labelled=1_000)
    at = first._block_length // 4 - 1  # the last batch of the first block
    again.load_state_dict({"position": at + 1})
    first.load_state_dict({"position": at})
    assert drawn(first, 2)[1:] == drawn(again, 1)


def test_bytes_of_both_parts_are_scaled():
    x = torch.tensor([[0], [255]], dtype=torch.uint8)
    batch = next(SemiSupervisedBatches(x, x, torch.tensor([0, 1]), batch_size=2, scale_to=(-1, 1)))
    assert sorted(batch.x.flatten().tolist()) == sorted(batch.labelled.x.flatten().tolist()) == [-1.0, 1.0]


def test_the_labelled_batch_is_as_large_as_the_other_unless_said():
    batch = next(batches(labelled_batch_size=None))
    assert len(batch) == len(batch.labelled) == 8


def test_a_game_plays_with_them():
    points = torch.randn(20, 2)
    source = SemiSupervisedBatches(points, points[:3], torch.tensor([0, 1, 1]), batch_size=5)
    seen = []

    def looks(round):
        seen.append(round.labelled.logits)
        return tell_apart(round)

    game = Game(Generator(2, (4,), (2,)), Discriminator((2,), (4,)), {"d": looks}, {"g": feature_matching})
    assert len(list(islice(play(game, source), 3))) == 3
    assert [logits.shape for logits in seen] == [(5,)] * 3


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"batch_size": 41}, "batch_size is 41 for 40 examples"),
        ({"labelled_batch_size": 0}, "labelled_batch_size is 0"),
        ({"labelled": 0}, "0 labelled examples and 0 labels"),
    ],
)
def test_sizes_that_cannot_be_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        batches(**settings)


@pytest.mark.parametrize(
    "x, y, words",
    [
        (torch.zeros(3, 2), [0, 1], "3 labelled examples and 2 labels"),
        (torch.zeros(2, 2, device="meta"), [0, 1], "labelled_x on meta, labelled_y on cpu"),
        (torch.zeros(2, 2), [0, -1], "Label -1 stands for no class"),
        (torch.zeros(2, 3), [0, 1], r"shape \(2,\).*shape \(3,\)"),
        (torch.zeros(2, 2, dtype=torch.uint8), [0, 1], "float32.*uint8"),
    ],
)
def test_labelled_sets_that_cannot_be_are_refused(x, y, words):
    with pytest.raises(ValueError, match=words):
        SemiSupervisedBatches(torch.zeros(4, 2), x, torch.tensor(y), batch_size=2)
