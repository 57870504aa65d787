"""The decks: minutes that add up, notes for every slide, and pages that ask the network for nothing."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlparse

import jupytext
import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import slides
from course_lib import browser

DECKS = sorted(slides.SLIDES.glob("L*.md"))
MINUTES = re.compile(r"(\d+) min\. ")
FORMULA = re.compile(r"(?<!\\)(\$\$?)(?!\s*\$).+?(?<!\\)\1", re.DOTALL)
WIDEST = 84  # characters of code on a slide

per_deck = pytest.mark.parametrize("source", DECKS, ids=lambda path: path.stem)


def kind(cell: NotebookNode) -> str:
    return cell.metadata.get("slideshow", {}).get("slide_type", "-")


def in_slides(notebook: NotebookNode) -> list[list[NotebookNode]]:
    """The cells of each slide and subslide, what is skipped left out."""
    found: list[list[NotebookNode]] = []
    for cell in notebook.cells:
        if kind(cell) in ("slide", "subslide"):
            found.append([])
        if kind(cell) != "skip":
            found[-1].append(cell)
    return found


def notes(slide: list[NotebookNode]) -> str:
    return "\n".join(cell.source for cell in slide if kind(cell) == "notes")


def executed(source: Path) -> NotebookNode:
    """The deck's notebook. That it is what its source says is the business of test_derived.py."""
    return nbformat.read(source.with_suffix(".ipynb"), as_version=4)


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """A folder with every executed deck as a page, and the assets beside."""
    folder = tmp_path_factory.mktemp("decks")
    slides.copy_assets(folder / "assets")
    for source in DECKS:
        slides.build(source.with_suffix(".ipynb"), folder)
    return folder


def test_there_are_decks():
    assert {"L1_the_game", "L2_the_theory", "L3_conditioning"} <= {path.stem for path in DECKS}


@per_deck
def test_the_deck_begins_with_a_title_that_states_its_length(source):
    title = in_slides(jupytext.read(source))[0][0].source
    assert title.startswith("# ")
    [minutes] = re.findall(r"(\d+) minutes", title)
    assert 45 <= int(minutes) <= 60


@per_deck
def test_every_slide_has_one_cell_of_notes_that_begins_with_minutes(source):
    for slide in in_slides(jupytext.read(source)):
        found = [cell.source for cell in slide if kind(cell) == "notes"]
        assert len(found) == 1, f"{len(found)} cells of notes on the slide '{slide[0].source[:40]}'"
        assert MINUTES.match(found[0]), f"notes without minutes: '{found[0][:40]}'"
        assert len(found[0].split()) >= 20


@per_deck
def test_the_minutes_add_up_to_the_stated_length(source):
    deck = in_slides(jupytext.read(source))
    stated = int(re.search(r"(\d+) minutes", deck[0][0].source)[1])
    assert sum(int(MINUTES.match(notes(slide))[1]) for slide in deck) == stated


@per_deck
def test_notes_are_spoken_and_hold_no_formula(source):
    """The speaker's window shows them without MathJax."""
    for slide in in_slides(jupytext.read(source)):
        assert "$" not in notes(slide)


@per_deck
def test_every_slide_but_the_first_has_a_heading_of_its_own(source):
    headings = [slide[0].source.splitlines()[0] for slide in in_slides(jupytext.read(source))[1:]]
    assert all(heading.startswith("## ") for heading in headings)
    assert len(set(headings)) == len(headings)


@per_deck
def test_a_question_to_the_room_is_answered_in_the_notes_or_on_the_next_slide(source):
    deck = in_slides(jupytext.read(source))
    asked = [number for number, slide in enumerate(deck) if "**Question" in "".join(cell.source for cell in slide)]
    assert len(asked) >= 2
    for number in asked:
        assert "Answer" in notes(deck[number]) or deck[number + 1][0].source.startswith("## Answer")


@per_deck
def test_the_deck_has_a_demo_and_its_code_fits_the_slide(source):
    code = [cell for slide in in_slides(jupytext.read(source)) for cell in slide if cell.cell_type == "code"]
    shown = [cell for cell in code if "hide-input" not in cell.metadata.get("tags", ())]
    assert len(shown) >= 2
    for cell in shown:
        assert max(map(len, cell.source.splitlines())) <= WIDEST, cell.source


