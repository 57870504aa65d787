"""Make course_lib/widgets/you_against_d.json: python tools/pack_you_against_d.py, a minute on two cores.

Lesson 00's game is played on the digits that come with the course, with its seed. At steps 300, 600 and 1,500 it keeps
forty fakes and forty held-out real digits, and what D, as it was then, answers to each. Pictures are kept in 16 shades.
"""

import base64
import io
import json
from itertools import islice
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torchvision.utils import make_grid

import course_lib
from course_lib import play
from course_lib.data import embedded_digits
from course_lib.experiments.lessons import digits_mlp
from course_lib.metrics.passes import evaluating
from course_lib.widgets.you_against_d import DATA

FILE = Path(course_lib.__file__).parent / "widgets" / DATA
STEPS = (300, 600, 1_500)
KEPT, COLUMNS, SHADES = 40, 8, 16


def sheet(x: Tensor) -> str:
    """Digits in [-1, 1] side by side, as a PNG in a data address."""
    grid = make_grid((x + 1) / 2, nrow=COLUMNS, padding=0)[0]
    levels = (grid * (SHADES - 1)).round().byte()
    picture, file = Image.fromarray(levels.numpy()).convert("L"), io.BytesIO()
    few = picture.convert("P")
    few.putpalette([round(255 * level / (SHADES - 1)) for level in range(SHADES) for _ in range(3)])
    few.save(file, "PNG", optimize=True, bits=4)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def heap(x: Tensor, discriminator: torch.nn.Module) -> dict:
    """Digits, and D's answer to each."""
    with evaluating(discriminator):
        answers = discriminator(x).logits.sigmoid()
    return {"sheet": sheet(x), "columns": COLUMNS, "n": len(x), "d": [round(d, 4) for d in answers.tolist()]}


def main() -> None:
    """Play, keep, write."""
    digits, held_back = embedded_digits("train"), embedded_digits("test")
    settings = digits_mlp.Settings(steps=2_500)
    course_lib.seed(0)
    game = digits_mlp.build(settings)
    chosen = torch.randperm(len(held_back), generator=torch.Generator().manual_seed(0))
    sets = []
    for step, _ in islice(play(game, digits_mlp.batches(digits, settings)), max(STEPS)):
        if step in STEPS:
            with evaluating(game.generator):
                fakes = game.generator(game.generator.noise(KEPT))
            real = held_back.scaled()[chosen[len(sets) * KEPT :][:KEPT]]
            both = {"real": heap(real, game.discriminator), "fake": heap(fakes, game.discriminator)}
            sets.append({"name": f"step {step:,}", **both})
    FILE.write_text(json.dumps({"size": 28, "sets": sets}) + "\n", encoding="utf-8")
    print(f"{FILE.name}: {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
