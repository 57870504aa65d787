"""Decks that need no network: slides/LN_topic.ipynb to slides/build/LN_topic.html and .pdf.

`make slides` runs this file. reveal.js with its speaker notes is taken from the installed package
sphinx_revealjs, MathJax 2 from jupyter_server_mathjax; both are copied beside the decks. The PDF is printed
by headless Chromium where there is one. In the browser, S opens the speaker's window.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter
from traitlets.config import Config

from course_lib import explore
from course_lib.browser import LAUNCH_FLAGS, chromium
from course_lib.experiments.dcgan.shipped import shipped

SLIDES = Path(__file__).parents[1] / "slides"
PRINT_SECONDS = 120
PRINTABLE = ".reveal .pdf-page"  # reveal.js lays out pages once the formulas are set, see the template


def main(arguments: Sequence[str] | None = None) -> None:
    """Build every deck in slides/, or only the notebooks named."""
    parser = argparse.ArgumentParser(description="Build the decks as HTML and PDF.")
    parser.add_argument("decks", nargs="*", type=Path, help="executed deck notebooks; all of slides/ if none is named")
    parser.add_argument("--to", type=Path, default=SLIDES / "build", help="folder to write to (default: slides/build)")
    parser.add_argument("--no-pdf", action="store_true", help="HTML only")
    chosen = parser.parse_args(arguments)
    decks = chosen.decks or sorted(SLIDES.glob("L*.ipynb"))
    if not decks:
        sys.exit("There is no executed deck in slides/. Run `make derive` first.")
    copy_assets(chosen.to / "assets")
    for deck in decks:
        page = build(deck, chosen.to)
        print(page)
        if not chosen.no_pdf:
            print(print_pdf(page))


def copy_assets(folder: Path) -> None:
    """Put reveal.js, MathJax, the theme and the latent explorer into folder, replacing what was there."""
    shutil.rmtree(folder, ignore_errors=True)
    with as_file(files("sphinx_revealjs")) as package:
        reveal = package / "_static" / "revealjs"
        shutil.copytree(reveal / "dist", folder / "reveal" / "dist", ignore=shutil.ignore_patterns("*.map", "*.esm.js"))
        shutil.copytree(reveal / "plugin" / "notes", folder / "reveal" / "plugin" / "notes")
    with as_file(files("jupyter_server_mathjax")) as package:
        # The screen reader's speech rules and the menu's translations are two thirds of MathJax, and unused here.
        shutil.copytree(package / "static", folder / "mathjax", ignore=shutil.ignore_patterns("a11y", "localization"))
    shutil.copy(SLIDES / "theme.css", folder / "theme.css")
    (folder / "explorer.html").write_text(explore.page(explore.export(shipped("digits")[0])), encoding="utf-8")


def build(deck: Path, folder: Path) -> Path:
    """One deck as folder/<name>.html, which expects `copy_assets` beside it. Returns the page's path.

    Raises ValueError for a deck with a code cell that was not executed or ended in an error, since the
    slide would lack its figure.
    """
    notebook = nbformat.read(deck, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.execution_count is None:
            raise ValueError(f"{deck.name} is not executed (cell starting '{cell.source[:40]}'). Run `make derive`.")
        if any(output.output_type == "error" for output in cell.get("outputs", ())):
            raise ValueError(f"{deck.name} holds an error (cell starting '{cell.source[:40]}'). Run `make derive`.")
    page, _ = exporter().from_notebook_node(notebook, {"metadata": {"name": deck.stem}})
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{deck.stem}.html"
    target.write_text(page, encoding="utf-8")
    return target


def exporter() -> SlidesExporter:
    """nbconvert's slides with our frame, in which every address is a file beside the deck."""
    config = Config()
    config.TagRemovePreprocessor.enabled = True
    config.TagRemovePreprocessor.remove_input_tags = {"hide-input"}
    return SlidesExporter(
        config=config,
        extra_template_basedirs=[str(SLIDES)],
        template_name="template",
        reveal_url_prefix="assets/reveal",
        mathjax_url="assets/mathjax/MathJax.js?config=TeX-AMS-MML_HTMLorMML-full",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )


def print_pdf(page: Path) -> str:
    """Print a deck beside its page; returns the PDF's path, or the one line that says why there is none."""
    try:
        from playwright.sync_api import sync_playwright  # comes with the tests, and only printing needs it
    except ModuleNotFoundError:
        return f"{page.stem}.pdf skipped: playwright is not installed. Run `pip install playwright`."
    browser = chromium()
    if browser is None:
        return f"{page.stem}.pdf skipped: no Chromium found. Install it, or set CHROMIUM to its program."
    pdf = page.with_suffix(".pdf")
    with sync_playwright() as driver:
        window = driver.chromium.launch(executable_path=str(browser), args=list(LAUNCH_FLAGS))
        tab = window.new_page()
        tab.goto(f"{page.resolve().as_uri()}?print-pdf")
        tab.wait_for_selector(PRINTABLE, timeout=PRINT_SECONDS * 1000)
        tab.pdf(path=pdf, prefer_css_page_size=True, print_background=True)
        window.close()
    return str(pdf)


if __name__ == "__main__":
    main()
