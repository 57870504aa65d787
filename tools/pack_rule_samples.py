"""Ten samples of each training of dcgan-rules, as the picture that lesson 08 shows.

    python tools/pack_rule_samples.py runs/rules_*

Each RUN is the folder of `gan-course reproduce dcgan-rules --broken RULE --folder RUN`; of several of one rule the one
with the lowest seed is taken. Writes rules.png, and rules.json with what the runs were.
"""

import json
import sys
from pathlib import Path

import torch

from course_lib.experiments.dcgan import dcgan_rules, rules_recorded
from course_lib.training.weights import load_weights


def drawn(run: Path, told: dict) -> torch.Tensor:
    """Ten digits in [-1, 1] by the run's last weights, always of the same z."""
    settings = dcgan_rules.Settings(**told["settings"])
    generator, _ = dcgan_rules.networks(settings)
    generator.load_state_dict(load_weights(run / "last.safetensors").of("generator"))
    z = torch.rand(rules_recorded.COLUMNS, 100, generator=torch.Generator().manual_seed(0)) * 2 - 1
    low = dcgan_rules.lowest(settings)
    with torch.no_grad():
        return (generator.eval()(z) - low) / (1 - low) * 2 - 1


def pack(runs: list[Path]) -> None:
    """Write both files. Raises KeyError for a rule without a run."""
    of_rule: dict[str, tuple[Path, dict]] = {}
    for run in runs:
        told = json.loads((run / "settings.json").read_text(encoding="utf-8"))
        broken, seed = told["settings"]["broken"], told["settings"]["seed"]
        if (run / "last.safetensors").exists() and (
            broken not in of_rule or seed < of_rule[broken][1]["settings"]["seed"]
        ):
            of_rule[broken] = run, told
    rules_recorded.put({broken: drawn(*one) for broken, one in of_rule.items()})
    kept = ("settings", "device", "versions", "commit")
    record = {broken: {key: of_rule[broken][1][key] for key in kept} for broken in dcgan_rules.CHANGES}
    text = json.dumps(record, indent=2) + "\n"
    rules_recorded.PICTURES.with_suffix(".json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    pack([Path(run) for run in sys.argv[1:]])
