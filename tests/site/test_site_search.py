"""The search, from disk with the network off: what is found, what comes first, where one lands."""

import re
from urllib.parse import quote, unquote

import pytest

from browser import PHONE, open_page
from built_site import CHAPTERS, PAGES, SITE, text
from nnbook.activations import ALL
from nnbook.claims import IDS
from opening import rest

SEARCH = (SITE / "search.html").as_uri()
FIND = """([question, typing]) => SEARCH.find(question, typing).places
  .map(({kind, page, id, number, title}) => ({kind, page, id, number, title}))"""

# What is typed, and which of its places comes first: (kind, the end of its address).
FIRST = {
    "Adam bias correction": ("section", "07-optimizers#bias-correction"),
    "KL": ("term", "glossary#term-KL-divergence"),
    "vanishing gradients": ("term", "glossary#term-vanishing-gradient"),
    "batch norm": ("term", "glossary#term-batch-normalization"),
    "NO-7": ("claim", "05-normalization#claim-NO-7"),
    "no 7": ("claim", "05-normalization#claim-NO-7"),
    "figure 3.2": ("figure", "03-activations#fig-gallery"),
    "Fig. 3.2": ("figure", "03-activations#fig-gallery"),
    "exercise 3.1": ("exercise", "03-activations#exercise-3-1-the-sigmoid-as-a-tanh"),
    "the chain rule": ("term", "glossary#term-chain-rule"),
    "leaky_relu": ("code", "reference#nnbook.activations.leaky_relu"),
    "nnbook.losses.huber": ("code", "reference#nnbook.losses.huber"),
    "Kingma": ("source", ""),
    "eta": ("symbol", ""),
    "η": ("symbol", ""),
    "学习率": ("term", "glossary#term-learning-rate"),
    "饱和区": ("term", "glossary#term-saturated-region"),
    "曲率": ("term", "glossary#term-curvature"),
    "softmax": ("term", "glossary#term-softmax"),
    # Near misses: the word of the book that was meant.
    "vanishng": ("term", "glossary#term-vanishing-gradient"),
    "softmx jacobain": ("term", "glossary#term-softmax"),
    "minibatch": ("term", "glossary#term-mini-batch"),
}


@pytest.fixture(scope="module")
def opened(chromium):
    with open_page(chromium, f"{SEARCH}?q=tanh", offline=True) as (page, complaints, _):
        page.locator(".find-result").first.wait_for()
        yield page
        assert complaints == []


@pytest.fixture(scope="module")
def find(opened):
    return lambda question, typing=False: opened.evaluate(FIND, [question, typing])


@pytest.mark.parametrize("question", FIRST)
def test_the_place_that_was_meant_comes_first(find, question):
    kind, address = FIRST[question]
    first = find(question)[0]
    assert first["kind"] == kind
    assert f"{first['page']}#{first['id']}".endswith(address)


def test_every_place_is_there(opened):
    """The id of each is that of an element of its page."""
    ids = {page: set(re.findall(r'\sid="([^"]*)"', text(page))) for page in PAGES}
    places = opened.evaluate("PLACES.map(([page, id, kind]) => [page, id, kind])")
    assert {kind for *_, kind in places} >= {"chapter", "claim", "code", "derivation", "exercise"}
    lost = [(page, id) for page, id, _ in places if id not in ids[SITE / f"{page}.html"]]
    assert lost == []


def test_everything_with_a_name_is_found_by_it(opened, find):
    """Claims by id and figures by number come first; functions are found in all their places."""
    first = "(names) => names.map((name) => SEARCH.find(name).places[0].id)"
    assert opened.evaluate(first, list(IDS)) == [f"claim-{name}" for name in IDS]
    figure = re.compile(
        r'<figure [^>]*id="([^"]+)">(?:(?!</figcaption>).)*caption-number">(Fig\. [\d.]+) <',
        re.DOTALL,
    )
    figures = [found for page in CHAPTERS for found in figure.findall(text(page))]
    assert len(figures) > 80
    assert opened.evaluate(first, [number for _, number in figures]) == [id for id, _ in figures]
    for function in ALL:
        name = function.__name__.replace("_", " ")
        assert {"section", "formula", "code"} <= {place["kind"] for place in find(name)}, name


