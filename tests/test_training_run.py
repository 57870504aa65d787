"""The trainer: what is stopped and taken up again ends as if it had not been; nothing bad is written or believed."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from functools import partial

import pytest
import torch
from torch import nn

from course_lib.data import Batches
from course_lib.game import Diverged, Game
from course_lib.losses import HistoricalAveraging, non_saturating, tell_apart, weighted
from course_lib.models.mlp import Discriminator, Generator
from course_lib.training import checkpoint
from course_lib.training.optimizers import adam, sgd
from course_lib.training.plan import OutOfTime, Plan, Training
from course_lib.training.run import train
from course_lib.training.run_folder import draw
from course_lib.training.schedules import straight


@dataclass(frozen=True)
class Settings:
    """A game small enough for a test, with everything that has a state: momentum, schedule, dropout, batch norm."""

    steps: int = 8
    seed: int = 0
    batch_size: int = 4


def plan(settings: Settings, device: torch.device, **changes) -> Plan:
    """G and D on made-up 4x4 images, measured by how far the mean of G's images is from the data's."""
    x = torch.rand(20, 1, 4, 4, generator=torch.Generator().manual_seed(1))
    generator = Generator(3, (8,), (1, 4, 4), batch_norm=True, output=nn.Sigmoid())
    discriminator = Discriminator((1, 4, 4), (8,), dropout=0.3)
    g_optimizer = sgd(generator, rate=straight(0.1, 0.0, steps=10), momentum=straight(0.5, 0.9, steps=20))
    game = Game(
        generator,
        discriminator,
        d_terms={"real or fake": tell_apart},
        g_terms={"pass for real": non_saturating, "stay": weighted(HistoricalAveraging(g_optimizer), 0.1)},
        d_optimizer=adam(discriminator, 1e-2),
        g_optimizer=g_optimizer,
    )

    def measure(generator, discriminator):
        torch.rand(7)  # a measure may draw random numbers
        images = generator(generator.noise(16))
        return {"distance": (images.mean() - x.mean()).abs().item()}

    batches = Batches(x.to(device), batch_size=settings.batch_size, seed=settings.seed)
    ready = Plan(game, batches, image_range=(0, 1), measure=measure, decides="distance", lower_is_better=True)
    return replace(ready, **changes)


def training(folder, **changes):
    """Look, measure and save every two steps."""
    every = {"log_every": 2, "draw_every": 4, "measure_every": 2, "save_every": 2}
    return Training(folder, accelerator="cpu", **every | changes)


def weights(folder):
    """The last weights of a run, and everything in its last checkpoint but the seconds.

    And but Python's random numbers, from which beartype draws, in tests only.
    """
    state = checkpoint.newest(folder)
    state.pop("seconds")
    for process in state["random"]:
        process.pop("python")
    return (folder / "last.safetensors").read_bytes(), flat(state)


def flat(state, name=""):
    """A nested state as one dict of comparable values."""
    if isinstance(state, dict):
        return {key: value for part in state for key, value in flat(state[part], f"{name}/{part}").items()}
    if isinstance(state, list | tuple):
        return {key: value for i, part in enumerate(state) for key, value in flat(part, f"{name}/{i}").items()}
    return {name: state.tolist() if isinstance(state, torch.Tensor) else state}


class Stopped(Exception):
    """Stands for whatever ends a run in the middle."""


def stopping(at):
    """A plan whose data ends the run at that batch."""

    def stopped(settings, device):
        made = plan(settings, device)

        class Stops(Batches):
            def __next__(self):
                if self.position == at:
                    raise Stopped
                return super().__next__()

        batches = Stops(made.batches.x, batch_size=settings.batch_size, seed=settings.seed)
        return replace(made, batches=batches)

    return stopped


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("at", [1, 5, 8, 13])
def test_resuming_equals_not_having_stopped_bit_for_bit(tmp_path, at, precision):
    how = partial(training, precision=precision)
    whole = train("test", plan, Settings(), how(tmp_path / "whole"))
    with pytest.raises(Stopped):
        train("test", stopping(at), Settings(), how(tmp_path / "stopped"))
    again = train("test", plan, Settings(), how(tmp_path / "stopped"))
    assert weights(tmp_path / "stopped") == weights(tmp_path / "whole")
    assert (again.step, again.measures) == (whole.step, whole.measures)


def test_what_is_looked_at_does_not_change_what_is_trained(tmp_path):
    train("test", plan, Settings(), training(tmp_path / "often", log_every=1, draw_every=1, measure_every=1))
    train("test", plan, Settings(), training(tmp_path / "never", log_every=99, draw_every=99, measure_every=99))
    assert weights(tmp_path / "often")[0] == weights(tmp_path / "never")[0]


def test_a_finished_run_is_not_trained_again(tmp_path):
    first = train("test", plan, Settings(), training(tmp_path))
    second = train("test", stopping(0), Settings(), training(tmp_path))
    assert first.measures == second.measures and first.step == second.step


@pytest.mark.parametrize("stopped", [8, 5])
def test_a_run_can_be_made_longer_or_shorter(tmp_path, stopped):
    """Either ends as if it had been so long from the beginning."""
    train("test", plan, Settings(steps=12), training(tmp_path / "whole"))
    train("test", plan, Settings(steps=stopped), training(tmp_path / "longer"))
    train("test", plan, Settings(steps=12), training(tmp_path / "longer"))
    with pytest.raises(Stopped):
        train("test", stopping(2 * stopped), Settings(steps=99), training(tmp_path / "shorter"))
    train("test", plan, Settings(steps=12), training(tmp_path / "shorter"))
    for other in ("longer", "shorter"):
        assert weights(tmp_path / other)[0] == weights(tmp_path / "whole")[0]
        assert json.loads((tmp_path / other / "settings.json").read_text())["settings"]["steps"] == 12


def test_a_run_cannot_end_before_where_it_is(tmp_path):
    train("test", plan, Settings(), training(tmp_path))
    before = {file: file.read_bytes() for file in tmp_path.glob("*.*")}
    with pytest.raises(ValueError, match="steps is 7, and the run in .* has come to step 8"):
        train("test", plan, Settings(steps=7), training(tmp_path))
    assert {file: file.read_bytes() for file in tmp_path.glob("*.*")} == before


def test_the_best_by_the_measure_that_decides_is_returned(tmp_path):
    measured = []

    def measure(generator, discriminator):
        measured.append([5.0, 1.0, 3.0, 2.0][len(measured)])
        return {"distance": measured[-1]}

    trained = train("test", lambda s, d: plan(s, d, measure=measure), Settings(), training(tmp_path))
    assert (trained.step, trained.measures) == (4, {"distance": 1.0})
    higher = lambda s, d: plan(s, d, measure=measure, lower_is_better=False)
    measured.clear()
    assert train("test", higher, Settings(), training(tmp_path / "higher")).step == 2


@pytest.mark.parametrize(("patience", "ends_at"), [(1, 6), (2, 8), (0, 16)])
def test_patience_ends_a_run_after_so_many_measurings_without_a_better_one(tmp_path, patience, ends_at):
    measured = []

    def measure(generator, discriminator):
        measured.append([5.0, 1.0, 3.0, 2.0, 4.0, 4.0, 4.0, 4.0][len(measured)])
        return {"distance": measured[-1]}

    patient = lambda s, d: plan(s, d, measure=measure, patience=patience)
    trained = train("test", patient, Settings(steps=16), training(tmp_path, save_every=99))
    assert (trained.step, trained.measures) == (4, {"distance": 1.0})
    assert checkpoint.newest(tmp_path)["step"] == ends_at and len(measured) == ends_at // 2
    again = train("test", patient, Settings(steps=16), training(tmp_path, save_every=99))
    assert again.step == 4 and len(measured) == ends_at // 2


@pytest.mark.parametrize("changes", [{"patience": -1}, {"patience": 3, "decides": None}])
def test_patience_without_a_meaning_is_refused(tmp_path, changes):
    with pytest.raises(ValueError, match=f"patience is {changes['patience']}"):
        train("test", lambda s, d: plan(s, d, **changes), Settings(), training(tmp_path))


def test_a_damaged_checkpoint_is_named_and_the_older_one_used(tmp_path):
    train("test", plan, Settings(), training(tmp_path / "whole"))
    with pytest.raises(Stopped):
        train("test", stopping(13), Settings(), training(tmp_path / "harmed"))
    newest = max((tmp_path / "harmed").glob("*.pt"))
    newest.write_bytes(newest.read_bytes()[:-100])
    with pytest.warns(UserWarning, match=newest.name):
        train("test", plan, Settings(), training(tmp_path / "harmed"))
    assert weights(tmp_path / "harmed") == weights(tmp_path / "whole")


def test_a_checkpoint_of_another_version_is_refused_by_what_it_lacks_and_kept(tmp_path):
    train("test", plan, Settings(), training(tmp_path))
    state = checkpoint.newest(tmp_path)
    del state["worse"]
    for whole in tmp_path.glob("*.pt"):
        whole.unlink()
    left = checkpoint.save(tmp_path, state["step"], state)
    before = left.read_bytes()
    with pytest.raises(ValueError, match="lacks worse: another version of the course wrote it"):
        train("test", plan, Settings(), training(tmp_path))
    assert list(tmp_path.glob("*.pt")) == [left] and left.read_bytes() == before


@pytest.mark.parametrize("player", ["D", "G"])
def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_the_last_good_checkpoint(tmp_path, player):
    calls = []

    def explodes(round):
        calls.append(1)
        fine = tell_apart(round) if player == "D" else non_saturating(round)
        return fine * float("nan") if len(calls) == 5 else fine

    def broken(settings, device):
        made = plan(settings, device)
        terms = {"d_terms": {"bang": explodes}} if player == "D" else {"g_terms": {"bang": explodes}}
        return replace(made, game=replace(made.game, **terms))

    with pytest.raises(Diverged, match=f"step 5.*{player} bang.*nan"):
        train("test", broken, Settings(), training(tmp_path, log_every=4, measure_every=4))
    state = checkpoint.newest(tmp_path)
    assert state["step"] == 4
    assert checkpoint.not_finite(state["generator"]) == checkpoint.not_finite(state["discriminator"]) == []


def test_weights_that_are_not_finite_are_not_saved(tmp_path):
    def broken(settings, device):
        made = plan(settings, device)
        made.game.g_optimizer = torch.optim.SGD(made.game.generator.parameters(), lr=float("inf"))
        made.game.g_terms = {"pass for real": non_saturating}
        return made

    with pytest.raises(Diverged, match="step 1.*of G"):
        train("test", broken, Settings(), training(tmp_path, save_every=1))
    assert list(tmp_path.glob("*.pt")) == []


def test_what_the_folder_holds(tmp_path):
    train("test", plan, Settings(), training(tmp_path))
    told = json.loads((tmp_path / "settings.json").read_text())
    assert told["settings"] == {"steps": 8, "seed": 0, "batch_size": 4}
    assert told["training"]["precision"] in ("float32", "bfloat16")
    assert told["versions"]["torch"] == torch.__version__.partition("+")[0]
    assert sorted(path.name for path in (tmp_path / "samples").iterdir()) == ["00000004.png", "00000008.png"]
    with (tmp_path / "logs" / "csv-from-00000000" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["step"] for row in rows} == {"2", "4", "6", "8"}
    assert {"D real or fake", "G stay", "distance", "images per second"} <= set(rows[0])
    assert list((tmp_path / "logs" / "tensorboard").glob("events*"))
    assert len(list(tmp_path.glob("*.pt"))) == 2


def test_settings_are_written_before_the_first_step(tmp_path):
    with pytest.raises(Stopped):
        train("test", stopping(0), Settings(), training(tmp_path))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["settings.json"]


def test_a_dry_run_says_what_it_would_do_and_writes_nothing(tmp_path, capsys):
    assert train("test", stopping(0), Settings(), training(tmp_path / "run", dry_run=True)) is None
    told = json.loads(capsys.readouterr().out)
    assert told["parameters"]["D"] == 16 * 8 + 8 + 8 + 1 and not (tmp_path / "run").exists()


def test_a_folder_with_another_run_is_refused_and_left_alone(tmp_path):
    train("test", plan, Settings(), training(tmp_path))
    before = weights(tmp_path)
    with pytest.raises(ValueError, match="seed is 0 there and 1 here"):
        train("test", plan, Settings(seed=1), training(tmp_path))
    with pytest.raises(ValueError, match="the experiment is test"):
        train("other", plan, Settings(), training(tmp_path))
    assert weights(tmp_path) == before


@pytest.mark.parametrize(
    "settings, changes, says",
    [
        (Settings(batch_size=1), {}, "batch of 1"),
        (Settings(steps=0), {}, "steps is 0"),
        (Settings(batch_size=21), {}, "21 for 20 examples"),
        (Settings(), {"measure": None}, "nothing is measured"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(tmp_path, settings, changes, says):
    with pytest.raises(ValueError, match=says):
        train("test", lambda s, d: plan(s, d, **changes), settings, training(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_labels_out_of_range_are_refused(tmp_path):
    def labelled(settings, device):
        y = torch.tensor([0, 1, 2, 3] * 5)
        made = plan(settings, device)
        return replace(made, classes=3, batches=Batches(made.batches.x, y, batch_size=4, conditional=True))

    with pytest.raises(ValueError, match="0 to 2; the data has 0 to 3"):
        train("test", labelled, Settings(), training(tmp_path))


def test_numbers_of_processes_and_steps_below_one_are_refused():
    with pytest.raises(ValueError, match="save_every is 0"):
        Training(save_every=0)


def test_drawing_gives_images_in_the_unit_range_and_is_repeatable():
    made = plan(Settings(), torch.device("cpu"))
    images = draw(made.game.generator.eval(), made, 5)
    assert images.shape == (5, 1, 4, 4) and 0 <= images.min() <= images.max() <= 1
    assert torch.equal(images, draw(made.game.generator, made, 5))
    assert not torch.equal(images, draw(made.game.generator, made, 5, seed=1))
    with pytest.raises(ValueError, match="takes no label"):
        draw(made.game.generator, made, 5, label=1)


# Killed from outside ----------------------------------------------------------------------------------------

PROGRAM = """
import sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from course_lib.training.run import train
from test_training_run import Settings, plan, training
train("test", plan, Settings(steps=int(sys.argv[2])), training(Path(sys.argv[1]), save_every=1))
"""


def start(folder, steps, log):
    """The program above, as a process of its own."""
    environment = os.environ | {"PYTHONPATH": os.path.dirname(__file__)}
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, folder, str(steps)]
    with log.open("w") as out:
        return subprocess.Popen(command, env=environment, stdout=out, stderr=out)


def test_killed_at_any_moment_the_same_command_ends_as_if_it_had_not_been(tmp_path):
    """kill -9 lands wherever it lands: within a step, a checkpoint, a log line."""
    steps, log = 60, tmp_path / "log"
    assert start(tmp_path / "whole", steps, log).wait() == 0, log.read_text()
    for wait in (0.0, 0.05):
        folder = tmp_path / "killed"
        process = start(folder, steps, log)
        while process.poll() is None and len(list(folder.glob("*.pt"))) == 0:
            time.sleep(0.002)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
    killed_at = int(max(folder.glob("*.pt")).name.split("-")[0])
    assert killed_at < steps, "The run was over before it was killed: the test proves nothing."
    # Half a file, as a power cut leaves it, is swept away.
    shutil.copy(folder / "settings.json", folder / ".00000099-0123456789abcdef.pt.1")
    assert start(folder, steps, log).wait() == 0, log.read_text()
    assert weights(folder) == weights(tmp_path / "whole")
    assert list(folder.glob(".*")) == []


@pytest.mark.parametrize("sizes, named", [((3, 4), "A batch of 3"), ((4, 3), "A labelled batch of 3")])
def test_a_batch_that_two_processes_cannot_share_is_refused_before_the_first_step(sizes, named):
    made = plan(Settings(), torch.device("cpu"))
    made.batches.batch_size, made.batches.labelled_batch_size = sizes
    with pytest.raises(ValueError, match=f"{named} cannot be shared equally by 2 processes. Choose a multiple of 2"):
        made.check(2)


# A run that has so many minutes --------------------------------------------------------------------------------


def test_a_run_ends_with_its_minutes_and_goes_on_with_more(tmp_path):
    whole = train("test", plan, Settings(), training(tmp_path / "whole"))
    with pytest.raises(OutOfTime, match="minutes are over at step 2 of 8; the run is in .* the same command goes on"):
        train("test", plan, Settings(), training(tmp_path / "short", minutes=1e-6, save_every=99))
    assert checkpoint.newest(tmp_path / "short")["step"] == 2
    again = train("test", plan, Settings(), training(tmp_path / "short"))
    assert again.step == whole.step and weights(tmp_path / "short")[0] == weights(tmp_path / "whole")[0]


def test_a_run_that_is_done_when_its_minutes_end_is_done(tmp_path):
    assert train("test", plan, Settings(steps=2), training(tmp_path, minutes=1e-6)).step == 2


def test_minutes_below_zero_are_refused():
    with pytest.raises(ValueError, match="minutes is -1"):
        Training(minutes=-1)
