"""Time and memory of `MinibatchDiscrimination` against the plain broadcast of section 3.2, in one run.

    python benchmarks/minibatch_discrimination.py

Each measurement has a process of its own: the most memory a process has held, less what it held before, is what the
layer cost, forward and backward. Time is the processor's, on one thread, not the clock's, so that other work on the
machine weighs less.
"""

import json
import resource
import statistics
import subprocess
import sys
import time

import torch
from torch import Tensor, nn

from course_lib.layers import MinibatchDiscrimination

A, B, C = 250, 100, 5  # features, kernels and dims of Salimans et al. 2016's digits
BATCHES = (64, 256, 1024)
REPEATS = {64: 21, 256: 7, 1024: 3}


class PlainBroadcast(nn.Module):
    """The peer: the paper's formula with all n x n x B x C differences in memory at once."""

    def __init__(self, in_features: int, kernels: int, dims: int):
        super().__init__()
        self.T = nn.Parameter(torch.randn(in_features, kernels, dims) / in_features**0.5)

    def forward(self, x: Tensor) -> Tensor:
        M = torch.tensordot(x, self.T, 1)
        closeness = torch.exp(-(M[:, None] - M[None, :]).abs().sum(3))
        others = 1 - torch.eye(len(x))
        return torch.cat([x, (closeness * others[:, :, None]).sum(1)], 1)


LAYERS = {"ours": MinibatchDiscrimination, "broadcast": PlainBroadcast}


def peak() -> float:
    """The most memory this process has held so far, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def measure(name: str, n: int) -> dict[str, float]:
    """Median processor milliseconds of forward and backward at batch size n, and the megabytes they took."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    layer, x = LAYERS[name](A, B, C), torch.randn(n, A, requires_grad=True)
    direction = torch.randn(n, A + B)
    (nn.Linear(A, A)(x).sum()).backward()  # what a first backward loads is nobody's cost
    before, seconds = peak(), []
    for _ in range(REPEATS[n]):
        layer.zero_grad()
        start = time.process_time()
        (layer(x) * direction).sum().backward()
        seconds.append(time.process_time() - start)
    return {"ms": 1e3 * statistics.median(seconds), "MB": peak() - before, "gradient": x.grad.norm().item()}


def main() -> None:
    """Print the table: ours, the peer's, and peer over ours."""
    print(f"A={A} B={B} C={C}, float32, one thread, forward and backward; median processor time, most memory")
    print(f"{'n':>5} {'ours ms':>9} {'plain ms':>9} {'ratio':>6}   {'ours MB':>8} {'plain MB':>9} {'ratio':>6}")
    for n in BATCHES:
        found = {}
        for name in LAYERS:
            command = [sys.executable, __file__, name, str(n)]
            found[name] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        ours, plain = found["ours"], found["broadcast"]
        if abs(ours["gradient"] / plain["gradient"] - 1) > 1e-3:
            raise SystemExit(f"n={n}: the two layers do not compute the same: {found}")
        print(
            f"{n:>5} {ours['ms']:>9.1f} {plain['ms']:>9.1f} {plain['ms'] / ours['ms']:>6.1f}   "
            f"{ours['MB']:>8.0f} {plain['MB']:>9.0f} {plain['MB'] / ours['MB']:>6.1f}"
        )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
