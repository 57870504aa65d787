"""settings.json: what a run was told to do, with a checksum, and how that differs from what it is told now."""

import hashlib
import json
from pathlib import Path

from course_lib.training.checkpoint import write_whole

# What may be different when a run is taken up again: it does not change what is trained.
FREE = ("folder", "log_every", "draw_every", "save_every", "accelerator", "dry_run", "other_devices")
# What may be different where that is asked for: what is trained is then the same to rounding and chance alone.
DEVICES = ("devices", "nodes", "processes")


def write(file: Path, told: dict) -> None:
    """Write settings.json."""
    told = {name: value for name, value in told.items() if name != "checksum"}
    told["training"] = told["training"] | {"other_devices": False}  # asked for once, and not for ever
    write_whole(file, (json.dumps(told | {"checksum": _checksum(told)}, indent=2) + "\n").encode())


def read(folder: Path) -> dict:
    """What the run in a folder was told. Raises FileNotFoundError, or ValueError where the file is damaged."""
    file = folder / "settings.json"
    if not file.is_file():
        what = "holds no settings.json" if folder.is_dir() else "is a file" if folder.exists() else "does not exist"
        raise FileNotFoundError(f"{folder} is not the folder of a run: it {what}.")
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        whole = {"experiment": str, "settings": dict, "training": dict}.items()
        whole = all(isinstance(told[name], kind) for name, kind in whole) and _checksum(told) == told["checksum"]
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise ValueError(
            f"{file} is damaged, or was edited: its contents do not match the checksum in it. Put it back as it was; or "
            "delete it and repeat the command that the run was begun with, and it goes on from its checkpoint."
        )
    return told


def differences(before: dict, now: dict) -> list[str]:
    """What is another thing than the run was told, such as "seed is 0 there and 1 here"."""
    found = [f"the experiment is {before['experiment']}"] if before["experiment"] != now["experiment"] else []
    may_differ = {"settings": ("steps",), "training": FREE + (DEVICES if now["training"]["other_devices"] else ())}
    for part, free in may_differ.items():
        found += [
            f"{name} is {before[part].get(name)} there and {now[part].get(name)} here"
            for name in before[part] | now[part]
            if name not in free and before[part].get(name) != now[part].get(name)
        ]
    return found


def devices_differ(before: dict, now: dict) -> bool:
    """Whether the number of devices, machines or processes is another one now."""
    return any(before["training"].get(name) != now["training"][name] for name in DEVICES)


def _checksum(told: dict) -> str:
    rest = {name: value for name, value in told.items() if name != "checksum"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:16]
