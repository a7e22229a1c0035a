"""The Chinese edition: what differs from the English one, and what must not."""

import json
import re
import sys
from collections import Counter
from pathlib import Path

import lxml.html
import pytest
from test_site_answers import own, replied
from test_site_narrow import ALONE, SCROLLS

from browser import open_page
from built_site import CHINESE, PAGES, ROOT, SITE, attributes, text
from opening import rest

sys.path.insert(0, str(ROOT / "book" / "_ext"))

from catalogues import FOLDER, catalogue, exceptions  # noqa: E402
from messages import speaks  # noqa: E402
from records import HAN  # noqa: E402

TWINS = [page.relative_to(SITE) for page in PAGES if page.parent.name == "book"]
CHAPTERS = [page for page in TWINS if page.stem[:2].isdigit()]
# Pages of which text and outputs are translated.
WHOLE = [
    page
    for page in TWINS
    if not {f"book/{page.stem}", f"records/{page.stem}"} & set(exceptions()["untranslated"])
]
ENGLISH = re.compile(r"(?:\b[a-z]{2,}\b[ ,]+){4,}")
# Code, formulas, the names of papers.
SHUT = "pre, code, .sig, textarea, script, style, math, .katex, .citation, .nn-source, .nn-names"
INDEX = f"file://{CHINESE / 'book' / 'index.html'}"


def links(page):
    """Where the text leads to, how often; the index of a glossary is of the other language."""
    article = lxml.html.fromstring(page).cssselect("article")[0]
    for index in article.cssselect(".nn-az, .nn-readings"):
        index.drop_tree()
    return Counter(article.xpath(".//a/@href"))


def test_every_page_has_its_twin():
    assert {page.relative_to(CHINESE) for page in CHINESE.rglob("book/*.html")} == set(TWINS)
    assert WHOLE


@pytest.mark.parametrize("page", TWINS, ids=lambda page: page.stem)
def test_a_page_says_its_language_and_leads_to_the_same_places(page):
    here, there = text(SITE / page), text(CHINESE / page)
    assert '<html lang="zh-Hans"' in there or '<html lang="zh-CN"' in there
    assert 'hreflang="zh-Hans" href="../zh/' in here and 'hreflang="en" href="../../' in there
    ids = [
        {i for i in attributes(each, "id") if not i.startswith("pinyin")} for each in (here, there)
    ]
    unnamed = re.compile(r"n[0-9a-f]{8}-|glyph-|id\d+$")  # insides of pictures, counted citations
    lost = {name for name in ids[0] ^ ids[1] if not unnamed.match(name)}
    assert not lost
    assert links(here) == links(there)


@pytest.mark.parametrize("page", WHOLE, ids=lambda page: page.stem)
def test_no_english_sentence_is_left(page):
    article = lxml.html.fromstring(text(CHINESE / page)).cssselect("article")[0]
    for shut in article.cssselect(SHUT):
        shut.drop_tree()
    assert not ENGLISH.findall(article.text_content())
    said = [
        *article.xpath(".//@aria-label"),
        *article.xpath(".//*[not(contains(@href, 'bibliography'))]/@title"),  # papers keep theirs
        *article.xpath(".//@alt"),
    ]
    assert not [words for words in said if ENGLISH.search(words)]


def test_what_is_heavy_is_shared():
    assert not (CHINESE / "_static" / "engine").exists()
    for font in (CHINESE / "_static").rglob("*.woff2"):  # with letters that only its formulas take
        assert font.read_bytes() != (SITE / font.relative_to(CHINESE)).read_bytes()
    links = re.findall(r"url\(([^)]*woff2[^)]*)\)", text(CHINESE / "_static" / "site.css"))
    assert links
    assert all((CHINESE / "_static" / link.strip("\"'")).exists() for link in links)


@pytest.mark.parametrize("page", CHAPTERS[:1], ids=lambda page: page.stem)
def test_readers_notebooks_are_chinese(page):
    """Text, cards, hints and reasons; code and what it prints are English."""
    folder = ROOT / "_build" / "notebooks"
    own = {path.name for path in (folder / "zh").glob("*.ipynb")}
    assert own == {path.name for path in folder.glob("*.ipynb")}
    cells = json.loads(text(folder / "zh" / f"{page.stem}.ipynb"))["cells"]
    words = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    assert not [w for w in words if re.search(r"\{[a-z:]+\}`", w)]
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", ())]
    said = [found for data in outputs if (found := "".join(data.get("text/html", "")))]
    assert len(said) > 10
    for markup in said:
        article = lxml.html.fragment_fromstring(markup, create_parent=True)
        for shut in article.cssselect(f"{SHUT}, svg"):
            shut.drop_tree()
        assert not ENGLISH.findall(article.text_content())


