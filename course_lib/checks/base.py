"""What every check is made of: it takes the student's own function and says what is right or names the mistake."""

from collections.abc import Callable
from functools import wraps

import torch
from torch import Tensor


class NotYet(AssertionError):
    """The answer is not right yet; the message says what was expected, what came, and what it looks like.

    In a notebook the message is shown alone, without a traceback through the course's own files.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"Not yet: {self}"]


def check(function: Callable) -> Callable:
    """Turn a function that raises NotYet for a wrong answer into a check with the course's manners.

    The answer must be callable. A blank that still raises NotImplementedError is told so kindly. Any other
    error inside the answer is the student's to see, with its traceback, and passes through.
    """

    @wraps(function)
    def checked(answer, *rest):
        if not callable(answer):
            raise NotYet(
                f"checks.{function.__name__} takes your function itself, and got {_kind(answer)}. "
                f"Pass its name without brackets: checks.{function.__name__}(my_function)."
            )
        try:
            function(answer, *rest)
        except NotImplementedError:
            raise NotYet(
                "The answer is still blank. Replace the line `raise NotImplementedError` by your own."
            ) from None

    return checked


def one_number(got, what: str = "A loss") -> Tensor:
    """The answer as a float64 tensor of shape (), keeping its gradient, or NotYet saying what it is instead."""
    if got is None:
        raise NotYet("Your function returned nothing. Is there a `return`?")
    got = as_tensor(got)
    if got.shape != ():
        raise NotYet(f"{what} is one number; yours has shape {tuple(got.shape)}. Was a mean or a sum left out?")
    if not torch.isfinite(got):
        raise NotYet(f"Got {got.item()}. Something divides by zero or takes the log of it.")
    return got


def as_tensor(got) -> Tensor:
    """Whatever number-like thing the answer returned, as a float64 tensor."""
    if got is None:
        raise NotYet("Your function returned nothing. Is there a `return`?")
    try:
        return got.to(torch.float64) if isinstance(got, Tensor) else torch.as_tensor(got, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        raise NotYet(f"Your function should return numbers; it returned {_kind(got)}.") from None


def close(a, b, tolerance: float = 1e-4) -> bool:
    """Whether two tensors or numbers agree to about four digits, shapes included."""
    a, b = as_tensor(a), as_tensor(b)
    return a.shape == b.shape and torch.allclose(a, b, rtol=tolerance, atol=tolerance)


def _kind(thing) -> str:
    return "nothing (None)" if thing is None else f"a {type(thing).__name__}"
