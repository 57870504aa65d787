"""The widget for boxes in a browser without a network: mouse and keyboard draw the same boxes, and hand them on."""

import pytest
import torch
from playwright.sync_api import Page, sync_playwright

from course_lib import browser
from course_lib.explore.forgetting import Box
from course_lib.widgets import Boxes

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def window():
    if browser.chromium() is None:
        pytest.skip("no Chromium: install it, or set CHROMIUM to its program")
    with sync_playwright() as driver:
        program = driver.chromium.launch(
            executable_path=str(browser.chromium()),
            args=[*browser.LAUNCH_FLAGS, "--host-resolver-rules=MAP * ~NOTFOUND"],
        )
        yield program.new_context(viewport={"width": 1000, "height": 600}, offline=True)
        program.close()


@pytest.fixture
def shown(window):
    """A page with the widget on 13 images, ten a row, of which image 0 has a box; `told` is what Python would hear."""
    images = 2 * torch.rand(13, 1, 28, 28, generator=torch.Generator().manual_seed(0)) - 1
    widget = Boxes(images, [Box(0, 2, 3, 10, 20)])
    page, wrong = window.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.set_content("<!doctype html><body></body>")
    script = widget._esm.partition("\nexport default")[0]
    page.add_script_tag(content=script + "\nwindow.mountBoxes = mountBoxes;")
    page.evaluate(
        "([spec, drawn]) => { window.told = [];"
        " window.widget = mountBoxes(document.body, spec, drawn, (boxes) => window.told.push(boxes)); }",
        [widget.spec, widget.drawn],
    )
    page.wait_for_function("document.querySelector('.said').textContent.startsWith('1 boxes')")
    yield page
    page.close()
    assert wrong == []


def told(page: Page) -> list:
    return page.evaluate("window.told.at(-1)")


def drag(page: Page, image: int, start: tuple[int, int], end: tuple[int, int]) -> None:
    """From the middle of one pixel (row, column) of an image to another's; 3 page pixels each, 30 pixels an image."""
    frame = page.locator("canvas").bounding_box()
    at = [
        (frame["x"] + 3 * (image % 10 * 30 + 1 + column) + 1.5, frame["y"] + 3 * (image // 10 * 30 + 1 + row) + 1.5)
        for row, column in (start, end)
    ]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=4)
    page.mouse.up()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_dragged_box_holds_the_pixels_from_the_first_to_the_last(shown):
    drag(shown, 11, (4, 5), (9, 20))
    assert told(shown) == [[0, 2, 3, 10, 20], [11, 4, 5, 10, 21]]
    drag(shown, 3, (20, 10), (12, 2))  # upwards
    assert told(shown)[-1] == [3, 12, 2, 21, 11]


def test_a_drag_beyond_its_image_ends_at_its_border_and_one_beyond_the_last_image_is_none(shown):
    drag(shown, 2, (20, 20), (60, 50))
    assert told(shown)[-1] == [2, 20, 20, 28, 28]
    drag(shown, 15, (4, 4), (9, 9))  # there are 13 images
    assert len(told(shown)) == 2


def test_a_line_is_no_box_and_the_reader_is_told(shown):
    drag(shown, 1, (4, 4), (4, 12))
    assert told(shown) is None
    assert "at least two pixels" in shown.locator(".said").inner_text()


def test_the_keyboard_draws_gives_up_and_removes(shown):
    shown.locator("canvas").focus()
    press(shown, "Shift+ArrowDown", "Shift+ArrowRight", *["ArrowDown"] * 4, *["ArrowRight"] * 5, " ")
    press(shown, *["ArrowDown"] * 5, *["ArrowRight"] * 15, " ")
    assert told(shown) == [[0, 2, 3, 10, 20], [11, 4, 5, 10, 21]]
    assert "Image 12 of 13, row 10, column 21" in shown.locator(".said").inner_text()
    press(shown, " ", "ArrowUp", "ArrowUp", "Escape", " ", " ")  # given up, then a box of one pixel
    assert len(told(shown)) == 2
    press(shown, "Delete")
    assert told(shown) == [[0, 2, 3, 10, 20]]
    press(shown, *["Shift+ArrowRight"] * 3, *["Shift+ArrowDown"] * 3)  # beyond the last image: it stays
    assert "Image 13 of 13" in shown.locator(".said").inner_text()


def test_buttons_undo_and_remove_all_and_python_can_set_boxes(shown):
    drag(shown, 5, (4, 4), (9, 9))
    shown.get_by_role("button", name="Undo").click()
    assert told(shown) == [[0, 2, 3, 10, 20]]
    shown.get_by_role("button", name="Remove all").click()
    assert told(shown) == []
    shown.evaluate("widget.set([[4, 1, 1, 8, 8], [4, 10, 10, 20, 20]])")
    assert shown.locator(".said").inner_text().startswith("2 boxes on 1 images")


def test_a_box_is_seen_where_it_is(shown):
    """An orange line at the box's edge and none in its middle."""
    colour = "([x, y]) => Array.from(document.querySelector('canvas').getContext('2d').getImageData(x, y, 1, 1).data)"
    red, green, blue, _ = shown.evaluate(colour, [3 * (1 + 3), 3 * (1 + 6)])
    assert red > 180 and green < 130 and blue < 60
    inside = shown.evaluate(colour, [3 * (1 + 10) + 1, 3 * (1 + 6) + 1])
    assert inside[0] == inside[1] == inside[2]  # the image's grey
