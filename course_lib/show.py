"""Library code shown in a lesson, straight from its file, so that text and code never drift apart."""

import inspect

from IPython.display import Code


def show_source(thing) -> Code:
    """The source of a function, class or module, highlighted: `show_source(non_saturating)`.

    Raises TypeError for a thing that was not written in Python.
    """
    return Code(inspect.getsource(thing), language="python")
