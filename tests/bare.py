"""A Python with the library's own dependencies and nothing else: no Jupyter, no matplotlib, no gensim, no mlxtend."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from packaging.requirements import Requirement

REPO = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# Runs commands one after another in one process, since importing PyTorch takes seconds; prints a line of JSON for each.
RUNNER = """
import contextlib, io, json, pathlib, sys, traceback
from course_lib.__main__ import main
from course_lib.training import ledger

ledger.FOLDER = pathlib.Path("results")  # here, and not in the checkout

for words in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(words)
        except SystemExit as ended:
            code = ended.code
        except BaseException:
            code = traceback.format_exc()
    print(json.dumps({"code": code, "out": out.getvalue(), "err": err.getvalue()}), flush=True)
"""


def needed() -> set[str]:
    """The names of all distributions that pyproject's dependencies bring, theirs included."""
    found, left = set(), [Requirement(line) for line in PROJECT["dependencies"]]
    while left:
        requirement = left.pop()
        key = (requirement.name, frozenset(requirement.extras))
        if key in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        found.add(key)
        try:
            lines = distribution(requirement.name).requires or []
        except PackageNotFoundError:
            continue  # a package that only some systems have
        left += [Requirement(line) for line in lines]
        for line in map(Requirement, lines):
            if line.marker and any(line.marker.evaluate({"extra": extra}) for extra in requirement.extras):
                line.marker = None
                left.append(line)
    return {name for name, _ in found}


def site(folder: Path, without: tuple[str, ...] = ()) -> Path:
    """A folder of links to those distributions, less some, to be the only packages of a Python."""
    folder.mkdir()
    for name in needed() - set(without):
        try:
            files = distribution(name).files or []
        except PackageNotFoundError:
            continue
        for first in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            link = folder / first
            if not link.exists():
                link.symlink_to(distribution(name).locate_file(first))
    return folder


def fabric_within_lightning(site: Path) -> None:
    """Put Fabric there as the package lightning carries it: the same code, under the other name."""
    original = distribution("lightning-fabric")
    target = site / "lightning" / "fabric"
    shutil.copytree(original.locate_file("lightning_fabric"), target, ignore=shutil.ignore_patterns("__pycache__"))
    for file in target.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("lightning_fabric", "lightning.fabric"), encoding="utf-8")
    (site / "lightning" / "__init__.py").touch()
    metadata = site / f"lightning-{original.version}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(f"Metadata-Version: 2.1\nName: lightning\nVersion: {original.version}\n")


def python(site: Path, *words: str, stdin: str | None = None, cwd: Path, **environment: str):
    """Run that Python, `-S` keeping out whatever else is installed."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "OMP_NUM_THREADS")}
    return subprocess.run(
        [sys.executable, "-S", *words],
        env=kept | {"PYTHONPATH": os.pathsep.join((str(REPO), str(site))), "GAN_COURSE_SIZE": "quick"} | environment,
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def commands(site: Path, many: list[list[str]], *, cwd: Path, **environment: str) -> list[dict]:
    """What `gan-course` answers to each: code (0, 1, ... or a traceback), out and err."""
    ran = python(site, "-c", RUNNER, stdin=json.dumps(many), cwd=cwd, **environment)
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(answers) == len(many), ran.stderr
    return answers


def write_mnist(folder: Path, n_train: int = 4_000, n_test: int = 1_000) -> None:
    """A set of made-up digits in MNIST's own files: ten patterns under noise, equally many of each."""
    random = np.random.default_rng(0)
    patterns = random.integers(0, 2, (10, 7, 7)).repeat(4, 1).repeat(4, 2) * 200
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for prefix, n in (("train", n_train), ("t10k", n_test)):
        y = random.permutation(np.arange(n) % 10)
        x = patterns[y] + random.integers(0, 56, (n, 28, 28))
        for kind, array in (("images-idx3", x), ("labels-idx1", y)):
            header = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
            (raw / f"{prefix}-{kind}-ubyte").write_bytes(header + array.astype(np.uint8).tobytes())
