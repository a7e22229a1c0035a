"""An explorer in JupyterLab: real ipywidgets, a live kernel."""

import math
import re
import warnings

import nbformat
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from lab import jupyter_lab, wait_until
from opening import DESKTOP

CELL = """
import os
from matplotlib.figure import Figure
from explorable import explore

fig = Figure(figsize=(5.6, 2), layout="constrained")
ax = fig.subplots()
(line,) = ax.plot([0, 1], [0, 1], color="#123456")
(dot,) = ax.plot([0.5], [0.5], "o", color="#654321")
ax.set(xlim=(0, 1), ylim=(0, 1))
live = []  # becomes true when everything has been drawn

def update(slope, style, eta):
    if live and slope == 6:
        raise ArithmeticError("six is too steep")
    line.set_data([0, 1], [0, slope / 9])
    dot.set_data([0.5], [eta])
    line.set_linestyle({"solid": "-", "dashed": "--"}[style])
    ax.set_title(f"by kernel {os.getpid()}" if live else "")

shown = explore(
    fig, update, alt="A line.", slope=range(1, 10), style=["solid", "dashed"], eta=(0.0, 1.0),
    start={"eta": 0.5}, play="slope", drag={dot: {"y": "eta"}},
)
live.append(True)
shown
"""


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
    page.locator(".jp-OutputArea .explorer-figure svg").first.wait_for(timeout=30_000)


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
        line = output.locator(".explorer-figure path[style*='123456']")
        value = output.locator(".widget-readout").first
        handle = output.locator(".noUi-handle").first
        handle.wait_for()
        assert output.locator("form.explorer-controls").count() == 0  # live, not the page
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
        said = alert.inner_text()
        assert "update(slope=6, style='dashed', eta=0.5) failed: ArithmeticError: six is" in said
        assert abs(slope() / first - 5) < 0.02  # the last good picture stays
        page.keyboard.press("ArrowRight")
        wait_until(page, lambda: abs(slope() / first - 7) < 0.02)
        wait_until(page, lambda: alert.count() == 0)
        check_hand(page, output)


def check_hand(page, output):
    """A point is dragged and the kernel draws at the very value; a ghost stays; reset; play."""
    dot = output.locator(".explorer-figure [role=img] use[style*='654321']")
    ring, read = output.locator(".explorer-handle"), output.locator(".widget-readout").nth(1)
    box = ring.bounding_box()
    x, y = box["x"] + 22, box["y"] + 22
    pin = output.get_by_role("button", name="Pin")
    pin.click()
    output.locator("div.explorer-ghost svg").wait_for()
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 30, steps=10)
    page.mouse.up()
    wait_until(page, lambda: float(read.inner_text()) > 0.55)

    def lies_at(locator, x, y):  # a drawing that is exchanged just now lies nowhere
        box = locator.bounding_box()
        middle = box and (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        return box and math.dist(middle, (x, y)) < 3

    wait_until(page, lambda: lies_at(dot, x, y - 30) and lies_at(ring, x, y - 30))
    pin.click()
    wait_until(page, lambda: output.locator(".explorer-ghost").count() == 0)
    output.get_by_role("button", name="Reset").click()
    wait_until(page, lambda: float(read.inner_text()) == 0.5)
    steps = output.locator(".widget-readout").first
    wait_until(page, lambda: steps.inner_text() == "1")
    output.locator(".jupyter-widgets .fa-play").first.click()
    wait_until(page, lambda: steps.inner_text() == "9", seconds=20)


def glyphs(page):
    """How many glyphs stand above the axes."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".jp-OutputArea .explorer-figure svg g[transform]")]
            .filter((g) => +g.getAttribute("transform").match(/ ([\\d.]+)/)?.[1] < 20)
            .reduce((n, g) => n + g.querySelectorAll("use").length, 0)"""
    )