@per_deck
def test_figures_hide_their_code_in_html_and_in_jupyterlab_but_keep_it(source):
    for cell in jupytext.read(source).cells:
        if cell.cell_type == "code" and "show(" in cell.source and "show_source" not in cell.source:
            assert "hide-input" in cell.metadata["tags"]
            assert cell.metadata["jupyter"]["source_hidden"]


@per_deck
def test_every_picture_has_a_text_for_who_cannot_see_it(source, built):
    hidden = [cell for cell in executed(source).cells if "hide-input" in cell.metadata.get("tags", ())]
    page = BeautifulSoup((built / f"{source.stem}.html").read_text(), "html.parser")
    pictures = page.select(".slides img")
    assert len(pictures) >= len(hidden) > 0
    for cell in hidden:
        assert any("image/png" in output.get("data", {}) for output in cell.outputs), cell.source
    for picture in pictures:
        assert len(picture["alt"].split()) >= 8, f"the text of a picture is '{picture['alt']}'"


@per_deck
def test_the_page_names_files_only_and_they_are_there(source, built):
    page = BeautifulSoup((built / f"{source.stem}.html").read_text(), "html.parser")
    addresses = [tag[name] for name in ("src", "href") for tag in page.select(f"[{name}]") if tag.name != "a"]
    files = [urlparse(address) for address in addresses if not address.startswith("data:")]
    assert len(files) >= 5
    for file in files:
        assert not file.scheme and not file.netloc, file.geturl()
        assert (built / file.path).is_file()
    assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", page.decode())


def test_stylesheets_ask_for_nothing_from_elsewhere(built):
    for sheet in [built / "assets" / "theme.css", *(built / "assets" / "reveal" / "dist").glob("*.css")]:
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", sheet.read_text()), sheet


@per_deck
def test_the_page_shows_no_hidden_code_and_no_skipped_cell(source, built):
    page = BeautifulSoup((built / f"{source.stem}.html").read_text(), "html.parser")
    text = page.select_one(".slides").get_text()
    for cell in executed(source).cells:
        if kind(cell) == "skip" or "hide-input" in cell.metadata.get("tags", ()):
            assert cell.source.splitlines()[0] not in text


def deck_of(*cells: NotebookNode, path: Path) -> Path:
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Title"), *cells]), path)
    return path


def test_a_deck_that_was_not_executed_is_refused(tmp_path):
    deck = deck_of(new_code_cell("show(figure)"), path=tmp_path / "L9.ipynb")
    with pytest.raises(ValueError, match=r"L9.ipynb is not executed .*make derive"):
        slides.build(deck, tmp_path)


def test_a_deck_that_holds_an_error_is_refused(tmp_path):
    error = new_output("error", ename="NameError", evalue="figure", traceback=[])
    deck = deck_of(new_code_cell("show(figure)", execution_count=1, outputs=[error]), path=tmp_path / "L9.ipynb")
    with pytest.raises(ValueError, match=r"L9.ipynb holds an error .*show\(figure\)"):
        slides.build(deck, tmp_path)


def test_without_chromium_one_line_says_that_there_is_no_pdf(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(slides, "chromium", lambda: None)
    monkeypatch.setattr(slides, "copy_assets", lambda folder: None)
    slides.main([str(deck_of(path=tmp_path / "L9.ipynb")), "--to", str(tmp_path)])
    page, line = capsys.readouterr().out.splitlines()
    assert page == str(tmp_path / "L9.html") and Path(page).is_file()
    assert line == "L9.pdf skipped: no Chromium found. Install it, or set CHROMIUM to its program."
    assert not (tmp_path / "L9.pdf").exists()


def test_chromium_is_the_one_that_the_environment_names(tmp_path, monkeypatch):
    program = tmp_path / "my-browser"
    program.touch()
    monkeypatch.setenv("CHROMIUM", str(program))
    assert browser.chromium() == program


def test_a_wrong_name_in_the_environment_is_an_error_and_not_a_silent_skip(tmp_path, monkeypatch):
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="nowhere"):
        browser.chromium()


def test_chromium_is_looked_for_on_the_path_in_order(tmp_path, monkeypatch):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.chromium() is None
    for name in ("google-chrome", "chromium"):
        (tmp_path / name).touch(mode=0o755)
        assert browser.chromium() == tmp_path / name


