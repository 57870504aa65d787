"""Trained DCGANs that come with the course, so that a lesson on a laptop starts from a good one.

    G, D = shipped("digits")
    about("digits")["command"]      # what trains the same again

Each was trained by the command in its record; `python tools/ship.py RUN NAME` put its last weights here, in half
precision.
"""

import json
from pathlib import Path
from types import ModuleType
from typing import Literal

from course_lib.experiments.dcgan import dcgan, dcgan_rules
from course_lib.models.dcgan import Discriminator, Generator
from course_lib.training.weights import load_weights

Name = Literal["digits", "emoji"]
FOLDER = Path(__file__).parent / "shipped"
TRAINED_BY: dict[str, ModuleType] = {"digits": dcgan_rules, "emoji": dcgan}


def shipped(name: Name) -> tuple[Generator, Discriminator]:
    """G and D of a trained DCGAN, on the CPU in evaluation mode.

    "digits": 28x28 in one channel, learned from all of MNIST. "emoji": 32x32 in colour, from the emoji that come with
    the course. Images are in [-1, 1], z has 100 numbers from U(-1, 1). Raises KeyError for another name.
    """
    made, settings = TRAINED_BY[name], about(name)["settings"]
    networks = made.networks(made.Settings(**settings))
    file = load_weights(FOLDER / f"{name}.safetensors")
    for network, part in zip(networks, ("generator", "discriminator"), strict=True):
        network.load_state_dict(file.of(part))  # the network's own precision is kept
        network.eval()
    return networks


def about(name: Name) -> dict:
    """How it was made: command, step, experiment, settings, device, versions, commit. Raises KeyError for another name."""
    if name not in TRAINED_BY:
        raise KeyError(f"No network named {name!r} comes with the course; there are {', '.join(TRAINED_BY)}.")
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
