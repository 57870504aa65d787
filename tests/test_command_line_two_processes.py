"""`gan-course` with two processes: what both would say is said once, and one lock holds for both."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib.training.lock import NAME, locked

# The ledger of a folder of the test's own.
PROGRAM = """
import sys
from pathlib import Path
from course_lib.__main__ import main
from course_lib.training import ledger
ledger.FOLDER = Path("results")
sys.exit(main())
"""


def typed(folder, *words):
    """Exit status, and what was printed, of a command typed in a folder."""
    (folder / "program.py").write_text(PROGRAM)
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "program.py", *words]
    done = subprocess.run(
        command, check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stdout + done.stderr


ONE = ("train", "gan-mnist", "--accelerator", "cpu")
TWO = (*ONE, "--devices", "2")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Where two processes have trained, and what they printed."""
    folder = tmp_path_factory.mktemp("two")
    status, text = typed(folder, *TWO)
    assert status == 0, text
    return folder, text


def test_each_sentence_is_printed_once(trained):
    _, text = trained
    assert text.count("Finished") == text.count("Full MNIST is not here") == 1 and "Traceback" not in text


def test_the_run_goes_on_with_one_process_when_asked_to_and_only_then(trained):
    folder, _ = trained
    status, text = typed(folder, *ONE, "--steps", "6")
    assert status == 1 and "devices is 2 there and 1 here" in text and "With --other-devices it goes on" in text
    status, text = typed(folder, "resume", "runs/gan-mnist", "--devices", "1", "--steps", "6")
    assert status == 0 and "no longer, to the last bit, what it would have been" in text, text
    assert text.count("Finished") == 1 and "weights of step" in text
    assert not (folder / "runs" / "gan-mnist" / NAME).exists()


def test_a_folder_in_use_is_refused_by_both_and_said_once(tmp_path):
    with locked(tmp_path / "run"):
        status, text = typed(tmp_path, *TWO, "--folder", "run")
    assert status == 1 and text.count(f"run is in use: process {os.getpid()} on ") == 1 and "Traceback" not in text


def test_two_processes_diverge_without_a_traceback(tmp_path):
    status, text = typed(tmp_path, *TWO, "--learning-rate", "1e30")
    assert status != 0 and "The training diverged" in text and "Traceback" not in text


def test_one_of_two_processes_writes_the_record(tmp_path):
    status, text = typed(tmp_path, "reproduce", "sgan-mnist", "--steps", "2", *TWO[2:])
    assert status == 0 and len((tmp_path / "results" / "ledger.jsonl").read_text().splitlines()) == 1, text
