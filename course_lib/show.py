"""Library code shown in a lesson, straight from its file, so that text and code never drift apart."""

import inspect

from course_lib.missing import NotInstalled


def show_source(thing) -> "IPython.display.Markdown":
    """The source of a function, class or module, highlighted: `show_source(non_saturating)`.

    Raises TypeError for a thing that was not written in Python, and NotInstalled where there is no IPython.
    """
    try:
        from IPython.display import Markdown
    except ModuleNotFoundError:
        raise NotInstalled("IPython", "Source code shown in a notebook") from None
    # As Markdown it is a tenth of the bytes of highlighted HTML, and every page has its own colours for it.
    return Markdown(f"```python\n{inspect.getsource(thing)}```")
