"""Games played side by side are, to rounding, what each is alone: weights, averages, measures, and where chance is."""

from dataclasses import dataclass, replace
from functools import partial

import pytest
import torch
from recorded import Recorded
from torch import nn

from course_lib.data import Batches
from course_lib.experiments.improved import semi_mnist
from course_lib.game import Game
from course_lib.layers import MinibatchDiscrimination
from course_lib.losses import HistoricalAveraging, non_saturating, tell_apart
from course_lib.models import dcgan
from course_lib.models.mlp import Discriminator, Generator
from course_lib.training.optimizers import adam, sgd
from course_lib.training.plan import Plan, Training
from course_lib.training.run import train
from course_lib.training.schedules import straight
from course_lib.training.side_by_side import SideBySide
from course_lib.training.stack import StackedBatches, stacked

CPU = torch.device("cpu")
SEEDS = (0, 3, 4)


def quiet(folder):
    """Float32, and nothing looked at but the end."""
    never = {"log_every": 99, "draw_every": 99, "measure_every": 99, "save_every": 99}
    return Training(folder, accelerator="cpu", precision="float32", **never)


@dataclass(frozen=True)
class Settings:
    """How long, and which small game."""

    steps: int = 6
    seed: int = 0
    kind: str = "dense"


def small(settings, device):
    """A game of made-up 8x8 images: dense with dropout and batch norm, or convolutional."""
    x = torch.rand(24, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    if settings.kind == "dense":
        generator = Generator(3, (8,), (1, 8, 8), batch_norm=True, output=nn.Sigmoid())
        discriminator = Discriminator((1, 8, 8), (8,), dropout=0.3)
    else:
        generator = dcgan.Generator(8, 1, 4, noise_dim=3)
        features = MinibatchDiscrimination(64, 3, 2)
        discriminator = dcgan.Discriminator(8, 1, 4, input_noise=0.1, minibatch=features)
    game = Game(
        generator,
        discriminator,
        d_terms={"real or fake": tell_apart},
        g_terms={"pass for real": non_saturating},
        d_optimizer=adam(discriminator, 1e-3, schedule=straight(1e-3, 0.0, steps=10), eps=1e-4),
        g_optimizer=sgd(generator, rate=straight(0.1, 0.0, steps=9), momentum=straight(0.5, 0.9, steps=9)),
        reuse_samples=settings.kind == "dense",
    )

    def measure(generator, discriminator):
        return {"mean": generator(generator.noise(8)).mean().item()}

    return Plan(game, Batches(x, batch_size=4, seed=settings.seed), image_range=(0, 1), measure=measure, average=0.1)


def side_by_side(plan, every, folder, *, names=None, steps=None):
    """Train games of these settings at once."""

    def all_of_them(settings, device):
        plans = [partial(plan, each, device) for each in every]
        return stacked(plans, [each.seed for each in every], names or [f"seed {each.seed}" for each in every])

    return train("test", all_of_them, replace(every[0], steps=steps or every[0].steps), quiet(folder))


def agrees(one, other, move=1e-5):
    """Equal to rounding: a product of matrices of many games is summed in another order than that of one.

    move: what Adam may move a weight whose gradient is nothing but rounding, since it divides a gradient by its size:
    a few weights may be so far apart, and on average they are a hundredth of it.
    """
    pairs = zip(one.state_dict().items(), other.state_dict().items(), strict=True)
    for (name, mine), (_, theirs) in pairs:
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=move, msg=lambda text, name=name: f"{name}: {text}")
        apart = (mine.double() - theirs.double()).abs().mean().item()
        assert apart <= max(1e-5, move / 100), f"{name}: {apart:.1e} apart on average"


@pytest.mark.parametrize("kind", ["dense", "convolutional"])
def test_each_game_is_what_it_is_alone(kind, tmp_path):
    every = [Settings(seed=seed, kind=kind) for seed in SEEDS]
    together = side_by_side(small, every, tmp_path / "together")
    for number, settings in enumerate(every):
        alone = train("test", small, settings, quiet(tmp_path / str(number)))
        agrees(together.generator.network(number), alone.generator)
        agrees(together.discriminator.network(number), alone.discriminator)
        assert together.measures[f"mean (seed {settings.seed})"] == pytest.approx(alone.measures["mean"], rel=1e-4)


