"""Where a number came from: the versions, the code and the machine that made it."""

import platform
import subprocess
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

LIBRARIES = ("torch", "torchvision", "numpy", "lightning-fabric", "lightning", "torchmetrics", "scikit-learn")


def provenance(device: torch.device) -> dict[str, str | dict[str, str] | None]:
    """For a record: the device in words, the versions of Python and of the libraries, and the commit of the code."""
    return {
        "device": device_in_words(device),
        "versions": {"python": platform.python_version()} | _versions(),
        "commit": commit(),
    }


def _versions() -> dict[str, str]:
    """Of the libraries that are installed: Fabric is so under one of its two names."""
    found = {}
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def device_in_words(device: torch.device) -> str:
    """Such as "NVIDIA H200" or "CPU, Intel Xeon, 2 threads"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        processor = named[0] if named else processor
    return f"{device.type.upper()}, {processor}, {torch.get_num_threads()} threads"


def commit() -> str | None:
    """The commit of the course's checkout, with "-changed" where files differ from it; None outside of one."""
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], check=True, capture_output=True, text=True)
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--untracked-files=no", "."], check=True, capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return head.stdout.strip() + ("-changed" if changed.stdout.strip() else "")
