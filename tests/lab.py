"""JupyterLab as `make lab` starts it, but on a copy of the notebooks, and what a reader does in it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import nbformat
import sources
from playwright.sync_api import Locator, Page, expect

FLAGS = ("--ip=localhost", "--ServerApp.root_dir=.", "--LabApp.default_url=/lab/tree/notebooks/00_welcome.ipynb")
START_SECONDS = 120
PATIENCE_MS = 120_000  # for every wait: a cold cache, a kernel's start, a lesson, other work on the same two cores

expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab. url: ends in a slash. folder: what it shows, a copy of the course."""

    url: str
    token: str
    folder: Path


@contextmanager
def running_lab(folder: Path) -> Iterator[Lab]:
    """JupyterLab on a copy of the derived notebooks in `folder`; it and its kernels are gone afterwards.

    It begins as on a student's first day, with settings and history that lie in `folder` and are empty, but for
    the answer "no" to the question whether to fetch news. Raises RuntimeError with its log if it does not start.
    """
    course, home = folder / "course", folder / "home"
    for target in sources.targets():
        if target.path.is_file():
            fresh_copy(target.path.relative_to(sources.REPO).as_posix(), course)
    fresh_copy("slides/rise.css", course)
    answered = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    answered.parent.mkdir(parents=True)
    answered.write_text('{"fetchNews": "false"}')
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "GAN_COURSE_SIZE": "quick",
    }
    environment.pop("JUPYTER_TOKEN", None)
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    command = [sys.executable, "-m", "jupyterlab", *FLAGS, *root, "--no-browser"]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            command,
            cwd=course,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield _when_ready(server, home, course)
    finally:
        _stop(server)


def fresh_copy(path: str, course: Path) -> None:
    """Put the file at `path`, relative to the repository, into the copy, as it is in the repository."""
    (course / path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(sources.REPO / path, course / path)


def end_kernels(lab: Lab) -> None:
    """Shut down every kernel, so that the next notebook starts with one of its own."""
    with _ask(lab, "GET", "api/kernels") as answer:
        kernels = json.load(answer)
    for kernel in kernels:
        _ask(lab, "DELETE", f"api/kernels/{kernel['id']}").close()


def open_notebook(lab: Lab, page: Page, path: str) -> Locator:
    """Open a fresh copy of a notebook in a JupyterLab of its own, and wait until it is all there and has a kernel."""
    fresh_copy(path, lab.folder)
    page.goto(f"{lab.url}lab/workspaces/{Path(path).stem}/tree/{path}?reset&token={lab.token}")
    return opened(lab, page, path)


def opened(lab: Lab, page: Page, path: str) -> Locator:
    """The panel of the notebook that is in front, once all its cells are there and its kernel is idle."""
    panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    cells = len(nbformat.read(lab.folder / path, as_version=4).cells)
    expect(page.locator(".lm-DockPanel-tabBar .lm-mod-current .lm-TabBar-tabLabel")).to_have_text(Path(path).name)
    expect(panel.locator(".jp-Cell")).to_have_count(cells)
    # While the kernel has no name the indicator says idle as well.
    expect(panel.locator(".jp-KernelName")).to_have_text("Python 3 (ipykernel)")
    expect(panel.locator(".jp-Notebook-ExecutionIndicator")).to_have_attribute("data-status", "idle")
    return panel


def choose(page: Page, menu: str, item: str) -> None:
    """Click an entry of JupyterLab's menu."""
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.locator(".lm-Menu-itemLabel").get_by_text(item, exact=True).click()


def run_all(page: Page, panel: Locator) -> list[str]:
    """Clear all outputs and run all cells through the menus; the prompts of the code cells once the kernel rests."""
    prompts = panel.locator(".jp-CodeCell .jp-InputPrompt")
    choose(page, "Edit", "Clear Outputs of All Cells")
    expect(prompts).to_have_text(["[ ]:"] * prompts.count())
    choose(page, "Run", "Run All Cells")
    # All wait from the start: so when one has run and none waits any more, all is over or an error has stopped it.
    expect(prompts.filter(has_text=re.compile(r"\d"))).not_to_have_count(0)
    expect(prompts.filter(has_text="*")).to_have_count(0)
    expect(panel.locator(".jp-Notebook-ExecutionIndicator")).to_have_attribute("data-status", "idle")
    return prompts.all_text_contents()


def _ask(lab: Lab, method: str, path: str):
    request = Request(lab.url + path, method=method, headers={"Authorization": f"token {lab.token}"})
    return build_opener(ProxyHandler({})).open(request)  # a proxy in the environment does not know our localhost


def _when_ready(server: subprocess.Popen, home: Path, course: Path) -> Lab:
    # The file that `jupyter server list` reads: it tells the port, which is another one where 8888 is taken.
    about = home / "runtime" / f"jpserver-{server.pid}.json"
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        if about.is_file() and (text := about.read_text()):
            server_info = json.loads(text)
            return Lab(server_info["url"], server_info["token"], course)
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{(home / 'log').read_text()[-4_000:]}")


def _stop(server: subprocess.Popen) -> None:
    server.terminate()  # it ends its kernels first; were it killed, they would notice and end themselves
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
