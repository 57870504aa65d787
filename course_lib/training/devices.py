"""Where a training runs: devices, machines and precision, all through Lightning Fabric."""

import ctypes
import sys
from inspect import signature

import torch
from torch.nn.parallel import DistributedDataParallel

from course_lib.environment import bfloat16_pays
from course_lib.training.fabric import DDPStrategy, Fabric
from course_lib.training.plan import Training

# Newer versions of PyTorch warn that the second is the older name.
BUFFERS = (
    "forward_sync_buffers"
    if "forward_sync_buffers" in signature(DistributedDataParallel).parameters
    else "broadcast_buffers"
)


def fabric_for(training: Training) -> Fabric:
    """Lightning Fabric for the devices, machines and precision asked for; not yet launched."""
    several = training.devices * training.nodes > 1
    where = Fabric(accelerator=training.accelerator, devices=1).device
    precision = precision_for(training, where)
    if where.type == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision != "float32"
    if where.type == "cpu":
        torch.set_float32_matmul_precision(products_on_cpu(precision))
    return Fabric(
        accelerator=training.accelerator,
        devices=training.devices,
        num_nodes=training.nodes,
        # D looks at real and at generated data before one backward pass; sending batch norm's statistics
        # around in between would change what that pass still needs. Each process keeps its own.
        strategy=DDPStrategy(**{BUFFERS: False}) if several else "auto",
        precision="bf16-mixed" if precision == "bfloat16" else "32-true",
    )


def precision_for(training: Training, device: torch.device) -> str:
    """ "float32", "tf32" or "bfloat16": what was asked for, or what the device is fast at."""
    if training.precision != "auto":
        return training.precision
    return "bfloat16" if bfloat16_pays(device) else "float32"


def products_on_cpu(precision: str) -> str:
    """Which of PyTorch's precisions for products of matrices in float32 is the fastest that does no harm.

    By default they are MKL's, which on AMD is twice as slow as oneDNN. "medium" gives them to oneDNN, and lets it
    round to bfloat16 inside; where there is no AMX it does not, and the products are as exact as before.
    """
    amx = torch.cpu._is_amx_tile_supported()
    return "highest" if precision == "float32" or amx else "medium"


def keep_freed_memory() -> None:
    """Let this process keep up to 1 GiB of the memory that it frees, on Linux with the GNU C library.

    Each step of a training on the CPU frees and asks again for the same few hundred MB. Handed back to the system
    in between, every page of them has to be set up anew: some 5 % of a DCGAN's step.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        trim_threshold, mmap_threshold = -1, -3  # the names of the two in malloc.h
        mallopt(mmap_threshold, 32 * 2**20)  # the most that is allowed
        mallopt(trim_threshold, 2**30)
