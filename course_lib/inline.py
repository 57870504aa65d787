"""Pages that need nothing else: a script and what it shows in one HTML text, alone or framed in another page."""

import html
import json


def page(script: str, spec: dict, title: str) -> str:
    """One HTML file that asks nothing of any other: open it from a disk, put it on a website, mail it.

    script: JavaScript that defines `mount(element, spec)`. spec: what it is given; anything that JSON can say.
    """
    told = json.dumps(spec).replace("</", "<\\/")  # or a browser would take it for the script's end
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        '<meta name="viewport" content="width=device-width">'
        '<link rel="icon" href="data:,"></head><body><div id="here"></div>'
        f'<script>{script}\nmount(document.getElementById("here"), {told});</script></body></html>'
    )


def frame(whole: str, *, title: str, height: int) -> str:
    """A page within another: HTML for a notebook's output or a deck. height: in CSS pixels."""
    inside = html.escape(whole, quote=True)
    style = f"width:100%;height:{height}px;border:0"
    return f'<iframe title="{html.escape(title)}" style="{style}" srcdoc="{inside}"></iframe>'
