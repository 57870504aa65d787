"""MIR Flickr's layout, in a small made-up folder: images in the order of their numbers, each with its own tags."""

import pytest
import torch
from PIL import Image

from course_lib.data import DataError
from course_lib.data.mir_flickr import mir_flickr
from course_lib.data.tag_rows import tag_rows

TAGS = {1: ["sunset", "sea"], 2: [], 3: [], 10: ["explore", "plant life"], 11: ["café", "東京"]}
ANNOTATIONS = {"plant_life": [3, 10], "plant_life_r1": [10], "sky": [1, 24_999]}


@pytest.fixture
def photographs(tmp_path):
    """Five photographs, each of its own shade of grey and wider than high; lists as Windows writes them, with its mark."""
    folder = tmp_path / "mirflickr"
    (folder / "meta" / "tags").mkdir(parents=True)
    (folder / "doc").mkdir()
    for number, tags in TAGS.items():
        Image.new("RGB", (12, 8), (number * 20,) * 3).save(folder / f"im{number}.jpg", quality=95)
        text = "".join(f"{tag}\r\n" for tag in tags)
        (folder / "meta" / "tags" / f"tags{number}.txt").write_bytes(text.encode("utf-8-sig"))
    lists = tmp_path / "mirflickr25k_annotations_v080"
    lists.mkdir()
    (lists / "README.txt").write_text("These are the annotations.")
    for name, numbers in ANNOTATIONS.items():
        (lists / f"{name}.txt").write_bytes("".join(f"{number}\r\n" for number in numbers).encode("utf-8-sig"))
    return folder


def shades(images):
    return (images.x.float().mean(dim=(1, 2, 3)) / 20).round().int().tolist()


def test_each_image_has_its_tags_and_annotations_count_as_tags(photographs):
    found = mir_flickr(photographs, 8)
    assert found.x.shape == (4, 3, 8, 8) and found.x.dtype == torch.uint8
    assert found.tags == (("sunset", "sea", "sky"), ("plant life",), ("explore", "plant life"), ("café", "東京"))


def test_images_come_in_the_order_of_their_numbers(photographs):
    """Trap: by name im10 comes before im3, and the first 150,000 rows would be others than the paper's."""
    assert sorted(file.stem for file in photographs.glob("*.jpg")) == ["im1", "im10", "im11", "im2", "im3"]
    assert shades(mir_flickr(photographs, 8)) == [1, 3, 10, 11]


def test_untagged_images_are_left_out(photographs):
    without = mir_flickr(photographs, 8, annotations=photographs / "doc")
    assert shades(without) == [1, 10, 11]
    assert without.tags[0] == ("sunset", "sea")


def test_rows_are_one_for_each_tag(photographs):
    found = mir_flickr(photographs, 8)
    rows = tag_rows(found.tags, ("plant life", "sky", "sea"))
    assert (rows.image.tolist(), rows.word.tolist()) == ([0, 0, 1, 2], [2, 1, 0, 0])


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_few_of_the_images_keep_their_own_tags(photographs, limit):
    everything, some = mir_flickr(photographs, 8), mir_flickr(photographs, 8, limit=limit)
    of_shade = dict(zip(shades(everything), everything.tags, strict=True))
    assert len(some) == limit and some.tags == tuple(of_shade[shade] for shade in shades(some))


def test_a_damaged_image_is_named_or_left_out_with_its_tags(photographs, capsys):
    (photographs / "im3.jpg").write_bytes(b"no picture")
    with pytest.raises(DataError, match="(?s)1 of 4 files .* no readable pictures:.*im3.jpg: .*--skip-damaged"):
        mir_flickr(photographs, 8)
    found = mir_flickr(photographs, 8, skip_damaged=True)
    assert shades(found) == [1, 10, 11] and found.tags[1] == ("explore", "plant life")
    assert "im3.jpg" in capsys.readouterr().out


def test_annotations_are_found_inside_as_well_as_beside_and_do_without(photographs):
    lists = photographs.parent / "mirflickr25k_annotations_v080"
    inside = lists.rename(photographs / "mirflickr25k_annotations_v081")
    assert mir_flickr(photographs, 8).tags[1] == ("plant life",)
    for file in inside.iterdir():
        file.unlink()
    inside.rmdir()
    assert shades(mir_flickr(photographs, 8)) == [1, 10, 11]


def test_an_image_without_a_tags_file_has_no_tags(photographs):
    (photographs / "meta" / "tags" / "tags11.txt").unlink()
    assert shades(mir_flickr(photographs, 8)) == [1, 3, 10]


def test_what_is_not_there_or_not_so_is_named(photographs, tmp_path):
    with pytest.raises(DataError, match="elsewhere holds no im1.jpg"):
        mir_flickr(tmp_path / "elsewhere", 8)
    with pytest.raises(DataError, match="There is no folder .*lists with annotations"):
        mir_flickr(photographs, 8, annotations=tmp_path / "lists")
    sky = tmp_path / "mirflickr25k_annotations_v080" / "sky.txt"
    sky.write_text("1\nim7\n")
    with pytest.raises(DataError, match="sky.txt has the line 'im7'"):
        mir_flickr(photographs, 8)
    sky.unlink()
    (photographs / "meta" / "tags").rename(photographs / "meta" / "tags_raw")
    with pytest.raises(DataError, match="tags is missing"):
        mir_flickr(photographs, 8)


def test_a_folder_where_nothing_is_tagged_is_refused(photographs):
    for file in (photographs / "meta" / "tags").iterdir():
        file.write_text("")
    with pytest.raises(DataError, match="None of the 5 images"):
        mir_flickr(photographs, 8, annotations=photographs / "doc")
