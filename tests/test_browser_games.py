"""You against D and You are G in a browser without a network: by keyboard and by mouse, with the numbers of the theory."""

import json
import re
import urllib.parse

import pytest
import torch
from playwright.sync_api import Page, expect, sync_playwright
from scipy.stats import binomtest

from course_lib import browser, theory, widgets

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
        yield program.new_context(viewport={"width": 760, "height": 720}, accept_downloads=True, offline=True)
        program.close()


@pytest.fixture
def tab(window, tmp_path):
    """A function that opens a widget's page from a file. Afterwards: no error, and nothing was asked for."""
    pages, wrong = [], []

    def opened(widget: widgets.framed.Framed) -> Page:
        file = tmp_path / f"{len(pages)}.html"
        file.write_text(widget.page(), encoding="utf-8")
        shown = window.new_page()
        pages.append(shown)
        shown.on("pageerror", lambda error: wrong.append(str(error)))
        shown.on(
            "request",
            lambda sent: wrong.append(sent.url) if not sent.url.startswith(("file:", "data:", "blob:")) else None,
        )
        shown.goto(file.as_uri())
        return shown

    yield opened
    for shown in pages:
        shown.close()
    assert wrong == []


def cards(shown: Page, set_: int = 1, round_: int = 0) -> list[dict]:
    return shown.evaluate(f"document.querySelector('.against').parts.deal({set_}, {round_})")


# You against D --------------------------------------------------------------------------------------------------


def test_a_round_is_balanced_and_without_doubles_and_another_one_is_another(tab):
    shown = tab(widgets.you_against_d())
    expect(shown.locator("canvas.big")).to_be_visible()
    rounds = [cards(shown, round_=number) for number in range(3)]
    for dealt in rounds:
        assert len(dealt) == 20 and sum(card["real"] for card in dealt) == 10
        assert len({(card["real"], card["at"]) for card in dealt}) == 20
    assert rounds[0] != rounds[1] != rounds[2]
    assert cards(shown) == rounds[0]


def test_twenty_keys_give_the_scores_of_you_and_d(tab):
    """One who is always right and sure; D's scores are those of its recorded answers."""
    widget = widgets.you_against_d()
    shown = tab(widget)
    expect(shown.locator("canvas.big")).to_be_visible()
    dealt = cards(shown)
    shown.locator(".against").focus()
    for number, card in enumerate(dealt):
        expect(shown.locator(".count")).to_have_text(f"Picture {number + 1} of 20: real or generated?")
        shown.keyboard.press("1" if card["real"] else "4")
    rows = [row.split("\t") for row in shown.locator("table").inner_text().splitlines()]
    assert rows[1] == ["you", "20 of 20", "-0.05"]  # log .95
    told = widget.spec["sets"][1]
    d = torch.tensor([told["real" if card["real"] else "fake"]["d"][card["at"]] for card in dealt], dtype=torch.float64)
    real = torch.tensor([card["real"] for card in dealt])
    right = ((d > 0.5) == real).sum().item()
    log = torch.where(real, d, 1 - d).log().mean().item()
    assert rows[2] == ["D", f"{right} of 20", f"{log:.2f}"]
    assert rows[3] == ["a coin", "10 of 20", "-0.69"]
    expect(shown.locator(".said")).to_have_text(f"You were right 20 times of 20, D {right} times.")
    expect(shown.locator("svg circle.you")).to_have_count(1)


def test_wrong_answers_are_told_at_once_only_where_asked(tab):
    shown = tab(widgets.you_against_d())
    expect(shown.locator("canvas.big")).to_be_visible()
    first, second = cards(shown)[:2]
    wrong = {True: "4 surely generated", False: "1 surely real"}
    shown.get_by_role("button", name=wrong[first["real"]]).click()
    expect(shown.locator(".said")).to_have_text("")
    shown.get_by_label("tell me at once").check()
    shown.get_by_role("button", name=wrong[second["real"]]).click()
    expect(shown.locator(".said")).to_have_text(f"Wrong: it was {'real' if second['real'] else 'generated'}.")


def test_votes_are_saved_as_a_table(tab):
    shown = tab(widgets.you_against_d(seed=3))
    expect(shown.locator("canvas.big")).to_be_visible()
    dealt = cards(shown)
    shown.locator(".against").focus()
    for _ in dealt:
        shown.keyboard.press("2")
    with shown.expect_download() as saved:
        shown.get_by_role("button", name="Save votes").click()
    lines = saved.value.path().read_text().splitlines()
    assert lines[0] == "set,picture,truth,probability of real,D" and len(lines) == 21
    for line, card in zip(lines[1:], dealt, strict=True):
        name, at, truth, belief, d = line.split(",")
        assert (name, int(at), truth) == ("step 600", card["at"], "real" if card["real"] else "generated")
        assert float(belief) == 0.7 and 0 < float(d) < 1


