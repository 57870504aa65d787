"""What every test shares: quick size, no window, one seed, and full data sets only where a test asks for them."""

import os
import sys
from pathlib import Path

# Before PyTorch, which reads it while it loads: threads that wait sleep. Kernels of notebooks inherit it.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import matplotlib
import pytest
import torch

pytest.register_assert_rewrite("drawn", "judged")  # an assertion in these modules shows its values, too

REPO = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / "tools"))  # so that a test can `import derive`

matplotlib.use("Agg")  # not through the environment, which the kernels of the notebook tests would inherit
os.environ.setdefault("GAN_COURSE_SIZE", "quick")
# One thread for each of the processes that run the tests side by side, kernels of notebooks included; or as asked.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# The same numbers on every machine: what someone has downloaded is not looked at.
os.environ["GAN_COURSE_DATA"] = str(REPO / "tests" / "no data")
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


@pytest.fixture(autouse=True)
def seeded():
    """Every test starts from the same seed, whatever ran before it."""
    # Imported here and not above: jaxtyping checks shapes only in modules imported after its own hook.
    import course_lib

    course_lib.seed(0)


@pytest.fixture(autouse=True)
def figures_closed():
    """No figure is left open, since matplotlib warns of many."""
    yield
    pyplot = sys.modules.get("matplotlib.pyplot")  # slow to import, and most tests draw nothing
    if pyplot:
        pyplot.close("all")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """A folder with full data sets, beside the repository; the test is skipped where there is none."""
    folder = REPO.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs full data sets in a folder ../shared/data beside the repository")
    return folder
