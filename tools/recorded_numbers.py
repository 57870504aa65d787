"""Numbers of trainings in prose come from the records in results/, so that no text drifts from the ledger.

    {{experiment:number:format}}                 the newest record of that experiment
    {{experiment:number:format|key=value,...}}   the newest whose settings have these values

in a cell of prose, a deck or its notes, such as {{gan-mnist-parzen:parzen_ll_10k:.0f}}.
"""

import json
import re
from functools import cache
from pathlib import Path

from running import Refused

LEDGER = Path(__file__).resolve().parent.parent / "results" / "ledger.jsonl"
PLACE = re.compile(r"\{\{([a-z0-9-]+):(\w+):([^{}|:]*)(?:\|([^{}]*))?\}\}")


def filled(prose: str, place: str) -> str:
    """The prose with every number filled in. Raises Refused, naming the place, for one that no record has."""
    try:
        return PLACE.sub(lambda found: _number(*found.groups()), prose)
    except (LookupError, ValueError) as error:
        raise Refused(f"{place}: {error.args[0]}") from None


def _number(experiment: str, name: str, form: str, conditions: str | None) -> str:
    wanted = dict(pair.split("=", 1) for pair in conditions.split(",")) if conditions else {}
    fitting = [
        line
        for line in _records()
        if line["experiment"] == experiment
        and name in line["numbers"]
        and all(str(line["settings"].get(key)) == value for key, value in wanted.items())
    ]
    if not fitting:
        said = f" with {conditions}" if conditions else ""
        raise LookupError(f"no record of {experiment}{said} has a number {name}; `gan-course reproduce` makes one.")
    return format(fitting[-1]["numbers"][name], form)


@cache
def _records() -> list[dict]:
    return [json.loads(line) for line in LEDGER.read_text(encoding="utf-8").splitlines()]
