"""The games in a browser without a network, opened from files: scores, D* and V are Python's, and every key answers."""

import csv
import json
import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect, sync_playwright
from scipy.stats import binomtest
from sklearn.metrics import log_loss
from test_widgets_sheet import cut

from course_lib import browser, theory
from course_lib.widgets import Standing, real_or_fake, you_against_d, you_are_g
from course_lib.widgets.roles import P_DATA
from course_lib.widgets.votes import recorded

pytestmark = pytest.mark.browser
GIVEN = {"sure fake": 0.05, "rather fake": 0.3, "rather real": 0.7, "sure real": 0.95}
ROUND = list("12341234rfRF1234") + ["ArrowLeft", "ArrowRight", "Shift+ArrowLeft", "Shift+ArrowRight"]
SAID = ["sure fake", "rather fake", "rather real", "sure real"]
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def window():
    if browser.chromium() is None:
        pytest.skip("no Chromium: install it, or set CHROMIUM to its program")
    with sync_playwright() as driver:
        program = driver.chromium.launch(
            executable_path=str(browser.chromium()),
            args=[*browser.LAUNCH_FLAGS, "--host-resolver-rules=MAP * ~NOTFOUND"],
        )
        yield program.new_context(viewport={"width": 820, "height": 900}, accept_downloads=True, offline=True)
        program.close()


@pytest.fixture
def tab(window, tmp_path):
    """A function that opens a game, or any HTML, from a file. Afterwards: no error, and nothing was asked for."""
    pages, wrong = [], []

    def opened(game: Standing | str) -> Page:
        file = tmp_path / f"game-{len(pages)}.html"
        file.write_text(game if isinstance(game, str) else game.page(), encoding="utf-8")
        shown = window.new_page()
        pages.append(shown)
        shown.on("pageerror", lambda error: wrong.append(str(error)))
        shown.on(
            "request",
            lambda sent: wrong.append(sent.url) if not sent.url.startswith(("file:", "data:", "about:")) else None,
        )
        shown.goto(file.as_uri())
        return shown

    yield opened
    for shown in pages:
        shown.close()
    assert wrong == []


# You against D ---------------------------------------------------------------------------------------------------


def play(shown, name: str, keys=ROUND) -> dict:
    """Play a round by keyboard; the result as the page tells it."""
    shown.get_by_role("button", name=name).click()
    for key in keys:
        shown.locator(".votes").press(key)
    expect(shown.locator(".votes")).to_have_attribute("data-stage", "end")
    return json.loads(shown.locator(".votes").get_attribute("data-result"))


def assert_scored(score: dict, truth: list[bool], given: list[float]) -> None:
    """Share right, its Wilson interval and log score are SciPy's and scikit-learn's."""
    right = sum((p > 0.5) == real for p, real in zip(given, truth, strict=True))
    interval = binomtest(right, len(truth)).proportion_ci(method="wilson")
    assert (score["right"], score["n"]) == (right, len(truth))
    assert score["interval"] == pytest.approx([interval.low, interval.high], abs=1e-9)
    assert score["log_score"] == pytest.approx(-log_loss(truth, given, labels=[False, True]), abs=1e-9)


def test_a_round_is_ten_real_and_ten_fakes_of_that_step_scored_as_elsewhere(tab):
    shown = tab(you_against_d())
    result, kept = play(shown, "G after 600 steps"), recorded()
    answers = result["answers"]
    truth = [answer["real"] for answer in answers]
    places = [answer["place"] for answer in answers]
    assert sum(truth) == 10 and len(set(places)) == 20
    assert truth == [place < 60 for place in places] and all(p < 60 or 120 <= p < 180 for p in places)
    logits = [kept["logits"]["600"]["real" if p < 60 else "fake"][p % 60] for p in places]
    assert [answer["logit"] for answer in answers] == logits
    assert_scored(result["you"], truth, [answer["p"] for answer in answers])
    assert_scored(result["d"], truth, torch.tensor(logits, dtype=torch.float64).sigmoid().tolist())


