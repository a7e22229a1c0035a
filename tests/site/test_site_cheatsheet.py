"""The cheat sheet in the built site: one page of paper, one column on a phone."""

import re

import pytest

from browser import open_page
from built_site import SITE
from opening import rest

PAGE = SITE / "book" / "cheatsheet.html"
PAPER = {"width": round(196 / 25.4 * 96), "height": round(285 / 25.4 * 96)}  # A4 within the margins
POINT = 96 / 72  # pixels

# A formula is cut off where its box ends before it does, or before the cell, column or page does.
CUT_OFF = """() => {
  const cut = [], page = document.querySelector("#cheat-sheet").getBoundingClientRect();
  for (const place of document.querySelectorAll("#cheat-sheet .cell_output p")) {
    const box = place.getBoundingClientRect();
    for (const base of place.querySelectorAll(".katex .base")) {
      const end = base.getBoundingClientRect().right;
      if (end > box.right + 1 || end > page.right + 1) cut.push(place.textContent.slice(0, 60));
    }
    if (place.scrollWidth > place.clientWidth + 1) cut.push(place.textContent.slice(0, 60));
  }
  return [...new Set(cut)];
}"""
SIZES = """() => {
  const sheet = document.querySelector("#cheat-sheet");
  const walker = document.createTreeWalker(sheet, NodeFilter.SHOW_TEXT);
  const words = [], formulas = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !parent.checkVisibility()) continue;
    const formula = parent.closest(".katex");
    (formula ? formulas : words).push(parseFloat(getComputedStyle(formula ?? parent).fontSize));
  }
  return [Math.min(...words), Math.min(...formulas)];
}"""
INK = """() => [...document.querySelectorAll("#cheat-sheet *")]
  .filter((e) => e.checkVisibility() && e.textContent.trim())
  .map((e) => getComputedStyle(e)).flatMap((style) => [style.color, style.backgroundColor])"""


@pytest.fixture
def sheet(chromium):
    with open_page(chromium, PAGE.as_uri(), offline=True, color_scheme="dark") as (
        page,
        complaints,
        _,
    ):
        yield page
        assert complaints == []


def pages(page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


def test_one_page_of_paper(sheet):
    pdf = sheet.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    width, height = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups()
    assert abs(float(width) - 595) < 1 and abs(float(height) - 842) < 1  # A4, portrait


def test_there_is_room_for_other_fonts(sheet):
    """A reader's system may have wider letters than this one; those of formulas are the site's."""
    wider = "#cheat-sheet { letter-spacing: 0.03em } .katex { letter-spacing: 0 }"
    sheet.add_style_tag(content=f"@media print {{ {wider} }}")
    assert pages(sheet) == 1


def test_the_pages_are_counted(sheet):
    sheet.add_style_tag(content="@media print { html:has(#cheat-sheet) { font-size: 9pt } }")
    sheet.add_style_tag(content="@media print { #cheat-sheet, #cheat-sheet * { line-height: 2 } }")
    assert pages(sheet) > 1


def test_black_on_white_and_legible(sheet):
    sheet.set_viewport_size(PAPER)
    sheet.emulate_media(media="print")
    words, formulas = sheet.evaluate(SIZES)
    assert words >= 6.5 * POINT - 0.01
    assert formulas >= 8 * POINT - 0.01
    assert set(sheet.evaluate(INK)) == {"rgb(0, 0, 0)", "rgba(0, 0, 0, 0)"}
    for selector in ("#pst-primary-sidebar", ".prev-next-footer", ".bd-header-article", "summary"):
        assert not sheet.locator(selector).first.is_visible()
    assert sheet.locator("#cheat-sheet h1").is_visible()


def test_no_formula_is_cut_off_on_paper(sheet):
    sheet.set_viewport_size(PAPER)
    sheet.emulate_media(media="print")
    assert sheet.evaluate(CUT_OFF) == []
    sheet.add_style_tag(content="#cheat-sheet table { width: 9rem !important; }")
    assert sheet.evaluate(CUT_OFF) != []  # it would be seen


@pytest.mark.parametrize("width", [360, 390])
def test_one_column_on_a_phone(sheet, width):
    """All formulas within the screen, or in a frame that scrolls and can be reached."""
    sheet.set_viewport_size({"width": width, "height": 800})
    rest(sheet, 300)
    assert sheet.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    stuck = sheet.evaluate(
        """() => [...document.querySelectorAll("#cheat-sheet .cell_output *")]
            .filter((e) => !e.closest(".katex") && e.scrollWidth > e.clientWidth + 1)
            .filter((e) => getComputedStyle(e).overflowX !== "visible" && e.tabIndex < 0)
            .map((e) => e.textContent.slice(0, 60))"""
    )
    assert stuck == []
    left = sheet.evaluate(
        """() => [...document.querySelectorAll("#cheat-sheet tbody td:not(:first-child)")]
            .map((cell) => Math.round(cell.getBoundingClientRect().left))"""
    )
    assert len(set(left)) == 1


def test_every_section_leads_to_its_chapter(sheet):
    links = sheet.locator("#cheat-sheet section > p:first-of-type a[href*='-']").all()
    found = [link.get_attribute("href") for link in links]
    assert len(found) == sheet.locator("#cheat-sheet h2").count() == 8
    assert all(re.fullmatch(r"0\d-[a-z-]+\.html", href) for href in found)
