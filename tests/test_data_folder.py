"""Folders of pictures: flat and nested, of every kind and shape, and damaged ones that are named."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import datasets
from torchvision.transforms import v2

from course_lib import data
from course_lib.data import folder as folder_module
from course_lib.data import folder_images

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def draw(path, colour=RED, size=(12, 8), mode="RGB"):
    """A picture of one colour, in the format its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).convert(mode).save(path)
    return path


def noise(path, size=(40, 30)):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = torch.randint(256, (size[1], size[0], 3), dtype=torch.uint8)
    Image.fromarray(pixels.numpy()).save(path)
    return path


def colours(images):
    return [tuple(pixel.tolist()) for pixel in images.x[:, :, 0, 0]]


def test_a_flat_folder_in_the_order_of_its_names(tmp_path):
    for name, colour in (("b.png", GREEN), ("a.png", RED), ("c.PNG", BLUE)):
        draw(tmp_path / name, colour)
    images = folder_images(tmp_path, 4)
    assert images.x.shape == (3, 3, 4, 4) and images.x.dtype == torch.uint8
    assert colours(images) == [RED, GREEN, BLUE]
    assert images.y.tolist() == [-1, -1, -1] and images.classes == () and images.name == tmp_path.name


def test_folders_of_classes_are_those_of_torchvision(tmp_path):
    for name in ("dog/2.png", "dog/1.png", "cat/deep/3.png", "bee/x.png"):
        draw(tmp_path / name)
    images, theirs = folder_images(tmp_path, 4), datasets.ImageFolder(tmp_path)
    assert images.classes == tuple(theirs.classes) == ("bee", "cat", "dog")
    assert images.y.tolist() == theirs.targets == [0, 1, 2, 2]


def test_pictures_beside_folders_make_no_classes_of_them(tmp_path):
    draw(tmp_path / "a.png")
    draw(tmp_path / "more" / "b.png")
    images = folder_images(tmp_path, 4)
    assert images.y.tolist() == [-1, -1] and images.classes == ()


def test_train_and_test_are_read_apart(tmp_path):
    draw(tmp_path / "train" / "cat" / "a.png", RED)
    draw(tmp_path / "val" / "cat" / "b.png", BLUE)
    train, test = folder_images(tmp_path, 4), folder_images(tmp_path, 4, split="test")
    assert (colours(train), colours(test)) == ([RED], [BLUE])
    assert train.classes == test.classes == ("cat",)


def test_a_class_has_one_label_in_both_splits_though_test_lacks_another(tmp_path):
    for name in ("train/bee/a.png", "train/cat/a.png", "test/cat/b.png"):
        draw(tmp_path / name)
    train, test = folder_images(tmp_path, 4), folder_images(tmp_path, 4, split="test")
    assert train.classes == test.classes == ("bee", "cat")
    assert (train.y.tolist(), test.y.tolist()) == ([0, 1], [1])


def test_a_class_that_training_does_not_have_is_refused(tmp_path):
    draw(tmp_path / "train" / "cat" / "a.png")
    draw(tmp_path / "test" / "dog" / "b.png")
    with pytest.raises(data.DataError, match="dog is a class that the training data do not have"):
        folder_images(tmp_path, 4, split="test")


def test_damaged_files_are_all_counted_and_named_at_once(tmp_path, capsys, monkeypatch):
    draw(tmp_path / "good.png")
    for number in range(12):
        (tmp_path / f"bad{number:02d}.png").write_bytes(b"no picture")
    assert len(folder_images(tmp_path, 4, skip_damaged=True)) == 1
    said = capsys.readouterr().out
    assert "12 of 13 files" in said and all(f"bad{number:02d}.png: " in said for number in range(12))
    monkeypatch.setattr(folder_module, "NAMED", 10)
    with pytest.raises(data.DataError, match="(?s)12 of 13 files .*bad09.png: [^\n]*\n  and 2 others\nDelete or"):
        folder_images(tmp_path, 4)


def test_training_data_are_never_taken_for_a_test(tmp_path):
    draw(tmp_path / "a.png")
    with pytest.raises(data.DataError, match="has no folder `test` or `val`"):
        folder_images(tmp_path, 4, split="test")


