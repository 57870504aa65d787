"""What every check is made of: it takes the student's own function and says what is right or names the mistake."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import wraps

import numpy as np
import torch
from torch import Tensor

BLANK = "your answer here"  # what the blanks of the exercises raise


class NotYet(AssertionError):
    """The answer is not right yet; the message says what was expected, what came, and what it looks like.

    In a notebook the message is shown alone, without a traceback through the course's own files.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"Not yet: {self}"]


def check(function: Callable) -> Callable:
    """Turn a function that raises NotYet for a wrong answer into a check with the course's manners.

    The answer must be callable. A blank that still raises NotImplementedError is told so kindly. Any other
    error inside the answer is the student's to see, with its traceback, and passes through. Whatever the check gives the
    answer is given `guarded`.
    """

    @wraps(function)
    def checked(answer, *rest):
        if not callable(answer):
            raise NotYet(
                f"checks.{function.__name__} takes your function itself, and got {_kind(answer)}. "
                f"Pass its name without brackets: checks.{function.__name__}(my_function)."
            )
        try:
            function(guarded(answer), *rest)
        except NotImplementedError as error:
            if str(error) not in ("", BLANK):
                raise  # PyTorch's own, of an operation that a type of number lacks
            raise NotYet(
                "The answer is still blank. Replace the line `raise NotImplementedError` by your own."
            ) from None

    return checked


def guarded(answer: Callable) -> Callable:
    """The answer, watched: NotYet if it changes what it was given in place, or leaves gradients switched off.

    What was changed is put back first, so that neither the check nor the rest of the notebook suffers. Networks and
    optimisers may be changed: those that train are there for it.
    """

    @wraps(answer)
    def watched(*given):
        before, gradients = [_copied(thing) for thing in given], torch.is_grad_enabled()
        try:
            got = answer(*given)
        finally:
            left, changed = torch.is_grad_enabled(), False
            torch.set_grad_enabled(gradients)
            for thing, copy in zip(given, before, strict=True):
                if copy is not None and not _same(thing, copy):
                    _put_back(thing, copy)
                    changed = True
        if left != gradients:
            raise NotYet(
                "Your function switches gradients off for the whole notebook. Use `with torch.no_grad():`, which ends."
            )
        if changed:
            raise NotYet("Your function changed what it was given. Work on copies: others still need it.")
        return got

    return watched


def _copied(thing):
    if isinstance(thing, Tensor):
        return thing.detach().clone()
    return deepcopy(thing) if isinstance(thing, np.ndarray | list | dict | set) else None


def _same(thing, copy) -> bool:
    if isinstance(thing, Tensor):
        return thing.shape == copy.shape and torch.equal(thing.detach().nan_to_num(), copy.nan_to_num())
    if isinstance(thing, np.ndarray):
        return thing.shape == copy.shape and np.array_equal(thing, copy, equal_nan=thing.dtype.kind == "f")
    if isinstance(thing, list | tuple):
        return len(thing) == len(copy) and all(map(_same, thing, copy))
    if isinstance(thing, dict):
        return thing.keys() == copy.keys() and all(_same(thing[key], copy[key]) for key in thing)
    # Of functions and the like there is nothing to compare.
    return thing == copy if isinstance(thing, str | int | float | set) else True


def _put_back(thing, copy) -> None:
    with torch.no_grad():
        match thing:
            case Tensor():
                thing.resize_(copy.shape).copy_(copy)
            case np.ndarray():
                thing[...] = copy
            case list():
                thing[:] = copy
            case dict() | set():
                thing.clear()
                thing.update(copy)


def untouched(answer: Callable, *given):
    """What the answer returns for copies of the given; that it changes none of them is what `guarded` sees to."""
    return answer(*deepcopy(given))


def one_number(got, what: str = "A loss") -> Tensor:
    """The answer as a float64 tensor of shape (), keeping its gradient, or NotYet saying what it is instead."""
    if got is None:
        raise NotYet("Your function returned nothing. Is there a `return`?")
    got = as_tensor(got)
    if got.shape != ():
        raise NotYet(f"{what} is one number; yours has shape {tuple(got.shape)}. Was a mean or a sum left out?")
    if not torch.isfinite(got):
        raise NotYet(f"Got {got.item()}. Something divides by zero, or takes the log of 0 or of less.")
    return got


def two_numbers(got, wanted: str) -> tuple[Tensor, Tensor]:
    """The two things that the answer returned, in a tuple, list, array or tensor; or NotYet, saying what is wanted."""
    if got is None:
        raise NotYet("Your function returned nothing. Is there a `return`?")
    try:
        first, second = got
    except (TypeError, ValueError):
        raise NotYet(wanted) from None
    return as_tensor(first), as_tensor(second)


def as_tensor(got) -> Tensor:
    """Whatever number-like thing the answer returned, as a float64 tensor."""
    if got is None:
        raise NotYet("Your function returned nothing. Is there a `return`?")
    if isinstance(got, np.ndarray):
        got = got.copy()  # PyTorch takes no array that is turned round, such as argsort()[::-1]
    try:
        return got.to(torch.float64) if isinstance(got, Tensor) else torch.as_tensor(got, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        raise NotYet(f"Your function should return numbers; it returned {_kind(got)}.") from None


def close(a, b, tolerance: float = 1e-4) -> bool:
    """Whether two tensors or numbers agree to about four digits, shapes included."""
    a, b = as_tensor(a), as_tensor(b)
    return a.shape == b.shape and torch.allclose(a, b, rtol=tolerance, atol=tolerance)


def compare(
    got: Tensor,
    right: Tensor,
    mistakes: Mapping[str, Tensor | tuple[Tensor, ...]],
    where: str = "",
    otherwise: str = "",
    tolerance: float = 1e-4,
) -> None:
    """NotYet unless got is right, with the sentence of the mistake that leads to it, or else with `otherwise`.

    mistakes: what it looks like, to the wrong value or values that it leads to.
    """
    if close(got, right, tolerance):
        return
    for sentence, values in mistakes.items():
        if any(close(got, value, tolerance) for value in (values if isinstance(values, tuple) else (values,))):
            otherwise = sentence
            break
    digits = 4 if _listed(got, 4) != _listed(right, 4) else 9
    raise NotYet(f"{where} expected {_listed(right, digits)}, got {_listed(got, digits)}. {otherwise}".strip())


def _listed(values: Tensor, digits: int) -> str:
    shown = [f"{value:.{digits}g}" for value in values.flatten()[:5].tolist()]
    return ", ".join(shown + ["..."] * (values.numel() > 5))


def _kind(thing) -> str:
    return "nothing (None)" if thing is None else f"a {type(thing).__name__}"
