"""What went wrong, in a sentence; a mistake in the course keeps its traceback."""

import errno
import warnings
from pathlib import Path

import pytest
import torch

import course_lib
from course_lib.__main__ import main
from course_lib.data import DataError
from course_lib.saying import in_a_sentence, worded


@pytest.mark.parametrize(
    "error, says",
    [
        (ValueError("n is 0."), "n is 0."),
        (DataError("a.png is damaged."), "a.png is damaged."),
        (OSError(errno.EACCES, "Permission denied", "runs"), "runs: Permission denied."),
        (NotADirectoryError("runs is a file."), "runs is a file."),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "There is not enough memory for that."),
        (torch.OutOfMemoryError("CUDA out of memory."), "There is not enough memory for that."),
        (RuntimeError("`CUDAAccelerator` can not run on your system since"), "There is no cuda device here"),
        (RuntimeError("[gloo/transport/tcp] Connection closed by peer"), "Another process of this training ended"),
    ],
)
def test_each_has_its_sentence(error, says):
    sentence = worded(error)
    assert sentence.startswith(says) and "Errno" not in sentence


def test_a_mistake_in_the_course_is_not_hushed_up(monkeypatch):
    mistake = RuntimeError("The size of tensor a (3) must match the size of tensor b (4)")
    assert worded(mistake) is None

    def mistaken():
        raise mistake

    monkeypatch.setattr("course_lib.training.ledger.render", mistaken)
    with pytest.raises(RuntimeError, match="size of tensor"):
        main(["results"])


def test_there_is_no_device_of_a_kind_that_is_not_here(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kind = "mps" if not torch.backends.mps.is_available() else "cuda"
    assert main(["train", "gan-mnist", "--accelerator", kind]) == 1
    assert f"There is no {kind} device here" in capsys.readouterr().err


def test_a_warning_of_the_course_is_its_sentence_and_others_stay_as_they_are():
    ours, theirs = Path(course_lib.__file__).parent / "training" / "checkpoint.py", "/elsewhere/numpy.py"
    assert in_a_sentence("It is damaged.", UserWarning, str(ours), 7) == "It is damaged.\n"
    assert in_a_sentence("Old.", UserWarning, theirs, 7) == warnings.formatwarning("Old.", UserWarning, theirs, 7)
    assert "checkpoint.py:7" in in_a_sentence("Old.", DeprecationWarning, str(ours), 7)
