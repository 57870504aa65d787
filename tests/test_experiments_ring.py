"""The ring: the setting that should collapse does, the mended one covers, and looking changes nothing."""

import math

import pytest
import torch

from course_lib.experiments.lessons.ring import COLLAPSES, COVERS, TARGET, build, train
from course_lib.metrics import modes_covered


@pytest.fixture(scope="module")
def collapsed():
    return train(COLLAPSES, at=range(100, 401, 50))


@pytest.fixture(scope="module")
def covering():
    return train(COVERS, at=(100, 900))


def test_collapse_covers_few_modes_at_any_time(collapsed):
    assert max(shot.modes.covered for shot in collapsed.snapshots) <= 2


def test_collapse_is_one_clump_that_moves(collapsed):
    """Not spread thinly: the points of one moment are much closer together than data are, and the clump wanders."""
    real = TARGET.sample(1_000)
    spread = torch.stack([shot.samples.std(0).norm() for shot in collapsed.snapshots])
    assert spread.median() < 0.4 * real.std(0).norm()
    centres = torch.stack([shot.samples.mean(0) for shot in collapsed.snapshots])
    assert torch.cdist(centres, centres).max() > 2


def test_collapse_does_not_show_in_the_losses(collapsed):
    late = {name: loss[-100:].mean().item() for name, loss in collapsed.losses.items()}
    assert late["D real or fake"] == pytest.approx(math.log(4), abs=0.15)
    assert late["G pass for real"] == pytest.approx(math.log(2), abs=0.15)


def test_the_mended_setting_covers_nearly_all(covering):
    assert covering.snapshots[-1].modes.covered >= 7
    assert covering.snapshots[-1].modes.good > 0.4


def test_settings_differ_in_the_discriminator_alone():
    assert COLLAPSES.g_rate == COVERS.g_rate and COLLAPSES.batch_size == COVERS.batch_size
    assert COLLAPSES.d_rate < COVERS.d_rate and COVERS.real_target < 1 == COLLAPSES.real_target
    first, second = build(COLLAPSES), build(COVERS)
    for a, b in zip(first.generator.parameters(), second.generator.parameters(), strict=True):
        assert torch.equal(a, b)


def test_counts_are_of_the_samples_shown(covering):
    for shot in covering.snapshots:
        assert shot.modes.covered == modes_covered(shot.samples, TARGET).covered


def test_looking_does_not_change_the_game():
    often, once = train(COVERS, at=(3, 6, 9, 12)), train(COVERS, at=(12,))
    assert torch.equal(often.snapshots[-1].samples, once.snapshots[-1].samples)
    assert often.losses.keys() == once.losses.keys()
    assert all(len(loss) == 12 and torch.equal(loss, once.losses[name]) for name, loss in often.losses.items())