def test_the_central_square_is_kept_and_resized_as_torchvision_does(tmp_path):
    noise(tmp_path / "a.png", size=(41, 30))
    whole = Image.open(tmp_path / "a.png")
    theirs = v2.Compose([v2.CenterCrop(30), v2.Resize((10, 10)), v2.PILToTensor()])(whole)
    assert torch.equal(folder_images(tmp_path, 10).x[0], theirs)


def test_left_and_right_of_the_square_are_cut_off(tmp_path):
    picture = Image.new("RGB", (30, 10), BLUE)
    picture.paste(Image.new("RGB", (10, 10), RED), (10, 0))
    picture.save(tmp_path / "a.png")
    assert (folder_images(tmp_path, 5).x[0] == torch.tensor(RED)[:, None, None]).all()


@pytest.mark.parametrize(
    "mode, name", [("L", "a.png"), ("1", "a.png"), ("P", "a.png"), ("CMYK", "a.jpg"), ("L", "a.pgm")]
)
def test_other_kinds_of_picture_become_rgb(tmp_path, mode, name):
    draw(tmp_path / name, (255, 255, 255), mode=mode)
    assert colours(folder_images(tmp_path, 4)) == [(255, 255, 255)]


def test_grey_stays_grey(tmp_path):
    draw(tmp_path / "a.png", (90, 90, 90), mode="L")
    assert colours(folder_images(tmp_path, 4)) == [(90, 90, 90)]


def test_what_is_transparent_becomes_white(tmp_path):
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert colours(folder_images(tmp_path, 4)) == [(255, 255, 255)]


def test_a_photograph_is_turned_upright(tmp_path):
    picture = Image.new("RGB", (8, 8), BLUE)
    picture.paste(Image.new("RGB", (8, 4), RED), (0, 0))  # red above
    exif = picture.getexif()
    exif[0x0112] = 3  # "hold it upside down"
    picture.save(tmp_path / "a.png", exif=exif)
    assert folder_images(tmp_path, 4).x[0, :, 3, 0].tolist() == list(RED)


