"""The pages show what the notebooks say, no TeX is left as typed, and nobody else is asked."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import reading_page as reading
from built_site import CHAPTERS, PAGES, ROOT, SITE, name, text
from explorable.packing import deflated


def notebook_of(page):
    return nbformat.read(ROOT / "book" / f"{page.stem}.ipynb", as_version=4)


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_a_chapter_shows_what_its_notebook_says(path):
    page, notebook = reading.soup(text(path)), notebook_of(path)
    assert reading.wrong_cards(page, reading.records(notebook)) == []
    assert reading.missing_texts(page, notebook) == []
    assert reading.missing_formulas(page, notebook) == []
    assert reading.wrong_explorers(page, notebook) == []
    assert (
        page.select("figure.explorer")
        and page.select(".katex annotation")
        and page.select(".output.stream pre")
    )


def test_the_ledger_leads_to_the_cards():
    records = {path.name: reading.records(notebook_of(path)) for path in CHAPTERS}
    ledger = reading.soup(text(SITE / "book" / "ledger.html"))
    assert reading.wrong_entries(ledger, records) == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_tex_is_left_and_nobody_else_is_asked(path):
    page = reading.soup(text(path))
    assert reading.links_elsewhere(page) == []
    assert reading.raw_tex(page) == []


RECORD = {"id": "GD-1", "verdict": "holds", "kind": "proved", "statement": "It falls.",
          "where": "notes 1", "instead": ""}  # fmt: skip
CARD = (
    '<section class="nn-card nn-holds" id="claim-GD-1"><span class="nn-id">GD-1</span>'
    '<strong class="nn-verdict">holds</strong><span class="nn-kind">proved</span>'
    '<p class="nn-statement">It falls. <span class="nn-where">notes 1</span></p></section>'
)
ENTRY = (
    '<li class="nn-entry nn-holds"><p class="nn-id"><a href="a.html#claim-GD-1">GD-1</a> '
    '<strong class="nn-verdict">holds</strong></p><p class="nn-statement">It falls. '
    '<span class="nn-where">notes 1</span></p></li>'
)
SLIDER = '<input type="range" min="0" aria-valuetext="1" value="0" max="1">'
FRAMES, OTHERS = (deflated({"templates": [words]}, b"1") for words in ("one", "two"))
EXPLORER = (
    f'<figure class="explorer" data-state=\'{{"k":"0"}}\'>{SLIDER}'
    f'<script type="application/x-explorer-frames">{FRAMES}</script></figure>'
)
PRINTED = '<div class="cell_output"><div class="output stream"><pre>1.5\n</pre></div></div>'
FORMULA = '<span class="katex"><annotation>x^2</annotation></span>'
PAGE = f"<main>{CARD}{PRINTED}<p>{FORMULA}</p>{EXPLORER}</main>"
NOTEBOOK = new_notebook(cells=[
    new_markdown_cell("It is $x^2$."),
    new_code_cell(outputs=[
        new_output("stream", text="1.5\n"),
        new_output("display_data", data={reading.CARD: RECORD}),
        new_output("display_data", data={"text/html": EXPLORER}),
    ]),
])  # fmt: skip


def complaints(page, entry=ENTRY):
    page = reading.soup(page)
    return [
        *reading.wrong_cards(page, reading.records(NOTEBOOK)),
        *reading.wrong_entries(reading.soup(entry), {"a.html": [RECORD]}),
        *reading.missing_texts(page, NOTEBOOK),
        *reading.missing_formulas(page, NOTEBOOK),
        *reading.wrong_explorers(page, NOTEBOOK),
        *reading.links_elsewhere(page),
        *reading.raw_tex(page),
    ]


CHANGED = {
    "a card's verdict": (">holds<", ">refuted<"), "a card's colour": ("nn-holds", "nn-refuted"),
    "a card's number": ("GD-1</span>", "GD-2</span>"), "a statement": ("It falls", "It rises"),
    "a card missing": (CARD, ""), "a card twice": (CARD, CARD * 2),
    "what was printed": (PRINTED, ""), "a digit printed": ("1.5", "1.6"),
    "another formula": ("x^2</a", "x^3</a"), "a formula missing": (FORMULA, ""),
    "frames of other values": (FRAMES, OTHERS), "a spoken value": ('text="1"', 'text="2"'),
    "the values to be spoken": ('text="1"', 'text="2"'), "another start": ('"0"}', '"1"}'),
    **{f"TeX: {tex}": ("<p>", f"<p>{tex}") for tex in (
        r"\nabla L", r"\partial", r"\sum_i", "$x^2$", r'say "\frac{1}{2}"', r"\(x")},
    **{f"asked for: {asked}": ("<p>", f"<p>{asked}") for asked in (
        '<link rel="preconnect" href="https://fonts.gstatic.com">',
        '<link rel="dns-prefetch" href="//a.example.org">',
        "<script>navigator.sendBeacon(u)</script>", "<script>fetch('https://a.org/x')</script>",
        "<style>@import 'https://a.org/x.css'</style>", '<img src="https://a.org/x.png">',
        "<style>@font-face{src:url(https://a.org/f.woff2)}</style>",
        '<a href="#" ping="https://a.org">x</a>')},
}  # fmt: skip


@pytest.mark.parametrize("was, now", CHANGED.values(), ids=CHANGED.keys())
def test_a_changed_page_is_noticed(was, now):
    assert complaints(PAGE) == [] and was in PAGE
    assert complaints(PAGE.replace(was, now))


@pytest.mark.parametrize("was, now", [("#claim-GD-1", "#claim-GD-2"), (">holds<", ">refuted<"),
                                      (">GD-1<", ">GD-2<"), ("falls", "rises"), (ENTRY, ""),
                                      (ENTRY, ENTRY * 2), ("a.html", "b.html")])  # fmt: skip
def test_a_changed_ledger_is_noticed(was, now):
    assert complaints(PAGE, ENTRY.replace(was, now))
