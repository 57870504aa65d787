"""Two processes on the CPU train the conditional DCGAN as one process would, as far as batch statistics allow.

What is expected, and why. Losses are means over examples and the halves are equally large, so the mean of the
two processes' gradients is the gradient of the whole batch: without batch norm two processes equal one. With
batch norm each process normalises by the statistics of its own half, which are not those of the whole, so
they cannot equal one process that sees the whole batch. They do equal one process that puts the two halves
through one after the other and takes the mean of the gradients. To the rounding of a sum, in both cases.
"""

import os
import subprocess
import sys

import pytest
import torch
import two_processes as program


def two(folder, settings):
    """The weights of both processes after the program beside this file has run."""
    form = "one_pass" if settings.one_pass else "at_once" if settings.at_once else "apart"
    words = [form, "batch_norm" if settings.batch_norm else "no_norm"]
    command = [sys.executable, "-W", "ignore", program.__file__, folder, *words]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3_000:]
    return [torch.load(path, weights_only=True) for path in sorted(folder.glob("*.pt"))]


def furthest(one, other):
    """The largest difference between two states, of any weight of either player."""
    return max((one[p][name] - other[p][name]).abs().max().item() for p in "GD" for name in one[p])


@pytest.mark.parametrize("one_pass", [False, True])
def test_two_processes_equal_one_that_puts_the_halves_through_in_turn(tmp_path, one_pass):
    settings = program.Settings(one_pass=one_pass, batch_norm=True)
    first, second = two(tmp_path, settings)
    assert furthest(first, second) == 0, "the two processes went apart"
    # The trap: G's move goes through D as well, and would send around gradients of D that nobody uses.
    assert first["sums"] == {"SharedNoise": program.STEPS, "Discriminator": program.STEPS}
    assert furthest(first, program.weights(program.halves(settings))) < 1e-5
    whole = program.weights(program.whole(settings))
    assert furthest(first, whole) > 1e-4, "batch statistics should have made a difference"


@pytest.mark.parametrize("at_once", [False, True])
def test_without_batch_norm_two_processes_equal_one_on_the_whole_batch(tmp_path, at_once):
    settings = program.Settings(one_pass=False, batch_norm=False, at_once=at_once)
    first, _ = two(tmp_path, settings)
    assert first["sums"] == {"SharedNoise": program.STEPS, "Discriminator": program.STEPS}
    assert furthest(first, program.weights(program.whole(settings))) < 1e-5
