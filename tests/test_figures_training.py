"""Pictures of training show the numbers they are given, carry alternative text, and stay small."""

import io

import pytest
import torch
from PIL import Image

from course_lib import figures
from course_lib.experiments.lessons import figure_one
from course_lib.experiments.lessons.ring import TARGET
from course_lib.experiments.lessons.ring import Snapshot as RingSnapshot
from course_lib.metrics import modes_covered


@pytest.fixture(scope="module")
def film():
    return figure_one.train(figure_one.Settings(d_moves=20, g_moves=5, rounds=20))


def shot_at(step, samples):
    return RingSnapshot(step, samples, modes_covered(samples, TARGET))


def drawn(axes):
    """Each labelled line's heights."""
    return {line.get_label(): torch.as_tensor(line.get_ydata()) for line in axes.lines if line.get_label()[0] != "_"}


def test_figure_one_draws_what_was_recorded(film):
    shots = figure_one.four(film)
    figure = figures.figure_one(shots)
    assert len(figure.axes) == 4
    for axes, shot in zip(figure.axes, shots, strict=True):
        lines = drawn(axes)
        assert set(lines) == {"$p_\\mathrm{data}$", "$p_g$", "$D$"}
        assert torch.allclose(lines["$p_g$"], shot.p_g)
        styles = {line.get_label(): line.get_linestyle() for line in axes.lines}
        assert (styles["$p_\\mathrm{data}$"], styles["$p_g$"], styles["$D$"]) == (":", "-", "--")
        slanted = [
            line for line in axes.lines if len(line.get_xdata()) == 2 and line.get_ydata()[0] != line.get_ydata()[1]
        ]
        assert len(slanted) == len(shot.z)
        assert [line.get_xdata()[1] for line in slanted] == pytest.approx(shot.x.clamp(-3, 3).tolist())
        assert f"({shot.panel}) " in figure.alt_text
    assert f"{shots[-1].x.mean():.1f}" in figure.alt_text


def test_film_loops_slowly_is_small_and_has_words(film):
    film_image = figures.figure_one_film(film, frame_ms=200, pause_ms=2_000)
    data, metadata = film_image._repr_mimebundle_()
    assert "(d)" in metadata["image/png"]["alt"] and f"{len(film)} frames" in metadata["image/png"]["alt"]
    assert len(data["image/png"]) < 100_000
    picture = Image.open(io.BytesIO(film_image.data))
    assert picture.n_frames == len(film) and picture.info["loop"] == 0
    durations = []
    for number in range(picture.n_frames):
        picture.seek(number)
        durations.append(picture.info["duration"])
    assert durations == [2_000 if shot.is_panel else 200 for shot in film]


def test_film_is_the_same_bytes_twice(film):
    assert figures.figure_one_film(film[:3]).data == figures.figure_one_film(film[:3]).data


def test_ring_snapshots_say_how_many_modes():
    shots = [shot_at(5, torch.zeros(20, 2)), shot_at(1_000, TARGET.centres.repeat(5, 1))]
    figure = figures.ring_snapshots(shots)
    assert [axes.get_xlabel() for axes in figure.axes] == ["step 5\n0 of 8 modes", "step 1,000\n8 of 8 modes"]
    assert "0 after 5 steps, 8 after 1,000 steps" in figure.alt_text


def test_modes_over_steps():
    shots = [shot_at(5, torch.zeros(20, 2)), shot_at(10, TARGET.centres.repeat(5, 1))]
    figure = figures.modes_over_steps({"one": shots, "other": shots[:1]})
    left, right = figure.axes
    assert drawn(left)["one"].tolist() == [0, 8] and right.lines[0].get_ydata() == pytest.approx([0, 1])
    assert "one ends at 8 with 100% near one" in figure.alt_text and left.get_xlabel() == right.get_xlabel() == "step"


def test_losses_are_named_as_the_terms():
    values = {"D real or fake": torch.arange(10.0), "G pass for real": torch.ones(10)}
    axes = figures.losses(values, {"log 4": 1.386}).axes[0]
    lines = drawn(axes)
    assert set(lines) == set(values) and torch.equal(lines["D real or fake"], values["D real or fake"])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(values)
    assert any("log 4" in text.get_text() for text in axes.texts)


def test_smoothed_losses_are_means_at_the_step_of_their_last_value():
    figure = figures.losses({"D loss": torch.arange(10.0)}, smooth=4)
    [line] = figure.axes[0].lines
    assert line.get_ydata().tolist() == [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5]
    assert line.get_xdata().tolist() == [4, 5, 6, 7, 8, 9, 10]
    assert "4 steps" in figure.axes[0].get_ylabel()


def test_losses_and_distance():
    figure = figures.losses_and_distance({"D loss": torch.ones(20)}, {1: 0.4, 10: 0.1, 20: 0.01})
    _, right = figure.axes
    assert right.lines[0].get_xdata() == pytest.approx([1, 10, 20]) and right.get_yscale() == "log"
    assert "from 0.400 to 0.010" in figure.alt_text


def test_centres_over_moves_marks_the_data():
    figure = figures.centres_over_moves({"k = 1": [0.0, -1.0, -0.2], "k = 5": [0.0, -0.4, -0.5]}, target=-0.5)
    axes = figure.axes[0]
    assert axes.lines[0].get_ydata()[0] == -0.5 and axes.lines[0].get_linestyle() == ":"
    assert drawn(axes)["k = 1"].tolist() == [0, -1, pytest.approx(-0.2)]
    assert "k = 1 runs between -1.00 and 0.00 and ends at -0.20" in figure.alt_text
