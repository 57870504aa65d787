"""Checks for lesson 08: how large a convolution's output is, and the padding that makes a transposed one exact."""

import operator
from collections.abc import Callable

from course_lib.checks.base import NotYet, check

# kernel, stride and padding: those of the lesson's networks, and some where a size is 1 or a step falls short
LAYERS = ((4, 2, 1), (5, 2, 2), (3, 1, 1), (5, 1, 0), (7, 1, 0), (4, 3, 2), (2, 2, 0), (1, 4, 0), (3, 5, 1), (6, 4, 3))
SIZES = (28, 7, 8, 15, 32, 64, 1, 2, 5, 31, 10**9 + 7)
Size = Callable[..., int]


@check
def conv_size(answer: Callable[[int, int, int, int], int]) -> None:
    """Lesson 08, task 1: answer(n, kernel, stride, padding) to the size of a convolution's output."""
    cases = [(n, k, s, p) for n in SIZES for k, s, p in LAYERS if n + 2 * p >= k]
    mistakes: dict[str, tuple[Size, ...]] = {
        "The + 1 is missing: there is one window more than there are steps.": (
            lambda n, k, s, p: (n + 2 * p - k) // s,
        ),
        "A window that is only partly on the input does not count: round down.": (
            lambda n, k, s, p: -((k - n - 2 * p) // s) + 1,
            lambda n, k, s, p: round((n + 2 * p - k) / s) + 1,
        ),
        "Padding is added at both ends.": (lambda n, k, s, p: (n + p - k) // s + 1,),
        "The padding is missing.": (lambda n, k, s, p: (n - k) // s + 1,),
        "Padding makes the input longer, not shorter.": (lambda n, k, s, p: (n - 2 * p - k) // s + 1,),
        "The last window ends where the input ends: subtract the kernel.": (
            lambda n, k, s, p: (n + 2 * p) // s,
            lambda n, k, s, p: (n + 2 * p) // s + 1,
        ),
        "That is the input divided by the stride, which holds for some kernels and paddings only.": (
            lambda n, k, s, p: n // s,
            lambda n, k, s, p: -(-n // s),
        ),
        "The stride is missing.": (lambda n, k, s, p: n + 2 * p - k + 1,),
        "Divide first, then add the 1.": (lambda n, k, s, p: (n + 2 * p - k + 1) // s,),
        "This is the size of a transposed convolution. A convolution goes the other way.": (
            lambda n, k, s, p: (n - 1) * s - 2 * p + k,
        ),
    }
    _sizes(answer, lambda n, k, s, p: (n + 2 * p - k) // s + 1, cases, mistakes)
    print("Right: a window for every place where it fits, and none where it would hang over.")


@check
def transposed_size(answer: Callable[[int, int, int, int, int], int]) -> None:
    """Lesson 08, task 1: answer(n, kernel, stride, padding, extra) to the size of a transposed convolution's output."""

    def right(n, k, s, p, extra):
        return (n - 1) * s - 2 * p + k + extra

    every = [(n, k, s, p, extra) for n in SIZES for k, s, p in LAYERS for extra in range(s)]
    cases = [case for case in every if right(*case) >= 1]
    mistakes: dict[str, tuple[Size, ...]] = {
        "The output padding is missing: it makes the output longer at one end.": (lambda *c: right(*c) - c[4],),
        "The output padding is added once, at one end.": (lambda *c: right(*c) + c[4],),
        "The output padding makes the output longer.": (lambda *c: right(*c) - 2 * c[4],),
        "Padding cuts the output off, at both ends.": (
            lambda *c: right(*c) + c[3],
            lambda *c: right(*c) + 2 * c[3],
            lambda *c: right(*c) + 4 * c[3],
        ),
        "That is the stride times n, which holds for some kernels and paddings only.": (lambda n, k, s, *_: n * s,),
        "Between n inputs there are n - 1 steps.": (lambda *c: right(*c) + c[2],),
        "The last input still adds to as many outputs as the kernel is wide.": (
            lambda *c: right(*c) - 1,
            lambda *c: right(*c) - c[1],
        ),
        "This is the size of a convolution. A transposed one goes the other way.": (
            lambda n, k, s, p, extra: (n + 2 * p - k) // s + 1,
        ),
    }
    _sizes(answer, right, cases, mistakes)
    print("Right: n - 1 steps and a kernel, less what the padding cuts off, and the output padding.")


def _sizes(answer: Size, right: Size, cases: list[tuple[int, ...]], mistakes: dict[str, tuple[Size, ...]]) -> None:
    """NotYet unless the answer is right in every case; a mistake is named if it explains the answer in every case."""
    got = [_whole(answer(*case), right(*case), _given(case)) for case in cases]
    for size, case in zip(got, cases, strict=True):
        if size == right(*case):
            continue
        fitting = [
            words
            for words, ways in mistakes.items()
            if any(all(way(*one) == told for one, told in zip(cases, got, strict=True)) for way in ways)
        ]
        why = fitting[0] if fitting else "Count the windows on paper."
        raise NotYet(f"{_given(case)}: expected {right(*case)}, got {size}. {why}")


def _given(case: tuple[int, ...]) -> str:
    names = ("n =", "kernel", "stride", "padding", "output padding")
    return ", ".join(f"{name} {value}" for name, value in zip(names, case, strict=False))


def _whole(got, right: int, given: str) -> int:
    """The answer as a whole number."""
    if got is None:
        raise NotYet("Your function returned nothing. Is there a `return`?")
    try:
        return operator.index(got)
    except TypeError:
        raise NotYet(
            f"{given}: expected {right}, got {got!r}. A size is a whole number; `//` divides and rounds down."
        ) from None


@check
def exact_padding(answer: Callable[[int, int], tuple[int, int] | None]) -> None:
    """Lesson 08, task 2: answer(kernel, stride) to (padding, output padding) for stride x n outputs, or None."""
    layers = [(4, 2), (5, 2), (3, 2), (4, 4), (7, 3), (3, 1), (6, 3), (2, 2), (1, 3), (2, 5), (8, 2), (11, 4), (1, 1)]
    for kernel, stride in [*layers, (2, 1), (4, 1), (10, 1)]:
        right = _exact(kernel, stride)
        got = answer(kernel, stride)
        given = f"kernel {kernel}, stride {stride}"
        if right is None:
            if got is not None:
                raise NotYet(
                    f"{given}: got {got}, and None is right. The output padding has to be smaller than the stride, so 0; "
                    "and half of an odd number is no padding."
                )
            continue
        if got is None:
            raise NotYet(
                f"{given}: your function returned None, and {right} is right. Is there a `return`? None is for what no "
                "padding can do."
            )
        pair = _pair(got, given)
        if pair != right:
            raise NotYet(f"{given}: expected {right}, got {pair}. {_why(pair, right, kernel, stride)}")
    print("Right: half of what the kernel sticks out beyond the stride, made even by the output padding.")


def _exact(kernel: int, stride: int) -> tuple[int, int] | None:
    """The smallest output padding below the stride, and its padding, by trying them in turn."""
    for extra in range(stride):
        too_long = kernel - stride + extra
        if too_long >= 0 and too_long % 2 == 0:
            return too_long // 2, extra
    return None


def _pair(got, given: str) -> tuple[int, int]:
    try:
        padding, extra = got
        return operator.index(padding), operator.index(extra)
    except (TypeError, ValueError):
        raise NotYet(
            f"{given}: return two whole numbers, (padding, output padding), or None; yours is {got!r}."
        ) from None


def _why(pair: tuple[int, int], right: tuple[int, int], kernel: int, stride: int) -> str:
    padding, extra = pair
    size = (7 - 1) * stride - 2 * padding + kernel + extra
    if pair == right[::-1]:
        return "The two are exchanged: first the padding, then the output padding."
    if min(pair) < 0:
        return "Neither can be negative."
    if extra >= stride:
        return "PyTorch refuses an output padding as large as the stride or larger."
    if size == 7 * stride:
        return f"That works too, and a smaller output padding does: {right[1]}."
    if pair == ((kernel - 1) // 2, kernel % 2):
        return "This is the recipe for stride 2. Solve (n - 1) stride - 2 padding + kernel + extra = stride n."
    return f"With it 7 pixels become {size}, not {7 * stride}."
