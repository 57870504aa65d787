"""Where and how exactly a training computes."""

import pytest
import torch

from course_lib.training.devices import fabric_for, products_on_cpu
from course_lib.training.plan import Training


@pytest.fixture(autouse=True)
def put_back():
    before = torch.get_float32_matmul_precision()
    yield
    torch.set_float32_matmul_precision(before)


@pytest.mark.parametrize("precision", ["float32", "tf32", "auto"])
def test_products_in_float32_are_as_exact_as_float32_is(precision):
    """Whichever library makes them: rounding to bfloat16 would leave errors of 1e-3, and that of float32 is 6e-8."""
    fabric_for(Training(accelerator="cpu", precision=precision))
    torch.manual_seed(0)
    a, b = torch.randn(64, 300), torch.randn(300, 128)
    exact = a.double() @ b.double()
    assert (a @ b - exact).norm() / exact.norm() < 1e-5


@pytest.mark.parametrize("amx", [True, False])
def test_float32_asked_for_is_float32_and_amx_is_not_let_round(monkeypatch, amx):
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    assert products_on_cpu("float32") == "highest"
    assert products_on_cpu("tf32") == ("highest" if amx else "medium")
