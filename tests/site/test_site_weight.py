"""What a first visit costs: bytes, requests, shifts of the layout, work that nobody asked for.

Bytes are counted as a server sends them, compressed by gzip (fonts and pictures are already).
"""

import gzip
import re
from urllib.parse import unquote, urlsplit

import pytest

from browser import DESKTOP, PHONE
from built_site import CHAPTERS, SITE, name, text
from opening import rest

BEFORE_EXPLORERS, WITH_ALL, REQUESTS = 250_000, 600_000, 20
SHIFT = 0.02
EXPLORER = re.compile(r'<figure class="explorer".*?</figure>', re.DOTALL)
COMPRESSED = {".woff2", ".png"}

WATCH = """
window.shift = window.unpacked = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
window.DecompressionStream = class extends DecompressionStream {
  constructor(...kind) { super(...kind); window.unpacked++; }
};
"""
# A window at a time; what comes near is noticed between two frames. (Once a frame never came.)
TO_THE_END = """async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight - 100) {
    scrollTo(0, y);
    await new Promise((seen) => {
      requestAnimationFrame(() => setTimeout(seen, 5));
      setTimeout(seen, 1000);
    });
  }
}"""


def sent(content: bytes) -> int:
    return len(gzip.compress(content))


def visit(chromium, page, window):
    """(files asked for, explorers unpacked at the top and at the end, shift of the layout, the
    root's own style: what a script sets there while one scrolls styles the whole page anew)"""
    with chromium.new_context(viewport=window, offline=True) as context:
        context.add_init_script(WATCH)
        opened = context.new_page()
        requests = []
        opened.on("request", lambda request: requests.append(request.url))
        opened.goto(page.as_uri())
        opened.evaluate("document.fonts.ready.then(() => 0)")
        rest(opened, 200)
        at_the_top = opened.evaluate("unpacked")
        opened.evaluate(TO_THE_END)
        rest(opened)
        root = opened.evaluate("document.documentElement.getAttribute('style')")
        return requests, at_the_top, *opened.evaluate("[unpacked, shift]"), root


@pytest.mark.parametrize("window", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("page", CHAPTERS, ids=name)
def test_a_first_visit_is_light_and_still(chromium, page, window):
    requests, at_the_top, at_the_end, shift, root = visit(chromium, page, window)
    files = [SITE / unquote(urlsplit(url).path).split("/_build/html/")[1]
             for url in dict.fromkeys(requests) if url.startswith("file:")]  # fmt: skip
    weights = {
        file.name: len(file.read_bytes()) if file.suffix in COMPRESSED else sent(file.read_bytes())
        for file in files
    }
    explorers = EXPLORER.findall(text(page))
    saved = sent(text(page).encode()) - sent(EXPLORER.sub("", text(page)).encode())
    total = sum(weights.values())
    assert total - saved <= BEFORE_EXPLORERS, weights
    assert total <= WITH_ALL, weights
    assert len(requests) <= REQUESTS
    assert [
        url for url in requests if "/search/" in url or "/previews/" in url
    ] == []  # not asked for
    assert shift < SHIFT
    assert root is None
    assert at_the_top < len(explorers) == at_the_end  # nothing is unpacked far from the reader
