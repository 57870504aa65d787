"""Steps that are captured and replayed are the steps that `play` makes, for every experiment of the catalogue.

A GPU is not needed: `recorded` replays on the CPU by a CUDA graph's rules. What a GPU alone can show is in test_gpu.
"""

from dataclasses import replace

import pytest
import torch
from recorded import Recorded
from test_training_run import Settings, plan, training, weights

from course_lib.data import SampledBatches, ring
from course_lib.experiments.catalogue import TRAINED
from course_lib.game import Diverged
from course_lib.losses import tell_apart
from course_lib.training import optimizers
from course_lib.training.run import train
from course_lib.training.steps import Places, not_captured_because

# Games side by side draw each its own numbers on a CPU, by Python: test_training_side_by_side captures them.
NAMES = [name for name in TRAINED if name != "semi-mnist-table"]
CPU = torch.device("cpu")


@pytest.fixture
def captured(monkeypatch):
    """The trainer records the step after the first ones and replays it from then on."""
    monkeypatch.setattr("course_lib.training.run.not_captured_because", lambda *_: None)
    monkeypatch.setattr("course_lib.training.run.Captured", Recorded)
    monkeypatch.setattr(Recorded, "replayed", 0)


@pytest.mark.parametrize("name", NAMES)
def test_replayed_steps_are_the_steps_of_play(name, tmp_path, captured, monkeypatch):
    """Weights, running statistics, averages, momenta, schedules, random numbers, the place in the data: all of it."""
    module = TRAINED[name]
    settings = replace(module.QUICK, steps=9)
    how = training(tmp_path / "replayed", measure_every=99, precision="float32")
    train(name, module.plan, settings, how)
    assert Recorded.replayed == 9 - Recorded.WARM_UP - 1
    monkeypatch.undo()
    train(name, module.plan, settings, replace(how, folder=tmp_path / "played"))
    replayed, played = weights(tmp_path / "replayed"), weights(tmp_path / "played")
    assert replayed[0] == played[0]  # the very same operations on the very same shapes
    assert replayed[1] == played[1]


def test_a_captured_run_that_is_stopped_and_taken_up_ends_as_if_it_had_not_been(tmp_path, captured):
    module = TRAINED["semi-mnist"]
    settings = replace(module.QUICK, steps=14)
    train("semi-mnist", module.plan, settings, training(tmp_path / "whole"))
    for steps in (6, 14):  # each time with its own first steps, made one by one
        train("semi-mnist", module.plan, replace(settings, steps=steps), training(tmp_path / "stopped"))
    assert weights(tmp_path / "stopped") == weights(tmp_path / "whole")


def test_more_steps_than_are_drawn_at_once(tmp_path, captured, monkeypatch):
    monkeypatch.setattr(Recorded, "AT_ONCE", 4)
    rarely = {"log_every": 99, "draw_every": 99, "measure_every": 99, "save_every": 99}
    train("test", plan, Settings(steps=11), training(tmp_path / "few at once", **rarely))
    monkeypatch.undo()
    train("test", plan, Settings(steps=11), training(tmp_path / "played", **rarely))
    assert weights(tmp_path / "few at once") == weights(tmp_path / "played")


@pytest.mark.parametrize(("d_steps", "g_steps"), [(3, 1), (1, 2)])
def test_each_move_has_a_batch_of_its_own(tmp_path, captured, monkeypatch, d_steps, g_steps):
    def several(settings, device):
        made = plan(settings, device)
        return replace(made, game=replace(made.game, d_steps=d_steps, g_steps=g_steps))

    train("test", several, Settings(), training(tmp_path / "replayed"))
    monkeypatch.undo()
    train("test", several, Settings(), training(tmp_path / "played"))
    assert weights(tmp_path / "replayed") == weights(tmp_path / "played")


def test_the_loss_of_a_replayed_step_that_is_not_finite_is_named(tmp_path, captured):
    def explodes(round):
        # Grows with the logits, tenfold a step, until it is no number that float32 has.
        growing.mul_(1e8)
        return tell_apart(round) * growing / growing

    growing = torch.ones(())

    def broken(settings, device):
        made = plan(settings, device)
        return replace(made, game=replace(made.game, d_terms={"bang": explodes}))

    with pytest.raises(Diverged, match="step 5: the term 'D bang' is nan"):
        train("test", broken, Settings(steps=8), training(tmp_path))


def test_a_step_that_cannot_be_captured_goes_on_one_by_one_and_says_why(tmp_path, captured, monkeypatch):
    def looks(round):
        loss = tell_apart(round)
        return loss if loss.item() > 0 else -loss

    def looking(settings, device):
        made = plan(settings, device)
        return replace(made, game=replace(made.game, d_terms={"real or fake": looks}))

    with pytest.warns(UserWarning, match="could not be captured.*makes the device wait"):
        train("test", looking, Settings(), training(tmp_path / "captured"))
    assert Recorded.replayed == 0
    monkeypatch.undo()
    train("test", looking, Settings(), training(tmp_path / "played"))
    assert weights(tmp_path / "captured")[0] == weights(tmp_path / "played")[0]


def test_why_steps_are_not_captured():
    cuda = torch.device("cuda")
    made = plan(Settings(), CPU)
    assert "this is cpu" in not_captured_because(made.game, made.batches, CPU, 1)
    assert "2 processes" in not_captured_because(made.game, made.batches, cuda, 2)
    sampled = SampledBatches(ring(), batch_size=4)
    assert "SampledBatches cannot say in advance" in not_captured_because(made.game, sampled, cuda, 1)
    made.game.d_optimizer = torch.optim.RMSprop(made.game.discriminator.parameters())
    assert "D's RMSprop keeps numbers" in not_captured_because(made.game, made.batches, cuda, 1)


@pytest.mark.parametrize("name", TRAINED)
def test_every_experiment_can_be_captured(name):
    """Its batches can say where they lie, and its optimisers follow tensors once they are on a GPU."""
    made = TRAINED[name].plan(TRAINED[name].QUICK, CPU)
    assert isinstance(made.batches, Places)
    for optimizer in (made.game.d_optimizer, made.game.g_optimizer):
        for group in optimizer.param_groups:
            if "capturable" in group:
                group["capturable"] = True  # what `on_device` does on a GPU
        assert optimizers.follows_tensors(optimizer)
    assert not_captured_because(made.game, made.batches, torch.device("cuda"), 1) is None
