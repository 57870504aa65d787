"""The report's third part: experiments of the ledger, in order of worth, each ended in time and taken up again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import torch

from course_lib.data import DataError
from course_lib.experiments.catalogue import REPRODUCED
from course_lib.experiments.command import how
from course_lib.gpu_report.log import Log
from course_lib.missing import NotInstalled
from course_lib.training import ledger
from course_lib.training.plan import OutOfTime

LEAST = 0.3  # minutes that are worth beginning an experiment for


@dataclass(frozen=True)
class Piece:
    """An experiment, and how it differs here from its full size. share: of the minutes left, at most."""

    name: str
    changes: dict[str, Any]
    share: float = 1.0


# The table at a twelfth of its passes: what three minutes of a fast GPU give. Its rate is constant, so that a shorter
# training is the beginning of a longer one, and the record says how many steps it had.
PIECES = (
    Piece("semi-mnist", {"labels": (20, 50, 100, 200), "seeds": 10, "steps": 15_000}, 0.6),
    Piece("gan-mnist-parzen", {}, 0.6),
    Piece("dcgan-mnist-1nn", {}, 0.6),
    Piece("cgan-mnist-parzen", {}),
    Piece("sgan-mnist", {}),
    Piece("cifar10-ablation", {"steps": 20_000}),
    Piece("semi-svhn", {}),
    Piece("semi-cifar10", {}),
)


def run_experiments(log: Log, where: torch.device) -> None:
    """Run what there is time and data for; a record for each that came to its end, in send/ledger.jsonl."""
    recorded = {line["experiment"] for line in ledger.lines(log.send)}
    for piece in PIECES:
        if piece.name in recorded:
            log.say(f"{piece.name} is recorded already")
            continue
        if log.left() < LEAST:
            log.say(f"no time for {piece.name}")
            continue
        module = REPRODUCED[piece.name]
        settings = replace(module.GPU, **piece.changes) if where.type == "cuda" else module.QUICK
        # The last minute belongs to what comes after training.
        minutes = max(0.1, min(piece.share * log.left(), log.left() - 0.5))
        training = replace(
            how(module), folder=log.runs / piece.name, accelerator=where.type, minutes=minutes, **_seldom(where)
        )
        log.say(f"{piece.name}: for at most {minutes:.1f} minutes")
        _ended(log, piece.name, module, lambda m=module, s=settings, t=training: m.reproduce(s, t), settings)


def _seldom(where: torch.device) -> dict[str, int]:
    """To look costs time: on a GPU a few times a minute is enough."""
    return {"draw_every": 10_000, "save_every": 10_000, "log_every": 100} if where.type == "cuda" else {}


def _ended(log: Log, name: str, module: ModuleType, work: Callable, settings: Any) -> None:
    try:
        found = work()
    except OutOfTime as error:
        return log.say(f"{name}: {error}")
    except (DataError, NotInstalled) as error:
        return log.say(f"{name} is left out: {error}")
    except Exception as error:  # noqa: BLE001 one that fails must not hide the others
        return log.say(f"FAILED {name}: {type(error).__name__}: {str(error)[:500]}")
    for outcome in found if isinstance(found, list) else [found]:
        line = ledger.record(name, outcome, settings=outcome.settings or settings, paper=module.PAPER, folder=log.send)
        log.say(f"{name}: " + ", ".join(f"{key} {value:.4g}" for key, value in line["numbers"].items()))
