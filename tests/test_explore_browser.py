"""Explorers in real Chromium: a page from disk without a network, and a notebook in JupyterLab."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from contextlib import contextmanager, suppress

import nbformat
import numpy as np
import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from browser import DESKTOP, PHONE, open_page
from nnbook import plotting
from nnbook.explore import explore
from reading_svg import decoded

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Explorers</title>
<style>html[data-theme=dark]{{color-scheme:dark;background:#121212;color:#ddd}}
body{{margin:0 auto;max-width:720px;padding:0 16px;font-family:sans-serif}}</style></head>
<body><p>Before.</p>{0}<p style="height:{2}px">Between.</p>{1}<p>After.</p></body></html>"""


def descent():
    fig, (left, right) = plotting.figure(1, 2)
    x = np.linspace(-1, 1, 30)
    left.contourf(x, x, x**2 + 4 * x[:, None] ** 2, 8, cmap=plotting.TERRAIN)
    (path,) = left.plot([], [], "o-", color=plotting.ORANGE)
    right.set(xlim=(0, 20), ylim=(1e-9, 10), yscale="log")
    (loss,) = right.plot([], [])

    def update(eta, place):
        angle = {"east": 0.2, "north east": 0.8, "north": 1.4}[place]
        point = np.array([np.cos(angle), np.sin(angle)])
        points = np.array([point * (1 - eta * np.array([1, 2.0])) ** k for k in range(21)])
        path.set_data(points.T)
        loss.set_data(range(21), (points**2).sum(axis=1))
        right.set_title(rf"$\eta = {eta:.2f}$")

    controls = {"eta": np.linspace(0.05, 1.0, 20), "place": ["east", "north east", "north"]}
    return fig, update, controls


def curve():
    fig, ax = plotting.figure(height=2)
    x = np.linspace(0, 1, 40)
    (line,) = ax.plot(x, x)

    def update(power, colour):
        line.set_ydata(x**power)
        line.set_color(colour.split()[-1])

    colours = [f"a long name for a colour: {c}" for c in ("red", "green", "blue")]
    return fig, update, {"power": range(1, 6), "colour": colours}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Two explorers: near together in one file, the second far below the first in another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NNBOOK_STATIC", "1")
        shown = [
            explore(fig, update, alt=f"Figure {i}.", **controls).html
            for i, (fig, update, controls) in enumerate((descent(), curve()))
        ]
    folder = tmp_path_factory.mktemp("pages")
    files = {}
    for name, height in (("near", 20), ("far", 5000)):
        file = folder / f"{name}.html"
        file.write_text(PAGE.format(*shown, height), encoding="utf-8")
        files[name] = file.as_uri()
    return files, [decoded(page) for page in shown]


def explorers(page):
    page.wait_for_function("document.querySelectorAll('.nn-explorer[data-ready]').length == 2")
    return page.locator(".nn-explorer").all()


def expect_frame(page, which, number, drawn):
    """Wait until an explorer shows a frame, and compare each of its groups with what was drawn."""
    page.wait_for_function(
        "([i, n]) => document.querySelectorAll('.nn-explorer')[i].dataset.frame == n",
        arg=[which, str(number)],
        timeout=5000,
    )
    _, parts, frames = drawn[which]
    wrong = page.evaluate(
        """([i, wanted]) => wanted.map((text, k) => {
            const group = document.querySelectorAll(".nn-explorer")[i]
                .querySelector(`[data-nn="${k}"]`);
            const expected = group.cloneNode(false);
            expected.innerHTML = text;
            return group.isEqualNode(expected) && group.childElementCount > 0 ? "" : k;
        }).filter(String)""",
        [which, [parts[k][n] for k, n in enumerate(frames[number])]],
    )
    assert wrong == [], f"explorer {which} shows frame {number} but for groups {wrong}"


