"""An explorer in JupyterLab: real ipywidgets, a live kernel."""

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
        handle = output.locator(".noUi-handle")
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
        """() => [...document.querySelectorAll(".jp-OutputArea .explorer-figure svg g[transform]")]
            .filter((g) => +g.getAttribute("transform").match(/ ([\\d.]+)/)?.[1] < 20)
            .reduce((n, g) => n + g.querySelectorAll("use").length, 0)"""
    )
