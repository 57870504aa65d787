"""You against D: twenty digits, real or generated, your verdicts and D's on the same ones."""

import json
from importlib.resources import files

from course_lib.widgets.framed import Framed

DATA = "you_against_d.json"


def you_against_d(*, feedback: bool = False, seed: int = 0, height: int = 560) -> Framed:
    """Twenty digits, ten of them real, the others from step 300, 600 or 1,500 of lesson 00's game; then the scores.

    Keys 1 to 4 or the buttons say how sure one is; D's answers on the same digits were recorded with them. At the end:
    how many were right, the mean logarithm of the probability given to the truth, and a dot beside D's curve.
    feedback: whether each answer is judged at once; it can be changed on the page. seed: of which digits come, and their
    order. height: of the page, in CSS pixels.
    """
    folder = files("course_lib.widgets")
    spec = json.loads((folder / DATA).read_text(encoding="utf-8"))
    spec |= {"rounds": 20, "feedback": feedback, "seed": seed, "chosen": 1}
    script = (folder / "against.js").read_text(encoding="utf-8")
    return Framed(script, spec, title="You against D", height=height)
