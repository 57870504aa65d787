"""Where Chromium is: decks are printed by it, and the tests drive it."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# The first two let it run as root in a container without a GPU; the rest keep it from asking the network
# for anything of its own, so that what a test records is what the page asked for.
LAUNCH_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> Path | None:
    """The Chromium or Chrome to drive: $CHROMIUM, else the first of `NAMES` on the PATH; None if there is none.

    Raises FileNotFoundError if $CHROMIUM is set to something that is not a file.
    """
    if chosen := os.environ.get("CHROMIUM"):
        if not Path(chosen).is_file():
            raise FileNotFoundError(f"CHROMIUM is '{chosen}', which is not a file. Set it to the browser's program.")
        return Path(chosen)
    found = (shutil.which(name) for name in NAMES)
    return next((Path(path) for path in found if path), None)
