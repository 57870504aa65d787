"""A widget that the page runs by itself: in JupyterLab, in a notebook saved as HTML, on a website, from a disk."""

import html
import json
from importlib.resources import files
from pathlib import Path

# Within another page it is as tall as what it shows.
FITTED = (
    "try { if (window.frameElement) new ResizeObserver(() => { window.frameElement.style.height ="
    " document.body.offsetHeight + 8 + 'px'; }).observe(document.body); } catch (error) { /* another site's page */ }"
)


class Standing:
    """One page of plain JavaScript with its data, which asks nothing of a kernel, a network or another file.

    mount: the function of `course_lib/widgets/MOUNT.js` that builds it in an element. spec: what it is told, for JSON.
    title: what it is. height: in CSS pixels, until the page says its own.
    As the last line of a cell it shows itself; `save` writes it as a file of its own.
    """

    def __init__(self, mount: str, spec: dict, *, title: str, height: int = 420):
        self.mount, self.spec, self.title, self.height = mount, spec, title, height

    def page(self) -> str:
        """The whole page, as HTML."""
        folder, title = files("course_lib.widgets"), html.escape(self.title)
        text = "\n".join((folder / name).read_text(encoding="utf-8") for name in ("parts.js", f"{self.mount}.js"))
        # Notes and indentation stay behind: the page is stored in notebooks that should be small.
        lines = (line.strip() for line in text.splitlines())
        script = "\n".join(line for line in lines if line and not line.startswith("//"))
        # Or a browser would take an end tag within the script for the script's end.
        spec = json.dumps(self.spec, separators=(",", ":")).replace("</", "<\\/")
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"></head><body>'
            f'<div id="here"></div><script>{script}\n{self.mount}(document.getElementById("here"), {spec});\n{FITTED}'
            "</script></body></html>"
        )

    def save(self, path: str | Path) -> Path:
        """Write the page as a file, which opens without a network; returns its path."""
        path = Path(path)
        path.write_text(self.page(), encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        """The page in a frame of its own, so that neither it nor the page around it disturbs the other's look.

        JupyterLab takes the frame away from a notebook that it does not trust yet, and leaves the words within it.
        """
        style = f"width:100%;height:{self.height}px;border:0"
        inside = self.page().replace("&", "&amp;").replace('"', "&quot;")
        words = f"{html.escape(self.title)}: run this cell to play."
        return f'<iframe title="{html.escape(self.title)}" style="{style}" srcdoc="{inside}">{words}</iframe>'
