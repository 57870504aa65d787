"""Checkpoints: whole or not there, checked before they are believed, unable to run code."""

import os
import random

import numpy as np
import pytest
import torch

from course_lib.training import checkpoint

STATE = {"weights": torch.arange(6.0), "names": ["a", "b"], "nested": {"rate": 0.1, "none": None, "pair": (1, 2)}}


def names(folder):
    """The files of a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


def test_what_is_saved_comes_back(tmp_path):
    checkpoint.save(tmp_path, 7, STATE)
    back = checkpoint.newest(tmp_path)
    assert torch.equal(back["weights"], STATE["weights"])
    assert back["names"] == ["a", "b"] and back["nested"] == STATE["nested"]


def test_two_are_kept_and_the_newest_is_taken(tmp_path):
    for step in (1, 2, 30, 4_000):
        checkpoint.save(tmp_path, step, {"step": step})
    assert [name.split("-")[0] for name in names(tmp_path)] == ["00000030", "00004000"]
    assert checkpoint.newest(tmp_path) == {"step": 4_000}


def test_an_empty_folder_has_none(tmp_path):
    assert checkpoint.newest(tmp_path) is None and checkpoint.newest(tmp_path / "not here") is None


@pytest.mark.parametrize(
    "harm",
    [
        lambda whole: whole[: len(whole) // 2],
        lambda whole: b"",
        lambda whole: whole[:200] + bytes([whole[200] ^ 1]) + whole[201:],
    ],
    ids=["truncated", "empty", "one bit altered"],
)
def test_a_damaged_one_is_refused_by_name_and_the_older_one_used(tmp_path, harm):
    checkpoint.save(tmp_path, 1, {"step": 1})
    newer = checkpoint.save(tmp_path, 2, {"step": 2})
    newer.write_bytes(harm(newer.read_bytes()))
    with pytest.warns(UserWarning, match=newer.name):
        assert checkpoint.newest(tmp_path) == {"step": 1}
    # And it does not take the place of a whole one afterwards.
    checkpoint.save(tmp_path, 3, {"step": 3})
    assert [name.split("-")[0] for name in names(tmp_path) if name.endswith(".pt")] == ["00000001", "00000003"]


class Runs:
    """What an ill-meant file would hold: unpickling it runs a function."""

    def __reduce__(self):
        return os.mkdir, ("ran",)


def test_a_file_that_would_run_code_runs_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"step": Runs()}, tmp_path / "evil")
    contents = (tmp_path / "evil").read_bytes()
    (tmp_path / f"00000009-{checkpoint._checksum(contents)}.pt").write_bytes(contents)
    with pytest.raises(ValueError, match="00000009-.*.pt holds more than numbers and words, and might run code"):
        checkpoint.newest(tmp_path)
    assert not (tmp_path / "ran").exists()


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    checkpoint.write_whole(tmp_path / "a", b"old")

    def full(_):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        checkpoint.write_whole(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old" and names(tmp_path) == ["a"]


def draws():
    """One number of each random generator."""
    return random.random(), np.random.rand(), np.random.randn(), torch.rand(1).item()


def test_every_random_generator_goes_on_where_it_was(tmp_path):
    draws()  # NumPy keeps one Gaussian in hand, which must be saved too
    state = checkpoint.random_state()
    expected = [draws() for _ in range(3)]  # at once: beartype, too, draws from Python's random numbers
    checkpoint.save(tmp_path, 1, {"random": state})
    checkpoint.set_random_state(checkpoint.newest(tmp_path)["random"])
    assert [draws() for _ in range(3)] == expected


def test_looking_does_not_disturb():
    state = checkpoint.random_state()
    expected = draws()
    checkpoint.set_random_state(state)
    with checkpoint.undisturbed(3):
        inside = draws()
    assert draws() == expected
    with checkpoint.undisturbed(3):
        assert draws() == inside
