"""Experiments on a folder of one's own pictures: damaged ones are all named, or left out by the option."""

import re
from dataclasses import fields, replace

import pytest
import torch
from PIL import Image

from course_lib.__main__ import main
from course_lib.data import DataError
from course_lib.experiments.catalogue import REPRODUCED, TRAINED
from course_lib.experiments.cgan import cgan_tags
from course_lib.experiments.dcgan import dcgan, dcgan_cifar10_probe, dcgan_duplicates
from course_lib.experiments.improved import ablation_cifar, semi_images, semi_svhn
from course_lib.training.plan import Training

CPU = torch.device("cpu")
WITH_DATA = {
    name: module
    for name, module in (TRAINED | REPRODUCED).items()
    if "data" in {field.name for field in fields(module.Settings)}
}
DAMAGED = ["train/cat/bad1.png", "train/dog/bad2.jpg", "test/dog/bad3.png"]


@pytest.fixture
def pictures(tmp_path):
    """Sixty pictures of two classes to train on and twelve to test, and three files that are none."""
    number = 0
    for split, each in (("train", 30), ("test", 6)):
        for kind in ("cat", "dog"):
            folder = tmp_path / "pictures" / split / kind
            folder.mkdir(parents=True)
            for _ in range(each):
                number += 1
                Image.new("RGB", (40, 36), (3 * number, 255 - 3 * number, 99)).save(folder / f"{number}.png")
    for name in DAMAGED:
        (tmp_path / "pictures" / name).write_bytes(b"no picture")
    return tmp_path / "pictures"


def opened(name, folder, skip_damaged):
    """What the experiment of that name does with the data, at quick size."""
    own = {"data": f"folder:{folder}", "skip_damaged": skip_damaged}
    few = {"labels": 4, "batch_size": 4}
    if name == "dcgan":
        return dcgan.plan(replace(dcgan.QUICK, batch_size=4, held_out=4, **own), CPU)
    if name == "probe":
        settings = replace(dcgan_cifar10_probe.QUICK, validation=8, steps=1, **few, **own)
        how = Training(folder.parent / "run", accelerator="cpu", log_every=1, draw_every=9, measure_every=9)
        return dcgan_cifar10_probe.reproduce(settings, how)
    if name == "duplicates":
        return dcgan_duplicates.reproduce(replace(dcgan_duplicates.QUICK, planted=14, **own), Training(folder.parent))
    module = {"semi": semi_images, "ablation": ablation_cifar}[name]
    return module.plan(replace(semi_svhn.QUICK if name == "semi" else ablation_cifar.QUICK, **few, **own), CPU)


def test_every_experiment_with_data_of_ones_own_has_the_option():
    assert {"dcgan", "cifar10-ablation", "dcgan-svhn-probe", "cgan-tags", "semi-cifar10"} <= set(WITH_DATA)
    for module in WITH_DATA.values():
        option = {field.name: field for field in fields(module.Settings)}["skip_damaged"]
        assert option.default is False


@pytest.mark.parametrize("name", ["dcgan", "probe", "duplicates", "semi", "ablation"])
def test_damaged_pictures_are_named_or_left_out_if_asked(pictures, capsys, name):
    with pytest.raises(DataError, match="(?s)2 of 62 files .*bad1.png: .*bad2.jpg: .*--skip-damaged"):
        opened(name, pictures, skip_damaged=False)
    opened(name, pictures, skip_damaged=True)
    said = capsys.readouterr().out
    assert said.count("2 of 62 files") == said.count("bad1.png") == 1
    assert "bad2.jpg" in said and "They are left out." in said
    assert ("bad3.png" in said) == (name in ("probe", "semi"))  # who looks at the test pictures


def test_damaged_photographs_of_mir_flickr_are_named_or_left_out_if_asked(tmp_path, capsys, monkeypatch):
    (tmp_path / "meta" / "tags").mkdir(parents=True)
    for n in range(1, 13):
        Image.new("RGB", (40, 30), (20 * n, 255 - 20 * n, 128)).save(tmp_path / f"im{n}.jpg")
        (tmp_path / "meta" / "tags" / f"tags{n}.txt").write_text(f"one\ntwo\ntag{n}")
    (tmp_path / "im12.jpg").write_bytes(b"no picture")
    monkeypatch.setattr(cgan_tags, "imagenet_features", lambda x: x.float().mean((2, 3)))
    settings = replace(cgan_tags.QUICK, data=f"mirflickr:{tmp_path}", training_rows=18, min_count=1)
    with pytest.raises(DataError, match="(?s)1 of 12 files .*im12.jpg: .*--skip-damaged"):
        cgan_tags.prepare(settings)
    found = cgan_tags.prepare(replace(settings, skip_damaged=True))
    assert sum(map(len, found.tags.values())) == 11
    assert "im12.jpg" in capsys.readouterr().out


def test_on_the_command_line(pictures, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["train", "dcgan", "--data", f"folder:{pictures}", "--batch-size", "4", "--held-out", "4", "--steps", "2"]
    assert main([*words, "--accelerator", "cpu"]) == 1
    error = capsys.readouterr().err
    assert re.search("(?s)2 of 62 files .*--skip-damaged", error) and "Traceback" not in error
    assert not (tmp_path / "runs").exists()
    assert main([*words, "--accelerator", "cpu", "--skip-damaged"]) == 0
    assert "They are left out." in capsys.readouterr().out
    assert (tmp_path / "runs" / "dcgan" / "last.safetensors").exists()
