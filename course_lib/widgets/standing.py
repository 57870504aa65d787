"""A widget that the page runs by itself: in JupyterLab, in a notebook saved as HTML, on a website, from a disk."""

import base64
import gzip
import html
from importlib.resources import files
from pathlib import Path

from course_lib import inline

# Within another page it is as tall as what it shows.
FITTED = (
    "try { if (window.frameElement) new ResizeObserver(() => { window.frameElement.style.height ="
    " document.body.offsetHeight + 8 + 'px'; }).observe(document.body); } catch (error) { /* another site's page */ }"
)

# Unpacks the page within its frame: plain, it would take twice the room in a notebook.
UNPACKED = (
    '<!doctype html><meta charset="utf-8"><script>(async () => { const packed = Uint8Array.from(atob("{}"), (c) =>'
    ' c.charCodeAt(0)), stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));'
    " const page = await new Response(stream).text(); document.open(); document.write(page); document.close(); })();"
    "</script>"
)


class Standing:
    """One page of plain JavaScript with its data, which asks nothing of a kernel, a network or another file.

    name: of the script course_lib/widgets/NAME.js, whose `mount(element, spec)` builds it in an element. spec: what it is
    told, for JSON. title: what it is. height: in CSS pixels, until the page says its own.
    As the last line of a cell it shows itself; `save` writes it as a file of its own.
    """

    def __init__(self, name: str, spec: dict, *, title: str, height: int = 420):
        self.name, self.spec, self.title, self.height = name, spec, title, height

    def page(self) -> str:
        """The whole page, as HTML."""
        folder = files("course_lib.widgets")
        text = "\n".join((folder / name).read_text(encoding="utf-8") for name in ("parts.js", f"{self.name}.js"))
        # Notes and indentation stay behind: the page is stored in notebooks that should be small.
        lines = (line.strip() for line in text.splitlines())
        script = "\n".join(line for line in lines if line and not line.startswith("//"))
        # A statement of its own, after the definitions and before the call that builds the page.
        return inline.page(f"{script}\n{FITTED}", self.spec, self.title)

    def save(self, path: str | Path) -> Path:
        """Write the page as a file, which opens without a network; returns its path."""
        path = Path(path)
        path.write_text(self.page(), encoding="utf-8")
        return path

    def __repr__(self) -> str:
        return f"{self.title}: a page to play with, in JupyterLab and in a browser."

    def _repr_html_(self) -> str:
        """The page in a frame of its own, so that neither it nor the page around it disturbs the other's look.

        JupyterLab takes the frame away from a notebook that it does not trust yet, and leaves the words within it.
        """
        packed = base64.b64encode(gzip.compress(self.page().encode(), 9, mtime=0)).decode()
        frame = inline.frame(UNPACKED.replace("{}", packed, 1), title=self.title, height=self.height)
        words = f"{html.escape(self.title)}: run this cell to play."
        return frame.replace("></iframe>", f">{words}</iframe>")
