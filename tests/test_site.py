"""The built site, as a reader meets it: opened from disk, in real Chromium, with the network off.

`make test` builds the site before it runs this file.
"""

import re

import pytest

from browser import chromium, open_page  # noqa: F401  (chromium is a fixture)
from built_site import CHAPTERS, PAGES, ROOT, SITE, name
from nnbook.activations import ALL

# Every width and every scheme, though not each with each: a chapter takes seconds.
WAYS = {"360, dark": (360, "dark"), "768, light": (768, "light"), "1280, dark": (1280, "dark")}


def test_the_site_is_built():
    sources = {path.stem for path in (ROOT / "nbsrc").glob("*.md")}
    assert sources <= {page.stem for page in PAGES}, "run `make book` first"
    assert {page.stem for page in CHAPTERS} == {stem for stem in sources if stem[:2].isdigit()}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", PAGES, ids=name)
def test_page_stands_on_its_own(chromium, path, way):  # noqa: F811
    """No request leaves the site, the console stays silent, nothing is wider than the window."""
    width, scheme = WAYS[way]
    how = {"viewport": {"width": width, "height": 900}, "offline": True, "color_scheme": scheme}
    with open_page(chromium, path.as_uri(), **how) as (page, complaints, requests):
        page.wait_for_load_state("networkidle")
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        unset = page.locator(".katex-error").all_inner_texts()
        shown = page.locator("main").inner_text()
    assert [url for url in requests if not url.startswith((SITE.as_uri(), "data:", "blob:"))] == []
    assert complaints == []
    assert overflow <= 0
    assert unset == []
    assert not re.search(r"\\(frac|begin|mathrm|left|sigma|eta)\b|\$\$", visible(shown))


def visible(text: str) -> str:
    """The text without code, where a backslash may be wanted."""
    return "\n".join(line for line in text.splitlines() if "sp." not in line and '"' not in line)


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_every_picture_has_an_alternative_text(chromium, path):  # noqa: F811
    with open_page(chromium, path.as_uri(), offline=True) as (page, _, _):
        missing = page.evaluate(
            """() => [...document.querySelectorAll("article img, article .output svg")]
                 .filter(e => !e.closest("button, .katex, [role=img][aria-label]"))
                 .filter(e => !(e.alt ?? "").trim())
                 .map(e => e.outerHTML.slice(0, 80))"""
        )
        pictures = page.locator("article .nn-figure").count()
        explorers = page.locator("article .nn-explorer").count()
        numbered = page.locator("article figure:has(.nn-figure) > figcaption .caption-number")
        assert missing == []
        assert explorers >= 3
        assert numbered.count() == pictures


MOVES = """async explorer => {
  const drawn = () => explorer.querySelector("svg").innerHTML;
  const painted = () => new Promise(done => requestAnimationFrame(() => setTimeout(done, 20)));
  const stuck = [];
  for (const control of explorer.querySelectorAll(".nn-control")) {
    const input = control.querySelector("input[type=range], select");
    const options = [...control.querySelectorAll("input[type=radio]")];
    const last = input ? (input.options?.length ?? +input.max + 1) - 1 : options.length - 1;
    const seen = new Set();
    for (let at = 0; at <= last; at++) {
      if (input) input.options ? input.selectedIndex = at : input.value = at;
      else options[at].checked = true;
      (input ?? options[at]).dispatchEvent(new Event("input", {bubbles: true}));
      await painted();
      seen.add(drawn());
    }
    if (seen.size < 2) stuck.push(control.innerText);
  }
  return stuck;
}"""


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_every_control_moves_its_figure(chromium, path):  # noqa: F811
    """Each control, taken through all of its values, changes the drawing; the others stay."""
    with open_page(chromium, path.as_uri(), offline=True) as (page, complaints, _):
        explorers = page.locator(".nn-explorer").all()
        for explorer in explorers:
            explorer.scroll_into_view_if_needed()
            page.wait_for_timeout(200)
            others = [e.locator("svg").inner_html() for e in explorers if e != explorer]
            assert explorer.evaluate(MOVES) == []
            assert others == [e.locator("svg").inner_html() for e in explorers if e != explorer]
        assert complaints == []


QUERIES = sorted({f.__name__.replace("_", " ") for f in ALL} | {"softmax", "learning rate"})


@pytest.mark.parametrize("query", QUERIES)
def test_search_finds_the_names_of_formulas(chromium, query):  # noqa: F811
    """With the network off, from disk; each result with a line of its page."""
    address = f"{(SITE / 'search.html').as_uri()}?q={query.replace(' ', '+')}"
    with open_page(chromium, address, offline=True) as (page, complaints, _):
        results = page.locator("#search-results ul.search > li")
        results.first.wait_for()
        page.get_by_text("Search finished").wait_for()
        assert results.locator("p.context mark").count() >= 1
        target = results.first.locator("a").get_attribute("href")
        assert (SITE / target.split("#")[0]).is_file()
        assert complaints == []


def test_search_opens_by_keyboard(chromium):  # noqa: F811
    with open_page(chromium, CHAPTERS[0].as_uri(), offline=True) as (page, complaints, _):
        page.keyboard.press("Control+k")
        page.keyboard.type("gradient")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search.html?q=gradient")
        page.locator("#search-results ul.search > li").first.wait_for()
        assert complaints == []


def test_the_chosen_scheme_is_kept(chromium):  # noqa: F811
    with open_page(chromium, CHAPTERS[0].as_uri(), offline=True) as (page, complaints, _):
        scheme = "document.documentElement.dataset.theme"
        assert page.evaluate(scheme) == "light"
        page.locator(".theme-switch-button").first.click()
        assert page.evaluate(scheme) == "dark"
        page.goto(CHAPTERS[1].as_uri())
        assert page.evaluate(scheme) == "dark"
        assert complaints == []


def test_a_menu_opens_and_closes(chromium):  # noqa: F811
    with open_page(chromium, CHAPTERS[0].as_uri(), offline=True) as (page, _, _):
        button = page.locator(".dropdown-toggle").first
        menu = page.locator(".dropdown-menu").first
        button.focus()
        page.keyboard.press("Enter")
        assert menu.is_visible() and button.get_attribute("aria-expanded") == "true"
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.classList.contains('dropdown-item')")
        page.keyboard.press("Escape")
        assert not menu.is_visible() and button.get_attribute("aria-expanded") == "false"
        button.click()
        page.locator("article h1").click()
        assert not menu.is_visible()


def test_copied_code_is_the_code(chromium):  # noqa: F811
    with open_page(chromium, CHAPTERS[0].as_uri(), offline=True) as (page, complaints, _):
        button = page.locator("div.cell_input .copybtn:visible").first
        button.scroll_into_view_if_needed()
        button.click()
        page.locator(".copybtn.success").first.wait_for()
        assert complaints == []
