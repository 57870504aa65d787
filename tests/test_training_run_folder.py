"""A run's folder, harmed in every way: nothing is lost, nothing begins anew unasked, and a sentence says what to do."""

import errno
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from test_training_run import Settings, Stopped, plan, start, stopping, training, weights

from course_lib.game import Diverged
from course_lib.training import checkpoint, told
from course_lib.training.checkpoint import NotWritten
from course_lib.training.lock import InUse, locked
from course_lib.training.run import train
from course_lib.training.run_folder import RunFolder
from course_lib.training.weights import Damaged


@pytest.fixture
def whole(tmp_path):
    """The folder of a run that nothing happened to."""
    train("test", plan, Settings(), training(tmp_path / "whole"))
    return tmp_path / "whole"


@pytest.fixture
def folder(tmp_path):
    """The folder of one that was stopped at step 6 of 8, and its weights were saved at 2, 4 and 6."""
    with pytest.raises(Stopped):
        train("test", stopping(13), Settings(), training(tmp_path / "run"))
    return tmp_path / "run"


def go_on(folder, **changes):
    """The same command again."""
    return train("test", plan, Settings(), training(folder, **changes))


def files(folder):
    """Everything but the logs, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def truncate(path):
    """Half of the file is lost."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_where_all_checkpoints_are_damaged_nothing_is_begun_anew(folder):
    for path in folder.glob("*.pt"):
        truncate(path)
    before = files(folder)
    for _ in range(2):  # nor at the second try
        with pytest.raises(ValueError, match="All checkpoints in .* are damaged: 00000006-.*, 00000004-.*Copy a whole"):
            go_on(folder)
        assert files(folder) == before


def test_where_checkpoints_are_gone_the_weights_are_not_overwritten(folder):
    for path in folder.glob("*.pt"):
        path.unlink()
    before = files(folder)
    with pytest.raises(ValueError, match="holds the weights of a run, and no checkpoint .* or delete best.safetensors"):
        go_on(folder)
    assert files(folder) == before


def test_last_weights_that_are_damaged_are_written_anew_from_the_checkpoint(folder, whole):
    truncate(folder / "last.safetensors")
    says = "last.safetensors is damaged: .* It is written anew from the checkpoint"
    with pytest.warns(UserWarning, match=says), pytest.raises(Stopped):
        train("test", stopping(12), Settings(), training(folder))
    assert RunFolder(folder).load_weights("last").step == 6
    go_on(folder)
    assert weights(folder) == weights(whole)


def test_last_weights_that_a_kill_left_behind_the_checkpoint_are_brought_up_to_it(whole):
    """Killed after the last checkpoint, before the weights: the run is over, and nothing else would write them."""
    expected, run = (whole / "last.safetensors").read_bytes(), RunFolder(whole)
    for harm in (lambda: run.save_weights("last", {"generator.a": torch.ones(2)}, 6, {}), run.path.joinpath):
        harm()
        go_on(whole)
        assert (whole / "last.safetensors").read_bytes() == expected
        (whole / "last.safetensors").unlink()


@pytest.mark.parametrize("over", [False, True])
def test_best_weights_that_are_damaged_stop_the_run_until_somebody_deletes_them(folder, whole, over):
    folder = whole if over else folder
    (folder / "best.safetensors").write_bytes(b"\0" * 99)
    before = files(folder)
    with pytest.raises(
        Damaged, match="best.safetensors is damaged: .*delete it, and the best weights are chosen among"
    ):
        go_on(folder)
    assert files(folder) == before
    (folder / "best.safetensors").unlink()
    with pytest.warns(UserWarning, match="best.safetensors is gone. The best weights are chosen among those that come"):
        trained = go_on(folder)
    assert trained.step == 8


@pytest.mark.parametrize(
    "after, says", [(4, "The checkpoint of step 4 in .*run is kept"), (1, "There is no checkpoint")]
)
def test_a_run_that_diverges_says_what_is_kept(tmp_path, after, says):
    def broken(settings, device):
        made = plan(settings, device)
        moves = []

        def explodes(round):
            moves.append(1)
            return round.fake.logits.mean() * (float("nan") if len(moves) > after else 1.0)

        return replace(made, game=replace(made.game, g_terms={"bang": explodes}))

    with pytest.raises(Diverged, match=f"G bang.* {says}"):
        train("test", broken, Settings(), training(tmp_path / "run"))


