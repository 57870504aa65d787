"""A reader in JupyterLab: lessons open, run and can be played with; exercises answer; links lead on; decks show."""

import re

import lab as jupyterlab
import nbformat
import pytest
import sources
from lab import fresh_copy, open_notebook, opened, run_all
from playwright.sync_api import Locator, expect, sync_playwright
from running import code_cells, tags

from course_lib import browser, widgets

SHOTS = sources.REPO / "artifacts"  # ignored by git
WELCOME = "notebooks/00_welcome.ipynb"
GUESSES = "notebooks/02_the_value_function.ipynb"
THEORY = "notebooks/03_the_optimal_discriminator.ipynb"
LESSONS = sorted(path.stem for path in (sources.REPO / "exercises" / "src").glob("*.py"))
CONDITIONAL = ["notebooks/06_conditional_gan.ipynb", "notebooks/06_conditional_gan_zh.ipynb"]
EXERCISE = "02_the_value_function"
DECK = "slides/L2_the_theory.ipynb"
RED = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"  # errors and warnings alike
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"  # no name but this machine's is known


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on a copy of the course."""
    if browser.chromium() is None:
        pytest.skip("no Chromium: install it, or set CHROMIUM to its program")
    with jupyterlab.running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="module")
def window(lab):
    """A headless browser that reaches this machine alone, with one cache for all tests."""
    with sync_playwright() as driver:
        program = driver.chromium.launch(executable_path=str(browser.chromium()), args=[*browser.LAUNCH_FLAGS, ALONE])
        yield program.new_context(viewport={"width": 1280, "height": 900})
        program.close()


@pytest.fixture
def tab(lab, window, request):
    """A fresh tab. Afterwards: a screenshot, no kernel left, and nothing was asked of another machine."""
    page, asked = window.new_page(), []
    page.set_default_timeout(jupyterlab.PATIENCE_MS)
    page.on("request", lambda sent: asked.append(sent.url))
    yield page
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{request.node.name.removeprefix('test_')}.png")
    page.close()
    jupyterlab.end_kernels(lab)
    assert len(asked) > 20  # so that requests are recorded at all
    assert [url for url in asked if not url.startswith((lab.url, "data:", "blob:"))] == []


def pictures(outputs: Locator) -> list[int]:
    """The widths of all pictures in these outputs, in pixels of the file; 0 for one that did not load."""
    return outputs.locator("img").evaluate_all("images => images.map(image => image.naturalWidth)")


def assert_all_ran(panel: Locator, prompts: list[str]) -> None:
    """Every code cell was run, in order, and none shows an error, a warning or a dead widget."""
    assert prompts == [f"[{number}]:" for number in range(1, len(prompts) + 1)]
    assert panel.locator(RED).all_text_contents() == []
    expect(panel.get_by_text("Error displaying widget")).to_have_count(0)
    expect(panel.page.locator(".jp-Dialog")).to_have_count(0)


def move_first_slider(panel: Locator, steps: int) -> tuple[str, str]:
    """Move the first slider of the notebook's widget with the arrow key; its shown value before and after.

    Returns once the widget's picture has changed, and asserts that it is the only one below the cell.
    """
    cell = panel.locator(".jp-CodeCell", has=panel.page.locator(".noUi-handle"))
    widget = cell.locator(".jupyter-widgets.widget-vbox")
    picture, handle, shown = (
        widget.locator("img"),
        cell.locator(".noUi-handle").first,
        cell.locator(".widget-readout").first,
    )
    expect(cell.locator(".jp-OutputArea-output img")).to_have_count(1)  # live, and not its still picture beside it
    widget.scroll_into_view_if_needed()
    value, drawn = shown.text_content(), picture.get_attribute("src")
    handle.focus()
    for _ in range(steps):
        handle.press("ArrowRight")
    expect(picture).not_to_have_attribute("src", drawn)
    assert min(pictures(widget)) > 0
    return value, shown.text_content()


def test_make_lab_starts_it_with_the_same_flags():
    recipe = (sources.REPO / "Makefile").read_text().split("\nlab:")[1].split("\n\n")[0]
    assert [flag for flag in jupyterlab.FLAGS if flag not in recipe] == []


@pytest.mark.browser
def test_the_first_lesson_opens_by_itself_runs_and_its_slider_draws(lab, tab):
    fresh_copy(WELCOME, lab.folder)
    tab.goto(f"{lab.url}?token={lab.token}")
    panel = opened(lab, tab, WELCOME)
    expect(tab.locator(".jp-Dialog")).to_have_count(0)  # "Select Kernel" would be one
    assert_all_ran(panel, run_all(tab, panel))
    assert move_first_slider(panel, steps=4) == ("0.50", "0.70")


@pytest.mark.browser
def test_the_lesson_on_theory_runs_and_its_density_lab_draws(lab, tab):
    panel = open_notebook(lab, tab, THEORY)
    assert_all_ran(panel, run_all(tab, panel))
    assert move_first_slider(panel, steps=4) == ("−1.0", "−0.6")


@pytest.mark.browser
@pytest.mark.parametrize("lesson", CONDITIONAL, ids=["en", "zh"])
def test_the_lesson_on_conditioning_runs_and_its_label_slider_draws(lab, tab, lesson):
    panel = open_notebook(lab, tab, lesson)
    assert_all_ran(panel, run_all(tab, panel))
    assert move_first_slider(panel, steps=2) == ("7", "9")


@pytest.mark.browser
def test_a_lesson_shows_its_pictures_and_formulas_before_anything_is_run(lab, tab):
    panel = open_notebook(lab, tab, THEORY)
    cells = code_cells(nbformat.read(lab.folder / THEORY, 4))
    stored = [output for cell in cells if sources.FOLD not in tags(cell) for output in cell.outputs]
    shown = pictures(panel.locator(".jp-OutputArea-output"))
    assert len(shown) == sum("image/png" in output.get("data", {}) for output in stored)
    assert min(shown) > 0
    still = panel.locator(".jp-CodeCell", has_text="widgets.density_lab()").locator("img")
    still.scroll_into_view_if_needed()
    expect(panel.get_by_text("Error displaying widget")).to_have_count(0)
    expect(panel.locator("mjx-merror")).to_have_count(0)
    expect(panel.locator(".jp-RenderedMarkdown").filter(has_text="$")).to_have_count(0)
    assert panel.locator(".jp-RenderedMarkdown mjx-container").count() > 50


@pytest.mark.browser
def test_the_answer_to_a_guess_is_folded_can_be_opened_and_is_shown_once_its_cell_is_run(lab, tab):
    panel = open_notebook(lab, tab, GUESSES)
    cells = code_cells(nbformat.read(lab.folder / GUESSES, 4))
    folded = [
        number
        for number, cell in enumerate(cells)
        if sources.FOLD in tags(cell) and any("image/png" in output.get("data", {}) for output in cell.outputs)
    ]
    first, second = (panel.locator(".jp-CodeCell").nth(number) for number in folded[:2])
    for cell in (first, second):
        cell.scroll_into_view_if_needed()
        expect(cell.locator(".jp-OutputPlaceholder")).to_be_visible()
        expect(cell.locator(".jp-OutputArea-output img")).to_be_hidden()
    first.locator(".jp-OutputPlaceholder").click()  # a student may look without running
    expect(first.locator(".jp-OutputArea-output img")).to_be_visible()
    expect(second.locator(".jp-OutputArea-output img")).to_be_hidden()

    run_all(tab, panel)
    second.scroll_into_view_if_needed()
    expect(second.locator(".jp-OutputArea-output img")).to_be_visible()
    expect(panel.locator(".jp-OutputPlaceholder:visible")).to_have_count(0)


EXPLORER = """
import torch
from course_lib.models.dcgan import Generator
from course_lib.widgets import Explorer

