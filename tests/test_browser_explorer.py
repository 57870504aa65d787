"""The latent explorer in a browser without a network: its pictures are PyTorch's, and every control does what it says."""

import json

import pytest
import torch
from playwright.sync_api import Error, Page, expect, sync_playwright
from test_explore_export import GENERATORS, generator_named, images
from torch import nn

from course_lib import browser
from course_lib.explore import export, page
from course_lib.explore.layers import steps_of
from course_lib.explore.pack import rounded
from course_lib.explore.replay import replayed
from course_lib.models import cgan, mlp

pytestmark = pytest.mark.browser
ASK = "([z, y]) => Array.from(made(z, y, 5).pixels)"


@pytest.fixture(scope="module")
def window():
    if browser.chromium() is None:
        pytest.skip("no Chromium: install it, or set CHROMIUM to its program")
    with sync_playwright() as driver:
        program = driver.chromium.launch(
            executable_path=str(browser.chromium()),
            args=[*browser.LAUNCH_FLAGS, "--host-resolver-rules=MAP * ~NOTFOUND"],
        )
        yield program.new_context(viewport={"width": 800, "height": 600}, accept_downloads=True, offline=True)
        program.close()


@pytest.fixture
def tab(window, tmp_path):
    """A function that opens a generator's page from a file. Afterwards: no error, and nothing was asked for."""
    pages, wrong = [], []

    def opened(generator, **about) -> Page:
        spec = export(generator, **about)
        file = tmp_path / f"explorer-{len(pages)}.html"
        file.write_text(page(spec), encoding="utf-8")
        shown = window.new_page()
        pages.append(shown)
        shown.on("pageerror", lambda error: wrong.append(str(error)))
        shown.on(
            "request",
            lambda sent: wrong.append(sent.url) if not sent.url.startswith(("file:", "data:", "blob:")) else None,
        )
        shown.goto(file.as_uri())
        shown.evaluate("(spec) => { window.made = engine(spec); }", spec)
        return shown

    yield opened
    for shown in pages:
        shown.close()
    assert wrong == []


def latent(shown: Page) -> list[float]:
    """The z of the large picture, once it is drawn."""
    shown.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return json.loads(shown.locator("canvas.big").get_attribute("data-z"))


@pytest.mark.parametrize("name", GENERATORS)
def test_the_pages_pixels_are_pytorchs(tab, name):
    """With the same rounded weights to 1e-4; with the generator's own to 2 of 255 grey levels."""
    generator = generator_named(name)
    z, x, y = images(generator)
    spec, classes = export(generator), getattr(generator, "classes", 0)
    shown = tab(generator)
    pixels = torch.tensor([shown.evaluate(ASK, [row.tolist(), n % max(1, classes)]) for n, row in enumerate(z)])
    pixels = pixels.unflatten(1, (*x.shape[2:], x.shape[1])).permute(0, 3, 1, 2)
    same_weights = replayed(rounded(steps_of(generator)), z, y, classes=classes)
    for of_pytorch, most in ((same_weights, 1e-4), (x, 2 / 255)):
        assert (pixels - (of_pytorch - spec["low"]) / (1 - spec["low"])).abs().max() < most


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_weights_of_every_width_arrive_as_they_were_packed(tab, bits):
    """An odd number of weights in some layers, so that the last byte of low bits is not full."""
    torch.manual_seed(0)
    generator = mlp.Generator(9, (7, 5), (3, 5, 3), batch_norm=True, output=nn.Tanh()).eval()
    z = generator.noise(4)
    shown = tab(generator, bits=bits)
    pixels = torch.tensor([shown.evaluate(ASK, [row.tolist(), 0]) for row in z]).unflatten(1, (5, 3, 3))
    x = replayed(rounded(steps_of(generator), bits), z)
    torch.testing.assert_close(pixels.permute(0, 3, 1, 2), (x + 1) / 2, rtol=0, atol=1e-5)


def test_a_latent_of_another_length_is_refused_in_words(tab):
    shown = tab(generator_named("dense"))
    with pytest.raises(Error, match="z has 2 numbers; this generator takes 9"):
        shown.evaluate(ASK, [[0.0, 1.0], 0])


def test_a_picture_is_drawn_with_the_key_and_not_a_frame_later(tab):
    """What comes twice within a frame is drawn once for both; the second waits for the frame and is not lost."""
    shown = tab(generator_named("digits"))
    latent(shown)  # the first frames are over
    shown.wait_for_timeout(100)
    at_once, last = shown.evaluate("""() => {
        const place = document.querySelector("input[type=range]"), said = document.querySelector(".said");
        const put = (v) => { place.value = v; place.dispatchEvent(new Event("input")); return said.textContent; };
        return [put(1), put(2)]; }""")
    assert "at 1.00 of 8" in at_once and "at 1.00 of 8" in last
    expect(shown.locator(".said")).to_have_text("On the walk at 2.00 of 8, in straight lines.")


