"""The DCGAN on any images: the paper's networks and optimisers, and images to judge by that are never trained on."""

import functools
from dataclasses import replace

import pytest
import torch
from PIL import Image
from torch import nn

from course_lib.data import Images, open_data
from course_lib.experiments.dcgan import dcgan
from course_lib.experiments.dcgan.dcgan import CPU, GPU, QUICK, RandomFeatures, Settings, parts, plan
from course_lib.metrics import frechet_classifier_distance
from course_lib.training.plan import Training
from course_lib.training.run import train

MEASURE = "held_out_frechet_random_features"
ON = torch.device("cpu")
once = functools.cache(open_data)


def training(folder, **changes):
    every = {"log_every": 2, "draw_every": 4, "measure_every": 2, "save_every": 2}
    return Training(folder, accelerator="cpu", **every | changes)


@pytest.fixture(autouse=True)
def unpacked_once(monkeypatch):
    """The emoji take a second to unpack."""
    monkeypatch.setattr(dcgan, "open_data", once)


@pytest.fixture
def numbered(monkeypatch):
    """In the place of the data, 100 images each of one grey of its own: 0, 1, 2, ..."""
    x = torch.arange(100, dtype=torch.uint8)[:, None, None, None].repeat(1, 3, 32, 32)
    images = Images(x, torch.zeros(100, dtype=torch.long), ("grey",), "numbered")
    monkeypatch.setattr(dcgan, "open_data", lambda *_, **__: images)


