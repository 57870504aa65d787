"""How long a slider's new picture takes in the kernel, beside drawing the same as a whole matplotlib figure.

    python benchmarks/widgets.py

Each widget is moved 200 times; the median and the 95th percentile, which should be at most 50 ms, on one thread. Beside
them stands the 95th percentile of the processor's own time, which other programs on the machine lengthen less. The
pages that need no kernel (the explorer, the two games) are timed in a browser: benchmarks/explorer.py.
"""

import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

from course_lib import figures, widgets
from course_lib.data import gaussian
from course_lib.figures.style import png
from course_lib.models import cgan, mlp

MOVES = 200
LIMIT_MS = 50


def milliseconds(move: Callable[[int], object]) -> tuple[float, float, float]:
    """Median and 95th percentile of `MOVES` calls, and the 95th percentile of their time on the processor."""
    took, worked = [], []
    for number in range(MOVES):
        begun, began = time.perf_counter(), time.process_time()
        move(number)
        worked.append(1_000 * (time.process_time() - began))
        took.append(1_000 * (time.perf_counter() - begun))
    return statistics.median(took), statistics.quantiles(took, n=20)[-1], statistics.quantiles(worked, n=20)[-1]


def slider(widget: widgets.Live, control: int) -> Callable[[int], object]:
    """Moves one of the widget's sliders up and down its range."""
    handle = widget.controls[control]
    places = round((handle.max - handle.min) / handle.step)

    def move(number: int) -> None:
        handle.value = handle.min + handle.step * ((number + 1) % places)

    return move


def whole_figure(number: int) -> bytes:
    """The density lab drawn whole, as it was before it was prepared."""
    return png(figures.density_lab(gaussian(-1, 1), gaussian(0.02 * number, 0.7), top=1.05))


def main() -> None:
    """Print a row for each widget."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    dense = mlp.Generator(64, (256, 512), (1, 28, 28), batch_norm=True, output=nn.Tanh())
    labelled = cgan.Generator(100, 10, (200, 1_000), 1_200, (1, 28, 28))
    rows = {
        "density lab": slider(widgets.density_lab(), 0),
        "latent slider": slider(widgets.latent_slider(dense), 0),
        "label slider": slider(widgets.label_slider(labelled), 1),
        "density lab, drawn whole": whole_figure,
    }
    print(f"{'':26}{'median':>9}{'95 %':>9}{'on processor, 95 %':>21}")
    found = {name: milliseconds(move) for name, move in rows.items()}
    for name, (median, late, worked) in found.items():
        print(
            f"{name:26}{median:7.1f}ms{late:7.1f}ms{worked:19.1f}ms"
            + ("" if late <= LIMIT_MS or "whole" in name else "  too slow")
        )
    ratio = found["density lab, drawn whole"][0] / found["density lab"][0]
    print(f"the density lab is {ratio:.1f} times as fast as the whole figure")


if __name__ == "__main__":
    main()
