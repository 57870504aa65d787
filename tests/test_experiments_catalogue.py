"""Every experiment of the ledger runs at quick size, and says in its docstring what a reader must know."""

import math
import re

import pytest

from course_lib.experiments.catalogue import REPRODUCED, TRAINED
from course_lib.training.plan import Training


@pytest.mark.parametrize("name", REPRODUCED)
def test_runs_at_quick_size_and_finds_finite_numbers(name, tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_COURSE_DATA", str(tmp_path / "nothing"))
    module = REPRODUCED[name]
    how = Training(tmp_path / "run", accelerator="cpu", log_every=2, draw_every=4, measure_every=2, save_every=2)
    found = module.reproduce(module.QUICK, how)
    for outcome in found if isinstance(found, list) else [found]:
        assert outcome.numbers and all(math.isfinite(value) for value in outcome.numbers.values())
        assert outcome.note, "Embedded data stand in for the paper's, and the ledger must say so."
    assert all(isinstance(printed, str) for printed in module.PAPER.values())


@pytest.mark.parametrize("name", REPRODUCED)
def test_the_docstring_names_paper_command_and_run_time(name):
    words = " ".join(REPRODUCED[name].__doc__.split())
    assert re.search(r"et al\.|Odena|Mirza", words), "the paper"
    assert f"gan-course reproduce {name}" in words
    assert re.search(r"\b(seconds?|minutes?|hours?|s a pass|days?)\b", words), "the run time"


@pytest.mark.parametrize("name", TRAINED)
def test_sizes_are_settings_of_one_kind(name):
    module = TRAINED[name]
    assert module.QUICK.steps < module.CPU.steps <= module.GPU.steps
    assert module.settings() == module.QUICK, "the tests run at quick size"