@pytest.fixture
def pictures(tmp_path):
    """A folder of 30 pictures."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i in range(30):
        Image.new("RGB", (80, 70), (8 * i, 100, 255 - 8 * i)).save(folder / f"{i}.png")
    return folder


def test_full_size_is_the_papers():
    made = plan(GPU, ON)
    networks = made.game.generator, made.game.discriminator
    for network, optimizer in zip(networks, (made.game.g_optimizer, made.game.d_optimizer), strict=True):
        kernels = [
            layer.kernel_size for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)
        ]
        assert kernels == [(5, 5)] * 3
        assert type(optimizer) is torch.optim.Adam
        (group,) = optimizer.param_groups
        assert (group["lr"], group["betas"], group["weight_decay"]) == (2e-4, (0.5, 0.999), 0)
        assert {id(w) for w in group["params"]} == {id(w) for w in network.parameters()}
    assert networks[1].blocks[0][0].out_channels == 128
    assert made.batches.batch_size == 128 and (made.game.d_steps, made.game.g_steps) == (1, 1)
    assert made.average == 1.0  # the paper averages no weights


def test_images_wait_as_bytes_and_come_in_the_range_of_tanh():
    made = plan(QUICK, ON)
    x = next(made.batches).x
    assert made.batches.x.dtype == torch.uint8
    assert (x.dtype, x.min().item(), x.max().item()) == (torch.float32, -1, 1)
    assert made.image_range == (-1, 1)


def test_each_player_moves_on_a_batch_of_its_own(tmp_path):
    made = train("dcgan", plan, replace(QUICK, steps=3), training(tmp_path)).plan
    assert made.batches.position == 6


@pytest.mark.parametrize("size, layers", [(32, 3), (64, 4)])
def test_a_students_own_pictures(tmp_path, pictures, size, layers):
    settings = replace(QUICK, data=f"folder:{pictures}", size=size, steps=1)
    trained = train("dcgan", plan, settings, training(tmp_path / "run"))
    ups = [layer for layer in trained.generator.modules() if isinstance(layer, nn.ConvTranspose2d)]
    assert len(ups) == layers  # of Figure 1: four for 64x64
    with torch.no_grad():
        assert trained.generator(trained.generator.noise(2)).shape == (2, 3, size, size)
    assert all(abs(value) < 1e6 for value in trained.measures.values())


def test_without_downloads_there_are_emoji():
    assert (CPU.data, CPU.size) == ("emoji", 32)
    assert plan(QUICK, ON).batches.x.shape == (180, 3, 32, 32)


def test_what_is_held_out_is_not_trained_on_and_the_same_for_every_seed(numbered):
    data = parts(replace(QUICK, limit=None))
    train_on, held_out = (set(part.x[:, 0, 0, 0].tolist()) for part in (data.train, data.held_out))
    assert train_on | held_out == set(range(100)) and not train_on & held_out and len(held_out) == 10
    assert set(plan(QUICK, ON).batches.x[:, 0, 0, 0].tolist()) == train_on
    again = parts(replace(QUICK, seed=7))
    assert torch.equal(again.held_out.x, data.held_out.x)


def test_the_measure_looks_at_what_is_held_out(numbered, monkeypatch):
    seen = {}

    def look(judge, real, fake):
        seen.update(real=real, fake=fake)
        return frechet_classifier_distance(judge, real, fake)

    monkeypatch.setattr(dcgan, "frechet_classifier_distance", look)
    made = plan(QUICK, ON)
    with torch.no_grad():
        measured = made.measure(made.game.generator.eval(), made.game.discriminator.eval())
    assert torch.equal(seen["real"], parts(QUICK).held_out.scaled())
    assert seen["fake"].shape == seen["real"].shape
    assert set(measured) == {made.decides} == {MEASURE} and made.lower_is_better


@pytest.mark.parametrize("held_out, expected", [(None, 20), (50, 50)])
def test_how_many_are_held_out(held_out, expected):
    data = parts(replace(QUICK, held_out=held_out))
    assert (len(data.held_out), len(data.train)) == (expected, 200 - expected)


def test_of_many_images_two_thousand_are_held_out(monkeypatch):
    x = torch.zeros(30_000, 1, 1, 1, dtype=torch.uint8)
    images = Images(x, torch.zeros(30_000, dtype=torch.long), ("black",), "many")
    monkeypatch.setattr(dcgan, "open_data", lambda *_, **__: images)
    assert len(parts(GPU).held_out) == 2_000


@pytest.mark.parametrize("changes", [{"limit": 12}, {"held_out": 1}, {"held_out": 190}, {"held_out": 999}])
def test_too_few_images_are_refused_with_their_numbers(changes):
    with pytest.raises(ValueError, match="held out"):
        parts(replace(QUICK, **changes))


def test_random_features_are_always_the_same_and_disturb_no_randomness():
    before = torch.get_rng_state()
    one, other = RandomFeatures(3), RandomFeatures(3)
    assert torch.equal(torch.get_rng_state(), before)
    x = torch.rand(5, 3, 64, 64)
    assert torch.equal(one.features(x), other.features(x)) and one.features(x).shape == (5, 128)


def test_the_measure_notices_what_a_late_collapse_looks_like():
    """Other real images are near; a hundred of them over and over, ten, and one are further and further off."""
    images = dcgan.open_data("emoji").scaled()
    x = images[torch.randperm(len(images), generator=torch.Generator().manual_seed(0))[:1_000]]
    real, others = x[:500], x[500:]
    judge = RandomFeatures(3)

    def distance(fake):
        return frechet_classifier_distance(judge, real, fake).distance

    distances = [distance(others[:n].repeat(500 // n, 1, 1, 1)) for n in (500, 100, 10, 1)]
    assert distances == sorted(distances) and distances[2] > 5 * distances[0]


def test_the_best_by_that_measure_is_returned(tmp_path):
    measured = []

    def watched(settings: Settings, device):
        made = plan(settings, device)

        def measure(generator, discriminator):
            measured.append(made.measure(generator, discriminator))
            return measured[-1]

        return replace(made, measure=measure)

    trained = train("dcgan", watched, replace(QUICK, learning_rate=0.01), training(tmp_path, measure_every=1))
    assert len(measured) == 4
    assert trained.measures == min(measured, key=lambda values: values[MEASURE])
    assert (tmp_path / "samples" / "00000004.png").exists()


def test_one_pass_reaches_the_game():
    assert plan(replace(QUICK, one_pass=True), ON).game.one_pass and not plan(QUICK, ON).game.one_pass
