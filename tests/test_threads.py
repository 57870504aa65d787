"""Threads that wait sleep, whichever way PyTorch is loaded; what the user has chosen stays."""

import os
import subprocess
import sys
from pathlib import Path

import kernel
import pytest
import yaml
from jupyter_client.manager import start_new_kernel

REPO = Path(__file__).resolve().parent.parent
# GNU's OpenMP prints what it read when it loads, which is the proof that it was set in time.
SAYS = {"OMP_DISPLAY_ENV": "true", "PYTHONPATH": str(REPO)}
TESTS = ("-m", "pytest", "-s", "--collect-only", "-q", str(REPO / "tests" / "test_verdict.py"))
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks GNU's OpenMP, which Linux has")


def fresh(**more: str) -> dict[str, str]:
    """The environment of somebody who has set nothing."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_"))} | SAYS | more


def policy(*command: str, **more: str) -> str:
    """What OpenMP reads in a Python of its own."""
    ran = subprocess.run([sys.executable, *command], env=fresh(**more), capture_output=True, text=True, check=True)
    (line,) = {line.strip() for line in ran.stderr.splitlines() if "OMP_WAIT_POLICY" in line}
    return line.partition("'")[2].rstrip("'")


@linux_only
@pytest.mark.parametrize(
    "command",
    [("-c", "import course_lib"), ("-c", "from course_lib.game import play"), ("-m", "course_lib", "--help"), TESTS],
    ids=["the library", "a module of it", "gan-course", "the tests"],
)
def test_they_sleep_where_the_course_loads_pytorch(command):
    assert policy(*command) == "PASSIVE"


@linux_only
def test_the_user_who_says_otherwise_is_heard():
    assert policy("-c", "import course_lib", OMP_WAIT_POLICY="active") == "ACTIVE"


def test_it_is_set_before_anything_else_is_imported():
    said = "import sys, course_lib.threads as t; assert 'torch' not in t.__dict__"
    subprocess.run([sys.executable, "-c", said], env=fresh(), check=True, capture_output=True)
    first = next(line for line in (REPO / "course_lib" / "__init__.py").read_text().splitlines() if "import" in line)
    assert first.startswith("from course_lib import threads")


@linux_only
def test_they_sleep_in_a_kernel_that_loads_pytorch_first(tmp_path):
    kernel.write(tmp_path / "profile_default")
    manager, client = start_new_kernel(env=fresh(IPYTHONDIR=str(tmp_path)))
    try:
        printed = []
        reply = client.execute_interactive(
            "import torch, os; print(os.environ['OMP_WAIT_POLICY'])",
            timeout=120,
            output_hook=lambda message: printed.append(message["content"].get("text", "")),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert reply["content"]["status"] == "ok" and "passive" in "".join(printed)


def test_the_kernels_configuration_keeps_what_was_there_and_is_written_once(tmp_path):
    file = tmp_path / "ipython_kernel_config.py"
    file.write_text("x = 1\n")
    for _ in range(2):
        assert kernel.write(tmp_path) == file
    assert file.read_text() == "x = 1\n" + kernel.CONFIGURATION


def test_a_choice_of_the_users_stays_in_a_kernel(monkeypatch):
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    exec(kernel.CONFIGURATION, {})  # noqa: S102
    assert os.environ["OMP_WAIT_POLICY"] == "active"
    monkeypatch.delenv("OMP_WAIT_POLICY")
    exec(kernel.CONFIGURATION, {})  # noqa: S102
    assert os.environ["OMP_WAIT_POLICY"] == "passive"


@pytest.mark.parametrize("chosen, expected", [(None, "passive"), ("active", "active")])
def test_make_says_it_to_all_that_it_starts(tmp_path, chosen, expected):
    show = tmp_path / "show.mk"
    show.write_text("include Makefile\nshow:\n\t@echo $$OMP_WAIT_POLICY\n")
    more = {"OMP_WAIT_POLICY": chosen} if chosen else {}
    command = ["make", "--no-print-directory", "-f", str(show), "show"]
    ran = subprocess.run(command, cwd=REPO, env=fresh(**more), capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == expected


def test_conda_sets_it_when_the_environment_is_activated():
    assert yaml.safe_load((REPO / "environment.yml").read_text())["variables"] == {"OMP_WAIT_POLICY": "passive"}
