"""Data by the name it has on the command line."""

import pytest
import torch
from PIL import Image

from course_lib import data
from course_lib.data import open_data, resized


@pytest.fixture(autouse=True)
def nothing_here(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("GAN_COURSE_DATA", str(tmp_path_factory.mktemp("empty")))


@pytest.fixture(scope="module")
def digits():
    """The embedded digits for testing, read once."""
    return data.embedded_digits("test")


@pytest.fixture
def pictures(tmp_path):
    for part in ("train/cat", "train/dog", "img_align_celeba"):
        (tmp_path / part).mkdir(parents=True)
        Image.new("RGB", (9, 9)).save(tmp_path / part / "a.png")
    return tmp_path


@pytest.mark.parametrize("layout, classes", [("folder", ("cat", "dog")), ("imagenet", ("cat", "dog")), ("celeba", ())])
def test_a_layout_and_a_path(pictures, layout, classes):
    images = open_data(f"{layout}:{pictures}", size=8)
    assert images.classes == classes and images.x.shape[1:] == (3, 8, 8)


def test_a_set_by_its_plain_name(digits):
    assert torch.equal(open_data("mnist", split="test").x, digits.x)


@pytest.mark.parametrize("size", [None, 32, 16])
def test_the_emoji(size):
    images = open_data("emoji", size, split="test")
    assert images.x.shape[1:] == (3, size or 32, size or 32) and "Food & Drink" in images.classes


def test_a_limit_is_a_mixed_sample_always_the_same():
    first, again = (open_data("emoji", split="test", limit=50) for _ in range(2))
    assert len(first) == 50 and torch.equal(first.x, again.x) and len(first.y.unique()) > 5


def test_digits_at_another_size_are_the_same_digits(digits):
    larger = resized(digits, 32)
    assert larger.x.shape == (1_000, 1, 32, 32) and larger.x.dtype == torch.uint8
    assert torch.equal(larger.y, digits.y) and larger.classes == digits.classes
    back = resized(larger, 28).x.float()
    assert (back - digits.x).abs().mean() < 10  # of 255
    assert resized(digits, 28) is digits


@pytest.mark.parametrize("name", ["minst", "", "emojis", "folder", "folder:", "zip:x", ":x", "mnist:x"])
def test_an_unknown_name_is_refused_with_the_list(name):
    with pytest.raises(ValueError, match="mnist, fashion, cifar10, svhn, emoji; and reads folder:PATH, celeba:PATH"):
        open_data(name, size=8)


def test_a_folder_needs_a_size(pictures):
    with pytest.raises(ValueError, match="Give a size, such as 64"):
        open_data(f"folder:{pictures}")


@pytest.mark.parametrize(
    "settings, words", [({"size": 0}, "size is 0"), ({"limit": 0}, "limit is 0"), ({"split": "x"}, "split is 'x'")]
)
def test_settings_that_cannot_be_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        open_data("emoji", **settings)


def test_what_is_not_here_says_how_to_get_it():
    with pytest.raises(data.DataError, match="gan-course data cifar10"):
        open_data("cifar10")
