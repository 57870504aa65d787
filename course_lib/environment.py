"""The one dial for cost, the device, and the seed.

`GAN_COURSE_SIZE` = quick (what the tests run) | cpu (a laptop; the default) | gpu (full size).
"""

import os
import random
from typing import Literal, TypeVar, get_args

import numpy as np
import torch

Size = Literal["quick", "cpu", "gpu"]
T = TypeVar("T")


def size() -> Size:
    """How much to compute, from the environment variable GAN_COURSE_SIZE; "cpu" if it is not set.

    Raises ValueError for any other word, since a misspelt size would silently cost an hour.
    """
    word = os.environ.get("GAN_COURSE_SIZE", "cpu")
    if word not in get_args(Size):
        raise ValueError(f"GAN_COURSE_SIZE is '{word}'. Set it to one of: {', '.join(get_args(Size))}.")
    return word


def by_size(*, quick: T, cpu: T, gpu: T | None = None) -> T:
    """The value for the size in force: `steps = by_size(quick=200, cpu=4_000)`. Without gpu, cpu's is used."""
    return {"quick": quick, "cpu": cpu, "gpu": cpu if gpu is None else gpu}[size()]


def device() -> torch.device:
    """Where to compute: a CUDA GPU if there is one, then an Apple GPU, then the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def seed(number: int = 0) -> None:
    """Make what follows repeatable: seeds Python's, NumPy's and PyTorch's random generators.

    number: 0 to 2**32 - 1. The same seed gives the same result on the same machine and library versions;
    another processor may round differently.
    """
    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)


def amx_is_used() -> bool:
    """Whether products of matrices in bfloat16 run on this processor's AMX units.

    It must have them, and oneDNN, which PyTorch asks, must not be told to stop before them by ONEDNN_MAX_CPU_ISA.
    """
    most = os.environ.get("ONEDNN_MAX_CPU_ISA", "ALL").upper()
    return torch.cpu._is_amx_tile_supported() and ("AMX" in most or most in ("ALL", "DEFAULT"))


def bfloat16_pays(where: torch.device) -> bool:
    """Whether a device computes in bfloat16 faster than in float32: GPUs of 2020 and later, CPUs with AMX, and AMD's with
    AVX512-BF16.

    An Intel processor that has AMX and was told to do without is slower by it: a DCGAN's step 1,660 ms, in float32 530.
    """
    if where.type == "cuda":
        return torch.cuda.get_device_capability(where) >= (8, 0)
    if where.type == "cpu":
        without_amx = torch.cpu._is_avx512_bf16_supported() and not torch.cpu._is_amx_tile_supported()
        return amx_is_used() or without_amx
    return False
