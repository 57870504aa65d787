"""A film shows every frame exactly, for as long as it should, in few bytes."""

import io

import numpy as np
import pytest
from PIL import Image

from course_lib.figures.film import SCALE, film
from course_lib.figures.style import ACCENT, DATA, panels

COLOURS = (DATA, ACCENT)


def bars(heights):
    figure, [axes] = panels(width=3, height=2)
    axes.bar(range(len(heights)), heights, color=ACCENT)
    axes.set(ylim=(0, 1))
    return figure


def frames(picture):
    opened = Image.open(io.BytesIO(picture.data))
    for number in range(opened.n_frames):
        opened.seek(number)
        yield np.asarray(opened.convert("RGB")), opened.info["duration"]


HEIGHTS = [(0.2, 0.9), (0.2, 0.5), (0.2, 0.5), (0.9, 0.1)]


def test_every_frame_is_as_if_it_stood_alone():
    moving = list(frames(film(map(bars, HEIGHTS), [10, 20, 30, 40], colours=COLOURS, alt="Two bars move.")))
    merged = [10, 50, 40] if len(moving) == 3 else [10, 20, 30, 40]  # Pillow makes one frame of two equal ones
    assert [duration for _, duration in moving] == merged
    shown = HEIGHTS if len(moving) == 4 else [HEIGHTS[0], HEIGHTS[1], HEIGHTS[3]]
    for (frame, _), heights in zip(moving, shown, strict=True):
        [(alone, _)] = frames_of_one(heights)
        assert np.array_equal(frame, alone)


def frames_of_one(heights):
    still = film([bars(heights)], [10], colours=COLOURS, alt="Two bars.")
    return [(np.asarray(Image.open(io.BytesIO(still.data)).convert("RGB")), 10)]


def test_it_has_words_and_is_sharp_and_loops():
    picture = film(map(bars, HEIGHTS), [10] * 4, colours=COLOURS, alt="Two bars move.", dpi=80)
    _, about = picture._repr_mimebundle_()
    opened = Image.open(io.BytesIO(picture.data))
    assert about["image/png"]["alt"] == "Two bars move." and opened.info["loop"] == 0
    assert opened.width == pytest.approx(SCALE * about["image/png"]["width"], abs=1) and opened.width == 3 * 80 * SCALE
    assert opened.mode == "P"


def test_what_does_not_move_costs_little():
    one = len(film([bars(HEIGHTS[0])], [10], colours=COLOURS, alt="Two bars.").data)
    many = [(0.2, height / 20) for height in range(20)]
    assert len(film(map(bars, many), [10] * 20, colours=COLOURS, alt="Two bars.").data) < 4 * one


@pytest.mark.parametrize("milliseconds", [[10], [10, 20, 30]])
def test_a_duration_for_each_frame(milliseconds):
    with pytest.raises(ValueError, match="2 frames and"):
        film(map(bars, HEIGHTS[:2]), milliseconds, colours=COLOURS, alt="Two bars.")
