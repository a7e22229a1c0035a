"""The site on paper, and the whole book as one file."""

import re

import pytest
import yaml
from pypdf import PdfReader

import pdf
from browser import open_page
from built_site import CHAPTERS, ROOT, SITE

PAPER = {"width": round(178 / 25.4 * 96), "height": 1000}  # A4 within the margins

# What the edge of its own box, or of the page, cuts off.
CUT = """() => {
  const edge = document.querySelector(".bd-article").getBoundingClientRect().right + 2;
  const kinds = "pre, p, li, td, th, figure, svg, h1, h2, h3, .katex-html, .math, dd, table";
  return [...document.querySelectorAll(`.bd-article :is(${kinds})`)]
    .filter((e) => e.checkVisibility() && !e.closest(".katex-mathml"))
    .filter((e) => {
      const box = e.getBoundingClientRect(), hides = getComputedStyle(e).overflowX != "visible";
      const ends = Math.max(box.right, box.left + e.scrollWidth);
      return ends > edge || (hides && e.clientWidth && e.scrollWidth > e.clientWidth + 2);
    })
    .map((e) => `${e.tagName} ${e.textContent.slice(0, 80)}`);
}"""
# Frames with nothing in them, and what waits for a reader's hand.
EMPTY = """() => {
  const frames = ".cell, .cell_input, .cell_output, .admonition, details, figure, fieldset";
  return [...document.querySelectorAll(`.bd-article :is(${frames}, blockquote, .nn-card)`)]
    .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height > 0)
    .filter((e) => !e.innerText.trim() && !e.querySelector("svg, img"))
    .map((e) => e.outerHTML.slice(0, 120));
}"""
DEAD = ".bd-article :is(.nn-open, details:not([open]), button, input, .headerlink):visible"
SETTINGS = """() => [...document.querySelectorAll("figure.explorer")].map((explorer) => [
    [...explorer.querySelectorAll("form label > span:first-child")].map((e) => e.textContent),
    explorer.querySelector("form").innerText])"""


@pytest.mark.parametrize("path", CHAPTERS[3::4], ids=lambda path: path.stem)
def test_a_chapter_on_paper(chromium, path):
    how = {"viewport": PAPER, "offline": True, "color_scheme": "dark"}
    with open_page(chromium, path.as_uri(), **how) as (page, complaints, _):
        page.set_default_timeout(60_000)
        page.emulate_media(media="print")
        title = page.locator(".bd-article h1").inner_text()
        assert re.match(rf"{int(path.stem[:2])}\. \w", title)
        assert page.evaluate(CUT) == []
        assert page.evaluate(EMPTY) == []
        assert page.locator(DEAD).count() == 0
        settings = page.evaluate(SETTINGS)
        assert len(settings) >= 3
        for names, shown in settings:
            assert all(name in shown for name in names if name)
            assert len(shown.split()) >= 2
        sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
        assert 5 < sheets < 35
        assert complaints == []


def test_what_is_cut_or_empty_would_be_found(chromium):
    with open_page(chromium, CHAPTERS[0].as_uri(), viewport=PAPER, offline=True) as (page, *_):
        page.emulate_media(media="print")
        page.locator(".bd-article p").first.evaluate(
            "e => { e.textContent = 'x'.repeat(300); e.style.overflowWrap = 'normal' }"
        )
        page.locator(".bd-article").evaluate("e => e.append(document.createElement('blockquote'))")
        page.locator("blockquote").evaluate("e => e.style.height = '20px'")
        assert [text[:3] for text in page.evaluate(CUT)] == ["P x"]
        assert len(page.evaluate(EMPTY)) == 1


# Title and outline of the book in either language, and a sentence of it.
WHOLE = {
    "en": ("Neural Networks from First Derivatives", ["Notation", "Bibliography"], "learning rate"),
    "zh": ("从一阶导数出发的神经网络", ["符号", "参考文献"], "学习率"),
}


@pytest.mark.parametrize("language", WHOLE)
def test_the_whole_book_in_one_file(chromium, tmp_path, language):
    name, titles, words = WHOLE[language]
    order = ["book/index", "book/notation", "book/bibliography"]
    pdf.write(chromium, tmp_path / "book.pdf", order, language=language)
    book = PdfReader(tmp_path / "book.pdf")
    assert book.metadata.title == name
    assert book.trailer["/Root"]["/Lang"].startswith(language)
    chapters = [entry for entry in book.outline if not isinstance(entry, list)]
    assert [entry.title for entry in chapters][1:] == titles
    begins = [book.get_destination_page_number(entry) for entry in chapters]
    assert begins[0] == 0 and begins == sorted(set(begins))
    text = ""
    for number, sheet in enumerate(book.pages, start=1):
        text += sheet.extract_text()
        lines = sheet.extract_text().strip().splitlines()
        assert str(number) in (lines[0], lines[-1])
    assert words in text
    assert not re.search("[\u2e80-\u2fdf]", text)  # radicals, which nobody types
    links = [link.get_object() for sheet in book.pages for link in sheet.get("/Annots", [])]
    outside = [link["/A"]["/URI"] for link in links if "/URI" in link.get("/A", {})]
    assert len(outside) > 50 and all(re.match("https?://", address) for address in outside)
    within = [link["/Dest"] for link in links if "/Dest" in link]
    assert "/notation" in within and len(within) + len(outside) == len(links)
    known = book.named_destinations
    assert all(name in known for name in within)


def test_without_a_chinese_font_nothing_is_printed(chromium, tmp_path, monkeypatch):
    """Not boxes: what has to be installed is said. Two private characters are in no font."""
    alike = pdf.HAS_FONT.replace("中", "\ue123").replace("文", "\ue124")
    monkeypatch.setattr(pdf, "HAS_FONT", alike)
    with pytest.raises(SystemExit, match="fonts-noto-cjk"):
        pdf.write(chromium, tmp_path / "book.pdf", ["book/notation"], language="zh")
    assert not (tmp_path / "book.pdf").exists()


def test_the_order_of_the_book_and_its_links():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    order = pdf.pages(toc)
    assert order[:2] == ["book/index", "book/00-primer"] and len(order) == len(set(order))
    assert {path.stem for path in (SITE / "book").glob("*.html")} == {p[5:] for p in order}
    text = (
        '<article class="bd-article"><h1 id="a">A</h1><a href="#a">1</a><a href="glossary.html#b">'
        '2</a><a href="notation.html">3</a><a href="../search.html">4</a><a href="https://e.org/">'
        '5</a><use href="#n1" fill="url(#n2)"/><script>"#a"</script></article>'
    )
    made = pdf.article("book/index", text, order, "")
    assert re.findall(r'id="([^"]*)"', made) == ["index", "index--a"]
    assert re.findall(r'href="([^"]*)"', made) == [
        *("#index--a", "#glossary--b", "#notation", "https://e.org/", "#index--n1"),
    ]
    assert "url(#index--n2)" in made and "script" not in made
    made = pdf.article("book/index", text, order, "https://e.org/notes")
    assert 'href="https://e.org/notes/book/../search.html"' in made
