"""The film shows each step's samples; the quiz gives nothing away until it is asked to."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from course_lib import figures
from course_lib.figures.learning import ENLARGED, LEVELS, STRIP

STEPS = (0, 20, 4_000)


def shots(n=10):
    return {step: torch.rand(n, 1, 28, 28, generator=torch.Generator().manual_seed(step)) * 2 - 1 for step in STEPS}


def frames_of(picture):
    opened = Image.open(io.BytesIO(picture.data))
    for number in range(opened.n_frames):
        opened.seek(number)
        yield np.asarray(opened.convert("L")), opened.info["duration"]


def test_every_frame_shows_the_samples_of_its_step_and_the_last_stands_longest():
    made = shots()
    frames = list(frames_of(figures.samples_film(made, columns=5, frame_ms=100, pause_ms=900)))
    assert [duration for _, duration in frames] == [100, 100, 900]
    for (frame, _), images in zip(frames, made.values(), strict=True):
        shrunk = frame[:-STRIP][ENLARGED // 2 :: ENLARGED, ENLARGED // 2 :: ENLARGED] / 255
        second_row_third = shrunk[30 : 30 + 28, 2 * 29 + 1 : 2 * 29 + 29]
        assert np.abs(second_row_third - (images[7, 0].numpy() + 1) / 2).max() < 0.51 / (LEVELS - 1)
        assert frame[-STRIP:].min() == 0  # something is written there


def test_it_loops_and_says_from_which_step_to_which():
    picture = figures.samples_film(shots())
    _, about = picture._repr_mimebundle_()
    opened = Image.open(io.BytesIO(picture.data))
    assert opened.info["loop"] == 0 and about["image/png"]["width"] == opened.width >= 580
    assert "10 draws of noise" in about["image/png"]["alt"] and "step 0 to step 4,000" in about["image/png"]["alt"]


def test_a_film_of_26_steps_of_noise_is_small():
    """Noise is the worst case; samples of a training take less than half of it."""
    many = {step: torch.rand(10, 1, 28, 28) * 2 - 1 for step in range(26)}
    assert len(figures.samples_film(many).data) < 300_000


def test_a_film_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one step"):
        figures.samples_film({})


def test_the_quiz_gives_nothing_away():
    images = torch.rand(20, 1, 28, 28) * 2 - 1
    figure = figures.real_or_fake(images)
    assert [axes.texts[0].get_text() for axes in figure.axes] == [str(n) for n in range(1, 21)]
    assert len({axes.texts[0].get_color() for axes in figure.axes}) == 1
    assert np.array_equal(figure.axes[3].images[0].get_array(), images[3, 0].numpy())


def test_the_answer_says_what_each_is_and_what_d_says():
    kinds = ["real", "300", "real"]
    figure = figures.real_or_fake(torch.zeros(3, 1, 4, 4), kinds, torch.tensor([0.9, 0.1, 0.25]), columns=2)
    texts = [axes.texts[0] for axes in figure.axes if axes.texts]
    assert [text.get_text() for text in texts] == ["real\n0.90", "300\n0.10", "real\n0.25"]
    assert texts[0].get_color() == texts[2].get_color() != texts[1].get_color()
    assert "2 300, 0.10" in figure.alt_text


@pytest.mark.parametrize("given", [(["real"] * 3, None), (None, torch.zeros(3)), (["real"] * 2, torch.zeros(3))])
def test_half_an_answer_is_refused(given):
    with pytest.raises(ValueError, match=r"neither|as many"):
        figures.real_or_fake(torch.zeros(3, 1, 4, 4), *given)