def test_dropout_that_is_noise_silences_the_same_numbers_as_in_python(tab):
    torch.manual_seed(0)
    generator = cgan.Generator(9, 10, (20, 30), 40, dropout_is_noise=True)
    z, y = generator.noise(3), torch.arange(3)
    x = replayed(rounded(steps_of(generator)), z, y, classes=10, seed=5).flatten(1)
    shown = tab(generator)
    for row, label, image in zip(z, y, x, strict=True):
        assert shown.evaluate(ASK, [row.tolist(), int(label)]) == pytest.approx(image.tolist(), abs=1e-4)


def test_a_walk_goes_from_stop_to_stop_straight_or_along_great_circles(tab):
    shown = tab(generator_named("digits"))
    place = shown.get_by_label("place on the walk")

    def at(where: float) -> torch.Tensor:
        place.fill(str(where))
        return torch.tensor(latent(shown))

    start, middle, end = at(2), at(2.5), at(3)
    torch.testing.assert_close(middle, (start + end) / 2, atol=1e-5, rtol=0)
    shown.get_by_role("button", name="Great circles").click()
    curved = at(2.5)
    assert curved.norm().item() == pytest.approx(((start.norm() + end.norm()) / 2).item(), rel=1e-4)
    torch.testing.assert_close(at(2), start, atol=1e-5, rtol=0)
    shown.get_by_role("button", name="stop 3").click()
    torch.testing.assert_close(torch.tensor(latent(shown)), end, atol=1e-5, rtol=0)


def test_a_walk_plays_and_stops(tab):
    shown = tab(generator_named("digits"))
    shown.get_by_role("button", name="Play").click()
    expect(shown.locator(".said")).not_to_have_text("On the walk at 0.00 of 8, in straight lines.")
    shown.get_by_role("button", name="Pause").click()
    expect(shown.get_by_role("button", name="Play")).to_be_visible()
    rests = latent(shown)
    shown.wait_for_timeout(100)
    assert latent(shown) == rests


def test_arithmetic_is_of_means_of_three_or_of_single_images_and_goes_by_keyboard(tab):
    shown = tab(generator_named("digits"))
    shown.get_by_role("button", name="Arithmetic").click()
    bank = shown.locator(".bank button")
    bank.nth(0).click()
    alone = torch.tensor(latent(shown))  # of one image, before A, B and C are complete
    assert alone.abs().max() <= 1
    shown.keyboard.press("ArrowRight")
    shown.keyboard.press("Enter")
    shown.keyboard.press("b")
    for _ in range(3):
        shown.keyboard.press("ArrowRight")
        shown.keyboard.press("Enter")
    shown.keyboard.press("c")
    shown.keyboard.press("ArrowLeft")
    shown.keyboard.press("Space")
    assert [bank.nth(i).get_attribute("data-in") for i in range(6)] == ["A", "A", "B", "BC", "B", ""]
    several = torch.tensor(latent(shown))
    expect(shown.locator(".said")).to_have_text("A minus B plus C, means of up to three.")
    shown.get_by_role("button", name="Means of three").click()
    single = torch.tensor(latent(shown))
    expect(shown.locator(".said")).to_have_text("A minus B plus C, single images.")
    assert not torch.allclose(several, single)
    shown.get_by_role("button", name="Clear").click()
    zs = []
    for number in range(5):  # each alone, to know its z
        bank.nth(number).click()
        zs.append(torch.tensor(latent(shown)))
        bank.nth(number).click()
    torch.testing.assert_close(single, zs[0] - zs[2] + zs[3], atol=1e-4, rtol=0)
    torch.testing.assert_close(several, (zs[0] + zs[1]) / 2 - (zs[2] + zs[3] + zs[4]) / 3 + zs[3], atol=1e-4, rtol=0)


def test_a_direction_moves_z_along_itself(tab):
    direction = torch.zeros(100)
    direction[7] = 1.0
    shown = tab(generator_named("digits"), directions={"slant": direction})
    shown.get_by_role("button", name="Direction").click()
    before = torch.tensor(latent(shown))
    shown.get_by_label("how far along the direction").fill("1.5")
    torch.testing.assert_close(torch.tensor(latent(shown)) - before, 1.5 * direction, atol=1e-5, rtol=0)
    expect(shown.locator(".said")).to_have_text("slant, 1.50 times.")


def test_a_conditional_generator_has_a_button_for_each_label_and_keeps_z(tab):
    shown = tab(generator_named("conditional DCGAN"), names=[f"digit {n}" for n in range(10)])
    before, drawn = latent(shown), shown.locator("canvas.big").evaluate("(canvas) => canvas.toDataURL()")
    shown.get_by_role("button", name="digit 7").click()
    assert latent(shown) == before
    assert shown.locator("canvas.big").evaluate("(canvas) => canvas.toDataURL()") != drawn
    assert shown.get_by_role("button", name="digit 7").get_attribute("aria-pressed") == "true"


def test_latent_and_picture_are_saved(tab, tmp_path):
    shown = tab(generator_named("conditional"))
    with shown.expect_download() as kept:
        shown.get_by_role("button", name="Save z").click()
    kept.value.save_as(tmp_path / "z.json")
    told = json.loads((tmp_path / "z.json").read_text())
    assert told["z"] == pytest.approx(latent(shown), abs=1e-6) and told["label"] == 0
    with shown.expect_download() as picture:
        shown.get_by_role("button", name="Save picture").click()
    picture.value.save_as(tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
