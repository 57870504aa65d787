"""Put the last weights of a run among those that come with the course: python tools/ship.py runs/dcgan-rules digits."""

import json
import sys
from dataclasses import replace
from pathlib import Path

from course_lib.experiments.dcgan.shipped import FOLDER, TRAINED_BY
from course_lib.training.weights import load_weights, save_weights


def ship(run: Path, name: str) -> None:
    """Write NAME.safetensors in half precision, and NAME.json with what the run was."""
    told = json.loads((run / "settings.json").read_text(encoding="utf-8"))
    expected = TRAINED_BY[name].__name__.rpartition(".")[2].replace("_", "-")
    if told["experiment"] != expected:
        sys.exit(f"{run} is a run of {told['experiment']}; {name} is trained by {expected}.")
    weights = load_weights(run / "last.safetensors")
    half = {key: value.half() if value.is_floating_point() else value for key, value in weights.tensors.items()}
    FOLDER.mkdir(exist_ok=True)
    save_weights(FOLDER / f"{name}.safetensors", replace(weights, tensors=half))
    default = TRAINED_BY[name].CPU
    changed = {key: value for key, value in told["settings"].items() if value != getattr(default, key)}
    options = "".join(f" --{key.replace('_', '-')} {value}" for key, value in changed.items())
    record = {
        "command": f"gan-course train {told['experiment']}{options}",
        "step": weights.step,
        **{key: told[key] for key in ("experiment", "settings", "device", "versions", "commit")},
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    ship(Path(sys.argv[1]), sys.argv[2])