def clean(page, complaints, requests, url):
    assert complaints == []
    assert requests == [url]
    width, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= seen, f"the page is {width} pixels wide in a window of {seen}"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_control_moves_its_own_figure_and_no_other(chromium, pages, size, theme):
    files, drawn = pages
    with open_page(chromium, files["near"], viewport=size, offline=True) as (page, *said):
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        first, second = explorers(page)
        expect_frame(page, 0, 0, drawn)
        first.locator("input[type=range]").fill("7")
        expect_frame(page, 0, 21, drawn)
        expect_frame(page, 1, 0, drawn)
        first.get_by_role("radio", name="north", exact=True).check()
        expect_frame(page, 0, 23, drawn)
        second.locator("select").select_option(index=2)
        expect_frame(page, 1, 2, drawn)
        second.locator("input[type=range]").fill("4")
        expect_frame(page, 1, 14, drawn)
        expect_frame(page, 0, 23, drawn)
        assert first.locator("output").inner_text() == "0.4"
        assert first.locator("input[type=range]").get_attribute("aria-valuetext") == "0.4"
        clean(page, *said, files["near"])


def test_the_colours_follow_the_page(chromium, pages):
    files, _ = pages
    with open_page(chromium, files["near"]) as (page, *_):
        path = page.locator(".nn-explorer").first.locator("[data-nn] path").first
        colour = "e => getComputedStyle(e).stroke"
        assert path.evaluate(colour) == "rgb(204, 132, 0)"
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        assert path.evaluate(colour) == "rgb(240, 173, 31)"
        text = page.locator(".nn-explorer svg g[style*=currentColor]").first
        assert text.evaluate("e => getComputedStyle(e).fill") == "rgb(221, 221, 221)"


def test_by_keyboard(chromium, pages):
    files, drawn = pages
    with open_page(chromium, files["near"], offline=True) as (page, *said):
        first, _ = explorers(page)
        page.keyboard.press("Tab")  # the first thing to reach is the first slider
        for key, frame in (
            ("ArrowRight", 3),
            ("ArrowUp", 6),
            ("ArrowLeft", 3),
            ("End", 57),
            ("PageDown", 51),
            ("PageUp", 57),
            ("Home", 0),
        ):
            page.keyboard.press(key)
            expect_frame(page, 0, frame, drawn)
        slider = first.locator("input[type=range]")
        focused = slider.screenshot()
        slider.blur()
        assert slider.screenshot() != focused  # the focus can be seen
        slider.focus()
        page.keyboard.press("Tab")  # then its choice
        page.keyboard.press("ArrowRight")
        expect_frame(page, 0, 1, drawn)
        page.keyboard.press("Enter")  # a form must not be sent anywhere
        first.locator("form").evaluate("form => form.requestSubmit()")
        page.keyboard.press("ArrowLeft")
        expect_frame(page, 0, 0, drawn)
        clean(page, *said, files["near"])


def test_a_fast_drag_ends_at_the_right_frame(chromium, pages):
    files, drawn = pages
    with open_page(chromium, files["near"], offline=True) as (page, *said):
        first, _ = explorers(page)
        page.evaluate(
            """() => {
                window.swaps = 0;
                new MutationObserver(() => window.swaps++).observe(
                    document.querySelector(".nn-explorer"),
                    { attributes: true, attributeFilter: ["data-frame"] });
                const slider = document.querySelector(".nn-explorer input[type=range]");
                for (let n = 0; n < 400; n++) {
                    slider.value = n % 20;
                    slider.dispatchEvent(new Event("input", { bubbles: true }));
                }
            }"""
        )
        expect_frame(page, 0, 57, drawn)
        assert page.evaluate("window.swaps") <= 2  # 400 moves, one drawing for the screen
        box = first.locator("input[type=range]").bounding_box()
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] - 11, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + 11, middle, steps=40)
        page.mouse.up()
        expect_frame(page, 0, 0, drawn)
        clean(page, *said, files["near"])


