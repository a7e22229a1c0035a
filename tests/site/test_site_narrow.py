"""What a narrow window, a finger, forced colours and a disk ask of the site."""

import re
import sys

import pytest

from browser import PHONE, open_page
from built_site import CHAPTERS, ROOT, SITE, name, text
from opening import rest

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from drawings import lighter, relative
from explorable.packing import deflated, inflated
from lighter import fewer_tags

TOUCH = {"offline": True, "has_touch": True, "is_mobile": True, "viewport": PHONE}
# A sign right after a formula that begins a line.
ALONE = r"""() => {
  const alone = [];
  const text = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT);
  for (let node; (node = text.nextNode()); ) {
    const formula = node.previousSibling;
    const begins = /^[,.;:!?)\]，。；：！？）”]/.test(node.data);
    if (!formula?.classList?.contains("math") || !begins) continue;
    if (!formula.getClientRects().length) continue; // in a fold
    const sign = document.createRange();
    sign.setStart(node, 0);
    sign.setEnd(node, 1);
    const { top } = sign.getBoundingClientRect();
    const last = [...formula.querySelectorAll(".base")].at(-1).getBoundingClientRect();
    if (top > last.bottom) alone.push(formula.parentElement.textContent.slice(-20) + node.data);
  }
  return alone;
}"""
SMALL = """() => [...document.querySelectorAll(
    ".bd-header-article :is(button, .btn), article :is(summary, .nn-filters span, .nn-az a)")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }))
  .filter((each) => each.getBoundingClientRect().height < 43.5)
  .map((each) => each.outerHTML.slice(0, 100))"""
# What scrolls although its lines could be broken, and what scrolls and does not show it.
SCROLLS = """() => {
  const boxes = document.querySelectorAll("article :is(pre, .pst-scrollable-table-container)");
  const wide = [...boxes].filter((each) => each.scrollWidth > each.clientWidth + 1);
  const aligned = (each) => /\\S(  |\\t)/.test(each.textContent) && each.closest(".output");
  return {
    needless: wide.filter((each) => !aligned(each)).map((each) => each.textContent.slice(0, 80)),
    silent: wide.filter((each) => !getComputedStyle(each).backgroundImage.includes("gradient"))
      .map((each) => each.textContent.slice(0, 80)),
  };
}"""


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_a_chapter_fits_a_phone(chromium, path):
    """No code, print or table scrolls that need not; what does shows it; no sign stands alone."""
    with open_page(chromium, path.as_uri(), **TOUCH) as (page, complaints, _):
        page.evaluate("document.querySelectorAll('article details').forEach((e) => e.open = true)")
        rest(page)  # the script looks at what scrolls
        assert page.evaluate(SCROLLS) == {"needless": [], "silent": []}
        assert page.evaluate(ALONE) == []
        assert page.evaluate(SMALL) == []
        assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_icons_are_seen_in_forced_colours(chromium, scheme):
    how = {"offline": True, "forced_colors": "active", "color_scheme": scheme}
    with open_page(chromium, CHAPTERS[3].as_uri(), **how) as (page, _, _):
        ground = page.evaluate(
            "(document.body.style.color = 'Canvas', getComputedStyle(document.body).color)"
        )
        page.evaluate("document.body.style.color = ''")
        icons = page.locator(".bd-header-article .fas, .bd-header-article .fa-solid")
        colours = icons.evaluate_all("all => all.map((e) => getComputedStyle(e).backgroundColor)")
        assert len(colours) >= 4
        assert ground not in colours


def test_the_ledger_by_words_and_in_the_order_of_the_book(chromium):
    ledger = SITE / "book" / "ledger.html"
    with open_page(chromium, ledger.as_uri(), offline=True) as (page, complaints, _):
        shown = page.locator(".nn-entry:visible")
        every = shown.count()
        field = page.locator(".nn-filters input[type=search]")
        field.fill("bias CORRECT")
        assert 0 < shown.count() < every / 2
        assert all("bias" in words.lower() for words in shown.all_inner_texts())
        field.fill("no-7")
        assert [each.get_attribute("id") for each in shown.all()] == ["entry-NO-7"]
        field.press("Enter")
        field.fill("")
        assert shown.count() == every
        tops = "all => all.map((e) => [e.getBoundingClientRect().top, e.dataset.chapter])"
        page.locator(".nn-filters label", has_text="of the book").click()
        chapters = [chapter for _, chapter in sorted(shown.evaluate_all(tops))]
        assert chapters == sorted(chapters) and len(set(chapters)) == 7
        page.locator(".nn-filters label", has_text="by verdict").click()
        chapters = [chapter for _, chapter in sorted(shown.evaluate_all(tops))]
        assert chapters != sorted(chapters)
        page.goto(f"{ledger.as_uri()}#entry-OP-12")
        assert page.locator("#entry-OP-12").bounding_box()["y"] < page.viewport_size["height"]
        assert complaints == []


def test_a_card_leads_to_itself():
    page = text(CHAPTERS[3])
    cards = re.findall(r'<section class="nn-card[^>]* id="(claim-[A-Z]+-\d+)"', page)
    linked = re.findall(r'<a class="nn-id" href="#(claim-[A-Z]+-\d+)">', page)
    assert linked == cards != []