def test_terms_are_found_in_both_languages(opened):
    """Each by each of its names, among the first five places."""
    page = text(SITE / "book" / "glossary.html")
    glossary = page.split('<dl class="simple glossary">')[1].split("</dl>")[0]
    names = {}  # of an entry, which has the id of its first name
    for entry in glossary.split("<dd>")[:-1]:
        (first, _), *_ = found = re.findall(r'<dt id="([^"]+)"[^>]*>([^<]+)<', entry)
        names |= {name: first for _, name in found}
    assert len(names) > 400
    lost = opened.evaluate(
        """(names) => Object.entries(names).filter(([name, id]) =>
             !SEARCH.find(name).places.slice(0, 5).some((place) => place.id === id))""",
        names,
    )
    assert lost == []


def test_words_are_whole(opened, find):
    """ "eta" is no part of "detail"; what is marked is a word from its beginning to its end."""
    shown = opened.evaluate(
        """SEARCH.find("eta").places.flatMap(({text, title}) =>
             [...SEARCH.excerpt(text, ["eta"]).parts, ...SEARCH.marked(title, ["eta"])])
             .filter(([, marked]) => marked).map(([part]) => part)"""
    )
    assert set(shown) <= {"η", "eta", "Eta"} and shown
    assert find("xyzzyq") == []


LABEL = re.compile(r"\bfig-[a-z]|\b[a-z]+(19|20)\d\d[a-z]+\b|\{\w+\}`|\\[a-z]+\{")


def test_excerpts_have_no_labels(opened):
    texts = opened.evaluate(
        "PLACES.map(([, id, , , title, trail, text]) => [id, title, trail, text])"
    )
    assert [id for id, *parts in texts if any(LABEL.search(part) for part in parts)] == []


def test_one_lands_on_the_place(chromium):
    """From a chapter by keyboard: Control+K or /, words, arrow, Enter."""
    how = {"offline": True, "viewport": PHONE}
    with open_page(chromium, CHAPTERS[0].as_uri(), **how) as (page, complaints, requests):
        assert not any("/search/" in url for url in requests)
        for key, question, anchor in [
            ("Control+k", "Adam bias correction", "bias-correction"),
            ("/", "AC-15", "claim-AC-15"),
            ("/", "梯度消失", "term-vanishing-gradient"),
        ]:
            page.keyboard.press(key)
            page.keyboard.type(question)
            page.wait_for_function(
                "(id) => document.querySelector('#pst-search-dialog li a')?.hash === '#' + id",
                arg=anchor,
            )
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
            page.wait_for_url(f"**#{anchor}")
            page.wait_for_load_state("load")
            rest(page, 300)
            top = page.evaluate(
                "id => document.getElementById(id).getBoundingClientRect().top", anchor
            )
            assert 0 <= top < page.viewport_size["height"] * 0.8, (question, top)
            assert page.locator("dialog[open]").count() == 0
        assert complaints == []


def test_enter_leads_to_all_results_and_a_near_miss_is_named(chromium):
    with open_page(chromium, CHAPTERS[0].as_uri(), offline=True) as (page, complaints, _):
        page.keyboard.press("Control+k")
        page.keyboard.type("vanishng")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search.html?q=vanishng")
        page.locator("#search-results .find-result mark").first.wait_for()
        assert page.locator(".find-status a").inner_text() == "vanishing"
        for address in page.locator("#search-results li a").evaluate_all(
            "all => all.map(a => a.href)"
        ):
            file, _, anchor = unquote(address.removeprefix(SITE.as_uri())).partition("#")
            assert f'id="{anchor}"' in text(SITE / file.lstrip("/"))
        assert complaints == []


def test_words_in_the_middle_of_a_section_are_in_view(chromium):
    """A section whose name says something else is entered where the words stand."""
    with open_page(chromium, f"{SEARCH}?q={quote('Carathéodory')}", offline=True) as (page, _, _):
        page.locator(".find-result a").first.click()
        page.wait_for_url("**/01-backpropagation.html**")
        rest(page, 600)
        word = page.locator("article p", has_text="Carathéodory").first.bounding_box()
        assert 0 <= word["y"] < page.viewport_size["height"]
