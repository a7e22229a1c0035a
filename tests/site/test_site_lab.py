"""Every reader's notebook in JupyterLab, as `make lab` opens it: run from the top, a slider moved.

`make test-lab` runs this file: it executes all chapters once more, which nbval has done already.
"""

import os
import shutil

import pytest

from browser import DESKTOP
from built_site import ROOT
from lab import jupyter_lab, wait_until

CHAPTERS = sorted((ROOT / "_build" / "notebooks").glob("[0-9]*.ipynb"))
PICTURE = ".jp-OutputArea .explorer-figure svg"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    for path in CHAPTERS:
        shutil.copy(path, folder)
    env = {k: v for k, v in os.environ.items() if k != "NNBOOK_STATIC"}  # live
    with jupyter_lab(folder, env) as url:
        yield url


@pytest.mark.lab
@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_runs_and_a_slider_moves(chromium, lab, path):
    with chromium.new_context(viewport=DESKTOP) as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{lab}/lab/tree/{path.name}?reset")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()

        def kernel():
            kernels = page.request.get(f"{lab}/api/sessions").json()
            return next((s["kernel"] for s in kernels if s["path"] == path.name), None)

        def idle():
            return kernel() and kernel()["execution_state"] == "idle" and kernel()["connections"]

        def at_rest():
            """Idle for two seconds: between two cells it is idle for a moment."""
            for _ in range(10):
                if not idle():
                    return False
                page.wait_for_timeout(200)
            return True

        wait_until(page, idle, seconds=60)
        page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        handle = page.locator(".jp-OutputArea .noUi-handle").first
        handle.wait_for(timeout=120_000)  # the page holds native sliders; this one has a kernel
        wait_until(page, at_rest, seconds=200)
        assert (
            page.locator('.jp-OutputArea [data-mime-type="application/vnd.jupyter.error"]').count()
            == 0
        )
        box = handle.locator("xpath=ancestor::*[contains(@class, 'widget-vbox')][1]")
        handle.scroll_into_view_if_needed()
        drawn = box.locator(".explorer-figure svg").first.inner_html()
        handle.focus()
        now, end = (handle.get_attribute(f"aria-value{each}") for each in ("now", "max"))
        page.keyboard.press("ArrowLeft" if now == end else "ArrowRight")
        wait_until(page, lambda: box.locator(".explorer-figure svg").first.inner_html() != drawn)
        assert box.get_by_role("alert").count() == 0
        page.request.delete(f"{lab}/api/kernels/{kernel()['id']}")
