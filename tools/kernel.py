"""Let the threads of every notebook that runs with this Python sleep while they wait: see `course_lib/threads.py`.

    python tools/kernel.py

A lesson imports PyTorch before the course, and then it is too late. So IPython's configuration for this Python sets it
when a kernel starts, from wherever that is opened: JupyterLab, an editor, a server. `make setup` runs this.
"""

import sys
from pathlib import Path

CONFIGURATION = """# Written by tools/kernel.py of the GAN course. Threads of PyTorch sleep while they wait.
import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
"""


def write(folder: Path) -> Path:
    """Write the configuration of kernels into a folder where IPython looks; another's configuration there is kept."""
    file = folder / "ipython_kernel_config.py"
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    if CONFIGURATION not in before:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(before + CONFIGURATION, encoding="utf-8")
    return file


if __name__ == "__main__":
    write(Path(sys.prefix) / "etc" / "ipython")
