"""Batches: every example once a pass, the same order for the same seed, and going on where one stopped."""

from itertools import chain, islice

import pytest
import torch

from course_lib.data import Batches, Images, SampledBatches, ring


def indices(batches, n):
    return [batch.x.tolist() for batch in islice(batches, n)]


def data(n=10):
    return torch.arange(n)


def test_a_pass_holds_every_example_once_and_the_next_is_ordered_anew():
    batches = Batches(data(), batch_size=5)
    first, second = indices(batches, 2), indices(batches, 2)
    assert sorted(chain(*first)) == sorted(chain(*second)) == list(range(10))
    assert first != second


def test_the_leftover_of_a_pass_is_skipped_so_that_all_batches_are_full():
    assert {len(b) for b in indices(Batches(data(), batch_size=3), 9)} == {3}


def test_the_seed_gives_the_order():
    assert indices(Batches(data(), batch_size=5, seed=1), 4) == indices(Batches(data(), batch_size=5, seed=1), 4)
    assert indices(Batches(data(), batch_size=5, seed=1), 4) != indices(Batches(data(), batch_size=5, seed=2), 4)


def test_the_order_does_not_hang_on_the_global_seed():
    orders = []
    for global_seed in (1, 2):
        torch.manual_seed(global_seed)
        orders.append(indices(Batches(data(), batch_size=5), 4))
    assert orders[0] == orders[1]


@pytest.mark.parametrize("stop", [0, 1, 2, 5])
def test_going_on_equals_not_having_stopped(stop):
    whole = indices(Batches(data(), batch_size=5), 8)
    batches = Batches(data(), batch_size=5)
    indices(batches, stop)
    again = Batches(data(), batch_size=5)
    again.load_state_dict(batches.state_dict())
    assert indices(again, 8 - stop) == whole[stop:]


def test_labels_stay_with_their_examples_and_are_told_when_asked():
    plain = next(Batches(data(), data() % 3, batch_size=4))
    assert torch.equal(plain.y, plain.x % 3) and plain.given == ()
    told = next(Batches(data(), data() % 3, batch_size=4, conditional=True))
    assert told.given == (told.y,)


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"batch_size": 0}, "batch_size is 0 for 10 examples"),
        ({"batch_size": 11}, "Choose 1 to 10"),
        ({"batch_size": 2, "y": torch.zeros(9, dtype=torch.long)}, "10 examples but 9 labels"),
        ({"batch_size": 2, "conditional": True}, "need labels"),
        ({"batch_size": 2, "y": torch.zeros(10, dtype=torch.long, device="meta")}, "x is on cpu and y on meta"),
        ({"batch_size": 2, "scale_to": (-1, 1)}, r"scale_to brings bytes.*got \(-1, 1\) for torch.int64"),
    ],
)
def test_batches_that_cannot_be_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        Batches(data(), **settings)


@pytest.mark.parametrize("scale_to", [(-1, 1), (0, 1), (-0.5, 2.0)])
def test_bytes_become_numbers_of_a_range(scale_to):
    every_byte = torch.arange(256, dtype=torch.uint8)
    low, high = scale_to
    x = next(Batches(every_byte, batch_size=256, scale_to=scale_to)).x.sort().values
    assert x.dtype == torch.float32
    torch.testing.assert_close(x, torch.linspace(low, high, 256))


def test_bytes_scaled_by_the_batch_are_bit_for_bit_those_scaled_at_once():
    x = torch.randint(256, (100, 1, 4, 4), dtype=torch.uint8)
    images = Images(x, data(100) % 3, ("a", "b", "c"), "made up")
    by_batch = next(Batches(images.x, images.y, batch_size=100, scale_to=(-1, 1)))
    at_once = next(Batches(images.scaled(), images.y, batch_size=100))
    assert torch.equal(by_batch.x, at_once.x) and torch.equal(by_batch.y, at_once.y)


def test_a_range_upside_down_is_refused():
    with pytest.raises(ValueError, match=r"got \(1, -1\)"):
        Batches(data().byte(), batch_size=2, scale_to=(1, -1))


def test_sampled_batches_are_fresh_and_resume():
    batches = SampledBatches(ring(), batch_size=6, seed=4)
    first = next(batches).x
    state = batches.state_dict()
    second = next(batches).x
    assert first.shape == (6, 2) and not torch.equal(first, second)
    again = SampledBatches(ring(), batch_size=6, seed=99)
    again.load_state_dict(state)
    assert torch.equal(next(again).x, second)


def test_points_on_the_line_come_as_a_column():
    from course_lib.data import gaussian

    assert next(SampledBatches(gaussian(), batch_size=6)).x.shape == (6, 1)