def test_the_glossary_by_letter_and_by_pinyin(chromium):
    glossary = (SITE / "book" / "glossary.html").as_uri()
    with open_page(chromium, glossary, offline=True) as (page, complaints, _):
        rows = page.locator(".nn-az")
        first, second = (rows.nth(n).locator("a").all_inner_texts() for n in (0, 1))
        assert first == sorted(set(first)) and {"A", "S", "X"} <= set(first)
        assert second == sorted(set(second)) and {"B", "X", "Z"} <= set(second)
        page.locator(".nn-az a", has_text="S").first.click()
        assert page.evaluate("location.hash") == "#term-saddle-point"
        read = page.locator(".nn-reading").all_inner_texts()
        for wanted in ["饱和区 bǎo hé qū", "学习率 xué xí lǜ", "最大似然估计 zuì dà sì rán gū jì"]:
            assert wanted in read
        page.locator(".nn-reading a", has_text="饱和区").click()
        assert page.evaluate("document.querySelector(':target').textContent").startswith("饱和区")
        names = page.locator("dl.glossary dt[lang]").count()
        assert len(read) == names > 200
        assert complaints == []


def test_the_download_button_gives_a_file_from_disk(chromium):
    page_path = CHAPTERS[0]
    with open_page(chromium, page_path.as_uri(), offline=True) as (page, complaints, _):
        page.locator(".dropdown-toggle").first.click()
        with page.expect_download() as given:
            page.locator(".dropdown-download-buttons a").first.click()
        assert given.value.suggested_filename == f"{page_path.stem}.ipynb"
        source = SITE / "_sources" / "book" / f"{page_path.stem}.ipynb"
        assert given.value.path().read_bytes() == source.read_bytes()
        assert complaints == []


def points(path):
    """Where a path goes, by its commands: absolute, in hundredths."""
    x, y, start, found = 0, 0, (0, 0), []
    for command, numbers in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        if command == "z":
            x, y = start
            found.append("z")
            continue
        values = [round(100 * float(n)) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", numbers)]
        size = {"m": 2, "l": 2, "q": 4, "c": 6}[command.lower()]
        for at in range(0, len(values), size):
            part = values[at : at + size]
            if command.islower():
                part = [v + (y if i % 2 else x) for i, v in enumerate(part)]
            x, y = part[-2:]
            if command == "M" and at == 0:
                start = (x, y)
            found.append((command.upper(), *part))
    return found


@pytest.mark.parametrize(
    "path",
    [
        "M0 0L1 1L0.5 -3.07L0.5 -3.07",
        "M12.3 4L12.35 4.01L-100 5zM1 2L3 4zL9 9",
        "M10.5 0Q1 2 3 4Q5 6 7 8.25L0 0z",
        "M0.01 99.99C1 2 3 4 5 6C-1 -2 -3 -4 -5 -6L-5.01 -6",
    ],
)
def test_a_path_told_by_distances_is_the_same_path(path):
    assert points(relative(path)) == points(path)
    assert relative("M0 0H5A1 1 0 0 1 2 2") == "M0 0H5A1 1 0 0 1 2 2"


def test_shapes_that_drawings_share_are_told_once():
    one = (
        '<div class="nn-figure" role="img"><svg viewBox="0 0 9 9"><defs>'
        '<path id="n1-0" d="M0 0L1 1"/><clipPath id="n1-1"><rect/></clipPath></defs>'
        '<use href="#n1-0"/></svg></div>'
    )
    page = lighter(one + one.replace("n1-", "n2-"))
    assert page.count('d="M0 0l1 1"') + page.count('d="M0 0L1 1"') == 1
    assert page.count('<use href="#glyph-0"/>') == 2
    assert 'id="n1-1"' in page and 'id="n2-1"' in page


def test_formulas_share_their_root_signs():
    root = '<svg preserveAspectRatio="xMinYMin slice"><path d="M95,7"></path></svg>'
    page = lighter(f'<span class="katex">{root}</span><p>{root}</p>')
    assert page.count('d="M95,7"') == 1
    assert page.count('slice"><use href="#glyph-0"/></svg>') == 2


def test_code_has_an_element_for_each_run_of_a_colour():
    code = (
        '<pre><span class="kn">from</span><span class="w"> </span><span class="nn">a</span> '
        '<span class="sa">f</span><span class="s2">&quot;</span><span class="si">{</span>'
        '<span class="n">x</span><span class="si">}</span>\n<span class="s2">&quot;</span></pre>'
    )
    assert fewer_tags(code) == (
        '<pre><span class="k">from</span> a <span class="s2">f&quot;{</span>x'
        '<span class="s2">}\n&quot;</span></pre>'
    )
    inline = '<code><span class="pre">a</span> <span class="pre">b</span></code>'
    assert fewer_tags(inline) == inline


def test_explorers_share_shapes_style_and_script():
    def explorer(own):
        data = {"fonts": [[f"{own}-0"]], "templates": [f'<use href="#{own}-0"/>', f"url(#{own}-1)"]}
        return (
            '<figure class="explorer"><style>@layer explorer {}</style><svg><defs>'
            f'<path id="{own}-0" d="M0 0L1 1"/><clipPath id="{own}-1"><rect/></clipPath></defs>'
            f'<use href="#{own}-0"/></svg><script type="application/x-explorer-frames">'
            f"{deflated(data, bytes(3))}</script><script>(() => {{ }})();</script></figure>"
        )

    page = lighter(explorer("n0000000a") + explorer("n0000000b"))
    first, second = page.split("</figure>")[:2]
    assert page.count('d="M0 0L1 1"') == 1
    assert "<style>" in first and "<style>" not in second
    assert "(() =>" not in first and "(() =>" in second
    for part, own in ((first, "n0000000a"), (second, "n0000000b")):
        data, numbers = inflated(re.search(r"frames\">([^<]*)", part)[1])
        assert data["fonts"] == [["glyph-0"]] and numbers == bytes(3)
        assert data["templates"] == ['<use href="#glyph-0"/>', f"url(#{own}-1)"]
        assert f'id="{own}-1"' in part and '<use href="#glyph-0"/>' in part
