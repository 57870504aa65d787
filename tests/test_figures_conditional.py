"""The figures of lesson 06 show what they were given, with labelled axes, text for who cannot see, and no title."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from drawn import assert_well_made, line

from course_lib import theory
from course_lib.figures import conditional


def test_the_diagram_gives_y_to_both_players():
    figure = conditional.conditional_net()
    assert_well_made(figure, axes=1)
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words.count("$y$") == 2 and words.count("$x$") == words.count("$z$") == 1
    assert {"generator", "discriminator"} <= set(words)
    assert "y enters both players" in figure.alt_text


def test_a_discrete_game_is_drawn_label_by_label_and_once_without_label():
    p = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], dtype=torch.float64)
    g, share = p.flip(0), torch.tensor([0.25, 0.75], dtype=torch.float64)
    figure = conditional.game_by_label(p, g, share)
    assert_well_made(figure, axes=3)
    for axes, real, fake in zip(figure.axes, [*p, share @ p], [*g, share @ g], strict=True):
        assert [bar.get_height() for bar in axes.patches if isinstance(bar, plt.Rectangle)] == pytest.approx(
            fake.tolist()
        )
        assert np.allclose(line(axes, "$D^*$")[1], theory.optimal_discriminator(real, fake))
        assert axes.get_xlabel()
    assert "not told" in figure.axes[-1].get_xlabel() and figure.axes[0].get_ylabel()


def test_rows_by_label_puts_every_label_in_its_own_row():
    images = torch.linspace(0, 1, 3)[:, None, None, None, None].expand(3, 4, 1, 6, 6)
    figure = conditional.rows_by_label(images, ["a", "b", "c"])
    assert_well_made(figure, axes=1)
    (axes,) = figure.axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a", "b", "c"]
    shown = axes.images[0].get_array()
    for row, place in enumerate(axes.get_yticks()):
        assert np.allclose(shown[int(place), 5], row / 2, atol=1e-6)  # all columns of a row are of its label
        assert np.allclose(shown[int(place), -5], row / 2, atol=1e-6)
    assert axes.get_ylabel() and axes.get_xlabel()


def test_asked_and_seen_divides_each_row_by_its_own_sum():
    counts = torch.tensor([[8, 2, 0], [0, 1, 1], [0, 0, 5]])
    figure = conditional.asked_and_seen({"told": counts, "not told": torch.ones(3, 3, dtype=torch.long)})
    assert_well_made(figure, axes=2)
    told, other = figure.axes
    assert np.allclose(told.images[0].get_array(), [[0.8, 0.2, 0], [0, 0.5, 0.5], [0, 0, 1]])
    assert np.allclose(other.images[0].get_array(), 1 / 3)
    assert "told 82%" in figure.alt_text and "not told 33%" in figure.alt_text
    assert told.get_ylabel() and "not told" in other.get_xlabel()
    assert {(*text.get_position(), text.get_text()) for text in told.texts} == {
        (0, 0, "80"),
        (1, 0, "20"),
        (1, 1, "50"),
        (2, 1, "50"),
        (2, 2, "100"),
    }


def test_a_label_never_asked_for_is_an_empty_row():
    figure = conditional.asked_and_seen({"one": torch.tensor([[3, 0], [0, 0]])})
    assert np.allclose(figure.axes[0].images[0].get_array(), [[1, 0], [0, 0]])


def test_on_and_off_stand_side_by_side_for_each_number():
    figure = conditional.on_and_off({"nats": (170.0, -38.0), "precision": (0.07, 0.09)})
    assert_well_made(figure, axes=2)
    assert [bar.get_height() for bar in figure.axes[0].patches] == [170, -38]
    assert figure.axes[1].get_ylabel() == "precision" and "nats: 170 on, -38 off" in figure.alt_text
