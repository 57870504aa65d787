"""What the doctor says, and that one broken thing does not hide the rest."""

import sys
from importlib.metadata import PackageNotFoundError

from course_lib import doctor
from course_lib.__main__ import main


def marks():
    return {finding.what: finding for finding in doctor.examine()}


def test_a_machine_that_runs_the_tests_can_run_the_course(monkeypatch, tmp_path):
    monkeypatch.setenv("GAN_COURSE_DATA", str(tmp_path))
    found = marks()
    assert set(found) == {"python", "packages", "device", "size", "data", "widgets", "chromium"}
    assert not [f for f in found.values() if f.mark == "BAD"]
    assert found["data"].mark == "NOTE" and "gan-course data mnist" in found["data"].says


def test_a_broken_look_is_a_finding_and_the_others_go_on(monkeypatch):
    monkeypatch.setenv("GAN_COURSE_SIZE", "huge")
    found = marks()
    assert found["size"].mark == "BAD" and "quick, cpu, gpu" in found["size"].says
    assert found["packages"].mark == "OK"


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(doctor, "requires", lambda name: ["torch>=2", "no-such-package>=1", "numpy>=999"])
    found = doctor.packages()
    assert found.mark == "BAD"
    assert "no-such-package is missing" in found.says and "numpy is" in found.says and "pip install" in found.says


def test_damaged_data_are_found(monkeypatch, tmp_path):
    (tmp_path / "MNIST" / "raw").mkdir(parents=True)
    (tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte.gz").write_bytes(b"x")
    monkeypatch.setenv("GAN_COURSE_DATA", str(tmp_path))
    assert doctor.data().mark == "BAD" and "damaged" in doctor.data().says


def test_no_chromium_is_a_note(monkeypatch):
    monkeypatch.setattr("course_lib.browser.chromium", lambda: None)
    assert doctor.browser().mark == "NOTE"


def run(monkeypatch, *words) -> int:
    monkeypatch.setattr(sys, "argv", ["gan-course", *words])
    try:
        return main()
    except SystemExit as ended:  # by the parser of the command line
        return ended.code


def test_the_command_prints_a_line_for_each_and_ends_well(monkeypatch, capsys):
    assert run(monkeypatch, "doctor") == 0
    said = capsys.readouterr().out
    assert all(what in said for what in ("python", "packages", "device", "data", "widgets", "chromium", "Ready"))


def test_the_command_fails_where_something_is_broken(monkeypatch, capsys):
    monkeypatch.setenv("GAN_COURSE_SIZE", "huge")
    assert run(monkeypatch, "doctor") == 1
    assert "Not in order: size" in capsys.readouterr().out


def test_help_lists_the_commands(monkeypatch, capsys):
    assert run(monkeypatch, "--help") in (0, None)
    assert "doctor" in (said := capsys.readouterr().out) and "data" in said


def test_data_that_cannot_be_had_end_with_words_and_not_a_traceback(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("torchvision.datasets.MNIST.mirrors", ["http://127.0.0.1:9/"])
    assert run(monkeypatch, "data", "mnist", "--folder", str(tmp_path)) == 1
    assert "Check the network" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_unknown_data_set_lists_the_known(monkeypatch, capsys):
    assert run(monkeypatch, "data", "minst") == 2
    assert "mnist" in capsys.readouterr().err


def without(monkeypatch, *names):
    """As if these were not installed."""
    monkeypatch.setattr(doctor, "requires", lambda name: ["torch>=2", 'jupytext>=1; extra == "course"'])
    installed = doctor._installed
    monkeypatch.setattr(doctor, "_installed", lambda name: None if name in names else installed(name))


def test_the_library_alone_is_in_order(monkeypatch):
    without(monkeypatch, "jupytext", "jupyterlab")
    found = doctor.packages()
    assert found.mark == "NOTE" and "the library alone" in found.says and "[course]" in found.says


def test_half_of_the_course_is_not(monkeypatch):
    without(monkeypatch, "jupytext")
    found = doctor.packages()
    assert found.mark == "BAD" and "jupytext is missing" in found.says


def test_what_is_needed_is_read_from_the_checkout_where_the_course_was_not_installed(monkeypatch):
    def not_installed(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(doctor, "requires", not_installed)
    assert {"torch", "tyro"} <= {line.name for line in doctor.dependencies("")}
    course = {line.name for line in doctor.dependencies("course")}
    assert {"jupyterlab", "gensim"} <= course and "torch" not in course
