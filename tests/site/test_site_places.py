"""Where a reader is, and what links and keys do: previews, contents, drawers, keys, copies, 404."""

import functools
import http.server
import threading

import pytest

from browser import PHONE, open_page
from built_site import CHAPTERS, SITE, text
from opening import rest

CHAPTER = CHAPTERS[3]
LIT = "[...document.querySelectorAll('#page-contents [aria-current]')].map((link) => link.hash)"
PREVIEW = "#preview:not([hidden])"
KINDS = {
    "term": ("03-activations", "glossary.html#term-"),
    "figure": ("03-activations", "#fig-"),
    "source": ("03-activations", "bibliography.html#"),
    "formula": ("03-activations", "#equation-"),
    "section": ("glossary", "03-activations.html#"),
    "claim": ("08-training", "#claim-"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_shows_what_it_leads_to(chromium, kind):
    """On hover and on focus; Escape closes it; one can point at it."""
    page_name, part = KINDS[kind]
    address = (SITE / "book" / f"{page_name}.html").as_uri()
    with open_page(chromium, address, offline=True) as (page, complaints, requests):
        assert not any("/previews/" in url for url in requests)
        link = page.locator(f"article a.reference[href*='{part}']").first
        card = page.locator(PREVIEW)
        link.scroll_into_view_if_needed()
        link.hover()
        card.wait_for()
        assert len(card.inner_text().strip()) > 15
        assert card.locator("a:visible, button:visible").count() == 0
        box, window = card.bounding_box(), page.viewport_size
        assert box["x"] >= 0 and box["x"] + box["width"] <= window["width"]
        assert box["y"] >= 0 and box["y"] + box["height"] <= window["height"]
        if kind == "figure":
            assert card.locator("svg").count() == 1
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
        rest(page, 500)
        assert card.is_visible()
        page.keyboard.press("Escape")
        assert not card.is_visible()
        page.mouse.move(1, 1)
        page.keyboard.press("Shift+Tab")  # what follows is by keyboard
        link.focus()
        card.wait_for()
        assert link.get_attribute("aria-describedby") == "preview-text"
        assert len(page.locator("#preview-text").inner_text().strip()) > 15
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
        assert len(ids) == len(set(ids))
        assert complaints == []


def test_a_tap_shows_first_and_leads_then(chromium):
    how = {"offline": True, "has_touch": True, "is_mobile": True, "viewport": PHONE}
    with open_page(chromium, CHAPTER.as_uri(), **how) as (page, complaints, _):
        link = page.locator("article a[href*='glossary.html#term-']").first
        link.scroll_into_view_if_needed()
        link.tap()
        page.locator(PREVIEW).wait_for()
        assert page.url == CHAPTER.as_uri()
        for target in page.locator("#preview :is(a, button)").all():
            assert target.bounding_box()["height"] >= 43.5
        page.locator("#preview button").tap()
        assert page.locator(PREVIEW).count() == 0
        link.tap()
        page.locator("#preview a").tap()
        page.wait_for_url("**/glossary.html#term-*")
        assert complaints == []


def test_every_link_to_a_place_has_a_preview(chromium):
    """Of all links in a chapter to an id of the book."""
    with open_page(chromium, CHAPTER.as_uri(), offline=True) as (page, _, _):
        links = page.evaluate(
            """[...document.querySelectorAll("article a.reference.internal[href*='#']")]
                 .map((link) => new URL(link.href))
                 .map((url) => [url.pathname, url.hash.slice(1)])"""
        )
        for file in {path for path, _ in links}:
            name = file.split("/_build/html/")[1].removesuffix(".html")
            page.add_script_tag(path=SITE / "_static" / "previews" / f"{name}.js")
        known = page.evaluate(
            "Object.fromEntries(Object.entries(PREVIEWS).map(([k, v]) => [k, Object.keys(v)]))"
        )
        missing = [
            (path, id) for path, id in links
            if id not in known[path.split("/_build/html/")[1].removesuffix(".html")]
        ]  # fmt: skip
        assert len(links) > 30 and missing == []


LED = f"""async () => {{
  const wrong = [];
  for (const {{ id }} of document.querySelectorAll("article :is(section section, figure)[id]")) {{
    location.hash = id;
    await new Promise((done) => setTimeout(done, 60));
    const section = document.getElementById(id).closest("section:not(.nn-card)"), lit = {LIT};
    const chapter = section.querySelector(":scope > h1");
    if (chapter ? lit.length : lit.join() !== "#" + section.id) wrong.push([id, lit]);
  }}
  return wrong;
}}"""


def test_the_section_being_read_is_lit(chromium):
    """After a link to each section and to each figure, and at both ends of the page."""
    with open_page(chromium, CHAPTERS[0].as_uri(), offline=True) as (page, complaints, _):
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        rest(page, 300)
        last = page.locator("#page-contents a").last.get_attribute("href")
        assert page.evaluate(LIT) == [last]
        assert (
            page.locator(".where")
            .inner_text()
            .startswith(page.locator("#page-contents a").last.inner_text())
        )
        assert "100%" in page.locator(".where").inner_text()
        wrong = page.evaluate(LED)
        assert wrong == []
        # The reader moves on by the wheel.
        page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        page.mouse.wheel(0, 50)
        page.wait_for_function(f"({LIT}).length === 0")
        assert complaints == []


def test_chapters_say_how_long_they_take():
    for page in CHAPTERS:
        assert "minutes to read</p>" in text(page), page


@pytest.mark.parametrize("side", ["primary", "secondary"])
def test_a_drawer_closes_on_a_choice_and_by_its_button(chromium, side):
    how = {"offline": True, "has_touch": True, "is_mobile": True, "viewport": PHONE}
    with open_page(chromium, CHAPTER.as_uri(), **how) as (page, complaints, _):
        opener, drawer = page.locator(f".{side}-toggle"), page.locator(f"#pst-{side}-sidebar-modal")
        opener.tap()
        drawer.locator(".drawer-close").tap()
        assert not drawer.is_visible()
        opener.tap()
        choice = "#adam" if side == "primary" else "#softmax"
        link = drawer.locator(
            "a[href='07-optimizers.html']" if side == "primary" else f"a[href='{choice}']"
        )
        link.tap()
        if side == "primary":
            page.wait_for_url("**/07-optimizers.html")
        else:
            drawer.wait_for(state="hidden")
            rest(page, 300)
            assert 0 <= page.locator(choice).bounding_box()["y"] < 200
        assert page.locator("dialog[open]").count() == 0
        assert complaints == []


def test_one_key_each(chromium):
    with open_page(chromium, CHAPTER.as_uri(), offline=True) as (page, complaints, _):
        page.keyboard.press("n")
        page.wait_for_url("**/04-*.html")
        page.keyboard.press("p")
        page.wait_for_url("**/03-*.html")
        page.keyboard.press("/")
        page.locator("#pst-search-dialog[open]").wait_for()
        page.keyboard.type("np?/")  # letters in a field
        assert page.locator("#pst-search-dialog input").input_value() == "np?/"
        page.keyboard.press("Escape")
        page.locator("#pst-search-dialog").wait_for(state="hidden")
        page.keyboard.press("?")
        keys = page.locator("#keys")
        assert keys.locator("kbd").all_inner_texts() == ["n", "p", "/", "?"]
        keys.locator("input").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("n")
        rest(page, 300)
        assert page.url == CHAPTER.as_uri()
        assert complaints == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_first_slider_is_near(chromium, path):
    """Two Tabs, Enter, and a few more; the first Tab leads past the navigation."""
    with open_page(chromium, path.as_uri(), offline=True) as (page, _, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.hash") == "#main-content"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        rest(page, 300)
        for _ in range(6):
            page.keyboard.press("Tab")
            if page.evaluate(
                "document.activeElement.matches('.explorer :is(input, select, button)')"
            ):
                return
        raise AssertionError("no slider in six Tabs")


COPY = """(element) => {
  const range = document.createRange(), data = new DataTransfer();
  range.selectNodeContents(element);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  const how = { clipboardData: data, bubbles: true, cancelable: true };
  element.dispatchEvent(new ClipboardEvent("copy", how));
  return data.getData("text/plain") || getSelection().toString();
}"""


def test_copied_formulas_are_tex_and_copied_code_is_code(chromium):
    with open_page(chromium, CHAPTER.as_uri(), offline=True) as (page, complaints, _):
        for formula in page.locator("article p .math, article div.math").all()[:8]:
            tex = formula.locator("annotation").first.text_content()
            assert formula.evaluate(COPY).strip().strip("$").strip() == tex.strip()
        code = page.locator("div.cell_input pre:visible").first
        assert code.evaluate(COPY).rstrip() == code.text_content().rstrip()
        button = page.locator("div.cell_input .copybtn:visible").first
        button.scroll_into_view_if_needed()
        button.click()
        page.locator(".copybtn.success").first.wait_for()
        assert complaints == []


class Server(http.server.SimpleHTTPRequestHandler):
    """The site in a folder of its server; for what is not there, the page that says so."""

    def translate_path(self, path):
        return super().translate_path(path.removeprefix("/notes"))

    def send_error(self, code, *rest):
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write((SITE / "404.html").read_bytes())

    def log_message(self, *rest):
        pass


def test_page_not_found_finds_the_book_from_any_depth(chromium):
    handler = functools.partial(Server, directory=SITE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{server.server_port}/notes"
        for lost in ["/book/old/deep/soft-max.html", "/nothing", "/book/a/b/c/"]:
            with open_page(chromium, root + lost) as (page, _, _):
                page.wait_for_load_state("networkidle")
                assert (
                    page.locator("#first").evaluate("(link) => link.href")
                    == f"{root}/book/index.html"
                )
                page.locator("#search").click()
                page.wait_for_url(f"{root}/search.html**")
        # Below the Chinese edition it is the same file, and speaks Chinese.
        with open_page(chromium, f"{root}/zh/book/old/softmax.html") as (page, _, _):
            page.wait_for_load_state("networkidle")
            first = page.locator("#first")
            assert first.evaluate("(link) => link.href") == f"{root}/zh/book/index.html"
            assert (first.inner_text(), page.title()) == ("本书开头", "找不到页面")
            assert page.locator("html").get_attribute("lang") == "zh-Hans"
            page.locator("#search").click()
            page.wait_for_url(f"{root}/zh/search.html**")
        server.shutdown()
