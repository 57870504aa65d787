"""The latent explorer in a browser: its size, its requests, the time from a key to a new picture, and its pixels.

    python benchmarks/explorer.py [--keys 300] [--latents 1000]

Headless Chromium opens the exported page from a file, with no network. For the digits and the emoji that come with the
course it prints

- the size of the one HTML file, and what it asked of the network;
- how long a picture takes to compute, and how long it is from a key pressed on the walk's slider until the new picture
  is in the canvas: medians and 95th percentiles. The screen shows it with its next frame;
- the largest difference between the page's pixels and PyTorch's, and between them and those of a PyTorch net with the
  same rounded weights, in [0, 1].

Where the weights of a generator are not there yet, one of its size with fresh weights stands in, and is named so.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path

import torch
from playwright.sync_api import Page, sync_playwright
from torch import Tensor, nn

from course_lib import browser
from course_lib.experiments.dcgan.shipped import shipped
from course_lib.explore import export, page
from course_lib.explore.layers import steps_of
from course_lib.explore.pack import rounded
from course_lib.explore.replay import replayed
from course_lib.models import conditional_dcgan, dcgan

GOALS = {"HTML, MB": 2.0, "28x28": 16.0, "32x32": 50.0, "PyTorch": 2 / 255, "same rounded weights": 1e-4}
WATCH = """() => {  // from the key's own time stamp to the moment when the picture and its z have changed
  window.waits = [];
  const slider = document.querySelector("input[type=range]");
  let pressed = 0, before = "";
  document.addEventListener("keydown", (event) => { pressed = event.timeStamp; before = slider.value; }, true);
  new MutationObserver(() => {
    if (!pressed || slider.value === before) return;  // a picture of the key before
    waits.push(performance.now() - pressed);
    pressed = 0;
  }).observe(document.querySelector("canvas.big"), { attributes: true, attributeFilter: ["data-z"] });
}"""
TIMED = (
    """(zs) => zs.map((z) => { const start = performance.now(); made(z, 1, 5); return performance.now() - start; })"""
)
PIXELS = "([zs, ys]) => zs.map((z, i) => Array.from(made(z, ys[i], 5).pixels))"


def generators() -> dict[str, nn.Module]:
    """The course's generators of images; fresh weights where none are shipped."""
    fresh = {"digits": lambda: dcgan.Generator(28, 1, 64, start=7), "emoji": lambda: dcgan.Generator(32, 3, 64)}
    found: dict[str, nn.Module] = {}
    for name, made in fresh.items():
        try:
            found[name] = shipped(name)[0]
        except FileNotFoundError:
            torch.manual_seed(0)
            found[f"{name}, fresh weights"] = made()
    torch.manual_seed(0)
    found["conditional DCGAN, 28x28, nf 32, fresh weights"] = conditional_dcgan.Generator(units=256, nf=32)
    return {name: generator.eval() for name, generator in found.items()}


def percentile(times: list[float], share: float = 0.95) -> float:
    """The value that so large a share of the times does not exceed."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def keys(shown: Page, n: int) -> list[float]:
    """Milliseconds from each of n keys to the picture that follows it."""
    shown.wait_for_timeout(500)  # the thumbnails are drawn by then
    shown.evaluate(WATCH)
    slider = shown.get_by_label("place on the walk")
    slider.focus()
    for number in range(n):
        shown.keyboard.press("ArrowRight" if number // 150 % 2 == 0 else "ArrowLeft")
        shown.wait_for_timeout(30)  # a person's finger, repeating
    return shown.evaluate("() => waits")


def pixels(shown: Page, generator: nn.Module, z: Tensor, y: Tensor) -> Tensor:
    """The page's pictures of z, (n, channel, height, width) in [0, 1]."""
    rows = []
    for part, labels in zip(z.split(50), y.split(50), strict=True):
        rows += shown.evaluate(PIXELS, [part.tolist(), labels.tolist()])
    with torch.no_grad():
        shape = asked(generator, z[:1], y[:1]).shape
    return torch.tensor(rows).unflatten(1, (*shape[2:], shape[1])).permute(0, 3, 1, 2)


def asked(generator: nn.Module, z: Tensor, y: Tensor) -> Tensor:
    """G(z), or G(z, y) where it takes a label."""
    return generator(z, y) if getattr(generator, "classes", 0) else generator(z)


def measured(shown: Page, generator: nn.Module, spec: dict, n_keys: int, n_latents: int) -> None:
    """Print what one generator's page takes, and how far its pictures are off."""
    torch.manual_seed(1)
    z, classes = generator.noise(n_latents), getattr(generator, "classes", 0)
    y = torch.arange(n_latents) % max(1, classes)
    computed, waits = shown.evaluate(TIMED, z[:200].tolist())[20:], keys(shown, n_keys)
    for what, times in (("a picture computed", computed), ("from key to picture", waits)):
        print(f"  {what:20} {statistics.median(times):6.1f} ms, 95th percentile {percentile(times):6.1f} ms")
    made, low = pixels(shown, generator, z, y), spec["low"]
    with torch.no_grad():
        label = y if classes else None
        same = replayed(rounded(steps_of(generator)), z, label, classes=classes)
        for name, x in (("PyTorch", asked(generator, z, y)), ("same rounded weights", same)):
            off = (made - (x - low) / (1 - low)).abs().max().item()
            print(f"  off {name:20} {off:.1e} at most on {n_latents:,} z, {255 * off:.2f} grey levels")


def main() -> None:
    """Measure every generator."""
    read = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    read.add_argument("--keys", type=int, default=300)
    read.add_argument("--latents", type=int, default=1_000)
    options = read.parse_args()
    print("goals:", ", ".join(f"{name} {goal:.3g}" for name, goal in GOALS.items()))
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        flags = [*browser.LAUNCH_FLAGS, "--host-resolver-rules=MAP * ~NOTFOUND"]
        program = driver.chromium.launch(executable_path=str(browser.chromium()), args=flags)
        window = program.new_context(viewport={"width": 800, "height": 600}, offline=True)
        for name, generator in generators().items():
            spec = export(generator)
            file = Path(folder) / "explorer.html"
            file.write_text(page(spec), encoding="utf-8")
            shown, requests = window.new_page(), []
            shown.on("request", lambda sent, to=requests: to.append(sent.url))
            shown.goto(file.as_uri())
            shown.evaluate("(spec) => { window.made = engine(spec); }", json.loads(json.dumps(spec)))
            beyond = [url for url in requests if not url.startswith(("file:", "data:", "blob:"))]
            print(f"{name}\n  HTML {file.stat().st_size / 1e6:.2f} MB, {len(beyond)} requests")
            measured(shown, generator, spec, options.keys, options.latents)
            shown.close()
        program.close()


if __name__ == "__main__":
    main()