explorer = Explorer(Generator(28, 1, 4, start=7).eval())
explorer
"""


@pytest.mark.browser
def test_the_latent_explorer_draws_in_the_page_and_hands_its_latent_back(lab, tab):
    cells = [
        nbformat.v4.new_code_cell(EXPLORER),
        nbformat.v4.new_code_cell("print(tuple(explorer.z().shape), explorer.label)"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=sources.KERNEL)
    nbformat.write(notebook, lab.folder / "notebooks" / "explorer.ipynb")
    tab.goto(f"{lab.url}lab/workspaces/explorer/tree/notebooks/explorer.ipynb?reset&token={lab.token}")
    panel = opened(lab, tab, "notebooks/explorer.ipynb")
    run_all(tab, panel)
    explorer = panel.locator(".gan-explorer")
    expect(explorer.locator("canvas.big")).to_have_attribute("data-z", re.compile(r"^\[-?\d"))
    # Nothing was saved yet, and the second cell said so.
    assert "No latent was saved yet" in panel.locator(RED).all_text_contents()[-1]

    explorer.get_by_role("button", name="Save z").click()
    expect(explorer.locator(".said")).to_have_text("Saved: the widget's `latent` holds z now.")
    panel.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
    tab.keyboard.press("Control+Enter")
    expect(panel.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output")).to_have_text("(1, 100) None")


SLOW = """
import time

import ipywidgets
from course_lib.widgets import Live
from course_lib.widgets.pictures import Sheet

drawn = []


def slow(value):
    time.sleep(0.3)
    drawn.append(value)
    sheet = Sheet(200, 40)
    sheet.text(str(value), 100, 20)
    return sheet.done(f"The number {value} & no other.")


