"""A folder for one process at a time: the second is told of the first, and a killed one stands in nobody's way."""

import errno
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from course_lib.training import lock
from course_lib.training.lock import InUse, locked

HOLDS = """
import sys, time
from pathlib import Path
from course_lib.training.lock import locked
with locked(Path(sys.argv[1])):
    print("has it", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that has the folder."""
    with subprocess.Popen([sys.executable, "-c", HOLDS, tmp_path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "has it\n"
        yield process
        process.kill()


def test_the_second_is_told_who_has_it(tmp_path, holder):
    says = f"{tmp_path} is in use: process {holder.pid} on {socket.gethostname()}, since .* Wait for it, stop it"
    with pytest.raises(InUse, match=says), locked(tmp_path):
        pytest.fail("two have the folder")


def test_a_lock_left_by_a_kill_does_not_block(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / lock.NAME).exists(), "nothing was left: the test proves nothing"
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_one_process_excludes_itself_too_and_lets_go_at_an_error(tmp_path):
    with pytest.raises(KeyError), locked(tmp_path):
        with pytest.raises(InUse, match=f"process {os.getpid()}"), locked(tmp_path):
            pass
        raise KeyError
    with locked(tmp_path / "made on the way"):
        assert not (tmp_path / lock.NAME).exists()


def test_who_is_patient_gets_it_in_the_end(tmp_path):
    """Many at once, each of which reads a number and writes the next: none is lost."""
    (tmp_path / "number").write_text("0")

    def count_on(_):
        with locked(tmp_path, patience=60):
            (tmp_path / "number").write_text(str(int((tmp_path / "number").read_text()) + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_on, range(40)))
    assert (tmp_path / "number").read_text() == "40" and len(list(tmp_path.iterdir())) == 1


def test_a_file_system_without_locks_is_spoken_of(tmp_path, monkeypatch):
    def none_here(file):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_lock", none_here)
    with pytest.warns(UserWarning, match="knows no locks .No locks available.. See to it yourself"), locked(tmp_path):
        pass


def test_on_windows_the_lock_is_that_systems(tmp_path, monkeypatch):
    """Played by a stand-in, as there is no Windows here: which byte is locked, and what a refusal looks like."""

    class Msvcrt:
        LK_NBLCK, taken = 2, False

        def locking(self, number, mode, n):
            assert (mode, n, os.lseek(number, 0, os.SEEK_CUR)) == (2, 1, lock.BEYOND)
            if self.taken:
                raise PermissionError(errno.EACCES, "Permission denied")
            self.taken = True

    monkeypatch.setattr(lock, "fcntl", None)
    monkeypatch.setattr(lock, "msvcrt", Msvcrt())
    with locked(tmp_path), pytest.raises(InUse, match=f"process {os.getpid()}"), locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_without_either_kind_of_lock_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "fcntl", None)
    with pytest.warns(UserWarning, match="nor does this system"), locked(tmp_path):
        pass
