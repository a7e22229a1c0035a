"""Places that can be linked to beside those that Sphinx knows, and links to claims by their ids.

Rows of the cheat sheet and of the notation get an id from their first cell, derivations one from
their title (from the English words in every language); the number of a verdict card becomes a link
to the card. Where the text names a claim of the notes ("AC-15"), the name becomes a link to its
verdict.
"""

import json
import re
from html import unescape
from pathlib import Path

from sphinx.application import Sphinx

from catalogues import FOLDER, catalogue
from language import translated
from mathtext import plain
from nnbook._record import latex_words
from nnbook.derivation import MIME

TABLES = {"book/cheatsheet": "formula", "book/notation": "symbol"}
ROW = re.compile(r"<tr\b(?=[^>]*>\s*<td\b[^>]*>(.*?)</td>)", re.DOTALL)
# The title that `nnbook.derivation` puts on the first line.
BOLD = r"\\textbf\{([^{}]+)\}"
TITLE = r"\s*\\begin\{aligned\}\s*&amp;" + BOLD
DERIVATION = re.compile(
    r'<div class="output text_latex math">'
    rf"(?=(?:(?!</annotation>).)*?<annotation [^>]*>{TITLE})",
    re.DOTALL,
)
CLAIM = re.compile(r"(?<![\w-])[A-Z]{2}-\d+(?![\w-])", re.ASCII)  # 由AC-13可知
NOTED = re.compile(r'id=\\?"claim-([A-Z]{2}-\d+)\\?"')
CARD = re.compile(
    r'(<section class="nn-card[^>]*>\s*<header>\s*)<span class="nn-id">([A-Z]{2}-\d+)</span>'
)
PIECE = re.compile(r"<(/?)([a-z][a-z0-9]*)\b[^>]*>|[^<]+|<")
CLOSED_TO_LINKS = {"a", "code", "h1", "h2", "h3", "math", "pre", "script", "section.nn-card",
                   "style", "svg", "table"}  # fmt: skip


def slug(words: str) -> str:
    return re.sub(r"[^\w]+", "-", words.lower()).strip("-")


class Ids:
    """Names made unique on a page: sigmoid, sigmoid-2, ..."""

    def __init__(self, page: str):
        self.taken = set(re.findall(r'\sid="([^"]*)"', page))

    def new(self, kind: str, words: str) -> str:
        name, count = f"{kind}-{slug(words)}", 1
        while (found := name if count == 1 else f"{name}-{count}") in self.taken:
            count += 1
        self.taken.add(found)
        return found


def name_rows(body: str, kind: str, ids: Ids, english: dict[str, str]) -> str:
    def named(row) -> str:
        words = english.get(plain(row[1]), plain(row[1]))
        return f'<tr id="{ids.new(kind, words)}"' if slug(words) else row[0]

    return ROW.sub(named, body)


def titles_of(notebook: str) -> list[str]:
    """How the titles of its derivations begin, as `nnbook.derivation` writes them."""
    outputs = (o for cell in json.loads(notebook)["cells"] for o in cell.get("outputs", ()))
    records = (output.get("data", {}).get(MIME) for output in outputs)
    titles = (latex_words(r["title"], "textbf") for r in records if r and r["title"])
    return [found[1] for title in titles if (found := re.match(BOLD, title))]


def name_derivations(body: str, ids: Ids, titles: list[str]) -> str:
    english = iter(titles)

    def named(found) -> str:
        return f'{found[0][:-1]} id="{ids.new("derivation", next(english, unescape(found[1])))}">'

    return DERIVATION.sub(named, body)


def link_cards(body: str) -> str:
    """The number of a card leads to the card: an address to pass on."""
    return CARD.sub(r'\1<a class="nn-id" href="#claim-\2">\2</a>', body)


def link_claims(body: str, address) -> str:
    """Links in running text: not in code, titles, tables and cards, nor in another link."""
    parts, within = [], []  # the elements around, as far as they take no link

    for piece in PIECE.finditer(body):
        text, tag = piece[0], piece[2]
        if tag:
            kind = "section.nn-card" if 'class="nn-card' in text else tag
            if piece[1]:
                if within and within[-1].split(".")[0] == tag:
                    within.pop()
            elif kind in CLOSED_TO_LINKS or (within and tag == within[-1].split(".")[0]):
                within.append(kind)
        elif not within:
            text = CLAIM.sub(lambda found: link(found[0], address(found[0])), text)
        parts.append(text)
    return "".join(parts)


def link(name: str, address: str | None) -> str:
    if address is None:
        return name
    return f'<a class="reference internal" href="{address}#claim-{name}">{name}</a>'


def note_claims(app: Sphinx, env) -> None:
    """Which page has the verdict on which claim; and how derivations are called."""
    notebooks = {
        page: path.read_text(encoding="utf-8")
        for page in sorted(env.found_docs)
        if (path := Path(env.doc2path(page))).suffix == ".ipynb"
    }
    env.claim_pages = {c: page for page, text in notebooks.items() for c in NOTED.findall(text)}
    env.derivation_titles = {page: titles_of(text) for page, text in notebooks.items()}


def add_anchors(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    if doctree is None:
        return
    body = context["body"]
    ids, pages = Ids(body), app.env.claim_pages

    def address(claim: str) -> str | None:
        page = pages.get(claim)
        return "" if page == pagename else page and context["pathto"](page)

    if kind := TABLES.get(pagename):
        messages = catalogue(FOLDER / f"{pagename}.po") if translated(app) else ()
        body = name_rows(body, kind, ids, {message.string: message.id for message in messages})
    body = name_derivations(body, ids, app.env.derivation_titles.get(pagename, []))
    if CLAIM.search(body):
        body = link_cards(link_claims(body, address))
    context["body"] = body


def setup(app: Sphinx) -> dict:
    app.connect("env-updated", note_claims)
    app.connect("html-page-context", add_anchors, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
