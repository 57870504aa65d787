"""Real or fake? A visual Turing test in the page, and the round of it that stands in lesson 00: you against D."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import torch
from jaxtyping import UInt8
from torch import Tensor

from course_lib.widgets.sheet import COLUMNS, packed
from course_lib.widgets.standing import Standing

Pictures = UInt8[Tensor, "_ _ _ _"]  # (n, channel, height, width): each heap has an n of its own


def real_or_fake(
    real: Pictures,
    fakes: Mapping[str, Pictures],
    *,
    logits: Mapping[str, tuple[Sequence[float], Sequence[float]]] | None = None,
    questions: int = 20,
    feedback: bool = False,
    levels: int = 256,
    thing: str = "picture",
    title: str = "Real or fake?",
) -> Standing:
    """Pictures one at a time, half of them real: say which, and how sure you are; score, interval and votes at the end.

    real: real pictures as bytes, grey or colour. fakes: those of each generator, by the name on its button, of the same
    shape. A round draws `questions` of one generator, half from each heap. logits: D's on the real pictures and on the
    fakes, for each name, where D is to answer too. feedback: whether each answer is followed by the truth; the reader can
    switch it. levels: of grey kept, 2, 4, 16 or 256. The votes can be saved as CSV; the share right has Wilson's interval.
    Raises ValueError where a heap has fewer than questions / 2 pictures, shapes differ, or logits are of other lengths.
    """
    if questions < 2 or questions % 2:
        raise ValueError(f"questions is {questions}; half are real, so take an even number of at least 2.")
    for name, pictures in {"real": real, **fakes}.items():
        if pictures.shape[1:] != real.shape[1:]:
            raise ValueError(
                f"{name!r} has pictures of {tuple(pictures.shape[1:])}, real ones {tuple(real.shape[1:])}."
            )
        if len(pictures) < questions // 2:
            raise ValueError(f"{name!r} has {len(pictures)} pictures; {questions} questions need {questions // 2}.")
    makers, at = [], len(real)
    for name, pictures in fakes.items():
        d = (logits or {}).get(name)
        if d is not None and (len(d[0]), len(d[1])) != (len(real), len(pictures)):
            lengths = f"{len(d[0])} and {len(d[1])}"
            raise ValueError(f"D's logits for {name!r} are {lengths}, of {len(real)} real and {len(pictures)} fakes.")
        told = d and {"real": list(d[0]), "fake": list(d[1])}
        makers.append({"name": name, "from": at, "count": len(pictures), "at": None, "d": told})
        at += len(pictures)
    sheet = packed(torch.cat([real, *fakes.values()]), levels)
    about = {"real": {"from": 0, "count": len(real)}, "makers": makers, "curve": None}
    spec = _told(sheet, real.shape[-2], real.shape[-1], questions, feedback, thing, title) | about
    return Standing("votes", spec, title=title)


def you_against_d(*, feedback: bool = False) -> Standing:
    """Twenty digits, ten real and ten of lesson 00's G after 300, 600 or 1,500 steps: your answers beside D's.

    D is that of the same step and sees what you see, in 16 levels of grey; its curve is over 1,000 other pictures. What
    was recorded, and how, is in you_against_d.json, which `python tools/pack_you_against_d.py` writes.
    feedback: whether each answer is followed by the truth; the reader can switch it.
    """
    kept, title = recorded(), "You against D"
    makers = [
        {"name": f"G after {int(step):,} steps", "from": number * kept["kept"], "count": kept["kept"], "at": int(step)}
        | {"d": logits}
        for number, (step, logits) in enumerate(kept["logits"].items(), start=1)
    ]
    about = {"real": {"from": 0, "count": kept["kept"]}, "makers": makers, "curve": kept["curve"]}
    spec = _told(kept["sheet"], kept["side"], kept["side"], 20, feedback, "digit", title) | about
    return Standing("votes", spec, title=title, height=330)


@cache
def recorded() -> dict:
    """The digits of "You against D" with D's logits, its curve over training, and how they were made."""
    return json.loads((files("course_lib.widgets") / "you_against_d.json").read_text(encoding="utf-8"))


def _told(sheet: str, height: int, width: int, questions: int, feedback: bool, thing: str, title: str) -> dict:
    of_sheet = {"sheet": sheet, "columns": COLUMNS, "height": height, "width": width}
    return of_sheet | {"questions": questions, "feedback": feedback, "thing": thing, "title": title, "seed": None}
