"""A GPU computes what the CPU computes, and trains what it would have trained undisturbed. Skipped where there is none.

`course_lib.gpu_report.parity` holds the checks, which whoever has a GPU runs without pytest too; test_gpu_report runs
them on the CPU.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from course_lib.gpu_report.parity import checks

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU, and there is none here")

CHECKS = dict(checks())


@pytest.fixture
def gpu():
    return torch.device("cuda")


@pytest.mark.parametrize("name", CHECKS)
def test_a_gpu_does_what_the_cpu_does(name, gpu, tmp_path):
    assert CHECKS[name](gpu, tmp_path) is None


PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path
from course_lib.experiments.catalogue import TRAINED
from course_lib.training.plan import Training
from course_lib.training.run import train
module = TRAINED[sys.argv[1]]
how = Training(Path(sys.argv[2]), accelerator="cuda", log_every=20, draw_every=10**6, measure_every=10**6, save_every=20)
train(sys.argv[1], module.plan, replace(module.QUICK, steps=400), how)
"""


def start(name: str, folder: Path) -> subprocess.Popen:
    """A training of 400 captured steps, as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, name, str(folder)], env=os.environ | {"GAN_COURSE_SIZE": "quick"}
    )


@pytest.mark.parametrize("name", ["dcgan-mnist", "semi-mnist", "gan-mnist"])
def test_a_run_that_is_killed_again_and_again_ends_bit_for_bit_as_if_it_had_not_been(name, tmp_path):
    assert start(name, tmp_path / "whole").wait() == 0
    for number in range(1, 4):
        running = start(name, tmp_path / "killed")
        while running.poll() is None and not list((tmp_path / "killed").glob(f"*{20 * number:04d}-*.pt")):
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.wait()
    assert start(name, tmp_path / "killed").wait() == 0
    whole, killed = (load_file(tmp_path / folder / "last.safetensors") for folder in ("whole", "killed"))
    assert all(torch.equal(value, killed[key]) for key, value in whole.items())
