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


def expect_frame(page, which, number, drawn):
    """Wait until an explorer shows a frame, and compare each of its groups with what was drawn.

    drawn: what `decoded` made of each explorer of the page.
    """
    page.wait_for_function(
        "([i, n]) => document.querySelectorAll('figure.explorer')[i].dataset.frame == n",
        arg=[which, str(number)],
        timeout=5000,
    )
    _, parts, frames = drawn[which]
    wrong = page.evaluate(
        """([i, wanted]) => wanted.map((text, k) => {
            const group = document.querySelectorAll("figure.explorer")[i]
                .querySelector(`[data-part="${k}"]`);
            const expected = group.cloneNode(false);
            expected.innerHTML = text;
            return group.isEqualNode(expected) && group.childElementCount > 0 ? "" : `${k}`;
        }).filter(String)""",
        [which, [parts[k][n] for k, n in enumerate(frames[number])]],
    )
    assert wrong == [], f"explorer {which} shows frame {number} but for groups {wrong}"
