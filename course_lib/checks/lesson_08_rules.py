"""A check for lesson 08: which of the five rules two networks break."""

import operator
from collections.abc import Callable, Iterator
from itertools import pairwise

import torch
from torch import nn

from course_lib.checks.base import NotYet, check

Layers = list[nn.Module]


def _generator(
    widths=(16, 8, 3),
    *,
    kernel=4,
    start=4,
    hidden=(),
    enlarge=None,
    normed=None,
    inner=nn.ReLU,
    output=nn.Tanh,
    **other,
) -> Layers:
    """G's layers from z to the image. normed: whether each layer with weights has batch norm after it."""
    normed = normed or [True] * (len(hidden) + len(widths) - 1) + [False]
    at, into, layers = iter(normed), 100, []
    for units in hidden:
        layers += [nn.Linear(into, units), *[nn.BatchNorm1d(units)] * next(at), inner()]
        into = units
    layers += [nn.Linear(into, widths[0] * start**2), nn.Unflatten(1, (widths[0], start, start))]
    layers += [*[nn.BatchNorm2d(widths[0])] * next(at), inner()]
    for place, (wide, narrow) in enumerate(pairwise(widths)):
        last = place == len(widths) - 2
        if enlarge:
            layers += [enlarge(), nn.Conv2d(wide, narrow, 3, padding=1)]
        else:
            layers += [nn.ConvTranspose2d(wide, narrow, kernel, 2, (kernel - 1) // 2, kernel % 2)]
        act = output if last else other.get("second", inner)
        layers += [*[nn.BatchNorm2d(narrow)] * next(at), *([] if act is None else [act()])]
    return layers


def _discriminator(
    widths=(3, 8, 16), *, kernel=4, start=4, hidden=(), shrink=None, normed=None, inner=None, first=None
) -> Layers:
    """D's layers from the image to the logit."""
    normed = normed or [False] + [True] * (len(hidden) + len(widths) - 2) + [False]
    inner = inner or (lambda: nn.LeakyReLU(0.2))
    at, layers = iter(normed), []
    for place, (narrow, wide) in enumerate(pairwise(widths)):
        stride = 1 if shrink else 2
        layers += [nn.Conv2d(narrow, wide, 3 if shrink else kernel, stride, 1 if shrink else (kernel - 1) // 2)]
        layers += [*[nn.BatchNorm2d(wide)] * next(at), (first or inner)() if place == 0 else inner()]
        layers += [shrink(2)] if shrink else []
    layers, into = [*layers, nn.Flatten()], widths[-1] * start**2
    for units in hidden:
        layers += [nn.Linear(into, units), *[nn.BatchNorm1d(units)] * next(at), inner()]
        into = units
    return [*layers, nn.Linear(into, 1)]


def _cases() -> Iterator[tuple[int, str, Layers, Layers]]:
    """The number of the broken rule, in what way it is broken, and the layers of G and D."""
    g, d = _generator, _discriminator
    yield 0, "every rule is kept", g(), d()
    yield 0, "every rule is kept, with kernels of 5", g(kernel=5), d(kernel=5)
    yield 0, "every rule is kept, in networks for 64x64", g((64, 32, 16, 8, 3)), d((3, 8, 16, 32, 64))
    yield 0, "every rule is kept, in networks for 14x14", g((8, 1), start=7), d((1, 8), start=7)
    yield 0, "every rule is kept, and G is deeper than D", g((32, 16, 8, 3)), d()
    yield 1, "D shrinks by max-pooling", g(), d(shrink=nn.MaxPool2d)
    yield 1, "D shrinks by average pooling", g(), d(shrink=nn.AvgPool2d)
    yield 1, "G enlarges by resizing", g(enlarge=lambda: nn.Upsample(scale_factor=2)), d()
    yield 2, "there is no batch norm at all", g(normed=[False] * 3), d(normed=[False] * 3)
    yield 2, "D has no batch norm", g(), d(normed=[False] * 3)
    yield 2, "G has no batch norm", g(normed=[False] * 3), d()
    yield 2, "one batch norm of G is missing", g((32, 16, 8, 3), normed=[True, False, True, False]), d()
    yield 2, "one batch norm of D is missing", g(), d((3, 8, 16, 32), normed=[False, True, False, False])
    yield 2, "G's output has batch norm too", g(normed=[True] * 3), d()
    yield 2, "D's input layer has batch norm too", g(), d(normed=[True, True, False])
    yield 2, "batch norm sits on G's output in place of its first layer", g(normed=[False, True, True]), d()
    yield 2, "batch norm sits on D's input layer in place of its second", g(), d(normed=[True, False, False])
    yield 3, "G has a fully connected hidden layer", g(hidden=(64,)), d()
    yield 3, "D has a fully connected hidden layer", g(), d(hidden=(64,))
    yield 3, "G has two fully connected hidden layers", g(hidden=(64, 32)), d()
    yield 4, "G has tanh within", g(inner=nn.Tanh), d()
    yield 4, "G has leaky ReLU", g(inner=lambda: nn.LeakyReLU(0.2)), d()
    yield 4, "one of G's ReLUs is a tanh", g((32, 16, 8, 3), second=nn.Tanh), d()
    yield 4, "G ends in a sigmoid", g(output=nn.Sigmoid), d()
    yield 4, "G ends in ReLU", g(output=nn.ReLU), d()
    yield 4, "G ends without an activation", g(output=None), d()
    yield 5, "D has ReLU", g(), d(inner=nn.ReLU)
    yield 5, "one of D's activations is ReLU", g(), d(first=nn.ReLU)
    yield 5, "D has tanh", g(), d(inner=nn.Tanh)
    yield 5, "one of D's activations is ELU", g(), d(first=nn.ELU)


@check
def broken_rule(answer: Callable[[Layers, Layers], int]) -> None:
    """Lesson 08, task 5: answer(g, d), lists of layers, to the number of the rule that is broken, or 0."""
    with torch.random.fork_rng(devices=[]):  # weights are drawn, which nobody looks at
        cases = list(_cases())
    for rule, way, g, d in cases:
        got = answer(g, d)
        if got is None:
            raise NotYet(f"Your function returned nothing where {way}. Is there a `return` on every way through it?")
        try:
            number = operator.index(got)
        except TypeError:
            raise NotYet(f"Return the number of the rule, 1 to 5, or 0; yours is {got!r}.") from None
        if number != rule:
            wanted = f"rule {rule}" if rule else "0, none broken"
            raise NotYet(f"Here {way}: {wanted}. You said {number}. {_hint(rule, way)}".strip())
    print("Right: each of the five rules told from what the layers are, and intact networks left in peace.")


def _hint(rule: int, way: str) -> str:
    """What to look at."""
    if rule == 0:
        return (
            "G has one Linear layer, its projection, and D one, its logit; G's output and D's first layer have no norm."
        )
    if rule == 2 and "place" in way:
        return "The number of batch norms is as it should be; look at where they are."
    return {
        1: "Pooling and resizing are layers without weights.",
        2: "In G every layer with weights but the last has one; in D every one but the first and the logit.",
        3: "Count the Linear layers of each network.",
        4: "Every activation of G but the last, and the last by itself.",
        5: "Look at all of D's activations.",
    }[rule]
