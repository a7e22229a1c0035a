"""Chromium for the browser tests: how it is started, and a page with what it says and asks for."""

import shutil
from contextlib import contextmanager

ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def executable():
    """The distribution's Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def open_page(browser, url, **context):
    """A page and what it said and asked for: (page, complaints, requests)."""
    complaints, requests = [], []
    with browser.new_context(**({"viewport": DESKTOP} | context)) as opened:
        opened.set_default_timeout(60_000)
        page = opened.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None,
        )
        page.on("request", lambda request: requests.append(request.url))
        page.on(
            "requestfailed",  # what is aborted was under way when the page was left
            lambda r: complaints.append(f"failed: {r.url}") if "ABORTED" not in r.failure else None,
        )
        page.goto(url)
        yield page, complaints, requests