Live(slow, [ipywidgets.IntSlider(0, min=0, max=100, description="number")])
"""


@pytest.mark.browser
def test_what_a_dragged_slider_has_overtaken_is_not_drawn(lab, tab):
    """Forty places, and each picture takes longer than the hand stays at one."""
    cells = [nbformat.v4.new_code_cell(SLOW), nbformat.v4.new_code_cell("print(len(drawn), drawn[-1])")]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=sources.KERNEL)
    nbformat.write(notebook, lab.folder / "notebooks" / "slow.ipynb")
    tab.goto(f"{lab.url}lab/workspaces/slow/tree/notebooks/slow.ipynb?reset&token={lab.token}")
    panel = opened(lab, tab, "notebooks/slow.ipynb")
    run_all(tab, panel)
    handle = panel.locator(".noUi-handle")
    handle.focus()
    for _ in range(40):
        handle.press("ArrowRight")
    expect(panel.locator(".widget-vbox img")).to_have_attribute("alt", "The number 40 & no other.")
    panel.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
    tab.keyboard.press("Control+Enter")
    said = panel.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output")
    expect(said).to_have_text(re.compile(r"^\d+ 40\s*$"))
    assert 2 <= int(said.text_content().split()[0]) <= 30


@pytest.mark.browser
def test_an_exercise_stops_kindly_at_its_first_task_and_takes_the_right_answer(lab, tab):
    blank, solution = (
        code_cells(sources.structure(target))
        for target in sources.targets()
        if target.source.stem == EXERCISE and target.path.parent.name != "notebooks"
    )
    task = next(index for index, cell in enumerate(blank) if sources.BLANK in cell.source)
    panel = open_notebook(lab, tab, f"exercises/{EXERCISE}.ipynb")
    prompts = run_all(tab, panel)
    assert prompts[-1] == "[ ]:"
    [said] = panel.locator(RED).all_text_contents()
    assert said == "Not yet: The answer is still blank. Replace the line `raise NotImplementedError` by your own."

    cell = panel.locator(".jp-CodeCell").nth(task)
    cell.locator(".cm-content").click()
    tab.keyboard.press("Control+A")
    tab.keyboard.insert_text(solution[task].source)
    run_all(tab, panel)
    answers = panel.locator(".jp-CodeCell").nth(task + 1).locator(".jp-OutputArea-output")
    expect(answers).to_have_text([re.compile("^Right")])
    answers.scroll_into_view_if_needed()


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_links_to_its_exercise(lesson):
    [source] = (sources.REPO / "notebooks" / "src").glob(f"{lesson[:2]}_*.py")  # of one lesson there may be several
    assert f"(../exercises/{lesson}.ipynb)" in source.read_text()


@pytest.mark.browser
def test_the_link_from_a_lesson_opens_its_exercise(lab, tab):
    panel = open_notebook(lab, tab, THEORY)
    panel.locator(".jp-RenderedMarkdown a[href*='/exercises/']").click()
    exercise = opened(lab, tab, THEORY.replace("notebooks", "exercises"))
    expect(exercise.get_by_role("heading", level=1)).to_have_text(re.compile("exercises", re.IGNORECASE))


@pytest.mark.browser
def test_a_deck_shows_as_live_slides_and_turns_its_page(lab, tab):
    panel = open_notebook(lab, tab, DECK)
    panel.get_by_title("Render the current notebook as Reveal Slideshow").click()
    show = tab.frame_locator("iframe[src*='/rise/']")
    slide = show.locator(".reveal.ready .slides section.present:not(.stack)")
    expect(slide.get_by_role("heading", name="The theory")).to_be_visible()
    show.locator("body").press("Space")
    expect(slide.get_by_role("heading", name="Three claims to prove")).to_be_visible()
    expect(slide.locator("mjx-container").first).to_be_visible()


@pytest.mark.browser
def test_a_game_asks_to_be_run_in_a_notebook_that_is_not_trusted_and_plays_once_it_was(lab, tab):
    stored = nbformat.v4.new_output(
        "execute_result", {"text/html": widgets.you_are_g()._repr_html_()}, execution_count=1
    )
    cell = nbformat.v4.new_code_cell("from course_lib import widgets\n\nwidgets.you_are_g()", outputs=[stored])
    nbformat.write(
        nbformat.v4.new_notebook(cells=[cell], metadata=sources.KERNEL), lab.folder / "notebooks" / "game.ipynb"
    )
    tab.goto(f"{lab.url}lab/workspaces/game/tree/notebooks/game.ipynb?reset&token={lab.token}")
    panel = opened(lab, tab, "notebooks/game.ipynb")
    output = panel.locator(".jp-OutputArea-output")
    expect(output).to_have_text("You are G, then you are D: run this cell to play.")
    expect(output.locator("iframe")).to_have_count(0)
    run_all(tab, panel)
    inside = output.frame_locator("iframe")
    inside.get_by_role("slider", name="p_g of outcome 2").press("End")
    expect(inside.locator(".tasks li.done")).to_have_count(1)
