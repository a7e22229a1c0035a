"""A page in Chromium, and what it says and asks for."""

from contextlib import contextmanager

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

# Timed by the page's own clock, which waits with the page on a busy machine; then until no colour
# is on its way to another.
REST = """async (ms) => {
  await new Promise((rest) => setTimeout(rest, ms));
  await new Promise((rest) => requestAnimationFrame(() => requestAnimationFrame(rest)));
  const moving = document.getAnimations().filter((each) => each instanceof CSSTransition);
  await Promise.allSettled(moving.map((each) => each.finished));
}"""


@contextmanager
def open_page(browser, url, **context):
    """(page, complaints, requests): the network is off unless `offline` says otherwise."""
    complaints, requests = [], []
    with browser.new_context(**({"viewport": DESKTOP, "offline": True} | context)) as opened:
        opened.set_default_timeout(60_000)
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


def rest(page, ms=400):
    """Until the page has done what a change of its state, size or scheme sets going."""
    page.evaluate(REST, ms)


def hold_time(page):
    """From here on the page's time passes only when `page.clock.run_for` says so."""
    page.clock.install(time=0)
    page.clock.pause_at(3600)
