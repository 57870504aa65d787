"""Sharing a batch among processes: together they hold all of it, once."""

from itertools import islice

import pytest
import torch

from course_lib.data import Batches, SampledBatches, SemiSupervisedBatches, Shard, ring


def conditional():
    return Batches(torch.arange(20), torch.arange(20) % 3, batch_size=8, conditional=True)


def semi_supervised(labelled_batch_size=4):
    x = torch.arange(20)
    return SemiSupervisedBatches(x, x[:5], x[:5] % 3, batch_size=8, labelled_batch_size=labelled_batch_size)


@pytest.mark.parametrize("world", [1, 2, 4, 8])
def test_the_parts_make_the_whole_batch(world):
    shards = [Shard(conditional(), rank, world) for rank in range(world)]
    for whole in islice(conditional(), 5):
        parts = [next(shard) for shard in shards]
        assert {len(part) for part in parts} == {8 // world} == {shard.batch_size for shard in shards}
        assert torch.equal(torch.cat([part.x for part in parts]), whole.x)
        assert torch.equal(torch.cat([part.y for part in parts]), whole.y)
        assert torch.equal(torch.cat([part.given[0] for part in parts]), whole.y)


@pytest.mark.parametrize("world", [2, 4])
def test_the_labelled_part_is_shared_too(world):
    parts = [next(Shard(semi_supervised(), rank, world)) for rank in range(world)]
    whole = next(semi_supervised())
    assert torch.equal(torch.cat([part.x for part in parts]), whole.x)
    assert torch.equal(torch.cat([part.labelled.x for part in parts]), whole.labelled.x)
    assert torch.equal(torch.cat([part.labelled.y for part in parts]), whole.labelled.y)
    assert all(part.y is None and part.given == () for part in parts)


def test_fresh_draws_are_shared():
    parts = [next(Shard(SampledBatches(ring(), batch_size=6, seed=1), rank, 3)).x for rank in range(3)]
    assert torch.equal(torch.cat(parts), next(SampledBatches(ring(), batch_size=6, seed=1)).x)


def test_state_is_that_of_the_batches_so_the_number_of_processes_may_change():
    alone = conditional()
    list(islice(alone, 3))
    resumed = [Shard(conditional(), rank, 2) for rank in range(2)]
    for shard in resumed:
        shard.load_state_dict(alone.state_dict())
        assert shard.state_dict() == {"position": 3}
    assert torch.equal(torch.cat([next(shard).x for shard in resumed]), next(alone).x)


@pytest.mark.parametrize("rank, world", [(2, 2), (-1, 2), (0, 0)])
def test_a_rank_that_cannot_be_is_refused(rank, world):
    with pytest.raises(ValueError, match=f"rank is {rank} of {world} processes"):
        Shard(conditional(), rank, world)


def test_a_batch_that_cannot_be_shared_is_refused_at_once():
    with pytest.raises(
        ValueError, match="A batch of 8 cannot be shared equally by 3 processes. Choose a multiple of 3"
    ):
        Shard(conditional(), 0, 3)


def test_a_labelled_part_that_cannot_be_shared_is_refused():
    with pytest.raises(ValueError, match="A batch of 3 cannot be shared equally by 2 processes"):
        next(Shard(semi_supervised(labelled_batch_size=3), 0, 2))
