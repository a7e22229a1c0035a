"""The glossary by letter: A to Z above it, and its Chinese terms in the order of their readings.

`{letters}` stands for links to the first term of each letter, `{readings}` for the Chinese terms by
pinyin; both are made of the terms of the page's glossary. In the Chinese edition the two languages
change places: an entry begins with its Chinese name and stands in the order of its reading, and
`{readings}` are the English names. An entry keeps the id of its English name, at its head.
"""

from itertools import groupby

from docutils import nodes
from pypinyin import Style, load_phrases_dict, pinyin
from sphinx.addnodes import glossary
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from language import translated
from records import HAN

# Where pypinyin has the more frequent reading of a letter that has several.
load_phrases_dict({"似然": [["sì"], ["rán"]]})


class letters(nodes.General, nodes.Element):
    """Where links to letters are to stand; `han`: to the letters of the readings."""


class readings(nodes.General, nodes.Element):
    """Where the Chinese terms are to stand."""


class Letters(SphinxDirective):
    optional_arguments = 1

    def run(self):
        return [letters(han=bool(self.arguments))]


class Readings(SphinxDirective):
    def run(self):
        return [readings()]


def reading(term: str) -> str:
    """How a Chinese term is read: "饱和区" -> "bǎo hé qū"; Latin letters stay."""
    return " ".join(" ".join(syllable[0] for syllable in pinyin(term)).split())


def order(term: str) -> list:
    """By letters, syllable for syllable, and by tones where these are the same."""
    plain = [syllable[0].lower().strip() for syllable in pinyin(term, style=Style.NORMAL)]
    tones = [syllable[0] for syllable in pinyin(term, style=Style.TONE3)]
    return [plain, tones]


def initial(term: str) -> str:
    return pinyin(term, style=Style.NORMAL)[0][0][0].upper()


def link(words: str, target: str, **attributes):
    within = nodes.inline("", words, **attributes) if attributes else nodes.Text(words)
    return nodes.reference("", "", within, refid=target, internal=True)


def row(links: list) -> nodes.paragraph:
    return nodes.paragraph("", "", *joined(links, " "), classes=["nn-az"])


def joined(links: list, between: str) -> list:
    pieces = [piece for each in links for piece in (nodes.Text(between), each)]
    return pieces[1:]


def names_of(entry) -> list:
    return [child for child in entry.children if isinstance(child, nodes.term)]


def chinese_first(glossary) -> None:
    for entry in glossary[0]:
        names = names_of(entry)
        turned = sorted(names, key=lambda name: not HAN.search(name.astext()))
        ids = [name["ids"] for name in names]  # of the places, not of the names
        for name, there in zip(turned, ids, strict=True):
            name["ids"] = there
        entry[: len(names)] = turned
    glossary[0][:] = sorted(glossary[0], key=lambda entry: order(names_of(entry)[0].astext()))


def fill(app: Sphinx, doctree) -> None:
    """Put the lists where the directives stood, once the page's terms have their ids."""
    places = [*doctree.findall(letters), *doctree.findall(readings)]
    if not places:
        return
    glossaries = list(doctree.findall(glossary))
    if translated(app):
        for each in glossaries:
            chinese_first(each)
    entries = [e for g in glossaries for e in g.findall(nodes.definition_list_item)]
    first, others = {}, []
    for entry in entries:
        names = [(name.astext(), name["ids"][0]) for name in names_of(entry)]
        first.setdefault(initial(names[0][0]), names[0][1])
        others += [name for name in names if bool(HAN.search(name[0])) != translated(app)]
    others.sort(key=lambda each: order(each[0]))
    groups = {name: list(each) for name, each in groupby(others, lambda each: initial(each[0]))}
    for place in list(doctree.findall(letters)):
        if place["han"]:
            links = [link(name, f"pinyin-{name.lower()}") for name in groups]
        else:
            links = [link(name, target) for name, target in sorted(first.items())]
        place.replace_self(row(links))
    for place in list(doctree.findall(readings)):
        place.replace_self(listed(groups))


def read(term: str, target: str) -> list:
    """A term as a link; after a Chinese one, how it is read."""
    if not HAN.search(term):
        return [link(term, target, classes=["language-en"])]
    return [link(term, target, classes=["language-zh-hans"]), nodes.Text(f" {reading(term)}")]


def listed(groups: dict) -> nodes.definition_list:
    items = []
    for name, terms in groups.items():
        heading = nodes.term("", name, ids=[f"pinyin-{name.lower()}"])
        links = [
            nodes.inline("", "", *read(term, target), classes=["nn-reading"])
            for term, target in terms
        ]
        text = nodes.paragraph("", "", *joined(links, " · "))
        items.append(nodes.definition_list_item("", heading, nodes.definition("", text)))
    return nodes.definition_list("", *items, classes=["nn-readings"])


def setup(app: Sphinx) -> dict:
    app.add_node(letters)
    app.add_node(readings)
    app.add_directive("letters", Letters)
    app.add_directive("readings", Readings)
    app.connect("doctree-read", fill)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