def test_each_key_and_each_button_gives_its_answer(tab):
    shown = tab(you_against_d())
    told = [answer["said"] for answer in play(shown, "G after 300 steps")["answers"]]
    of_letters = ["rather real", "rather fake", "sure real", "sure fake"]
    of_arrows = ["rather fake", "rather real", "sure fake", "sure real"]
    assert told == SAID * 2 + of_letters + SAID + of_arrows
    shown.get_by_role("button", name="G after 1,500 steps").click()
    for number in range(20):
        shown.get_by_role("button", name=SAID[number % 4]).click()
    answers = json.loads(shown.locator(".votes").get_attribute("data-result"))["answers"]
    assert [(answer["said"], answer["p"]) for answer in answers] == list(GIVEN.items()) * 5


def test_the_picture_shown_is_the_one_scored(tab):
    shown, kept = tab(you_against_d()), recorded()
    shown.get_by_role("button", name="G after 1,500 steps").click()
    grey = (
        "(canvas) => Array.from(canvas.getContext('2d').getImageData(0, 0, 28, 28).data).filter((_, i) => i % 4 == 0)"
    )
    seen = []
    for number in range(1, 21):
        expect(shown.locator("canvas")).to_have_attribute("aria-label", f"digit {number} of 20")
        seen.append(shown.locator("canvas").evaluate(grey))
        shown.keyboard.press("2")
    sheet = cut(kept["sheet"], 240, 28, 28)[..., 0].reshape(240, -1)
    answers = json.loads(shown.locator(".votes").get_attribute("data-result"))["answers"]
    assert (np.array(seen) == sheet[[answer["place"] for answer in answers]]).all()


def test_the_truth_is_told_after_each_only_where_that_is_switched_on(tab):
    shown = tab(you_against_d())
    shown.get_by_role("button", name="G after 300 steps").click()
    shown.keyboard.press("1")
    expect(shown.get_by_text("The one before was")).to_have_count(0)
    shown.get_by_role("checkbox").check()
    shown.keyboard.press("4")
    told = shown.locator(".before").text_content()
    for _ in range(18):
        shown.keyboard.press("1")
    second = json.loads(shown.locator(".votes").get_attribute("data-result"))["answers"][1]
    words = ("real", "you were right.") if second["real"] else ("fake", "you were wrong.")
    assert told == "The one before was {}; {}".format(*words)


def test_each_round_is_marked_on_ds_curve_at_its_step(tab):
    shown = tab(you_against_d())
    rounds = [play(shown, f"G after {step} steps")["you"] for step in ("300", "1,500")]
    curves = shown.locator("svg")
    expect(curves).to_have_count(2)
    for curve, what, low, high in zip(curves.all(), ("accuracy", "log_score"), (0.4, -1.5), (1, 0), strict=True):
        marks = curve.locator(".mark")
        at = marks.evaluate_all("all => all.map((one) => [+one.getAttribute('x') + 5, +one.getAttribute('y') + 5])")
        height = [8 + 150 * (high - max(low, you[what])) / (high - low) for you in rounds]
        assert np.allclose(at, [[44 + 270 * step / 2500, y] for step, y in zip((300, 1500), height, strict=True)])
        assert "at step 300" in curve.get_attribute("aria-label")