@pytest.mark.parametrize("technique", ["feature-matching", "minibatch-discrimination"])
def test_semi_supervised_games_with_labels_and_seeds_of_their_own(technique, tmp_path):
    quick = replace(semi_mnist.QUICK, technique=technique)
    every = [replace(quick, labels=labels, seed=seed) for labels in (20, 50) for seed in (0, 1)]
    plan = partial(semi_mnist.plan_with, semi_mnist.data(CPU))
    names = [f"{each.labels} labels, seed {each.seed}" for each in every]
    together = side_by_side(plan, every, tmp_path / "together", names=names)
    for number, settings in enumerate(every):
        alone = train("semi-mnist", semi_mnist.plan, settings, quiet(tmp_path / str(number)))
        agrees(together.discriminator.network(number), alone.discriminator, move=settings.learning_rate)
        agrees(together.generator.network(number), alone.generator, move=settings.learning_rate)
        for name, value in alone.measures.items():
            assert together.measures[f"{name} ({names[number]})"] == pytest.approx(value, abs=2)  # of 1,000 digits


def test_games_stopped_and_taken_up_again_end_as_if_they_had_not_been(tmp_path):
    every = [Settings(seed=seed, steps=8) for seed in SEEDS]
    whole = side_by_side(small, every, tmp_path / "whole")
    side_by_side(small, every, tmp_path / "stopped", steps=3)
    again = side_by_side(small, every, tmp_path / "stopped")
    for name, value in whole.discriminator.state_dict().items():
        assert torch.equal(value, again.discriminator.state_dict()[name])
    assert whole.measures == again.measures


def test_games_side_by_side_can_be_captured(tmp_path, monkeypatch):
    """As on a GPU: one draw of random numbers for all."""
    monkeypatch.setattr("course_lib.training.chance.Chance.own", property(lambda self: False))
    every = [replace(semi_mnist.QUICK, seed=seed, steps=8) for seed in (0, 1)]
    plan = partial(semi_mnist.plan_with, semi_mnist.data(CPU))
    played = side_by_side(plan, every, tmp_path / "played")
    monkeypatch.setattr("course_lib.training.run.not_captured_because", lambda *_: None)
    monkeypatch.setattr("course_lib.training.run.Captured", Recorded)
    monkeypatch.setattr(Recorded, "replayed", 0)
    replayed = side_by_side(plan, every, tmp_path / "replayed")
    assert Recorded.replayed == 4
    for name, value in played.discriminator.state_dict().items():
        assert torch.equal(value, replayed.discriminator.state_dict()[name])


def test_the_games_differ_by_their_seeds(tmp_path):
    together = side_by_side(small, [Settings(seed=seed) for seed in SEEDS], tmp_path)
    weights = together.generator.state_dict()
    name = next(iter(dict(together.generator.named_parameters())))
    assert not torch.allclose(weights[name][0], weights[name][1])
    assert len(set(together.measures.values())) == len(SEEDS)


def test_what_cannot_be_side_by_side_is_refused(tmp_path):
    def widths(settings, device):
        made = small(settings, device)
        return replace(made, game=replace(made.game, generator=Generator(3, (8 + settings.seed,), (1, 8, 8))))

    def remembers(settings, device):
        made = small(settings, device)
        terms = {"stay": HistoricalAveraging(made.game.g_optimizer)}
        return replace(made, game=replace(made.game, g_terms=terms))

    def chooses(settings, device):
        return replace(small(settings, device), decides="mean")

    every = [Settings(seed=seed) for seed in SEEDS]
    for plan, says in ((widths, "equal shape"), (remembers, "remembers"), (chooses, "choose by a measure")):
        with pytest.raises(ValueError, match=says):
            side_by_side(plan, every, tmp_path / "never")
    x = torch.rand(8, 1)
    with pytest.raises(ValueError, match="batches of equal size"):
        StackedBatches([Batches(x, batch_size=2), Batches(x, batch_size=4)])


def test_data_of_the_games_may_be_shared_or_their_own():
    x, other = torch.arange(6.0), torch.arange(100.0, 109.0)
    shared = next(StackedBatches([Batches(x, batch_size=2, seed=seed) for seed in (0, 1)])).x
    own = next(StackedBatches([Batches(x, batch_size=2), Batches(other, batch_size=2, seed=1)])).x
    assert shared.shape == own.shape == (2, 2) and shared.max() < 6
    assert torch.equal(own[:, 0], next(Batches(x, batch_size=2)).x)
    assert torch.equal(own[:, 1], next(Batches(other, batch_size=2, seed=1)).x)


def test_a_random_function_that_is_not_known_is_refused_by_name():
    class Draws(nn.Linear):
        def forward(self, x):
            return super().forward(x) + torch.rand(3)

    from course_lib.training.chance import Chance

    both = SideBySide([Draws(2, 3), Draws(2, 3)], Chance(torch.stack([torch.get_rng_state()] * 2)))
    with pytest.raises(NotImplementedError, match="rand cannot be drawn"):
        both(torch.zeros(4, 2, 2))