@pytest.mark.parametrize("right, n", [(0, 20), (7, 20), (20, 20), (131, 250)])
def test_the_interval_is_wilsons(tab, right, n):
    shown = tab(widgets.you_against_d())
    expect(shown.locator("canvas.big")).to_be_visible()
    found = shown.evaluate(f"document.querySelector('.against').parts.wilson({right}, {n})")
    expected = binomtest(right, n).proportion_ci(0.95, method="wilson")
    assert found == pytest.approx([expected.low, expected.high], abs=1e-4)


def test_another_step_deals_its_own_pictures(tab):
    shown = tab(widgets.you_against_d())
    expect(shown.locator("canvas.big")).to_be_visible()
    shown.get_by_role("button", name="step 1,500").click()
    expect(shown.get_by_role("button", name="step 1,500")).to_have_attribute("aria-pressed", "true")
    expect(shown.locator(".count")).to_have_text("Picture 1 of 20: real or generated?")


# You are G, then you are D -----------------------------------------------------------------------------------------


def state(shown: Page) -> tuple[torch.Tensor, torch.Tensor, float]:
    about = shown.locator(".bars")
    g, d, v = (about.get_attribute(f"data-{name}") for name in ("g", "d", "v"))
    return torch.tensor(json.loads(g), dtype=torch.float64), torch.tensor(json.loads(d), dtype=torch.float64), float(v)


def test_as_g_every_bar_moves_the_best_d_and_v(tab):
    widget = widgets.you_are_g()
    shown = tab(widget)
    p = torch.tensor(widget.spec["data"], dtype=torch.float64)
    for outcome, keys in ((1, 10), (4, 30), (8, 2)):
        slider = shown.get_by_label(f"p_g of outcome {outcome}")
        slider.focus()
        for _ in range(keys):
            shown.keyboard.press("ArrowUp")
        g, d, v = state(shown)
        assert g.sum() == pytest.approx(1) and g.min() >= 0
        torch.testing.assert_close(d, theory.optimal_discriminator(p, g))
        assert v == pytest.approx(theory.value(d, p, g).item(), abs=1e-9)
        assert v == pytest.approx(-torch.tensor(4.0).log().item() + 2 * theory.jsd(p, g).item(), abs=1e-6)
    shown.get_by_role("button", name="Copy the data").click()
    assert state(shown)[2] == pytest.approx(theory.C_MIN, abs=1e-9)
    expect(shown.locator(".said")).to_contain_text("divergence 0.000")


def test_a_bar_can_hold_everything_and_give_it_back(tab):
    shown = tab(widgets.you_are_g())
    shown.get_by_label("p_g of outcome 3").fill("1")
    assert state(shown)[0].tolist() == [0, 0, 1, 0, 0, 0, 0, 0]
    shown.get_by_label("p_g of outcome 3").fill("0.3")
    assert state(shown)[0].tolist() == pytest.approx([0.1, 0.1, 0.3, *[0.1] * 5])


def test_as_d_g_replies_by_collapsing_and_shrugging_is_the_saddle(tab):
    widget = widgets.you_are_g()
    shown = tab(widget)
    p = torch.tensor(widget.spec["data"], dtype=torch.float64)
    shown.get_by_role("button", name="You are D").click()
    g, d, v = state(shown)
    assert v == pytest.approx(theory.value(d, p, g).item(), abs=1e-9)
    shown.get_by_role("button", name="G goes all the way").click()
    g, d, v = state(shown)
    assert g.max() == 1 and g.argmax() == d.argmax() and v < theory.C_MIN
    shown.get_by_role("button", name="Shrug").click()
    assert state(shown)[2] == pytest.approx(theory.C_MIN, abs=1e-9)
    shown.get_by_role("button", name="G takes a step").click()
    assert state(shown)[2] == pytest.approx(theory.C_MIN, abs=1e-9)  # nothing that G does helps
    shown.get_by_label("G takes a step after each of mine").check()
    before = state(shown)[0]
    shown.get_by_label("D's answer on outcome 5").fill("0.9")
    after = state(shown)[0]
    assert after[4] == pytest.approx((before[4] + 0.3 * (1 - before[4])).item())


def test_what_does_not_sum_to_one_is_refused():
    for data in ([0.5, 0.6], [1.0], [0.3, 0.3], [-0.1, 0.5, 0.5, 0.1]):
        with pytest.raises(ValueError, match="two or more probabilities"):
            widgets.you_are_g(data)


# Both ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("widget, limit", [(widgets.you_against_d(), 200_000), (widgets.you_are_g(), 30_000)])
def test_a_saved_page_holds_all_of_it_in_a_frame(widget, limit):
    html = widget._repr_html_()
    assert len(html) < limit and html.startswith("<iframe title=") and "run this cell" in html
    assert re.search(r"https?://(?!www\.w3\.org)", urllib.parse.unquote(html)) is None
