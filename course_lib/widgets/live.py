"""A picture that follows its sliders: what every widget of the course is made of."""

import base64
import html
from collections.abc import Callable, Sequence

import ipywidgets
from matplotlib.figure import Figure

from course_lib.figures.style import png


class Live(ipywidgets.VBox):
    """Controls above a figure that is drawn anew whenever one of them changes.

    draw: takes the controls' values in order, returns a matplotlib Figure (with `alt_text`).
    controls: ipywidgets with a `value`. They stay usable with the keyboard: Tab reaches, arrows move.

    Where no kernel runs (a notebook on a web page, a deck in print) the figure stands as a still picture.
    """

    def __init__(self, draw: Callable[..., Figure], controls: Sequence[ipywidgets.Widget]):
        self._draw, self.controls = draw, tuple(controls)
        self.picture = ipywidgets.HTML()
        super().__init__([*self.controls, self.picture])
        for control in self.controls:
            control.observe(self._redraw, names="value")
        self._redraw()

    def _redraw(self, change=None) -> None:
        figure = self._draw(*(control.value for control in self.controls))
        # Tight boxes would make the picture jump as labels change width.
        self._png, self._alt = png(figure), getattr(figure, "alt_text", "")
        alt = html.escape(self._alt, quote=True)
        encoded = base64.b64encode(self._png).decode()
        self.picture.value = f'<img src="data:image/png;base64,{encoded}" alt="{alt}" style="max-width:100%">'

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "image/png": base64.b64encode(self._png).decode()}, {
            **metadata,
            "image/png": {"alt": self._alt},
        }
