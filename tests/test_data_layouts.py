"""CelebA, LSUN and ImageNet as they are distributed, made up and small."""

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from course_lib import data
from course_lib.data import celeba_images, imagenet_images, lsun_images

SHADES = {"train": 0, "validation": 100, "test": 200}


def draw(path, shade=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (9, 11), (shade, shade, shade)).save(path)


def shades(images):
    return sorted(images.x[:, 0, 0, 0].tolist())


@pytest.fixture(params=["", "celeba"])
def celeba(tmp_path, request):
    """Six faces and the list of what they are for; as unpacked by hand, and in torchvision's folder."""
    folder = tmp_path / request.param
    lines = []
    for number, (part, shade) in enumerate(list(enumerate(SHADES.values())) * 2):
        draw(folder / "img_align_celeba" / f"{number:06d}.png", shade)
        lines.append(f"{number:06d}.png {part}")
    (folder / "list_eval_partition.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_celeba_takes_the_faces_that_its_list_names(celeba):
    train, test = celeba_images(celeba, 8), celeba_images(celeba, 8, split="test")
    assert shades(train) == [0, 0] and shades(test) == [200, 200]
    assert train.y.tolist() == [-1, -1] and train.classes == () and train.x.shape == (2, 3, 8, 8)


def test_celeba_without_its_list_is_all_for_training(celeba):
    next(celeba.rglob("list_eval_partition.txt")).unlink()
    assert len(celeba_images(celeba, 8)) == 6
    with pytest.raises(data.DataError, match="list_eval_partition.txt is not in .*copy it there"):
        celeba_images(celeba, 8, split="test")


def test_celebas_folder_of_pictures_itself_will_do(celeba):
    assert shades(celeba_images(next(celeba.rglob("img_align_celeba")), 8)) == [0, 0]


def test_celeba_still_packed_says_what_to_unpack(tmp_path):
    (tmp_path / "img_align_celeba.zip").write_bytes(b"")
    with pytest.raises(data.DataError, match="Unpack img_align_celeba.zip"):
        celeba_images(tmp_path, 8)


def test_a_list_of_other_pictures_is_refused(celeba):
    next(celeba.rglob("list_eval_partition.txt")).write_text("else.png 0\n")
    with pytest.raises(data.DataError, match="says of no picture .* that it is for train"):
        celeba_images(celeba, 8)


def test_imagenet_has_a_folder_for_each_class(tmp_path):
    for split, shade in (("train", 0), ("val", 200)):
        for wnid in ("n02", "n01"):
            draw(tmp_path / split / wnid / f"{wnid}_1.JPEG", shade)
    train, test = imagenet_images(tmp_path, 8), imagenet_images(tmp_path, 8, split="test")
    assert train.classes == test.classes == ("n01", "n02") and train.y.tolist() == test.y.tolist() == [0, 1]
    assert shades(train) == [0, 0] and shades(test) == [200, 200]


def test_imagenet_still_packed_says_what_to_do(tmp_path):
    (tmp_path / "ILSVRC2012_img_train.tar").write_bytes(b"")
    with pytest.raises(data.DataError, match="has no folder `train`. Unpack the archives"):
        imagenet_images(tmp_path, 8)


class Database:
    """As much of an LMDB database as is used: a folder of files, the key being the name."""

    def __init__(self, path, *, readonly, lock, **_):
        assert readonly and not lock, "the data of a whole class are not to be written to"
        self.files = {file.name.encode(): file for file in sorted(Path(path).iterdir())}

    def begin(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def cursor(self):
        return self

    def iternext(self, *, keys, values):
        return iter(self.files)

    def get(self, key):
        return self.files[key].read_bytes()


@pytest.fixture
def lsun(tmp_path, monkeypatch):
    """Two categories of scenes in the layout of LSUN, with a stand-in for the package that reads them."""
    monkeypatch.setitem(sys.modules, "lmdb", SimpleNamespace(open=Database))
    for category, split, shade in (("tower", "train", 10), ("bridge", "train", 20), ("tower", "val", 30)):
        folder = tmp_path / f"{category}_{split}_lmdb"
        folder.mkdir()
        for number in range(2):
            buffer = io.BytesIO()
            Image.new("RGB", (9, 11), (shade, shade, shade)).save(buffer, "WEBP", lossless=True)
            (folder / f"{category}{number}").write_bytes(buffer.getvalue())
    return tmp_path


def test_every_category_of_lsun_is_a_class_with_one_label_in_both_splits(lsun):
    train, test = lsun_images(lsun, 8), lsun_images(lsun, 8, split="test")
    assert train.classes == ("bridge", "tower") and train.y.tolist() == [0, 0, 1, 1]
    assert train.x[:, 0, 0, 0].tolist() == [20, 20, 10, 10]
    assert test.classes == train.classes and test.y.tolist() == [1, 1] and shades(test) == [30, 30]


def test_one_database_of_lsun_will_do_and_a_limit_counts_over_all(lsun):
    assert lsun_images(lsun / "tower_train_lmdb", 8).classes == ("tower",)
    assert len(lsun_images(lsun, 8, limit=3)) == 3


def test_a_damaged_scene_is_named(lsun):
    (lsun / "tower_train_lmdb" / "tower1").write_bytes(b"no picture")
    with pytest.raises(data.DataError, match="(?s)no readable pictures:.*  tower1 in .*tower_train_lmdb: "):
        lsun_images(lsun, 8)


def test_reading_lsun_leaves_no_file_behind(lsun, tmp_path_factory, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("here")
    monkeypatch.chdir(elsewhere)
    before = sorted(lsun.rglob("*"))
    lsun_images(lsun, 8)
    assert list(elsewhere.iterdir()) == [] and sorted(lsun.rglob("*")) == before


def test_no_database_of_lsun_is_said(tmp_path, lsun):
    with pytest.raises(data.DataError, match="no database that ends in _train_lmdb"):
        lsun_images(tmp_path / "tower_val_lmdb", 8)


def test_lsun_without_the_package_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "lmdb", None)
    with pytest.raises(data.DataError, match="Run `pip install lmdb`"):
        lsun_images(tmp_path, 8)


@pytest.mark.parametrize("read", [celeba_images, lsun_images, imagenet_images])
def test_an_unknown_split_is_refused(read, celeba):
    (celeba / "train").mkdir()
    with pytest.raises(ValueError, match="split is 'valid'. Choose 'train' or 'test'"):
        read(celeba, 8, split="valid")