@pytest.fixture(scope="module")
def window():
    """A headless browser without a network; skipped where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = browser.chromium()
    if program is None:
        pytest.skip("no Chromium: install it, or set CHROMIUM to its program")
    with sync_api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=str(program), args=list(browser.LAUNCH_FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="module", params=DECKS, ids=lambda path: path.stem)
def printed(request, window, built):
    """A deck opened from its file as for printing, every slide laid out: source, tab, requests, errors."""
    context = window.new_context(offline=True)
    tab, requests, errors = context.new_page(), [], []
    tab.on("request", lambda sent: requests.append(sent.url))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto((built / f"{request.param.stem}.html").as_uri() + "?print-pdf")
    tab.wait_for_selector(slides.PRINTABLE)
    yield request.param, tab, requests, errors
    context.close()


@pytest.mark.browser
def test_the_deck_asks_the_network_for_nothing_and_fails_nowhere(printed):
    _, _, requests, errors = printed
    assert any("MathJax.js" in url for url in requests)  # so that requests are recorded at all
    assert [url for url in requests if not url.startswith(("file:", "data:", "about:", "blob:"))] == []
    assert errors == []


@pytest.mark.browser
def test_every_formula_is_set(printed):
    source, tab, *_ = printed
    cells = [cell for slide in in_slides(jupytext.read(source)) for cell in slide]
    expected = sum(
        len(FORMULA.findall(cell.source)) for cell in cells if cell.cell_type == "markdown" and kind(cell) != "notes"
    )
    assert expected > 20
    assert tab.locator(".MathJax").count() == expected
    assert tab.locator(".merror, .MathJax_Error").count() == 0
    visible = tab.evaluate(
        "() => [...document.querySelectorAll('.jp-MarkdownCell')].map((cell) => cell.innerText).join(' ')"
    )
    assert "$" not in visible and "\\" not in visible


@pytest.mark.browser
def test_every_picture_is_decoded_and_large_enough_to_read(printed):
    _, tab, *_ = printed
    sizes = tab.evaluate(
        "() => [...document.querySelectorAll('.page img')].map((i) => [i.naturalWidth, i.clientHeight, i.clientWidth])"
    )
    assert sizes
    for natural, height, width in sizes:
        assert natural > 0
        assert height >= 220 and width >= 400, f"a picture is {width} x {height} on its slide"


@pytest.mark.browser
def test_nothing_leaves_its_slide(printed):
    _, tab, *_ = printed
    pages = tab.evaluate(
        """() => [...document.querySelectorAll('.page')].map((page) => [
            page.innerText.slice(0, 40), page.scrollHeight - page.clientHeight, page.scrollWidth - page.clientWidth])"""
    )
    assert pages
    assert [page for page in pages if max(page[1:]) > 1] == []


@pytest.mark.browser
def test_the_arrows_stand_in_the_lower_margin(window, built):
    """Where no figure and no line of text reaches: see the padding of .page."""
    context = window.new_context(offline=True, viewport={"width": 1280, "height": 720})
    tab = context.new_page()
    tab.goto((built / f"{DECKS[0].stem}.html").as_uri() + "#/5")
    tab.wait_for_selector(".reveal.ready")
    arrows = tab.locator(".controls .navigate-right").bounding_box()
    margin = tab.evaluate("() => parseFloat(getComputedStyle(document.querySelector('.present .page')).paddingBottom)")
    assert arrows["y"] >= 720 - margin and arrows["y"] + arrows["height"] <= 720
    context.close()


@pytest.mark.browser
@per_deck
def test_the_pdf_has_one_page_for_each_slide(source, window, tmp_path):
    # In a process of its own, as `make slides` does it: two of Playwright's loops do not go into one.
    command = [sys.executable, slides.__file__, source.with_suffix(".ipynb"), "--to", tmp_path]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == [str(tmp_path / f"{source.stem}{suffix}") for suffix in (".html", ".pdf")]
    assert done.returncode == 0 and done.stderr == ""
    pages = re.findall(rb"/Type\s*/Page\b", (tmp_path / f"{source.stem}.pdf").read_bytes())
    assert len(pages) == len(in_slides(jupytext.read(source)))


@pytest.mark.browser
@per_deck
def test_s_opens_the_notes_in_a_window_of_their_own(source, window, built):
    context = window.new_context(offline=True)
    tab = context.new_page()
    tab.goto((built / f"{source.stem}.html").as_uri())
    tab.wait_for_selector(".reveal.ready")
    with context.expect_page() as opened:
        tab.keyboard.press("s")
    spoken = opened.value.locator(".speaker-controls-notes .value")
    spoken.wait_for()
    first = notes(in_slides(jupytext.read(source))[0])
    assert first.split(".")[1].strip() in spoken.inner_text()
    context.close()