@pytest.mark.parametrize("spoil", [lambda b: b[: len(b) // 2], lambda b: b"no picture", lambda b: b""])
def test_a_damaged_file_is_refused_by_name_with_the_remedy(tmp_path, spoil):
    noise(tmp_path / "good.png")
    bad = noise(tmp_path / "sub" / "bad.jpg")
    bad.write_bytes(spoil(bad.read_bytes()))
    with pytest.raises(
        data.DataError, match="(?s)1 of 2 files .*sub/bad.jpg: .*Delete or convert them, or leave .*--skip"
    ):
        folder_images(tmp_path, 4)


LEVELS = [0, 128, 257, 30_000, 32_768, 65_278, 65_535]  # of 16 bits
AS_8_BITS = [0, 0, 1, 117, 128, 254, 255]


@pytest.mark.parametrize(
    "kind, name",
    [("uint16", "a.png"), ("uint16", "a.tif"), (">u2", "a.tif"), ("int32", "a.tif"), ("uint16", "a.pgm")],
)
def test_sixteen_bits_become_eight(tmp_path, kind, name):
    """Scaled, so that white stays white: the nearest of 256 levels to each of 65,536."""
    for number, level in enumerate(LEVELS):
        Image.fromarray(np.full((4, 4), level, kind)).save(tmp_path / f"{number}{name}")
    assert colours(folder_images(tmp_path, 4)) == [(level, level, level) for level in AS_8_BITS]


def test_floating_point_numbers_from_0_to_1_become_eight_bits(tmp_path):
    for number, level in enumerate(LEVELS):
        Image.fromarray(np.full((4, 4), level / 65_535, "float32")).save(tmp_path / f"{number}.tif")
    assert colours(folder_images(tmp_path, 4)) == [(level, level, level) for level in AS_8_BITS]


@pytest.mark.parametrize(
    "kind, level, says",
    [
        ("int32", 65_536, "65536 to 65536, and such a picture has 0 to 65535"),
        ("int32", -1, "-1 to -1, and such"),
        ("float32", 255.0, "255 to 255, and such a picture has 0 to 1"),
        ("float32", float("nan"), "nan to nan, and such"),
    ],
)
def test_numbers_of_which_nothing_says_what_is_white_are_refused(tmp_path, kind, level, says):
    Image.fromarray(np.full((4, 4), level, kind)).save(tmp_path / "a.tif")
    with pytest.raises(data.DataError, match=says):
        folder_images(tmp_path, 4)


def test_what_is_transparent_in_sixteen_bits_becomes_white(tmp_path):
    Image.fromarray(np.full((4, 4), 300, "uint16")).save(tmp_path / "a.png", transparency=300)
    assert colours(folder_images(tmp_path, 4)) == [(255, 255, 255)]


def test_sixteen_bits_are_turned_upright_too(tmp_path):
    picture = Image.new("I;16", (8, 8), 0)
    picture.paste(65535, (0, 0, 8, 4))  # white above
    exif = picture.getexif()
    exif[0x0112] = 3  # "hold it upside down"
    picture.save(tmp_path / "a.png", exif=exif)
    assert folder_images(tmp_path, 8).x[0, 0, :, 0].tolist() == [0] * 4 + [255] * 4


def test_damaged_files_are_left_out_when_asked_and_the_rest_keep_their_labels(tmp_path, capsys):
    draw(tmp_path / "cat" / "a.png", RED)
    (tmp_path / "cat" / "bad.png").write_bytes(b"no picture")
    draw(tmp_path / "dog" / "c.png", BLUE)
    for _ in range(2):  # an experiment opens its data more than once, and says it once
        images = folder_images(tmp_path, 4, skip_damaged=True)
        assert colours(images) == [RED, BLUE] and images.y.tolist() == [0, 1]
    said = capsys.readouterr().out
    assert said.count("They are left out") == 1
    assert "1 of 3 files" in said and f"{tmp_path}/cat/bad.png: " in said and said.endswith("They are left out.\n")


def test_nothing_but_damaged_files_is_refused(tmp_path, capsys):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(data.DataError, match="(?s)1 of 1 files .*Delete or convert them.$"):
        folder_images(tmp_path, 4, skip_damaged=True)


def test_a_limit_takes_a_mixed_sample_always_the_same(tmp_path):
    for label in range(4):
        for number in range(6):
            draw(tmp_path / f"class{label}" / f"{number}.png", (40 * label, 40 * number, 0), size=(4, 4))
    first, again = folder_images(tmp_path, 4, limit=10), folder_images(tmp_path, 4, limit=10)
    assert (
        len(first) == 10 and torch.equal(first.x, again.x) and first.classes == ("class0", "class1", "class2", "class3")
    )
    assert len(first.y.unique()) > 2
    assert [colour[0] // 40 for colour in colours(first)] == first.y.tolist()
    assert len(folder_images(tmp_path, 4, limit=100)) == 24


def test_many_pictures_are_read_in_parts_and_stay_in_order(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(folder_module, "AT_ONCE", 3)
    for number in range(8):
        draw(tmp_path / f"{number}.png", (30 * number, 0, 0), size=(4, 4))
    assert [colour[0] // 30 for colour in colours(folder_images(tmp_path, 4))] == list(range(8))
    assert "8/8" in capsys.readouterr().err  # the progress bar


def test_hidden_files_are_not_looked_at(tmp_path):
    draw(tmp_path / "a.png")
    (tmp_path / "._a.png").write_bytes(b"what a Mac leaves beside it")
    draw(tmp_path / ".ipynb_checkpoints" / "a.png")
    assert len(folder_images(tmp_path, 4)) == 1


def test_a_folder_without_pictures_says_what_was_looked_for(tmp_path):
    (tmp_path / "readme.txt").write_text("no pictures")
    with pytest.raises(data.DataError, match=f"No pictures in {tmp_path}.*.jpg, .jpeg, .png"):
        folder_images(tmp_path, 4)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(data.DataError, match="There is no folder .*nowhere"):
        folder_images(tmp_path / "nowhere", 4)


@pytest.mark.parametrize(
    "settings, words",
    [({"size": 0}, "size is 0"), ({"limit": 0}, "limit is 0"), ({"split": "valid"}, "split is 'valid'")],
)
def test_settings_that_cannot_be_are_refused(tmp_path, settings, words):
    draw(tmp_path / "a.png")
    with pytest.raises(ValueError, match=words):
        folder_images(tmp_path, **({"size": 4} | settings))
