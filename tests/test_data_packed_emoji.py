"""The emoji pack: split by concept, fit for a classroom, licences named, and made again byte for byte."""

import io
import json
import lzma

import numpy as np
import pack_emoji
import pytest
import torch
from PIL import Image

from course_lib.data import embedded_emoji
from course_lib.data.packed_emoji import PACK, SPLITS

LEFT_OUT = frozenset().union(*pack_emoji.UNSUITABLE.values())


@pytest.fixture(scope="module")
def everything():
    return embedded_emoji("all")


@pytest.fixture(scope="module")
def split():
    return {name: embedded_emoji(name) for name in SPLITS}


def test_the_pictures_are_small_and_coloured_on_white(everything):
    assert everything.x.shape[1:] == (3, 32, 32) and everything.x.dtype == torch.uint8
    assert (len(everything), len(everything.concepts)) == (4_124, 1_379)
    assert everything.renderings == ("twemoji", "noto", "fluent3d")
    corners = everything.x[:, :, [0, 0, -1, -1], [0, -1, 0, -1]].flatten(1)
    assert (corners == 255).all(dim=1).float().mean() > 0.85
    grey = everything.x.float().std(dim=1).mean(dim=(1, 2))
    assert (grey > 5).float().mean() > 0.8


def test_each_picture_is_of_its_concept(everything):
    """By the colour that the concept's name says, in every rendering."""
    names = [concept.name for concept in everything.concepts]
    for name, channel in (
        ("red circle", 0),
        ("green circle", 1),
        ("blue circle", 2),
        ("red heart", 0),
        ("red square", 0),
    ):
        pictures = everything.x[everything.concept == names.index(name)]
        assert len(pictures) == 3
        assert (pictures[:, :, 16, 16].argmax(dim=1) == channel).all(), name


def test_renderings_of_a_concept_look_more_alike_than_pictures_of_two(everything):
    """So that a shift by one between pictures and concepts would show."""
    twemoji, noto = (everything.rendering == r for r in (0, 1))
    assert torch.equal(everything.concept[twemoji], everything.concept[noto])
    x = everything.x.float().flatten(1) / 255
    same = (x[twemoji] - x[noto]).square().mean()
    shifted = (x[twemoji] - x[noto].roll(1, 0)).square().mean()
    assert same < 0.75 * shifted


def test_no_concept_is_in_two_splits_and_none_is_lost(split, everything):
    names = {part: {concept.name for concept in emoji.concepts} for part, emoji in split.items()}
    assert not names["train"] & names["test"]
    assert not names["train"] & names["validation"]
    assert not names["validation"] & names["test"]
    assert set().union(*names.values()) == {concept.name for concept in everything.concepts}
    assert sum(map(len, split.values())) == len(everything)


def test_no_picture_of_training_is_in_test(split):
    """Whatever their names. Split by picture, most concepts for testing would have been seen in training."""
    seen = {picture.numpy().tobytes() for picture in split["train"].x}
    for part in ("validation", "test"):
        assert not any(picture.numpy().tobytes() in seen for picture in split[part].x)


def test_the_split_is_eighty_ten_ten_and_every_part_has_its_renderings(split):
    counts = {part: len(emoji.concepts) for part, emoji in split.items()}
    assert counts == {"train": 1_103, "validation": 138, "test": 138}
    for emoji in split.values():
        assert emoji.concept.unique().tolist() == list(range(len(emoji.concepts)))
        assert emoji.rendering.unique().tolist() == [0, 1, 2]


def test_the_split_is_the_same_every_time(split):
    again = embedded_emoji("test")
    assert torch.equal(again.x, split["test"].x) and again.concepts == split["test"].concepts
    assert pack_emoji.split_of_each(50) == pack_emoji.split_of_each(50)


def test_every_concept_has_a_name_a_group_and_words(everything):
    assert all(concept.name and concept.group and concept.tags for concept in everything.concepts)
    assert len({concept.name for concept in everything.concepts}) == len(everything.concepts)
    assert len({concept.group for concept in everything.concepts}) == 9
    dog = next(concept for concept in everything.concepts if concept.name == "dog")
    assert dog.group == "Animals & Nature" and {"animal", "pet"} <= set(dog.tags)


def test_nothing_that_was_to_be_left_out_is_in(everything):
    assert len(LEFT_OUT) == 39
    for concept in everything.concepts:
        assert concept.name not in LEFT_OUT
        assert not set(concept.tags) & pack_emoji.UNSUITABLE_TAGS, concept


def test_as_images_they_are_labelled_by_group(split):
    emoji, images = split["test"], split["test"].images()
    assert torch.equal(images.x, emoji.x) and list(images.classes) == sorted(images.classes)
    for label, concept in zip(images.y.tolist(), emoji.concept.tolist(), strict=True):
        assert images.classes[label] == emoji.concepts[concept].group


