"""A page in Chromium, and what it says and asks for."""

from contextlib import contextmanager

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def open_page(browser, url, **context):
    """(page, complaints, requests): the network is off unless `offline` says otherwise."""
    complaints, requests = [], []
    with browser.new_context(**({"viewport": DESKTOP, "offline": True} | context)) as opened:
        opened.set_default_timeout(10_000)
        page = opened.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None,
        )
        page.on("request", lambda request: requests.append(request.url))
        page.goto(url)
        yield page, complaints, requests


def explorers(page, count=1):
    """The explorers of a page, once they are ready."""
    page.wait_for_function(
        "n => document.querySelectorAll('figure.explorer[data-ready]').length == n", arg=count
    )
    return page.locator("figure.explorer").all()
