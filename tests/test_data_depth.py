"""Pictures of more than 8 bits: their whole range becomes that of 8 bits, and no range is guessed."""

import struct

import numpy as np
import pytest
from PIL import Image

from course_lib.data.depth import eight_bits

ALL = np.arange(65_536).reshape(256, 256)


def eight(values, name, folder, **options):
    """Saved in the format of the name, opened, and brought to 8 bits."""
    Image.fromarray(values).save(folder / name, **options)
    with Image.open(folder / name) as picture:
        return np.asarray(eight_bits(picture)).astype(int)


@pytest.mark.parametrize(
    "kind, name", [("uint16", "a.png"), ("uint16", "a.tif"), ("uint16", "a.pgm"), ("int32", "a.tif")]
)
def test_every_value_of_16_bits_goes_to_the_nearest_of_8(tmp_path, kind, name):
    found = eight(ALL.astype(kind), name, tmp_path)
    assert np.abs(found - ALL / 257).max() <= 0.5 and found.min() == 0 and found.max() == 255
    assert np.bincount(found.flatten())[1:-1].tolist() == [257] * 254


def test_what_had_8_bits_and_was_stored_in_16_is_what_it_was(tmp_path):
    assert np.array_equal(eight((257 * (ALL % 256)).astype("uint16"), "a.png", tmp_path), ALL % 256)


def test_floating_point_runs_from_0_to_1(tmp_path):
    found = eight((ALL / 65_535).astype("float32"), "a.tif", tmp_path)
    assert np.abs(found - ALL / 257).max() <= 0.5 + 1e-4


@pytest.mark.parametrize(
    "values, says",
    [
        (np.array([[0, 65_536]], "int32"), "are 0 to 65536, and such a picture has 0 to 65535"),
        (np.array([[-1, 5]], "int32"), "are -1 to 5, and"),
        (np.array([[0.5, 1.5]], "float32"), "are 0.5 to 1.5, and such a picture has 0 to 1"),
        (np.array([[0.5, np.nan]], "float32"), "are nan to nan, and"),
    ],
)
def test_a_range_that_is_not_known_is_refused(tmp_path, values, says):
    with pytest.raises(ValueError, match=says):
        eight(values, "a.tif", tmp_path)


def tiff(bits, white_is_zero, *rows):
    """A grey TIFF file, byte by byte: Pillow writes none of 12 bits, and none whose white is zero."""
    pixels = b"".join(rows)
    width = len(rows[0]) * 8 // bits
    tags = [(256, width), (257, len(rows)), (258, bits), (259, 1), (262, 1 - white_is_zero), (273, 8), (277, 1)]
    tags += [(278, len(rows)), (279, len(pixels))]
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    head = struct.pack("<2sHI", b"II", 42, 8 + len(pixels))
    return head + pixels + struct.pack("<H", len(tags)) + directory + struct.pack("<I", 0)


@pytest.mark.parametrize(
    "file, expected",
    [
        (tiff(12, False, bytes.fromhex("000fff")), [0, 255]),
        (tiff(16, False, bytes.fromhex("0000ffff")), [0, 255]),
        (tiff(16, True, bytes.fromhex("0000ffff")), [255, 0]),
    ],
    ids=["12 bits", "16 bits", "white is zero"],
)
def test_tiff_files_say_what_is_white(tmp_path, file, expected):
    (tmp_path / "a.tif").write_bytes(file)
    with Image.open(tmp_path / "a.tif") as picture:
        assert picture.mode == "I;16"
        assert np.asarray(eight_bits(picture)).tolist() == [expected]


def test_a_transparent_grey_is_transparent_still(tmp_path):
    found = eight(np.array([[7, 40_000]], "uint16"), "a.png", tmp_path, transparency=7)
    assert found.tolist() == [[[0, 0], [156, 255]]]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_a_picture_of_8_bits_is_left_alone(mode):
    picture = Image.new(mode, (3, 3))
    assert eight_bits(picture) is picture
