"""What Sphinx takes for a message that translates, and what it would miss: cells, some lists.

A message is a paragraph, an item, a heading, a caption, a cell: MyST source, formulas and roles in
it. The catalogues lie in `locale/`; `tools/translate.py` gathers them.
"""

import json
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import glossary, pending_xref
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.transforms import SphinxTransform
from sphinx.util.nodes import clean_astext, extract_messages

from catalogues import terms
from messages import say_formula, speaks


def above(node: nodes.Element) -> int:
    """The line of the nearest element around that has one."""
    while node.parent is not None and not node.line:
        node = node.parent
    return node.line or 1


class Messages(SphinxTransform):
    """Runs before messages are read. Nobody says where a cell of a table comes from, or a list in
    a docstring; what is of no place Sphinx does not take for a message."""

    default_priority = 5

    def apply(self, **kwargs) -> None:
        for paragraph in self.document.findall(nodes.paragraph):
            if not paragraph.source:
                paragraph.source = self.document["source"]
                paragraph.line = paragraph.line or above(paragraph)
        for element in self.document.findall(nodes.TextElement):
            formula = isinstance(element, nodes.math_block | nodes.raw)
            # The glossary has its terms in both languages; the names of a module are links.
            term = isinstance(element, nodes.term) and isinstance(
                element.parent.parent.parent, glossary
            )
            if formula or term or element.rawsource and not speaks(element.rawsource):
                element["translatable"] = False


class Titles(SphinxTransform):
    """A link without words of its own says the title of the section as it is translated."""

    default_priority = 30

    def apply(self, **kwargs) -> None:
        titles = {
            name: clean_astext(section.next_node(nodes.title))
            for section in self.document.findall(nodes.section)
            for name in section["ids"]
        }
        slugs = getattr(self.document, "myst_slugs", {})  # MyST's: {slug: (line, id, title)}
        for slug, (line, name, title) in slugs.items():
            slugs[slug] = (line, name, titles.get(name, title))


class Terms(SphinxTransform):
    """A term that is named in Chinese leads to its entry, which has the id of the English name."""

    default_priority = 30

    def apply(self, **kwargs) -> None:
        named = [x for x in self.document.findall(pending_xref) if x["reftype"] == "term"]
        english = {zh: term for term, names in terms().items() for zh in names} if named else {}
        for link in named:
            link["reftarget"] = english.get(link["reftarget"], link["reftarget"])


class Formulas(SphinxTransform):
    """Words in formulas are messages of their own; all else in a formula stays."""

    default_priority = 30

    def apply(self, **kwargs) -> None:
        kinds = (nodes.math, nodes.math_block)
        for formula in self.document.findall(lambda node: isinstance(node, kinds)):
            source = formula.astext()
            if (said := say_formula(source, _)) != source:
                formula.rawsource = said
                formula[:] = [nodes.Text(said)]


class Noted(SphinxTransform):
    """What the page's messages are, before they are translated: tests compare the catalogues."""

    default_priority = 15

    def apply(self, **kwargs) -> None:
        if not str(self.document["source"]).endswith("<translated>"):
            found = [text for _node, text in extract_messages(self.document)]
            self.env.metadata[self.env.docname]["messages"] = found


def write_messages(app: Sphinx, exception) -> None:
    if not exception and app.builder.format == "html":
        noted = {
            page: meta["messages"] for page, meta in app.env.metadata.items() if "messages" in meta
        }
        path = Path(app.outdir).parent / "messages.json"
        path.write_text(json.dumps(noted, ensure_ascii=False), encoding="utf-8")


def setup(app: Sphinx) -> dict:
    app.add_transform(Messages)
    app.add_transform(Noted)
    app.add_transform(Titles)
    app.add_transform(Terms)
    app.add_transform(Formulas)
    app.connect("build-finished", write_messages)
    return {"env_version": 2, "parallel_read_safe": True, "parallel_write_safe": True}
