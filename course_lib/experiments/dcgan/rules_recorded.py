"""What the ledger has of the five rules, each broken by itself, and samples of those trainings: lesson 08 shows both.

    recorded()["no batch norm"]     # the numbers of each seed
    samples()["no batch norm"]      # ten digits of seed 0

The trainings are `gan-course reproduce dcgan-rules --broken RULE --seed SEED` at the size cpu, on all of MNIST.
`python tools/pack_rule_samples.py RUN ...` writes the pictures.
"""

from dataclasses import asdict
from pathlib import Path

import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from course_lib.experiments.dcgan.dcgan_rules import CHANGES, CPU
from course_lib.training import ledger

PICTURES = Path(__file__).parent / "shipped" / "rules.png"
COLUMNS, SIDE = 10, 28
# As a reader of a table or picture should see them: the number of the rule, and what stands in its place.
LABELS = {
    "nothing": "all rules kept",
    "pooling": "1: pooling, resizing",
    "no batch norm": "2: no batch norm",
    "batch norm everywhere": "2: batch norm everywhere",
    "hidden layers": "3: hidden layers",
    "tanh and sigmoid in G": "4: tanh, sigmoid in G",
    "ReLU in D": "5: ReLU in D",
}


def recorded() -> dict[str, list[dict[str, float]]]:
    """From each broken rule to the numbers of its recorded trainings, one a seed, in the order of the seeds.

    Only trainings at the size cpu on all of MNIST count; of several of one seed the newest. Raises LookupError, naming
    the command, for a rule without any.
    """
    found: dict[str, dict[int, dict[str, float]]] = {broken: {} for broken in CHANGES}
    for line in ledger.lines():
        settings = line["settings"]
        if line["experiment"] != "dcgan-rules" or "embedded digits" in line["note"]:
            continue
        if settings == asdict(CPU) | {"broken": settings["broken"], "seed": settings["seed"]}:
            found[settings["broken"]][settings["seed"]] = line["numbers"]
    for broken, seeds in found.items():
        if not seeds:
            raise LookupError(
                f"The ledger has no training at the size cpu with {broken!r} on all of MNIST. Run: "
                f'GAN_COURSE_SIZE=cpu gan-course reproduce dcgan-rules --broken "{broken}"'
            )
    return {broken: [seeds[seed] for seed in sorted(seeds)] for broken, seeds in found.items()}


def samples() -> dict[str, Float[Tensor, "10 1 28 28"]]:
    """From each broken rule to ten samples, in [-1, 1], of the training with seed 0; the same z for every rule."""
    with Image.open(PICTURES) as picture:
        pixels = torch.frombuffer(bytearray(picture.convert("L").tobytes()), dtype=torch.uint8)
    rows = pixels.view(len(CHANGES), SIDE, COLUMNS, 1, SIDE).permute(0, 2, 3, 1, 4)
    return dict(zip(CHANGES, rows.float() / 127.5 - 1, strict=True))


def put(rows: dict[str, Float[Tensor, "10 1 28 28"]], file: Path = PICTURES) -> None:
    """Write such samples as one grey PNG, a row a rule. Raises KeyError for a rule that is missing."""
    images = torch.stack([rows[broken] for broken in CHANGES])  # (rule, column, 1, row of pixels, pixel)
    pixels = ((images.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    sheet = pixels.permute(0, 3, 1, 2, 4).reshape(len(CHANGES) * SIDE, COLUMNS * SIDE)
    Image.fromarray(sheet.numpy()).save(file, "PNG", optimize=True)
