"""Semantic hashing on images with planted copies: what is planted, what is counted, what is found."""

import functools
import math
from dataclasses import replace

import pytest
import torch
from PIL import Image

from course_lib.data import open_data
from course_lib.experiments.dcgan import dcgan_duplicates
from course_lib.experiments.dcgan.dcgan_duplicates import (
    KINDS,
    PAPER,
    QUICK,
    false_positives,
    plant,
    reproduce,
    settings,
    show_collisions,
)
from course_lib.models.autoencoder import duplicates, train_autoencoder
from course_lib.training.plan import Training

LEARNED = replace(QUICK, limit=600, planted=50, epochs=15)
once = functools.cache(open_data)


@pytest.fixture(autouse=True)
def unpacked_once(monkeypatch):
    """The emoji take a second to unpack."""
    monkeypatch.setattr(dcgan_duplicates, "open_data", once)


class Blind(torch.nn.Module):
    """Gives every image the same hash."""

    def __init__(self):
        super().__init__()
        self.decoder = torch.nn.Linear(1, 1)

    def hash(self, x):
        return torch.zeros(len(x), 16, dtype=torch.uint8)


def test_quick_needs_no_download_and_the_others_have_photographs():
    assert settings() == QUICK and QUICK.data == "emoji"
    assert dcgan_duplicates.GPU.data == dcgan_duplicates.CPU.data == "cifar10"
    assert dcgan_duplicates.GPU.code_dim == 128


def test_copies_come_after_the_images_and_know_their_originals():
    x = once("emoji", 32, limit=100).x
    everything, original = plant(x, 20)
    assert torch.equal(everything[:100], x) and len(everything) == 100 + 4 * 20
    assert torch.equal(original[:100], torch.arange(100))
    assert len(original[100:].unique()) == 80  # no image is copied twice


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_copy_is_another_file_of_the_same_picture(kind):
    """It differs from its original, and less than from any other image."""
    x = once("emoji", 32, limit=100).x
    copies = kind(x)
    assert copies.shape == x.shape and copies.dtype == torch.uint8
    assert (copies != x).flatten(1).any(1).all()
    distances = torch.cdist(copies.flatten(1).float(), x.flatten(1).float())
    assert torch.equal(distances.argmin(1), torch.arange(100))


def test_noise_is_of_two_grey_levels():
    grey = torch.full((10, 3, 32, 32), 128, dtype=torch.uint8)
    assert dcgan_duplicates.noisy(grey).float().std().item() == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("each", [0, 26])
def test_more_copies_than_images_are_refused(each):
    with pytest.raises(ValueError, match=f"planted is {each}; of 100 images"):
        plant(torch.zeros(100, 3, 32, 32, dtype=torch.uint8), each)


@pytest.mark.parametrize(
    "groups, wrong",
    [
        ([[0, 4]], 0),  # an image and its copy
        ([[0, 1]], 1),  # two images: one is removed, and should not be
        ([[0, 4], [1, 5]], 0),
        ([[0, 1, 4]], 1),  # of three two are removed: the copy rightly
        ([[0, 1, 2, 3]], 3),
        ([[4, 5]], 1),  # copies of two images
        ([], 0),
    ],
)
def test_false_positives_are_images_removed_that_are_no_copies_of_one_kept(groups, wrong):
    assert false_positives(groups, torch.tensor([0, 1, 2, 3, 0, 1])) == wrong


def test_hashes_find_copies_and_spare_other_images(tmp_path):
    numbers = reproduce(LEARNED, Training(tmp_path)).numbers
    assert numbers["recall_noisy_percent"] > 30
    assert numbers["false_positives_percent"] < 10


def test_without_the_mean_taken_off_drawings_on_white_have_one_hash():
    """The way it would be written first: most images removed would be no copies."""
    torch.manual_seed(0)
    x, original = plant(once("emoji", 32, limit=600).x, 50)
    x = x.float() / 127.5 - 1
    groups = duplicates(train_autoencoder(x, epochs=15).hash(x))
    assert false_positives(groups, original) > 0.5 * sum(len(group) - 1 for group in groups)


def test_the_numbers_are_those_of_the_groups(tmp_path, monkeypatch):
    """Of hashes that are all equal: all but one removed, of which all but the copies falsely, and all copies found."""
    monkeypatch.setattr(dcgan_duplicates, "train_autoencoder", lambda *_, **__: Blind())
    outcome = reproduce(QUICK, Training(tmp_path))
    assert outcome.numbers["removed"] == 239
    assert outcome.numbers["false_positives_percent"] == pytest.approx(100 * 199 / 239)
    assert [outcome.numbers[f"recall_{kind.__name__}_percent"] for kind in KINDS] == [100] * 4


def test_it_runs_again_to_the_same_numbers(tmp_path):
    state = torch.get_rng_state()
    first, second = (reproduce(QUICK, Training(tmp_path)) for _ in range(2))
    assert first.numbers == second.numbers and PAPER.keys() < first.numbers.keys()
    assert all(math.isfinite(value) for value in first.numbers.values())
    assert torch.equal(torch.get_rng_state(), state)  # the global random numbers are left alone
    assert "200 images of emoji" in first.note


def test_the_picture_is_of_the_datas_own_collisions(tmp_path, monkeypatch):
    """Which are for the eye to judge, not the planted ones. A run without any leaves no picture of an earlier one."""
    shown = []
    monkeypatch.setattr(dcgan_duplicates, "save_image", lambda images, *_, **__: shown.append(images))
    monkeypatch.setattr(dcgan_duplicates, "train_autoencoder", lambda *_, **__: Blind())
    reproduce(QUICK, Training(tmp_path))
    x = once("emoji", 32, limit=200).x
    assert torch.equal(shown[0], x[:2] / 255)
    assert (tmp_path / "collisions.png").exists()
    show_collisions(x, [], tmp_path / "collisions.png")
    assert not any(tmp_path.iterdir())


def test_pairs_stand_side_by_side(tmp_path):
    x = torch.arange(6, dtype=torch.uint8)[:, None, None, None].repeat(1, 3, 32, 32) * 40
    show_collisions(x, [[0, 3, 5], [1, 4]], tmp_path / "run" / "picture.png")
    with Image.open(tmp_path / "run" / "picture.png") as picture:
        assert [picture.getpixel((18 + 34 * i, 18))[0] for i in range(4)] == [0, 120, 40, 160]


def test_grey_images_are_hashed_too(tmp_path, monkeypatch):
    grey = once("emoji", 32, limit=200)
    monkeypatch.setattr(dcgan_duplicates, "open_data", lambda *_, **__: replace(grey, x=grey.x[:, :1]))
    assert reproduce(QUICK, Training(tmp_path)).numbers["removed"] >= 0
