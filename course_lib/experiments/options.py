"""Options of the command line from frozen settings, refused in a sentence where they cannot be."""

from dataclasses import fields
from math import isfinite
from typing import Any, TypeVar

T = TypeVar("T")

# Settings whose names end so are sizes of networks, of which PyTorch says nothing helpful where they are 0.
SIZES = ("nf", "kernel", "units", "width", "dim")


def unchecked(kind: type[T]) -> type[T]:
    """The same fields, but anything is taken. tyro puts a name of its own before what a constructor refuses."""
    own = {"__post_init__": lambda self: None, "__doc__": kind.__doc__, "__module__": kind.__module__}
    return type(kind.__name__, (kind,), own)


def as_(kind: type[T], told: Any) -> T:
    """The settings as this kind of settings, which are checked."""
    return kind(**{field.name: getattr(told, field.name) for field in fields(kind)})


def refuse_impossible_numbers(settings: Any) -> None:
    """Raise ValueError, naming the setting, for a number that is negative or infinite, and for a size that is 0."""
    for field in fields(settings):
        value = getattr(settings, field.name)
        lowest = 1 if field.name.endswith(SIZES) else 0
        if lowest and value == ():
            raise ValueError(f"{field.name} is empty. Give at least one number.")
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, int | float) and not (isfinite(number) and number >= lowest):
                raise ValueError(f"{field.name} is {number}. Give a number from {lowest} up.")
