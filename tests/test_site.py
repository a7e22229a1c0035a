"""The built site, as a reader meets it: opened from disk, in real Chromium, with the network off.

`make test` builds the site before it runs this file.
"""

import re
from pathlib import Path

import pytest

from browser import DESKTOP, PHONE, chromium, open_page  # noqa: F401  (chromium is a fixture)

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"
PAGES = sorted(SITE.glob("book/*.html"))
CHAPTERS = [page for page in PAGES if page.stem[:2].isdigit()]


def name(page: Path) -> str:
    return page.stem


def test_the_site_is_built():
    assert {p.stem for p in CHAPTERS} == {p.stem for p in (ROOT / "nbsrc").glob("*.md")}, (
        "run `make book` first"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("window", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("path", PAGES, ids=name)
def test_page_stands_on_its_own(chromium, path, window, scheme):  # noqa: F811
    """No request leaves the site, the console stays silent, nothing is wider than the window."""
    how = {"viewport": window, "offline": True, "color_scheme": scheme}
    with open_page(chromium, path.as_uri(), **how) as (page, complaints, requests):
        page.wait_for_load_state("networkidle")
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        unset = page.locator(".katex-error").all_inner_texts()
        shown = page.locator("article").inner_text()
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


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_links_within_the_page_lead_somewhere(chromium, path):  # noqa: F811
    with open_page(chromium, path.as_uri(), offline=True) as (page, _, _):
        dead = page.evaluate(
            """() => [...document.querySelectorAll("article a[href^='#']")]
                 .map(a => decodeURIComponent(a.getAttribute("href").slice(1)))
                 .filter(id => id && !document.getElementById(id))"""
        )
    assert dead == []
