"""The figures of lesson 07 show the words, samples and numbers they are given, with text for who cannot see."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from drawn import assert_well_made

from course_lib.figures import tags as figures


def texts(axes) -> dict[str, plt.Text]:
    return {text.get_text(): text for text in axes.texts}


PICTURES = torch.randint(0, 256, (2, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def test_right_words_stand_out_in_the_last_column_alone():
    columns = {"tags": [["cat", "fur"], ["sea"]], "generated": [["dog", "pet"], ["wave", "salt"]]}
    figure = figures.tagged_pictures(PICTURES, columns, right=[["pet", "fur"], ["salt"]])
    assert_well_made(figure, axes=1)
    weight = {word: text.get_weight() for word, text in texts(figure.axes[0]).items()}
    assert {word for word, heavy in weight.items() if heavy == "bold"} == {"pet", "salt"}
    assert set(weight) == {"tags", "generated", "cat", "fur", "sea", "dog", "pet", "wave", "salt"}
    assert "2 are bold" in figure.alt_text


def test_each_picture_is_shown_unchanged_beside_its_words():
    figure = figures.tagged_pictures(PICTURES, {"tags": [["above"], ["below"]]})
    insets = figure.axes[0].child_axes
    for inset, picture in zip(insets, PICTURES, strict=True):
        assert np.array_equal(inset.images[0].get_array(), picture.permute(1, 2, 0).numpy())
    words = texts(figure.axes[0])
    assert words["above"].get_position()[1] < words["below"].get_position()[1]  # the axis points down


def test_many_words_stay_inside_their_column_and_do_not_overlap():
    words = [f"a longer word {n}" for n in range(9)]
    figure = figures.tagged_pictures(PICTURES[:1], {"tags": [words], "generated": [words]}, width=7.0)
    figure.canvas.draw()
    boxes = [t.get_window_extent() for t in figure.axes[0].texts if t.get_text() in words]
    assert all(box.x1 <= figure.bbox.x1 for box in boxes)
    assert not any(a.overlaps(b) for n, a in enumerate(boxes) for b in boxes[:n])


def test_columns_of_another_length_are_refused():
    with pytest.raises(ValueError, match="column 'tags' has 1 rows for 2 pictures"):
        figures.tagged_pictures(PICTURES, {"tags": [["one"]]})


def test_real_and_made_up_pairs_differ_in_more_than_colour():
    figure = figures.skip_gram_pairs("cat", ("pet", "fur"), ("bus", "sea", "red"))
    assert_well_made(figure, axes=1)
    assert [line.get_linestyle() for line in figure.axes[0].lines] == ["-", "-", "--", "--", "--"]
    assert {"cat", "pet", "fur", "bus", "sea", "red"} <= set(texts(figure.axes[0]))


def test_the_map_keeps_apart_what_points_apart():
    words = ("a", "b", "c", "d", "not shown")
    vectors = torch.tensor([[1.0, 0, 0], [5.0, 0.5, 0], [0, 0, 1.0], [0, 0.1, 1.0], [0, 1.0, 0]])
    figure = figures.word_map(words, vectors, {"one": ("a", "b"), "other": ("c", "d")})
    assert_well_made(figure, axes=1)
    one, other = ([np.column_stack(line.get_data())] for line in figure.axes[0].lines)
    [one], [other] = one, other
    assert np.linalg.norm(one[0] - one[1]) < np.linalg.norm(one[0] - other[0]) / 3
    assert set(texts(figure.axes[0])) == {"a", "b", "c", "d"}
    assert len({line.get_marker() for line in figure.axes[0].lines}) == 2


def test_unknown_words_and_too_many_groups_are_refused():
    with pytest.raises(ValueError, match="unknown: \\['b'\\]"):
        figures.word_map(("a",), torch.ones(1, 2), {"one": ("a", "b")})
    with pytest.raises(ValueError, match="at most 4 groups"):
        figures.word_map(("a",), torch.ones(1, 2), {str(n): ("a",) for n in range(5)})


def test_samples_are_drawn_where_their_words_are():
    vectors = torch.randn(30, 5, generator=torch.Generator().manual_seed(0))
    samples = vectors[[3, 4]][:, None].repeat(1, 6, 1)
    figure = figures.samples_among_tags(vectors, [[3, 5], [4, 6]], samples, ["first", "second"])
    assert_well_made(figure, axes=2)
    assert [axes.get_xlabel() for axes in figure.axes] == ["first", "second"]
    for axes in figure.axes:
        everything, own, made = (np.column_stack(line.get_data()) for line in axes.lines)
        assert len(everything) == 30 and len(own) == 2 and len(made) == 6
        assert np.allclose(made, own[0], atol=1e-5)  # all samples lie on the first tag
    assert "0.00 times" in figure.alt_text


def test_bars_have_their_lengths_and_the_best_is_marked():
    figure = figures.precision_bars({"frequent": 0.07, "ours": 0.1}, best=0.43, ours="ours")
    assert_well_made(figure, axes=1)
    [axes] = figure.axes
    assert [bar.get_width() for bar in axes.patches] == [0.07, 0.1]
    colours = [bar.get_facecolor() for bar in axes.patches]
    assert colours[0] != colours[1]
    assert axes.lines[0].get_xdata()[0] == 0.43 and {"0.070", "0.100"} <= set(texts(axes))
    assert axes.get_xlabel() and "ours 0.100" in figure.alt_text
