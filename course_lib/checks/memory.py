"""How much an answer holds at once, for a task that asks for little."""

import tracemalloc
from collections.abc import Callable

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode


class _Largest(TorchDispatchMode):
    """Notes the numbers in the largest memory behind any tensor that an operation returns."""

    numbers = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        for tensor in out if isinstance(out, tuple | list) else (out,):
            if isinstance(tensor, Tensor):
                # A view, such as that of `expand`, has many elements and hardly any memory.
                self.numbers = max(self.numbers, tensor.untyped_storage().nbytes() // tensor.element_size())
        return out


def numbers_held(function: Callable, *given) -> int:
    """About how many numbers a function holds at once: those of its largest tensor, or all that NumPy and Python do.

    Call the function once before, so that a module it imports is not counted.
    """
    tracemalloc.start()
    try:
        with _Largest() as largest:
            function(*given)
        return max(largest.numbers, tracemalloc.get_traced_memory()[1] // 8)
    finally:
        tracemalloc.stop()