def test_by_touch_on_a_phone(chromium, pages):
    files, drawn = pages
    context = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "offline": True}
    with open_page(chromium, files["near"], **context) as (page, *said):
        first, _ = explorers(page)
        slider = first.locator("input[type=range]")
        box = slider.bounding_box()
        assert box["height"] >= 40 and box["width"] >= 300
        page.touchscreen.tap(box["x"] + box["width"] - 12, box["y"] + box["height"] / 2)
        expect_frame(page, 0, 57, drawn)
        choice = first.locator(".nn-choice label")
        assert all(label.bounding_box()["height"] >= 40 for label in choice.all())
        choice.nth(1).tap()
        expect_frame(page, 0, 58, drawn)
        assert slider.evaluate("e => getComputedStyle(e).touchAction") == "pan-y"
        picture = first.locator("svg").bounding_box()
        assert picture["width"] >= 350
        clean(page, *said, files["near"])


def test_nothing_moves_and_nothing_is_unpacked_before_its_time(chromium, pages):
    files, drawn = pages
    with open_page(chromium, "about:blank") as (page, *_):
        page.add_init_script(
            """window.unpacked = 0;
            const Real = window.DecompressionStream;
            window.DecompressionStream = class extends Real {
                constructor(...given) { super(...given); window.unpacked++; }
            };
            window.shift = 0;
            new PerformanceObserver((list) => {
                for (const entry of list.getEntries()) window.shift += entry.value;
            }).observe({ type: "layout-shift", buffered: true });"""
        )
        page.goto(files["far"])
        explorers(page)
        page.wait_for_function("window.unpacked == 1")
        page.wait_for_timeout(100)
        assert page.evaluate("window.unpacked") == 1
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_function("window.unpacked == 2")
        assert page.evaluate("window.shift") == 0
        expect_frame(page, 1, 0, drawn)


def test_without_scripts_the_first_frame_stands_alone(chromium, pages):
    files, drawn = pages
    with open_page(chromium, files["near"], java_script_enabled=False) as (page, *said):
        assert page.locator(".nn-explorer svg").first.is_visible()
        assert page.locator(".nn-controls").count() == 2
        assert not any(form.is_visible() for form in page.locator(".nn-controls").all())
        assert said == [[], [files["near"]]]


def test_in_print_there_are_no_controls(chromium, pages):
    files, _ = pages
    with open_page(chromium, files["near"]) as (page, *_):
        page.emulate_media(media="print")
        assert page.locator(".nn-explorer svg").first.is_visible()
        assert not any(form.is_visible() for form in page.locator(".nn-controls").all())


def test_frames_that_cannot_be_read_leave_the_first(chromium, pages, tmp_path):
    files, drawn = pages
    broken = tmp_path / "broken.html"
    with open_page(chromium, files["near"]) as (page, *_):
        text = page.content()
    text = re.sub(r'(x-nn-frames">)[^<]{40}', r"\1" + "A" * 40, text, count=1)
    broken.write_text(re.sub(r' data-ready="true"', "", text), encoding="utf-8")
    with open_page(chromium, broken.as_uri()) as (page, complaints, _):
        first, second = explorers(page)
        first.locator("form").wait_for(state="hidden")
        assert first.locator("svg").is_visible()
        assert any("its frames cannot be read" in text for text in complaints)
        second.locator("input[type=range]").fill("1")
        expect_frame(page, 1, 3, drawn)


# ---- JupyterLab: real ipywidgets, a live kernel.