def test_a_label_with_a_number_is_chinese_after_a_key(chromium):
    with open_page(chromium, INDEX) as (page, complaints, requests):
        explorer = page.locator("figure.explorer").first
        explorer.scroll_into_view_if_needed()
        slider = explorer.locator("input[type=range]").first
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "/[一-鿿]/.test(document.querySelector('.explorer-said').textContent)"
        )
        drawn = explorer.locator("svg text.nn-said").all_text_contents()
        assert any(re.search(r"斜率 ?[\d.]+", words) for words in drawn), drawn
        assert not complaints
        assert all(request.startswith("file:") for request in requests)


def test_the_other_language_is_a_link_to_the_same_place(chromium):
    with open_page(chromium, INDEX + "#how-to-read-it") as (page, complaints, _):
        page.locator("a.nn-language:visible").click()
        page.wait_for_url("**/html/book/index.html#how-to-read-it")
        page.locator("a.nn-language:visible").click()
        page.wait_for_url("**/html/zh/book/index.html#how-to-read-it")
        assert not complaints


# What is typed, and the places that may come first: where the word is explained.
FIRST = {
    "饱和区": "glossary#term-saturated-region",
    "学习率": "glossary#term-learning-rate",
    "梯度消失": "glossary#term-vanishing-gradient",
    "交叉熵": "glossary#term-cross-entropy",
    "动量": "glossary#term-momentum",
    "批量归一化": "glossary#term-batch-normalization",
    "批归一化": "glossary#term-batch-normalization",  # a character less than the book's word
    "什么是动量？": "glossary#term-momentum",
    "Adam偏差修正": "07-optimizers#bias-correction",
    "图3.2": "03-activations#fig-gallery",
    "习题3.1": "03-activations#exercise-3-1-the-sigmoid-as-a-tanh",
    "链式法则": "glossary#term-chain-rule",
    "leaky_relu": "reference#nnbook.activations.leaky_relu",
}
SEARCH = f"file://{CHINESE / 'search.html'}"


def test_what_is_searched_for_in_chinese_comes_first(chromium):
    """From disk, offline; and every Chinese term of the glossary is found by its name."""
    with open_page(chromium, f"{SEARCH}?q=饱和区", offline=True) as (page, complaints, requests):
        shown = page.locator("li.find-result a").first
        shown.wait_for()
        assert "饱和区" in shown.text_content()
        find = "(names) => names.map((name) => SEARCH.find(name).places.slice(0, 5))"
        found = page.evaluate(find, list(FIRST))
        first = [f"{places[0]['page']}#{places[0]['id']}" for places in found]
        assert first == [f"book/{place}" for place in FIRST.values()]
        dts = lxml.html.fromstring(text(CHINESE / "book" / "glossary.html")).cssselect(
            "dl.glossary > dt[lang=zh-Hans]"
        )
        names = [dt.text.strip() for dt in dts]
        assert len(names) > 200
        titles = [[place["title"] for place in places] for places in page.evaluate(find, names)]
        pairs = zip(names, titles, strict=True)
        assert [n for n, t in pairs if not any(n in each.split(" · ") for each in t)] == []
        ids = {page: set(re.findall(r'\sid="([^"]*)"', text(CHINESE / page))) for page in TWINS}
        places = page.evaluate("PLACES.map(([page, id]) => [page, id])")
        assert len(places) > 1000
        assert [p for p in places if p[1] not in ids[Path(f"{p[0]}.html")]] == []
        assert not complaints
        assert all(request.startswith("file:") for request in requests)


def test_one_lands_where_a_chinese_word_is_explained(chromium):
    page_path = CHINESE / "book" / "03-activations.html"
    with open_page(chromium, page_path.as_uri(), offline=True) as (page, complaints, _):
        page.keyboard.press("Control+k")
        page.keyboard.type("梯度消失")
        page.wait_for_function(
            "document.querySelector('#pst-search-dialog li a')?.hash == '#term-vanishing-gradient'"
        )
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**/zh/book/glossary.html#term-vanishing-gradient")
        target = page.locator(":target")
        assert target.text_content().startswith("梯度消失")
        assert 0 <= target.bounding_box()["y"] < 800
        assert not complaints


