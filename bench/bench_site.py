"""What the built site costs a reader: a first visit on a slow phone, each move of each slider.

Run after `make book`. Times depend on the machine; bytes and counts are asserted by the tests.
"""

import functools
import gzip
import http.server
import sys
import threading
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browser import ARGS, PHONE, executable  # noqa: E402
from built_site import CHAPTERS, SITE, name  # noqa: E402

SLOWER = 4  # times, the processor of a cheap phone
PAINTED = """window.painted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((e) => window.painted = e.startTime))
  .observe({ type: "largest-contentful-paint", buffered: true });"""
# As in bench_explore.py: the input event, then all that must happen before the screen is painted.
MOVES = """async (explorer) => {
  const inputs = explorer.querySelectorAll("input[type=range]");
  const frame = () => new Promise(requestAnimationFrame), times = [];
  for (let i = 0; i < 30 * inputs.length; i++) {
    const slider = inputs[i % inputs.length];
    slider.value = (+slider.value + 1 + (i % 3)) % (+slider.max + 1);
    await frame();
    const callbacks = [], real = window.requestAnimationFrame;
    window.requestAnimationFrame = (callback) => callbacks.push(callback);
    let start = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    let spent = performance.now() - start;
    await new Promise((done) => setTimeout(done));
    start = performance.now();
    callbacks.forEach((callback) => callback(performance.now()));
    explorer.getBoundingClientRect();
    explorer.querySelectorAll("svg [data-part]").forEach((group) => group.getBBox());
    times.push(spent + performance.now() - start);
    window.requestAnimationFrame = real;
  }
  return times;
}"""


class Gzip(http.server.SimpleHTTPRequestHandler):
    """Files as a server sends them: compressed."""

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        content = gzip.compress(path.read_bytes(), 6) if path.is_file() else b""
        self.send_response(200 if content else 404)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def first_visit(browser, url):
    """Milliseconds until the largest piece is painted, the processor slowed down."""
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.add_init_script(PAINTED)
        slow = {"rate": SLOWER}
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", slow)
        page.goto(url)
        page.wait_for_timeout(500)
        return page.evaluate("painted")


def moves(browser, url):
    """Milliseconds of work for each move of each slider of the page."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(url)
        times = []
        for explorer in page.locator(".explorer:has(input[type=range])").all():
            explorer.scroll_into_view_if_needed()
            page.wait_for_timeout(300)
            times += explorer.evaluate(MOVES)
        return times


def main():
    serve = functools.partial(Gzip, directory=str(SITE))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGS)
        for chapter in CHAPTERS:
            url = f"http://127.0.0.1:{server.server_port}/{chapter.relative_to(SITE)}"
            painted = np.median([first_visit(browser, url) for _ in range(3)])
            middle, high = np.percentile(moves(browser, url), [50, 95])
            print(
                f"{name(chapter)}: painted after {painted / 1000:.2f} s at {SLOWER}× slowdown "
                f"(target 1); a move takes {middle:.1f} ms, 95th percentile "
                f"{high:.1f} ms (target 8)"
            )
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main()
