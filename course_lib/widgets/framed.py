"""A page that runs by itself, shown below a cell: in JupyterLab, in a deck and in a notebook saved as HTML alike."""

from course_lib import inline


class Framed:
    """A script and what it shows, as the output of a cell. No kernel is asked for anything.

    script: JavaScript that defines `mount(element, spec)`. height: in CSS pixels.
    """

    def __init__(self, script: str, spec: dict, *, title: str, height: int):
        self.script, self.spec, self.title, self.height = script, spec, title, height

    def page(self) -> str:
        """The page alone, as one HTML file."""
        return inline.page(self.script, self.spec, self.title)

    def _repr_html_(self) -> str:
        # JupyterLab runs no script of a notebook that was not run here, and then shows the sentence alone.
        hint = '<p style="font-size:small;color:#666">If there is nothing above to play with, run this cell.</p>'
        return inline.frame(self.page(), title=self.title, height=self.height) + hint

    def __repr__(self) -> str:
        return f"{self.title}: run this cell in JupyterLab to play."
