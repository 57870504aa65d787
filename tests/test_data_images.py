"""Image sets: the embedded digits, full sets where they are, and damaged, missing and wrongly downloaded files."""

import gzip
import hashlib
import shutil
import struct
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch
from torchvision import datasets

from course_lib import data
from course_lib.data import files, images


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Say nothing on the terminal."""


@pytest.fixture
def nothing_here(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_COURSE_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def small_mnist(tmp_path, monkeypatch):
    """A complete tiny MNIST in MNIST's own format, with torchvision's list of checksums set to its files."""
    folder = tmp_path / "MNIST" / "raw"
    folder.mkdir(parents=True)
    contents = {}
    for part, n in (("train", 6), ("t10k", 3)):
        contents[f"{part}-images-idx3-ubyte.gz"] = struct.pack(">IIII", 0x803, n, 28, 28) + bytes(range(n)) * 784
        contents[f"{part}-labels-idx1-ubyte.gz"] = struct.pack(">II", 0x801, n) + bytes(range(n))
    resources = []
    for name, content in contents.items():
        zipped = gzip.compress(content, mtime=0)
        (folder / name).write_bytes(zipped)
        resources.append((name, hashlib.md5(zipped).hexdigest()))
    monkeypatch.setattr(datasets.MNIST, "resources", resources)
    monkeypatch.setitem(files.SOURCES, "mnist", files._mnist_like(datasets.MNIST, "MNIST", files.DIGITS))
    monkeypatch.setenv("GAN_COURSE_DATA", str(tmp_path))
    return tmp_path


def raw(folder, name="train-images-idx3-ubyte.gz"):
    return folder / "MNIST" / "raw" / name


def test_without_files_the_embedded_digits_stand_in_and_one_line_says_so(nothing_here, capsys):
    images._say_that_digits_are_embedded.cache_clear()  # another test may have been told
    train, test = data.load("mnist"), data.load("mnist", "test")
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1 and "5,000 real MNIST digits" in said[0] and "gan-course data mnist" in said[0]
    assert (len(train), len(test)) == (4_000, 1_000)
    assert train.x.shape == (4_000, 1, 28, 28) and train.x.dtype == torch.uint8
    assert train.y.bincount().tolist() == [400] * 10 and test.y.bincount().tolist() == [100] * 10


def test_embedded_train_and_test_share_no_picture():
    train, test = data.embedded_digits("train"), data.embedded_digits("test")
    seen = {image.numpy().tobytes() for image in train.x}
    assert not any(image.numpy().tobytes() in seen for image in test.x)


def test_embedded_digits_are_the_same_every_time():
    assert torch.equal(data.embedded_digits().x, data.embedded_digits().x)


def test_scaled_images_span_minus_one_to_one():
    scaled = data.embedded_digits("test").scaled()
    assert (scaled.min().item(), scaled.max().item()) == (-1.0, 1.0)


@pytest.mark.parametrize("name", ["minst", "cifar", "", "MNIST"])
def test_an_unknown_name_is_refused_with_the_list(name):
    with pytest.raises(ValueError, match="The course has: mnist, fashion, cifar10, svhn"):
        data.load(name)


def test_a_near_miss_is_guessed():
    with pytest.raises(ValueError, match="Did you mean 'mnist'"):
        data.load("minst")


def test_an_unknown_split_is_refused(nothing_here):
    with pytest.raises(ValueError, match="'valid'. Choose 'train' or 'test'"):
        data.load("mnist", "valid")


@pytest.mark.parametrize("name", ["fashion", "cifar10", "svhn"])
def test_a_set_that_is_not_here_says_how_to_get_it(nothing_here, name):
    with pytest.raises(data.DataError, match=f"gan-course data {name}"):
        data.load(name)


def test_files_that_are_here_are_used(small_mnist, capsys):
    train, test = data.load("mnist"), data.load("mnist", "test")
    assert (len(train), len(test)) == (6, 3) and train.y.tolist() == [0, 1, 2, 3, 4, 5]
    assert capsys.readouterr().out == ""


def test_the_data_folder_is_left_as_it_was_found(small_mnist):
    before = sorted(p.name for p in small_mnist.rglob("*"))
    data.load("mnist")
    assert sorted(p.name for p in small_mnist.rglob("*")) == before


@pytest.mark.parametrize("damage", [lambda b: b[:-5], lambda b: b[:40] + b"x" + b[41:], lambda b: b""])
def test_a_damaged_file_is_refused_by_name_with_the_remedy(small_mnist, damage):
    file = raw(small_mnist)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(data.DataError, match="train-images-idx3-ubyte.gz is damaged.*Delete it.*gan-course data mnist"):
        data.load("mnist")


def test_a_missing_part_is_named(small_mnist):
    raw(small_mnist, "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(data.DataError, match="t10k-labels-idx1-ubyte.gz is missing"):
        data.load("mnist")


def unpack_all(folder):
    for file in (folder / "MNIST" / "raw").glob("*.gz"):
        file.with_suffix("").write_bytes(gzip.decompress(file.read_bytes()))
        file.unlink()


def test_files_that_are_already_unpacked_are_used(small_mnist):
    unpack_all(small_mnist)
    assert len(data.load("mnist")) == 6


@pytest.mark.parametrize("damage", [lambda b: b[:-5], lambda b: b"junk", lambda b: b + b"x"])
def test_a_damaged_unpacked_file_is_refused(small_mnist, damage):
    unpack_all(small_mnist)
    file = raw(small_mnist, "train-images-idx3-ubyte")
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(data.DataError, match="train-images-idx3-ubyte is damaged"):
        data.load("mnist")


@pytest.fixture
def mirror(small_mnist, tmp_path_factory, monkeypatch):
    """The tiny MNIST served on this computer, as if by its mirror."""
    served = tmp_path_factory.mktemp("mirror")
    for file in (small_mnist / "MNIST" / "raw").iterdir():
        shutil.copy(file, served)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=served)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(datasets.MNIST, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
        yield served
        server.shutdown()


def test_a_download_arrives_whole_and_can_be_loaded(mirror, tmp_path):
    target = tmp_path / "fresh"
    data.download("mnist", target)
    assert len(data.load("mnist", folder=target)) == 6
    assert not list(target.glob(".download-*"))


def test_nothing_of_a_download_with_a_wrong_checksum_is_kept(mirror, tmp_path):
    (mirror / "t10k-labels-idx1-ubyte.gz").write_bytes(b"not what was promised")
    target = tmp_path / "fresh"
    with pytest.raises(data.DataError, match="nothing was kept"):
        data.download("mnist", target)
    assert not list(target.rglob("*"))


def test_a_failed_download_leaves_what_was_there(mirror, small_mnist):
    before = raw(small_mnist).read_bytes()
    (mirror / "train-images-idx3-ubyte.gz").write_bytes(b"")
    with pytest.raises(data.DataError):
        data.download("mnist", small_mnist)
    assert raw(small_mnist).read_bytes() == before


def test_no_network_is_said_in_words(small_mnist, tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(data.DataError, match="could not be downloaded.*Check the network"):
        data.download("mnist", tmp_path / "fresh")


def test_a_download_replaces_damaged_files(mirror, small_mnist):
    raw(small_mnist).write_bytes(b"damaged")
    raw(small_mnist, "train-images-idx3-ubyte").write_bytes(b"damaged too")
    data.download("mnist", small_mnist)
    assert len(data.load("mnist")) == 6


def test_the_full_mnist_where_it_is(real_data):
    train, test = data.load("mnist", folder=real_data), data.load("mnist", "test", folder=real_data)
    assert (len(train), len(test)) == (60_000, 10_000)
    # Every embedded digit is one of MNIST's training file.
    whole = {image.numpy().tobytes() for image in train.x}
    assert all(image.numpy().tobytes() in whole for image in data.embedded_digits().x)


def test_cifar10_where_it_is(real_data, tmp_path):
    import subprocess

    subprocess.run([sys.executable, real_data / "rebuild_cifar10.py", tmp_path], check=True, capture_output=True)
    test = data.load("cifar10", "test", folder=tmp_path)
    assert test.x.shape == (10_000, 3, 32, 32) and test.y.bincount().tolist() == [1_000] * 10
    (tmp_path / "cifar-10-batches-py" / "data_batch_3").write_bytes(b"x")
    with pytest.raises(data.DataError, match="data_batch_3 is damaged"):
        data.load("cifar10", folder=tmp_path)


def test_svhn_in_its_own_format(tmp_path, monkeypatch):
    """A tiny made-up SVHN: MATLAB files, pictures last, the digit 0 stored as 10."""
    import numpy as np
    import scipy.io

    sums = {}
    for split in ("train", "test"):
        file = tmp_path / f"{split}_32x32.mat"
        scipy.io.savemat(file, {"X": np.zeros((32, 32, 3, 4), np.uint8), "y": np.array([[10], [1], [2], [3]])})
        sums[split] = ["", file.name, hashlib.md5(file.read_bytes()).hexdigest()]
    monkeypatch.setattr(datasets.SVHN, "split_list", sums)
    small = files.Source(datasets.SVHN, "SVHN", files.DIGITS, tuple((s[1], s[2]) for s in sums.values()))
    monkeypatch.setitem(files.SOURCES, "svhn", small)
    images = data.load("svhn", folder=tmp_path)
    assert images.x.shape == (4, 3, 32, 32) and images.y.tolist() == [0, 1, 2, 3]
