"""How the tests look at what is drawn: a well-made figure, one of its lines, and the picture of a widget."""

import base64
import re

import numpy as np
from matplotlib.figure import Figure


def assert_well_made(figure: Figure, *, axes: int) -> None:
    """A Figure of so many panels, with alternative text and no title, which can be drawn."""
    assert isinstance(figure, Figure) and len(figure.axes) == axes
    assert len(figure.alt_text) > 30 and "$" not in figure.alt_text
    assert not any(panel.get_title() for panel in figure.axes)
    figure.canvas.draw()


def line(axes, label: str) -> tuple[np.ndarray, np.ndarray]:
    """The one line of that label, as its x and y."""
    (found,) = [drawn for drawn in axes.lines if drawn.get_label() == label]
    return np.asarray(found.get_xdata()), np.asarray(found.get_ydata())


def picture(widget) -> bytes:
    """The picture that the browser is given."""
    return base64.b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', widget.picture.value)[1])