@pytest.mark.parametrize("page", TWINS, ids=lambda page: page.stem)
def test_a_narrow_window_needs_no_scrolling_sideways(chromium, page):
    """With all folds open; nothing that could be broken scrolls, no sign stands alone."""
    narrow = {"viewport": {"width": 360, "height": 780}, "offline": True}
    with open_page(chromium, (CHINESE / page).as_uri(), **narrow) as (opened, complaints, _):
        opened.evaluate("document.querySelectorAll('article details').forEach(e => e.open = true)")
        rest(opened)  # the script looks at what scrolls
        assert opened.evaluate("document.scrollingElement.scrollWidth") <= 360
        assert opened.evaluate(SCROLLS) == {"needless": [], "silent": []}
        assert opened.evaluate(ALONE) == []
        assert opened.locator("a.nn-language:visible").count() == 1
        assert not complaints


NAMES = {"Robust"}  # of a method, also in Chinese
MOVED = """() => [...document.querySelectorAll("figure.explorer")].map((explorer) => {
  const slider = explorer.querySelector("input[type=range]");
  slider.value = +slider.min + 0.37 * (slider.max - slider.min);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  slider.dispatchEvent(new Event("change", { bubbles: true }));
  return explorer.id;
})"""
SAID = """() => [...document.querySelectorAll("figure.explorer")].map((explorer) => ({
  said: explorer.querySelector(".explorer-said")?.textContent ?? "",
  names: [...explorer.querySelectorAll("form label > span:first-child")].map((e) => e.textContent),
  values: [...explorer.querySelectorAll("[aria-valuetext]")].map((e) => e.ariaValueText),
  drawn: [...explorer.querySelectorAll("svg text")].map((e) => e.textContent),
}))"""


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.stem)
def test_moved_explorers_speak_chinese(chromium, page):
    """Names of controls, values, labels and the sentence that is read aloud, after a move."""
    with open_page(chromium, (CHINESE / page).as_uri(), offline=True) as (opened, complaints, _):
        assert opened.evaluate(MOVED)
        rest(opened, 1500)
        said = opened.evaluate(SAID)
        assert sum(bool(HAN.search(each["said"])) for each in said) >= 3
        words = [w for e in said for w in (e["said"], *e["names"], *e["values"], *e["drawn"])]
        assert [w for w in words if speaks(w) and not HAN.search(w) and w not in NAMES] == []
        assert [w for w in words if ENGLISH.search(w)] == []
        assert not complaints


# Per kind: a right answer and a wrong one are judged, one is not read.
ANSWERED = {"formula": "答案", "number": "偏大", "step": "该行是", "proof": "该行是"}


def test_answers_are_judged_in_chinese(chromium):
    """The prover is the English one; its sentences are said anew in the page."""
    page_path = CHINESE / "book" / "03-activations.html"
    with open_page(chromium, page_path.as_uri(), offline=True) as (page, complaints, _):
        page.set_default_timeout(60_000)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        for kind, word in ANSWERED.items():
            form, right, wrong = own(page, kind)
            verdict, words = replied(page, form, right)
            assert verdict == "right" and re.match(r"✓ (正确|相等)", words)
            verdict, words = replied(page, form, wrong)
            assert verdict == "wrong" and re.match("✗ ", words) and word in words
            verdict, unread = replied(page, form, "x + ) 1")
            assert verdict == "unread" and unread.startswith("无法读取")
            listed = re.compile("函数与常数：.*")  # their names are code
            assert not ENGLISH.search(listed.sub("", words + unread))
        form = page.locator("form[data-exercise]:has(textarea)").first
        start = json.loads(form.get_attribute("data-record"))["start"]
        verdict, words = replied(page, form, re.sub("(?m)^    return.*", "    return 0.25", start))
        assert verdict == "wrong" and "这项测试未通过" in words and "这里" in words
        assert re.search(r"[一-鿿].*。$", words.splitlines()[2])  # what the test says
        assert not ENGLISH.search(words) and " gave " not in words
        assert re.search(r"答对 [1-9]\d* / \d+", page.locator(".nn-progress").inner_text())
        assert not complaints


def test_catalogues_of_whole_pages_are_whole():
    for page in WHOLE:
        for kind in ("book", "records"):
            path = FOLDER / kind / f"{page.stem}.po"
            if path.exists():
                assert all(m.string for m in catalogue(path) if m.id)