def test_the_groups_have_the_same_labels_in_every_split(split):
    """Also where a split has no concept of a small group."""
    assert len({emoji.images().classes for emoji in split.values()}) == 1
    assert "Flags" in split["test"].groups and "Flags" not in {concept.group for concept in split["test"].concepts}


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="split is 'valid'. Choose 'train', 'validation', 'test' or 'all'"):
        embedded_emoji("valid")


def test_the_pack_is_under_four_megabytes():
    assert sum(file.stat().st_size for file in PACK.iterdir()) < 4e6


@pytest.mark.parametrize(
    "named",
    ["Twemoji", "CC BY 4.0", "Noto Emoji", "Apache-2.0", "Fluent Emoji", "emojilib", "MIT", "CLDR", "Unicode-3.0"],
)
def test_every_source_and_licence_is_named(named):
    assert named in (PACK / "ATTRIBUTION.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("words", ["Microsoft Corporation", "Mu-An Chiou", "UNICODE LICENSE V3", "Apache License"])
def test_the_licences_that_ask_for_it_are_here_in_full(words):
    assert words in (PACK / "LICENSES.txt").read_text(encoding="utf-8")


# The script that made it ------------------------------------------------------------------------------------


@pytest.fixture
def source(tmp_path):
    """Five concepts in two renderings, one picture missing, one concept unsuitable; in the format of the source."""
    names = ["red circle", "dagger", "person running", "man running", "blue circle"]
    concepts = [
        {"name": n, "group": "G", "subgroup": "g", "tags": [n, "b", "9"], "emojilib": ["fun", "gun"]} for n in names
    ]
    (tmp_path / "concepts.json").write_text(json.dumps({"sources": ["one", "two"], "concepts": concepts}))
    shown = [(concept, rendering) for concept in range(5) for rendering in range(2) if (concept, rendering) != (2, 1)]
    pictures = np.zeros((10, 64, 64, 3), np.uint8)
    for place, (concept, rendering) in enumerate(shown):
        pictures[place] = 10 * concept + 100 * rendering
    mosaic = pictures.reshape(5, 2, 64, 64, 3).swapaxes(1, 2).reshape(320, 128, 3)
    buffer = io.BytesIO()
    Image.fromarray(mosaic).save(buffer, "WEBP", lossless=True)
    np.savez(
        tmp_path / "emoji64.npz",
        meta=json.dumps({"n": 9, "h": 64, "w": 64, "per": 10}),
        pack_000=np.frombuffer(buffer.getvalue(), np.uint8),
        concept=[concept for concept, _ in shown],
        source=[rendering for _, rendering in shown],
    )
    return tmp_path


def test_packing_twice_gives_the_same_bytes(source, tmp_path):
    for target in ("one", "two"):
        pack_emoji.pack(source, tmp_path / target)
    for name in ("concepts.json", "pictures.xz"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_what_is_packed_is_what_was_to_be_kept(source, tmp_path):
    pack_emoji.pack(source, tmp_path / "pack")
    described = json.loads((tmp_path / "pack" / "concepts.json").read_text())
    kept = described["concepts"]
    assert [concept["name"] for concept in kept] == ["red circle", "person running", "blue circle"]
    assert [concept["renderings"] for concept in kept] == [[0, 1], [0], [0, 1]]
    assert all(concept["tags"] == ["fun"] for concept in kept)
    levels = np.frombuffer(lzma.decompress((tmp_path / "pack" / "pictures.xz").read_bytes()), np.uint8)
    shades = levels.reshape(-1, 32, 32, 3)[:, 0, 0, 0]
    assert shades.tolist() == [round(grey / 255 * 63) for grey in (0, 20, 40, 100, 140)]


def test_the_shipped_pack_is_that_of_the_source(real_data, everything):
    """The same choice, words and splits; and pictures within one of 64 levels of the reduced originals."""
    folder = real_data / "emoji_tags"
    described = json.loads((folder / "concepts.json").read_text(encoding="utf-8"))["concepts"]
    names = {concept["name"] for concept in described}
    assert names >= LEFT_OUT, "a name on the list is misspelt"
    kept = [concept for concept in described if pack_emoji.left_out(concept, names) is None]
    assert [concept["name"] for concept in kept] == [concept.name for concept in everything.concepts]
    assert [tuple(pack_emoji.tags(concept)) for concept in kept] == [concept.tags for concept in everything.concepts]
    x, concept_of, rendering_of = pack_emoji.pictures(folder)
    number = {concept["name"]: place for place, concept in enumerate(described)}
    for place in range(0, len(everything), 97):
        concept = number[everything.concepts[everything.concept[place]].name]
        [original] = x[(concept_of == concept) & (rendering_of == everything.rendering[place].item())]
        small = np.asarray(Image.fromarray(original).resize((32, 32), Image.Resampling.BOX)).astype(int)
        assert np.abs(everything.x[place].permute(1, 2, 0).numpy() - small).max() <= 3
