"""Pack the digits of "You against D": `.venv/bin/python tools/pack_you_against_d.py`, about a minute on two quiet cores.

Trains lesson 00's GAN on the digits that come with the course, to its end. At steps 300, 600 and 1,500 it keeps 60 fakes
and what D, in evaluation mode, answers about them and about 60 held-back digits; and D's accuracy and log score on 1,000
other pictures, half of them real, at those steps and others. Everything, D's answers too, is about the pictures as they
are packed, in 16 levels of grey, so that a student and D see the same. What is written, course_lib/widgets/
you_against_d.json, says how it was made, and is read by `course_lib.widgets.you_against_d`.
"""

import json
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

import course_lib
from course_lib.data.images import embedded_digits
from course_lib.experiments.lessons import digits_mlp
from course_lib.game import Game, play
from course_lib.metrics.passes import evaluating
from course_lib.training.provenance import provenance
from course_lib.widgets.sheet import packed

TARGET = Path(__file__).resolve().parent.parent / "course_lib" / "widgets" / "you_against_d.json"
SETTINGS = digits_mlp.Settings(steps=2_500)  # lesson 00's at the size cpu
PLAYED = (300, 600, 1_500)
LOOKED = (25, 50, 100, 150, 200, 300, 400, 500, 600, 800, 1_000, 1_250, 1_500, 1_750, 2_000, 2_250, 2_500)
KEPT, JUDGED, LEVELS = 60, 500, 16


def seen(x: Tensor) -> Tensor:
    """Pictures in [-1, 1], brought to the levels of grey that are packed."""
    return ((x + 1) / 2 * (LEVELS - 1)).round() / (LEVELS - 1) * 2 - 1


def to_bytes(x: Tensor) -> Tensor:
    """Pictures in [-1, 1] as bytes."""
    return ((x + 1) * 127.5).round().byte()


def made(game: Game, z: Tensor) -> Tensor:
    """What G makes of z, as it is packed."""
    with evaluating(game.generator):
        return seen(game.generator(z))


def logits(game: Game, x: Tensor) -> Tensor:
    """D's logits, (n,)."""
    with evaluating(game.discriminator):
        return game.discriminator(x).logits.flatten()


def scores(game: Game, real: Tensor, fake: Tensor) -> dict:
    """D's share of right answers, and the mean logarithm of the probability it gives to the truth."""
    on_real, on_fake = logits(game, real), logits(game, fake)
    right = torch.cat([on_real > 0, on_fake <= 0]).double().mean()
    score = torch.cat([logsigmoid(on_real), logsigmoid(-on_fake)]).double().mean()
    return {"accuracy": round(right.item(), 4), "log_score": round(score.item(), 4)}


def main() -> None:
    """Train, and write the file."""
    torch.set_num_threads(1)
    course_lib.seed(0)
    game = digits_mlp.build(SETTINGS)
    held_back = embedded_digits("test")
    order = torch.randperm(len(held_back), generator=torch.Generator().manual_seed(1))
    real = seen(held_back.take(order).scaled())
    shown, judged = real[:KEPT], real[KEPT : KEPT + JUDGED]
    z = game.generator.noise(KEPT + JUDGED)
    pictures, fakes, curve = [shown], {}, []
    for step, _ in islice(play(game, digits_mlp.batches(embedded_digits("train"), SETTINGS)), SETTINGS.steps):
        if step in LOOKED:
            x = made(game, z)
            curve.append({"step": step} | scores(game, judged, x[KEPT:]))
        if step in PLAYED:
            pictures.append(x[:KEPT])
            about = {"real": logits(game, shown), "fake": logits(game, x[:KEPT])}
            fakes[step] = {part: [round(value, 3) for value in of.tolist()] for part, of in about.items()}
            print(step, curve[-1], flush=True)
    written = {
        "made": {
            "command": "python tools/pack_you_against_d.py",
            "settings": asdict(SETTINGS),
            **provenance(torch.device("cpu")),
        },
        "levels": LEVELS,
        "side": 28,
        "kept": KEPT,
        "logits": fakes,
        "curve": curve,
        "sheet": packed(to_bytes(torch.cat(pictures)), LEVELS),
    }
    TARGET.write_text(json.dumps(written) + "\n", encoding="utf-8")
    print(f"{TARGET.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