def test_votes_are_saved_as_a_table(tab, tmp_path):
    shown = tab(you_against_d())
    answers = play(shown, "G after 600 steps")["answers"]
    with shown.expect_download() as kept:
        shown.get_by_role("button", name="Save the votes").click()
    kept.value.save_as(tmp_path / "votes.csv")
    with (tmp_path / "votes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["number"]) for row in rows] == list(range(1, 21))
    assert [(row["truth"] == "real", row["answer"]) for row in rows] == [(a["real"], a["said"]) for a in answers]
    d = [1 / (1 + math.exp(-a["logit"])) for a in answers]
    assert [float(row["d_probability_real"]) for row in rows] == pytest.approx(d, rel=1e-5)


def test_pictures_in_colour_are_voted_on_without_d(tab):
    real = torch.randint(256, (4, 3, 8, 8), dtype=torch.uint8)
    shown = tab(real_or_fake(real, {"this G": 255 - real}, questions=6, feedback=True, thing="emoji"))
    result = play(shown, "this G", "123412")
    assert result["d"] is None and len(result["answers"]) == 6
    expect(shown.locator("tbody tr")).to_have_count(1)
    expect(shown.locator("svg")).to_have_count(0)


def test_on_a_saved_page_it_stands_in_a_frame_as_tall_as_itself(tab):
    around = tab(f"<!doctype html><html><body><p>A lesson.</p>{you_against_d()._repr_html_()}</body></html>")
    inside = around.frame_locator("iframe")
    play(inside, "G after 600 steps")
    around.evaluate(FRAMES)
    frame, body = around.locator("iframe").bounding_box(), inside.locator("body").bounding_box()
    assert body["height"] > 500 and frame["height"] == pytest.approx(body["height"] + 8, abs=2)


# You are G, then you are D -----------------------------------------------------------------------------------------


def state(shown: Page) -> dict:
    """What the page says of itself, once it has drawn."""
    shown.evaluate(FRAMES)
    return json.loads(shown.locator(".roles").get_attribute("data-state"))


def press(shown: Page, *names: str) -> None:
    """Buttons, in order."""
    for name in names:
        shown.get_by_role("button", name=name, exact=True).click()


def assert_theory(now: dict, p_data=P_DATA) -> None:
    """The page's numbers are those of course_lib.theory."""
    data, p, d = (torch.tensor(part, dtype=torch.float64) for part in (p_data, now["p"], now["d"]))
    assert p.sum().item() == pytest.approx(1, abs=1e-9) and (p >= 0).all()
    criterion, jsd = theory.criterion(data, p).item(), theory.jsd(data, p).item()
    assert (now["criterion"], now["jsd"]) == pytest.approx((criterion, jsd), abs=1e-9)
    assert now["value"] == pytest.approx(theory.value(d, data, p).item(), abs=1e-9)
    if now["role"] == "G":
        torch.testing.assert_close(d, theory.optimal_discriminator(data, p), atol=1e-12, rtol=0)
        assert now["value"] == pytest.approx(theory.C_MIN + 2 * jsd, abs=1e-9)
    else:
        worst = min(theory.value(d, data, one).item() for one in torch.eye(len(p_data), dtype=torch.float64))
        assert now["worst"] == pytest.approx(worst, abs=1e-9)


def drag(shown: Page, name: str, share: float) -> None:
    """Drag a bar from its foot upwards, by a share of the height of its area."""
    box = shown.get_by_role("slider", name=name).bounding_box()
    x, bottom = box["x"] + box["width"] / 2, box["y"] + box["height"] - 20
    shown.mouse.move(x, bottom)
    shown.mouse.down()
    shown.mouse.move(x, bottom - share * (box["height"] - 30), steps=5)
    shown.mouse.up()


def test_as_g_the_bars_move_by_mouse_and_d_follows(tab):
    shown = tab(you_are_g())
    before = state(shown)
    assert_theory(before)
    drag(shown, "p_g of outcome 4", 0.7)
    after = state(shown)
    assert_theory(after)
    assert after["p"][3] > 0.25 > before["p"][3] and after["value"] < before["value"]
    others = [p for i, p in enumerate(after["p"]) if i != 3]
    assert others == pytest.approx([others[0]] * 7, abs=1e-9)  # they were equal, and made room alike


def test_as_g_the_bars_move_by_keyboard(tab):
    shown = tab(you_are_g())
    shown.get_by_role("slider", name="p_g of outcome 1").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowUp", "ArrowDown", "Shift+ArrowUp", "PageUp"):
        shown.keyboard.press(key)
        state(shown)  # a frame between keys, as between those of a person
    now = state(shown)
    assert_theory(now)
    assert now["p"][2] == pytest.approx(0.125 + 0.01 + 0.05 + 0.1)
    assert shown.get_by_role("slider", name="p_g of outcome 3").get_attribute("aria-valuenow") == f"{now['p'][2]:.3f}"
    shown.keyboard.press("End")
    assert state(shown)["p"] == pytest.approx([0, 0, 1, 0, 0, 0, 0, 0])
    assert_theory(state(shown))
    shown.keyboard.press("Home")  # and back, though the others had nothing left
    assert state(shown)["p"] == pytest.approx([1 / 7] * 2 + [0] + [1 / 7] * 5)


def test_as_g_the_goal_is_minus_log_4_and_is_told_when_reached(tab):
    shown = tab(you_are_g())
    press(shown, "All on one")
    one = state(shown)
    assert_theory(one)
    assert one["done"] == ["one"] and max(one["p"]) == 1
    press(shown, "Copy the data")
    now = state(shown)
    assert now["value"] == pytest.approx(theory.C_MIN, abs=1e-12) and now["d"] == pytest.approx([0.5] * 8)
    assert now["done"] == ["one", "goal"]
    expect(shown.locator(".tasks li.done")).to_have_count(2)
    expect(shown.get_by_role("status")).to_contain_text("p_g is p_data but for little")


def test_as_d_each_players_move_helps_it_and_jumps_never_settle(tab):
    shown = tab(you_are_g())
    press(shown, "You are D")
    tops = []
    for _ in range(5):
        before = state(shown)
        press(shown, "My best answer")
        d_moved = state(shown)
        assert_theory(d_moved)
        assert d_moved["value"] >= before["value"] - 1e-9
        assert d_moved["value"] == pytest.approx(d_moved["criterion"], abs=0.02)  # D stops at 0.01 and 0.99
        press(shown, "G goes all the way")
        g_moved = state(shown)
        assert_theory(g_moved)
        assert g_moved["value"] == pytest.approx(g_moved["worst"], abs=1e-9) and g_moved["value"] < d_moved["value"]
        tops.append(g_moved["p"])
    assert all(before != after for before, after in pairwise(tops))
    assert "jump" in state(shown)["done"]
    assert [move["mover"] for move in state(shown)["moves"]] == ["D", "G"] * 5


def test_as_d_one_half_everywhere_secures_the_most(tab):
    shown = tab(you_are_g())
    press(shown, "You are D")
    assert "saddle" not in state(shown)["done"] and state(shown)["worst"] < theory.C_MIN - 0.1
    press(shown, "D = ½", "G goes all the way")
    now = state(shown)
    assert_theory(now)
    assert now["value"] == now["worst"] == pytest.approx(theory.C_MIN, abs=1e-12)
    assert "saddle" in now["done"]
    drag(shown, "D of outcome 2", 0.8)
    moved = state(shown)
    assert_theory(moved)
    assert moved["d"][1] > 0.6 and moved["worst"] < theory.C_MIN - 0.1


def test_as_d_small_steps_bring_g_to_the_data(tab):
    shown = tab(you_are_g([0.1, 0.6, 0.3]))
    press(shown, "You are D", "G goes all the way")
    start = state(shown)
    for count in (10, 20):
        press(shown, "Ten rounds")
        moves = "(n) => JSON.parse(document.querySelector('.roles').dataset.state).moves.length >= 2 * n"
        shown.wait_for_function(moves, arg=count + 1)
    now = state(shown)
    assert_theory(now, (0.1, 0.6, 0.3))
    assert now["jsd"] < 0.02 < start["jsd"] and "steps" in now["done"]


def test_as_d_g_can_answer_every_move_with_a_step(tab):
    shown = tab(you_are_g())
    press(shown, "You are D")
    shown.get_by_role("checkbox").check()
    before = state(shown)
    shown.get_by_role("slider", name="D of outcome 6").press("End")
    after = state(shown)
    assert_theory(after)
    towards = [0.9 * p + 0.1 * (i == 5) for i, p in enumerate(before["p"])]
    assert after["d"][5] == 0.99 and after["p"] == pytest.approx(towards)
    assert [move["mover"] for move in after["moves"]] == ["D", "G"]