CELL = """
import os
from nnbook import plotting
from nnbook.explore import explore

fig, ax = plotting.figure(height=2)
(line,) = ax.plot([0, 1], [0, 1])
live = []  # becomes true when everything has been drawn

def update(slope, style):
    if live and slope == 6:
        raise ArithmeticError("six is too steep")
    line.set_data([0, 1], [0, slope / 9])
    line.set_linestyle({"solid": "-", "dashed": "--"}[style])
    ax.set_title(f"by kernel {os.getpid()}" if live else "")

shown = explore(fig, update, alt="A line.", slope=range(1, 10), style=["solid", "dashed"])
live.append(True)
shown
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextmanager
def jupyter_lab(folder):
    """A JupyterLab server of our own on loopback; it and its kernels are gone afterwards."""
    port = free_port()
    home = {f"JUPYTER_{k}_DIR": str(folder / f".{k}") for k in ("CONFIG", "DATA", "RUNTIME")}
    home |= {"IPYTHONDIR": str(folder / ".ipython"), "JUPYTERLAB_SETTINGS_DIR": str(folder / ".s")}
    env = {k: v for k, v in os.environ.items() if k != "NNBOOK_STATIC"} | home
    options = ["--no-browser", "--ServerApp.token=", "--ServerApp.password=", f"--port={port}"]
    options += [
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port_retries=0",
        f"--notebook-dir={folder}",
    ]
    options += ["--allow-root", "--LabApp.news_url=", "--LabApp.check_for_updates_class="
                "jupyterlab.NeverCheckForUpdate"]  # fmt: skip
    command = [sys.executable, "-m", "jupyter", "lab", *options]
    with open(folder / "server.log", "w") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True
        )
        try:
            for _ in range(240):
                time.sleep(0.25)
                if server.poll() is not None:
                    break
                with (
                    suppress(OSError),
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status", timeout=5),
                ):
                    yield f"http://127.0.0.1:{port}"
                    return
            pytest.fail("JupyterLab did not start:\n" + (folder / "server.log").read_text()[-2000:])
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait(15)


def run_all(page, url):
    page.goto(url + "/lab/tree/explorer.ipynb?reset")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=60_000)

    def connected():
        kernels = page.request.get(url + "/api/kernels").json()
        return any(k["execution_state"] == "idle" and k["connections"] for k in kernels)

    # A cell that is run earlier brings up a dialog that asks for a kernel.
    wait_until(page, connected, seconds=30)
    page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.locator(".jp-OutputArea .nn-figure svg").first.wait_for(timeout=30_000)


def test_live_in_jupyterlab(chromium, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "explorer.ipynb")
    with jupyter_lab(tmp_path) as url, chromium.new_context(viewport=DESKTOP) as context:
        page = context.new_page()
        try:
            run_all(page, url)
        except (PlaywrightTimeout, TimeoutError):
            warnings.warn("the kernel hung at start-up; the notebook is run again", stacklevel=1)
            run_all(page, url)
        output = page.locator(".jp-OutputArea").first
        line = output.locator(".nn-figure path[style*=nn-blue]")
        value = output.locator(".widget-readout").first
        handle = output.locator(".noUi-handle")
        handle.wait_for()
        assert output.locator("form.nn-controls").count() == 0  # live, not the page
        assert value.inner_text() == "1"

        def slope():
            x0, y0, x1, y1 = map(float, re.findall(r"[\d.]+", line.get_attribute("d")))
            return (y0 - y1) / (x1 - x0)

        first = slope()
        handle.focus()
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        page.wait_for_function("document.querySelector('.widget-readout').textContent == '5'")
        wait_until(page, lambda: abs(slope() / first - 5) < 0.02)
        assert glyphs(page) > 0  # the title that only a kernel could have written
        output.get_by_role("button", name="dashed").click()
        wait_until(page, lambda: "dasharray" in line.get_attribute("style"))
        handle.focus()
        page.keyboard.press("ArrowRight")
        alert = output.get_by_role("alert")
        alert.wait_for(timeout=10_000)
        assert "update(slope=6, style='dashed') failed: ArithmeticError: six is too steep" in (
            alert.inner_text()
        )
        assert abs(slope() / first - 5) < 0.02  # the last good picture stays
        page.keyboard.press("ArrowRight")
        wait_until(page, lambda: abs(slope() / first - 7) < 0.02)
        wait_until(page, lambda: alert.count() == 0)


def glyphs(page):
    """How many glyphs stand above the axes."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".jp-OutputArea .nn-figure svg g[transform]")]
            .filter((g) => +g.getAttribute("transform").match(/ ([\\d.]+)/)?.[1] < 20)
            .reduce((n, g) => n + g.querySelectorAll("use").length, 0)"""
    )


def wait_until(page, condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s in vain")
        page.wait_for_timeout(50)