@pytest.mark.parametrize("ending", [".pt", "last.safetensors", ".png"])
def test_a_full_disk_ends_in_a_sentence_and_costs_nothing(tmp_path, whole, monkeypatch, ending):
    """At the second file of each kind, in the last moment before it has its name."""
    rename, written = Path.replace, []

    def full(temporary, path):
        written.append(path.name)
        if path.name.endswith(ending) and sum(name.endswith(ending) for name in written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return rename(temporary, path)

    monkeypatch.setattr(Path, "replace", full)
    folder = tmp_path / "run"
    says = f"{ending} .* could not be written: No space left on device. The checkpoint of step . in .*run is kept"
    with pytest.raises(NotWritten, match=says):
        go_on(folder)
    monkeypatch.undo()
    assert list(folder.rglob(".*")) == []
    go_on(folder)
    assert weights(folder) == weights(whole)


def test_logs_that_cannot_be_written_end_in_a_sentence(tmp_path, monkeypatch):
    def full(self, metrics, step):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("course_lib.training.run_folder.CSVLogger.log_metrics", full)
    with pytest.raises(NotWritten, match="run: No space left on device. There is no checkpoint yet. Once that is"):
        go_on(tmp_path / "run")


def test_two_at_once_the_second_is_refused_and_the_first_not_disturbed(tmp_path):
    log, folder = tmp_path / "log", tmp_path / "run"
    with start(folder, 10**6, log) as first:
        while first.poll() is None and not list(folder.glob("*.pt")):
            time.sleep(0.002)
        with pytest.raises(InUse, match=f"process {first.pid} on "):
            go_on(folder)
        assert first.poll() is None, log.read_text()
        first.kill()
    steps = checkpoint.newest_step(folder) + 3
    for each in (folder, tmp_path / "whole"):
        assert start(each, steps, log).wait() == 0, log.read_text()
    assert weights(folder) == weights(tmp_path / "whole")


def test_a_run_in_use_is_still_there_to_be_drawn_from(folder):
    with locked(folder):
        assert RunFolder(folder).load_weights("best").step > 0


def test_a_path_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "run").write_text("mine")
    with pytest.raises(NotADirectoryError, match="run is a file, and a run needs a folder"):
        go_on(tmp_path / "run")
    assert (tmp_path / "run").read_text() == "mine"


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path, monkeypatch):
    def read_only(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", "runs")

    monkeypatch.setattr("pathlib.Path.mkdir", read_only)
    with pytest.raises(PermissionError):
        go_on(tmp_path / "run")
    with pytest.raises(NotWritten, match="a .* could not be written: Permission denied"):
        checkpoint.write_whole(tmp_path / "a", b"")


def as_of_two_processes(folder):
    """As if two processes had trained there: what one process writes differs in this."""
    before = told.read(folder)
    told.write(folder / "settings.json", before | {"training": before["training"] | {"devices": 2, "processes": 2}})
    state = checkpoint.newest(folder)
    state["random"] = state["random"] * 2
    return checkpoint.save(folder, state["step"], state)


def test_a_run_of_two_processes_goes_on_with_one_when_asked_to(folder):
    as_of_two_processes(folder)
    before = files(folder)
    with pytest.raises(ValueError, match="processes is 2 there and 1 here.* With --other-devices it goes on"):
        go_on(folder)
    assert files(folder) == before
    with pytest.warns(UserWarning, match="went on 2 process.* and goes on with 1: .* no longer, to the last bit"):
        trained = go_on(folder, other_devices=True)
    assert checkpoint.newest(folder)["step"] == 8 and trained.step <= 8
    assert go_on(folder).step == trained.step, "it is now a run of one process"


def test_settings_that_are_gone_and_repeated_wrongly_are_noticed_by_the_checkpoint(folder):
    (folder / "settings.json").unlink()

    def wider(settings, device):
        made = plan(settings, device)
        return replace(made, game=replace(made.game, generator=type(made.game.generator)(3, (9,), (1, 4, 4))))

    before = {path.name: path.read_bytes() for path in folder.glob("*.pt")}
    with pytest.raises(ValueError, match="is of other networks than these settings make"):
        train("test", wider, Settings(), training(folder))
    assert {path.name: path.read_bytes() for path in folder.glob("*.pt")} == before


def test_settings_that_are_damaged_are_refused_by_name(folder):
    truncate(folder / "settings.json")
    with pytest.raises(ValueError, match="settings.json is damaged"):
        go_on(folder)
