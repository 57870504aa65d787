"""The figures of lesson 00 show what they are given, and say in words what they show."""

import pytest
import torch

from course_lib import figures


def images(n, channels=1):
    return torch.rand(n, channels, 28, 28) * 2 - 1


def every_figure():
    z = torch.randn(9, 64)
    return {
        "the_game": figures.the_game(z[0], *images(2, 3)),
        "digit_in_numbers": figures.digit_in_numbers(torch.randint(256, (1, 28, 28), dtype=torch.uint8)),
        "noise_batch": figures.noise_batch(z),
        "nudged": figures.nudged(*images(3), 0.26, 0.39),
        "answers_over_time": figures.answers_over_time([0, 10], [0.5, 0.7], [0.5, 0.3]),
        "lengths_on_the_way": figures.lengths_on_the_way(z, z, torch.randn(1000, 64).norm(dim=1)),
    }


def test_every_figure_has_words_no_title_and_labelled_scales():
    for name, figure in every_figure().items():
        assert len(figure.alt_text) > 60, name
        for axes in figure.axes:
            assert axes.get_title() == "", name
            # An axis with numbers on it says of what.
            if axes.axison and axes.get_xticks().size and axes.get_xticklabels()[0].get_text() != "":
                assert axes.get_xlabel(), name
        figure.canvas.draw()


def test_the_game_draws_both_images_and_the_first_twelve_numbers():
    z = torch.arange(20.0)
    fake, real = torch.full((1, 4, 4), -1.0), torch.full((1, 4, 4), 1.0)
    [axes] = figures.the_game(z, fake, real).axes
    bars, above, below = axes.child_axes
    assert [bar.get_height() for bar in bars.patches] == list(range(12))
    assert above.images[0].get_array().max() == 0 and below.images[0].get_array().min() == 1


def test_the_digits_window_shows_the_numbers_of_its_pixels():
    image = torch.arange(28 * 28).reshape(1, 28, 28).remainder(256).to(torch.uint8)
    figure = figures.digit_in_numbers(image, top=2, left=5, side=3)
    whole, close = figure.axes
    assert [text.get_text() for text in close.texts] == [str(v) for v in image[0, 2:5, 5:8].flatten().tolist()]
    assert {text.get_position() for text in close.texts} == {(x, y) for x in (5, 6, 7) for y in (2, 3, 4)}
    frame = whole.patches[0]
    assert (frame.get_xy(), frame.get_width()) == ((4.5, 1.5), 3)


def test_noise_histogram_is_a_density():
    figure = figures.noise_batch(torch.randn(50, 40))
    bars = figure.axes[1].patches
    assert sum(bar.get_height() * bar.get_width() for bar in bars) == pytest.approx(1)


def test_answers_are_drawn_at_their_steps():
    steps, real, fake = [1, 100, 200], [0.5, 0.8, 0.7], [0.4, 0.2, 0.3]
    figure = figures.answers_over_time(steps, real, fake)
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert lines["on real digits"].get_ydata().tolist() == real
    assert lines["on fakes"].get_ydata().tolist() == fake
    assert lines["on fakes"].get_xdata().tolist() == steps
    assert "0.70" in figure.alt_text and "0.30" in figure.alt_text


def test_the_nudge_shows_both_digits_and_the_gradient_on_a_scale_around_zero():
    fake, after = images(2)
    gradient = torch.zeros(1, 28, 28)
    gradient[0, 3, 4] = -0.02
    figure = figures.nudged(fake, gradient, after, 0.25, 0.75)
    asked = figure.axes[1].images[0].get_array()
    assert asked[3, 4] == -1 and asked.sum() == -1
    assert [axes.get_xlabel() for axes in figure.axes][::2] == ["fake: $D$ says 0.25", "nudged: $D$ says 0.75"]
    assert "0.25" in figure.alt_text and "0.75" in figure.alt_text
    figures.nudged(fake, torch.zeros(1, 28, 28), after, 0.5, 0.5).canvas.draw()  # D may be indifferent


def test_lengths_are_the_norms_and_the_band_holds_98_in_100():
    straight, kept = torch.tensor([[3.0, 4.0], [0.0, 1.0]]), torch.tensor([[3.0, 4.0], [4.0, 3.0]])
    figure = figures.lengths_on_the_way(straight, kept, torch.linspace(0, 100, 101))
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert lines["straight walk"].get_ydata().tolist() == [5, 1]
    assert lines["keeps its length"].get_ydata().tolist() == [5, 5]
    [band] = figure.axes[0].patches
    assert band.get_y() == pytest.approx(1) and band.get_y() + band.get_height() == pytest.approx(99)
