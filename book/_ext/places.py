"""The places of the book that a search can lead to, read from the pages as they are built.

A place is a section, a figure, a formula, a derivation, a claim, an exercise, a term, a symbol, a
name of the library, or a source. It has the address of an element, so that a reader lands there,
and is read from the page itself: numbers, names and words are those that a reader sees, in whatever
language the page is.
"""

import re
from dataclasses import dataclass

from mathtext import words

HEADINGS = "./h1 | ./h2 | ./h3 | ./h4"
OWN_PLACES = {"section", "figure", "dl"}
CARD = (".nn-verdict", ".nn-instead", "dl", ".nn-where")
MARKS = re.compile(r"^[∘✓≈]\s*")


@dataclass(frozen=True)
class Place:
    id: str
    kind: str
    number: str
    title: str
    trail: str  # the titles above, the page's first
    text: str


def classes(element) -> set[str]:
    return set((element.get("class") or "").split())


def heading(section) -> tuple[str, str]:
    """(number, title)"""
    (head, *_) = section.xpath(HEADINGS)
    number = "".join(head.xpath("./span[@class='section-number']/text()")).strip().rstrip(".")
    return number, words(head, lambda child: "section-number" in classes(child))


def trail(element) -> str:
    above = reversed(list(element.iterancestors("section")))
    return " › ".join(heading(each)[1] for each in above if each.xpath(HEADINGS))


def section_place(section) -> Place:
    number, title = heading(section)
    (head, *_) = section.xpath(HEADINGS)

    def elsewhere(child) -> bool:
        if child.tag in OWN_PLACES or "cell" in classes(child):
            return child is not section
        return child is head or child.tag in ("pre", "table")

    own = [cell for cell in section.xpath("./div") if "tag_solution" in classes(cell)]
    kind = "exercise" if own and head.tag != "h1" else "section"
    if head.tag == "h1":
        kind = "chapter" if number else "page"
    return Place(section.get("id"), kind, number, title, trail(section), words(section, elsewhere))


def figure_place(figure) -> Place:
    (caption, *_) = figure.xpath("./figcaption")
    number = words(caption.cssselect(".caption-number")[0])
    said = words(caption, lambda child: "caption-number" in classes(child))
    title, _, rest = said.partition(". ")
    return Place(figure.get("id"), "figure", number, title.rstrip("."), trail(figure), rest)


def claim_place(card) -> Place:
    statement = words(card.cssselect(".nn-statement")[0], lambda c: "nn-where" in classes(c))
    name = card.get("id").removeprefix("claim-")
    parts = [words(part) for kind in CARD for part in card.cssselect(kind)]
    return Place(card.get("id"), "claim", name, statement, trail(card), " · ".join(parts))


def row_place(row) -> Place:
    cells = [words(cell) for cell in row.xpath("./td")]
    kind = row.get("id").split("-")[0]
    names = [words(name) for name in row.xpath("./td")[0].cssselect(".nn-name")]
    title = " · ".join(names) or MARKS.sub("", cells[0])
    return Place(row.get("id"), kind, "", title, trail(row), " · ".join(cells[1:]))


def derivation_place(output) -> Place:
    title = re.search(r"\\textbf\{([^{}]+)\}", output.cssselect("annotation")[0].text)[1]
    return Place(output.get("id"), "derivation", "", title, trail(output), "")


def equation_place(block) -> Place:
    number = words(block.cssselect(".eqno")[0])
    formula = words(block, lambda child: "eqno" in classes(child))
    return Place(block.get("id"), "formula", number, formula, trail(block), "")


def term_places(glossary) -> list[Place]:
    """One for an entry: its names in all languages are its title."""
    found, names = [], []
    for child in glossary:
        if child.tag == "dt":
            names.append(child)
        elif child.tag == "dd" and names:
            title = " · ".join(words(name) for name in names)
            found.append(
                Place(names[0].get("id"), "term", "", title, trail(glossary), words(child))
            )
            names = []
    return found


def name_place(signature) -> Place:
    name = signature.get("id").removeprefix("nnbook.")
    described = signature.getnext()
    text = words(described.xpath("./p")[0]) if described.xpath("./p") else ""
    return Place(signature.get("id"), "code", "", name, trail(signature), text)


def source_place(entry) -> Place:
    (text, *_) = [words(paragraph) for paragraph in entry.xpath("./p")]
    title = ". ".join(re.split(r"(?<!\b[A-Z])\. ", text)[:2])
    label = words(entry.cssselect(".label")[0])
    return Place(entry.get("id"), "source", label, title, trail(entry), text[len(title) + 2 :])


KINDS = [
    ("section[id]", section_place),
    ("figure[id]:has(> figcaption .caption-number)", figure_place),
    ("section.nn-card[id]", claim_place),
    ("tr[id]", row_place),
    ("div.output[id]:has(annotation)", derivation_place),
    ("div.math[id]:has(.eqno)", equation_place),
    ("dl.py > dt[id]", name_place),
    ("div.citation[id]", source_place),
]


def places(page) -> list[Place]:
    """All places of a parsed page, in the order of their kinds."""
    (article, *_) = page.cssselect("article")
    found = []
    for selector, place in KINDS:
        for element in article.cssselect(selector):
            if place is not section_place or element.xpath(HEADINGS):
                found.append(place(element))
    for glossary in article.cssselect("dl.glossary"):
        found += term_places(glossary)
    return found
