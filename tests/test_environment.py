"""The dial for cost, the device, the seed."""

import random

import numpy as np
import pytest
import torch

import course_lib
from course_lib import environment


def test_a_student_gets_cpu_size(monkeypatch):
    monkeypatch.delenv("GAN_COURSE_SIZE", raising=False)
    assert course_lib.size() == "cpu"
    assert course_lib.by_size(quick=1, cpu=2, gpu=3) == 2


@pytest.mark.parametrize("word, expected", [("quick", 1), ("cpu", 2), ("gpu", 2)])
def test_the_size_chooses(monkeypatch, word, expected):
    monkeypatch.setenv("GAN_COURSE_SIZE", word)
    assert course_lib.by_size(quick=1, cpu=2) == expected


def test_a_misspelt_size_is_refused(monkeypatch):
    monkeypatch.setenv("GAN_COURSE_SIZE", "quik")
    with pytest.raises(ValueError, match="'quik'. Set it to one of: quick, cpu, gpu"):
        course_lib.size()


def test_a_seed_repeats_every_generator():
    draws = []
    for _ in range(2):
        course_lib.seed(7)
        draws.append((random.random(), np.random.rand(), torch.rand(()).item()))
    assert draws[0] == draws[1]
    course_lib.seed(8)
    assert (random.random(), np.random.rand(), torch.rand(()).item()) != draws[0]


def test_the_device_is_one_that_computes():
    assert torch.ones(2, device=course_lib.device()).sum().item() == 2


@pytest.mark.parametrize(
    ("has_amx", "has_bf16", "told", "pays"),
    [
        (True, True, None, True),
        (True, True, "AVX512_CORE_AMX", True),
        (True, True, "AVX512_CORE_BF16", False),  # an Intel processor without its AMX: slower than float32
        (False, True, None, True),  # AMD
        (False, False, None, False),
    ],
)
def test_where_bfloat16_pays(monkeypatch, has_amx, has_bf16, told, pays):
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: has_amx)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: has_bf16)
    if told is None:
        monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    else:
        monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", told)
    assert environment.bfloat16_pays(torch.device("cpu")) == pays
