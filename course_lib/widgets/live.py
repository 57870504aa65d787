"""A picture that follows its sliders: what every widget of the course is made of."""

import base64
import html
from collections.abc import Callable, Sequence

import ipywidgets
from matplotlib.figure import Figure

from course_lib.figures.showing import few_colours
from course_lib.figures.style import png
from course_lib.widgets.pictures import Drawn


class Live(ipywidgets.VBox):
    """Controls above a picture that is drawn anew whenever one of them changes.

    draw: takes the controls' values in order, returns a `Drawn` (Pillow, some milliseconds) or a matplotlib Figure (with
        `alt_text`; a tenth of a second). controls: ipywidgets with a `value`. They stay usable with the keyboard: Tab
        reaches, arrows move.

    While a picture is being drawn, JupyterLab keeps back what a dragged slider says, and then sends the newest value only:
    so what was overtaken is not drawn. Where no kernel runs (a notebook on a web page, a deck in print) the last picture
    stands still.
    """

    def __init__(self, draw: Callable[..., Drawn | Figure], controls: Sequence[ipywidgets.Widget]):
        self._draw, self.controls = draw, tuple(controls)
        self.picture = ipywidgets.HTML()
        super().__init__([*self.controls, self.picture])
        for control in self.controls:
            control.observe(self._redraw, names="value")
        self._redraw()

    def _redraw(self, change=None) -> None:
        drawn = self._draw(*(control.value for control in self.controls))
        if isinstance(drawn, Figure):
            # Tight boxes would make the picture jump as labels change width.
            width = round(100 * drawn.get_figwidth())
            drawn = Drawn(png(drawn), getattr(drawn, "alt_text", ""), width)
        self._drawn = drawn
        alt = html.escape(drawn.alt, quote=True)
        encoded = base64.b64encode(drawn.png).decode()
        self.picture.value = (
            f'<img src="data:image/png;base64,{encoded}" alt="{alt}" width="{drawn.width}" style="max-width:100%">'
        )

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        still = base64.b64encode(few_colours(self._drawn.png, 32)).decode()
        return {**data, "image/png": still}, {
            **metadata,
            "image/png": {"alt": self._drawn.alt, "width": self._drawn.width},
        }
